//! What an event did to a trial: when the group noticed, how long partitions stood still, and when all was as before.
//!
//! Everything is set against the same trial's own steady part: from the window's start to the first event. Time ends for an event at the next one, or at the
//! window's end; what had not come by then is censored, and never left out.

mod acts;
mod around;
mod band;
mod drain;
mod lag;
mod outage;
mod p99;
mod recovery;
mod table;
#[cfg(test)]
mod tests;
mod together;

pub use around::Around;
pub use drain::expected_drain;
pub use table::events_table;
pub use together::{Event as EventFindings, of_treatment};

use std::ops::Range;

use super::reading::Reading;
use crate::books::Sparse;
use crate::record::series::{PER_SECOND, Row, Rows, quarter};
use crate::record::{DIED, End, GapRow, InTimeRow, Injected, TrialRecord};
use crate::stats;
use crate::units::{Money, Prices};
use acts::Acts;
use lag::{area, lag, lags, lags_in};
use outage::Outages;
use p99::P99;
use recovery::Recovery;

/// Seconds that all must be as before, one after the other, to be called recovered: each by its lag, all together by the p99 of the messages due in them. The p99 of
/// one second alone is told by a dozen messages or so, and five of them after one another are seldom all as before, though nothing was done.
pub const HOLD: usize = 5;

/// What one event did to one trial.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aftermath {
    /// What was done.
    pub injected: Injected,
    /// When it was asked for, in seconds since time 0.
    pub at_s: f64,
    /// From then until the next event, or the window's end.
    pub watched_s: f64,
    /// From then until another member learned that partitions move.
    pub detection: Reading,
    /// The longest time without a message processed, of the partition that was worst off, that goes on at an act of the event or begins no later than [`HOLD`] seconds
    /// after it; 0 where none stood still longer than usual then.
    pub unavailability: Reading,
    /// The same as a mean over all partitions; none where one of them is not known.
    pub unavailability_mean_s: Option<f64>,
    /// From the event until the partition that was worst off went on, whenever it began to stand still; 0 where none did.
    pub went_on: Reading,
    /// Partitions that stood still longer than usual, of how many; none of consumers that do not tell.
    pub stood_still: Option<(usize, usize)>,
    /// Of all partitions and whole seconds from the event on in which a message was due, the share in which one was processed in time; none of consumers that do
    /// not tell, and in records of before it was counted.
    pub availability_percent: Option<f64>,
    /// How soon that is after it was due, in ms.
    pub in_time_ms: Option<f64>,
    /// From the event until lag and p99 were back in the band of the steady part, and stayed for [`HOLD`] seconds: the lag in each, the p99 of all messages due in them.
    /// What they were before its last act, or before the last partition went on again, is no recovery from what came then.
    pub recovery: Reading,
    /// Seconds behind these [`HOLD`] with which a time of as many begins in which lag or p99 had left its band again; none where it is not known when it had recovered.
    pub out_again_s: Option<usize>,
    /// From the first message of the partition that was worst off until then; beyond what was seen of it where that never came, empty where it is not known.
    pub catch_up: Reading,
    /// Greatest lag by processed positions.
    pub peak_lag_messages: Option<f64>,
    /// The lag above the steady part's middle over time, until recovery, in messages times seconds; none where it was not read until then.
    pub lag_area: Option<f64>,
    /// Greatest p99 of the messages due in a second, in ms.
    pub peak_p99: Reading,
    /// How far the greatest rate of a second lay above the steady part's middle.
    pub overshoot_percent: Option<f64>,
    /// How long the catching up was to last by what waited when it began, the load and the greatest rate of a second of it, also where it was not seen to end; 0
    /// where no partition stood still, none where that rate was no greater than the load, where it lasted no whole second, and where a partition never went on.
    pub drain_expected_s: Option<f64>,
    /// Messages lost in the trial; none where it had several events.
    pub lost: Option<u64>,
    /// Deliveries beyond the first in the trial; none where it had several events.
    pub duplicates: Option<u64>,
    /// Deliveries out of order in the trial; none where it had several events.
    pub out_of_order: Option<u64>,
    /// Duplicates over what was received, in percent.
    pub reprocessed_percent: Option<f64>,
    /// What it costs that old and new instances ran beside each other, in dollars; none of what replaces nobody, and where no price is known.
    pub overlap_usd: Option<f64>,
    /// How it went around the event, for figures.
    pub around: Around,
}

/// What is read of a trial.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a, R> {
    /// Its record, which speaks of the group that it is about.
    pub record: &'a TrialRecord,
    /// Its rows.
    pub rows: R,
    /// The latency from due to the end of processing (of a group that is followed, to its commit) of each second of the window.
    pub seconds: &'a [(i64, Sparse)],
    /// When partitions stood still, of all groups.
    pub gaps: &'a [GapRow],
    /// In how many partitions messages were due and came in time, by the second, of all groups.
    pub in_time: &'a [InTimeRow],
    /// What instances cost.
    pub prices: &'a Prices,
}

/// A trial second by second, from the window's start on.
#[derive(Clone, Debug, Default)]
pub(super) struct Seconds {
    /// Where the window begins, in seconds since time 0.
    pub start_s: f64,
    /// Messages due in each.
    pub due: Vec<f64>,
    /// First completions in each; without consumers acks.
    pub processed: Vec<f64>,
    /// The middle of the lag's readings.
    pub lag: Vec<Option<f64>>,
    /// p99 of the messages due in each, in ms; `Beyond` where more of them than one in a hundred never came through.
    pub p99_ms: Vec<Reading>,
}

impl Seconds {
    fn of(seen: Seen<'_, impl Rows>) -> Self {
        let asked = &seen.record.asked;
        let window = asked.window();
        let count = asked.measure_s.floor() as usize;
        let (mut due, mut processed, mut lags) = (vec![0; count], vec![0; count], vec![Vec::new(); count]);
        let done: fn(&Row) -> u64 =
            if asked.instances.is_some() { |row| row.processed } else { |row| row.acked };
        let of = |row: &Row| (quarter(row.t_s), row.due.saturating_sub(row.aborted), done(row), lag(row));
        for (at, came, done, lag) in seen.rows.within(window.clone()).each(of) {
            let second = ((at - window.start) / i64::from(PER_SECOND)) as usize;
            if second < count {
                due[second] += came;
                processed[second] += done;
                lags[second].extend(lag);
            }
        }
        let rates = |counts: Vec<u64>| counts.into_iter().map(|count| count as f64).collect::<Vec<_>>();
        let due = rates(due);
        let mut p99 = P99::of(seen.seconds, &due);
        let p99_ms = (0..count).map(|second| p99.within(second..second + 1)).collect();
        Seconds {
            start_s: asked.warm_up_s,
            p99_ms,
            processed: rates(processed),
            lag: lags.iter().map(|lags| stats::median(lags)).collect(),
            due,
        }
    }

    /// The whole seconds of a time (in seconds since time 0): those that begin and end in it.
    fn within(&self, time: &Range<f64>) -> Range<usize> {
        let at = |t_s: f64| (t_s - self.start_s).max(0.0);
        let end = (at(time.end).floor() as usize).min(self.due.len());
        (at(time.start).ceil() as usize).min(end)..end
    }
}

/// What each event of a trial did that was asked for; nothing of a trial whose window is not whole.
pub fn aftermaths(seen: Seen<'_, impl Rows>) -> Vec<Aftermath> {
    let record = seen.record;
    let asked: Vec<(&Injected, f64)> =
        record.injected.iter().filter_map(|one| Some((one, one.asked_s?))).collect();
    let Some((_, first)) = asked.first().filter(|_| record.end == End::Completed) else { return Vec::new() };
    let start_s = record.asked.warm_up_s;
    let end_s = start_s + record.asked.measure_s;
    let seconds = Seconds::of(seen);
    let lags = lags(seen.rows);
    let steady = start_s..*first;
    let own = asked.iter().enumerate();
    own.map(|(number, (injected, at_s))| {
        let until = asked.get(number + 1).map_or(end_s, |(_, next)| *next).min(end_s);
        one((seen, &seconds, &lags), injected, &steady, *at_s..until, asked.len() == 1)
    })
    .collect()
}

fn one(
    (seen, seconds, lags): (Seen<'_, impl Rows>, &Seconds, &[(f64, f64)]),
    injected: &Injected,
    steady: &Range<f64>,
    after: Range<f64>,
    alone: bool,
) -> Aftermath {
    let record = seen.record;
    let watched_s = after.end - after.start;
    let tells = record.asked.instances.is_some() && record.followed.is_none();
    let partitions = record.partitions_at(after.start);
    let own: Vec<&GapRow> = seen.gaps.iter().filter(|gap| gap.group == injected.group).collect();
    // Where nothing was to be done on purpose instances did not tell when they stood still.
    let were_asked = injected.kind != DIED || !own.is_empty();
    let acts = Acts::of(injected, &after);
    let outages = (tells && were_asked)
        .then(|| Outages::of(&own, (record.asked.partitions, partitions), steady, (&after, &acts)));
    let mut p99 = P99::of(seen.seconds, &seconds.due);
    let over = acts.over(outages.as_ref().and_then(|outages| outages.last_back_s));
    let recovery = Recovery::of(seconds, |own| p99.within(own), steady, &after, over);
    let unavailability = outages.as_ref().map_or(Reading::Empty, |outages| outages.worst);
    let until = recovery.reading.value().map_or(after.end, |s| after.start + s);
    let usual = stats::median(&lags_in(lags, steady));
    let rates = |time: &Range<f64>, of: &[f64]| of[seconds.within(time)].to_vec();
    let most = rates(&after, &seconds.processed).into_iter().reduce(f64::max);
    let before = stats::median(&rates(steady, &seconds.processed)).filter(|rate| *rate > 0.0);
    let books = record.books.filter(|_| alone);
    let share = books.and_then(|books| Some((books.duplicates?, books.received.filter(|all| *all > 0)?)));
    let back = outages.as_ref().and_then(|outages| outages.back_s);
    let is_hit = outages.as_ref().is_some_and(|outages| outages.hit > 0);
    let drain = back.zip(usual).and_then(|(back, usual)| {
        // What waits when the partition that was worst off goes on: what others had left is worked off in part by then.
        let left = lags_in(lags, &(after.start..back)).last().map_or(0.0, |lag| (lag - usual).max(0.0));
        let pace = rates(&(back..until), &seconds.processed).into_iter().reduce(f64::max);
        let load = stats::median(&rates(&after, &seconds.due))?;
        if is_hit { expected_drain(left, load, pace?) } else { Some(0.0) }
    });
    let p99s = seconds.p99_ms[seconds.within(&after)].iter();
    Aftermath {
        at_s: after.start,
        watched_s,
        detection: match injected.detected_s {
            Some(at) => Reading::Value(at - after.start),
            // A group need not notice what is done to a broker, and cannot what is over before it takes anybody for gone.
            None if injected.may_go_unnoticed() || injected.is_within_a_session() => Reading::Empty,
            None => Reading::Beyond(watched_s),
        },
        unavailability,
        went_on: match (back, unavailability) {
            (Some(back), _) => Reading::Value(back - after.start),
            (None, Reading::Beyond(_)) => Reading::Beyond(watched_s),
            _ => Reading::Empty,
        },
        unavailability_mean_s: outages.as_ref().and_then(|outages| outages.mean_s),
        stood_still: outages.as_ref().map(|outages| (outages.hit, partitions as usize)),
        availability_percent: available(seen.in_time, &injected.group, seconds.within(&after)),
        in_time_ms: record.asked.in_time_ms,
        recovery: recovery.reading,
        out_again_s: recovery.out_again_s,
        catch_up: caught_up(recovery.reading, unavailability, back.map(|back| back - after.start)),
        peak_lag_messages: lags_in(lags, &after).into_iter().reduce(f64::max),
        lag_area: usual.and_then(|usual| area(lags, usual, &(after.start..until))),
        peak_p99: greatest(p99s.copied()),
        overshoot_percent: most.zip(before).map(|(most, before)| (most / before - 1.0) * 100.0),
        drain_expected_s: drain,
        lost: books.and_then(|books| books.lost),
        duplicates: books.and_then(|books| books.duplicates),
        out_of_order: books.and_then(|books| books.out_of_order),
        reprocessed_percent: share.map(|(again, all)| again as f64 * 100.0 / all as f64),
        overlap_usd: injected.overlap_cost(seen.prices).map(Money::as_dollars),
        around: Around::of(seconds, after.start),
        injected: injected.clone(),
    }
}

/// What of recovery came after the partition that was worst off went on, `back` seconds after the event: nothing where it stood still for so short a time that lag and p99
/// stayed in their bands. Where that was not seen nobody knows more than that it is not over.
fn caught_up(recovery: Reading, unavailability: Reading, back: Option<f64>) -> Reading {
    match (recovery, back) {
        (Reading::Value(whole), Some(back)) => Reading::Value((whole - back).max(0.0)),
        (Reading::Beyond(whole), Some(back)) => Reading::Beyond((whole - back).max(0.0)),
        (Reading::Empty, _) => Reading::Empty,
        _ if matches!(unavailability, Reading::Beyond(_)) => Reading::Beyond(0.0),
        _ => Reading::Empty,
    }
}

/// Of partitions and seconds of the window in which a message was due, the share in which one came in time, in percent; none where there is none.
fn available(rows: &[InTimeRow], group: &str, seconds: Range<usize>) -> Option<f64> {
    let own = rows.iter().filter(|row| row.group == group && seconds.contains(&(row.second as usize)));
    let (due, in_time) = own.fold((0_u64, 0_u64), |(due, in_time), row| {
        (due + u64::from(row.due), in_time + u64::from(row.in_time))
    });
    (due > 0).then(|| in_time as f64 * 100.0 / due as f64)
}

/// The greatest; where one is only known to be at least so much, so is that.
fn greatest(readings: impl Iterator<Item = Reading>) -> Reading {
    let all: Vec<Reading> = readings.filter(|one| one.at_least().is_some()).collect();
    let Some(most) = all.iter().filter_map(|one| one.at_least()).reduce(f64::max) else {
        return Reading::Empty;
    };
    if all.iter().all(|one| one.value().is_some()) { Reading::Value(most) } else { Reading::Beyond(most) }
}

/// The worst of all events of a trial; empty where it had none, or nothing is known of one.
pub fn worst(all: &[Aftermath], of: fn(&Aftermath) -> Reading) -> Reading {
    if all.iter().any(|one| of(one).at_least().is_none()) {
        return Reading::Empty;
    }
    greatest(all.iter().map(of))
}

/// How a number is read of an event.
pub type Read = fn(&Aftermath) -> Reading;

/// Metrics that are read of a trial's events, and what each is certainly not below where it was not seen to come.
pub const METRICS: [(&str, &str, Read); 3] = [
    ("detection_s", "detection_least_s", |one| one.detection),
    ("unavailability_s", "unavailability_least_s", |one| one.unavailability),
    ("recovery_s", "recovery_least_s", |one| one.recovery),
];
