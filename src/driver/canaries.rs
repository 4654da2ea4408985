//! Delivery reports of the messages that go through every partition before a trial.

use rdkafka::ClientContext;
use rdkafka::message::Message as _;
use rdkafka::producer::{DeliveryResult, ProducerContext};

/// Tells where canaries were written.
pub struct Canaries {
    /// Partition and offset of each.
    pub told: std::sync::mpsc::Sender<(i32, i64)>,
}

impl ClientContext for Canaries {}

impl ProducerContext for Canaries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Ok(message) = result {
            self.told.send((message.partition(), message.offset())).ok();
        }
    }
}
