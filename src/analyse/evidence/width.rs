//! How many trials a wanted width takes, by what those that were run scatter.

use crate::analyse::compare::of;
use crate::analyse::findings::TreatmentFindings;
use crate::spec::Metric;
use crate::stats::{CONFIDENCE, sd, values_for_median};

/// The fewest trials whose scatter says anything.
const FEWEST: usize = 3;

/// What one treatment takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Takes {
    /// The treatment.
    pub slug: String,
    /// Trials that it has.
    pub has: usize,
    /// How far they scatter: standard deviation of their logarithms, as a part of the value.
    pub scatter: f64,
    /// Trials that give a 95 % interval which reaches no further than that to either side; none where even very many do not.
    pub takes: Option<usize>,
}

/// Trials of a treatment for an interval of so much to either side, as a part of the value; none of fewer than three valid trials whose values are known and
/// above 0. Of the interval that stands beside a median: by order statistics of logarithms that are spread as a bell is, on the average.
pub fn takes(treatment: &TreatmentFindings, metric: &Metric, width: f64) -> Option<Takes> {
    let logs: Vec<f64> = treatment
        .valid()
        .filter_map(|trial| trial.metric(&metric.name).value().filter(|value| *value > 0.0))
        .map(f64::ln)
        .collect();
    if logs.len() < FEWEST || logs.len() < of(metric, treatment).n {
        return None;
    }
    let scatter = sd(&logs)?;
    let takes = values_for_median(scatter, width.ln_1p(), CONFIDENCE);
    Some(Takes { slug: treatment.slug.clone(), has: logs.len(), scatter, takes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{Findings, Reading, TrialFindings, judge};
    use crate::record::testing::{Synthetic, manifest};

    #[test]
    fn what_scatters_more_takes_more_trials() {
        let manifest = manifest(&["a"]);
        let at = crate::spec::place("processed_msgs_per_s").unwrap();
        let pilot = |rates: &[f64], width: f64| {
            let trial = |(repetition, rate): (u32, &f64)| {
                let trial = Synthetic { order: repetition, repetition, ..Synthetic::default() };
                let mut judged = judge(&trial.record(), &trial.rows(), &trial.latencies());
                judged.metrics[at] = Reading::Value(*rate);
                TrialFindings::of(&manifest, trial.record(), judged)
            };
            let findings = Findings::of(&manifest, (1..).zip(rates).map(trial).collect());
            takes(&findings.treatments[0], &Metric::written("processed").unwrap(), width)
        };
        let steady = pilot(&[1000.0, 1001.0, 999.0], 0.05).unwrap();
        assert_eq!((steady.has, steady.takes), (3, Some(6)), "no fewer have an interval");
        let wild = pilot(&[1000.0, 1200.0, 850.0], 0.05).unwrap();
        assert!(wild.takes.unwrap() > 30, "{wild:?}");
        assert!(pilot(&[1000.0, 1200.0, 850.0], 0.2).unwrap().takes < wild.takes);
        assert_eq!(pilot(&[1000.0, 1200.0], 0.05), None);
    }
}
