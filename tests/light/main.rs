//! Promises of the light client, on a real Kafka that the tests start themselves.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "../wire/null.rs"]
mod null;
#[path = "../wire/scram.rs"]
mod scram;
mod secure;
mod support;
#[path = "../wire/mod.rs"]
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use kafka_bench::books::OffsetSet;
use kafka_bench::units::Latency;
use null::NullBroker;
use rustix::net;
use support::{Cluster, Crowd, await_that, books, properties, send};

/// The broker that most tests share; it dies with the process.
fn shared() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start(&[]))
}

fn crowd<'a>(topic: &'a str, producers: u32, pairs: &[(&str, &str)]) -> Crowd<'a> {
    let servers = shared().broker.load_servers();
    Crowd {
        servers,
        topic,
        partitions: 3,
        producers,
        rate: 600.0,
        properties: properties(pairs),
        light: true,
    }
}

#[test]
fn a_broker_that_keeps_nothing_acks_each_message_of_either_client_once() {
    for (light, idempotence) in [(true, "false"), (true, "true"), (false, "false"), (false, "true")] {
        let broker = NullBroker::start(3).unwrap();
        let pairs = [("linger.ms", "2"), ("enable.idempotence", idempotence), ("acks", "all")];
        let (servers, properties) = (broker.servers(), properties(&pairs));
        let crowd =
            Crowd { servers, topic: "any", partitions: 3, producers: 2, rate: 4_000.0, properties, light };
        let loaded = crowd.send(0.3);
        let [due, sent, acked, failed, in_flight] = books(&loaded);
        assert!(due > 500, "{due}");
        assert_eq!((sent, acked, failed, in_flight), (due, due, 0, 0), "{light} {:?}", loaded.errors);
        assert_eq!(broker.messages() as u64, acked);
        // An offset that was told twice would be one.
        let offsets = loaded.ledger.acked();
        assert!(offsets.iter().all(|of| !of.is_empty()));
        assert_eq!(offsets.iter().map(OffsetSet::len).sum::<u64>(), acked);
    }
}

#[test]
fn every_codec_and_every_ack_delivers_all_and_the_books_close() {
    let mut cases: Vec<Vec<(&str, &str)>> = ["none", "gzip", "snappy", "lz4", "zstd"]
        .iter()
        .map(|codec| vec![("compression.type", *codec), ("acks", "1"), ("linger.ms", "20")])
        .collect();
    cases.push(vec![("acks", "all"), ("linger.ms", "0")]);
    cases.push(vec![("acks", "0")]);
    cases.push(vec![("enable.idempotence", "true"), ("compression.type", "lz4"), ("compression.level", "3")]);
    cases.push(vec![("batch.num.messages", "3"), ("max.in.flight", "1"), ("partitioner", "random")]);
    for (number, pairs) in cases.iter().enumerate() {
        let topic = format!("codec-{number}");
        shared().create_topic(&topic, 3);
        let loaded = crowd(&topic, 5, pairs).send(1.0);
        let [due, sent, acked, failed, in_flight] = books(&loaded);
        assert!(due > 400 && sent == due && failed == 0, "{pairs:?}: {due} {sent} {failed}");
        // With `acks: 0` nobody tells what became of a message; else everything is told.
        let told = if pairs.contains(&("acks", "0")) { 0 } else { sent };
        assert_eq!((acked, in_flight), (told, sent - told), "{pairs:?}");
        assert!(loaded.errors.is_empty(), "{pairs:?}: {:?}", loaded.errors);
        let messages = shared().read(&topic, 3);
        assert_eq!(messages.len() as u64, sent, "{pairs:?}");
        let acked: u64 = loaded.ledger.acked().iter().map(OffsetSet::len).sum();
        assert_eq!(acked, told);
        assert_eq!(out_of_order(&messages), 0, "{pairs:?}");
        let partitions: BTreeSet<i32> = messages.iter().map(|(partition, ..)| *partition).collect();
        assert_eq!(partitions.len(), 3, "{pairs:?}");
    }
}

/// Messages that lie behind a later one of their producer in a partition, or a second time.
fn out_of_order(messages: &[(i32, i64, kafka_bench::envelope::Envelope)]) -> usize {
    let mut last: BTreeMap<(i32, u32), u64> = BTreeMap::new();
    let mut wrong = 0;
    for (partition, _, envelope) in messages {
        let before = last.insert((*partition, envelope.producer), envelope.sequence);
        wrong += usize::from(before.is_some_and(|before| before >= envelope.sequence));
    }
    wrong
}

#[test]
fn a_broker_killed_and_started_again_loses_nothing_and_idempotent_producers_keep_their_order() {
    let cluster = Cluster::start(&[]);
    cluster.create_topic("restart", 4);
    let servers = cluster.broker.load_servers();
    let part = |pairs: &[(&str, &str)]| Crowd {
        servers: servers.clone(),
        topic: "restart",
        partitions: 4,
        producers: 150,
        rate: 1_500.0,
        properties: properties(pairs),
        light: true,
    };
    let mut clients = part(&[("enable.idempotence", "true")]).clients(0);
    clients.extend(part(&[("acks", "1")]).clients(150));
    let loaded = send(clients, ("restart", 4), 6.0, |counts| {
        await_that(30, || counts.acked.total() > 2_500, || format!("{counts:?}"));
        cluster.broker.restart(&cluster.spec).unwrap();
    });
    let [due, sent, acked, failed, in_flight] = books(&loaded);
    assert!(due > 15_000, "{due}");
    assert_eq!((sent, acked, failed, in_flight), (due, due, 0, 0), "{:?}", loaded.failures);
    let messages = cluster.read("restart", 4);
    let (ordered, plain): (Vec<_>, Vec<_>) =
        messages.into_iter().partition(|(.., envelope)| envelope.producer < 150);
    assert_eq!(out_of_order(&ordered), 0);
    let arrived = |messages: &[(i32, i64, kafka_bench::envelope::Envelope)]| {
        messages
            .iter()
            .map(|(.., envelope)| (envelope.producer, envelope.sequence))
            .collect::<BTreeSet<_>>()
            .len()
    };
    assert_eq!(arrived(&ordered), ordered.len(), "an idempotent producer's message lies there twice");
    assert_eq!((arrived(&ordered) + arrived(&plain)) as u64, due);
}

#[test]
fn both_clients_keep_the_same_books_and_unloaded_the_same_ack_latency() {
    let mut medians = Vec::new();
    for (topic, light) in [("same-0", false), ("same-1", true), ("same-2", false), ("same-3", true)] {
        shared().create_topic(topic, 3);
        let crowd = Crowd { light, ..crowd(topic, 2, &[("linger.ms", "5"), ("acks", "1")]) };
        let loaded = crowd.send(2.0);
        let [due, sent, acked, ..] = books(&loaded);
        assert_eq!((sent, acked), (due, due));
        assert_eq!(shared().read(topic, 3).len() as u64, due);
        let ack = loaded.latencies.sum(Latency::Ack).unwrap();
        medians.push((due, ack.dense().value_at_quantile(0.5) as f64 / 1e6));
    }
    assert!(medians.iter().all(|(due, _)| *due == medians[0].0), "one schedule: {medians:?}");
    let best = |first: usize| medians[first].1.min(medians[first + 2].1);
    assert!((best(0) - best(1)).abs() < 2.0, "ms, librdkafka's and light in turn: {medians:?}");
}

#[test]
fn a_full_queue_makes_its_messages_wait_and_nobody_elses() {
    shared().create_topic("narrow", 3);
    // A linger longer than the test: nothing leaves the first producer's queue of ten but by the size of its batches, of which there is never one.
    let mut clients = crowd(
        "narrow",
        1,
        &[("queue.buffering.max.messages", "10"), ("linger.ms", "60000"), ("delivery.timeout.ms", "60000")],
    )
    .clients(0);
    clients[0].delivery_timeout_ns = 300_000_000;
    clients.extend(crowd("narrow", 1, &[("acks", "1")]).clients(1));
    let loaded = support::send_and_give_up(clients, ("narrow", 3), 1.0, 10);
    let [due, sent, acked, failed, in_flight] = books(&loaded);
    assert_eq!((failed, in_flight), (0, 10));
    assert!(acked > 400 && due - sent > 400, "{due} {sent} {acked}");
}

#[test]
fn at_rate_max_all_that_the_queues_take_is_delivered() {
    shared().create_topic("flood", 3);
    let pairs = [("queue.buffering.max.kbytes", "512"), ("acks", "1")];
    let mut clients = crowd("flood", 8, &pairs).clients(0);
    for client in &mut clients {
        client.share = 0.0;
    }
    let loaded = send(clients, ("flood", 3), 1.0, |_| ());
    let [due, sent, acked, failed, in_flight] = books(&loaded);
    assert_eq!((sent, acked, failed, in_flight), (due, due, 0, 0));
    assert!(due > 20_000, "{due}");
    assert_eq!(shared().end_offsets("flood", 3).unwrap().iter().sum::<i64>() as u64, due);
}

#[test]
fn of_three_servers_one_that_does_not_answer_holds_nobody_up() {
    shared().create_topic("hole", 3);
    let broker = &shared().broker;
    let hole = BlackHole::dig();
    let [with_all, with_hole] = [broker.control_servers(), hole.address.to_string()].map(|third| {
        let servers = format!("{},{third},{}", broker.load_servers(), broker.consumer_servers());
        let crowd = Crowd { servers, rate: 2_000.0, ..crowd("hole", 2_000, &[("acks", "1")]) };
        let (clients, begun) = (crowd.clients(0), Instant::now());
        let whole = support::connect(clients, ("hole", 3));
        assert_eq!(whole.up, 2_000);
        begun.elapsed()
    });
    assert!(with_hole < 2 * with_all, "{with_hole:?} with a black hole, {with_all:?} without");
}

/// A listener whose queue is full and which accepts nobody: the kernel drops who comes next, as a firewall would.
struct BlackHole {
    address: SocketAddr,
    _held: (OwnedFd, Vec<TcpStream>),
}

impl BlackHole {
    fn dig() -> Self {
        let socket = net::socket(net::AddressFamily::INET, net::SocketType::STREAM, None).unwrap();
        net::bind(&socket, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        net::listen(&socket, 0).unwrap();
        let address = SocketAddr::try_from(net::getsockname(&socket).unwrap()).unwrap();
        let mut held = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
            held.push(stream);
            assert!(held.len() < 10, "it should be full by now");
        }
        BlackHole { address, _held: (socket, held) }
    }
}
