//! What a producer of librdkafka's tells, on librdkafka's own mock of a cluster.

use std::ffi::c_void;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use super::RawProducer;
use super::native::Listener;
use crate::envelope::{Envelope, Kind};
use crate::load::send::{Handed, Outgoing};
use crate::load::tally::{Delivery, Fate};

#[derive(Default)]
struct Heard {
    acked: u64,
    errors: Vec<String>,
}

impl Listener for Heard {
    fn batch(&mut self) {}

    fn delivery(&mut self, delivery: &Delivery) {
        assert!(matches!(delivery.fate, Fate::Acked { .. }), "{delivery:?}");
        self.acked += 1;
    }

    fn spent(&mut self, _: *const c_void) {}

    fn error(&mut self, text: String) {
        self.errors.push(text);
    }
}

fn send_one(producer: &RawProducer, heard: &mut Heard) {
    let (mut payload, acked) = ([0; 100], heard.acked);
    let envelope = Envelope { kind: Kind::Message, trial: 1, producer: 0, sequence: 0, due: 1 };
    assert!(envelope.write(&mut payload));
    let mut message = Outgoing { payload: &mut payload, key: &[], partition: Some(0), due: 1, stamp: 1 };
    assert_eq!(producer.produce(&mut message), Handed::Taken);
    let deadline = Instant::now() + Duration::from_secs(20);
    while heard.acked == acked {
        assert!(Instant::now() < deadline, "{:?}", heard.errors);
        producer.listen(heard, 10);
    }
}

#[test]
fn a_connection_lost_with_a_message_on_its_way_is_told_though_other_brokers_are_up() {
    let cluster = MockCluster::new(3).unwrap();
    cluster.create_topic("t", 1, 1).unwrap();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", cluster.bootstrap_servers());
    let producer = RawProducer::open(&config, "t", None).unwrap();
    let mut heard = Heard::default();
    send_one(&producer, &mut heard);
    assert!(heard.errors.is_empty(), "{:?}", heard.errors);
    cluster.request_errors(RDKafkaApiKey::Produce, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR__TRANSPORT]);
    send_one(&producer, &mut heard);
    let lost = |text: &&String| text.contains("Disconnected") && text.contains("in state UP");
    assert_eq!(heard.errors.iter().filter(lost).count(), 1, "{:?}", heard.errors);
}
