//! Two treatments by one metric, and what their comparison comes to.

use super::apart::Apart;
use super::comparable::sign;
use super::family::Share;
use super::findings::TreatmentFindings;
use super::reading::Reading;
use super::scaling::Sign;
use super::summary::Summary;
use crate::spec::Metric;

/// Offers that differ by more are not the same load.
const SAME_LOAD: f64 = 0.02;

/// Whether all of these kept up with the same load: then throughput says nothing, and what it took says all.
pub fn same_load<'a>(treatments: impl IntoIterator<Item = &'a TreatmentFindings>) -> bool {
    let offered = |one: &TreatmentFindings| {
        let offered = one.metric("offered_msgs_per_s")?.median.value();
        offered.filter(|_| one.keeps_up())
    };
    let Some(all) = treatments.into_iter().map(offered).collect::<Option<Vec<f64>>>() else { return false };
    let (least, most) = all.iter().fold((f64::MAX, 0.0_f64), |(a, b), one| (a.min(*one), b.max(*one)));
    all.len() > 1 && most / least - 1.0 <= SAME_LOAD
}

/// One metric of two treatments that may be compared.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// What is compared.
    pub metric: Metric,
    /// The one that the other is set against.
    pub from: &'a TreatmentFindings,
    /// The other.
    pub to: &'a TreatmentFindings,
    /// Medians of both.
    pub values: (f64, f64),
    /// How the ratio is to be read.
    pub sign: Sign,
    /// Whether trials tell them apart.
    pub apart: Apart,
    /// How many comparisons share one error with it, itself among them.
    pub share: Share,
}

impl<'a> Change<'a> {
    /// From one to the other, one of so many comparisons that share one error; none where they may not be compared, or one of them has no value.
    pub fn of(
        metric: &Metric,
        from: &'a TreatmentFindings,
        to: &'a TreatmentFindings,
        share: Share,
    ) -> Option<Self> {
        let values = (of(metric, from).median.value()?, of(metric, to).median.value()?);
        let sign = sign(metric, from, to)?;
        let apart = Apart::of(metric, (from, to), share);
        Some(Change { metric: metric.clone(), from, to, values, sign, apart, share })
    }

    /// `to` over `from`; none where that is nothing, or one of them is below it.
    pub fn ratio(&self) -> Option<f64> {
        (self.values.0 > 0.0 && self.values.1 >= 0.0).then(|| self.values.1 / self.values.0)
    }
}

/// Whether two may be compared by a metric, and both have a value of it.
pub fn comparable(metric: &Metric, from: &TreatmentFindings, to: &TreatmentFindings) -> bool {
    let has = |one| matches!(of(metric, one).median, Reading::Value(_));
    has(from) && has(to) && sign(metric, from, to).is_some()
}

/// A metric of a treatment, a percentile that is no column too.
pub fn of(metric: &Metric, treatment: &TreatmentFindings) -> Summary {
    treatment
        .metric(&metric.name)
        .unwrap_or_else(|| Summary::of(treatment.valid().map(|trial| trial.metric(&metric.name))))
}

/// Of these, the treatments that have something of the metric and that its comparison says nothing of: their load is another one, or only a bound is known.
pub fn left_out<'a>(change: &Change<'_>, among: &[&'a TreatmentFindings]) -> Vec<&'a TreatmentFindings> {
    let metric = &change.metric;
    let is_in = |one: &TreatmentFindings| {
        matches!(of(metric, one).median, Reading::Value(_))
            && sign(metric, change.from, one) == Some(Sign::Equal)
    };
    among.iter().copied().filter(|one| of(metric, one).n > 0 && !is_in(one)).collect()
}

/// The one with the least and the one with the greatest median. The data chose the two: any two of the group could have been it.
#[derive(Clone, Debug)]
pub struct Extremes<'a> {
    /// The least.
    pub least: &'a TreatmentFindings,
    /// The greatest.
    pub most: &'a TreatmentFindings,
    /// All that may be compared, these two among them.
    pub group: Vec<&'a TreatmentFindings>,
}

/// Of those that may be compared with the most others; none of fewer than two.
pub fn extremes<'a>(metric: &Metric, among: &[&'a TreatmentFindings]) -> Option<Extremes<'a>> {
    let value = |one: &TreatmentFindings| match of(metric, one).median {
        Reading::Value(value) => Some(value),
        _ => None,
    };
    let known: Vec<&TreatmentFindings> = among.iter().copied().filter(|one| value(one).is_some()).collect();
    let like = |one: &TreatmentFindings| {
        let equal = |other: &&&'a TreatmentFindings| sign(metric, one, other) == Some(Sign::Equal);
        known.iter().filter(equal).copied().collect::<Vec<_>>()
    };
    let group = known
        .iter()
        .map(|one| like(one))
        .reduce(|most, one| if one.len() > most.len() { one } else { most })?;
    let ordered = |a: &&&TreatmentFindings, b: &&&TreatmentFindings| {
        value(a).partial_cmp(&value(b)).unwrap_or(std::cmp::Ordering::Equal)
    };
    let (least, most) = (*group.iter().min_by(ordered)?, *group.iter().max_by(ordered)?);
    (group.len() > 1 && comparable(metric, least, most)).then_some(Extremes { least, most, group })
}
