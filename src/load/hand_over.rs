//! From threads that must not wait for a disk to the one that may: histograms whose seconds have passed.
//!
//! A second's memory goes along and an empty one comes back for it, so that neither end allocates.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::LoadError;
use super::threads::spawn;
use crate::books::{Loose, Shelf, Shelves, Sum};
use crate::record::Spool;
use crate::units::Latency;

/// Seconds on their way before a thread has to wait: a disk may stand still for some seconds.
const WAITING: usize = 64;
/// Empty histograms that lie ready for each latency of a thread.
const READY: usize = 2;

/// What goes over.
#[derive(Debug)]
enum Passed {
    /// A second, and where its memory is to go back to.
    Second(Latency, u64, Sum, SyncSender<Sum>),
    Loose(Latency, Loose),
}

/// The thread that writes, and the way to it.
#[derive(Debug)]
pub struct Scribe {
    passed: SyncSender<Passed>,
    thread: JoinHandle<()>,
}

impl Scribe {
    /// Starts it.
    pub fn start(spool: Spool) -> Result<Self, LoadError> {
        let (passed, heard) = sync_channel(WAITING);
        let thread = spawn("load-latencies", move || {
            while let Ok(passed) = heard.recv() {
                match passed {
                    Passed::Second(latency, second, mut sum, back) => {
                        spool.put(second, latency, &sum.take());
                        // Whoever is gone needs none.
                        back.try_send(sum).ok();
                    }
                    Passed::Loose(latency, mut loose) => {
                        for (second, histogram) in loose.take() {
                            spool.put(second, latency, &histogram);
                        }
                    }
                }
            }
        })?;
        Ok(Scribe { passed, thread })
    }

    /// Ends when every shelf is gone; all is then in the spool.
    pub fn finish(self) -> Result<(), LoadError> {
        drop(self.passed);
        self.thread.join().map_err(|_| LoadError::Died { thread: "latencies'" })
    }
}

impl Shelves for Scribe {
    fn shelf(&self, latency: Latency) -> Box<dyn Shelf> {
        let (back, empty) = sync_channel(READY);
        for _ in 0..READY {
            back.try_send(Sum::made()).ok();
        }
        Box::new(HandOver { latency, passed: self.passed.clone(), back, empty })
    }
}

#[derive(Debug)]
struct HandOver {
    latency: Latency,
    passed: SyncSender<Passed>,
    back: SyncSender<Sum>,
    empty: Receiver<Sum>,
}

impl Shelf for HandOver {
    fn put_dense(&mut self, second: u64, sum: &mut Sum) {
        let next = self.empty.try_recv().unwrap_or_else(|_| Sum::made());
        let full = std::mem::replace(sum, next);
        // A thread that died is told of when it is joined.
        self.passed.send(Passed::Second(self.latency, second, full, self.back.clone())).ok();
    }

    fn put_loose(&mut self, loose: &mut Loose) {
        self.passed.send(Passed::Loose(self.latency, std::mem::take(loose))).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::BySecond;

    #[test]
    fn what_is_handed_over_is_in_the_spool_and_memory_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::create(folder.path()).unwrap();
        let scribe = Scribe::start(spool.clone()).unwrap();
        let mut seconds = BySecond::with_seconds(0, 1_000).onto(scribe.shelf(Latency::Ack));
        for second in 0..1_000 {
            (0..100).for_each(|value| seconds.record(second, value * 1_000));
            seconds.record(second / 2, 7);
        }
        seconds.flush();
        drop(seconds);
        scribe.finish().unwrap();
        let read = spool.read().unwrap();
        assert_eq!(read.sum(Latency::Ack).unwrap().len(), 101_000);
        assert_eq!(read.iter().count(), 1_000);
    }
}
