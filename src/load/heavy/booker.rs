//! Books what a client tells, at the time at which its batch came in.

use std::ffi::c_void;

use super::native::{Listener, RawProducer};
use super::slots::FreeSlots;
use crate::load::reporter::Reporter;
use crate::load::tally::Delivery;

/// A reporter with the time of the batch that comes in just now.
#[derive(Debug)]
pub struct Booker {
    /// Where all is booked.
    pub reporter: Reporter,
    now: u64,
    /// Of the producer that is listened to; none where payloads are copied.
    pub slots: Option<FreeSlots>,
}

impl Booker {
    /// Nothing came in yet.
    pub fn new(reporter: Reporter) -> Self {
        Booker { reporter, now: 0, slots: None }
    }

    /// Books all that a producer has to tell now; false if there was nothing.
    pub fn drain(&mut self, producer: &RawProducer) -> bool {
        let mut heard = false;
        while producer.listen(self, 0) {
            heard = true;
        }
        heard
    }
}

impl Listener for Booker {
    fn batch(&mut self) {
        self.now = self.reporter.acks.now();
    }

    fn delivery(&mut self, delivery: &Delivery) {
        self.reporter.acks.deliver_at(delivery, self.now);
    }

    fn spent(&mut self, payload: *const c_void) {
        if let Some(slots) = &mut self.slots {
            slots.give_back(payload);
        }
    }

    fn throttled(&mut self, ms: u64) {
        self.reporter.acks.throttled(ms);
    }

    fn error(&mut self, text: String) {
        self.reporter.acks.complain(&text);
    }
}
