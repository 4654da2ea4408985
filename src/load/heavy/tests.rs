//! What a producer of librdkafka's tells, on librdkafka's own mock of a cluster.

use std::ffi::c_void;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use super::RawProducer;
use super::native::Listener;
use crate::books::Topics;
use crate::envelope::{Envelope, Kind};
use crate::load::LoadThreads;
use crate::load::send::{Handed, Outgoing};
use crate::load::tally::{Delivery, Fate};

#[derive(Default)]
struct Heard {
    acked: u64,
    errors: Vec<String>,
    throttled_ms: u64,
}

impl Listener for Heard {
    fn batch(&mut self) {}

    fn delivery(&mut self, delivery: &Delivery) {
        assert!(matches!(delivery.fate, Fate::Acked { .. }), "{delivery:?}");
        self.acked += 1;
    }

    fn spent(&mut self, _: *const c_void) {}

    fn throttled(&mut self, ms: u64) {
        self.throttled_ms += ms;
    }

    fn error(&mut self, text: String) {
        self.errors.push(text);
    }
}

fn send_one(producer: &RawProducer, heard: &mut Heard) {
    let (mut payload, acked) = ([0; 100], heard.acked);
    let envelope = Envelope { kind: Kind::Message, trial: 1, producer: 0, sequence: 0, due: 1 };
    assert!(envelope.write(&mut payload));
    let mut message = Outgoing {
        payload: &mut payload,
        key: &[],
        headers: &[],
        topic: 0,
        partition: Some(0),
        due: 1,
        stamp: 1,
    };
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
    let producer = RawProducer::open(&config, &Topics::one("t", 1), None, None).unwrap();
    let mut heard = Heard::default();
    send_one(&producer, &mut heard);
    assert!(heard.errors.is_empty(), "{:?}", heard.errors);
    cluster.request_errors(RDKafkaApiKey::Produce, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR__TRANSPORT]);
    send_one(&producer, &mut heard);
    let lost = |text: &&String| text.contains("Disconnected") && text.contains("in state UP");
    assert_eq!(heard.errors.iter().filter(lost).count(), 1, "{:?}", heard.errors);
}

#[test]
fn what_goes_over_the_wire_is_counted_as_it_is_sent_and_threads_that_start_later_are_the_loads() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("t", 1, 1).unwrap();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", cluster.bootstrap_servers());
    let mut threads = LoadThreads::default();
    let before = threads.now();
    let producer = RawProducer::open(&config, &Topics::one("t", 1), None, None).unwrap();
    let mut heard = Heard::default();
    assert_eq!(producer.wire().requests, 0);
    (0..3).for_each(|_| send_one(&producer, &mut heard));
    let wire = producer.wire();
    assert_eq!((wire.requests, wire.batches, wire.records), (3, 3, 3), "one was awaited before the next");
    assert!((300..3_000).contains(&wire.bytes), "{wire:?}");
    assert!(
        wire.answered == 3 && (1..3_000_000).contains(&wire.under_way_us),
        "round trips of all three: {wire:?}"
    );
    let new = threads.now().into_iter().filter(|id| !before.contains(id));
    let name = |id: u32| std::fs::read_to_string(format!("/proc/self/task/{id}/comm")).unwrap_or_default();
    let names: Vec<String> = new.map(name).collect();
    for part in ["load-rdk-main", "load-rdk-broker"] {
        assert!(names.iter().any(|name| name.trim() == part), "{names:?}");
    }
}
