//! Wakes a shard that sleeps longer than a message can wait; one that will look in time anyway is left alone.
//!
//! The shard announces until when it sleeps, then looks into the ring once more; the sender fills the ring, then reads the announcement. With a full
//! fence on both sides at least one of the two sees the other, so no message is overslept.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering, fence};

use rustix::event::{EventfdFlags, eventfd};

/// Awake: it looks into the ring before it sleeps again.
const AWAKE: u64 = 0;

/// One for each shard.
#[derive(Debug)]
pub struct Bell {
    sleeps_until: AtomicU64,
    signal: OwnedFd,
}

impl Bell {
    /// For a shard that is awake.
    pub fn new() -> io::Result<Self> {
        let signal = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Bell { sleeps_until: AtomicU64::new(AWAKE), signal })
    }

    /// The sender has filled the ring and wants it looked into by `by` (Unix ns).
    pub fn ring(&self, by: u64) {
        fence(Ordering::SeqCst);
        let until = self.sleeps_until.load(Ordering::Relaxed);
        if until <= by {
            return;
        }
        // Whoever changes it wakes; if the shard has woken by itself meanwhile, it looks.
        let first = self.sleeps_until.compare_exchange(until, AWAKE, Ordering::Relaxed, Ordering::Relaxed);
        if first.is_ok() {
            self.wake();
        }
    }

    /// Wakes the shard whatever it does.
    pub fn wake(&self) {
        // It fails only when the counter is full, and then the shard is being woken already.
        rustix::io::write(&self.signal, &1_u64.to_ne_bytes()).ok();
    }

    /// The shard will sleep until then (Unix ns); it must look into the ring once more before it does.
    pub fn announce(&self, until: u64) {
        self.sleeps_until.store(until.max(AWAKE + 1), Ordering::Relaxed);
        fence(Ordering::SeqCst);
    }

    /// The shard is awake, and will look.
    pub fn awake(&self) {
        self.sleeps_until.store(AWAKE, Ordering::Relaxed);
    }

    /// What becomes readable when it rings.
    pub fn signal(&self) -> BorrowedFd<'_> {
        self.signal.as_fd()
    }

    /// Takes the signal back; true if it had rung.
    #[cfg(test)]
    fn silence(&self) -> bool {
        rustix::io::read(&self.signal, &mut [0_u8; 8]).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_shard_that_would_oversleep_is_woken_and_only_once() {
        let bell = Bell::new().unwrap();
        bell.ring(5);
        assert!(!bell.silence(), "it was awake");
        bell.announce(100);
        bell.ring(100);
        assert!(!bell.silence(), "it looks in time");
        bell.ring(99);
        assert!(bell.silence());
        bell.ring(99);
        assert!(!bell.silence(), "it is being woken already");
        bell.announce(u64::MAX);
        bell.ring(99);
        assert!(bell.silence());
        bell.awake();
        bell.ring(99);
        assert!(!bell.silence());
    }
}
