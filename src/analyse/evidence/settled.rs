//! Whether a trial had settled when its window began, and what its numbers are from there on.

use crate::analyse::watched::known_at;
use crate::books::{Sparse, Sum};
use crate::record::series::{PER_SECOND, Row, Rows};
use crate::record::{End, TrialRecord};
use crate::stats::{Course, mser5};
use crate::units::Quantile;

/// Seconds of a latency in the window, by the second of due, from its start.
pub type Seconds = [(i64, Sparse)];

/// How a trial's window goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settled {
    /// How it goes: the worst of throughput, backlog and p99.
    pub course: Course,
    /// What is discarded at its beginning, in seconds: the most of those that do not settle at once.
    pub cut_s: f64,
    /// What the cut, or what does not settle, is of; empty where all is flat.
    pub by: &'static str,
    /// Throughput over the whole window, and after the cut, messages per second.
    pub throughput: (f64, f64),
    /// p99 of the latency over the whole window and after the cut, in ms, of the messages whose latency is known; none where there are none.
    pub p99_ms: Option<(f64, f64)>,
}

impl Settled {
    /// By MSER-5 over throughput and backlog by the quarter second, and over the logarithm of p99 by the second (of a shorter time there is none). What
    /// grows by design, backlog and latency under overload, is not asked whether it settles. None of a trial that did not complete its window, of one too
    /// short, or of one that works off a backlog.
    pub fn of(record: &TrialRecord, rows: impl Rows, seconds: &Seconds, saturated: bool) -> Option<Self> {
        let asked = &record.asked;
        // A backlog that is worked off settles nowhere, and is not meant to.
        if record.end != End::Completed || record.backlog.is_some() {
            return None;
        }
        let inside = rows.within(asked.window());
        let done = |row: &Row| if asked.instances.is_some() { row.processed } else { row.acked } as f64;
        let rates: Vec<f64> = inside.each(|row| done(row) * f64::from(PER_SECOND)).collect();
        let backlog: Vec<f64> = inside.each(|row| row.backlog_messages as f64).collect();
        let p99: Vec<f64> = seconds.iter().filter_map(|(_, one)| Some(p99_ns(one)?.max(1.0).ln())).collect();
        let whole = seconds.len() as f64 >= asked.measure_s.floor();
        let row_s = 1.0 / f64::from(PER_SECOND);
        // A name, whether more is better, how long one of it is, and how it goes.
        let series = [
            ("throughput", true, row_s, mser5(&rates)),
            ("backlog", false, row_s, mser5(&backlog).filter(|_| !saturated)),
            ("p99", false, 1.0, mser5(&p99).filter(|_| whole && !saturated)),
        ];
        series[0].3?;
        let mut settled =
            Settled { course: Course::Flat, cut_s: 0.0, by: "", throughput: (0.0, 0.0), p99_ms: None };
        for (name, more_is_better, length_s, steady) in series {
            let Some(steady) = steady else { continue };
            let course = steady.course(more_is_better);
            if course == Course::Flat {
                continue;
            }
            if rank(course) > rank(settled.course) {
                (settled.course, settled.by) = (course, name);
            }
            settled.cut_s = settled.cut_s.max(steady.cut as f64 * length_s);
        }
        let kept = (settled.cut_s * f64::from(PER_SECOND)) as usize;
        let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len().max(1) as f64;
        settled.throughput = (mean(&rates), mean(&rates[kept.min(rates.len())..]));
        let from = settled.cut_s.ceil() as i64;
        let of =
            |from: i64| p99_ns(&sum(seconds.iter().filter(|(second, _)| *second >= from).map(|one| &one.1)));
        settled.p99_ms = of(0).zip(of(from)).map(|(whole, kept)| (whole / 1e6, kept / 1e6));
        Some(settled)
    }
}

const fn rank(course: Course) -> u8 {
    match course {
        Course::Flat => 0,
        Course::WarmUp => 1,
        Course::SlowDown => 2,
        Course::None => 3,
    }
}

/// All of them as one.
pub fn sum<'a>(histograms: impl Iterator<Item = &'a Sparse>) -> Sparse {
    let mut sum = Sum::default();
    for histogram in histograms {
        sum.add(histogram);
    }
    sum.take()
}

/// Of the values that are known, in ns; none of nothing.
pub fn p99_ns(histogram: &Sparse) -> Option<f64> {
    known_at(histogram, Quantile::At(0.99)).map(|ns| ns as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::testing::Synthetic;

    fn of(change: impl Fn(usize, &mut Row)) -> Settled {
        let trial = Synthetic::default();
        let (mut record, mut rows) = (trial.record(), Vec::new());
        // Two minutes, so that a cut of half of it leaves something.
        (record.asked.warm_up_s, record.asked.measure_s) = (0.0, 120.0);
        for at in 0..480 {
            let mut row =
                Row { t_s: at as f64 / 4.0, processed: 250 + (at as u64 * 7919 % 13), ..Row::default() };
            row.backlog_messages = 40 + (at as u64 * 104_729 % 11);
            change(at, &mut row);
            rows.push(row);
        }
        Settled::of(&record, &rows, &[], false).unwrap()
    }

    #[test]
    fn a_trial_that_has_settled_is_flat_and_one_that_has_not_is_cut() {
        let flat = of(|_, _| {});
        assert_eq!((flat.course, flat.cut_s, flat.by), (Course::Flat, 0.0, ""));
        let warming = of(|at, row| row.processed -= 200_u64.saturating_sub(4 * at as u64));
        assert_eq!((warming.course, warming.by), (Course::WarmUp, "throughput"));
        assert!(warming.cut_s >= 8.0 && warming.cut_s <= 20.0, "{warming:?}");
        assert!(warming.throughput.1 > warming.throughput.0 * 1.02);
        let emptying = of(|at, row| row.backlog_messages += 3_000_u64.saturating_sub(100 * at as u64));
        assert_eq!((emptying.course, emptying.by), (Course::WarmUp, "backlog"));
        let growing = of(|at, row| row.backlog_messages += 10 * at as u64);
        assert_eq!((growing.course, growing.by), (Course::None, "backlog"));
        let slowing = of(|at, row| row.processed -= if at < 60 { 0 } else { 50 });
        assert_eq!(slowing.course, Course::SlowDown);
    }

    #[test]
    fn what_grows_under_overload_is_not_asked_whether_it_settles() {
        let trial = Synthetic { processed: 100, ..Synthetic::default() };
        let settled = Settled::of(&trial.record(), &trial.rows(), &[], true);
        assert_eq!(settled.map(|one| one.course), Some(Course::Flat));
        let cut = Synthetic { end: End::Interrupted, ..Synthetic::default() };
        assert_eq!(Settled::of(&cut.record(), &cut.rows(), &[], false), None);
    }
}
