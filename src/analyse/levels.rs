//! A level over time, each point of it between two ends, because the fate of some messages may not be known.

use super::reading::Reading;
use crate::stats::{self, Slope};

/// What a level was at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Level {
    /// When, in seconds.
    pub t_s: f64,
    /// It was not less.
    pub least: f64,
    /// It was not more.
    pub most: f64,
}

impl Level {
    /// As a reading.
    pub(super) fn reading(self) -> Reading {
        Reading::between(Some(self.least), Some(self.most))
    }
}

/// Each as the least of those in so many seconds up to it. What is worked off in steps, as commits come, stands at its true level right after a step, and
/// above it until the next.
pub(super) fn least_of_last(levels: &[Level], seconds: f64) -> Vec<Level> {
    let of = |(at, level): (usize, &Level)| {
        let last = levels[..=at].iter().rev().take_while(|earlier| earlier.t_s > level.t_s - seconds - 1e-6);
        let least = |end: fn(&Level) -> f64| last.clone().map(end).fold(f64::INFINITY, f64::min);
        Level { t_s: level.t_s, least: least(|level| level.least), most: least(|level| level.most) }
    };
    levels.iter().enumerate().map(of).collect()
}

/// The greatest of them.
pub(super) fn greatest(levels: &[Level]) -> Reading {
    let of = |end: fn(&Level) -> f64| levels.iter().map(end).reduce(f64::max);
    Reading::between(of(|level| level.least), of(|level| level.most))
}

/// Slope of the least-squares line through them, per second; none of fewer than two. It is linear in each of them, with a sign: it is least where those
/// before the middle are at their most and those behind it at their least.
pub(super) fn slope(levels: &[Level]) -> Reading {
    if levels.len() < 2 {
        return Reading::Empty;
    }
    let middle = levels.iter().map(|level| level.t_s).sum::<f64>() / levels.len() as f64;
    let under: f64 = levels.iter().map(|level| (level.t_s - middle).powi(2)).sum();
    if under <= 0.0 {
        return Reading::Empty;
    }
    let through = |of: fn(&Level, f64) -> f64| {
        let values = || levels.iter().map(|level| (level.t_s - middle, of(level, level.t_s - middle)));
        let mean = values().map(|(_, value)| value).sum::<f64>() / levels.len() as f64;
        values().map(|(from_middle, value)| from_middle * (value - mean)).sum::<f64>() / under
    };
    let least = through(|level, from_middle| if from_middle < 0.0 { level.most } else { level.least });
    let most = through(|level, from_middle| if from_middle < 0.0 { level.least } else { level.most });
    Reading::between(Some(least), Some(most))
}

/// The slope through the middles of their ends, with the error of readings that hang together.
pub(super) fn middle_slope(levels: &[Level]) -> Option<Slope> {
    let times: Vec<f64> = levels.iter().map(|level| level.t_s).collect();
    let middles: Vec<f64> = levels.iter().map(|level| f64::midpoint(level.least, level.most)).collect();
    stats::slope(&times, &middles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_is_worked_off_in_steps_is_read_where_it_is_lowest() {
        let saw =
            levels(&[(0.0, 1.0), (5.0, 5.0), (9.0, 9.0), (1.0, 2.0), (5.0, 5.0), (9.0, 9.0), (2.0, 2.0)]);
        let ends =
            |levels: &[Level]| levels.iter().map(|level| (level.least, level.most)).collect::<Vec<_>>();
        let expected = [(0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (1.0, 2.0), (1.0, 2.0), (1.0, 2.0), (2.0, 2.0)];
        assert_eq!(ends(&least_of_last(&saw, 2.0)), expected);
        assert_eq!(least_of_last(&saw, 0.0), saw);
        let grows = levels(&[(0.0, 0.0), (10.0, 10.0), (20.0, 20.0), (30.0, 30.0)]);
        assert_eq!(slope(&least_of_last(&grows, 1.0)[1..]), Reading::Value(10.0), "growth stays growth");
    }

    fn levels(ends: &[(f64, f64)]) -> Vec<Level> {
        (0..)
            .zip(ends)
            .map(|(at, (least, most))| Level { t_s: f64::from(at), least: *least, most: *most })
            .collect()
    }

    #[test]
    fn a_slope_is_bounded_by_the_steepest_lines_that_there_can_be() {
        let known = [(1.0, 1.0), (3.0, 3.0), (5.0, 5.0)];
        assert_eq!(slope(&levels(&known)), Reading::Value(2.0));
        let unsure = [(1.0, 1.0), (3.0, 4.0), (5.0, 8.0)];
        assert_eq!(slope(&levels(&unsure)), Reading::Between(2.0, 3.5), "of which (8 - 1) / 2 is the most");
        assert_eq!(slope(&levels(&[(0.0, 4.0), (0.0, 4.0)])), Reading::Between(-4.0, 4.0));
        assert_eq!(slope(&levels(&known[..1])), Reading::Empty);
    }

    #[test]
    fn the_greatest_lies_between_the_greatest_ends() {
        assert_eq!(greatest(&levels(&[(1.0, 9.0), (4.0, 5.0)])), Reading::Between(4.0, 9.0));
        assert_eq!(greatest(&levels(&[(1.0, 1.0), (4.0, 4.0)])), Reading::Value(4.0));
        assert_eq!(greatest(&[]), Reading::Empty);
    }
}
