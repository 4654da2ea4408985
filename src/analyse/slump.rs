//! Slumps: spans in which brokers acked far less than was due, and made up for it afterwards.
//!
//! A stall is a span in which they acked nothing; an overload is one after which nothing is made up for. What lies between is seen by the messages that wait
//! for their acks: seldom more than a few, then seconds' worth of the load, then few again.

use super::stall::Stall;
use crate::record::series::{PER_SECOND, Row, Rows};

/// Messages that wait at most, in seconds of the load: below it a slump is a pause of a JVM or a slow flush.
const LEAST_S: f64 = 1.0;
/// Over what waits in half of the quarters: linger and round trips are no slump.
const TIMES_USUAL: f64 = 10.0;
/// A slump begins and ends where fewer wait than this part of the most.
const EDGE: f64 = 0.1;

/// One.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slump {
    /// From when, in seconds since time 0.
    pub from_s: f64,
    /// Until when.
    pub to_s: f64,
    /// Messages that waited for their acks at most.
    pub waiting: u64,
    /// The same in seconds of the load.
    pub worth_s: f64,
    /// The least that it is told from.
    pub limit_s: f64,
    /// Percent of the time in which a task of the host waited for a disk, in it and outside of it; none where that is not known.
    pub disk_percent: Option<(f64, f64)>,
}

/// The greatest slump that touches the window (in seconds since time 0), unless brokers stood still in it, which is told as a stall.
pub(super) fn slump(rows: impl Rows, window: (f64, f64), stalls: &[Stall]) -> Option<Slump> {
    let quarter = 1.0 / f64::from(PER_SECOND);
    let loaded = rows.known(|row| Some(row.due).filter(|due| *due > 0));
    let per_s = loaded.iter().sum::<u64>() as f64 / (loaded.len() as f64 * quarter);
    let waiting = waiting(rows)?;
    let mut usual: Vec<u64> = waiting.iter().take(loaded.len()).copied().collect();
    usual.sort_unstable();
    let usual_s = *usual.get(usual.len() / 2)? as f64 / per_s;
    let limit_s = LEAST_S.max(TIMES_USUAL * usual_s);
    let (at, most) = waiting.iter().copied().enumerate().max_by_key(|(_, waiting)| *waiting)?;
    let few = |waiting: &u64| (*waiting as f64) < EDGE * most as f64;
    let from = waiting[..at].iter().rposition(few).map_or(0, |before| before + 1);
    // What never ends is no slump.
    let to = at + waiting[at..].iter().position(few)?;
    let (from_s, to_s) = (from as f64 * quarter, to as f64 * quarter);
    let worth_s = most as f64 / per_s;
    let stands_still = stalls.iter().any(|stall| stall.from_s < to_s && from_s < stall.to_s);
    if worth_s <= limit_s || from_s >= window.1 || to_s <= window.0 || stands_still {
        return None;
    }
    let disk = |inside: bool| {
        let of = |(index, read): (usize, Option<f64>)| read.filter(|_| (from..to).contains(&index) == inside);
        let known: Vec<f64> = rows.each(|row| row.host_io_wait_percent).enumerate().filter_map(of).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    let disk_percent = disk(true).zip(disk(false));
    Some(Slump { from_s, to_s, waiting: most, worth_s, limit_s, disk_percent })
}

/// Messages that wait for their acks at the end of each quarter; none where brokers tell of nothing.
fn waiting(rows: impl Rows) -> Option<Vec<u64>> {
    let mut waiting = 0_i64;
    let of = |row: &Row| {
        let gone = row.refused + row.failed + row.acked + row.untold;
        waiting += row.due as i64 - gone as i64;
        waiting.max(0).cast_unsigned()
    };
    let all = rows.each(of).collect();
    (rows.sum(|row| row.untold) == 0).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::stall::Whose;

    const WINDOW: (f64, f64) = (2.0, 42.0);

    /// Of 500 messages due in each quarter for 45 s; `acked` of them by quarter, and then what is left.
    fn rows(acked: impl Fn(usize) -> u64, io: Option<f64>) -> Vec<Row> {
        let mut waiting = 0;
        let row = |at: usize| {
            let due = if at < 180 { 500 } else { 0 };
            waiting += due;
            let acked = acked(at).min(waiting);
            waiting -= acked;
            let io = io.map(|io| if slow(at) { io } else { 2.0 });
            Row { t_s: at as f64 / 4.0, due, acked, host_io_wait_percent: io, ..Row::default() }
        };
        (0..220).map(row).collect()
    }

    /// From 10 s to 26 s.
    fn slow(at: usize) -> bool {
        (40..104).contains(&at)
    }

    #[test]
    fn acks_that_fall_behind_for_seconds_and_come_later_are_seen_with_what_the_disk_did() {
        let seen = |io| slump(&rows(|at| if slow(at) { 325 } else { 100_000 }, io), WINDOW, &[]);
        let slump = seen(Some(80.0)).unwrap();
        assert_eq!((slump.waiting, slump.to_s), (64 * 175, 26.0));
        assert!((10.0..12.0).contains(&slump.from_s), "{slump:?}");
        assert!((slump.worth_s - 5.6).abs() < 1e-9);
        assert_eq!(slump.disk_percent, Some((80.0, slump.disk_percent.unwrap().1)));
        assert!(slump.disk_percent.unwrap().1 < 10.0);
        assert_eq!(seen(None).unwrap().disk_percent, None);
    }

    #[test]
    fn what_waits_always_or_for_ever_or_hardly_is_none() {
        let linger = rows(|at| if at < 4 { 0 } else { 500 }, None);
        assert_eq!(slump(&linger, WINDOW, &[]), None, "a second waits in all of the trial");
        let overload = rows(|at| if at < 40 { 100_000 } else { 325 }, None);
        assert_eq!(slump(&overload, WINDOW, &[]), None, "it is not made up for");
        let pause = rows(|at| if at == 50 { 100 } else { 100_000 }, None);
        assert_eq!(slump(&pause, WINDOW, &[]), None);
        assert_eq!(slump(&Vec::new(), WINDOW, &[]), None);
        let early = rows(|at| if at < 6 { 0 } else { 100_000 }, None);
        assert_eq!(slump(&early, WINDOW, &[]), None, "before the window");
    }

    #[test]
    fn a_standstill_is_told_as_one_and_brokers_that_tell_nothing_have_no_slump() {
        let still = rows(|at| if slow(at) { 0 } else { 100_000 }, None);
        assert!(slump(&still, WINDOW, &[]).is_some());
        let stall = Stall { whose: Whose::Brokers, from_s: 10.0, to_s: 26.0, limit_s: 2.0 };
        assert_eq!(slump(&still, WINDOW, &[stall]), None);
        let mut blind = still;
        blind[3].untold = 1;
        assert_eq!(slump(&blind, WINDOW, &[]), None);
    }
}
