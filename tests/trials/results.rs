//! Promises of a pipeline that writes its results to another topic: each is followed back to its message.

use std::collections::BTreeMap;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

use kafka_bench::spec::Topic;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{BorrowedMessage, Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use serde_json::Value;

use crate::support::{Desk, admin, number, servers};

/// So many messages have one result each, by a trial's record and its row, and the output holds nothing else.
pub(crate) fn each_has_its_result(record: &Value, row: &BTreeMap<String, String>, messages: f64) {
    let counts = ["output_missing", "output_doubled", "output_unknown"];
    assert_eq!(counts.map(|column| row[column].as_str()), ["0"; 3], "{row:?}");
    let followed = &record["followed"];
    assert_eq!(followed["results"]["messages"].as_f64(), Some(messages), "{followed}");
    assert!(number(row, "output_latency_p50_ms") > 0.0, "{row:?}");
}

/// Somebody's pipeline: what it reads it writes to the partition of the same number of another topic, with the header that it found. It ends with this.
struct Pipeline {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Pipeline {
    /// `results` says how many results a message has, by its number among those that it has read, and whether it is held back until after the next one.
    fn start(
        from: &str,
        to: &str,
        group: &str,
        results: impl Fn(u64) -> (u64, bool) + Send + 'static,
    ) -> Self {
        Pipeline::start_at(&servers(), (from, to), group, results)
    }

    fn start_at(
        servers: &str,
        (from, to): (&str, &str),
        group: &str,
        results: impl Fn(u64) -> (u64, bool) + Send + 'static,
    ) -> Self {
        let config = |more: &[(&str, &str)]| {
            let mut config = ClientConfig::new();
            config.set("bootstrap.servers", servers);
            for (name, value) in more {
                config.set(*name, *value);
            }
            config
        };
        let consumer: BaseConsumer =
            config(&[("group.id", group), ("auto.offset.reset", "earliest")]).create().unwrap();
        let producer: BaseProducer = config(&[("linger.ms", "0")]).create().unwrap();
        consumer.subscribe(&from.split(',').collect::<Vec<_>>()).unwrap();
        let (to, stop) = (to.to_owned(), Arc::<AtomicBool>::default());
        let halt = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let (mut seen, mut held): (u64, Option<Vec<u8>>) = (0, None);
            while !halt.load(Relaxed) {
                producer.poll(Duration::ZERO);
                let Some(Ok(message)) = consumer.poll(Duration::from_millis(20)) else { continue };
                let id = id(&message);
                let write = |id: &[u8]| {
                    let header = Header { key: "order", value: Some(id) };
                    let record =
                        BaseRecord::<(), str>::to(&to).partition(message.partition()).payload("done");
                    producer.send(record.headers(OwnedHeaders::new().insert(header))).unwrap();
                };
                let (times, late) = results(seen);
                seen += 1;
                if late {
                    held = Some(id);
                    continue;
                }
                for _ in 0..times {
                    write(&id);
                }
                if let Some(id) = held.take() {
                    write(&id);
                }
            }
            producer.flush(Duration::from_secs(20)).unwrap();
        });
        Pipeline { stop, thread: Some(thread) }
    }
}

fn id(message: &BorrowedMessage<'_>) -> Vec<u8> {
    let headers = message.headers().unwrap();
    headers.iter().find(|header| header.key == "order").unwrap().value.unwrap().to_vec()
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn topic(name: &str) {
    let topic = Topic { partitions: 1, replication: 1, ..Topic::default() };
    admin().create_topic(name, &topic).unwrap();
}

#[test]
fn one_result_that_is_missing_one_that_is_doubled_and_one_that_is_late_are_told_exactly() {
    for name in ["orders-in", "orders-out"] {
        topic(name);
    }
    let desk = Desk::new(
        "topic: { existing: orders-in }\n\
         workload: { rate: 200/s, arrivals: constant, message: { template: '{\"n\":{{sequence}}}', headers: [ { name: order, field: uuid } ] } }\n\
         consumers: { group: pipeline, backend: { external: {} }, output: { topic: orders-out, match: { header: order } } }\n\
         phases: { warm_up: 1s, measure: 6s, drain: 6s }\nslos: [ \"output_missing <= 0\", \"p50(output) < 60s\" ]\n",
    );
    // By their numbers: all of them are due in the window.
    let pipeline = Pipeline::start("orders-in", "orders-out", "pipeline", |seen| match seen {
        500 => (0, false),
        600 => (2, false),
        700 => (1, true),
        _ => (1, false),
    });
    let output = desk.run(&[]);
    let row = desk.trials().remove(0);
    let told = format!("{row:?}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{told}");
    let counts = ["output_missing", "output_doubled", "output_out_of_order", "output_unknown"];
    assert_eq!(counts.map(|column| row[column].as_str()), ["1", "1", "1", "0"], "{told}");
    // What has no result took longer than was watched.
    let of_window = number(&row, "offered_msgs_per_s") * number(&row, "measure_s");
    assert!((number(&row, "output_latency_n") - of_window).abs() < 0.5, "{told}");
    assert_eq!(row["output_latency_censored"], "1", "{told}");
    // A result is read after its message was acked, and long before a commit that comes every five seconds.
    let median = number(&row, "output_latency_p50_ms");
    assert!(median > 0.5 * number(&row, "ack_latency_p50_ms"), "{told}");
    assert!(median < number(&row, "committed_latency_p50_ms"), "{told}");
    let results = &desk.record()["followed"]["results"];
    let acked = number(&row, "acked") as u64;
    assert_eq!(
        (results["messages"].as_u64(), results["not_read"].as_u64()),
        (Some(acked - 1), Some(0)),
        "{results}"
    );
    assert_eq!(
        (results["topic"].as_str(), results["by"].as_str()),
        (Some("orders-out"), Some("the header `order`"))
    );
    let report = std::fs::read_to_string(desk.results().join("report.md")).unwrap();
    assert!(report.contains("output p50"), "{report}");
    desk.whole();
    drop(pipeline);
    assert!(
        admin().topics("orders-out").unwrap().contains(&"orders-out".to_owned()),
        "it is never taken away"
    );
    for name in ["orders-in", "orders-out"] {
        admin().delete_topic(name).unwrap();
    }
}

/// Not a promise of its own: what programs and containers of other tests run, until they are killed. Of those that share the host's network one alone is the pipeline.
#[test]
#[ignore = "a program of another test"]
fn a_pipeline_that_is_told_by_its_environment() {
    let told = |name: &str| std::env::var(name).ok();
    let all = ["BENCH_SERVERS", "BENCH_TOPIC", "BENCH_GROUP", "RESULTS"].map(told);
    let [Some(at), Some(from), Some(group), Some(to)] = all else { return };
    let alone = SocketAddr::from_abstract_name(format!("the pipeline to {to}")).unwrap();
    let Ok(_alone) = UnixListener::bind_addr(&alone) else { return };
    let _pipeline = Pipeline::start_at(&at, (&from, &to), &format!("{group}-results"), |_| (1, false));
    loop {
        std::thread::park();
    }
}
