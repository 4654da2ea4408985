//! The world of one producer: what it dials, asks and is told, under the test's hand.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{
    ApiKey, InitProducerIdResponse, MetadataResponse, ProduceRequest, ProduceResponse, TopicName,
};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes, decode_request_header_from_buffer};
use kafka_protocol::records::RecordBatchDecoder;

use super::{MS, ZERO};
use crate::books::Topics;
use crate::cluster::Weight;
use crate::load::light::batch::Entry;
use crate::load::light::config::LightConfig;
use crate::load::light::post::Parcel;
use crate::load::light::producer::{Attention, Home, Outcome, Producer, Who};
use crate::load::light::wire::{Address, Outbox, Targets, Told, Versions};

const VERSIONS: Versions =
    Versions { produce: 8, metadata: 8, init_producer: Some(1), sasl_authenticate: None };
const TOPIC: &str = "topic";

/// One request, as far as tests look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Metadata,
    Identity,
    Batch { topic: String, partition: i32, producer: i64, sequence: i32, count: usize, dues: Vec<u64> },
}

/// The shard of the tests.
#[derive(Debug, Default)]
pub struct Shore {
    pub links: Vec<(String, Outbox)>,
    pub done: Vec<(Vec<Entry>, Outcome)>,
    pub complaints: Vec<String>,
    pub retried: Vec<i16>,
    pub connected: u32,
    pub throttled_ms: u64,
    chance: u64,
}

impl Shore {
    pub fn is_closed(&self, link: u32) -> bool {
        self.links[link as usize].1.is_closed()
    }
}

impl Home for Shore {
    fn dial(&mut self, _: &Who, addresses: Vec<Address>) -> (u32, Outbox) {
        let address = &addresses[0];
        let outbox = Outbox::default();
        self.links.push((format!("{}:{}", address.0, address.1), outbox.clone()));
        (self.links.len() as u32 - 1, outbox)
    }

    fn done(&mut self, _: &Who, entries: &[Entry], _: usize, outcome: Outcome) {
        self.done.push((entries.to_vec(), outcome));
    }

    fn retried(&mut self, code: i16) {
        self.retried.push(code);
    }

    fn complain(&mut self, _: Weight, error: String) {
        self.complaints.push(error);
    }

    fn throttled(&mut self, ms: u64) {
        self.throttled_ms += ms;
    }

    fn sent_batch(&mut self, _: usize, _: u64) {}

    fn connected(&mut self, _: u64) {
        self.connected += 1;
    }

    fn random(&mut self) -> u64 {
        self.chance =
            self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.chance >> 11
    }
}

/// A producer on its shore.
pub struct Port {
    topics: Topics,
    pub producer: Producer,
    pub shore: Shore,
    pub now: u64,
    /// Of each connection: the numbers of its unanswered requests.
    open: Vec<VecDeque<i32>>,
    /// Connections that have come up, or failed.
    known: Vec<u32>,
}

/// A producer that has not begun, and begins with a server that is none of the brokers.
pub fn shore(properties: &[(&str, &str)]) -> Port {
    shore_of("first:1", properties)
}

/// The same, beginning with this server.
pub fn shore_of(servers: &str, properties: &[(&str, &str)]) -> Port {
    shore_on(Topics::one(TOPIC, 1), servers, properties)
}

/// The same, with these topics.
pub fn shore_on(topics: Topics, servers: &str, properties: &[(&str, &str)]) -> Port {
    let properties =
        properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let config = Arc::new(LightConfig::read(servers, &properties).unwrap());
    let who = Who { seat: 0, number: 0, name: StrBytes::from_static_str("p"), config };
    let targets = Arc::new(Targets::new(topics.clone()));
    let producer = Producer::new(who, targets, 1);
    Port { topics, producer, shore: Shore::default(), now: ZERO, open: Vec::new(), known: Vec::new() }
}

impl Port {
    /// Hands over a message, which is known by its due time; when the producer wants to be called, 0 for not at all.
    pub fn give(&mut self, due: u64) -> u64 {
        self.give_to(None, due)
    }

    /// The same for a partition.
    pub fn give_to(&mut self, partition: Option<i32>, due: u64) -> u64 {
        self.give_on((0, partition), due)
    }

    /// The same for a topic by its place, and perhaps a partition of it.
    pub fn give_on(&mut self, (topic, partition): (u32, Option<i32>), due: u64) -> u64 {
        let parcel = Parcel {
            seat: 0,
            topic,
            partition,
            key: b"k",
            headers: &[],
            payload: &due.to_le_bytes(),
            due,
            stamp: self.now,
        };
        match self.producer.take(&parcel, &mut self.shore) {
            Attention::No => 0,
            Attention::At(at) => at,
        }
    }

    /// Time passes; whatever falls due within it is done at its time.
    pub fn advance(&mut self, ms: u64) {
        let end = self.now + ms * MS;
        loop {
            let next = self.producer.advance(self.now, &mut self.shore);
            if next > end {
                break;
            }
            self.now = next.max(self.now + 1);
        }
        self.now = end;
        self.producer.advance(end, &mut self.shore);
    }

    /// The newest connection to an address, unless it was ended.
    pub fn dialled(&self, address: &str) -> Option<u32> {
        let fresh = |link: &u32| {
            let (known, outbox) = &self.shore.links[*link as usize];
            known == address && !outbox.is_closed() && !self.known.contains(link)
        };
        (0..self.shore.links.len() as u32).rev().find(fresh)
    }

    /// A dialled connection comes up.
    pub fn connect(&mut self, address: &str) -> u32 {
        let link = self.dialled(address).unwrap();
        self.known.push(link);
        let (host, port) = address.split_once(':').unwrap();
        let at = Arc::new((host.to_owned(), port.parse().unwrap()));
        self.tell(link, &Told::Up(VERSIONS, 5, at));
        link
    }

    pub fn tell(&mut self, link: u32, told: &Told) {
        self.producer.hear(link, told, &[], self.now, &mut self.shore);
    }

    /// Connects to one broker that leads all partitions; its connection.
    pub fn settle(&mut self, partitions: usize) -> u32 {
        self.advance(0);
        let first = self.connect("first:1");
        self.advance(0);
        let asked = self.asked(first);
        assert_eq!(asked[0], Asked::Metadata);
        self.metadata(first, &[(1, "one", 1)], &vec![1; partitions]);
        if asked.contains(&Asked::Identity) {
            self.identity(first, 1);
        }
        self.advance(0);
        let one = self.connect("one:1");
        self.advance(0);
        self.shore.done.clear();
        one
    }

    /// What was asked on a connection since the last look.
    pub fn asked(&mut self, link: u32) -> Vec<Asked> {
        let bytes = self.shore.links[link as usize].1.take();
        self.open.resize_with(self.shore.links.len(), VecDeque::new);
        let (mut rest, mut asked) = (&bytes[..], Vec::new());
        while let Some((length, more)) = rest.split_first_chunk::<4>() {
            let (frame, after) = more.split_at(u32::from_be_bytes(*length) as usize);
            rest = after;
            let mut frame = Bytes::copy_from_slice(frame);
            let header = decode_request_header_from_buffer(&mut frame).unwrap();
            self.open[link as usize].push_back(header.correlation_id);
            asked.push(match ApiKey::try_from(header.request_api_key).unwrap() {
                ApiKey::Metadata => Asked::Metadata,
                ApiKey::InitProducerId => Asked::Identity,
                _ => batch(&ProduceRequest::decode(&mut frame, header.request_api_version).unwrap()),
            });
        }
        asked
    }

    /// Where what was asked so far ends, as written bytes.
    pub fn written(&mut self, link: u32) -> u64 {
        self.asked(link);
        self.shore.links[link as usize].1.written()
    }

    fn answer(&mut self, link: u32, answer: &impl Encodable, version: i16) {
        let correlation = self.open[link as usize].pop_front().unwrap();
        let mut frame = correlation.to_be_bytes().to_vec();
        answer.encode(&mut frame, version).unwrap();
        let told = Told::Frame(0..frame.len());
        self.producer.hear(link, &told, &frame, self.now, &mut self.shore);
    }

    pub fn metadata(&mut self, link: u32, brokers: &[(i32, &str, i32)], leaders: &[i32]) {
        let broker = |(id, host, port): &(i32, &str, i32)| {
            let host = StrBytes::from_string((*host).to_owned());
            MetadataResponseBroker::default().with_node_id((*id).into()).with_host(host).with_port(*port)
        };
        let partition = |(index, leader): (usize, &i32)| {
            MetadataResponsePartition::default()
                .with_partition_index(index as i32)
                .with_leader_id((*leader).into())
        };
        let topic = |(place, name): (usize, &str)| {
            let numbers = self.topics.numbers(place, leaders.len() as u32);
            let own = &leaders[numbers.start as usize..numbers.end as usize];
            MetadataResponseTopic::default()
                .with_name(Some(TopicName(StrBytes::from_string(name.to_owned()))))
                .with_partitions(own.iter().enumerate().map(partition).collect())
        };
        let topics = self.topics.names().enumerate().map(topic).collect();
        let answer = MetadataResponse::default()
            .with_brokers(brokers.iter().map(broker).collect())
            .with_topics(topics);
        self.answer(link, &answer, VERSIONS.metadata);
    }

    pub fn produced(&mut self, link: u32, code: i16, offset: i64) {
        let partition = PartitionProduceResponse::default().with_error_code(code).with_base_offset(offset);
        let topic = TopicProduceResponse::default().with_partition_responses(vec![partition]);
        let answer = ProduceResponse::default().with_responses(vec![topic]);
        self.answer(link, &answer, VERSIONS.produce);
    }

    pub fn identity(&mut self, link: u32, id: i64) {
        let answer = InitProducerIdResponse::default().with_producer_id(id.into());
        self.answer(link, &answer, 1);
    }
}

fn batch(request: &ProduceRequest) -> Asked {
    let partition = &request.topic_data[0].partition_data[0];
    let mut bytes = partition.records.clone().unwrap();
    let records = RecordBatchDecoder::decode(&mut bytes).unwrap().records;
    let due = |value: &Option<Bytes>| u64::from_le_bytes(value.as_deref().unwrap().try_into().unwrap());
    Asked::Batch {
        topic: request.topic_data[0].name.to_string(),
        partition: partition.index,
        producer: records[0].producer_id,
        sequence: records[0].sequence,
        count: records.len(),
        dues: records.iter().map(|record| due(&record.value)).collect(),
    }
}
