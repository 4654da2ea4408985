//! One thing that may have bound a trial, and what all of them together come to.

use super::kind::Kind;

/// One thing that may have bound a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What.
    pub kind: Kind,
    /// What was measured of it; none where it was not.
    pub measured: Option<f64>,
    /// What that is held against; none where that is not known.
    pub against: Option<f64>,
    /// What both are in.
    pub unit: &'static str,
    /// Whether it explains what was seen; none where the record does not tell.
    pub explains: Option<bool>,
    /// The same in words: what was measured, or what is missing.
    pub evidence: String,
}

impl Candidate {
    /// Without figures.
    pub(super) fn of(kind: Kind, explains: Option<bool>, evidence: String) -> Self {
        Candidate { kind, measured: None, against: None, unit: "", explains, evidence }
    }

    /// One of which the record does not tell.
    pub(super) fn missing(kind: Kind, what: &str) -> Self {
        Candidate::of(kind, None, what.to_owned())
    }

    /// So many seconds of so many.
    #[must_use]
    pub(super) fn seconds(self, measured: f64, against: f64) -> Self {
        Candidate { measured: Some(measured), against: Some(against), unit: "s", ..self }
    }

    /// So many cores of so many.
    #[must_use]
    pub(super) fn cores(self, measured: f64, against: f64) -> Self {
        Candidate { measured: Some(measured), against: Some(against), unit: "cores", ..self }
    }
}

/// What bound a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// This.
    Known(Kind),
    /// The record tells all, and two things explain it, or none.
    NotKnown,
    /// The record does not tell what would have to be known.
    Unknown,
}

impl By {
    /// A word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            By::Known(kind) => kind.name(),
            By::NotKnown => "not_known",
            By::Unknown => "unknown",
        }
    }

    /// The same for people.
    pub const fn told(self) -> &'static str {
        match self {
            By::Known(kind) => kind.told(),
            By::NotKnown => "not known",
            By::Unknown => "unknown",
        }
    }

    /// Where it is known.
    pub const fn kind(self) -> Option<Kind> {
        match self {
            By::Known(kind) => Some(kind),
            By::NotKnown | By::Unknown => None,
        }
    }
}

/// What bound a trial, and why that is said.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// What it was.
    pub by: By,
    /// What was measured; why it is not known, or what is missing.
    pub evidence: String,
    /// All that was asked.
    pub candidates: Vec<Candidate>,
}

impl Limit {
    /// The one that explains it; not known where several do, or none.
    pub(super) fn decide(candidates: Vec<Candidate>) -> Self {
        let all = |explains: Option<bool>| {
            candidates.iter().filter(move |one| one.explains == explains).collect::<Vec<_>>()
        };
        let told = |those: &[&Candidate]| {
            let told = those.iter().map(|one| format!("{} ({})", one.kind.told(), one.evidence));
            told.collect::<Vec<_>>().join("; ")
        };
        let mut explaining = all(Some(true));
        explaining.dedup_by_key(|one| one.kind);
        let (by, evidence) = match (explaining.as_slice(), all(None).as_slice()) {
            ([one], _) => (By::Known(one.kind), one.evidence.clone()),
            ([], []) => {
                (By::NotKnown, format!("nothing that was measured explains it: {}", told(&all(Some(false)))))
            }
            ([], missing) => (By::Unknown, format!("not recorded: {}", evidences(missing))),
            (several, _) => (By::NotKnown, format!("each of these explains it: {}", told(several))),
        };
        Limit { by, evidence, candidates }
    }

    /// One of which this would have to be recorded.
    pub(super) fn unknown(what: &str) -> Self {
        Limit { by: By::Unknown, evidence: format!("not recorded: {what}"), candidates: Vec::new() }
    }

    /// One that cannot be told, and why.
    pub(super) fn not_known(evidence: String) -> Self {
        Limit { by: By::NotKnown, evidence, candidates: Vec::new() }
    }
}

fn evidences(those: &[&Candidate]) -> String {
    let mut all: Vec<&str> = those.iter().map(|one| one.evidence.as_str()).collect();
    all.dedup();
    all.join("; ")
}
