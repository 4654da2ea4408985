//! Treatments that lie beyond the two that an answer compares.

use super::comparable::sign;
use super::compare::{Change, of};
use super::findings::TreatmentFindings;
use super::scaling::Sign;
use crate::spec::Metric;

/// Of fewer trials all lie apart by chance too often: three and three do in one case of ten.
const LEAST: usize = 3;
/// By as much of the nearer end's median its own lies beyond it: what `bench compare` takes for the same is not worth a word.
const BY: f64 = 0.05;

/// Among these, those of which all trials lie beyond all trials of both ends of the comparison, and the median by 5 % or more: the one with the greatest
/// median of those above, and the one with the least of those below. A treatment counts that has a value in each of three valid trials or more, and that may
/// be compared with both ends.
pub fn beyond<'a>(change: &Change<'_>, among: &'a [TreatmentFindings]) -> [Option<&'a TreatmentFindings>; 2] {
    let metric = &change.metric;
    let ends = [change.from, change.to];
    let [Some(from), Some(to)] = ends.map(|end| spread(metric, end)) else { return [None, None] };
    let (low, high) = (from[0].min(to[0]), from[2].max(to[2]));
    let (lower, upper) = (from[1].min(to[1]) * (1.0 - BY), from[1].max(to[1]) * (1.0 + BY));
    let alike = |one: &TreatmentFindings| {
        ends.iter().all(|end| end.slug != one.slug && sign(metric, end, one) == Some(Sign::Equal))
    };
    let known = among.iter().filter(|one| alike(one));
    let known: Vec<([f64; 3], &TreatmentFindings)> =
        known.filter_map(|one| Some((spread(metric, one)?, one))).collect();
    let by_median =
        |a: &&([f64; 3], &TreatmentFindings), b: &&([f64; 3], &TreatmentFindings)| a.0[1].total_cmp(&b.0[1]);
    // Of equal ones the first, either way.
    let most = known.iter().rev().filter(|(own, _)| own[0] > high && own[1] >= upper).max_by(by_median);
    let least = known.iter().filter(|(own, _)| own[2] < low && own[1] <= lower).min_by(by_median);
    [most, least].map(|found| found.map(|(_, one)| *one))
}

/// Least, median and greatest of trials.
fn spread(metric: &Metric, one: &TreatmentFindings) -> Option<[f64; 3]> {
    let all = of(metric, one);
    // There is a mean only where none is but a bound.
    all.mean.value().filter(|_| all.n >= LEAST)?;
    Some([all.min.value()?, all.median.value()?, all.max.value()?])
}
