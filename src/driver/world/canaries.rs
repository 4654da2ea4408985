//! One message through each partition, which shows that a group reads it.

use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::error::KafkaError;
use rdkafka::message::Message as _;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};

use super::super::DriverError;
use super::super::subject::Subject;
use super::World;
use crate::books::{OffsetSet, Topics};
use crate::cluster::{Heard, Weight, patience};
use crate::envelope::{self, Envelope, Kind};
use crate::spec::Properties;

/// How long the brokers may take to ack the one of a single partition.
const CANARY_WITHIN: Duration = Duration::from_secs(20);

/// Tells where canaries were written, and why not.
struct Canaries {
    topics: Topics,
    /// Partition's number and offset of each.
    told: std::sync::mpsc::Sender<(u32, i64)>,
    heard: Heard,
}

impl ClientContext for Canaries {
    fn error(&self, error: KafkaError, reason: &str) {
        self.heard.note_error(&error, reason);
    }
}

impl ProducerContext for Canaries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(message) => {
                if let Some(number) = self.topics.number(message.topic(), message.partition()) {
                    self.told.send((number, message.offset())).ok();
                }
            }
            Err((error, _)) => self.heard.note(Weight::Lost, &error.to_string()),
        }
    }
}

impl World {
    /// Sends one canary through each partition and returns where they lie.
    pub fn send_canaries(&self, subject: &Subject<'_>) -> Result<Vec<OffsetSet>, DriverError> {
        let partitions = subject.topics.partitions();
        let config = self.load.config_to_send("bench-canary", &Properties::new())?;
        let (told, offsets) = std::sync::mpsc::channel();
        let heard = Heard::default();
        let failed = |heard: &Heard| DriverError::Canary {
            partitions,
            reason: self.load.redacted(&heard.reason().unwrap_or_else(|| "no broker acked it".to_owned())),
        };
        let producer: BaseProducer<Canaries> = config
            .create_with_context(Canaries { topics: subject.topics.clone(), told, heard })
            .map_err(|error| self.load.client_error(&error))?;
        let mut payload = [0; envelope::BYTES];
        for (number, (topic, partition)) in (0_u32..).zip(subject.topics.all()) {
            let due = self.clock.now();
            let written = Envelope {
                kind: Kind::Canary,
                trial: subject.number,
                producer: 0,
                sequence: u64::from(number),
                due,
            }
            .write(&mut payload);
            debug_assert!(written, "the payload is an envelope's size");
            let record = BaseRecord::<(), [u8]>::to(topic).partition(partition).payload(&payload);
            producer.send(record).map_err(|(error, _)| self.load.client_error(&error))?;
        }
        let within = patience(CANARY_WITHIN, partitions as usize);
        producer.flush(within).map_err(|_| failed(&producer.context().heard))?;
        let mut canaries = vec![OffsetSet::new(); partitions as usize];
        for (number, offset) in offsets.try_iter() {
            canaries[number as usize].insert(offset);
        }
        if canaries.iter().any(OffsetSet::is_empty) {
            return Err(failed(&producer.context().heard));
        }
        Ok(canaries)
    }
}
