//! Whether trials tell two treatments of a run apart.

use super::family::Share;
use super::findings::TreatmentFindings;
use super::gaps::{Gaps, LEAST};
use super::reading::Reading;
use crate::spec::Metric;
use crate::stats::{deals, median};

/// Whether trials tell two treatments apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// Chance alone would hardly put them so far apart.
    Clear,
    /// They are the same.
    Tie,
    /// Chance alone might.
    NotTold,
    /// One of them has too few trials to know how far they spread.
    Unknown,
}

impl Apart {
    /// Block by block, by Student's t of logarithms, or of what was read where something is nothing; all the comparisons that share one error come to 5 % with
    /// those of all other looks at the run. Trials do not tell more than the width of their readings allows. Where of a trial only a bound is known, all of the one must lie beyond
    /// all of the other, and so many that chance would hardly do it.
    pub fn of(metric: &Metric, (one, other): (&TreatmentFindings, &TreatmentFindings), share: Share) -> Self {
        let (a, b) = (readings(metric, one), readings(metric, other));
        let level = share.level();
        let values =
            |of: &[(u32, Reading)]| of.iter().map(|(_, read)| read.value()).collect::<Option<Vec<f64>>>();
        let (Some(here), Some(there)) = (values(&a), values(&b)) else {
            return by_rank(&a, &b, level);
        };
        let ends = |of: &[f64]| {
            of.iter().fold((f64::MAX, f64::MIN), |ends, value| (ends.0.min(*value), ends.1.max(*value)))
        };
        if !here.is_empty() && ends(&here) == ends(&there) && ends(&here).0 >= ends(&here).1 {
            return Apart::Tie;
        }
        let gaps = Gaps::of(metric, one.valid(), other.valid());
        match gaps.gap().filter(|_| gaps.blocks.len() >= LEAST) {
            None => Apart::Unknown,
            // What is shown is two medians: where they lie the other way round, other trials are in them, and nothing is told.
            Some(gap) if gap.p() <= level && middles_agree(&here, &there, gap.middle) => Apart::Clear,
            Some(_) => Apart::NotTold,
        }
    }
}

/// Whether the medians of both lie as the gap within blocks does.
fn middles_agree(here: &[f64], there: &[f64], gap: f64) -> bool {
    let (Some(here), Some(there)) = (median(here), median(there)) else { return false };
    (there - here) * gap > 0.0
}

fn readings(metric: &Metric, of: &TreatmentFindings) -> Vec<(u32, Reading)> {
    let all = of.valid().map(|trial| (trial.record.block, trial.metric(&metric.name)));
    all.filter(|(_, read)| read.at_least().is_some()).collect()
}

fn by_rank(a: &[(u32, Reading)], b: &[(u32, Reading)], level: f64) -> Apart {
    if a.len() < LEAST || b.len() < LEAST {
        return Apart::Unknown;
    }
    let below = |low: &[(u32, Reading)], high: &[(u32, Reading)]| {
        let most =
            low.iter().map(|(_, read)| read.at_most().unwrap_or(f64::INFINITY)).fold(f64::MIN, f64::max);
        let least = high.iter().filter_map(|(_, read)| read.at_least()).fold(f64::MAX, f64::min);
        most < least
    };
    // Of all the ways to deal the trials to the two, two put all of the one first.
    if (below(a, b) || below(b, a)) && 2.0 / deals(a.len(), b.len()) <= level {
        Apart::Clear
    } else {
        Apart::NotTold
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{Findings, TrialFindings, judge};
    use crate::record::testing::{Synthetic, manifest};

    fn apart(a: &[u64], b: &[u64], among: usize) -> Apart {
        apart_with(2, a, b, among)
    }

    /// Each consumer may have a message at an edge of the window.
    fn apart_with(instances: u32, a: &[u64], b: &[u64], among: usize) -> Apart {
        let manifest = manifest(&["a", "b"]);
        let trial = |slug: &str, (at, processed): (usize, &u64)| {
            let trial = Synthetic {
                repetition: at as u32 + 1,
                treatment: slug.to_owned(),
                due: 10_000,
                processed: *processed,
                ..Synthetic::default()
            };
            let mut record = trial.record();
            record.asked.instances = Some(instances);
            let judged = judge(&record, &trial.rows(), &trial.latencies());
            TrialFindings::of(&manifest, record, judged)
        };
        let of = |slug: &'static str, all: &[u64]| {
            all.iter().enumerate().map(|one| trial(slug, one)).collect::<Vec<_>>()
        };
        let findings = Findings::of(&manifest, [of("a", a), of("b", b)].concat());
        let metric = Metric::written("processed").unwrap();
        let share = Share { among, look: 1 };
        Apart::of(&metric, (&findings.treatments[0], &findings.treatments[1]), share)
    }

    #[test]
    fn two_trials_that_happen_not_to_overlap_tell_nothing_apart() {
        assert_eq!(apart(&[100, 101], &[104, 103], 1), Apart::Unknown);
        assert_eq!(
            apart(&[100, 120, 110], &[125, 126, 121], 1),
            Apart::NotTold,
            "one in ten would do so by chance"
        );
        assert_eq!(apart(&[100, 101, 102], &[200, 203, 201], 1), Apart::Clear);
        assert_eq!(apart(&[100, 100, 100], &[100, 100, 100], 1), Apart::Tie);
    }

    #[test]
    fn a_message_more_or_less_tells_nothing_apart_however_often_it_comes() {
        // 4,000 and 3,960 a second, of which 400 consumers may have one each beyond an edge of ten seconds: 40 a second.
        assert_eq!(apart_with(400, &[1000; 3], &[990; 3], 1), Apart::NotTold, "either may be off by one");
        assert_eq!(apart_with(400, &[1000; 3], &[800; 3], 1), Apart::Clear);
    }

    #[test]
    fn blocks_take_out_what_both_have_in_common() {
        assert_eq!(apart(&[100, 200, 300, 400], &[110, 219, 331, 441], 1), Apart::Clear);
    }

    #[test]
    fn what_lies_one_way_within_blocks_and_the_other_way_in_the_middle_is_not_told() {
        // 4 % more in each block that both have; the middle of all that the first has is twice as much.
        let (a, b) = ([1000, 1010, 990, 3000, 3000, 3000, 3000], [1040, 1051, 1029]);
        assert_eq!(apart(&a[..3], &b, 1), Apart::Clear);
        assert_eq!(apart(&a, &b, 1), Apart::NotTold);
    }

    #[test]
    fn the_more_is_compared_the_more_it_takes() {
        let (a, b) = ([100, 104, 98, 101], [109, 110, 108, 113]);
        assert_eq!((apart(&a, &b, 1), apart(&a, &b, 40)), (Apart::Clear, Apart::NotTold));
    }
}
