//! The threads that keep the transactions of a fleet: one for each producer that has any.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

use super::LoadError;
use super::asked::ClientSpec;
use super::heavy::{Keeper, RawProducer};
use super::tally::LoadCounts;
use super::threads::spawn;

/// How long the coordinator may take to make a producer ready: the first of a cluster makes a topic for it.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Makes all producers that have transactions ready for them, side by side.
pub fn make_ready(producers: &[Arc<RawProducer>]) -> Result<(), LoadError> {
    std::thread::scope(|scope| {
        let with = producers.iter().filter(|producer| producer.has_transactions());
        let waits: Vec<_> =
            with.map(|producer| scope.spawn(|| producer.init_transactions(READY_WITHIN))).collect();
        for wait in waits {
            let ready = wait.join().map_err(|_| LoadError::Died { thread: "transactions" })?;
            ready.map_err(|reason| LoadError::Client { reason })?;
        }
        Ok(())
    })
}

/// Threads that begin and end transactions.
#[derive(Debug, Default)]
pub struct Keepers {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<BTreeMap<String, u64>>>,
}

impl Keepers {
    /// One for each producer that has transactions; `producers` are librdkafka's, in the order of their numbers.
    pub fn start(
        clients: &[ClientSpec],
        producers: &[Arc<RawProducer>],
        counts: &Arc<LoadCounts>,
        seed: u64,
    ) -> Result<Self, LoadError> {
        let mut keepers = Keepers::default();
        let heavy = (0..).zip(clients).filter(|(_, client)| client.is_librdkafka());
        for ((number, client), producer) in heavy.zip(producers) {
            let transaction = counts.transactions.get(number as usize).cloned().flatten();
            let (Some(asked), Some(transaction)) = (client.transactions, transaction) else {
                continue;
            };
            let (counts, stop) = (Arc::clone(counts), Arc::clone(&keepers.stop));
            let producer = Arc::clone(producer);
            let keeper = Keeper { producer, number, transaction, asked, counts, seed, stop };
            keepers.threads.push(spawn("load-transactions", move || keeper.run())?);
        }
        Ok(keepers)
    }

    /// Ends the last transactions; hands back what went wrong with any, each once, with its count.
    pub fn finish(self) -> Result<BTreeMap<String, u64>, LoadError> {
        self.stop.store(true, Relaxed);
        let mut errors = BTreeMap::new();
        for thread in self.threads {
            let own = thread.join().map_err(|_| LoadError::Died { thread: "transactions" })?;
            for (error, count) in own {
                *errors.entry(error).or_default() += count;
            }
        }
        Ok(errors)
    }
}
