//! Producers whose reports are taken by the thread that sends: nobody is woken, and memory is freed where it was taken.
//!
//! At `rate: max` the sending thread has nothing else to wait for, and a second one would only take turns with it. As it knows when a payload is spent,
//! the client need not copy it.

use std::sync::Arc;

use super::booker::Booker;
use super::native::RawProducer;
use super::slots::FreeSlots;
use crate::load::reporter::{Next, Reporter};
use crate::load::send::{Clients, Handed, Outgoing};
use crate::load::tally::Acks;
use crate::timeline::Clock;

/// The shortest wait that librdkafka knows.
const WAIT_MS: i32 = 1;
/// How often the end is looked for when all is sent.
const LOOK_MS: i32 = 10;

/// Some producers of the segment, served by one thread alone.
#[derive(Debug)]
pub struct AloneClients {
    producers: Vec<(Arc<RawProducer>, Option<FreeSlots>)>,
    booker: Booker,
}

impl AloneClients {
    /// These, numbered as they stand here, for payloads of up to `largest` bytes; `alike` says that one body is as good as another.
    pub fn new(producers: &[Arc<RawProducer>], largest: usize, alike: bool, reporter: Reporter) -> Self {
        let with_slots = |producer: &Arc<RawProducer>| (Arc::clone(producer), producer.slots(largest, alike));
        AloneClients { producers: producers.iter().map(with_slots).collect(), booker: Booker::new(reporter) }
    }

    /// Nothing more is sent: takes reports until the end.
    pub fn see_off(mut self) -> Acks {
        loop {
            let heard = self.listen_to_all(LOOK_MS);
            self.booker.reporter.acks.settle();
            match self.booker.reporter.after_round(heard) {
                Next::Round => {}
                Next::GiveUp => self.producers.iter().for_each(|(producer, _)| producer.purge()),
                Next::Done => return self.booker.reporter.acks,
            }
        }
    }

    /// Waits for news of the first and takes what the others have meanwhile.
    fn listen_to_all(&mut self, wait_ms: i32) -> bool {
        let mut heard = self.listen(0, wait_ms);
        for producer in 0..self.producers.len() {
            while self.listen(producer, 0) {
                heard = true;
            }
        }
        heard
    }

    /// Takes one event of a producer.
    fn listen(&mut self, producer: usize, wait_ms: i32) -> bool {
        let Some((producer, slots)) = self.producers.get_mut(producer) else { return false };
        std::mem::swap(slots, &mut self.booker.slots);
        let heard = producer.listen(&mut self.booker, wait_ms);
        std::mem::swap(slots, &mut self.booker.slots);
        heard
    }
}

impl Clients for AloneClients {
    fn produce(&mut self, producer: usize, message: &mut Outgoing<'_>) -> Handed {
        self.producers[producer].0.produce(message)
    }

    fn produce_all(&mut self, producer: usize, messages: &mut [Outgoing<'_>], handed: &mut [Handed]) {
        let (client, slots) = &mut self.producers[producer];
        client.produce_all(messages, handed, slots.as_mut());
        self.listen(producer, 0);
    }

    fn pass_on(&mut self) {
        self.booker.reporter.acks.settle();
    }

    fn await_room(&mut self, _clock: Clock, _until: u64) {
        self.listen_to_all(WAIT_MS);
    }
}
