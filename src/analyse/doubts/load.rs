//! Doubts about bench's own lateness.

use crate::analyse::doubt::{Doubt, spoils};
use crate::analyse::facts::Facts;
use crate::units::{Latency, Quantile};

/// Send delay that no load of ours excuses: ten times what a busy host costs a thread that sleeps and spins.
pub(super) const SEND_DELAY_MS: f64 = 5.0;
/// Of the latency that is measured: below a tenth of it, our lateness cannot change what is concluded.
const SEND_DELAY_SHARE: f64 = 0.1;

/// Each latency that counts from due is judged by itself: a long one excuses nothing about a short one.
pub(super) fn fell_behind(facts: &Facts<'_>) -> Option<Doubt> {
    let p99 = Quantile::At(0.99);
    // A message that was never attempted is a refused one, whose client stayed full: back-pressure, not lateness of ours.
    let delay = facts.latencies.get(&Latency::SendDelay)?.read_known(p99).at_least()?;
    let limit = |(latency, name): (Latency, &'static str)| {
        let read = facts.latencies.get(&latency)?.read_anyway(p99).at_least()?;
        Some((SEND_DELAY_MS.max(SEND_DELAY_SHARE * read), name))
    };
    let judged = [
        (Latency::Ack, "ack"),
        (Latency::EndToEnd, "end-to-end"),
        (Latency::Committed, "committed"),
        (Latency::Output, "output"),
    ];
    let limits: Vec<(f64, &str)> = judged.into_iter().filter_map(limit).collect();
    let limits = if limits.is_empty() { vec![(SEND_DELAY_MS, "what comes after it")] } else { limits };
    let spoiled: Vec<(f64, &str)> = limits.into_iter().filter(|(limit, _)| delay > *limit).collect();
    let least = spoiled.iter().map(|(limit, _)| *limit).reduce(f64::min)?;
    let told: Vec<String> = spoiled.iter().map(|(limit, of)| format!("{limit:.1} ms for {of}")).collect();
    let doubt = spoils(
        "fleet_fell_behind",
        format!(
            "p99 of send delay is {delay:.1} ms, limit {}: latencies are the harness's, not the cluster's",
            told.join(", ")
        ),
        "lower `workload.rate`, spread it over more `producers`, or give the load its own cores",
    );
    Some(doubt.of(delay, least, "ms"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::empty_histogram;
    use crate::record::testing::Synthetic;

    #[test]
    fn a_long_end_to_end_latency_excuses_no_send_delay_in_a_short_ack() {
        let of = |delay_ms: u64, end_to_end_ms: u64| {
            let trial = Synthetic { latency_ns: end_to_end_ms * 1_000_000, ..Synthetic::default() };
            let (record, rows, mut latencies) = (trial.record(), trial.rows(), trial.latencies());
            for second in 0..10 {
                let mut histogram = empty_histogram();
                histogram.record_n(delay_ms * 1_000_000, trial.due * 4).unwrap();
                latencies.add(second, Latency::SendDelay, &histogram);
            }
            fell_behind(&Facts::new(&record, &rows, &latencies))
        };
        // Acks take 2 ms.
        assert_eq!(of(4, 10), None);
        let doubt = of(40, 1_000).unwrap();
        assert!(doubt.what.contains("limit 5.0 ms for ack:"), "{}", doubt.what);
        let both = of(400, 1_000).unwrap();
        assert!(both.what.contains("limit 5.0 ms for ack, 100.0 ms for end-to-end:"), "{}", both.what);
        assert!((both.figure.unwrap().value - 400.0).abs() < 1.0);
    }
}
