//! Numbers over the time of a trial, one row a quarter second: `series.csv`.

use std::borrow::{Borrow, Cow};
use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize};

/// Rows a second.
pub const PER_SECOND: u32 = 4;

/// The row that holds a time, counted from time 0: rows lie on the grid, whatever floats make of it.
pub fn quarter(t_s: f64) -> i64 {
    (t_s * f64::from(PER_SECOND)).round() as i64
}
/// Length of a row, in nanoseconds.
pub const QUARTER_NS: u64 = 250_000_000;

/// One quarter second. Counts are of events inside of it; readings are taken at its end and empty where none was taken or one was missed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Start of the quarter, in seconds since time 0.
    pub t_s: f64,
    /// `warm_up`, `measure` or `drain`.
    #[serde(deserialize_with = "phase")]
    pub phase: Cow<'static, str>,
    /// Messages due.
    pub due: u64,
    /// Messages that a client's queue took.
    pub sent: u64,
    /// Messages refused.
    pub refused: u64,
    /// Messages acked.
    pub acked: u64,
    /// Messages that failed after they were sent.
    pub failed: u64,
    /// First deliveries; empty of consumers that do not tell.
    pub received: Option<u64>,
    /// First completions; of consumers that do not tell, messages that were seen to be committed.
    pub processed: u64,
    /// Due and not yet processed (acked, without consumers), refused or failed, at the quarter's end.
    pub backlog_messages: u64,
    /// Acked and not yet processed, at the quarter's end: the lag by processed positions; empty without consumers.
    pub unprocessed_messages: Option<u64>,
    /// Acked and not yet committed, summed over partitions, as read from the group's coordinator.
    pub lag_messages: Option<u64>,
    /// Age of the oldest message not yet committed; at least that, where commits went back to what had been committed before.
    pub time_lag_ms: Option<f64>,
    /// CPU of the consumers over the second before, in cores.
    pub consumers_cpu_cores: Option<f64>,
    /// Resident memory of the consumers together.
    pub consumers_rss_mib: Option<f64>,
    /// CPU of the brokers that bench started, over the second before, in cores.
    pub cluster_cpu_cores: Option<f64>,
    /// Resident memory of those brokers together.
    pub cluster_rss_mib: Option<f64>,
    /// CPU of pacers, senders and client threads over the second before, in cores.
    pub load_cpu_cores: Option<f64>,
    /// Share of the host's CPU that was not idle over the second before.
    pub host_cpu_percent: Option<f64>,
    /// Share of the host's CPU that the hypervisor took over the second before.
    pub host_steal_percent: Option<f64>,
    /// Context switches of the host over the second before.
    pub host_context_switches_per_s: Option<f64>,
    /// Memory of the host that is in use and not reclaimable.
    #[serde(default)]
    pub host_memory_mib: Option<f64>,
    /// Context switches of the consumers over the second before.
    #[serde(default)]
    pub consumers_context_switches_per_s: Option<f64>,
    /// Context switches of the brokers that bench started over the second before.
    #[serde(default)]
    pub cluster_context_switches_per_s: Option<f64>,
    /// Context switches of the load's threads over the second before.
    #[serde(default)]
    pub load_context_switches_per_s: Option<f64>,
    /// Resident memory of the process that holds the load.
    #[serde(default)]
    pub load_rss_mib: Option<f64>,
    /// Bytes of the payloads of first completions; empty without consumers, and in runs that were recorded before it was counted.
    #[serde(default)]
    pub processed_bytes: Option<u64>,
    /// Of the messages due, those acked in a transaction that was aborted; 0 without consumers, whose books alone ask for it.
    #[serde(default)]
    pub aborted: u64,
    /// Messages that were sent, and that the broker told nothing of (`acks: 0`).
    #[serde(default)]
    pub untold: u64,
    /// Messages sent until a quarter second later, whose fate was never learned, since time 0: each lag is at most so much greater.
    #[serde(default)]
    pub lag_unknown_messages: u64,
    /// The greatest that the age of the oldest message not yet committed can be, since it may be one of those, or commits went back.
    #[serde(default)]
    pub time_lag_most_ms: Option<f64>,
    /// Milliseconds that brokers held producers back because of a quota, those of all producers added up, in the quarter in which they told; empty in
    /// records that do not tell.
    #[serde(default)]
    pub produce_throttled_ms: Option<u64>,
    /// The same of consumers' fetches, told about once a second; empty without consumers too.
    #[serde(default)]
    pub fetch_throttled_ms: Option<u64>,
    /// Share of the second before in which some task of the host waited for a disk; empty where the kernel does not tell, and in older records.
    #[serde(default)]
    pub host_io_wait_percent: Option<f64>,
    /// Time between the two halves of the lag, what is committed and what is acked: the lag is wrong by what was acked in it at most. Empty where no lag
    /// was read, and in older records.
    #[serde(default)]
    pub lag_read_ms: Option<f64>,
    /// Share of the second before in which some task of the brokers that bench started waited for a disk; empty where they are in no control group of their
    /// own, and in older records.
    #[serde(default)]
    pub cluster_io_wait_percent: Option<f64>,
}

impl Row {
    /// The names of phases. A day has 345,600 rows, none of which needs a text of its own for them.
    pub const PHASES: [&str; 3] = ["warm_up", "measure", "drain"];
}

/// The rows of a trial however they are held, in their order; whoever asks goes through them from the first on, as often as it takes.
pub trait Rows: IntoIterator<Item: Borrow<Row>> + Copy {
    /// Something of each.
    fn each<T>(self, mut of: impl FnMut(&Row) -> T) -> impl Iterator<Item = T> {
        self.into_iter().map(move |row| of(row.borrow()))
    }

    /// The sum of a count over all.
    fn sum(self, of: impl FnMut(&Row) -> u64) -> u64 {
        self.each(of).sum()
    }

    /// What is known of some of them, in their order.
    fn known<T>(self, of: impl FnMut(&Row) -> Option<T>) -> Vec<T> {
        self.each(of).flatten().collect()
    }

    /// Those of these quarter seconds.
    fn within(self, quarters: Range<i64>) -> impl Rows {
        Within { rows: self, from: quarters.start, to: quarters.end }
    }
}

impl<R: IntoIterator<Item: Borrow<Row>> + Copy> Rows for R {}

/// Rows of which only some are looked at.
#[derive(Clone, Copy, Debug)]
struct Within<R> {
    rows: R,
    from: i64,
    to: i64,
}

/// The same as they are looked at.
#[derive(Debug)]
struct WithinIter<I> {
    rows: I,
    quarters: Range<i64>,
}

impl<R: Rows> IntoIterator for Within<R> {
    type Item = R::Item;
    type IntoIter = WithinIter<R::IntoIter>;

    fn into_iter(self) -> Self::IntoIter {
        WithinIter { rows: self.rows.into_iter(), quarters: self.from..self.to }
    }
}

impl<I: Iterator<Item: Borrow<Row>>> Iterator for WithinIter<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.rows.find(|row| self.quarters.contains(&quarter(row.borrow().t_s)))
    }
}

fn phase<'de, D: Deserializer<'de>>(cell: D) -> Result<Cow<'static, str>, D::Error> {
    let text = String::deserialize(cell)?;
    let known = Row::PHASES.into_iter().find(|known| *known == text);
    Ok(known.map_or_else(|| Cow::Owned(text), Cow::Borrowed))
}
