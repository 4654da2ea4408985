//! Which treatments may be compared by a metric, and what the comparison comes to.

use super::findings::TreatmentFindings;
use super::reading::Reading;
use super::scaling::Sign;
use super::summary::{Load, Summary};
use crate::spec::Metric;
use crate::units::Latency;

/// Offers that differ by more are not the same load.
const SAME_LOAD: f64 = 0.02;

/// How loads must be alike, for a metric to compare more than loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// It tells of bench, or counts what must not be: it compares whatever the load was.
    Nothing,
    /// It is a rate of work: overload against overload, steady against steady, and bounds between the two.
    Rates,
    /// It is what a load took: both in overload, or both steady.
    LikeLoads,
    /// Under overload it only tells how long was watched: both steady.
    Steady,
}

fn needs(metric: &Metric) -> Needs {
    let name = metric.name.as_str();
    match metric.quantile() {
        Some((Latency::SendDelay, _)) => return Needs::Nothing,
        Some(_) => return Needs::Steady,
        None => {}
    }
    match name {
        "processed_msgs_per_s" | "processed_mib_per_s" | "acked_msgs_per_s" => Needs::Rates,
        "lost" | "duplicates" | "refused" | "failed" | "out_of_order" | "oom_kills" | "connect_s"
        | "received_unacked" | "received_aborted" | "aborted" | "credit_knee_s" => Needs::Nothing,
        _ => Needs::LikeLoads,
    }
}

/// Whether it is the work that comes through, so that under overload it is overload throughput.
pub fn is_throughput(metric: &Metric) -> bool {
    needs(metric) == Needs::Rates
}

/// How the ratio of two treatments is to be read; none where they may not be compared by that metric.
pub fn sign(metric: &Metric, low: &TreatmentFindings, high: &TreatmentFindings) -> Option<Sign> {
    let basis = |one: &TreatmentFindings| one.costs.as_ref().map(|(basis, _)| *basis);
    if metric.is_cost() && basis(low) != basis(high) {
        return None;
    }
    match (needs(metric), low.load, high.load) {
        (Needs::Nothing, ..)
        | (Needs::Rates | Needs::LikeLoads, Load::Overload, Load::Overload)
        | (_, Load::Steady, Load::Steady) => Some(Sign::Equal),
        (Needs::Rates, Load::Overload, Load::Steady) => Some(Sign::AtLeast),
        (Needs::Rates, Load::Steady, Load::Overload) => Some(Sign::AtMost),
        _ => None,
    }
}

/// Whether all of these kept up with the same load: then throughput says nothing, and what it took says all.
pub fn same_load<'a>(treatments: impl IntoIterator<Item = &'a TreatmentFindings>) -> bool {
    let offered = |one: &TreatmentFindings| {
        let offered = one.metric("offered_msgs_per_s")?.median.value();
        offered.filter(|_| one.load == Load::Steady)
    };
    let Some(all) = treatments.into_iter().map(offered).collect::<Option<Vec<f64>>>() else { return false };
    let (least, most) = all.iter().fold((f64::MAX, 0.0_f64), |(a, b), one| (a.min(*one), b.max(*one)));
    all.len() > 1 && most / least - 1.0 <= SAME_LOAD
}

/// Whether trials tell two treatments apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// No trial of the one lies among those of the other.
    Clear,
    /// They are the same.
    Tie,
    /// Their ranges overlap.
    Overlap,
    /// One of them has a single trial, whose spread nobody knows.
    Unknown,
}

impl Apart {
    /// Of two summaries.
    pub fn of(one: &Summary, other: &Summary) -> Self {
        let ends = |of: &Summary| Some((of.min.value()?, of.max.value()?));
        match (ends(one), ends(other)) {
            (Some(a), Some(b)) if one.median == other.median && a == b => Apart::Tie,
            _ if one.n < 2 || other.n < 2 => Apart::Unknown,
            (Some(a), Some(b)) if a.0 <= b.1 && b.0 <= a.1 => Apart::Overlap,
            _ => Apart::Clear,
        }
    }
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
}

impl<'a> Change<'a> {
    /// From one to the other; none where they may not be compared, or one of them has no value.
    pub fn of(metric: &Metric, from: &'a TreatmentFindings, to: &'a TreatmentFindings) -> Option<Self> {
        let (before, after) = (of(metric, from), of(metric, to));
        let values = (before.median.value()?, after.median.value()?);
        let sign = sign(metric, from, to)?;
        Some(Change { metric: metric.clone(), from, to, values, sign, apart: Apart::of(&before, &after) })
    }

    /// `to` over `from`; none where that is nothing.
    pub fn ratio(&self) -> Option<f64> {
        (self.values.0 > 0.0).then(|| self.values.1 / self.values.0)
    }
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

/// The one with the least and the one with the greatest median, of those that may be compared with the most others; none of fewer than two.
pub fn extremes<'a>(metric: &Metric, among: &[&'a TreatmentFindings]) -> Option<Change<'a>> {
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
    let (least, most) = (group.iter().min_by(ordered)?, group.iter().max_by(ordered)?);
    if group.len() < 2 { None } else { Change::of(metric, least, most) }
}
