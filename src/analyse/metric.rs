//! Every metric, declared once: its name is the column's, and whoever shows it reads it here.

use super::facts::Facts;
use super::reading::Reading;
use crate::books::{Books, Fairness};
use crate::record::WireUse;
use crate::units::{Latency, Quantile};

/// A number derived from a record.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Its column in `trials.csv`.
    pub name: String,
    /// What it is in.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// How to read it, one sentence.
    pub meaning: String,
    source: Source,
}

/// What a metric is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Messages, deliveries of messages among them.
    Messages,
    /// Messages per second.
    MessagesPerSecond,
    /// Requests per second.
    RequestsPerSecond,
    /// 2^20 bytes per second.
    MibPerSecond,
    /// 2^20 bytes.
    Mib,
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
    /// Cores: seconds of CPU per second.
    Cores,
    /// Seconds of CPU per million messages.
    SecondsPerMillion,
    /// Percent.
    Percent,
    /// A plain number.
    Ratio,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// It tells what was the case.
    Neither,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Number(fn(&Facts<'_>) -> Option<f64>),
    Samples(Latency),
    Censored(Latency),
    Quantile(Latency, Quantile),
}

impl Metric {
    /// Whether each group has its own: a column of `groups.csv`. What was acked stands there too, since the books of a group are set against it.
    pub fn is_of_group(&self) -> bool {
        self.name == "acked" || OF_GROUP.iter().any(|start| self.name.starts_with(start))
    }

    /// Its value in a trial.
    pub fn read(&self, facts: &Facts<'_>) -> Reading {
        let count = |count: Option<u64>| Reading::from(count.map(|count| count as f64));
        match self.source {
            Source::Number(read) => read(facts).into(),
            Source::Samples(of) => count(facts.latencies.get(&of).map(|watched| watched.n)),
            Source::Censored(of) => count(facts.latencies.get(&of).map(|watched| watched.censored)),
            Source::Quantile(of, quantile) => {
                facts.latencies.get(&of).map_or(Reading::Empty, |watched| watched.read(quantile))
            }
        }
    }
}

/// How the names of metrics begin that each group has of its own.
const OF_GROUP: [&str; 13] = [
    "received",
    "duplicates",
    "out_of_order",
    "unread",
    "lost",
    "aborted",
    "processed_",
    "receive_latency_",
    "end_to_end_latency_",
    "backlog_",
    "lag_",
    "time_lag_",
    "consumers_",
];

/// So many metrics were promised in the order of their columns; those that were added since stand after all others.
pub const PROMISED: usize =
    BOOKS.len() + RATES.len() + 7 * Latency::COLUMNS.len() + BACKLOG.len() + RESOURCES.len();

/// All metrics, in the order of their columns.
pub fn catalogue() -> Vec<Metric> {
    let mut all = declared(&BOOKS);
    all.extend(declared(&RATES));
    for latency in Latency::COLUMNS {
        all.extend(of_latency(latency));
    }
    all.extend(declared(&BACKLOG));
    all.extend(declared(&RESOURCES));
    all.extend(declared(&WIRE));
    all.extend(declared(&PARTITIONS));
    all.extend(declared(&TRANSACTIONS));
    all.extend(declared(&PRODUCERS));
    all.extend(declared(&LOAD));
    all
}

fn declared(rows: &[Row]) -> Vec<Metric> {
    rows.iter()
        .map(|(name, unit, better, meaning, read)| Metric {
            name: (*name).to_owned(),
            unit: *unit,
            better: *better,
            meaning: (*meaning).to_owned(),
            source: Source::Number(*read),
        })
        .collect()
}

fn of_latency(latency: Latency) -> Vec<Metric> {
    let name = latency.name();
    let counted = |suffix: &str, better, meaning: String, source| Metric {
        name: format!("{name}_{suffix}"),
        unit: Unit::Messages,
        better,
        meaning,
        source,
    };
    let mut metrics = vec![
        counted(
            "n",
            Better::Neither,
            "messages due in the window, the censored ones included".to_owned(),
            Source::Samples(latency),
        ),
        counted(
            "censored",
            Better::Lower,
            format!("of these, the ones whose {name} is longer than we watched"),
            Source::Censored(latency),
        ),
    ];
    metrics.extend(Quantile::COLUMNS.map(|quantile| Metric {
        name: format!("{name}_{}_ms", quantile.name()),
        unit: Unit::Millis,
        better: Better::Lower,
        meaning: format!("{} of {name} by rank over all messages due in the window", quantile.name()),
        source: Source::Quantile(latency, quantile),
    }));
    metrics
}

type Row = (&'static str, Unit, Better, &'static str, fn(&Facts<'_>) -> Option<f64>);

fn books(facts: &Facts<'_>, of: fn(&Books) -> Option<u64>) -> Option<f64> {
    facts.record.books.as_ref().and_then(of).map(|count| count as f64)
}

fn per_second(facts: &Facts<'_>, count: Option<u64>) -> Option<f64> {
    let seconds = facts.window.as_ref()?.seconds;
    Some(count? as f64 / seconds)
}

use Better::{Higher, Lower, Neither};
use Unit::{
    Cores, Messages, MessagesPerSecond, Mib, MibPerSecond, Millis, Percent as PerCent, Ratio,
    RequestsPerSecond, Seconds, SecondsPerMillion,
};

#[rustfmt::skip]
const BOOKS: [Row; 13] = [
    ("due", Messages, Neither, "messages whose time came, whole trial", |f| books(f, |b| Some(b.due))),
    ("sent", Messages, Neither, "taken by a client's queue", |f| books(f, |b| Some(b.sent))),
    ("refused", Messages, Lower, "never taken, because a queue stayed full", |f| books(f, |b| Some(b.refused))),
    ("acked", Messages, Neither, "acknowledged with partition and offset", |f| books(f, |b| Some(b.acked))),
    ("failed", Messages, Lower, "given up by the client after they were sent", |f| books(f, |b| Some(b.failed))),
    ("in_flight", Messages, Lower, "neither acked nor failed when the trial ended", |f| books(f, |b| Some(b.in_flight))),
    ("received", Messages, Neither, "acked messages that an instance got, each once", |f| books(f, |b| b.received)),
    ("received_unacked", Messages, Lower, "offsets received for which no producer got an ack", |f| books(f, |b| b.received_unacked)),
    ("duplicates", Messages, Lower, "deliveries of an offset beyond its first", |f| books(f, |b| b.duplicates)),
    ("out_of_order", Messages, Lower, "deliveries below a sequence seen before", |f| books(f, |b| b.out_of_order)),
    ("unread", Messages, Neither, "acked, beyond the last commits, received by nobody", |f| books(f, |b| b.unread)),
    ("lost", Messages, Lower, "acked, before the last commits, received by nobody", |f| books(f, |b| b.lost)),
    ("aborted", Messages, Neither, "acked in a transaction that was aborted", |f| books(f, |b| Some(b.aborted))),
];

#[rustfmt::skip]
const RATES: [Row; 5] = [
    ("offered_msgs_per_s", MessagesPerSecond, Neither, "messages due in the window over its length", |f| f.offered()),
    ("sent_msgs_per_s", MessagesPerSecond, Neither, "messages sent in the window, whenever they were due", |f| per_second(f, f.window.as_ref().map(|w| w.sent))),
    ("acked_msgs_per_s", MessagesPerSecond, Higher, "messages acked in the window", |f| per_second(f, f.window.as_ref().map(|w| w.acked))),
    ("processed_msgs_per_s", MessagesPerSecond, Higher, "first completions in the window", processed),
    ("processed_mib_per_s", MibPerSecond, Higher, "the same in payload", |f| Some(processed_bytes(f)? / f64::from(1 << 20))),
];

fn processed(facts: &Facts<'_>) -> Option<f64> {
    per_second(facts, facts.window.as_ref()?.processed)
}

/// As counted; records from before bytes were counted knew one size only.
fn processed_bytes(facts: &Facts<'_>) -> Option<f64> {
    let counted = per_second(facts, facts.window.as_ref()?.processed_bytes);
    counted.or_else(|| Some(processed(facts)? * facts.record.asked.message_bytes as f64))
}

#[rustfmt::skip]
const BACKLOG: [Row; 9] = [
    ("backlog_start_messages", Messages, Lower, "due and not done with at the window's start", |f| f.window.as_ref()?.backlog_start),
    ("backlog_end_messages", Messages, Lower, "due and not done with at its end", |f| f.window.as_ref()?.backlog_end),
    ("backlog_slope_msgs_per_s", MessagesPerSecond, Lower, "growth by least squares", |f| f.window.as_ref()?.backlog_slope),
    ("lag_max_messages", Messages, Lower, "greatest committed lag read in the window", |f| f.window.as_ref()?.lag_max),
    ("lag_end_messages", Messages, Lower, "last committed lag read in its last 2 s", |f| f.window.as_ref()?.lag_end),
    ("lag_slope_msgs_per_s", MessagesPerSecond, Lower, "growth of the lag by processed positions, by least squares", |f| f.window.as_ref()?.lag_slope),
    ("lag_trend_percent", PerCent, Lower, "the same over the offered rate", |f| Some(100.0 * f.window.as_ref()?.lag_slope? / f.offered()?)),
    ("time_lag_max_ms", Millis, Lower, "greatest age of the oldest message not committed", |f| f.window.as_ref()?.time_lag_max_ms),
    ("time_lag_end_ms", Millis, Lower, "its last reading in the window", |f| f.window.as_ref()?.time_lag_end_ms),
];

#[rustfmt::skip]
const RESOURCES: [Row; 6] = [
    ("consumers_cpu_cores", Cores, Lower, "CPU of the consumers over the window", |f| in_window(f, f.record.consumers.map(|c| c.cpu_cores))),
    ("consumers_rss_max_mib", Mib, Lower, "greatest resident memory of the consumers together", |f| in_window(f, f.record.consumers.map(|c| c.rss_max_mib))),
    ("cluster_cpu_cores", Cores, Lower, "CPU of the brokers that bench started", |f| in_window(f, f.record.cluster.map(|c| c.cpu_cores))),
    ("cluster_cpu_s_per_million", SecondsPerMillion, Lower, "the same over the messages acked in the window", cluster_cpu_per_million),
    ("load_cpu_cores", Cores, Lower, "CPU of pacers, senders and client threads", |f| in_window(f, f.record.load_cpu_cores)),
    ("host_cpu_percent", PerCent, Lower, "share of all cores' time that was not idle", |f| in_window(f, f.record.host.map(|h| h.cpu_percent))),
];

#[rustfmt::skip]
const WIRE: [Row; 3] = [
    ("requests_per_s", RequestsPerSecond, Neither, "produce requests in the window, by the producers' own statistics", |f| wire(f, |w| w.requests as f64 / w.seconds)),
    ("records_per_batch", Messages, Neither, "records in a batch, by the same", |f| wire(f, |w| w.records as f64 / w.batches as f64)),
    ("wire_mib_per_s", MibPerSecond, Neither, "sent to brokers, by the same: after compression, headers of requests included", |f| wire(f, |w| w.bytes as f64 / f64::from(1 << 20) / w.seconds)),
];

fn wire(facts: &Facts<'_>, of: fn(&WireUse) -> f64) -> Option<f64> {
    facts.window.as_ref()?;
    facts.record.wire.as_ref().map(of)
}

#[rustfmt::skip]
const PARTITIONS: [Row; 3] = [
    ("busiest_partition_percent", PerCent, Lower, "share of the partition with most messages, of those acked in the window", |f| busiest(f).map(|(_, percent)| percent)),
    ("lag_busiest_partition_messages", Messages, Lower, "committed lag of that partition at the window's end", |f| lag_end(f)?.get(busiest(f)?.0).map(|lag| *lag as f64)),
    ("lag_worst_partition_messages", Messages, Lower, "greatest committed lag of a single partition at the window's end", |f| lag_end(f)?.iter().max().map(|lag| *lag as f64)),
];

#[rustfmt::skip]
const TRANSACTIONS: [Row; 1] = [
    ("received_aborted", Messages, Lower, "messages of aborted transactions that an instance got, each once", |f| books(f, |b| b.received_aborted)),
];

#[rustfmt::skip]
const PRODUCERS: [Row; 3] = [
    ("fairness_jain", Ratio, Higher, "Jain's index of the producers' acks in the window over what each offered in it: 1 is even", |f| fairness(f).map(|fair| fair.jain)),
    ("producer_slowest_percent", PerCent, Higher, "acks over offers of the producer that was served worst", |f| fairness(f).map(|fair| fair.slowest.percent)),
    ("producer_fastest_percent", PerCent, Neither, "acks over offers of the producer that was served best", |f| fairness(f).map(|fair| fair.fastest.percent)),
];

#[rustfmt::skip]
const LOAD: [Row; 2] = [
    ("load_rss_max_mib", Mib, Lower, "greatest resident memory of bench's own process, its producers included", |f| in_window(f, f.record.load_rss_max_mib)),
    ("connect_s", Seconds, Lower, "until all producers that tell so were connected, before the warm-up", |f| f.record.spent_s.get("connect").copied()),
];

fn fairness<'a>(facts: &Facts<'a>) -> Option<&'a Fairness> {
    facts.window.as_ref().and(facts.record.fairness.as_ref())
}

/// The partition with most messages of the window, the first of equals, and its share in percent.
fn busiest(facts: &Facts<'_>) -> Option<(usize, f64)> {
    let counts = &facts.window.as_ref().and(facts.record.partitions.as_ref())?.acked_in_window;
    let all: u64 = counts.iter().sum();
    let (at, most) =
        counts.iter().copied().enumerate().reduce(|most, one| if one.1 > most.1 { one } else { most })?;
    (all > 0).then(|| (at, 100.0 * most as f64 / all as f64))
}

fn lag_end<'a>(facts: &Facts<'a>) -> Option<&'a Vec<u64>> {
    facts.window.as_ref().and(facts.record.partitions.as_ref())?.lag_end.as_ref()
}

fn in_window(facts: &Facts<'_>, value: Option<f64>) -> Option<f64> {
    facts.window.as_ref().and(value)
}

fn cluster_cpu_per_million(facts: &Facts<'_>) -> Option<f64> {
    let window = facts.window.as_ref().filter(|window| window.acked > 0)?;
    Some(facts.record.cluster?.cpu_cores * window.seconds / window.acked as f64 * 1e6)
}
