//! What a fake broker needs to speak Kafka's protocol, for tests and races.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use bytes::Bytes;
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::metadata_response::MetadataResponseBroker;
use kafka_protocol::messages::{ApiKey, ApiVersionsResponse, ResponseHeader};
use kafka_protocol::protocol::{Encodable, HeaderVersion, StrBytes};

/// The id of a fake broker: it is the only one.
pub const NODE: i32 = 1;

/// Serves each client in a thread of its own, until the process ends.
pub fn listen(listener: TcpListener, serve: impl Fn(TcpStream) + Clone + Send + 'static) {
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(client));
        }
    });
}

/// Answers a client until it leaves, or until there is no answer.
pub fn serve(mut client: TcpStream, answer: impl Fn(Bytes) -> Option<Vec<u8>>) -> io::Result<()> {
    client.set_nodelay(true)?;
    loop {
        let mut length = [0; 4];
        client.read_exact(&mut length)?;
        let mut request = vec![0; u32::from_be_bytes(length) as usize];
        client.read_exact(&mut request)?;
        let Some(answer) = answer(Bytes::from(request)) else { return Ok(()) };
        client.write_all(&answer)?;
    }
}

/// An answer with its length and header, of this correlation id and version.
pub fn frame<R: Encodable + HeaderVersion>(
    (correlation, version): (i32, i16),
    answer: &R,
) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 4];
    let header = ResponseHeader::default().with_correlation_id(correlation);
    header.encode(&mut bytes, R::header_version(version)).ok()?;
    answer.encode(&mut bytes, version).ok()?;
    let length = (bytes.len() - 4) as u32;
    bytes[..4].copy_from_slice(&length.to_be_bytes());
    Some(bytes)
}

/// What it speaks: requests, each from one version to another.
pub fn spoken(all: &[(ApiKey, i16, i16)]) -> ApiVersionsResponse {
    let spoken = |(key, least, most): &(ApiKey, i16, i16)| {
        let key = ApiVersion::default().with_api_key(*key as i16);
        key.with_min_version(*least).with_max_version(*most)
    };
    ApiVersionsResponse::default().with_api_keys(all.iter().map(spoken).collect())
}

/// How it names itself.
pub fn node(at: SocketAddr) -> MetadataResponseBroker {
    MetadataResponseBroker::default()
        .with_node_id(NODE.into())
        .with_host(StrBytes::from_string(at.ip().to_string()))
        .with_port(at.port().into())
}
