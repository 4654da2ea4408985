//! Brokers for the light client's tests, a fleet driven without the rest of bench, and what its topic then holds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kafka_bench::books::Topics;
use kafka_bench::cluster::{Admin, Broker, BrokerSpec, ClientSettings, Talk};
use kafka_bench::envelope::Envelope;
use kafka_bench::load::{
    Client, ClientSpec, Connected, Fleet, LightConfig, LiveQuarters, LoadCounts, LoadSpec, Loaded,
};
use kafka_bench::record::Spool;
use kafka_bench::spec::{Arrivals, Load, Message, Size, Topic, Volume};
use kafka_bench::timeline::Clock;
use kafka_bench::units::{Bytes, Rate, Share};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Message as _, Offset, TopicPartitionList};

use crate::wire;

pub type Properties = BTreeMap<String, String>;

/// A broker with its folder; both go when it is dropped.
pub struct Cluster {
    pub broker: Broker,
    pub spec: BrokerSpec,
    pub admin: Admin,
    /// Held, so that it stays until the broker is gone.
    _folder: tempfile::TempDir,
}

pub fn properties(pairs: &[(&str, &str)]) -> Properties {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Cluster {
    pub fn start(config: &[(&str, &str)]) -> Self {
        Cluster::start_in(tempfile::tempdir().unwrap(), config)
    }

    pub fn start_in(folder: tempfile::TempDir, config: &[(&str, &str)]) -> Self {
        let spec = BrokerSpec {
            version: "4.3.1".to_owned(),
            heap: Bytes::new(512 << 20),
            config: properties(config),
        };
        let (data, log) = (folder.path().join("data"), folder.path().join("log"));
        let mut talk = Talk { tell: &mut |_| (), stop: &|| false };
        let broker = Broker::start(&spec, &data, &log, &mut talk).unwrap();
        let control = ClientSettings { servers: broker.control_servers(), properties: BTreeMap::new() };
        Cluster { admin: Admin::connect(&control).unwrap(), broker, spec, _folder: folder }
    }

    pub fn create_topic(&self, name: &str, partitions: u32) {
        let topic = Topic { partitions, replication: 1, ..Topic::default() };
        self.admin.create_topic(name, &topic).unwrap();
        // With `acks: 0` nobody would tell that its leader does not know of it yet.
        await_that(20, || self.end_offsets(name, partitions).is_ok(), || "no leader".to_owned());
    }

    /// The end of each partition.
    pub fn end_offsets(&self, topic: &str, partitions: u32) -> Result<Vec<i64>, KafkaError> {
        wire::end_offsets(&self.broker.control_servers(), topic, partitions)
    }

    /// All messages of a topic: partition, offset, envelope.
    pub fn read(&self, topic: &str, partitions: u32) -> Vec<(i32, i64, Envelope)> {
        let ends = self.end_offsets(topic, partitions).unwrap();
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.broker.control_servers()).set("group.id", "reader");
        let consumer: BaseConsumer = config.create().unwrap();
        let mut list = TopicPartitionList::new();
        for partition in 0..partitions {
            list.add_partition_offset(topic, partition as i32, Offset::Beginning).unwrap();
        }
        consumer.assign(&list).unwrap();
        let (mut messages, mut left) = (Vec::new(), ends.iter().filter(|end| **end > 0).count());
        let deadline = Instant::now() + Duration::from_secs(30);
        while left > 0 {
            assert!(Instant::now() < deadline, "the topic cannot be read");
            let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
            let message = message.unwrap();
            let envelope = Envelope::read(message.payload().unwrap()).unwrap();
            left -= usize::from(message.offset() + 1 == ends[message.partition() as usize]);
            messages.push((message.partition(), message.offset(), envelope));
        }
        messages
    }
}

/// Producers of one description.
pub struct Crowd<'a> {
    pub servers: String,
    pub topic: &'a str,
    pub partitions: u32,
    pub producers: u32,
    pub rate: f64,
    pub properties: Properties,
    pub light: bool,
}

impl Crowd<'_> {
    pub fn clients(&self, first: usize) -> Vec<ClientSpec> {
        let config = Arc::new(LightConfig::read(&self.servers, &self.properties).unwrap());
        let settings = ClientSettings { servers: self.servers.clone(), properties: BTreeMap::new() };
        let client = |number: u32| {
            let name = format!("test-{}", first + number as usize);
            let client = if self.light {
                Client::Light(Arc::clone(&config), name)
            } else {
                Client::Librdkafka(settings.config(&name, &self.properties).unwrap())
            };
            ClientSpec {
                client,
                // In messages a second until the load is put together: then of all of it.
                share: self.rate / f64::from(self.producers),
                partition: None,
                delivery_timeout_ns: config.delivery_timeout_ns(),
                transactions: None,
            }
        };
        (0..self.producers).map(client).collect()
    }

    /// Sends for `seconds`.
    pub fn send(&self, seconds: f64) -> Loaded {
        send(self.clients(0), (self.topic, self.partitions), seconds, |_| ())
    }
}

/// Sends for `seconds` and waits until all is acked or failed; `meanwhile` runs beside it, and sees how far it is.
pub fn send(
    clients: Vec<ClientSpec>,
    topic: (&str, u32),
    seconds: f64,
    meanwhile: impl FnOnce(&LoadCounts),
) -> Loaded {
    let (fleet, clock, end) = begin(clients, topic, seconds);
    let counts = fleet.counts().unwrap();
    meanwhile(&counts);
    await_that(90, || clock.now() > end && fleet.is_settled(), || format!("{counts:?}"));
    fleet.finish().unwrap().unwrap()
}

/// Sends for `seconds`, waits until all but `stuck` messages that were sent are acked, and gives up.
pub fn send_and_give_up(clients: Vec<ClientSpec>, topic: (&str, u32), seconds: f64, stuck: u64) -> Loaded {
    let (fleet, clock, end) = begin(clients, topic, seconds);
    let counts = fleet.counts().unwrap();
    let is_done = || clock.now() > end && counts.sent.total() == counts.acked.total() + stuck;
    await_that(30, is_done, || format!("{counts:?}"));
    fleet.finish().unwrap().unwrap()
}

/// Why these producers cannot connect.
pub fn trouble(clients: Vec<ClientSpec>, (topic, partitions): (&str, u32)) -> String {
    let fleet = Fleet::open(spec(clients, topic, partitions), Clock::anchor()).unwrap();
    await_that(20, || fleet.connected().trouble.is_some(), || "no trouble".to_owned());
    let connected = fleet.connected();
    assert_eq!(connected.up, 0);
    connected.trouble.unwrap()
}

/// Connects these producers, waits until all are whole, and lets them go.
pub fn connect(clients: Vec<ClientSpec>, (topic, partitions): (&str, u32)) -> Connected {
    let fleet = Fleet::open(spec(clients, topic, partitions), Clock::anchor()).unwrap();
    await_that(60, || fleet.connected().up == fleet.connected().of, || format!("{:?}", fleet.connected()));
    fleet.connected()
}

fn begin(clients: Vec<ClientSpec>, (topic, partitions): (&str, u32), seconds: f64) -> (Fleet, Clock, u64) {
    let clock = Clock::anchor();
    let mut fleet = Fleet::open(spec(clients, topic, partitions), clock).unwrap();
    await_that(30, || fleet.connected().up == fleet.connected().of, || format!("{:?}", fleet.connected()));
    let (zero, end) = (clock.now() + 20_000_000, (seconds * 1e9) as u64);
    let spool = Spool::create(&std::env::temp_dir()).unwrap();
    fleet.start(clock, zero, zero..zero + end, 40_000_000_000, spool).unwrap();
    (fleet, clock, zero + end)
}

/// A fleet counts in atomics and wakes nobody, so as not to cost the hot path: here it is asked, each few milliseconds.
pub fn await_that(seconds: u64, holds: impl Fn() -> bool, seen: impl Fn() -> String) {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while !holds() {
        assert!(Instant::now() < deadline, "{}", seen());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The books of the sending side: due, sent, acked, failed, in flight.
pub fn books(loaded: &Loaded) -> [u64; 5] {
    let counts = &loaded.counts;
    let [due, sent, refused, acked, failed] =
        [&counts.due, &counts.sent, &counts.refused, &counts.acked, &counts.failed].map(LiveQuarters::total);
    assert_eq!(due, sent + refused, "{:?}", loaded.errors);
    assert_eq!(sent, acked + failed + loaded.in_flight, "{:?} {:?}", loaded.errors, loaded.failures);
    [due, sent, acked, failed, loaded.in_flight]
}

/// Producers whose shares are rates; where all are zero, each sends what its queue takes.
fn spec(mut clients: Vec<ClientSpec>, topic: &str, partitions: u32) -> LoadSpec {
    let (total, producers) = (clients.iter().map(|client| client.share).sum::<f64>(), clients.len() as f64);
    for client in &mut clients {
        client.share = if total > 0.0 { client.share / total } else { 1.0 / producers };
    }
    let size = Size::Fixed(Bytes::new(100));
    LoadSpec {
        clients,
        volume: Rate::per_second(total).map_or(Volume::Max, Volume::Rate),
        arrivals: Arrivals::Poisson,
        message: Message { size, compressibility: Share::new(0.5).unwrap(), ..Message::default() },
        topics: Topics::one(topic, partitions),
        shares: vec![1.0],
        starts: Vec::new(),
        trial: 1,
        seed: 5,
        with_dues: true,
        with_seconds: false,
        load: Load::default(),
    }
}
