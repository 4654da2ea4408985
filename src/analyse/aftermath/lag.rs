//! The lag after an event: read a few times a second, and sometimes not at all.

use std::ops::Range;

use crate::record::series::{PER_SECOND, Row, Rows};

/// The lag by processed positions, which comes in no steps; else the one by commits.
pub fn lag(row: &Row) -> Option<f64> {
    row.unprocessed_messages.or(row.lag_messages).map(|lag| lag as f64)
}

/// All lags that were read, each with the end of its row, in seconds since time 0.
pub fn lags(rows: impl Rows) -> Vec<(f64, f64)> {
    rows.known(|row| Some((row.t_s + quarter_s(), lag(row)?)))
}

/// Of lags at the ends of rows those in a time, both in seconds since time 0.
pub fn lags_in(lags: &[(f64, f64)], time: &Range<f64>) -> Vec<f64> {
    of_time(lags, time).map(|(_, lag)| *lag).collect()
}

/// The lag above what is usual over a time, in messages times seconds. A reading speaks of the time since the one before it. None where the time goes on without one.
pub fn area(lags: &[(f64, f64)], usual: f64, time: &Range<f64>) -> Option<f64> {
    let (mut area, mut read) = (0.0, time.start);
    for (end, lag) in of_time(lags, time) {
        area += (lag - usual).max(0.0) * (end - read).max(quarter_s());
        read = *end;
    }
    (time.end - read < quarter_s() + 1e-9).then_some(area)
}

fn of_time<'a>(lags: &'a [(f64, f64)], time: &Range<f64>) -> impl Iterator<Item = &'a (f64, f64)> {
    lags.iter().filter(move |(end, _)| *end > time.start && *end <= time.end)
}

fn quarter_s() -> f64 {
    1.0 / f64::from(PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_that_was_missed_is_no_lag_of_nothing() {
        let ends = |from: u32, to: u32| (from..=to).map(|at| (f64::from(at) / 4.0, 110.0));
        let all: Vec<(f64, f64)> = ends(1, 60).collect();
        let near = |found: Option<f64>, told: f64| assert!((found.unwrap() - told).abs() < 1e-9, "{found:?}");
        near(area(&all, 10.0, &(5.0..10.0)), 500.0);
        // From 6 s until 8 s nobody read it.
        let some: Vec<(f64, f64)> = ends(1, 24).chain(ends(32, 60)).collect();
        near(area(&some, 10.0, &(5.0..10.0)), 500.0);
        near(area(&some, 200.0, &(5.0..10.0)), 0.0);
        assert_eq!(area(&some, 10.0, &(5.0..7.5)), None, "nobody knows how it ended");
        assert_eq!(area(&[], 10.0, &(5.0..7.5)), None);
        near(area(&[], 10.0, &(5.0..5.0)), 0.0);
    }
}
