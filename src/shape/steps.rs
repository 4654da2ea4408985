//! One rate after the other.

use std::sync::Arc;

use super::Curve;

/// One of [`Steps`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Messages per second, at least 0.
    pub rate: f64,
    /// How many seconds it lasts; the last one holds on.
    pub lasts: f64,
}

/// Rates that hold until the next one begins, the last for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct Steps {
    knots: Arc<[Knot]>, // a trace has many, and each treatment one
}

/// From `second` on it is `rate`; until then `level` messages were due.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Knot {
    second: f64,
    rate: f64,
    level: f64,
}

impl Steps {
    /// One after the other from second 0 on.
    pub fn new(steps: Vec<Step>) -> Self {
        let mut second = 0.0;
        let rows = steps.into_iter().map(|step| {
            let start = second;
            second += step.lasts;
            (start, step.rate)
        });
        Steps::from_rows(rows)
    }

    /// From the seconds at which rates begin, ascending, and these rates; nothing before the first.
    pub fn from_rows(rows: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut knots: Vec<Knot> = Vec::new();
        for (second, rate) in rows {
            let level = knots.last().map_or(0.0, |last| last.level + last.rate * (second - last.second));
            knots.push(Knot { second, rate, level });
        }
        Steps { knots: knots.into() }
    }

    /// The seconds at which rates begin, and these rates.
    pub(super) fn rows(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.knots.iter().map(|knot| (knot.second, knot.rate))
    }

    fn knot_at(&self, second: f64) -> Option<&Knot> {
        let after = self.knots.partition_point(|knot| knot.second <= second);
        self.knots.get(after.checked_sub(1)?)
    }
}

impl Curve for Steps {
    fn rate_at(&self, second: f64) -> f64 {
        self.knot_at(second).map_or(0.0, |knot| knot.rate)
    }

    fn integral(&self, second: f64) -> f64 {
        self.knot_at(second).map_or(0.0, |knot| knot.level + knot.rate * (second - knot.second))
    }

    fn breaks(&self) -> Vec<f64> {
        self.knots.iter().map(|knot| knot.second).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_holds_on() {
        let step = |rate, lasts| Step { rate, lasts };
        let steps = Steps::new(vec![step(10.0, 2.0), step(30.0, 1.0)]);
        assert_eq!(
            [0.0, 1.9, 2.0, 2.9, 50.0].map(|second| steps.rate_at(second) as u32),
            [10, 10, 30, 30, 30]
        );
        assert!((steps.integral(4.0) - 80.0).abs() < 1e-9);
    }
}
