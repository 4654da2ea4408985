//! The thread that begins and ends one producer's transactions: the calls for it wait for the broker, so that nobody else may make them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rand::{RngExt as _, SeedableRng};
use rand_pcg::Pcg64;

use super::native::{Ending, RawProducer};
use crate::load::tally::{LoadCounts, Transaction};
use crate::spec::Transactions;

/// A call waits so long before it is made again.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a stop is looked for.
const LOOK: Duration = Duration::from_millis(5);
/// How long a producer is left alone after a broker would not begin a transaction.
const PAUSE: Duration = Duration::from_millis(20);

/// All that the thread needs.
#[derive(Debug)]
pub struct Keeper {
    /// Whose transactions.
    pub producer: Arc<RawProducer>,
    /// Its number among all.
    pub number: u32,
    /// Where they stand.
    pub transaction: Arc<Transaction>,
    /// How often they end, and how.
    pub asked: Transactions,
    /// Live counters.
    pub counts: Arc<LoadCounts>,
    /// Which are aborted follows from it and the producer's number.
    pub seed: u64,
    /// Set when no message will come any more.
    pub stop: Arc<AtomicBool>,
}

impl Keeper {
    /// Begins and ends transactions until it is told to stop; the last is ended as any other. Hands back what went wrong.
    pub fn run(self) -> BTreeMap<String, u64> {
        let mut errors = BTreeMap::new();
        let mut random = Pcg64::seed_from_u64(
            self.seed ^ (u64::from(self.number) + 1).wrapping_mul(0xD1B5_4A32_D192_ED03),
        );
        while !self.stop.load(Relaxed) {
            if let Err(error) = self.producer.begin_transaction() {
                *errors.entry(error).or_default() += 1;
                std::thread::sleep(PAUSE);
                continue;
            }
            let acked = self.acked();
            self.transaction.begin();
            self.wait();
            let doomed = random.random_bool(self.asked.abort.get().clamp(0.0, 1.0));
            self.transaction.close();
            let aborted = self.end(doomed, &mut errors);
            if aborted {
                self.counts.aborted.fetch_add(self.acked() - acked, Relaxed);
            }
            self.transaction.end(aborted);
        }
        errors
    }

    fn acked(&self) -> u64 {
        self.counts.producers.acked_of(self.number)
    }

    fn wait(&self) {
        let end = Instant::now() + self.asked.commit_every.as_duration();
        while !self.stop.load(Relaxed) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(LOOK));
        }
    }

    /// Ends the running transaction; true where it was aborted, be it that it had to be, or that nobody knows.
    fn end(&self, doomed: bool, errors: &mut BTreeMap<String, u64>) -> bool {
        // All must have met its fate first: what is purged by an abort would be neither acked nor failed.
        while !self.producer.flush(PATIENCE) {
            if self.stop.load(Relaxed) {
                break;
            }
        }
        let mut abort = doomed;
        loop {
            let ended = if abort {
                self.producer.abort_transaction(PATIENCE)
            } else {
                self.producer.commit_transaction(PATIENCE)
            };
            match ended {
                Ending::Done => return abort,
                Ending::Again(_) if !self.stop.load(Relaxed) => {}
                Ending::MustAbort(error) if !abort => {
                    *errors.entry(error).or_default() += 1;
                    abort = true;
                }
                Ending::Again(error) | Ending::MustAbort(error) | Ending::Fatal(error) => {
                    *errors.entry(error).or_default() += 1;
                    // What was not committed as far as anybody knows, the coordinator aborts in its time.
                    return true;
                }
            }
        }
    }
}
