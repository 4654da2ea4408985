//! A trial's folder while it is written: latencies, series and all that comes as it is read, so that nobody need hold all of it.

use std::borrow::Cow;
use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use serde::Serialize;

use super::error::StoreError;
use super::events::{Event, write_events_to};
use super::hlog::{Layout, write_hlog_to};
use super::injected::{GapRow, InTimeRow};
use super::rows::write_rows_to;
use super::scraped::ScrapedRow;
use super::series::Row;
use crate::books::{InstanceSecond, Sparse};
use crate::units::Latency;

/// The file of a trial's latencies, those of its first group with them.
pub(super) const LATENCIES: &str = "latency.hlog";

/// Names of the files that hold latencies and series of a group beyond the first: `latency-audit.hlog`, `series-audit.csv`.
pub(super) fn group_files(group: &str) -> (String, String) {
    (format!("latency-{group}.hlog"), format!("series-{group}.csv"))
}

/// How the name of a file begins and ends that holds what an instance has written.
const OUTPUT: &str = "output-";
const OUTPUT_END: &str = ".log";

/// Whether a file of a trial's folder holds what an instance has written: any text at all.
pub(super) fn is_output(file: &str) -> bool {
    file.starts_with(OUTPUT) && file.ends_with(OUTPUT_END)
}

/// A trial's folder before it has its name.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    layout: Layout,
}

impl Draft {
    /// One that is empty; the folder is there.
    pub(super) fn new(path: PathBuf, layout: Layout) -> Self {
        Draft { path, layout }
    }

    /// Writes the latencies that are seen with a group, in order of time: seconds from the start of the window. The first group's are the trial's.
    pub fn latencies<'a>(
        &self,
        number: usize,
        group: &str,
        intervals: impl Iterator<Item = Result<(i64, Latency, Cow<'a, Sparse>), String>>,
    ) -> Result<(), StoreError> {
        let name = if number == 0 { LATENCIES.to_owned() } else { group_files(group).0 };
        self.write(&name, |file| write_hlog_to(file, intervals, self.layout))
    }

    /// Writes the rows that are seen with a group. The first group's are the trial's.
    pub fn series<'a>(
        &self,
        number: usize,
        group: &str,
        rows: impl Iterator<Item = Result<Cow<'a, Row>, String>>,
    ) -> Result<(), StoreError> {
        let name = if number == 0 { "series.csv".to_owned() } else { group_files(group).1 };
        self.write(&name, |file| write_rows_to(file, rows))
    }

    /// Writes what happened, in the order of time.
    pub fn events<'a>(
        &self,
        events: impl Iterator<Item = Result<Cow<'a, Event>, String>>,
    ) -> Result<(), StoreError> {
        self.write("events.jsonl", |file| write_events_to(file, events))
    }

    /// Writes each second of each emulated instance; nothing where there is none.
    pub fn instances<'a>(
        &self,
        seconds: impl Iterator<Item = Result<Cow<'a, InstanceSecond>, String>>,
    ) -> Result<(), StoreError> {
        self.rows("instances.csv", seconds)
    }

    /// Writes what an instance of a group has written, of a program that is not ours.
    pub fn output(
        &self,
        (group, instance): (&str, u32),
        write: impl FnOnce(&mut BufWriter<fs::File>) -> Result<(), String>,
    ) -> Result<(), StoreError> {
        self.write(&format!("{OUTPUT}{group}-{instance}{OUTPUT_END}"), write)
    }

    /// Writes when partitions stood still; nothing where none did.
    pub fn gaps<'a>(
        &self,
        rows: impl Iterator<Item = Result<Cow<'a, GapRow>, String>>,
    ) -> Result<(), StoreError> {
        self.rows("gaps.csv", rows)
    }

    /// Writes in which seconds partitions had something in time; nothing where nobody asked.
    pub fn in_time<'a>(
        &self,
        rows: impl Iterator<Item = Result<Cow<'a, InTimeRow>, String>>,
    ) -> Result<(), StoreError> {
        self.rows("in_time.csv", rows)
    }

    /// Writes what was read from the pages of others; nothing where there were none.
    pub fn scraped<'a>(
        &self,
        rows: impl Iterator<Item = Result<Cow<'a, ScrapedRow>, String>>,
    ) -> Result<(), StoreError> {
        self.rows("scraped.csv", rows)
    }

    /// Writes a file of rows where there are any.
    fn rows<'a, R: Clone + Serialize + 'a>(
        &self,
        name: &str,
        rows: impl Iterator<Item = Result<Cow<'a, R>, String>>,
    ) -> Result<(), StoreError> {
        let mut rows = rows.peekable();
        if rows.peek().is_none() {
            return Ok(());
        }
        self.write(name, |file| write_rows_to(file, rows))
    }

    fn write(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<fs::File>) -> Result<(), String>,
    ) -> Result<(), StoreError> {
        let path = self.path.join(name);
        let mut file = BufWriter::new(fs::File::create(&path).map_err(StoreError::io("create", &path))?);
        write(&mut file).map_err(|why| StoreError::malformed(&path, why))?;
        file.flush().map_err(StoreError::io("write", &path))
    }
}
