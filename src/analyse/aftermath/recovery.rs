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
    /// The first second after the event from which on both lie in their bands for [`HOLD`] seconds, whole seconds that end before time is up; a second that
    /// holds the event itself is one of them, and if that and all that follow are in the band, there was nothing to recover from.
    pub fn of(seconds: &Seconds, steady: &Range<f64>, after: &Range<f64>) -> Self {
        let before = seconds.within(steady);
        let lags: Vec<f64> = seconds.lag[before.clone()].iter().copied().flatten().collect();
        let p99s: Vec<f64> = seconds.p99_ms[before.clone()].iter().filter_map(|one| one.value()).collect();
        let load = stats::median(&seconds.due[before]).unwrap_or_default();
        let bands = (upper(&lags, LEAST_LAG_S * load), upper(&p99s, LEAST_MS));
        if bands.0.is_none() && bands.1.is_none() {
            return Recovery { reading: Reading::Empty };
        }
        let is_in = |second: usize| {
            let lag = bands.0.zip(seconds.lag[second]).map(|(most, lag)| lag <= most);
            let p99 = match (bands.1, seconds.p99_ms[second]) {
                (Some(most), Reading::Value(ms)) => Some(ms <= most),
                (_, Reading::Beyond(_)) => Some(false),
                _ => None,
            };
            // Of a second of which nothing is known nobody can say that it is as before.
            (lag.is_some() || p99.is_some()) && lag.unwrap_or(true) && p99.unwrap_or(true)
        };
        let first = (after.start - seconds.start_s).floor().max(0.0) as usize;
        let end = seconds.within(after).end;
        let holds = |from: &usize| from + HOLD <= end && (*from..from + HOLD).all(is_in);
        let begins = |second: usize| (seconds.start_s + second as f64 - after.start).max(0.0);
        let reading = match (first..end).find(holds) {
            Some(second) => Reading::Value(begins(second)),
            // Until the last second that was not as before, it had certainly not recovered.
            None => Reading::Beyond(
                (first..end).rfind(|second| !is_in(*second)).map_or(0.0, |last| begins(last + 1)),
            ),
        };
        Recovery { reading }
    }
}
