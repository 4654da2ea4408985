//! The course of a trial: what it offered, sent and processed, what waited, and what it used, step by step from time 0.

use super::reading::Reading;
use super::watched::Watched;
use crate::books::{Sparse, Sum};
use crate::record::series::{PER_SECOND, Row, Rows};
use crate::record::{Event, TrialRecord};
use crate::units::Quantile;

/// More steps are no clearer, and a page has thirty of these.
const STEPS: usize = 45;

/// The course of a trial, in steps of equal length. A step in which nothing was read has no value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// Length of a step, in seconds.
    pub step_s: f64,
    /// Where phases begin, in seconds since time 0, and their names; the last ends with the course.
    pub phases: Vec<(f64, String)>,
    /// What happened at a moment of its own: seconds since time 0, and the sentence.
    pub events: Vec<(f64, String)>,
    /// Messages due, a second.
    pub offered: Vec<Option<f64>>,
    /// Messages sent, a second.
    pub sent: Vec<Option<f64>>,
    /// Messages acked, a second.
    pub acked: Vec<Option<f64>>,
    /// First completions, a second; empty without consumers.
    pub processed: Vec<Option<f64>>,
    /// Messages due and not yet worked off, at the end of each step.
    pub backlog: Vec<Option<f64>>,
    /// Messages acked and not yet committed, the last reading of each step.
    pub lag: Vec<Option<f64>>,
    /// The 99th percentile of bench's own lateness, of messages due in each step, in ms.
    pub send_delay_p99_ms: Vec<Option<f64>>,
    /// Cores that the load used.
    pub load_cores: Vec<Option<f64>>,
    /// Cores that the consumers used.
    pub consumers_cores: Vec<Option<f64>>,
    /// Cores that the brokers of bench's own used.
    pub cluster_cores: Vec<Option<f64>>,
}

impl Course {
    /// Of a trial's rows, its send delays by the second from the window's start, and its events.
    pub fn of(
        record: &TrialRecord,
        rows: impl Rows,
        send_delays: &[(i64, Sparse)],
        events: &[Event],
    ) -> Self {
        let Some(last_s) = rows.each(|row| row.t_s).filter(|t_s| *t_s >= 0.0).last() else {
            return Course::default();
        };
        let end_s = last_s + 1.0 / f64::from(PER_SECOND);
        let step = (end_s / STEPS as f64).ceil().max(1.0) as usize;
        let steps = (end_s / step as f64).ceil() as usize;
        let place = |t_s: f64| (t_s >= 0.0).then(|| (t_s / step as f64).floor() as usize);
        // By step, the sum of what is known, of how many rows, and the last of it.
        let parts = |of: &dyn Fn(&Row) -> Option<f64>| {
            let mut parts = vec![(0.0, 0_u32, None); steps];
            for (t_s, one) in rows.each(|row| Some((row.t_s, of(row)?))).flatten() {
                if let Some((sum, known, last)) = place(t_s).and_then(|place| parts.get_mut(place)) {
                    *sum += one;
                    *known += 1;
                    *last = Some(one);
                }
            }
            parts
        };
        let used = |of: &dyn Fn(&Row) -> Option<f64>| {
            let mean = |(sum, known, _): (f64, u32, _)| (known > 0).then(|| sum / f64::from(known));
            parts(of).into_iter().map(mean).collect::<Vec<_>>()
        };
        let counted = |of: fn(&Row) -> u64| used(&|row| Some(of(row) as f64 * f64::from(PER_SECOND)));
        let read = |of: &dyn Fn(&Row) -> Option<f64>| {
            parts(of).into_iter().map(|(.., last)| last).collect::<Vec<_>>()
        };
        let consumed = record.asked.instances.is_some();
        Course {
            step_s: step as f64,
            phases: phases(record, end_s),
            events: told(events, end_s),
            offered: counted(|row| row.due),
            sent: counted(|row| row.sent),
            acked: counted(|row| row.acked),
            processed: if consumed { counted(|row| row.processed) } else { Vec::new() },
            backlog: read(&|row| Some(row.backlog_messages as f64)),
            lag: read(&|row| row.lag_messages.map(|lag| lag as f64)),
            send_delay_p99_ms: delays(record, send_delays, step, steps),
            load_cores: used(&|row| row.load_cpu_cores),
            consumers_cores: used(&|row| row.consumers_cpu_cores),
            cluster_cores: used(&|row| row.cluster_cpu_cores),
        }
    }
}

/// As asked: warm-up, window, drain.
fn phases(record: &TrialRecord, end_s: f64) -> Vec<(f64, String)> {
    let asked = &record.asked;
    let window_s = asked.warm_up_s;
    let all = [(0.0, "warm-up"), (window_s, "measure"), (window_s + asked.measure_s, "drain")];
    let follows = |at: usize| all.get(at + 1).map_or(end_s, |next| next.0);
    let there = all.iter().enumerate().filter(|(at, (from, _))| *from < end_s && follows(*at) > *from);
    there.map(|(_, (from, name))| (*from, (*name).to_owned())).collect()
}

/// Those within the course that are no phase.
fn told(events: &[Event], end_s: f64) -> Vec<(f64, String)> {
    let within = events.iter().filter(|event| event.kind != "phase" && (0.0..=end_s).contains(&event.t_s));
    within.map(|event| (event.t_s, event.text.clone())).collect()
}

/// Of the messages due in each step. At `rate: max` a message is due when it is sent, and there is none.
fn delays(
    record: &TrialRecord,
    send_delays: &[(i64, Sparse)],
    step: usize,
    steps: usize,
) -> Vec<Option<f64>> {
    if record.asked.rate_msgs_per_s.is_none() {
        return Vec::new();
    }
    let mut sums: Vec<Sum> = (0..steps).map(|_| Sum::default()).collect();
    for (second, histogram) in send_delays {
        let from_s = (record.asked.warm_up_s + *second as f64).max(0.0);
        if let Some(sum) = sums.get_mut((from_s / step as f64).floor() as usize) {
            sum.add(histogram);
        }
    }
    let p99 = |mut sum: Sum| match Watched::known(sum.take()).read_anyway(Quantile::At(0.99)) {
        Reading::Value(ms) => Some(ms),
        _ => None,
    };
    sums.into_iter().map(p99).collect()
}
