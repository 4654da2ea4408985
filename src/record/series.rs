//! Numbers over the time of a trial, one row a quarter second: `series.csv`.

use std::borrow::Cow;
use std::io::Write;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

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
    pub phase: String,
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
    /// Age of the oldest message not yet committed.
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
    /// The greatest that the age of the oldest message not yet committed can be, since it may be one of those.
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

/// The text of `series.csv`.
pub fn write_series(rows: &[Row]) -> Result<Vec<u8>, String> {
    write_rows(rows)
}

/// What [`write_series`] wrote.
pub fn read_series(text: &[u8]) -> Result<Vec<Row>, String> {
    // Today's columns in today's order are read by their places: to find each cell's field by its name takes most of the time. Records of other
    // versions are read by names.
    static TODAY: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let row = write_series(&[Row::default()]).unwrap_or_default();
        row.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default().to_owned()
    });
    let Some(rows) = text.strip_prefix(TODAY.as_slice()) else {
        return read_rows(text);
    };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(rows);
    let (mut all, mut record) = (Vec::with_capacity(rows.len() / 100), csv::ByteRecord::new());
    while reader.read_byte_record(&mut record).map_err(|error| error.to_string())? {
        all.push(record.deserialize(None).map_err(|error| error.to_string())?);
    }
    Ok(all)
}

/// The text of rows of any kind as they come: of [`Row`]s that of `series.csv`.
pub(super) fn write_rows_to<'a, R: Clone + Serialize + 'a>(
    text: impl Write,
    rows: impl Iterator<Item = Result<Cow<'a, R>, String>>,
) -> Result<(), String> {
    let mut writer = csv::Writer::from_writer(text);
    for row in rows {
        writer.serialize(&*row?).map_err(|error| error.to_string())?;
    }
    writer.flush().map_err(|error| error.to_string())
}

pub(super) fn write_rows<R: Serialize>(rows: &[R]) -> Result<Vec<u8>, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(|error| error.to_string())?;
    }
    writer.into_inner().map_err(|error| error.to_string())
}

pub(super) fn read_rows<R: DeserializeOwned>(text: &[u8]) -> Result<Vec<R>, String> {
    csv::Reader::from_reader(text)
        .into_deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_reading_stays_a_gap_and_a_zero_a_zero() {
        let rows = vec![
            Row { phase: "warm_up".to_owned(), lag_messages: Some(0), ..Row::default() },
            Row { t_s: 0.25, phase: "measure".to_owned(), time_lag_ms: Some(0.1), ..Row::default() },
        ];
        assert_eq!(read_series(&write_series(&rows).unwrap()).unwrap(), rows);
    }

    #[test]
    fn records_of_other_versions_are_read_by_the_names_of_their_columns() {
        let row = Row {
            t_s: 1.5,
            phase: "measure".to_owned(),
            due: 7,
            lag_messages: Some(3),
            processed_bytes: Some(9),
            aborted: 2,
            ..Row::default()
        };
        let text = String::from_utf8(write_series(std::slice::from_ref(&row)).unwrap()).unwrap();
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        let with = |change: &dyn Fn(&mut Vec<&str>, bool)| {
            let mut lines = lines.clone();
            for (at, line) in lines.iter_mut().enumerate() {
                change(line, at == 0);
            }
            lines.iter().map(|line| line.join(",") + "\n").collect::<String>()
        };
        let known = lines[0].iter().position(|name| *name == "processed_bytes").unwrap();
        let older = with(&|line, _| line.truncate(known));
        let before = Row { processed_bytes: None, aborted: 0, ..row.clone() };
        assert_eq!(read_series(older.as_bytes()).unwrap(), [before]);
        let newer = with(&|line, heading| line.push(if heading { "of_tomorrow" } else { "x" }));
        assert_eq!(read_series(newer.as_bytes()).unwrap(), std::slice::from_ref(&row));
        let turned = with(&|line, _| line.reverse());
        assert_eq!(read_series(turned.as_bytes()).unwrap(), [row]);
        let cut = format!("{text}1.75,measure\n");
        assert!(read_series(cut.as_bytes()).is_err(), "a row that is cut is none");
    }
}
