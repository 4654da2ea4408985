//! The way back from a sentence to the records: the rows behind it, and the arithmetic, so that a reader can do it by hand.

mod apart;
mod baseline;
mod credits;
mod figures;
mod limits;
mod money;
mod read;
mod verdicts;
mod written;

pub use written::{json, text};

use serde_json::{Map, Value};

use super::say::Evidence;
use super::say::named::named;
use crate::analyse::{Findings, TreatmentFindings};
use crate::record::Manifest;

/// The table that holds one row a trial.
const TRIALS: &str = "trials.csv";

/// What one figure or word of a sentence rests on.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// A word for programs.
    pub kind: &'static str,
    /// What it is, in a few words.
    pub what: String,
    /// The rows of the records, in their order.
    pub rows: Vec<Given>,
    /// From them to what the sentence says, a step a line.
    pub arithmetic: Vec<String>,
    /// Figures as the sentence has them, letter for letter.
    pub shown: Vec<String>,
    /// For programs: of what it is, and what it came to.
    pub told: Map<String, Value>,
}

/// One cell of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The trial, as its folder below `trials` is named; empty for what is of the whole run.
    pub trial: String,
    /// The file, from the run's folder.
    pub file: String,
    /// The column, or the key.
    pub column: String,
    /// What stands there; empty where it is empty.
    pub value: String,
    /// Where it is empty and yet something is known: `> 5000`.
    pub bound: String,
}

impl Given {
    /// A cell of a table or a key of a record.
    fn new(trial: &str, file: impl Into<String>, column: &str, value: impl Into<String>) -> Self {
        let (trial, column, value) = (trial.to_owned(), column.to_owned(), value.into());
        Given { trial, file: file.into(), column, value, bound: String::new() }
    }

    /// A key of a trial's own record.
    fn of_record(trial: &str, key: &str, value: impl Into<String>) -> Self {
        Given::new(trial, format!("trials/{trial}/trial.json"), key, value)
    }
}

/// A run, as trails follow it.
#[derive(Clone, Copy)]
struct Of<'a> {
    manifest: &'a Manifest,
    findings: &'a Findings,
}

impl<'a> Of<'a> {
    fn treatment(self, slug: &str) -> Option<&'a TreatmentFindings> {
        self.findings.treatment(slug)
    }

    /// ` with partitions=1`; nothing where nothing was varied.
    fn with(self, slug: &str) -> String {
        let levels = self.treatment(slug).map(|one| named(self.manifest, &one.levels)).unwrap_or_default();
        if levels.is_empty() { String::new() } else { format!(" with {levels}") }
    }
}

/// What each thing that a claim rests on comes from. One that its run does not hold has none.
pub fn follow(manifest: &Manifest, findings: &Findings, on: &[Evidence]) -> Vec<Trail> {
    let of = Of { manifest, findings };
    let one = |evidence: &Evidence| match evidence {
        Evidence::Median { metric, of: slug } => figures::median(of, metric, slug),
        Evidence::Summary { metric, of: slug } => figures::summary(of, metric, slug),
        Evidence::Ratio { metric, from, to, share } => figures::ratio(of, metric, (from, to), *share),
        Evidence::Apart { metric, one, other, share } => apart::apart(of, metric, (one, other), *share),
        Evidence::Unknown { metric, of: slugs } => Some(figures::unknown(of, metric, slugs)),
        Evidence::Load { of: slug } => figures::load(of, slug),
        Evidence::SameLoad { of: slugs } => Some(figures::same_load(of, slugs)),
        Evidence::Verdict { slo, of: slug } => verdicts::verdict(of, *slo, slug),
        Evidence::Volumes { levels } => verdicts::volumes(of, levels),
        Evidence::Search { levels } => verdicts::search(of, levels),
        Evidence::Doubt { id } => Some(verdicts::doubt(of, id)),
        Evidence::Outcomes { of: slug } => Some(verdicts::outcomes(of, slug.as_deref())),
        Evidence::Emulated => Some(credits::emulated(of)),
        Evidence::Knee { of: slug, when } => credits::knee(of, slug, *when),
        Evidence::Burst { of: slug } => credits::burst(of, slug),
        Evidence::Cost { of: slug, sticker } => money::cost(of, slug, *sticker),
        Evidence::Less { of: slug, than } => money::less(of, slug, than),
        Evidence::Ranking { basis } => money::ranking(of, *basis),
        Evidence::Sensitivity { basis } => money::sensitivity(of, *basis),
        Evidence::Limit { kind, of: slugs } => Some(limits::limit(of, *kind, slugs)),
        Evidence::Beaten { baseline } => baseline::beaten(of, baseline),
        Evidence::Standing { of: slug } => money::standing(of, slug),
    };
    on.iter().filter_map(one).collect()
}

/// Keys and values of a JSON object.
fn told<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// `the 2nd`.
fn nth(at: usize) -> String {
    let end = match (at % 10, at % 100) {
        (1, last) if last != 11 => "st",
        (2, last) if last != 12 => "nd",
        (3, last) if last != 13 => "rd",
        _ => "th",
    };
    format!("the {at}{end}")
}

#[cfg(test)]
mod tests;
