//! Books what a client tells, at the time at which its batch came in.

use super::native::{Listener, RawProducer};
use crate::load::tally::{Acks, Delivery};

/// Acks with the time of the batch that comes in just now.
#[derive(Debug)]
pub struct Booker {
    /// Where all is booked.
    pub acks: Acks,
    now: u64,
}

impl Booker {
    /// Books into these.
    pub fn new(acks: Acks) -> Self {
        Booker { acks, now: 0 }
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
        self.now = self.acks.now();
    }

    fn delivery(&mut self, delivery: &Delivery) {
        self.acks.deliver_at(delivery, self.now);
    }

    fn error(&mut self, text: String) {
        self.acks.complain(text);
    }
}
