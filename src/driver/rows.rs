//! A trial's rows, one for each quarter second from time 0 to the end of the drain: made one by one, as they are written.

use std::collections::BTreeMap;
use std::iter::Peekable;

use super::compose::is_blind;
use super::group::RawGroup;
use super::lags::LagReading;
use super::times::Times;
use crate::books::ByQuarter;
use crate::load::{LiveQuarters, Loaded};
use crate::observe::{Reading, Used, used};
use crate::record::Scrolled;
use crate::record::series::Row;
use crate::timeline::{QUARTER_NS, quarter_of};

/// All rows, as they are with one group, by its number and what came of it; or why something cannot be read that they are made of.
pub fn rows<'a>(
    times: &'a Times,
    loaded: &'a Loaded,
    number: usize,
    group: Option<&'a RawGroup>,
    readings: &'a Scrolled<Reading>,
) -> impl Iterator<Item = Result<Row, String>> + 'a {
    let length = times.drained.saturating_sub(times.zero).div_ceil(QUARTER_NS) as usize;
    let blind = is_blind(loaded);
    let mut counted = Counted::new(times, loaded, group, length);
    let lags = group.filter(|_| !blind).into_iter().flat_map(|group| group.lags.readings.iter());
    let mut lags =
        Lagging { zero: times.zero, readings: lags.peekable(), ages: Ages::new(&loaded.unknown_dues) };
    let mut uses =
        Using { zero: times.zero, group: number, before: None, readings: readings.iter().peekable() };
    (0..length).map(move |index| {
        let mut row = counted.row(index);
        lags.put(index, &mut row)?;
        uses.put(index, &mut row)?;
        Ok(row)
    })
}

/// The row that a reading belongs to: one taken at a boundary speaks of the end of the quarter before it; the probes come a little late.
fn row_before(zero: u64, at: u64) -> Option<usize> {
    (at.checked_sub(zero)? / QUARTER_NS).checked_sub(1).map(|index| index as usize)
}

/// What is counted by quarters. What counts beyond the last row belongs to the last row: it happened before the trial was torn down.
struct Counted<'a> {
    times: &'a Times,
    loaded: &'a Loaded,
    group: Option<&'a RawGroup>,
    first: u64,
    last: usize,
    blind: bool,
    /// Sums over the rows so far.
    come: u64,
    gone: u64,
    acked: u64,
    done: u64,
    /// Aborted, or lost where another one lies in their places: nobody is to read them.
    nobodys: u64,
    unknown: u64,
}

impl<'a> Counted<'a> {
    fn new(times: &'a Times, loaded: &'a Loaded, group: Option<&'a RawGroup>, length: usize) -> Self {
        let first = quarter_of(times.zero);
        Counted {
            times,
            loaded,
            group,
            first,
            last: length.saturating_sub(1),
            blind: is_blind(loaded),
            come: loaded.before,
            gone: 0,
            acked: loaded.before,
            done: group.filter(|_| loaded.before > 0).map_or(0, |group| group.processed().before(first)),
            nobodys: 0,
            unknown: loaded.counts.unknown.at(0),
        }
    }

    fn of_load(&self, counts: &LiveQuarters, index: usize) -> u64 {
        if index == self.last { counts.beyond(index) } else { counts.at(index) }
    }

    fn of(&self, counts: &ByQuarter, index: usize) -> u64 {
        let quarter = self.first + index as u64;
        match index {
            // What happened before time 0 belongs to the first row, of a single one all.
            _ if self.last == 0 => counts.total(),
            0 => counts.before(quarter + 1),
            _ if index == self.last => counts.total() - counts.before(quarter),
            _ => counts.at(quarter),
        }
    }

    /// Of what consumers did. Where they begin with a backlog, what they did before time 0 is in no row: the record has it apart, as it has what was written.
    fn of_consumers(&self, counts: &ByQuarter, index: usize) -> u64 {
        let before = if index == 0 && self.loaded.before > 0 { counts.before(self.first) } else { 0 };
        self.of(counts, index) - before
    }

    fn row(&mut self, index: usize) -> Row {
        let counts = &self.loaded.counts;
        let [due, sent, refused, acked, failed, untold] =
            [&counts.due, &counts.sent, &counts.refused, &counts.acked, &counts.failed, &counts.untold]
                .map(|counts| self.of_load(counts, index));
        let aborted = self.of(self.loaded.ledger.aborted_dues(), index);
        let of_group = |of: fn(&crate::consumers::Gathered) -> &ByQuarter| {
            self.group.map(|group| self.of_consumers(of(&group.gathered), index))
        };
        let outside = self.group.and_then(|group| group.outside.as_ref());
        let tells = |told: Option<u64>| told.filter(|_| outside.is_none());
        // Without consumers nothing was received, which is known.
        let received = match self.group {
            None => Some(0),
            Some(_) => tells(of_group(|gathered| gathered.received_quarters())),
        };
        let processed = self.group.map(|group| self.of_consumers(group.processed(), index));
        let processed_bytes = tells(of_group(|gathered| gathered.processed_bytes()));
        let fetch_throttled_ms = tells(of_group(|gathered| gathered.throttled_quarters()));
        let produce_throttled_ms = self.of_load(&counts.throttled_ms, index);
        self.come += due;
        self.gone += refused + failed;
        self.acked += acked;
        // Nobody is to read them: they never were anybody's backlog, or are it no longer.
        let overwritten = self.of(self.loaded.ledger.overwritten_dues(), index);
        self.nobodys += if processed.is_some() { aborted + overwritten } else { 0 };
        self.done += processed.unwrap_or(acked);
        // A lag is read a little after its quarter's end.
        self.unknown += counts.unknown.at(index + 1);
        let start = self.times.zero + index as u64 * QUARTER_NS;
        Row {
            t_s: (start - self.times.zero) as f64 / 1e9,
            phase: self.times.phase(start).into(),
            due,
            sent,
            refused,
            acked,
            failed,
            received,
            processed: processed.unwrap_or(0),
            backlog_messages: self.come.saturating_sub(self.gone + self.done + self.nobodys),
            unprocessed_messages: processed
                .filter(|_| !self.blind)
                .map(|_| self.acked.saturating_sub(self.done + self.nobodys)),
            processed_bytes,
            aborted,
            untold,
            lag_unknown_messages: self.unknown,
            produce_throttled_ms: Some(produce_throttled_ms),
            fetch_throttled_ms,
            ..Row::default()
        }
    }
}

/// The next reading, if it belongs to that row or to one before it; what could not be read belongs to any.
fn next_by<T>(
    readings: &mut Peekable<impl Iterator<Item = Result<T, String>>>,
    at: impl Fn(&T) -> u64,
    zero: u64,
    index: usize,
) -> Option<Result<T, String>> {
    readings.next_if(|reading| match reading {
        Ok(reading) => row_before(zero, at(reading)).is_none_or(|row| row <= index),
        Err(_) => true,
    })
}

/// The lag that was read.
struct Lagging<'a, I: Iterator<Item = Result<LagReading, String>>> {
    zero: u64,
    readings: Peekable<I>,
    ages: Ages<'a>,
}

impl<I: Iterator<Item = Result<LagReading, String>>> Lagging<'_, I> {
    fn put(&mut self, index: usize, row: &mut Row) -> Result<(), String> {
        let zero = self.zero;
        let mut earliest = None;
        while let Some(reading) = next_by(&mut self.readings, |reading| reading.at, zero, index) {
            let reading = reading?;
            if row_before(zero, reading.at) == Some(index) {
                row.lag_messages = Some(reading.messages);
                row.lag_read_ms = Some(reading.took as f64 / 1e6);
                // Unknown is not zero.
                let age = reading.oldest_due.map_or(0, |due| reading.at.saturating_sub(due));
                row.time_lag_ms = (!reading.undated).then_some(age as f64 / 1e6);
                earliest = reading.earliest_due;
            }
        }
        let read = zero + (index as u64 + 1) * QUARTER_NS;
        let oldest = [self.ages.oldest_sent_by(read), earliest].into_iter().flatten().min();
        row.time_lag_most_ms = row.time_lag_ms.map(|age_ms| {
            let age = |due: u64| (read + QUARTER_NS).saturating_sub(due) as f64 / 1e6;
            oldest.map_or(age_ms, |due| age_ms.max(age(due)))
        });
        Ok(())
    }
}

/// The oldest message that is not committed may be one whose fate is not known.
struct Ages<'a> {
    dues: Peekable<std::collections::btree_map::Iter<'a, u64, u64>>,
    oldest: Option<u64>,
}

impl<'a> Ages<'a> {
    fn new(unknown_dues: &'a BTreeMap<u64, u64>) -> Self {
        Ages { dues: unknown_dues.iter().peekable(), oldest: None }
    }

    /// When the oldest was due, of those that were sent by the end of a moment's quarter; moments come in order.
    fn oldest_sent_by(&mut self, at: u64) -> Option<u64> {
        while let Some((_, due)) = self.dues.next_if(|(quarter, _)| **quarter <= quarter_of(at)) {
            self.oldest = Some(self.oldest.map_or(*due, |oldest| oldest.min(*due)));
        }
        self.oldest
    }
}

/// What was used between two readings.
struct Using<I: Iterator<Item = Result<Reading, String>>> {
    zero: u64,
    group: usize,
    before: Option<Reading>,
    readings: Peekable<I>,
}

impl<I: Iterator<Item = Result<Reading, String>>> Using<I> {
    fn put(&mut self, index: usize, row: &mut Row) -> Result<(), String> {
        let zero = self.zero;
        while let Some(reading) = next_by(&mut self.readings, |reading| reading.at, zero, index) {
            let reading = reading?;
            if let Some(before) = &self.before
                && row_before(zero, reading.at) == Some(index)
            {
                put_use(row, &used(before, &reading, self.group), &reading, self.group);
            }
            self.before = Some(reading);
        }
        Ok(())
    }
}

fn put_use(row: &mut Row, used: &Used, now: &Reading, group: usize) {
    row.consumers_cpu_cores = used.consumers_cpu_cores;
    row.consumers_rss_mib = now.consumers_of(group).map(|consumers| consumers.rss_mib);
    row.cluster_cpu_cores = used.cluster_cpu_cores;
    row.cluster_rss_mib = now.cluster.map(|cluster| cluster.rss_mib);
    row.load_cpu_cores = used.load_cpu_cores;
    row.host_cpu_percent = used.host_cpu_percent;
    row.host_steal_percent = used.host_steal_percent;
    row.host_io_wait_percent = used.host_io_wait_percent;
    row.cluster_io_wait_percent = used.cluster_io_wait_percent;
    row.host_context_switches_per_s = used.host_switches_per_s;
    row.host_memory_mib = now.host_memory_mib;
    row.consumers_context_switches_per_s = used.consumers_switches_per_s;
    row.cluster_context_switches_per_s = used.cluster_switches_per_s;
    row.load_context_switches_per_s = used.load_switches_per_s;
    row.load_rss_mib = now.own.map(|own| own.rss_mib);
}

#[cfg(test)]
mod tests;
