//! When an event acted: asked for is not done, and what it does may come long after both.

use std::ops::Range;

use super::HOLD;
use crate::record::{GapRow, Injected};

/// What an event did, and when, in seconds since time 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Acts {
    /// When it was asked for and was done, its last new instance was started, it was taken back, and the group learned of it, as far as that was watched.
    all: Vec<f64>,
    /// The last of these, but for what the group learned, and be it after it was watched.
    last: f64,
}

impl Acts {
    pub fn of(injected: &Injected, after: &Range<f64>) -> Self {
        let is_watched = |at: &f64| *at < after.end;
        // What is only taken back when the trial is torn down was never taken back as far as this is about.
        let undone = injected.undone_s.filter(is_watched);
        let own: Vec<f64> =
            [Some(after.start), injected.done_s, injected.booted_s, undone].into_iter().flatten().collect();
        let last = own.iter().copied().fold(after.start, f64::max);
        let all = own.into_iter().chain(injected.detected_s).filter(is_watched).collect();
        Acts { all, last }
    }

    /// When it had acted: after its last act, and when the last of the partitions that stood still because of it went on again.
    pub fn over(&self, last_back: Option<f64>) -> f64 {
        last_back.map_or(self.last, |back| back.max(self.last))
    }

    /// Whether a time in which a partition stood still is put down to it: it was not over at one of its acts, and began no later than [`HOLD`] seconds after it.
    pub fn caused(&self, gap: &GapRow) -> bool {
        self.all.iter().any(|act| gap.to_s.is_none_or(|to_s| to_s > *act) && gap.from_s <= act + HOLD as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_of_a_partition_is_put_down_to_what_was_done_during_it_or_little_before() {
        let event = Injected {
            done_s: Some(20.0),
            booted_s: Some(14.0),
            detected_s: Some(14.2),
            undone_s: Some(70.0),
            ..Injected::default()
        };
        let acts = Acts::of(&event, &(10.0..40.0));
        let of = |from_s: f64, to_s: Option<f64>| acts.caused(&GapRow { from_s, to_s, ..GapRow::default() });
        assert!(of(9.0, Some(10.1)) && of(14.0, Some(30.0)) && of(25.0, Some(25.3)) && of(19.5, None));
        assert!(!of(9.0, Some(9.9)), "it was over before");
        assert!(!of(19.3, Some(19.8)), "long after the new ones came, and over before the old ones left");
        assert!(!of(25.1, Some(26.0)) && !of(25.1, None), "long after the last act");
        assert!(!of(70.0, Some(71.0)), "what was taken back after it was watched is no act");
        for (back, over) in [(None, 20.0), (Some(19.0), 20.0), (Some(21.5), 21.5)] {
            assert!((acts.over(back) - over).abs() < 1e-9, "{back:?}");
        }
    }
}
