//! Clients that have messages and tell of none: they may have lost all brokers, and not say so.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use crate::timeline::SECOND_NS;

/// Longer than a busy broker takes.
const LONG_NS: u64 = 5 * SECOND_NS;
/// Only each so manieth look counts: a client is looked at a hundred times a second at the least, and far more often while it sends all that it can.
const EACH: u32 = 32;
/// Stands for a silence that was long enough.
const LONG: u64 = u64::MAX;

/// Since when a client has told nothing.
#[derive(Debug, Default)]
pub struct Silence {
    looks: AtomicU32,
    /// Unix ns; 0 where it is none.
    since_ns: AtomicU64,
}

impl Silence {
    /// There was nothing to hear. True once, when that has been so for long while the client had messages in its hands.
    pub fn is_long(&self, has_messages: impl FnOnce() -> bool, now_ns: impl FnOnce() -> u64) -> bool {
        if !self.looks.fetch_add(1, Relaxed).is_multiple_of(EACH) {
            return false;
        }
        let since_ns = self.since_ns.load(Relaxed);
        if !has_messages() {
            self.since_ns.store(0, Relaxed);
        } else if since_ns == 0 {
            self.since_ns.store(now_ns(), Relaxed);
        } else if since_ns < LONG && now_ns().saturating_sub(since_ns) > LONG_NS {
            self.since_ns.store(LONG, Relaxed);
            return true;
        }
        false
    }

    /// Something was told. Whether that ended a long silence.
    pub fn ends(&self) -> bool {
        // Nearly always there was none, and nothing is written.
        self.since_ns.load(Relaxed) > 0 && self.since_ns.swap(0, Relaxed) == LONG
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_has_messages_and_tells_of_none_for_five_seconds_is_told_once_until_it_tells_of_some() {
        let silence = Silence::default();
        // A look each 10 ms.
        let long = |ticks: std::ops::Range<u64>, has: bool| {
            ticks
                .filter(|tick| silence.is_long(|| has, || 1_000 * SECOND_NS + tick * SECOND_NS / 100))
                .count()
        };
        assert_eq!(long(0..1_000, false), 0, "it has nothing to tell of");
        assert_eq!(long(1_000..1_500, true), 0);
        assert!(!silence.ends());
        assert_eq!((long(1_500..2_000, true), long(2_000..3_000, true)), (0, 1));
        assert_eq!(long(3_000..9_000, true), 0, "once is enough");
        assert!(silence.ends() && !silence.ends());
        assert_eq!(long(9_000..10_000, true), 1);
    }
}
