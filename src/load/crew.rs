//! The threads of a fleet: started one by one, ended together.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::thread::JoinHandle;

use super::LoadError;
use super::send::{Refusals, Sent};
use super::tally::{AckBatch, AckLedger, Acks, BATCH, LoadCounts};
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
    /// No more reports will come.
    pub stop: Arc<AtomicBool>,
    /// Lives as long as anybody sends.
    sending: Weak<()>,
    senders: Vec<JoinHandle<(Pacing, Sent)>>,
    /// The senders' threads end when these are dropped.
    release: Vec<mpsc::Sender<()>>,
    reporters: Vec<JoinHandle<(Acks, Refusals)>>,
    ledgers: Vec<JoinHandle<()>>,
}

/// What the threads leave. The ledgers' end when the acks are dropped.
#[derive(Debug)]
pub struct Ended {
    /// Of those that sent by a schedule, with what they got of what they asked of the kernel.
    pub sent: Vec<(Pacing, Sent)>,
    /// Of those that took reports; with refusals of those that sent too.
    pub reports: Vec<(Acks, Refusals)>,
    /// They write down what the acks still hold.
    pub ledgers: Vec<JoinHandle<()>>,
}

impl Crew {
    /// Nobody yet.
    pub fn new(counts: LoadCounts) -> Self {
        Crew {
            counts: Arc::new(counts),
            end_schedule: Arc::default(),
            give_up: Arc::default(),
            stop: Arc::default(),
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

    /// Starts a thread that sends by a schedule, having asked the kernel for what that takes.
    pub fn send(&mut self, run: impl FnOnce() -> (Pacing, Sent) + Send + 'static) -> Result<(), LoadError> {
        let (sending, (release, released)) = (self.one_more(), mpsc::channel::<()>());
        self.senders.push(spawn("load-sender", move || {
            let sent = run();
            drop(sending);
            // A thread that is gone has no CPU time to read: it stays until the window has been read.
            released.recv().ok();
            sent
        })?);
        self.release.push(release);
        Ok(())
    }

    /// Starts a thread that takes reports until it is told to stop.
    pub fn take_reports(
        &mut self,
        name: &'static str,
        run: impl FnOnce() -> (Acks, Refusals) + Send + 'static,
    ) -> Result<(), LoadError> {
        self.reporters.push(spawn(name, run)?);
        Ok(())
    }

    /// Starts a thread that books acks; it ends when the returned sender is dropped.
    pub fn keep_ledger(
        &mut self,
        ledger: Arc<Mutex<AckLedger>>,
        with_dues: bool,
    ) -> Result<(mpsc::SyncSender<AckBatch>, mpsc::Receiver<AckBatch>), LoadError> {
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
        Ok((full, empty))
    }

    /// Ends all threads but the ledgers'. `give_up_in_flight` is called when nobody sends any more.
    pub fn finish(self, give_up_in_flight: impl FnOnce()) -> Result<Ended, LoadError> {
        self.end_schedule.store(true, Relaxed);
        self.give_up.store(true, Relaxed);
        drop(self.release);
        let sent = joined(self.senders, "sender")?;
        while self.sending.strong_count() > 0 {
            // Those that take reports too live on; they look every millisecond or two.
            std::thread::yield_now();
        }
        give_up_in_flight();
        self.stop.store(true, Relaxed);
        Ok(Ended { sent, reports: joined(self.reporters, "acks")?, ledgers: self.ledgers })
    }
}

fn joined<T>(threads: Vec<JoinHandle<T>>, thread: &'static str) -> Result<Vec<T>, LoadError> {
    threads.into_iter().map(|one| one.join().map_err(|_| LoadError::Died { thread })).collect()
}
