//! What a trial's window says, read once from its record, series and latencies.

use std::collections::BTreeMap;

use super::watched::Watched;
use crate::record::series::{PER_SECOND, Row};
use crate::record::{End, Latencies, TrialRecord};
use crate::units::Latency;

/// Quarter seconds before the window's end in which what is read still is of its end: a busy broker answers late.
const END_ROWS: usize = 2 * PER_SECOND as usize;

/// What every metric and every doubt is read from.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The record.
    pub record: &'a TrialRecord,
    /// What the window says; none where the trial did not complete it.
    pub window: Option<WindowFacts>,
    /// Each latency over the window; none of the consumers' where there are none, none at all at `rate: max`.
    pub latencies: BTreeMap<Latency, Watched>,
}

/// Counts inside [start, end) of the window, levels at its edges, slopes through it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WindowFacts {
    /// Its length.
    pub seconds: f64,
    /// Messages due in it.
    pub due: u64,
    /// Messages refused or failed in it, whenever they were due.
    pub given_up: u64,
    /// Messages sent in it, whenever they were due.
    pub sent: u64,
    /// Messages acked in it.
    pub acked: u64,
    /// First completions in it; none without consumers.
    pub processed: Option<u64>,
    /// Bytes of their payloads; none where they were not counted.
    pub processed_bytes: Option<u64>,
    /// Backlog at its start.
    pub backlog_start: Option<f64>,
    /// Backlog at its end.
    pub backlog_end: Option<f64>,
    /// Messages per second, by least squares.
    pub backlog_slope: Option<f64>,
    /// Greatest committed lag read in it.
    pub lag_max: Option<f64>,
    /// Last committed lag read in it, not long before its end.
    pub lag_end: Option<f64>,
    /// Of the lag by processed positions (commits come in steps), messages per second.
    pub lag_slope: Option<f64>,
    /// Greatest time lag read in it.
    pub time_lag_max_ms: Option<f64>,
    /// Last time lag read in it, not long before its end.
    pub time_lag_end_ms: Option<f64>,
}

impl<'a> Facts<'a> {
    /// Of one trial.
    pub fn new(record: &'a TrialRecord, rows: &[Row], latencies: &Latencies) -> Self {
        let asked = &record.asked;
        let consumers = asked.instances.is_some();
        // A trial that was cut short has no window of the length that was asked for: rates over it would be of something else.
        if record.end != End::Completed || rows.is_empty() {
            return Facts { record, window: None, latencies: BTreeMap::new() };
        }
        let (from, to) = (quarter(asked.warm_up_s), quarter(asked.warm_up_s + asked.measure_s));
        let inside: Vec<&Row> = rows.iter().filter(|row| (from..to).contains(&quarter(row.t_s))).collect();
        let before = rows.iter().find(|row| quarter(row.t_s) + 1 == from);
        let window = window(asked.measure_s, consumers, &inside, before, from == 0);
        let by_second = |of: fn(&Row) -> u64| {
            let mut all = vec![0; asked.measure_s.ceil() as usize];
            for row in &inside {
                let second = ((quarter(row.t_s) - from) / i64::from(PER_SECOND)) as usize;
                if let Some(count) = all.get_mut(second) {
                    *count += of(row);
                }
            }
            all
        };
        // Nobody waits for what was aborted.
        let (due, read) = (by_second(|row| row.due), by_second(|row| row.due.saturating_sub(row.aborted)));
        let aborted: u64 = inside.iter().map(|row| row.aborted).sum();
        // Where the record does not tell, only the start of the last row is certain.
        let last_s = rows.iter().map(|row| row.t_s).fold(0.0, f64::max);
        let end_s = record.watched_s.unwrap_or(last_s);
        let watched = Latency::COLUMNS
            .into_iter()
            .filter(|_| asked.rate_msgs_per_s.is_some())
            .filter(|latency| consumers || !latency.is_of_consumers())
            .map(|latency| {
                let (all, due) = if latency.is_of_consumers() {
                    (record.due_in_window.saturating_sub(aborted), &read)
                } else {
                    (record.due_in_window, &due)
                };
                let watched =
                    Watched::new(latencies, latency, all, due, asked.measure_s, end_s - asked.warm_up_s);
                (latency, watched)
            })
            .collect();
        Facts { record, window: Some(window), latencies: watched }
    }

    /// Whether the clients' queues decided how much was sent (`rate: max`): nothing was offered, and no latency counts from a due time.
    pub fn is_saturating(&self) -> bool {
        self.record.asked.rate_msgs_per_s.is_none()
    }

    /// Due in the window and a second, messages: what was really offered; none at `rate: max`.
    pub fn offered(&self) -> Option<f64> {
        self.record.asked.rate_msgs_per_s?;
        let window = self.window.as_ref()?;
        Some(window.due as f64 / window.seconds)
    }
}

fn window(
    seconds: f64,
    consumers: bool,
    inside: &[&Row],
    before: Option<&Row>,
    at_zero: bool,
) -> WindowFacts {
    let sum = |of: fn(&Row) -> u64| inside.iter().map(|row| of(row)).sum::<u64>();
    let lags = |rows: &[&Row]| rows.iter().filter_map(|row| row.lag_messages).collect::<Vec<_>>();
    let ages = |rows: &[&Row]| rows.iter().filter_map(|row| row.time_lag_ms).collect::<Vec<_>>();
    let end = &inside[inside.len().saturating_sub(END_ROWS)..];
    let start = match before {
        Some(row) => Some(row.backlog_messages as f64),
        None => at_zero.then_some(0.0),
    };
    WindowFacts {
        seconds,
        due: sum(|row| row.due),
        given_up: sum(|row| row.refused + row.failed),
        sent: sum(|row| row.sent),
        acked: sum(|row| row.acked),
        processed: consumers.then(|| sum(|row| row.processed)),
        processed_bytes: inside.iter().map(|row| row.processed_bytes).sum(),
        backlog_start: start,
        backlog_end: inside.last().map(|row| row.backlog_messages as f64),
        backlog_slope: slope(inside, |row| Some(row.backlog_messages)),
        lag_max: lags(inside).into_iter().max().map(|lag| lag as f64),
        lag_end: lags(end).last().map(|lag| *lag as f64),
        lag_slope: slope(inside, |row| row.unprocessed_messages),
        time_lag_max_ms: ages(inside).into_iter().reduce(f64::max),
        time_lag_end_ms: ages(end).last().copied(),
    }
}

/// On the grid of quarters, from time 0.
fn quarter(t_s: f64) -> i64 {
    (t_s * f64::from(PER_SECOND)).round() as i64
}

/// Slope of the least-squares line through what was read, per second; none of fewer than two readings.
fn slope(rows: &[&Row], of: fn(&Row) -> Option<u64>) -> Option<f64> {
    let points: Vec<(f64, f64)> = rows.iter().filter_map(|row| Some((row.t_s, of(row)? as f64))).collect();
    if points.len() < 2 {
        return None;
    }
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / n, y + point.1 / n));
    let (over, under) = points.iter().fold((0.0, 0.0), |(over, under), point| {
        let dx = point.0 - x;
        (over + dx * (point.1 - y), under + dx * dx)
    });
    (under > 0.0).then(|| over / under)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::testing::Synthetic;

    #[test]
    fn a_lag_that_was_last_read_long_before_the_end_is_not_that_of_the_end() {
        let trial = Synthetic::default();
        let (record, latencies, mut rows) = (trial.record(), trial.latencies(), trial.rows());
        let last = rows.iter().rposition(|row| quarter(row.t_s) < quarter(12.0)).unwrap();
        let ends = |rows: &[Row]| {
            let window = Facts::new(&record, rows, &latencies).window.unwrap();
            (window.lag_end, window.time_lag_end_ms)
        };
        let gap = |rows: &mut [Row], from: usize| {
            for row in &mut rows[from..=last] {
                (row.lag_messages, row.time_lag_ms) = (None, None);
            }
        };
        for row in &mut rows {
            (row.lag_messages, row.time_lag_ms) = (Some(7), Some(1.5));
        }
        gap(&mut rows, last);
        assert_eq!(ends(&rows), (Some(7.0), Some(1.5)), "a missed reading is a gap");
        gap(&mut rows, last - 10);
        assert_eq!(ends(&rows), (None, None));
    }
}
