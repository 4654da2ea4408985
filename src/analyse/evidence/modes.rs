//! Trials of one treatment that fall into two heaps: their median lies where none of them does.

use crate::analyse::findings::{Findings, TreatmentFindings};
use crate::analyse::gaps::Read;
use crate::analyse::response::responses;
use crate::record::Manifest;
use crate::spec::Metric;
use crate::stats::{Modes, modes};

/// A metric of a treatment that has two heaps.
#[derive(Clone, Debug)]
pub struct SecondMode {
    /// Which.
    pub metric: Metric,
    /// The heaps.
    pub modes: Modes,
}

/// Of the metrics that the answer and the SLOs are about, those of a treatment whose trials fall into two heaps.
pub fn second_modes(
    manifest: &Manifest,
    findings: &Findings,
    treatment: &TreatmentFindings,
) -> Vec<SecondMode> {
    let judged = manifest.slos.iter().filter_map(|slo| manifest.metric(&slo.metric));
    let mut seen: Vec<SecondMode> = Vec::new();
    for metric in responses(manifest, findings).into_iter().chain(judged) {
        let reads: Vec<Read> = treatment.valid().filter_map(|trial| Read::of(&metric, trial)).collect();
        let values: Vec<f64> = reads.iter().map(|read| read.value).collect();
        // Heaps that lie no further apart than two readings of one number are one.
        let width = reads.iter().map(|read| read.width).fold(0.0, f64::max);
        let apart = |modes: &Modes| modes.high - modes.low > 2.0 * width;
        let is_new = seen.iter().all(|one| one.metric.name != metric.name);
        seen.extend(
            modes(&values).filter(apart).filter(|_| is_new).map(|modes| SecondMode { metric, modes }),
        );
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{Reading, TrialFindings, judge};
    use crate::record::testing::{Synthetic, manifest};

    #[test]
    fn two_heaps_of_trials_are_named_with_what_is_in_them() {
        let manifest = manifest(&["a"]);
        let at = crate::spec::place("processed_msgs_per_s").unwrap();
        let trial = |(repetition, rate): (u32, f64)| {
            let trial = Synthetic { order: repetition, repetition, ..Synthetic::default() };
            let mut judged = judge(&trial.record(), &trial.rows(), &trial.latencies());
            judged.metrics[at] = Reading::Value(rate);
            TrialFindings::of(&manifest, trial.record(), judged)
        };
        let rates = [1000.0, 1003.0, 998.0, 1400.0, 1398.0, 1404.0, 1001.0, 1402.0];
        let findings = Findings::of(&manifest, (1..).zip(rates).map(trial).collect());
        let seen = second_modes(&manifest, &findings, &findings.treatments[0]);
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].metric.name.as_str(), seen[0].modes.below), ("processed_msgs_per_s", 4));
        // A message more or less in a window of ten seconds, on either side of each edge.
        let counted = [1000.0, 1000.1, 1000.0, 1000.1, 1000.1, 1000.0];
        let findings = Findings::of(&manifest, (1..).zip(counted).map(trial).collect());
        assert!(
            second_modes(&manifest, &findings, &findings.treatments[0]).is_empty(),
            "two readings of one"
        );
        let even = [1000.0, 1003.0, 998.0, 1005.0, 996.0, 1001.0];
        let findings = Findings::of(&manifest, (1..).zip(even).map(trial).collect());
        assert!(second_modes(&manifest, &findings, &findings.treatments[0]).is_empty());
    }
}
