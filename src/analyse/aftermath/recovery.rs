//! When all was as before.

use std::ops::Range;

use super::band::upper;
use super::{HOLD, Seconds};
use crate::analyse::reading::Reading;
use crate::stats;

/// Below this a p99 is as before whatever it was, in ms above its middle: less is the host's own noise.
const LEAST_MS: f64 = 10.0;
/// The same of a lag, in seconds of the load.
const LEAST_LAG_S: f64 = 0.1;

/// When lag and p99 were back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recovery {
    /// Seconds from the event until then; beyond what was seen of it where they never were, empty where the steady part tells nothing.
    pub reading: Reading,
}

impl Recovery {
    /// The first second after the event from which on lag and p99 lie in their bands for [`HOLD`] seconds, whole seconds that end before time is up: the lag of each, and
    /// the p99 of the messages due in all of them, which `p99` tells of seconds of the window. A second that holds the event itself is one of them, and if that and
    /// all that follow are in the band, there was nothing to recover from.
    pub fn of(
        seconds: &Seconds,
        mut p99: impl FnMut(Range<usize>) -> Reading,
        steady: &Range<f64>,
        after: &Range<f64>,
    ) -> Self {
        let before = seconds.within(steady);
        let lags: Vec<f64> = seconds.lag[before.clone()].iter().copied().flatten().collect();
        // Like is set against like; a steady part that is shorter is one piece.
        let long = HOLD.min(before.len());
        let pieces = (before.start..=before.end - long).filter(|_| long > 0);
        let p99s: Vec<f64> = pieces.filter_map(|from| p99(from..from + long).value()).collect();
        let load = stats::median(&seconds.due[before]).unwrap_or_default();
        let (most_lag, most_ms) = (upper(&lags, LEAST_LAG_S * load), upper(&p99s, LEAST_MS));
        if most_lag.is_none() && most_ms.is_none() {
            return Recovery { reading: Reading::Empty };
        }
        // Of a second of which nothing is known nobody can say that it is as before.
        let is_known = |second: usize| most_ms.is_some() && seconds.p99_ms[second] != Reading::Empty;
        let lag_is_in = |second: usize| match most_lag.zip(seconds.lag[second]) {
            Some((most, lag)) => lag <= most,
            None => is_known(second),
        };
        let mut p99_is_in = |from: usize| match (most_ms, p99(from..from + HOLD)) {
            (Some(most), Reading::Value(ms)) => ms <= most,
            (_, Reading::Beyond(_)) => false,
            _ => true,
        };
        let first = (after.start - seconds.start_s).floor().max(0.0) as usize;
        let end = seconds.within(after).end;
        let begins = |second: usize| (seconds.start_s + second as f64 - after.start).max(0.0);
        let mut held = first..(end + 1).saturating_sub(HOLD);
        let found = held.clone().find(|from| (*from..from + HOLD).all(lag_is_in) && p99_is_in(*from));
        if let Some(second) = found {
            return Recovery { reading: Reading::Value(begins(second)) };
        }
        // Until the last second whose lag was not as before, or with which a time began whose p99 was not, it had certainly not recovered.
        let lag = (first..end).rfind(|second| !lag_is_in(*second));
        let last = lag.max(held.rfind(|from| !p99_is_in(*from)));
        Recovery { reading: Reading::Beyond(last.map_or(0.0, |last| begins(last + 1))) }
    }
}
