//! The rows of a trial as they are held while it is judged: the first of them as they are, the rest packed, since a day has 345,600.

use std::borrow::Cow;
use std::iter::FusedIterator;

use super::series::{PER_SECOND, Row};
use crate::books::leb128;

/// Rows that are held as they are: those of a quarter of an hour. To unpack takes longer than to look, and a report may be over a thousand trials.
const PLAIN: usize = 15 * 60 * PER_SECOND as usize;

/// Bytes of packed rows that lie together: what grows by itself would have to be copied, and be there twice meanwhile.
const SHEET: usize = 1 << 18;

/// Rows in their order, of which each beyond the first takes about 100 bytes and not 500. They are gone through from the first on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    plain: Vec<Row>,
    sheets: Vec<Vec<u8>>,
}

impl Series {
    /// Puts a row behind the others.
    pub fn push(&mut self, row: Row) {
        if self.plain.len() < PLAIN {
            return self.plain.push(row);
        }
        if let Some(sheet) = self.sheets.last_mut().filter(|sheet| sheet.len() < SHEET) {
            return pack(row, sheet);
        }
        let mut sheet = Vec::with_capacity(SHEET + SHEET / 64);
        pack(row, &mut sheet);
        self.sheets.push(sheet);
    }

    /// All of them, from the first on.
    pub fn iter(&self) -> SeriesIter<'_> {
        SeriesIter { plain: self.plain.iter(), packed: &[], sheets: self.sheets.iter() }
    }
}

impl FromIterator<Row> for Series {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Self {
        let mut series = Series::default();
        rows.into_iter().for_each(|row| series.push(row));
        series
    }
}

impl<'a> IntoIterator for &'a Series {
    type Item = Cow<'a, Row>;
    type IntoIter = SeriesIter<'a>;

    fn into_iter(self) -> SeriesIter<'a> {
        self.iter()
    }
}

/// Rows as they are looked at.
#[derive(Clone, Debug)]
pub struct SeriesIter<'a> {
    plain: std::slice::Iter<'a, Row>,
    /// What is left of the sheet at hand, and the others.
    packed: &'a [u8],
    sheets: std::slice::Iter<'a, Vec<u8>>,
}

impl<'a> Iterator for SeriesIter<'a> {
    type Item = Cow<'a, Row>;

    fn next(&mut self) -> Option<Cow<'a, Row>> {
        if let Some(plain) = self.plain.next() {
            return Some(Cow::Borrowed(plain));
        }
        if self.packed.is_empty() {
            self.packed = self.sheets.next()?;
        }
        unpack(&mut self.packed).map(Cow::Owned)
    }
}

impl FusedIterator for SeriesIter<'_> {}

/// What stands for a phase that has no place among those that are known: its length and its text follow.
const OTHER: u8 = u8::MAX;

/// What of a row is counted always, what is counted where somebody tells, and what is read where somebody can.
type Numbers<'a> = ([&'a mut u64; 10], [&'a mut Option<u64>; 6], [&'a mut Option<f64>; 18]);

fn numbers(row: &mut Row) -> Numbers<'_> {
    (
        [
            &mut row.due,
            &mut row.sent,
            &mut row.refused,
            &mut row.acked,
            &mut row.failed,
            &mut row.processed,
            &mut row.backlog_messages,
            &mut row.aborted,
            &mut row.untold,
            &mut row.lag_unknown_messages,
        ],
        [
            &mut row.received,
            &mut row.unprocessed_messages,
            &mut row.lag_messages,
            &mut row.processed_bytes,
            &mut row.produce_throttled_ms,
            &mut row.fetch_throttled_ms,
        ],
        [
            &mut row.time_lag_ms,
            &mut row.time_lag_most_ms,
            &mut row.lag_read_ms,
            &mut row.consumers_cpu_cores,
            &mut row.consumers_rss_mib,
            &mut row.consumers_context_switches_per_s,
            &mut row.cluster_cpu_cores,
            &mut row.cluster_rss_mib,
            &mut row.cluster_context_switches_per_s,
            &mut row.cluster_io_wait_percent,
            &mut row.load_cpu_cores,
            &mut row.load_rss_mib,
            &mut row.load_context_switches_per_s,
            &mut row.host_cpu_percent,
            &mut row.host_steal_percent,
            &mut row.host_context_switches_per_s,
            &mut row.host_memory_mib,
            &mut row.host_io_wait_percent,
        ],
    )
}

/// A row as bytes: its phase, which of its numbers there are, then its time and the numbers. Counts are small and take as many bytes as they need.
fn pack(mut row: Row, to: &mut Vec<u8>) {
    if let Some(place) = Row::PHASES.iter().position(|known| *known == row.phase) {
        to.push(place as u8);
    } else {
        to.push(OTHER);
        leb128::put(row.phase.len() as u64, to);
        to.extend_from_slice(row.phase.as_bytes());
    }
    let t_s = row.t_s;
    let (counts, told, read) = numbers(&mut row);
    let there = told.iter().map(|one| one.is_some()).chain(read.iter().map(|one| one.is_some()));
    leb128::put(there.rev().fold(0, |bits, is_there| bits << 1 | u64::from(is_there)), to);
    to.extend_from_slice(&t_s.to_le_bytes());
    for count in counts.into_iter().map(|count| *count).chain(told.into_iter().filter_map(|count| *count)) {
        leb128::put(count, to);
    }
    for reading in read.into_iter().filter_map(|reading| *reading) {
        to.extend_from_slice(&reading.to_le_bytes());
    }
}

/// The next row; none where there is none.
fn unpack(from: &mut &[u8]) -> Option<Row> {
    let phase = match take(from)? {
        [OTHER] => {
            let length = take_count(from)? as usize;
            let (text, rest) = from.split_at_checked(length)?;
            *from = rest;
            Cow::Owned(String::from_utf8_lossy(text).into_owned())
        }
        [place] => Cow::Borrowed(*Row::PHASES.get(usize::from(place))?),
    };
    let mut there = take_count(from)?;
    let mut is_there = || {
        let is_there = there & 1 == 1;
        there >>= 1;
        is_there
    };
    let mut row = Row { t_s: f64::from_le_bytes(take(from)?), phase, ..Row::default() };
    let (counts, told, read) = numbers(&mut row);
    for count in counts {
        *count = take_count(from)?;
    }
    for count in told.into_iter().filter(|_| is_there()) {
        *count = Some(take_count(from)?);
    }
    for reading in read.into_iter().filter(|_| is_there()) {
        *reading = Some(f64::from_le_bytes(take(from)?));
    }
    Some(row)
}

fn take_count(from: &mut &[u8]) -> Option<u64> {
    let (count, rest) = leb128::take(from)?;
    *from = rest;
    Some(count)
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::rows::{ReadRows, write_rows};
    use crate::record::testing::Synthetic;

    #[test]
    fn no_column_is_forgotten_when_a_row_is_packed() {
        let text = String::from_utf8(write_rows(&[Row::default()]).unwrap()).unwrap();
        let heading = text.lines().next().unwrap();
        let cells: Vec<String> = (1..=heading.split(',').count()).map(|cell| cell.to_string()).collect();
        let text = format!("{heading}\n{}\n", cells.join(","));
        let row: Row = ReadRows::of(text.as_bytes()).unwrap().next().unwrap().unwrap();
        let series: Series = std::iter::repeat_n(row.clone(), PLAIN + 1).collect();
        assert_eq!(series.iter().last().as_deref(), Some(&row));
    }

    #[test]
    fn rows_are_the_same_whether_they_are_packed_or_not() {
        let made = Synthetic::default().rows();
        let row = |at: usize| {
            let mut row = made[at % made.len()].clone();
            row.t_s = at as f64 / 4.0;
            if at % 4 == 3 {
                (row.host_cpu_percent, row.cluster_io_wait_percent) = (Some(0.1), Some(f64::MIN_POSITIVE));
                (row.processed_bytes, row.time_lag_ms) = (Some(u64::MAX), Some(-0.0));
            }
            if at % 1_000 == 5 {
                row.phase = "of tomorrow, größer".into();
                (row.due, row.backlog_messages, row.untold) = (u64::MAX, 128, 1 << 35);
            }
            row
        };
        let count = PLAIN + 20_000;
        let series: Series = (0..count).map(row).collect();
        let packed: usize = series.sheets.iter().map(Vec::len).sum();
        assert!(series.sheets.len() > 1 && packed < 20_000 * 100, "{packed}");
        for _ in 0..2 {
            assert!(series.iter().map(Cow::into_owned).eq((0..count).map(row)));
        }
    }
}
