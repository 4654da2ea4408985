//! The threads of a fleet: started one by one, ended together; in which order, `reporter` says.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::thread::JoinHandle;

use super::LoadError;
use super::reporter::LoadEnd;
use super::send::{Refusals, Sent};
use super::tally::{AckBatch, AckLedger, Acks, BATCH, LoadCounts, ToLedger};
use super::threads::spawn;
use crate::record::Pacing;

/// Batches of acks on their way to the ledger before the thread that takes reports has to wait.
const BATCHES: usize = 256;

/// Threads that send, take reports and keep the ledger, and how they are told to stop.
#[derive(Debug)]
pub struct Crew {
    /// Live counters.
    pub counts: Arc<LoadCounts>,
    /// Nothing more becomes due.
    pub end_schedule: Arc<AtomicBool>,
    /// What still waits is refused.
    pub give_up: Arc<AtomicBool>,
    /// Nobody sends any more: who takes reports ends.
    pub end: LoadEnd,
    /// Lives as long as anybody sends.
    sending: Weak<()>,
    senders: Vec<JoinHandle<Left>>,
    /// The senders' threads end when these are dropped.
    release: Vec<mpsc::Sender<()>>,
    reporters: Vec<Reporting>,
    ledgers: Vec<JoinHandle<()>>,
}

/// A thread that takes reports.
pub type Reporting = JoinHandle<Result<Left, LoadError>>;

/// What a thread leaves that sent, or took reports, or both.
#[derive(Debug, Default)]
pub struct Left {
    /// Of one that took reports.
    pub acks: Option<Acks>,
    /// Of one that sent by a schedule, with what it got of what it asked of the kernel.
    pub sent: Option<(Pacing, Sent)>,
    /// Messages that a client would not have, of one that sent as much as queues took.
    pub refusals: Refusals,
}

/// What the threads leave.
#[derive(Debug)]
pub struct Ended {
    /// Each of them but the ledgers'.
    pub left: Vec<Left>,
    /// They end when the acks are dropped, and write down what these still hold.
    pub ledgers: Vec<JoinHandle<()>>,
}

impl Crew {
    /// Nobody yet; who will take reports hears of that end.
    pub fn new(counts: LoadCounts, end: LoadEnd) -> Self {
        Crew {
            counts: Arc::new(counts),
            end_schedule: Arc::default(),
            give_up: Arc::default(),
            end,
            sending: Weak::new(),
            senders: Vec::new(),
            release: Vec::new(),
            reporters: Vec::new(),
            ledgers: Vec::new(),
        }
    }

    /// One more that sends, until what is returned is dropped.
    pub fn one_more(&mut self) -> Arc<()> {
        self.sending.upgrade().unwrap_or_else(|| {
            let first = Arc::new(());
            self.sending = Arc::downgrade(&first);
            first
        })
    }

    /// Whether all that send have done so.
    pub fn has_sent(&self) -> bool {
        self.sending.strong_count() == 0
    }

    /// Starts a thread that sends.
    pub fn send(&mut self, run: impl FnOnce() -> Left + Send + 'static) -> Result<(), LoadError> {
        let (sending, (release, released)) = (self.one_more(), mpsc::channel::<()>());
        self.senders.push(spawn("load-sender", move || {
            let left = run();
            drop(sending);
            // A thread that is gone has no CPU time to read: it stays until the window has been read.
            released.recv().ok();
            left
        })?);
        self.release.push(release);
        Ok(())
    }

    /// Starts a thread that takes reports until the end.
    pub fn report(
        &mut self,
        name: &'static str,
        run: impl FnOnce() -> Left + Send + 'static,
    ) -> Result<(), LoadError> {
        self.reporters.push(spawn(name, || Ok(run()))?);
        Ok(())
    }

    /// Threads that were there before the trial report to it.
    pub fn take_on(&mut self, reporters: Vec<Reporting>) {
        self.reporters.extend(reporters);
    }

    /// Starts a thread that books acks; it ends when the way to it is dropped.
    pub fn keep_ledger(
        &mut self,
        ledger: Arc<Mutex<AckLedger>>,
        with_dues: bool,
    ) -> Result<ToLedger, LoadError> {
        let (full, filled) = mpsc::sync_channel::<AckBatch>(BATCHES);
        let (emptied, empty) = mpsc::sync_channel(BATCHES);
        for _ in 0..BATCHES / 8 {
            emptied.try_send(AckBatch::with_capacity(BATCH, with_dues)).ok();
        }
        self.ledgers.push(spawn("load-ledger", move || {
            while let Ok(mut batch) = filled.recv() {
                ledger.lock().unwrap_or_else(PoisonError::into_inner).book(&batch);
                batch.clear();
                // A full channel of empty batches needs no more of them.
                emptied.try_send(batch).ok();
            }
        })?);
        Ok(ToLedger { full, empty, with_dues })
    }

    /// Ends all threads but the ledgers'. What must be done while reports are still taken is done by `before`, when nobody sends any more.
    pub fn finish(mut self, before: impl FnOnce()) -> Result<Ended, LoadError> {
        self.stop_sending();
        let mut left = joined(std::mem::take(&mut self.senders), "sender")?;
        while !self.has_sent() {
            // Those that take reports too live on; they look every millisecond or two.
            std::thread::yield_now();
        }
        before();
        self.end.tell();
        let reported = joined(std::mem::take(&mut self.reporters), "acks")?;
        left.extend(reported.into_iter().collect::<Result<Vec<_>, _>>()?);
        Ok(Ended { left, ledgers: std::mem::take(&mut self.ledgers) })
    }

    fn stop_sending(&mut self) {
        self.end_schedule.store(true, Relaxed);
        self.give_up.store(true, Relaxed);
        self.release.clear();
    }
}

impl Drop for Crew {
    /// Where not all could be started, those that were end by themselves.
    fn drop(&mut self) {
        self.stop_sending();
        self.end.tell();
    }
}

fn joined<T>(threads: Vec<JoinHandle<T>>, thread: &'static str) -> Result<Vec<T>, LoadError> {
    threads.into_iter().map(|one| one.join().map_err(|_| LoadError::Died { thread })).collect()
}
