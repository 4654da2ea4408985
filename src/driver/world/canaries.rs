//! One message through each partition, which shows that a group reads it.

use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::message::Message as _;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};

use super::super::DriverError;
use super::super::subject::Subject;
use super::World;
use crate::books::OffsetSet;
use crate::envelope::{self, Envelope, Kind};
use crate::spec::Properties;

/// How long the brokers may take to ack them.
const CANARY_WITHIN: Duration = Duration::from_secs(20);

/// Tells where canaries were written.
struct Canaries {
    /// Partition and offset of each.
    told: std::sync::mpsc::Sender<(i32, i64)>,
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

impl World {
    /// Sends one canary through each partition and returns where they lie.
    pub fn send_canaries(&self, subject: &Subject<'_>) -> Result<Vec<OffsetSet>, DriverError> {
        let partitions = subject.treatment.settings.topic.partitions;
        let config = self.load.config("bench-canary", &Properties::new())?;
        let (told, offsets) = std::sync::mpsc::channel();
        let producer: BaseProducer<Canaries> =
            config.create_with_context(Canaries { told }).map_err(|error| self.load.client_error(&error))?;
        let mut payload = [0; envelope::BYTES];
        for partition in 0..partitions {
            let due = self.clock.now();
            let written = Envelope {
                kind: Kind::Canary,
                trial: subject.number,
                producer: 0,
                sequence: u64::from(partition),
                due,
            }
            .write(&mut payload);
            debug_assert!(written, "the payload is an envelope's size");
            let record =
                BaseRecord::<(), [u8]>::to(&subject.topic).partition(partition as i32).payload(&payload);
            producer.send(record).map_err(|(error, _)| self.load.client_error(&error))?;
        }
        producer.flush(CANARY_WITHIN).map_err(|_| DriverError::Canary { partitions })?;
        let mut canaries = vec![OffsetSet::new(); partitions as usize];
        for (partition, offset) in offsets.try_iter() {
            canaries[partition as usize].insert(offset);
        }
        if canaries.iter().any(OffsetSet::is_empty) {
            return Err(DriverError::Canary { partitions });
        }
        Ok(canaries)
    }
}
