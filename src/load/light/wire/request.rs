//! The requests that a producer sends beside its batches, and what it needs of their answers. Versions: the highest that both sides know.

use bytes::Bytes;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{
    ApiKey, ApiVersionsRequest, ApiVersionsResponse, InitProducerIdRequest, InitProducerIdResponse,
    MetadataRequest, MetadataResponse, ResponseHeader, TopicName,
};
use kafka_protocol::protocol::{Decodable, HeaderVersion, StrBytes};

use super::frame::{Head, write};
use super::targets::Targets;
use crate::cluster::Spoken;

/// From produce 13 on topics are named by ids, which only newer metadata tells; 11 asks for nothing that we need more of.
const PRODUCE: (i16, i16) = (3, 11);
const METADATA: (i16, i16) = (4, 12);
const INIT_PRODUCER: (i16, i16) = (0, 4);
/// From version 3 on the request names the client's software.
const API_VERSIONS: i16 = 3;

/// The versions spoken on one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Of produce requests.
    pub produce: i16,
    /// Of metadata requests.
    pub metadata: i16,
    /// Of requests for a producer's id; `None` where the broker has none.
    pub init_producer: Option<i16>,
    /// Of the login's second step; `None` where the broker has none.
    pub sasl_authenticate: Option<i16>,
}

/// A broker as metadata name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerAt {
    /// Its id.
    pub id: i32,
    /// Where it listens.
    pub host: String,
    /// Its port there.
    pub port: u16,
}

/// A partition as metadata tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionAt {
    /// Its number in the books.
    pub partition: i32,
    /// The broker that leads it; −1 for none.
    pub leader: i32,
}

/// What an answer to a metadata request says: all partitions, or the broker's error code for one of the topics.
pub type Answer = (Vec<BrokerAt>, Result<Vec<PartitionAt>, i16>);

/// A producer's id and epoch, as its batches carry them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its id.
    pub id: i64,
    /// Its epoch.
    pub epoch: i16,
}

/// Asks a broker which versions it speaks.
pub fn api_versions(out: &mut Vec<u8>, version: i16, client: &StrBytes) -> bool {
    let request = ApiVersionsRequest::default()
        .with_client_software_name(StrBytes::from_static_str("kafka-bench"))
        .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION")));
    let head = Head { api: ApiKey::ApiVersions, version, correlation: 0, client: client.clone() };
    write(out, &head, &request)
}

/// The versions to speak; `Err(true)` where the question itself was too new and must be asked in version 0.
pub fn read_api_versions(frame: &[u8], asked: i16) -> Result<Versions, (bool, String)> {
    let unreadable = |_| (false, "the broker's versions cannot be read".to_owned());
    let mut body = Bytes::copy_from_slice(frame.get(4..).unwrap_or_default());
    // An old broker answers in version 0 whatever was asked.
    if body.first_chunk::<2>() == Some(&35_i16.to_be_bytes()) {
        return Err((asked > 0, "the broker's versions are unknown".to_owned()));
    }
    let answer = ApiVersionsResponse::decode(&mut body, asked).map_err(unreadable)?;
    let common = |api: ApiKey, (least, most): (i16, i16)| {
        let theirs = answer.api_keys.iter().find(|known| known.api_key == api as i16)?;
        let version = most.min(theirs.max_version);
        (version >= least.max(theirs.min_version)).then_some(version)
    };
    let needed = |api: ApiKey, ours: (i16, i16)| {
        common(api, ours)
            .ok_or_else(|| (false, format!("the broker speaks no version of {api:?} that bench does")))
    };
    Ok(Versions {
        produce: needed(ApiKey::Produce, PRODUCE)?,
        metadata: needed(ApiKey::Metadata, METADATA)?,
        init_producer: common(ApiKey::InitProducerId, INIT_PRODUCER),
        sasl_authenticate: common(ApiKey::SaslAuthenticate, (0, 2)),
    })
}

/// What a broker says of itself in the same answer; `None` where the question was too new, or cannot be read.
pub fn read_spoken(frame: &[u8], asked: i16) -> Option<Spoken> {
    let mut body = Bytes::copy_from_slice(frame.get(4..)?);
    if body.first_chunk::<2>() != Some(&[0; 2]) {
        return None;
    }
    let answer = ApiVersionsResponse::decode(&mut body, asked).ok()?;
    let features = answer.supported_features.iter();
    Some(Spoken {
        features: features.map(|one| (one.name.to_string(), one.max_version)).collect(),
        requests: answer.api_keys.iter().map(|one| (one.api_key, one.max_version)).collect(),
    })
}

/// The version in which a broker's versions are asked for first.
pub const fn first_api_versions() -> i16 {
    API_VERSIONS
}

/// Asks for the partitions of topics and their leaders.
pub fn metadata(
    out: &mut Vec<u8>,
    version: i16,
    (correlation, client): (i32, &StrBytes),
    targets: &Targets,
) -> bool {
    let topic = |name: &TopicName| MetadataRequestTopic::default().with_name(Some(name.clone()));
    let topics = targets.names().iter().map(topic).collect();
    let request = MetadataRequest::default().with_topics(Some(topics)).with_allow_auto_topic_creation(false);
    let head = Head { api: ApiKey::Metadata, version, correlation, client: client.clone() };
    write(out, &head, &request)
}

/// Brokers and partitions; `None` where it cannot be read.
pub fn read_metadata(frame: &[u8], version: i16, targets: &Targets) -> Option<Answer> {
    let mut bytes = Bytes::copy_from_slice(frame);
    ResponseHeader::decode(&mut bytes, MetadataResponse::header_version(version)).ok()?;
    let answer = MetadataResponse::decode(&mut bytes, version).ok()?;
    let broker = |broker: &kafka_protocol::messages::metadata_response::MetadataResponseBroker| BrokerAt {
        id: broker.node_id.0,
        host: broker.host.to_string(),
        port: broker.port as u16,
    };
    let brokers = answer.brokers.iter().map(broker).collect();
    let mut partitions = Vec::new();
    for topic in &answer.topics {
        if topic.error_code != 0 {
            return Some((brokers, Err(topic.error_code)));
        }
        let name = topic.name.as_ref()?;
        partitions.extend(topic.partitions.iter().filter_map(|at| {
            let number = targets.number(name, at.partition_index)?;
            Some(PartitionAt { partition: number.cast_signed(), leader: at.leader_id.0 })
        }));
    }
    (answer.topics.len() == targets.names().len()).then_some((brokers, Ok(partitions)))
}

/// Asks for a producer's id.
pub fn init_producer(out: &mut Vec<u8>, version: i16, (correlation, client): (i32, &StrBytes)) -> bool {
    let request = InitProducerIdRequest::default()
        .with_transactional_id(None)
        .with_transaction_timeout_ms(i32::MAX)
        .with_producer_id((-1).into())
        .with_producer_epoch(-1);
    let head = Head { api: ApiKey::InitProducerId, version, correlation, client: client.clone() };
    write(out, &head, &request)
}

/// The identity, or the broker's error code; `None` where it cannot be read.
pub fn read_identity(frame: &[u8], version: i16) -> Option<Result<Identity, i16>> {
    let mut bytes = Bytes::copy_from_slice(frame);
    ResponseHeader::decode(&mut bytes, InitProducerIdResponse::header_version(version)).ok()?;
    let answer = InitProducerIdResponse::decode(&mut bytes, version).ok()?;
    Some(match answer.error_code {
        0 => Ok(Identity { id: answer.producer_id.0, epoch: answer.producer_epoch }),
        code => Err(code),
    })
}
