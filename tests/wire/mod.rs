//! What tests ask a broker, for which no client of ours has a call.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use kafka_protocol::messages::{ApiKey, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;

/// Asks in that version of the protocol, and gives the answer.
pub fn ask<R: Request>(server: &str, version: i16, request: &R) -> R::Response {
    let header = RequestHeader::default().with_request_api_key(R::KEY).with_request_api_version(version);
    let mut bytes = vec![0; 4];
    header.encode(&mut bytes, ApiKey::try_from(R::KEY).unwrap().request_header_version(version)).unwrap();
    request.encode(&mut bytes, version).unwrap();
    let length = (bytes.len() - 4) as u32;
    bytes[..4].copy_from_slice(&length.to_be_bytes());
    let mut broker = TcpStream::connect(server).unwrap();
    broker.write_all(&bytes).unwrap();
    let mut length = [0; 4];
    broker.read_exact(&mut length).unwrap();
    let mut answer = vec![0; u32::from_be_bytes(length) as usize];
    broker.read_exact(&mut answer).unwrap();
    let mut answer = bytes::Bytes::from(answer);
    ResponseHeader::decode(&mut answer, R::Response::header_version(version)).unwrap();
    R::Response::decode(&mut answer, version).unwrap()
}

/// The end of each partition of a topic; or why one has none yet.
pub fn end_offsets(servers: &str, topic: &str, partitions: u32) -> Result<Vec<i64>, KafkaError> {
    let asker: BaseConsumer = ClientConfig::new().set("bootstrap.servers", servers).create()?;
    let end = |partition: u32| asker.fetch_watermarks(topic, partition as i32, Duration::from_secs(20));
    (0..partitions).map(|partition| end(partition).map(|(_, end)| end)).collect()
}
