//! Whether somebody asked to stop: once, finish cleanly what is measured so far; twice, stop at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU8, Ordering::SeqCst};

/// Shared by who hears signals and who obeys them.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    asked: Arc<AtomicU8>,
    signal: Arc<AtomicI32>,
}

impl Shutdown {
    /// One more signal came.
    pub fn ask(&self, signal: i32) {
        self.signal.compare_exchange(0, signal, SeqCst, SeqCst).ok();
        self.asked.fetch_update(SeqCst, SeqCst, |times| Some(times.saturating_add(1))).ok();
    }

    /// Asked at least once.
    pub fn is_asked(&self) -> bool {
        self.asked.load(SeqCst) > 0
    }

    /// Asked more than once.
    pub fn is_urgent(&self) -> bool {
        self.asked.load(SeqCst) > 1
    }

    /// The first signal, if any.
    pub fn signal(&self) -> Option<i32> {
        Some(self.signal.load(SeqCst)).filter(|signal| *signal != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_signal_is_urgent_and_the_first_names_the_exit_code() {
        let shutdown = Shutdown::default();
        assert_eq!((shutdown.is_asked(), shutdown.signal()), (false, None));
        shutdown.ask(2);
        assert!(shutdown.is_asked() && !shutdown.is_urgent());
        shutdown.ask(15);
        assert!(shutdown.is_urgent());
        assert_eq!(shutdown.signal(), Some(2));
    }
}
