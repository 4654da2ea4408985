//! Who the active controller is: brokers name any of them in their metadata, and librdkafka does not ask further.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use kafka_protocol::messages::{
    ApiKey, DescribeQuorumRequest, DescribeQuorumResponse, RequestHeader, ResponseHeader, TopicName,
};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};

/// The topic whose only partition the active controller leads.
const METADATA: &str = "__cluster_metadata";
/// An answer that takes longer is none.
const WITHIN: Duration = Duration::from_secs(2);
/// Every Kafka of bench's own speaks it.
const VERSION: i16 = 0;
/// No answer is longer.
const LONGEST: usize = 1 << 20;

/// The number of the active controller, by what a broker that listens there in plain text says; none where it does not say it soon.
pub fn controller(server: &str) -> Option<i32> {
    let frame = exchange(server, &request()?).ok()?;
    let mut frame = Bytes::from(frame);
    let header = ApiKey::DescribeQuorum.response_header_version(VERSION);
    ResponseHeader::decode(&mut frame, header).ok()?;
    let answer = DescribeQuorumResponse::decode(&mut frame, VERSION).ok()?;
    let leader = answer.topics.first()?.partitions.first()?.leader_id.0;
    (answer.error_code == 0 && leader >= 0).then_some(leader)
}

fn request() -> Option<BytesMut> {
    let topic = TopicData::default()
        .with_topic_name(TopicName(StrBytes::from_static_str(METADATA)))
        .with_partitions(vec![PartitionData::default()]);
    let header = RequestHeader::default()
        .with_request_api_key(ApiKey::DescribeQuorum as i16)
        .with_request_api_version(VERSION)
        .with_client_id(Some(StrBytes::from_static_str("bench-control")));
    let mut out = BytesMut::new();
    header.encode(&mut out, ApiKey::DescribeQuorum.request_header_version(VERSION)).ok()?;
    DescribeQuorumRequest::default().with_topics(vec![topic]).encode(&mut out, VERSION).ok()?;
    Some(out)
}

fn exchange(server: &str, request: &[u8]) -> io::Result<Vec<u8>> {
    let address: SocketAddr =
        server.parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "no address"))?;
    let mut stream = TcpStream::connect_timeout(&address, WITHIN)?;
    stream.set_read_timeout(Some(WITHIN))?;
    stream.set_write_timeout(Some(WITHIN))?;
    stream.write_all(&(request.len() as u32).to_be_bytes())?;
    stream.write_all(request)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "no answer of Kafka's"));
    }
    let mut frame = vec![0; length];
    stream.read_exact(&mut frame)?;
    Ok(frame)
}
