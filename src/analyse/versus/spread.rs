//! Whether the trials of one lie further apart than those of the other.

use super::sample::Samples;
use crate::stats;

/// Of fewer trials nothing is said of their spread.
const LEAST: usize = 6;

/// How far trials lie apart, the other's over the base's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Ratio of the mean distances from the median, on the scale of logarithms; none where the base's trials are all alike.
    pub ratio: Option<f64>,
    /// How often chance alone would make it so far from 1: alone, and corrected by Holm over all that were judged.
    pub p: (f64, f64),
}

/// What is said of spreads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spreads {
    /// The other's trials lie further apart.
    Wider,
    /// They lie closer together.
    Narrower,
    /// No difference was seen.
    Alike,
}

impl Spread {
    /// Brown and Forsythe's test (1974) of the logarithms.
    pub(super) fn of(samples: &Samples) -> Option<Self> {
        let (a, b) = (&samples.base, &samples.other);
        if a.len() < LEAST || b.len() < LEAST {
            return None;
        }
        let p = stats::brown_forsythe(a, b)?;
        let (below, above) = (distance(a)?, distance(b)?);
        Some(Spread { ratio: (below > 0.0).then(|| above / below), p: (p, p) })
    }

    /// What is said of it where all spreads together may be wrong so often.
    pub fn told(&self, risk: f64) -> Spreads {
        match self.ratio {
            _ if self.p.1 > risk => Spreads::Alike,
            Some(ratio) if ratio < 1.0 => Spreads::Narrower,
            _ => Spreads::Wider,
        }
    }
}

/// Mean distance from the median.
fn distance(of: &[f64]) -> Option<f64> {
    let median = stats::median(of)?;
    stats::mean(&of.iter().map(|value| (value - median).abs()).collect::<Vec<f64>>())
}
