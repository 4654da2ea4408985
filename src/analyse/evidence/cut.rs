//! Whether a result hangs on what is cut of the beginnings of windows.

use super::settled::Settled;
use crate::analyse::doubt::limits;
use crate::analyse::reading::Reading;
use crate::analyse::summary::Summary;
use crate::analyse::trial::TrialFindings;

/// The name of the doubt.
const ID: &str = "cut_moves";

/// A number of the whole window, and of what is left of it after the cut.
type WithAndWithout = fn(&Settled) -> Option<(f64, f64)>;

/// What the cut moves out of what lies around it.
#[derive(Clone, Copy, Debug)]
pub struct Moved {
    /// What it is.
    pub what: &'static str,
    /// What it would be, of what is left of each window. Each trial is cut where its own series says, so what lies around this median is that of the choice, too.
    pub kept: Summary,
    /// What it is over whole windows, with what lies around it.
    pub whole: Summary,
}

/// Of the valid ones of these trials of one treatment: throughput and p99 whose median after the cut lies outside of what lies around the median before it.
pub fn moved(trials: &[TrialFindings]) -> Vec<Moved> {
    let all: [(&str, WithAndWithout); 2] =
        [("throughput", |settled| Some(settled.throughput)), ("p99 in ms", |settled| settled.p99_ms)];
    let median = |values: Vec<f64>| Summary::of(values.into_iter().map(Reading::Value));
    let one = |(what, of): (&'static str, WithAndWithout)| {
        let valid = trials.iter().filter(|trial| trial.is_valid());
        let pairs: Vec<(f64, f64)> = valid.filter_map(|trial| of(trial.settled.as_ref()?)).collect();
        let whole = median(pairs.iter().map(|pair| pair.0).collect());
        let kept = median(pairs.iter().map(|pair| pair.1).collect());
        let (low, high) = whole.interval()?.ends()?;
        let middle = kept.median.value()?;
        (middle < low || middle > high).then_some(Moved { what, kept, whole })
    };
    all.into_iter().filter_map(one).collect()
}

/// A doubt of each of these trials that is cut, where the cut moves what their treatment says. It takes the place of what was said before of fewer trials.
pub fn doubt(trials: &mut [TrialFindings]) {
    for trial in trials.iter_mut() {
        trial.judged.doubts.retain(|doubt| doubt.id != ID);
    }
    let told: Vec<String> = moved(trials)
        .into_iter()
        .filter_map(|one| {
            let told = |of: Summary| {
                let (median, (low, high)) = (of.median.value()?, of.interval()?.ends()?);
                Some(format!("{median:.1} ({low:.1} – {high:.1})"))
            };
            Some(format!("{} {} and not {}", one.what, told(one.kept)?, told(one.whole)?))
        })
        .collect();
    if told.is_empty() {
        return;
    }
    for trial in trials.iter_mut().filter(|trial| trial.is_valid()) {
        let Some(cut_s) = trial.settled.map(|settled| settled.cut_s).filter(|cut_s| *cut_s > 0.0) else {
            continue;
        };
        let what = format!(
            "it had not settled for the first {cut_s} s of its window, and without what had not settled its treatment's medians would be: {}",
            told.join(", ")
        );
        trial.judged.doubts.push(limits(ID, what, "lengthen `phases.warm_up`"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{Findings, judge};
    use crate::record::testing::{Synthetic, manifest};
    use crate::stats::Course;

    fn doubts(kept: &[f64]) -> Vec<usize> {
        let manifest = manifest(&["a"]);
        let trial = |(order, kept): (u32, &f64)| {
            let trial = Synthetic { order, repetition: order, ..Synthetic::default() };
            let judged = judge(&trial.record(), &trial.rows(), &trial.latencies());
            let whole = 1000.0 + f64::from(order);
            let settled = Settled {
                course: if *kept > 0.0 { Course::WarmUp } else { Course::Flat },
                cut_s: if *kept > 0.0 { 2.5 } else { 0.0 },
                by: "throughput",
                throughput: (whole, whole + kept),
                p99_ms: None,
            };
            TrialFindings { settled: Some(settled), ..TrialFindings::of(&manifest, trial.record(), judged) }
        };
        let findings = Findings::of(&manifest, (1..).zip(kept).map(trial).collect());
        // A run is summed up anew with each trial.
        let again = Findings::of(&manifest, findings.into_trials());
        let own = |trial: &TrialFindings| trial.judged.doubts.iter().filter(|one| one.id == ID).count();
        again.treatments[0].trials.iter().map(own).collect()
    }

    #[test]
    fn a_cut_that_moves_the_median_out_of_its_interval_is_a_doubt_of_each_trial_that_is_cut() {
        assert_eq!(doubts(&[50.0, 60.0, 50.0, 0.0, 50.0, 70.0]), [1, 1, 1, 0, 1, 1]);
        assert_eq!(doubts(&[1.0, 0.5, 0.0, 0.0, 1.0, 0.5]), [0; 6], "within the interval");
        assert_eq!(doubts(&[50.0]), [0], "one trial has nothing around it");
    }
}
