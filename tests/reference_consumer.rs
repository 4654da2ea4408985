//! The reference consumer against librdkafka's own mock of a broker, in this process: what it says, what it commits, and how it ends.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use kafka_bench::books::Topics;
use kafka_bench::consumers::{Config, Event, Gathered, Line, WorkConfig, run};
use kafka_bench::envelope::{BYTES, Envelope, Kind};
use kafka_bench::timeline::{Clock, second_of};
use kafka_bench::units::Latency;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

const TRIAL: u64 = 9;
const MESSAGES: u64 = 50;

fn produce(servers: &str, clock: Clock) {
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", servers).create().unwrap();
    for partition in 0..2 {
        for sequence in 0..=MESSAGES {
            let kind = if sequence == 0 { Kind::Canary } else { Kind::Message };
            let mut payload = [0; BYTES];
            let envelope = Envelope { kind, trial: TRIAL, producer: 0, sequence, due: clock.now() };
            assert!(envelope.write(&mut payload));
            let record = BaseRecord::<(), _>::to("t").partition(partition).payload(payload.as_slice());
            producer.send(record).unwrap();
        }
    }
    producer.flush(Duration::from_secs(20)).unwrap();
}

fn said(path: &Path) -> Vec<Line> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn gathered(path: &Path) -> Gathered {
    let mut gathered = Gathered::default();
    for line in said(path) {
        gathered.add(0, 0, Event::Line(line));
    }
    gathered
}

#[test]
fn it_reads_all_says_so_commits_and_leaves_when_asked() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("t", 2, 1).unwrap();
    let clock = Clock::anchor();
    produce(&cluster.bootstrap_servers(), clock);

    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("lines.jsonl");
    let config = Config {
        servers: cluster.bootstrap_servers(),
        group: "g".to_owned(),
        topic: Topics::one("t", 2),
        trial: TRIAL,
        instance: 0,
        slot: None,
        threads: 2,
        properties: [].into(),
        work: WorkConfig::default(),
        seed: 1,
        clock,
        commit_interval_ms: 1_000,
        delivery_ms: 300_000,
        output: Some(output.clone()),
        tells_busy: false,
        tells_each: false,
        in_time_ns: None,
        tells_keys: false,
        cgroups: Vec::new(),
        pace: None,
    };
    let consumer = std::thread::spawn(move || run(config));
    let end = Instant::now() + Duration::from_mins(1);
    while !(gathered(&output).ready(&Topics::one("t", 2), 2)
        && gathered(&output).received_offsets(2)[0].iter().all(|set| set.len() == MESSAGES + 1))
    {
        assert!(Instant::now() < end && !consumer.is_finished(), "{:?}", said(&output));
        std::thread::park_timeout(Duration::from_millis(10)); // the other end is a file: there is nothing to wait on
    }
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TERM).unwrap();
    consumer.join().unwrap().unwrap();

    let lines = said(&output);
    assert!(matches!(lines.last(), Some(Line::Report(report)) if report.last));
    let gathered = gathered(&output);
    assert_eq!(gathered.processed(), 2 * MESSAGES);
    let latencies = &gathered.latencies()[&Latency::EndToEnd];
    assert_eq!(latencies.sum(0, second_of(clock.now()) + 1).len(), 2 * MESSAGES);
    assert_eq!((gathered.foreign(), gathered.out_of_order(), gathered.out_of_range()), (0, 0, 0));

    let reader: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", cluster.bootstrap_servers())
        .set("group.id", "g")
        .create()
        .unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_range("t", 0, 1);
    let committed = reader.committed_offsets(list, Duration::from_secs(20)).unwrap();
    for element in committed.elements() {
        assert_eq!(element.offset(), Offset::Offset(MESSAGES as i64 + 1));
    }
}
