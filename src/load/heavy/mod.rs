//! librdkafka's producers: full clients, each with threads of its own.

mod alone;
mod booker;
mod codes;
mod inside;
mod keeper;
mod lost;
mod native;
mod poll;
mod silence;
mod slots;
#[cfg(test)]
mod tests;
mod try_out;

pub use alone::AloneClients;
pub use keeper::Keeper;
pub use native::{RawProducer, Unmarked};
pub use poll::run;
pub use try_out::{try_out, why_not};

use std::sync::Arc;

use super::send::{Clients, Handed, Outgoing};

/// librdkafka's producers of one sender, by the pacer's numbers.
#[derive(Debug)]
pub struct HeavyClients(pub Vec<Arc<RawProducer>>);

impl Clients for HeavyClients {
    fn produce(&mut self, producer: usize, message: &mut Outgoing<'_>) -> Handed {
        self.0[producer].produce(message)
    }

    fn produce_all(&mut self, producer: usize, messages: &mut [Outgoing<'_>], handed: &mut [Handed]) {
        self.0[producer].produce_all(messages, handed, None);
    }
}
