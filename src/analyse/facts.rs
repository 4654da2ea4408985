//! What a trial's window says, read once from its record, series and latencies.

use std::collections::BTreeMap;
use std::ops::Range;

use super::backlog::Drained;
use super::levels::{Level, greatest, least_of_last, middle_slope, slope};
use super::little::Little;
use super::reading::Reading;
use super::slump::{Slump, slump};
use super::stall::{Stall, Watch};
use super::watched::Watched;
use crate::record::series::{PER_SECOND, Row, Rows, quarter};
use crate::record::{Backlog, End, Injected, Latencies, Partitions, TrialRecord};
use crate::stats::Slope;
use crate::units::Latency;

/// Quarter seconds before the window's end in which what is read still is of its end: a busy broker answers late.
const END_ROWS: usize = 2 * PER_SECOND as usize;

/// What every metric and every doubt is read from.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The record.
    pub record: &'a TrialRecord,
    /// Spans in which nothing went on.
    pub(super) stalls: Vec<Stall>,
    /// A span in which brokers fell behind, and made up for it.
    pub(super) slump: Option<Slump>,
    /// What the window says; none where the trial did not complete it.
    pub window: Option<WindowFacts>,
    /// Messages of the whole trial of which no broker tells whether it wrote them (`acks: 0`).
    pub untold: u64,
    /// What became of a backlog that was there before; none where there was none.
    pub(super) backlog: Option<Drained>,
    /// Little's law over it; none where it cannot be said.
    pub little: Option<Little>,
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
    /// Messages acked in it; none where brokers told of nothing that they wrote (`acks: 0`).
    pub acked: Option<u64>,
    /// First completions in it; none without consumers.
    pub processed: Option<u64>,
    /// Bytes of their payloads; none where they were not counted.
    pub processed_bytes: Option<u64>,
    /// Backlog at its start.
    pub backlog_start: Reading,
    /// Backlog at its end.
    pub backlog_end: Reading,
    /// Messages per second, by least squares.
    pub backlog_slope: Reading,
    /// Greatest committed lag read in it.
    pub lag_max: Reading,
    /// Last committed lag read in it, not long before its end.
    pub lag_end: Reading,
    /// Of the lag by processed positions (commits come in steps), messages per second.
    pub lag_slope: Reading,
    /// The error of both slopes: of the backlog's, and of the lag's.
    pub slope_errors: [Option<Slope>; 2],
    /// How long it took to read a lag of it, the longest and the last. None in records that do not tell.
    pub lag_reads_ms: [Option<f64>; 2],
    /// Greatest time lag read in it.
    pub time_lag_max_ms: Reading,
    /// Milliseconds that brokers told producers in it that they hold them back; none where it was not recorded.
    pub produce_throttled_ms: Option<u64>,
    /// The same of consumers' fetches; none without consumers too.
    pub fetch_throttled_ms: Option<u64>,
    /// Last time lag read in it, not long before its end.
    pub time_lag_end_ms: Reading,
}

impl<'a> Facts<'a> {
    /// Of one trial.
    pub fn new(record: &'a TrialRecord, rows: impl Rows, latencies: &Latencies) -> Self {
        let asked = &record.asked;
        let consumers = asked.instances.is_some();
        let untold = rows.sum(|row| row.untold);
        // A trial that was cut short has no window of the length that was asked for: rates over it would be of something else.
        if record.end != End::Completed || rows.into_iter().next().is_none() {
            let (stalls, latencies) = (Vec::new(), BTreeMap::new());
            return Facts {
                record,
                untold,
                stalls,
                slump: None,
                window: None,
                backlog: None,
                little: None,
                latencies,
            };
        }
        let (of_window, from) = (asked.window(), asked.window().start);
        let inside = rows.within(of_window.clone());
        let steps = steps_s(record);
        let seen = backlogs(rows, consumers);
        let before_of =
            |levels: &[Level]| levels.iter().copied().find(|level| quarter(level.t_s) + 1 == from);
        let inside_of = |levels: &[Level]| -> Vec<Level> {
            levels.iter().copied().filter(|level| of_window.contains(&quarter(level.t_s))).collect()
        };
        let backlogs = least_of_last(&seen, steps);
        // What was there before the load began; records that do not tell it are read as they were written, as if that had been nothing.
        let left = record.backlog.as_ref().filter(|_| consumers).and_then(Backlog::left).unwrap_or(0) as f64;
        let at_zero = (from == 0).then_some(Level { t_s: 0.0, least: left, most: left });
        let before = before_of(&backlogs).or(at_zero);
        let mut window = window(asked.measure_s, consumers, inside, before, &inside_of(&backlogs));
        if steps > 0.0 {
            let settled = least_of_last(&rows.known(unprocessed), steps);
            let settled = inside_of(&settled);
            window.lag_slope = slope(&settled);
            window.slope_errors[1] = middle_slope(&settled);
        }
        let is_blind = untold > 0 && rows.each(|row| row.acked).all(|acked| acked == 0);
        window.acked = window.acked.filter(|_| !is_blind);
        let by_second = |of: fn(&Row) -> u64| {
            let mut all = vec![0; asked.measure_s.ceil() as usize];
            for (at, counted) in inside.each(|row| (quarter(row.t_s), of(row))) {
                let second = ((at - from) / i64::from(PER_SECOND)) as usize;
                if let Some(count) = all.get_mut(second) {
                    *count += counted;
                }
            }
            all
        };
        // Nobody waits for what was aborted.
        let (due, read) = (by_second(|row| row.due), by_second(|row| row.due.saturating_sub(row.aborted)));
        // Of what no broker tells nobody waits for an ack.
        let told = by_second(|row| row.due.saturating_sub(row.untold));
        let untold_inside = inside.sum(|row| row.untold);
        let aborted = inside.sum(|row| row.aborted);
        // Where the record does not tell, only the start of the last row is certain.
        let last_s = rows.each(|row| row.t_s).fold(0.0, f64::max);
        let end_s = record.watched_s.unwrap_or(last_s);
        let watched: BTreeMap<Latency, Watched> = Latency::COLUMNS
            .into_iter()
            .filter(|_| asked.rate_msgs_per_s.is_some())
            .filter(|latency| consumers || !latency.is_of_consumers())
            .filter(|latency| record.tells(*latency))
            .filter(|latency| !is_blind || *latency != Latency::Ack)
            .map(|latency| {
                let (all, due) = if latency.is_of_consumers() {
                    (record.due_in_window.saturating_sub(aborted), &read)
                } else if latency == Latency::Ack {
                    (record.due_in_window.saturating_sub(untold_inside), &told)
                } else {
                    (record.due_in_window, &due)
                };
                let watched =
                    Watched::new(latencies, latency, all, due, asked.measure_s, end_s - asked.warm_up_s);
                (latency, watched)
            })
            .collect();
        let whole = if consumers { Latency::EndToEnd } else { Latency::Ack };
        let done = if consumers { window.processed } else { window.acked };
        // What was there before is in the backlog, and in no latency of the window.
        let little =
            done.zip(watched.get(&whole)).filter(|_| window.given_up == 0 && record.backlog.is_none());
        let little = little.and_then(|(done, watched)| {
            // All that was there, in whatever steps it went.
            Little::of(asked.measure_s, done, (before_of(&seen).or(at_zero), &inside_of(&seen)), watched)
        });
        let stalls = stalls(record, rows, consumers);
        // At `rate: max` the queues are always full.
        let edges = (asked.warm_up_s, asked.warm_up_s + asked.measure_s);
        let slump = asked.rate_msgs_per_s.and_then(|_| slump(rows, edges, &stalls));
        let backlog = Drained::of(record, rows, end_s);
        Facts { record, untold, stalls, slump, window: Some(window), backlog, little, latencies: watched }
    }

    /// Whether the clients' queues decided how much was sent (`rate: max`): nothing was offered, and no latency counts from a due time.
    pub fn is_saturating(&self) -> bool {
        self.record.asked.rate_msgs_per_s.is_none()
    }

    /// First completions a second of the window.
    pub fn processed(&self) -> Option<f64> {
        let window = self.window.as_ref()?;
        Some(window.processed? as f64 / window.seconds)
    }

    /// Bytes of payloads of first completions a second, as counted; records from before bytes were counted knew one size only.
    pub fn processed_bytes(&self) -> Option<f64> {
        let window = self.window.as_ref()?;
        // Of which sizes the messages were that a group committed nobody knows.
        if self.record.followed.is_some() && self.record.asked.sizes_drawn {
            return None;
        }
        let counted = window.processed_bytes.map(|bytes| bytes as f64 / window.seconds);
        counted.or_else(|| Some(self.processed()? * self.record.asked.message_bytes as f64))
    }

    /// What is known of partitions in the window; none where there is no window.
    pub fn partitions(&self) -> Option<&'a Partitions> {
        self.window.as_ref().and(self.record.partitions.as_ref())
    }

    /// Due in the window and a second, messages: what was really offered; none at `rate: max`.
    pub fn offered(&self) -> Option<f64> {
        self.record.asked.rate_msgs_per_s?;
        let window = self.window.as_ref()?;
        Some(window.due as f64 / window.seconds)
    }
}

/// All that stood still of brokers, consumers and single instances, the longest of each, but for what was done to the consumers on purpose.
fn stalls(record: &TrialRecord, rows: impl Rows, consumers: bool) -> Vec<Stall> {
    let asked = &record.asked;
    let window = (asked.warm_up_s, asked.warm_up_s + asked.measure_s);
    let lost = record.books.as_ref().and_then(|books| books.lost).unwrap_or_default();
    let asked_for: Vec<Range<f64>> = record.own_events().filter_map(Injected::caused).collect();
    let of_brokers = record.injected.iter().filter(|one| one.is_of_all());
    let of_brokers: Vec<Range<f64>> = of_brokers.filter_map(Injected::caused).collect();
    let watch = Watch { rows, window, asked_for: &asked_for, of_brokers: &of_brokers, consumers, lost };
    let silences = record.silences.iter();
    let silent = silences.filter_map(|one| watch.silence(one.instance, one.from_s, one.to_s));
    watch.stalls().into_iter().chain(silent).collect()
}

fn window(
    seconds: f64,
    consumers: bool,
    inside: impl Rows,
    before: Option<Level>,
    backlog: &[Level],
) -> WindowFacts {
    let sum = |of: fn(&Row) -> u64| inside.sum(of);
    let end = inside.into_iter().count().saturating_sub(END_ROWS);
    let last = |of: fn(&Row) -> Option<Level>| {
        inside.each(of).skip(end).flatten().last().map_or(Reading::Empty, Level::reading)
    };
    let acked = sum(|row| row.acked);
    let reads = inside.known(|row| row.lag_read_ms);
    let (lag_slope, lag_slope_error) = {
        let levels = inside.known(unprocessed);
        (slope(&levels), middle_slope(&levels))
    };
    WindowFacts {
        seconds,
        due: sum(|row| row.due),
        given_up: sum(|row| row.refused + row.failed),
        sent: sum(|row| row.sent),
        acked: Some(acked),
        processed: consumers.then(|| sum(|row| row.processed)),
        processed_bytes: inside.each(|row| row.processed_bytes).sum(),
        produce_throttled_ms: inside.each(|row| row.produce_throttled_ms).sum(),
        fetch_throttled_ms: inside.each(|row| row.fetch_throttled_ms).sum(),
        backlog_start: before.map_or(Reading::Empty, Level::reading),
        backlog_end: backlog.last().map_or(Reading::Empty, |level| level.reading()),
        backlog_slope: slope(backlog),
        lag_max: greatest(&inside.known(lag)),
        lag_end: last(lag),
        lag_slope,
        lag_reads_ms: [reads.iter().copied().reduce(f64::max), reads.last().copied()],
        slope_errors: [middle_slope(backlog), lag_slope_error],
        time_lag_max_ms: greatest(&inside.known(time_lag)),
        time_lag_end_ms: last(time_lag),
    }
}

/// Messages of unknown fate may be in it, or not.
fn with_unknown(row: &Row, known: Option<u64>) -> Option<Level> {
    let least = known? as f64;
    Some(Level { t_s: row.t_s, least, most: least + row.lag_unknown_messages as f64 })
}

fn lag(row: &Row) -> Option<Level> {
    with_unknown(row, row.lag_messages)
}

/// In what steps a backlog goes down though nobody is behind, in seconds: nothing of a transaction is to be read before it has ended, and of a group that is
/// followed from outside nothing is seen before its next commit.
fn steps_s(record: &TrialRecord) -> f64 {
    let transactions = record.asked.transaction_s.filter(|_| record.asked.instances.is_some());
    record.commit_step_s() + transactions.unwrap_or_default()
}

fn unprocessed(row: &Row) -> Option<Level> {
    with_unknown(row, row.unprocessed_messages)
}

fn time_lag(row: &Row) -> Option<Level> {
    let least = row.time_lag_ms?;
    Some(Level { t_s: row.t_s, least, most: row.time_lag_most_ms.unwrap_or(least) })
}

/// The backlog at the end of each row. Without consumers an ack is what ends a message: of one that no broker tells of nobody knows whether it has.
fn backlogs(rows: impl Rows, consumers: bool) -> Vec<Level> {
    let mut untold = 0;
    let of = |row: &Row| {
        untold += if consumers { 0 } else { row.untold };
        let least = row.backlog_messages.saturating_sub(untold) as f64;
        Level { t_s: row.t_s, least, most: row.backlog_messages as f64 }
    };
    rows.each(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::testing::Synthetic;

    #[test]
    fn ten_messages_in_flight_leave_every_lag_known_but_for_ten() {
        let trial = Synthetic { processed: 240, ..Synthetic::default() };
        let (record, latencies, mut rows) = (trial.record(), trial.latencies(), trial.rows());
        let known = Facts::new(&record, &rows, &latencies).window.unwrap();
        let (Reading::Value(lag), Reading::Value(slope)) = (known.lag_end, known.lag_slope) else {
            panic!("{known:?}");
        };
        for row in rows.iter_mut().filter(|row| quarter(row.t_s) >= quarter(11.0)) {
            row.lag_unknown_messages = 10;
            row.time_lag_most_ms = row.time_lag_ms.map(|age_ms| age_ms + 100.0);
        }
        let window = Facts::new(&record, &rows, &latencies).window.unwrap();
        assert_eq!((window.lag_end, window.lag_max), (Reading::Between(lag, lag + 10.0), window.lag_end));
        let Reading::Between(least, most) = window.lag_slope else { panic!("{:?}", window.lag_slope) };
        assert!((slope - least).abs() < 1e-6 && most > slope && most < slope + 1.0, "{least} {slope} {most}");
        assert_eq!(window.time_lag_max_ms, Reading::Between(12.5, 112.5));
        assert_eq!(window.backlog_end, known.backlog_end, "what is processed is known");
        // Old records have no such columns, and knew all that they told.
        assert_eq!(known.time_lag_end_ms, Reading::Value(12.5));
    }

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
        assert_eq!(ends(&rows), (Reading::Value(7.0), Reading::Value(1.5)), "a missed reading is a gap");
        gap(&mut rows, last - 10);
        assert_eq!(ends(&rows), (Reading::Empty, Reading::Empty));
    }
}
