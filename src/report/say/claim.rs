//! One sentence of an answer, and what it rests on.
//!
//! Whoever makes a sentence says in the same breath what each of its figures and words comes from. What that is in rows and arithmetic, `trail` finds out.

use crate::analyse::{Basis, Change, Kind, Share, TreatmentFindings};
use crate::spec::Metric;

/// One sentence of an answer, true by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The sentence.
    pub text: String,
    /// What it rests on, in the order in which the sentence tells of it.
    pub on: Vec<Evidence>,
}

/// What a figure or a word of a sentence rests on. Treatments are named by their slugs.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// The median of a metric over a treatment's valid trials.
    Median { metric: Metric, of: String },
    /// The same with what stands around it.
    Summary { metric: Metric, of: String },
    /// The median of one over that of another, one of so many comparisons that share an error.
    Ratio { metric: Metric, from: String, to: String, share: Share },
    /// Whether the trials of two tell them apart, one of so many comparisons that share an error.
    Apart { metric: Metric, one: String, other: String, share: Share },
    /// That nothing is known of a metric, with these treatments.
    Unknown { metric: Metric, of: Vec<String> },
    /// How a treatment was loaded.
    Load { of: String },
    /// That several kept up with the same load.
    SameLoad { of: Vec<String> },
    /// What an SLO came to in a treatment; by its place in the manifest.
    Verdict { slo: usize, of: String },
    /// The search with these levels of all factors but the volume.
    Volumes { levels: Vec<String> },
    /// The search for a capacity or a demand with these levels of all other factors.
    Search { levels: Vec<String> },
    /// The trials that have a doubt.
    Doubt { id: String },
    /// How the trials of a treatment came out; of all where there is none.
    Outcomes { of: Option<String> },
    /// What was emulated, if anything.
    Emulated,
    /// That the credits of a treatment's instances were spent, and if the sentence tells it, when.
    Knee { of: String, when: bool },
    /// How long the credits of a treatment's instances last.
    Burst { of: String },
    /// What a million messages cost with a treatment; at the prices on the label, or with surplus credits.
    Cost { of: String, sticker: bool },
    /// By how much a treatment is cheaper than another.
    Less { of: String, than: String },
    /// The order of all treatments that are compared on one basis, and what is told apart.
    Ranking { basis: Basis },
    /// What the order would be with each price a fifth up and down.
    Sensitivity { basis: Basis },
    /// What limits these treatments.
    Limit { kind: Kind, of: Vec<String> },
    /// What it takes to beat a baseline, by its slug.
    Beaten { baseline: String },
    /// Where a treatment stands among those that are compared by cost.
    Standing { of: String },
}

impl Claim {
    /// A sentence, or a part of one, on what it rests.
    pub fn new(text: impl Into<String>, on: impl IntoIterator<Item = Evidence>) -> Self {
        Claim { text: text.into(), on: on.into_iter().collect() }
    }

    /// With more behind it.
    pub fn and(mut self, other: Claim) -> Self {
        self.text.push_str(&other.text);
        self.resting_on(other.on)
    }

    /// On more than it rests on by now; nothing twice.
    pub fn resting_on(mut self, on: impl IntoIterator<Item = Evidence>) -> Self {
        for one in on {
            if !self.on.contains(&one) {
                self.on.push(one);
            }
        }
        self
    }

    /// With its text in another form.
    pub fn told(mut self, form: impl FnOnce(&str) -> String) -> Self {
        self.text = form(&self.text);
        self
    }

    /// Several as one, with words between them; none of nothing.
    pub fn joined(all: impl IntoIterator<Item = Claim>, between: &str) -> Option<Self> {
        let join = |one: Claim, other: Claim| one.told(|text| format!("{text}{between}")).and(other);
        all.into_iter().reduce(join)
    }
}

/// A sentence that rests on nothing that was measured.
impl From<String> for Claim {
    fn from(text: String) -> Self {
        Claim::new(text, [])
    }
}

/// The sentences alone.
pub fn texts(claims: impl IntoIterator<Item = Claim>) -> Vec<String> {
    claims.into_iter().map(|claim| claim.text).collect()
}

impl Evidence {
    /// The median of a treatment.
    pub fn median(metric: &Metric, of: &TreatmentFindings) -> Self {
        Evidence::Median { metric: metric.clone(), of: of.slug.clone() }
    }

    /// The same with what stands around it.
    pub fn summary(metric: &Metric, of: &TreatmentFindings) -> Self {
        Evidence::Summary { metric: metric.clone(), of: of.slug.clone() }
    }

    /// The ratio of a comparison.
    pub fn ratio(change: &Change<'_>) -> Self {
        let (from, to) = (change.from.slug.clone(), change.to.slug.clone());
        Evidence::Ratio { metric: change.metric.clone(), from, to, share: change.share }
    }

    /// Whether two are told apart.
    pub fn apart(
        metric: &Metric,
        (one, other): (&TreatmentFindings, &TreatmentFindings),
        share: Share,
    ) -> Self {
        let (one, other) = (one.slug.clone(), other.slug.clone());
        Evidence::Apart { metric: metric.clone(), one, other, share }
    }

    /// That nothing is known of a metric with any of these.
    pub fn unknown<'a>(metric: &Metric, of: impl IntoIterator<Item = &'a TreatmentFindings>) -> Self {
        let of = of.into_iter().map(|one| one.slug.clone()).collect();
        Evidence::Unknown { metric: metric.clone(), of }
    }

    /// How a treatment was loaded.
    pub fn load(of: &TreatmentFindings) -> Self {
        Evidence::Load { of: of.slug.clone() }
    }
}
