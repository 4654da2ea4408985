//! What is promised of a member whose client has lost all brokers, by a fake one.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::channel;
use std::time::Instant;

use bytes::Bytes;
use kafka_protocol::messages::metadata_response::MetadataResponseTopic;
use kafka_protocol::messages::{ApiKey, FindCoordinatorResponse, MetadataRequest, MetadataResponse};
use kafka_protocol::protocol::{Decodable, decode_request_header_from_buffer};
use rdkafka::ClientConfig;

use super::*;
use crate::cluster::faked::{frame, listen, node, serve, spoken};
use crate::timeline::Clock;

const SPOKEN: [(ApiKey, i16, i16); 3] =
    [(ApiKey::ApiVersions, 0, 3), (ApiKey::Metadata, 4, 8), (ApiKey::FindCoordinator, 0, 2)];
const NOT_AVAILABLE: i16 = 15;
const WITHIN: Duration = Duration::from_secs(10);

/// No Kafka: it tells which brokers there are, which is itself or nobody, and knows no coordinator.
#[derive(Clone)]
struct Fake {
    at: SocketAddr,
    /// It is fenced, and names no broker.
    fenced: Arc<AtomicBool>,
    connections: Arc<AtomicUsize>,
}

impl Fake {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let fake = Fake { at, fenced: Arc::default(), connections: Arc::default() };
        let serving = fake.clone();
        listen(listener, move |client| {
            serving.connections.fetch_add(1, SeqCst);
            // It ends when the client leaves.
            serve(client, |request| serving.answer(request)).ok();
            serving.connections.fetch_sub(1, SeqCst);
        });
        fake
    }

    fn answer(&self, mut request: Bytes) -> Option<Vec<u8>> {
        let header = decode_request_header_from_buffer(&mut request).ok()?;
        let framed = (header.correlation_id, header.request_api_version);
        match ApiKey::try_from(header.request_api_key).ok()? {
            ApiKey::ApiVersions => frame(framed, &spoken(&SPOKEN)),
            ApiKey::Metadata => {
                let asked = MetadataRequest::decode(&mut request, framed.1).ok()?;
                let topic = |name| MetadataResponseTopic::default().with_name(name);
                let topics = asked.topics.into_iter().flatten().map(|one| topic(one.name)).collect();
                let brokers = if self.fenced.load(SeqCst) { Vec::new() } else { vec![node(self.at)] };
                frame(framed, &MetadataResponse::default().with_brokers(brokers).with_topics(topics))
            }
            ApiKey::FindCoordinator => {
                frame(framed, &FindCoordinatorResponse::default().with_error_code(NOT_AVAILABLE))
            }
            _ => None,
        }
    }
}

/// Has the client live until something holds.
fn await_that(client: &Client, what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + WITHIN;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        drop(client.poll(Duration::from_millis(10)));
        client.context().look(client);
    }
}

#[test]
fn a_member_without_partitions_whose_client_has_lost_all_brokers_finds_them_again() {
    let fake = Fake::start();
    let servers = fake.at.to_string();
    let config = serde_json::from_value(serde_json::json!({
        "servers": servers, "group": "g", "topic": "t", "trial": 1, "instance": 0, "threads": 1, "seed": 1, "clock": Clock::anchor(),
    }));
    let shared = Arc::new(Shared::new(config.unwrap(), Box::new(io::sink())));
    let (wake, _woken) = channel();
    let client: Client = ClientConfig::new()
        .set("bootstrap.servers", &servers)
        .set("group.id", "g")
        .set("log_level", "0")
        // It loses them for good: that librdkafka asks its servers anew is what a fenced broker's answer takes away, now and then.
        .set("metadata.recovery.strategy", "none")
        .create_with_context(Member::new(0, &servers, shared, wake))
        .unwrap();
    let member = client.context();
    // It is in its group, and has nothing.
    member.joined.store(true, Ordering::Relaxed);
    let asked_never = || member.ask_ns.store(u64::MAX, Ordering::Relaxed);
    asked_never();
    let metadata = client.fetch_metadata(Some("t"), WITHIN).unwrap();
    assert_eq!(metadata.brokers().len(), 1);
    fake.fenced.store(true, SeqCst);
    assert!(client.fetch_metadata(Some("t"), WITHIN).unwrap().brokers().is_empty());
    await_that(&client, "its client never lost its broker", || fake.connections.load(SeqCst) == 0);
    // Whatever its client said of it, that was long ago.
    member.servers.found();
    fake.fenced.store(false, SeqCst);

    member.ask_ns.store(0, Ordering::Relaxed);
    await_that(&client, "nobody told it of its servers", || fake.connections.load(SeqCst) > 0);
    let metadata = client.fetch_metadata(Some("t"), WITHIN).unwrap();
    assert_eq!(metadata.brokers().len(), 1, "it has found them");
}
