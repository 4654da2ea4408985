//! How each metric is read from a trial; what it is, `spec` declares.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::backlog::Drained;
use super::facts::{Facts, WindowFacts};
use super::reading::Reading;
use super::width;
use crate::books::{Books, Fairness};
use crate::record::{Partitions, Results, WireUse};
use crate::spec::{Metric, Part, metrics};
use crate::units::Quantile;

/// Every metric's value in a trial, in the order of [`metrics`]; nothing yet of those that its window does not say.
pub fn read(facts: &Facts<'_>) -> Vec<Reading> {
    metrics().iter().map(|metric| one(metric, facts)).collect()
}

fn one(metric: &Metric, facts: &Facts<'_>) -> Reading {
    let count = |count: Option<u64>| Reading::from(count.map(|count| count as f64));
    match metric.latency {
        Some((of, part)) => match (facts.latencies.get(&of), part) {
            (None, _) => Reading::Empty,
            (Some(watched), Part::Samples) => count(Some(watched.n)),
            (Some(watched), Part::Censored) => count(Some(watched.censored)),
            (Some(watched), Part::At(quantile)) => watched.read(quantile),
        },
        None => match BOUNDED.get(metric.name.as_str()) {
            Some(read) => read(facts),
            None => READERS.get(metric.name.as_str()).and_then(|read| read(facts)).into(),
        },
    }
}

type Read = fn(&Facts<'_>) -> Option<f64>;
type Reader = (&'static str, Read);
type ReadBounded = fn(&Facts<'_>) -> Reading;
type Bounded = (&'static str, ReadBounded);

static READERS: LazyLock<HashMap<&'static str, Read>> = LazyLock::new(|| {
    let all: [&[Reader]; 19] = [
        &BOOKS,
        &RATES,
        &RESOURCES,
        &WIRE,
        &PARTITIONS,
        &TRANSACTIONS,
        &PRODUCERS,
        &LOAD,
        &MACHINES,
        &ENDS,
        &QUOTAS,
        &LITTLE,
        &width::LAGS,
        &OTHERS,
        &width::RATES,
        &OUTPUT,
        &FETCHED,
        &width::COUNTED,
        &width::DRAINS,
    ];
    all.into_iter().flatten().copied().collect()
});

/// Of those that may only be known to lie between two ends.
static BOUNDED: LazyLock<HashMap<&'static str, ReadBounded>> =
    LazyLock::new(|| BACKLOG.iter().chain(&PARTITION_LAGS).chain(&DRAINED).copied().collect());

fn books(facts: &Facts<'_>, of: fn(&Books) -> Option<u64>) -> Option<f64> {
    facts.record.books.as_ref().and_then(of).map(|count| count as f64)
}

fn per_second(facts: &Facts<'_>, count: Option<u64>) -> Option<f64> {
    let seconds = facts.window.as_ref()?.seconds;
    Some(count? as f64 / seconds)
}

#[rustfmt::skip]
const BOOKS: [Reader; 13] = [
    ("due", |f| books(f, |b| Some(b.due))),
    ("sent", |f| books(f, |b| Some(b.sent))),
    ("refused", |f| books(f, |b| Some(b.refused))),
    ("acked", |f| books(f, |b| Some(b.acked))),
    ("failed", |f| books(f, |b| Some(b.failed))),
    ("in_flight", |f| books(f, |b| Some(b.in_flight))),
    ("received", |f| books(f, |b| b.received)),
    ("received_unacked", |f| books(f, |b| b.received_unacked)),
    ("duplicates", |f| books(f, |b| b.duplicates)),
    ("out_of_order", |f| books(f, |b| b.out_of_order)),
    ("unread", |f| books(f, |b| b.unread)),
    // What no broker acked can be lost without anyone's knowing.
    ("lost", |f| books(f, |b| b.lost).filter(|lost| f.untold == 0 || *lost > 0.0)),
    ("aborted", |f| books(f, |b| Some(b.aborted))),
];

#[rustfmt::skip]
const RATES: [Reader; 5] = [
    ("offered_msgs_per_s", |f| f.offered()),
    ("sent_msgs_per_s", |f| per_second(f, f.window.as_ref().map(|w| w.sent))),
    ("acked_msgs_per_s", |f| per_second(f, f.window.as_ref()?.acked)),
    ("processed_msgs_per_s", |f| f.processed()),
    ("processed_mib_per_s", |f| Some(f.processed_bytes()? / f64::from(1 << 20))),
];

#[rustfmt::skip]
const BACKLOG: [Bounded; 9] = [
    ("backlog_start_messages", |f| level(f, |w| w.backlog_start)),
    ("backlog_end_messages", |f| level(f, |w| w.backlog_end)),
    ("backlog_slope_msgs_per_s", |f| level(f, |w| w.backlog_slope)),
    ("lag_max_messages", |f| level(f, |w| w.lag_max)),
    ("lag_end_messages", |f| level(f, |w| w.lag_end)),
    ("lag_slope_msgs_per_s", |f| level(f, |w| w.lag_slope)),
    ("lag_trend_percent", |f| f.offered().filter(|offered| *offered > 0.0).map_or(Reading::Empty, |offered| level(f, |w| w.lag_slope).times(100.0 / offered))),
    ("time_lag_max_ms", |f| level(f, |w| w.time_lag_max_ms)),
    ("time_lag_end_ms", |f| level(f, |w| w.time_lag_end_ms)),
];

fn level(facts: &Facts<'_>, of: fn(&WindowFacts) -> Reading) -> Reading {
    facts.window.as_ref().map_or(Reading::Empty, of)
}

#[rustfmt::skip]
const DRAINED: [Bounded; 5] = [
    ("backlog_written_messages", |f| drained(f, |d| Reading::Value(d.written as f64))),
    ("time_to_drain_s", |f| drained(f, |d| d.time_s)),
    ("drained_msgs_per_s", |f| drained(f, |d| d.msgs_per_s.into())),
    ("age_p50_ms", |f| age(f, Quantile::At(0.5))),
    ("age_p99_ms", |f| age(f, Quantile::At(0.99))),
];

fn drained(facts: &Facts<'_>, of: fn(&Drained) -> Reading) -> Reading {
    facts.backlog.as_ref().map_or(Reading::Empty, of)
}

fn age(facts: &Facts<'_>, quantile: Quantile) -> Reading {
    let ages = facts.backlog.as_ref().and_then(|drained| drained.ages.as_ref());
    ages.map_or(Reading::Empty, |ages| ages.read(quantile))
}

#[rustfmt::skip]
const RESOURCES: [Reader; 6] = [
    ("consumers_cpu_cores", |f| in_window(f, f.record.consumers.map(|c| c.cpu_cores))),
    ("consumers_rss_max_mib", |f| in_window(f, f.record.consumers.map(|c| c.rss_max_mib))),
    ("cluster_cpu_cores", |f| in_window(f, f.record.cluster.map(|c| c.cpu_cores))),
    ("cluster_cpu_s_per_million", cluster_cpu_per_million),
    ("load_cpu_cores", |f| in_window(f, f.record.load_cpu_cores)),
    ("host_cpu_percent", |f| in_window(f, f.record.host.map(|h| h.cpu_percent))),
];

#[rustfmt::skip]
const WIRE: [Reader; 3] = [
    ("requests_per_s", |f| wire(f, |w| w.requests as f64 / w.seconds)),
    ("records_per_batch", |f| wire(f, |w| w.records as f64 / w.batches as f64)),
    ("wire_mib_per_s", |f| wire(f, |w| w.bytes as f64 / f64::from(1 << 20) / w.seconds)),
];

fn wire(facts: &Facts<'_>, of: fn(&WireUse) -> f64) -> Option<f64> {
    facts.window.as_ref()?;
    facts.record.wire.as_ref().map(of)
}

#[rustfmt::skip]
const PARTITIONS: [Reader; 1] = [
    ("busiest_partition_percent", |f| f.partitions()?.busiest().map(|(_, percent)| percent)),
];

#[rustfmt::skip]
const PARTITION_LAGS: [Bounded; 2] = [
    ("lag_busiest_partition_messages", |f| partition_lag(f, |lags| lags.get(f.partitions()?.busiest()?.0).copied())),
    ("lag_worst_partition_messages", |f| partition_lag(f, |lags| lags.iter().max().copied())),
];

#[rustfmt::skip]
const TRANSACTIONS: [Reader; 1] = [
    ("received_aborted", |f| books(f, |b| b.received_aborted)),
];

#[rustfmt::skip]
const PRODUCERS: [Reader; 3] = [
    ("fairness_jain", |f| fairness(f).map(|fair| fair.jain)),
    ("producer_slowest_percent", |f| fairness(f).map(|fair| fair.slowest.percent)),
    ("producer_fastest_percent", |f| fairness(f).map(|fair| fair.fastest.percent)),
];

#[rustfmt::skip]
const LOAD: [Reader; 2] = [
    ("load_rss_max_mib", |f| in_window(f, f.record.load_rss_max_mib)),
    ("connect_s", |f| f.record.spent_s.get("connect").copied()),
];

#[rustfmt::skip]
const MACHINES: [Reader; 1] = [
    ("oom_kills", |f| Some(f64::from(f.record.oom_kills))),
];

#[rustfmt::skip]
const ENDS: [Reader; 4] = [
    ("lag_max_least_messages", |f| level(f, |w| w.lag_max).at_least()),
    ("lag_max_most_messages", |f| level(f, |w| w.lag_max).at_most()),
    ("lag_end_least_messages", |f| level(f, |w| w.lag_end).at_least()),
    ("lag_end_most_messages", |f| level(f, |w| w.lag_end).at_most()),
];

#[rustfmt::skip]
const QUOTAS: [Reader; 2] = [
    ("produce_throttled_ms", |f| f.window.as_ref()?.produce_throttled_ms.map(|ms| ms as f64)),
    ("fetch_throttled_ms", |f| f.window.as_ref()?.fetch_throttled_ms.map(|ms| ms as f64)),
];

#[rustfmt::skip]
const LITTLE: [Reader; 2] = [
    ("little_error_percent", |f| f.little.map(|little| little.error_percent())),
    ("little_unexplained_percent", |f| f.little.map(|little| little.unexplained_percent())),
];

#[rustfmt::skip]
const OTHERS: [Reader; 1] = [
    ("foreign", |f| books(f, |b| b.foreign)),
];

#[rustfmt::skip]
const OUTPUT: [Reader; 4] = [
    ("output_missing", |f| output(f, |o| o.missing)),
    ("output_doubled", |f| output(f, |o| o.doubled)),
    ("output_out_of_order", |f| output(f, |o| o.out_of_order)),
    ("output_unknown", |f| output(f, |o| Some(o.unknown))),
];

fn output(facts: &Facts<'_>, of: fn(&Results) -> Option<u64>) -> Option<f64> {
    facts.record.followed.as_ref()?.results.as_ref().and_then(of).map(|count| count as f64)
}

fn fairness<'a>(facts: &Facts<'a>) -> Option<&'a Fairness> {
    facts.window.as_ref().and(facts.record.fairness.as_ref())
}

/// Messages of unknown fate may be in that partition, or not.
fn partition_lag(facts: &Facts<'_>, of: impl Fn(&[u64]) -> Option<u64>) -> Reading {
    let lag = |partitions: &Partitions| Some((of(partitions.lag_end.as_ref()?)?, partitions.lag_unknown));
    let ends = facts.partitions().and_then(lag).map(|(lag, unknown)| (lag as f64, (lag + unknown) as f64));
    Reading::between(ends.map(|ends| ends.0), ends.map(|ends| ends.1))
}

#[rustfmt::skip]
const FETCHED: [Reader; 1] = [
    ("fetched_mib_per_s", |f| in_window(f, f.record.fetched.map(|all| all.bytes / f64::from(1 << 20) / all.seconds))),
];

fn in_window(facts: &Facts<'_>, value: Option<f64>) -> Option<f64> {
    facts.window.as_ref().and(value)
}

fn cluster_cpu_per_million(facts: &Facts<'_>) -> Option<f64> {
    let window = facts.window.as_ref()?;
    // Of how many messages it is nobody knows where some asked for no ack.
    let acked = window.acked.filter(|acked| *acked > 0 && facts.untold == 0)?;
    Some(facts.record.cluster?.cpu_cores * window.seconds / acked as f64 * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::priced;

    #[test]
    fn each_metric_that_is_declared_can_be_read() {
        let unread = metrics().iter().filter(|metric| {
            metric.latency.is_none()
                && !READERS.contains_key(&*metric.name)
                && !BOUNDED.contains_key(&*metric.name)
                && priced::read(&metric.name, priced::Priced::default()).is_none()
                && crate::analyse::aftermath::METRICS
                    .iter()
                    .all(|(name, least, _)| ![*name, *least].contains(&metric.name.as_str()))
        });
        assert_eq!(unread.map(|metric| &metric.name).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
