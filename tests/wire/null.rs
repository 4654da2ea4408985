//! A null broker: it answers what a producer asks, acks each batch at once, and keeps nothing but how many messages each partition was sent.
//!
//! It is no Kafka: what clients do against it says what the clients alone can do. One topic, whatever its name, of so many partitions, which it leads.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{
    ApiKey, ApiVersionsResponse, InitProducerIdResponse, MetadataRequest, MetadataResponse, ProduceRequest,
    ProduceResponse, ResponseHeader,
};
use kafka_protocol::protocol::{
    Decodable, Encodable, HeaderVersion, StrBytes, decode_request_header_from_buffer,
};

/// What it says that it speaks: produce up to the last version that names topics by their names. Nobody fetches; but librdkafka writes message format 2 only
/// where it could be fetched.
const SPOKEN: [(ApiKey, i16, i16); 5] = [
    (ApiKey::Produce, 3, 11),
    (ApiKey::Fetch, 4, 11),
    (ApiKey::Metadata, 4, 12),
    (ApiKey::ApiVersions, 0, 3),
    (ApiKey::InitProducerId, 0, 4),
];
const NODE: i32 = 1;
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
        std::thread::Builder::new().name("null-broker".to_owned()).spawn(move || {
            for client in listener.incoming().flatten() {
                let serving = serving.clone();
                // Who leaves in the middle of a request was a client that ended.
                std::thread::spawn(move || serving.serve(client));
            }
        })?;
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

    fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        loop {
            let mut length = [0; 4];
            client.read_exact(&mut length)?;
            let mut request = vec![0; u32::from_be_bytes(length) as usize];
            client.read_exact(&mut request)?;
            let Some(answer) = self.answer(Bytes::from(request)) else {
                return Err(io::Error::other("a request that a null broker does not know"));
            };
            client.write_all(&answer)?;
        }
    }

    /// The answer with its length before it; empty where none is wanted.
    fn answer(&self, mut request: Bytes) -> Option<Vec<u8>> {
        let header = decode_request_header_from_buffer(&mut request).ok()?;
        let (correlation, version) = (header.correlation_id, header.request_api_version);
        match ApiKey::try_from(header.request_api_key).ok()? {
            ApiKey::ApiVersions => framed(correlation, version, &versions()),
            ApiKey::InitProducerId => {
                framed(correlation, version, &InitProducerIdResponse::default().with_producer_id(1.into()))
            }
            ApiKey::Metadata => {
                let asked = MetadataRequest::decode(&mut request, version).ok()?;
                framed(correlation, version, &self.metadata(&asked))
            }
            ApiKey::Produce => {
                let sent = ProduceRequest::decode(&mut request, version).ok()?;
                let answer = self.produced(&sent)?;
                if sent.acks == 0 { Some(Vec::new()) } else { framed(correlation, version, &answer) }
            }
            _ => None,
        }
    }

    fn metadata(&self, asked: &MetadataRequest) -> MetadataResponse {
        let node = MetadataResponseBroker::default()
            .with_node_id(NODE.into())
            .with_host(StrBytes::from_string(self.at.ip().to_string()))
            .with_port(self.at.port().into());
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
            .with_brokers(vec![node])
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

fn versions() -> ApiVersionsResponse {
    let spoken = |(key, least, most): (ApiKey, i16, i16)| {
        ApiVersion::default().with_api_key(key as i16).with_min_version(least).with_max_version(most)
    };
    ApiVersionsResponse::default().with_api_keys(SPOKEN.map(spoken).to_vec())
}

fn framed<R: Encodable + HeaderVersion>(correlation: i32, version: i16, answer: &R) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 4];
    let header = ResponseHeader::default().with_correlation_id(correlation);
    header.encode(&mut bytes, R::header_version(version)).ok()?;
    answer.encode(&mut bytes, version).ok()?;
    let length = (bytes.len() - 4) as u32;
    bytes[..4].copy_from_slice(&length.to_be_bytes());
    Some(bytes)
}
