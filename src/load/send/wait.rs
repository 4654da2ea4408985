//! How the sender passes the time until the next message is due.
//!
//! A sleep wakes tens of microseconds late, a spin is exact and burns a core. So it sleeps to shortly before the due time and spins the rest, as long as
//! spinning stays below a fifth of a core; at higher rates it wakes on a grain and sends what is due by then.

use std::num::NonZeroU64;

use rustix::thread::{ClockId, clock_nanosleep_absolute, set_current_timer_slack};

use crate::timeline::Clock;

/// The longest spin before a due time.
const LONGEST_SPIN_NS: f64 = 40_000.0;
/// Below this a spin no longer hides a sleep's lateness.
const SHORTEST_SPIN_NS: f64 = 20_000.0;
/// The part of a core that spinning may take.
const SPIN_SHARE: f64 = 0.2;
/// The grain of high rates.
const GRAIN_NS: u64 = 50_000;
/// No sleep is longer, so that a request to stop is heard.
const LONGEST_SLEEP_NS: u64 = 20_000_000;

/// A way of waiting, fixed for a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Sleep to this many nanoseconds before the due time, then spin.
    Spin(u64),
    /// Sleep to the end of the running grain of this many nanoseconds.
    Grain(u64),
}

impl Waiting {
    /// The way for a total rate, in messages per second.
    pub fn for_rate(messages_per_s: f64) -> Self {
        let affordable = SPIN_SHARE * 1e9 / messages_per_s;
        if affordable < SHORTEST_SPIN_NS {
            Waiting::Grain(GRAIN_NS)
        } else {
            Waiting::Spin(affordable.min(LONGEST_SPIN_NS) as u64)
        }
    }

    /// Until when to sleep so as to be in time for `due`, both Unix ns; `None` where spinning is what is left to do.
    pub fn sleep_until(self, now: u64, due: u64) -> Option<u64> {
        let wake = match self {
            Waiting::Spin(spin) => due.saturating_sub(spin),
            Waiting::Grain(grain) => due.max(now + grain),
        };
        (wake > now).then_some(wake.min(now + LONGEST_SLEEP_NS))
    }
}

/// Asks for wake-ups as exact as the kernel gives them, for the calling thread.
pub fn sharpen_sleep() {
    // Without it wake-ups are up to 50 µs late: worse, but no fault; send delay shows it.
    set_current_timer_slack(NonZeroU64::new(1)).ok();
}

/// Sleeps until a moment of the clock (Unix ns); returns early on a signal, which callers treat as any other wake-up.
pub fn sleep_until(clock: Clock, unix_ns: u64) {
    clock_nanosleep_absolute(ClockId::Monotonic, &clock.mono_at(unix_ns)).ok();
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn spinning_never_takes_more_than_a_fifth_of_a_core(rate in 0.1..1e7_f64) {
            if let Waiting::Spin(spin) = Waiting::for_rate(rate) {
                prop_assert!(spin as f64 * rate <= 0.2e9 + 1.0);
                prop_assert!(spin >= 20_000);
            }
        }

        #[test]
        fn no_sleep_oversleeps_a_due_time_by_more_than_a_grain(rate in 0.1..1e7_f64, ahead in 0..1_000_000_000_u64) {
            let now = 1_000_000_000_000;
            if let Some(wake) = Waiting::for_rate(rate).sleep_until(now, now + ahead) {
                prop_assert!(wake > now);
                prop_assert!(wake <= (now + ahead).max(now + GRAIN_NS));
            }
        }
    }

    #[test]
    fn ten_thousand_a_second_are_still_spun_for() {
        assert_eq!(Waiting::for_rate(10_000.0), Waiting::Spin(20_000));
        assert_eq!(Waiting::for_rate(10_001.0), Waiting::Grain(50_000));
    }
}
