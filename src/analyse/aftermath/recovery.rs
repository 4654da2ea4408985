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
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Recovery {
    /// Seconds from the event until then; beyond what was seen of it where they never were, empty where the steady part tells nothing.
    pub reading: Reading,
    /// Seconds behind the first [`HOLD`] of it with which a time of as many begins that is known not to be as before; none where nobody knows when it had recovered.
    pub out_again_s: Option<usize>,
}

impl Recovery {
    /// The first second after the event from which on lag and p99 lie in their bands for [`HOLD`] seconds, whole seconds that end before time is up: the lag of each, and
    /// the p99 of the messages due in all of them, which `p99` tells of seconds of the window. It lies behind each such time that is not in the bands and begins no
    /// later than the event has `acted`, in seconds since time 0: what acts late has nothing to recover from until it does, and is not seen to recover where time is up by
    /// then. A second that holds the event itself is one of them, and if that and all until it has acted are in the band, there was nothing to recover from.
    pub fn of(
        seconds: &Seconds,
        p99: impl FnMut(Range<usize>) -> Reading,
        steady: &Range<f64>,
        after: &Range<f64>,
        acted: f64,
    ) -> Self {
        let Some(mut bands) = Bands::of(seconds, p99, steady) else { return Recovery::default() };
        let second_of = |at_s: f64| (at_s - seconds.start_s).floor().max(0.0) as usize;
        let begins = |second: usize| (seconds.start_s + second as f64 - after.start).max(0.0);
        let (first, acted, end) = (second_of(after.start), second_of(acted), seconds.within(after).end);
        let begun = first..(end + 1).saturating_sub(HOLD);
        let off: Vec<usize> = begun.clone().filter(|from| !bands.hold(*from)).collect();
        let from = off.iter().rfind(|from| **from <= acted).map_or(first, |last| last + 1);
        let mut left = if begun.contains(&acted) { from..begun.end } else { 0..0 };
        let Some(found) = left.find(|from| off.binary_search(from).is_err()) else {
            // Until the last second whose lag was not as before, or with which a time began whose p99 was not, it had certainly not recovered.
            let last = (first..end).rfind(|second| !bands.hold_lag(*second)).max(off.last().copied());
            return Recovery {
                reading: Reading::Beyond(last.map_or(0.0, |last| begins(last + 1))),
                out_again_s: None,
            };
        };
        let later = off.into_iter().filter(|from| *from >= found + HOLD);
        Recovery {
            reading: Reading::Value(begins(found)),
            out_again_s: Some(later.filter(|from| bands.are_left(*from)).count()),
        }
    }
}

/// The upper ends of what is as before.
struct Bands<'a, P> {
    seconds: &'a Seconds,
    p99: P,
    most_lag: Option<f64>,
    most_ms: Option<f64>,
}

impl<'a, P: FnMut(Range<usize>) -> Reading> Bands<'a, P> {
    /// Those of the steady part; none where it tells nothing.
    fn of(seconds: &'a Seconds, mut p99: P, steady: &Range<f64>) -> Option<Self> {
        let before = seconds.within(steady);
        let lags: Vec<f64> = seconds.lag[before.clone()].iter().copied().flatten().collect();
        // Like is set against like; a steady part that is shorter is one piece.
        let long = HOLD.min(before.len());
        let pieces = (before.start..=before.end - long).filter(|_| long > 0);
        let p99s: Vec<f64> = pieces.filter_map(|from| p99(from..from + long).value()).collect();
        let load = stats::median(&seconds.due[before]).unwrap_or_default();
        let (most_lag, most_ms) = (upper(&lags, LEAST_LAG_S * load), upper(&p99s, LEAST_MS));
        (most_lag.is_some() || most_ms.is_some()).then_some(Bands { seconds, p99, most_lag, most_ms })
    }

    /// Whether all is as before in [`HOLD`] seconds from one on.
    fn hold(&mut self, from: usize) -> bool {
        (from..from + HOLD).all(|second| self.hold_lag(second)) && self.hold_p99(from)
    }

    /// Of a second of which nothing is known nobody can say that it is as before.
    fn hold_lag(&self, second: usize) -> bool {
        let is_known = self.most_ms.is_some() && self.seconds.p99_ms[second] != Reading::Empty;
        self.lag(second).unwrap_or(is_known)
    }

    fn hold_p99(&mut self, from: usize) -> bool {
        match (self.most_ms, (self.p99)(from..from + HOLD)) {
            (Some(most), Reading::Value(ms)) => ms <= most,
            (_, Reading::Beyond(_)) => false,
            _ => true,
        }
    }

    /// Whether something is known not to be as before in [`HOLD`] seconds from one on.
    fn are_left(&mut self, from: usize) -> bool {
        (from..from + HOLD).any(|second| self.lag(second) == Some(false)) || !self.hold_p99(from)
    }

    /// Whether the lag of a second is as before; none where it is not known.
    fn lag(&self, second: usize) -> Option<bool> {
        self.most_lag.zip(self.seconds.lag[second]).map(|(most, lag)| lag <= most)
    }
}
