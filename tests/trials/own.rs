//! Promises of messages of one's own: what is in the topic is what was written, whoever sends it, and bench knows what became of it.

use std::fs;
use std::time::{Duration, Instant};

use kafka_bench::envelope::{self, Envelope, Kind};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use super::{books_close, prefix};
use crate::followed;
use crate::support::{Desk, admin, number, servers};

/// A message as it lies in the topic.
#[derive(Debug)]
struct Read {
    payload: String,
    key: Option<String>,
    headers: Vec<(String, Vec<u8>)>,
}

fn read_back(topic: &str, partitions: i32, count: usize) -> Vec<Read> {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", servers()).set("group.id", "reader").create().unwrap();
    let mut all = TopicPartitionList::new();
    for partition in 0..partitions {
        all.add_partition_offset(topic, partition, Offset::Beginning).unwrap();
    }
    consumer.assign(&all).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (mut read, deadline) = (Vec::new(), Instant::now() + Duration::from_secs(30));
    while read.len() < count {
        assert!(Instant::now() < deadline, "{} of {count} messages came", read.len());
        let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
        let message = message.unwrap();
        let headers = message.headers().into_iter().flat_map(|headers| {
            headers
                .iter()
                .map(|one| (one.key.to_owned(), one.value.unwrap_or_default().to_vec()))
                .collect::<Vec<_>>()
        });
        read.push(Read {
            payload: text(message.payload().unwrap()),
            key: message.key().map(text),
            headers: headers.collect(),
        });
    }
    read
}

#[test]
fn lines_of_a_file_arrive_as_they_are_by_both_clients_and_the_books_close_by_their_headers() {
    let desk = Desk::new(
        "topic: { partitions: 4 }\nworkload:\n  rate: 400/s\n  message:\n    from: { file: orders.jsonl, order: random }\n    keys: { field: /who/id }\n    \
         headers: [ { name: source, value: web }, { name: shop, field: /shop } ]\n  \
         fleets: [ { name: a, share: 50%, client: librdkafka }, { name: b, share: 50%, client: light } ]\n\
         consumers: { instances: 2 }\nphases: { warm_up: 1s, measure: 5s, drain: 20s }\n",
    );
    let lines: Vec<String> = (0..50)
        .map(|n| format!("{{\"who\": {{\"id\": {}}}, \"shop\": \"s{}\", \"n\": {n}}}", n * 7, n % 3))
        .collect();
    fs::write(desk.folder.path().join("orders.jsonl"), lines.join("\n")).unwrap();
    desk.run(&["--keep"]);
    let row = desk.trials().remove(0);
    books_close(&row);
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{row:?}");
    assert_eq!(row["received"], row["acked"], "{row:?}");
    for none in ["received_unacked", "duplicates", "out_of_order", "unread", "lost", "in_flight"] {
        assert_eq!(row[none], "0", "{none}: {row:?}");
    }
    let of_window = number(&row, "offered_msgs_per_s") * number(&row, "measure_s");
    for latency in ["ack_latency_n", "end_to_end_latency_n"] {
        assert!((number(&row, latency) - of_window).abs() < 0.5, "{latency}: {row:?}");
    }
    assert!(number(&row, "ack_latency_p50_ms") < 1_000.0, "{row:?}");

    let topic = admin().topics(&prefix(&desk)).unwrap().remove(0);
    let acked = number(&row, "acked") as usize;
    let mut by_producer = [0; 2];
    for read in read_back(&topic, 4, acked + 4) {
        let noted = read.headers.iter().find(|(name, _)| name == envelope::HEADER);
        let Some(noted) = noted.and_then(|(_, value)| Envelope::read(value)) else {
            assert!(read.headers.is_empty() && read.key.is_none(), "a canary: {read:?}");
            continue;
        };
        assert_eq!(noted.kind, Kind::Message);
        by_producer[noted.producer as usize] += 1;
        assert!(lines.contains(&read.payload), "{read:?}");
        let told: serde_json::Value = serde_json::from_str(&read.payload).unwrap();
        assert_eq!(read.key, Some(told["who"]["id"].to_string()));
        let own: Vec<(&str, &str)> = read.headers[1..]
            .iter()
            .map(|(name, value)| (name.as_str(), std::str::from_utf8(value).unwrap()))
            .collect();
        assert_eq!(own, [("source", "web"), ("shop", told["shop"].as_str().unwrap())]);
    }
    assert_eq!(by_producer.iter().sum::<usize>(), acked);
    assert!(by_producer.iter().all(|count| *count > acked / 3), "{by_producer:?}");
    admin().delete_topic(&topic).unwrap();

    // The number is in the record and in the report, and the same for the same seed.
    let record = desk.record();
    let sha256 = record["messages"]["sha256"].as_str().unwrap();
    assert_eq!((sha256.len(), record["messages"]["messages"].as_u64()), (64, Some(10_000)));
    let report = fs::read_to_string(desk.results().join("report.md")).unwrap();
    assert!(report.contains(&sha256[..12]), "{report}");
}

#[test]
fn without_an_envelope_nothing_but_ones_own_is_sent_and_who_follows_a_group_measures_it() {
    // A backlog, too: what was due long before the clients were there.
    let desk = followed::desk("sh consumer.sh", "", "backlog: { age: 20s }\n");
    let file = desk.folder.path().join("promise.yaml");
    let text = fs::read_to_string(&file).unwrap().replace(
        "workload: { rate: 400/s, message: { size: 200B } }",
        "workload:\n  rate: 400/s\n  message: { template: '{\"n\":{{sequence}},\"who\":{{who}}}', fields: [ { name: who, int: { from: 1, to: 9 } } ], keys: { field: who }, envelope: none }\n  \
         fleets: [ { name: a, share: 50%, client: librdkafka }, { name: b, share: 50%, client: light } ]",
    );
    fs::write(&file, text).unwrap();
    desk.run(&["--keep"]);
    let row = desk.trials().remove(0);
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{row:?}");
    assert_eq!(row["unread"], "0", "{row:?}");
    let of_window = number(&row, "offered_msgs_per_s") * number(&row, "measure_s");
    for latency in ["ack_latency_n", "committed_latency_n"] {
        assert!((number(&row, latency) - of_window).abs() < 0.5, "{latency}: {row:?}");
    }
    let committed = number(&row, "committed_latency_p50_ms");
    assert!(committed > number(&row, "ack_latency_p50_ms") && committed < 5_000.0, "{row:?}");
    // From 1 to 21 s, until they are read and committed: of either client's half.
    assert!(number(&row, "age_p50_ms") > 7_000.0, "{row:?}");
    let acked = number(&row, "acked") as usize;
    let topic = admin().topics(&prefix(&desk)).unwrap().remove(0);
    for read in read_back(&topic, 4, acked) {
        let told: serde_json::Value = serde_json::from_str(&read.payload).unwrap();
        assert!(read.headers.is_empty() && told["n"].is_u64(), "{read:?}");
        assert_eq!(read.key, Some(told["who"].to_string()));
    }
    admin().delete_topic(&topic).unwrap();
}
