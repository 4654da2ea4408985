//! Where a producer's transactions stand: which one its messages are in, whether it takes any just now, and which were aborted.
//!
//! Three threads share it without waiting for each other, apart from the one that ends transactions: it closes the door, waits for whoever is passing
//! through, and ends the transaction only when all its messages have met their fate. So every report belongs to the transaction that is numbered when it
//! comes in.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The transactions of one producer.
#[derive(Debug, Default)]
pub struct Transaction {
    number: AtomicU64,
    ended: AtomicU64,
    open: AtomicBool,
    passing: AtomicBool,
    aborted: Mutex<BTreeSet<u64>>,
}

impl Transaction {
    /// The sender's: whether a message may be handed over now. If so, [`Self::leave`] must follow.
    pub fn enter(&self) -> bool {
        // Both sides write before they read, in one order for all: either the sender sees a closed door, or the keeper sees the sender.
        self.passing.store(true, Ordering::SeqCst);
        let open = self.open.load(Ordering::SeqCst);
        if !open {
            self.leave();
        }
        open
    }

    /// The sender's: the message is with the client.
    pub fn leave(&self) {
        self.passing.store(false, Ordering::Release);
    }

    /// The keeper's: the next transaction has begun.
    pub fn begin(&self) {
        self.number.fetch_add(1, Ordering::Release);
        self.open.store(true, Ordering::SeqCst);
    }

    /// The keeper's: from now on no message goes into the running transaction.
    pub fn close(&self) {
        self.open.store(false, Ordering::SeqCst);
        while self.passing.load(Ordering::SeqCst) {
            std::hint::spin_loop();
        }
    }

    /// The keeper's: the running transaction has ended.
    pub fn end(&self, aborted: bool) {
        let number = self.number();
        if aborted {
            self.aborted.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
        }
        self.ended.store(number, Ordering::Release);
    }

    /// The transaction that runs, or ran last: 1, 2, 3, …
    pub fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// Whether a transaction was aborted; none as long as it has not ended.
    pub fn was_aborted(&self, number: u64) -> Option<bool> {
        let ended = self.ended.load(Ordering::Acquire) >= number;
        ended.then(|| self.aborted.lock().unwrap_or_else(PoisonError::into_inner).contains(&number))
    }

    /// How many were committed, and how many aborted.
    pub fn counts(&self) -> (u64, u64) {
        let aborted = self.aborted.lock().unwrap_or_else(PoisonError::into_inner).len() as u64;
        (self.ended.load(Ordering::Acquire).saturating_sub(aborted), aborted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn no_message_goes_into_a_transaction_that_is_being_ended() {
        let (one, stop) = (Arc::new(Transaction::default()), Arc::new(AtomicBool::new(false)));
        let inside = Arc::new(AtomicU64::new(0));
        let sender = {
            let (one, stop, inside) = (Arc::clone(&one), Arc::clone(&stop), Arc::clone(&inside));
            std::thread::spawn(move || {
                let mut entered = 0_u64;
                while !stop.load(Ordering::Relaxed) {
                    if one.enter() {
                        inside.store(1, Ordering::Relaxed);
                        entered += 1;
                        inside.store(0, Ordering::Relaxed);
                        one.leave();
                    }
                }
                entered
            })
        };
        for number in 1..=2_000 {
            one.begin();
            std::thread::yield_now();
            one.close();
            assert_eq!(inside.load(Ordering::Relaxed), 0, "somebody is still passing through");
            assert_eq!(one.was_aborted(number), None);
            one.end(number % 10 == 0);
            assert_eq!(one.was_aborted(number), Some(number % 10 == 0));
        }
        stop.store(true, Ordering::Relaxed);
        sender.join().unwrap();
        assert_eq!((one.number(), one.counts()), (2_000, (1_800, 200)));
        assert!(!one.enter());
    }
}
