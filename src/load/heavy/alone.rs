//! Producers whose reports are taken by the thread that sends: nobody is woken, and memory is freed where it was taken.
//!
//! At `rate: max` the sending thread has nothing else to wait for, and a second one would only take turns with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::booker::Booker;
use super::native::RawProducer;
use crate::load::send::{Clients, Handed, Outgoing};
use crate::load::tally::Acks;
use crate::timeline::Clock;

/// The shortest wait that librdkafka knows.
const WAIT_MS: i32 = 1;
/// How often a stop is looked for when all is sent.
const LOOK_MS: i32 = 10;

/// Some producers of the segment, served by one thread alone.
#[derive(Debug)]
pub struct AloneClients {
    producers: Vec<Arc<RawProducer>>,
    booker: Booker,
}

impl AloneClients {
    /// These, numbered as they stand here.
    pub fn new(producers: Vec<Arc<RawProducer>>, acks: Acks) -> Self {
        AloneClients { producers, booker: Booker::new(acks) }
    }

    /// Nothing more is sent: takes reports until `stop` is set and nothing is left to tell.
    pub fn see_off(mut self, stop: &AtomicBool) -> Acks {
        loop {
            let stopping = stop.load(Relaxed);
            let heard = self.listen(LOOK_MS);
            self.booker.acks.settle();
            if stopping && !heard {
                return self.booker.acks;
            }
        }
    }

    /// Waits for news of the first and takes what the others have meanwhile.
    fn listen(&mut self, wait_ms: i32) -> bool {
        let mut heard = self.producers.first().is_some_and(|first| first.listen(&mut self.booker, wait_ms));
        for producer in &self.producers {
            heard |= self.booker.drain(producer);
        }
        heard
    }
}

impl Clients for AloneClients {
    fn produce(&mut self, producer: usize, message: &mut Outgoing<'_>) -> Handed {
        self.producers[producer].produce(message)
    }

    fn produce_all(&mut self, producer: usize, messages: &mut [Outgoing<'_>], handed: &mut [Handed]) {
        self.producers[producer].produce_all(messages, handed);
        self.producers[producer].listen(&mut self.booker, 0);
    }

    fn pass_on(&mut self) {
        self.booker.acks.settle();
    }

    fn await_room(&mut self, _clock: Clock, _until: u64) {
        self.listen(WAIT_MS);
    }
}
