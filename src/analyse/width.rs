//! How finely a trial's rates and lags were read: the columns `…_width_…`.

use super::facts::{Facts, WindowFacts};
use crate::record::WireUse;

/// A metric's name, and how it is read.
type Reader = (&'static str, fn(&Facts<'_>) -> Option<f64>);

/// What stands before the unit in the name of a width; of two that fit the longer comes first.
const UNITS: [&str; 6] = ["_msgs_per_s", "_mib_per_s", "_per_s", "_messages", "_ms", "_s"];

/// How often consumers tell what they got, in seconds.
const TOLD_EVERY_S: f64 = 1.0;

/// How the metric is called that is the width of this one, had it one.
pub fn of(metric: &str) -> Option<String> {
    UNITS.iter().find_map(|unit| Some(format!("{}_width{unit}", metric.strip_suffix(unit)?)))
}

/// What is committed and what is acked are read one after the other: a lag may be less by what was acked in between, a time lag by what passed.
pub(super) const LAGS: [Reader; 6] = [
    ("lag_max_width_messages", |f| Some(f.window.as_ref()?.lag_reads_ms[0]? * acked_per_ms(f)?)),
    ("lag_end_width_messages", |f| Some(f.window.as_ref()?.lag_reads_ms[1]? * acked_per_ms(f)?)),
    ("lag_busiest_partition_width_messages", |f| of_partition(f, f.partitions()?.busiest()?.0)),
    ("lag_worst_partition_width_messages", of_worst),
    ("time_lag_max_width_ms", |f| f.window.as_ref()?.lag_reads_ms[0]),
    ("time_lag_end_width_ms", |f| f.window.as_ref()?.lag_reads_ms[1]),
];

/// On the average over the window; none where nobody was asked for acks.
fn acked_per_ms(facts: &Facts<'_>) -> Option<f64> {
    let window = facts.window.as_ref()?;
    Some(window.acked? as f64 / window.seconds / 1e3)
}

/// What was acked of one partition while the last lag of the window was read.
fn of_partition(facts: &Facts<'_>, partition: usize) -> Option<f64> {
    let acked = *facts.partitions()?.acked_in_window.get(partition)?;
    let window = facts.window.as_ref()?;
    Some(window.lag_reads_ms[1]? * acked as f64 / window.seconds / 1e3)
}

/// The greatest lag is no less than the greatest that any partition is sure to have.
fn of_worst(facts: &Facts<'_>) -> Option<f64> {
    let lags = facts.partitions()?.lag_end.as_ref()?;
    let sure = (0..).zip(lags).map(|(at, lag)| Some(*lag as f64 - of_partition(facts, at)?));
    let least = sure.collect::<Option<Vec<f64>>>()?.into_iter().reduce(f64::max)?;
    Some(*lags.iter().max()? as f64 - least)
}

/// One piece of each that makes them happen may lie on the other side of an edge of the window.
pub(super) const RATES: [Reader; 4] = [
    ("sent_width_msgs_per_s", |f| width(f, f.record.asked.producers.map(f64::from), |w| Some(w.sent))),
    ("acked_width_msgs_per_s", |f| width(f, in_requests(f), |w| w.acked)),
    ("processed_width_msgs_per_s", |f| width(f, consumers(f), |w| w.processed)),
    ("processed_width_mib_per_s", |f| {
        Some(
            width(f, consumers(f), |w| w.processed)? * f.processed_bytes()?
                / f.processed()?
                / f64::from(1 << 20),
        )
    }),
];

/// What may lie on the other side of an edge of the window, over the window; never more than there is.
fn width(facts: &Facts<'_>, messages: Option<f64>, counted: fn(&WindowFacts) -> Option<u64>) -> Option<f64> {
    let window = facts.window.as_ref()?;
    Some(messages?.min(counted(window)? as f64) / window.seconds)
}

/// One message of each consumer; of a group that is followed from outside, what it commits at once.
fn consumers(facts: &Facts<'_>) -> Option<f64> {
    if let Some(followed) = &facts.record.followed {
        return Some(facts.processed()? * followed.commit_interval_s?);
    }
    let asked = &facts.record.asked;
    Some(f64::from(asked.instances?) * f64::from(asked.threads?))
}

/// One request of each producer: a broker acks all that is in it at once.
fn in_requests(facts: &Facts<'_>) -> Option<f64> {
    let wire = facts.record.wire.as_ref().filter(|wire| wire.requests > 0)?;
    Some(f64::from(facts.record.asked.producers?) * wire.records as f64 / wire.requests as f64)
}

/// What clients count: of producers one request of each, as large as they were on the average; of consumers what comes between two readings.
pub(super) const COUNTED: [Reader; 3] = [
    ("requests_width_per_s", |f| requests(f).map(|(requests, wire)| requests / wire.seconds)),
    ("wire_width_mib_per_s", |f| {
        let (requests, wire) = requests(f)?;
        Some(requests / wire.requests as f64 * wire.bytes as f64 / f64::from(1 << 20) / wire.seconds)
    }),
    ("fetched_width_mib_per_s", |f| {
        f.window.as_ref()?;
        let all = f.record.fetched?;
        Some(all.bytes / f64::from(1 << 20) / all.seconds * (TOLD_EVERY_S / all.seconds).min(1.0))
    }),
];

/// How many requests may lie on the other side of an edge of the window, and what they are of; none where the clients do not tell.
fn requests<'a>(facts: &Facts<'a>) -> Option<(f64, &'a WireUse)> {
    facts.window.as_ref()?;
    let wire = facts.record.wire.as_ref().filter(|wire| wire.requests > 0)?;
    Some((f64::from(facts.record.asked.producers?).min(wire.requests as f64), wire))
}

/// A backlog that was written before is gone by the end of a step.
pub(super) const DRAINS: [Reader; 2] = [
    ("time_to_drain_width_s", |f| {
        f.backlog.as_ref()?.time_s.value()?;
        Some(f.record.drain_step_s())
    }),
    ("drained_width_msgs_per_s", |f| {
        let drained = f.backlog.as_ref()?;
        let took_s = drained.time_s.value().filter(|took_s| *took_s > 0.0)?;
        Some(drained.msgs_per_s? * f.record.drain_step_s() / took_s)
    }),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::testing::{Synthetic, backlog};
    use crate::record::{Followed, Partitions, TrialRecord};

    /// A width by its name.
    fn read(facts: &Facts<'_>, name: &str) -> Option<f64> {
        let mut all = LAGS.iter().chain(&RATES).chain(&COUNTED).chain(&DRAINS);
        all.find(|(own, _)| *own == name).unwrap().1(facts)
    }

    #[test]
    fn a_rate_is_known_to_within_one_piece_of_each_that_makes_it() {
        let trial = Synthetic::default();
        let (record, rows, latencies) = (trial.record(), trial.rows(), trial.latencies());
        let of = |record: &TrialRecord, name: &str| read(&Facts::new(record, &rows, &latencies), name);
        // Two consumers, one producer, 10,000 records in 500 requests, 10 s.
        assert_eq!(of(&record, "processed_width_msgs_per_s"), Some(0.2));
        assert_eq!(of(&record, "sent_width_msgs_per_s"), Some(0.1));
        assert_eq!(of(&record, "acked_width_msgs_per_s"), Some(2.0));
        let mib = of(&record, "processed_width_mib_per_s").unwrap();
        assert!((mib - 0.2 / 1024.0).abs() < 1e-12);
        let mut alone = record.clone();
        (alone.asked.instances, alone.asked.threads) = (None, None);
        assert_eq!(of(&alone, "processed_width_msgs_per_s"), None);
        let mut many = record.clone();
        many.asked.producers = Some(1_000_000);
        assert_eq!(of(&many, "sent_width_msgs_per_s"), Some(1000.0), "no more than there is");
    }

    #[test]
    fn what_clients_count_is_known_to_within_a_request_of_each_and_a_second_of_what_came() {
        let trial = Synthetic::default();
        let (mut record, rows, latencies) = (trial.record(), trial.rows(), trial.latencies());
        let of = |record: &TrialRecord, name: &str| read(&Facts::new(record, &rows, &latencies), name);
        // 500 requests and 20 MiB of one producer in 10 s, of which consumers got 40 MiB.
        assert_eq!(of(&record, "requests_width_per_s"), Some(0.1));
        let mib = of(&record, "wire_width_mib_per_s").unwrap();
        assert!((mib - 0.004).abs() < 1e-12, "{mib}");
        assert_eq!(of(&record, "fetched_width_mib_per_s"), Some(0.4));
        record.asked.producers = Some(1_000);
        assert_eq!(of(&record, "requests_width_per_s"), Some(50.0), "no more than there is");
        assert_eq!(of(&record, "wire_width_mib_per_s"), Some(2.0));
        (record.wire, record.fetched) = (None, None);
        for (name, _) in COUNTED {
            assert_eq!(of(&record, name), None, "{name}: unknown is not 0");
        }
    }

    #[test]
    fn a_drain_is_known_no_finer_than_the_steps_in_which_it_is_read() {
        let trial = Synthetic::default();
        let (mut record, rows, latencies) = (trial.record(), trial.rows(), trial.latencies());
        let of = |record: &TrialRecord| {
            let facts = Facts::new(record, &rows, &latencies);
            let took_s = facts.backlog.as_ref().and_then(|drained| drained.time_s.value());
            (took_s, read(&facts, "time_to_drain_width_s"), read(&facts, "drained_width_msgs_per_s"))
        };
        assert_eq!(of(&record), (None, None, None));
        record.backlog = Some(backlog());
        let (took_s, width, rate_width) = of(&record);
        assert_eq!(width, Some(0.25));
        let facts = Facts::new(&record, &rows, &latencies);
        let rate = facts.backlog.as_ref().unwrap().msgs_per_s.unwrap();
        assert_eq!(rate_width, Some(rate * 0.25 / took_s.unwrap()));
        record.followed = Some(Followed { commit_interval_s: Some(5.0), ..Followed::default() });
        assert_eq!(Some(record.drain_step_s()), Some(5.25));
    }

    #[test]
    fn every_lag_may_be_less_by_what_was_acked_while_it_was_read() {
        let trial = Synthetic::default();
        let (mut record, mut rows, latencies) = (trial.record(), trial.rows(), trial.latencies());
        for row in &mut rows {
            row.lag_read_ms = Some(if row.t_s < 5.0 { 30.0 } else { 20.0 });
        }
        // 10,000 messages in 10 s, three in five of them in the first partition.
        record.partitions = Some(Partitions {
            acked: vec![6_000, 4_000],
            acked_in_window: vec![6_000, 4_000],
            lag_end: Some(vec![50, 53]),
            ..Partitions::default()
        });
        let facts = Facts::new(&record, &rows, &latencies);
        let of = |name: &str| read(&facts, name);
        let both = [Some(30.0), Some(20.0)];
        assert_eq!([of("lag_max_width_messages"), of("lag_end_width_messages")], both);
        assert_eq!([of("time_lag_max_width_ms"), of("time_lag_end_width_ms")], both);
        assert_eq!(of("lag_busiest_partition_width_messages"), Some(12.0));
        // The second is 53 and surely 45; the first 50 and surely 38.
        assert_eq!(of("lag_worst_partition_width_messages"), Some(8.0));
        for row in &mut rows {
            row.lag_read_ms = None;
        }
        let facts = Facts::new(&record, &rows, &latencies);
        for (name, _) in LAGS {
            assert_eq!(read(&facts, name), None, "{name}: unknown is not 0");
        }
    }
}
