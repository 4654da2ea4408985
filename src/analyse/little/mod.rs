//! Little's law (1961): what is in a system on average is what leaves it a second, times how long each stays: L̄ = X·W̄.
//!
//! The three are counted apart: L̄ from the backlog at the quarter seconds, X from completions, W̄ from the latencies' histograms. Where they do not agree, a
//! clock, a count or a sampling is wrong. Two things excuse a difference, and only they: what was under way at the window's edges, of which a part of the
//! stay lies outside; and that a level which is looked at four times a second is known no better than that.

#[cfg(test)]
mod tests;

use super::levels::Level;
use super::watched::Watched;
use crate::stats::distribution::student_quantile;

/// Of the level, in percent: an error beyond it is a doubt.
const MOST_PERCENT: f64 = 5.0;
/// The same of a level below the next.
const MOST_PERCENT_OF_FEW: f64 = 10.0;
/// Fewer messages are few.
const FEW: f64 = 10.0;
/// How sure the level's own interval is.
const CONFIDENCE: f64 = 0.99;

/// The law in one window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Little {
    /// L̄, messages.
    pub level: f64,
    /// X·W̄, messages.
    pub expected: f64,
    /// What edges and sampling may account for, messages.
    pub excused: f64,
}

impl Little {
    /// Of a window of so many seconds, in which so many messages were done with: the level before it and at the end of each of its quarters, and how long
    /// those stayed that were due in it. None where messages of it never ended, or where the level was never anything but nothing.
    pub(super) fn of(
        seconds: f64,
        done: u64,
        (before, levels): (Option<Level>, &[Level]),
        watched: &Watched,
    ) -> Option<Self> {
        let all: Vec<f64> = before.iter().chain(levels).map(|level| level.least).collect();
        let certain = before.iter().chain(levels).all(|level| level.least >= level.most);
        let (count, mean_s, square_s2) = watched.moments()?;
        let (first, last) = (*all.first()?, *all.last()?);
        if watched.censored > 0 || count == 0 || !certain || before.is_none() || all.len() < 5 {
            return None;
        }
        // By trapezes: the edges are of the window by half.
        let level = (all.iter().sum::<f64>() - f64::midpoint(first, last)) / (all.len() - 1) as f64;
        if level <= 0.0 {
            return None;
        }
        let expected = done as f64 / seconds * mean_s;
        // How long one that is there will stay on, on the average: long stays are met more often (the inspection paradox).
        let residual_s = if mean_s > 0.0 { square_s2 / (2.0 * mean_s) } else { 0.0 };
        let edges = (first + last) * residual_s / seconds;
        // A level that is looked at so seldom may have missed its peaks: it varies as what comes by chance does (Poisson), and with the latencies, since all
        // that is there at a time is late together.
        let rate = done as f64 / seconds;
        let varies = rate * rate * (square_s2 - mean_s * mean_s).max(0.0) + expected;
        let error = (varies / all.len() as f64).sqrt().max(error_of_mean(&all));
        let quantile = student_quantile(f64::midpoint(1.0, CONFIDENCE), all.len() as f64 - 1.0);
        Some(Little { level, expected, excused: edges + quantile * error })
    }

    /// |L̄ − X·W̄| over L̄, in percent.
    pub fn error_percent(&self) -> f64 {
        (self.level - self.expected).abs() / self.level * 100.0
    }

    /// What of that neither edges nor sampling account for.
    pub fn unexplained_percent(&self) -> f64 {
        ((self.level - self.expected).abs() - self.excused).max(0.0) / self.level * 100.0
    }

    /// What may be left of it.
    pub(super) fn limit_percent(&self) -> f64 {
        if self.level < FEW { MOST_PERCENT_OF_FEW } else { MOST_PERCENT }
    }
}

/// Standard error of the mean of readings that hang together, with Bartlett's weights (Newey & West 1987).
fn error_of_mean(values: &[f64]) -> f64 {
    let m = values.len() as f64;
    let mean = values.iter().sum::<f64>() / m;
    let apart = |lag: usize| {
        let pairs = values.iter().zip(&values[lag..]);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / m
    };
    let most = (4.0 * (m / 100.0).powf(2.0 / 9.0)).floor();
    let lags = 1..=(most as usize).min(values.len() - 1);
    let hang = lags.map(|lag| 2.0 * (1.0 - lag as f64 / (most + 1.0)) * apart(lag)).sum::<f64>();
    ((apart(0) + hang.max(0.0)) / m).sqrt()
}
