//! A null broker: it answers what a producer asks, acks each batch at once, and keeps nothing but how many messages each partition was sent.
//!
//! It is no Kafka: what clients do against it says what the clients alone can do. One topic, whatever its name, of so many partitions, which it leads.

#[path = "../../src/cluster/faked.rs"]
mod faked;

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use kafka_protocol::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{
    ApiKey, InitProducerIdResponse, MetadataRequest, MetadataResponse, ProduceRequest, ProduceResponse,
};
use kafka_protocol::protocol::{Decodable, decode_request_header_from_buffer};

use faked::{NODE, frame, listen, node, serve, spoken};

/// What it says that it speaks: produce up to the last version that names topics by their names. Nobody fetches; but librdkafka writes message format 2 only
/// where it could be fetched.
const SPOKEN: [(ApiKey, i16, i16); 5] = [
    (ApiKey::Produce, 3, 11),
    (ApiKey::Fetch, 4, 11),
    (ApiKey::Metadata, 4, 12),
    (ApiKey::ApiVersions, 0, 3),
    (ApiKey::InitProducerId, 0, 4),
];
/// Where a batch says of which message format it is, and, of format 2, how many records it has.
const MAGIC: usize = 16;
const COUNT: usize = 57;

/// It serves until the process ends.
#[derive(Clone, Debug)]
pub struct NullBroker {
    at: SocketAddr,
    partitions: i32,
    /// The next offset of each partition.
    ends: Arc<Mutex<BTreeMap<i32, i64>>>,
}

impl NullBroker {
    /// On a port of its own, a thread for each connection.
    pub fn start(partitions: u32) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let at = listener.local_addr()?;
        let broker = NullBroker { at, partitions: partitions.cast_signed(), ends: Arc::default() };
        let serving = broker.clone();
        // Who leaves in the middle of a request was a client that ended.
        listen(listener, move |client| drop(serve(client, |request| serving.answer(request))));
        Ok(broker)
    }

    /// Where it listens, as `bootstrap.servers`.
    pub fn servers(&self) -> String {
        self.at.to_string()
    }

    /// Messages that it was sent so far: what its clients were acked must be as many.
    pub fn messages(&self) -> i64 {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    /// The answer with its length before it; empty where none is wanted.
    fn answer(&self, mut request: Bytes) -> Option<Vec<u8>> {
        let header = decode_request_header_from_buffer(&mut request).ok()?;
        let framed = (header.correlation_id, header.request_api_version);
        let version = framed.1;
        match ApiKey::try_from(header.request_api_key).ok()? {
            ApiKey::ApiVersions => frame(framed, &spoken(&SPOKEN)),
            ApiKey::InitProducerId => {
                frame(framed, &InitProducerIdResponse::default().with_producer_id(1.into()))
            }
            ApiKey::Metadata => {
                let asked = MetadataRequest::decode(&mut request, version).ok()?;
                frame(framed, &self.metadata(&asked))
            }
            ApiKey::Produce => {
                let sent = ProduceRequest::decode(&mut request, version).ok()?;
                let answer = self.produced(&sent)?;
                if sent.acks == 0 { Some(Vec::new()) } else { frame(framed, &answer) }
            }
            _ => None,
        }
    }

    fn metadata(&self, asked: &MetadataRequest) -> MetadataResponse {
        let partition = |index| {
            MetadataResponsePartition::default()
                .with_partition_index(index)
                .with_leader_id(NODE.into())
                .with_replica_nodes(vec![NODE.into()])
                .with_isr_nodes(vec![NODE.into()])
        };
        let topics = asked.topics.iter().flatten().map(|topic| {
            MetadataResponseTopic::default()
                .with_name(topic.name.clone())
                .with_partitions((0..self.partitions).map(partition).collect())
        });
        MetadataResponse::default()
            .with_brokers(vec![node(self.at)])
            .with_controller_id(NODE.into())
            .with_topics(topics.collect())
    }

    /// Counts what came; nothing where a batch is none.
    fn produced(&self, sent: &ProduceRequest) -> Option<ProduceResponse> {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let mut topics = Vec::new();
        for topic in &sent.topic_data {
            let mut partitions = Vec::new();
            for partition in &topic.partition_data {
                let batch = partition.records.as_ref().filter(|batch| batch.get(MAGIC) == Some(&2))?;
                let count = batch.get(COUNT..)?.first_chunk::<4>()?;
                let end = ends.entry(partition.index).or_default();
                let answer = PartitionProduceResponse::default().with_index(partition.index);
                partitions.push(answer.with_base_offset(*end));
                *end += i64::from(i32::from_be_bytes(*count));
            }
            let answer = TopicProduceResponse::default().with_name(topic.name.clone());
            topics.push(answer.with_partition_responses(partitions));
        }
        Some(ProduceResponse::default().with_responses(topics))
    }
}
