//! A cluster with a quota: what it holds back is told as that, whichever the client.

use std::collections::BTreeMap;

use kafka_bench::cluster::{Broker, BrokerSpec, Talk};
use kafka_bench::units::Bytes;

use crate::support::{Desk, number, set_quotas};

/// Far more than clients are let send and fetch.
const BEYOND: &str = "
topic: { partitions: 2 }
workload:
  rate: 2000/s
  message: { size: 1KiB }
  fleets: [ { name: all, producers: 2, share: 100%, properties: { batch.size: 16384, linger.ms: 5 } } ]
consumers: { instances: 1, properties: { fetch.message.max.bytes: 65536 } }
factors: { workload.fleets.all.client: [librdkafka, light] }
phases: { prepare: 0s, warm_up: 3s, measure: 8s, drain: 1s }
repetitions: 1
";

#[test]
fn a_quota_is_read_from_both_clients_and_from_fetches_and_told_as_what_bounds_the_trial() {
    let folder = tempfile::tempdir().unwrap();
    let config = BTreeMap::from([("quota.window.num".to_owned(), "3".to_owned())]);
    let spec = BrokerSpec { version: "4.3.1".to_owned(), heap: Bytes::new(384 << 20), config };
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let broker = Broker::start(&spec, &data, &log, &mut Talk { tell: &mut |_| (), stop: &|| false }).unwrap();
    let server = broker.load_servers();
    let desk = Desk::with_cluster(&format!("{{ bootstrap: {{ servers: \"{server}\" }} }}"), BEYOND);
    // Each of the two producers and the consumer has an id of its own, and so a quota of its own.
    set_quotas(&server, None, &[("producer_byte_rate", 131_072.0), ("consumer_byte_rate", 131_072.0)]);
    desk.run(&[]);
    let rows = desk.trials();
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert!(row["doubts"].split(';').any(|doubt| doubt == "quota"), "{row:?}");
        for column in ["produce_throttled_ms", "fetch_throttled_ms"] {
            assert!(number(row, column) > 1_000.0, "{column}: {row:?}");
        }
        let acked = number(row, "acked_msgs_per_s");
        assert!((50.0..400.0).contains(&acked), "its capacity is the quota's, 2 × 128 messages/s: {row:?}");
    }
    let series = std::fs::read_to_string(desk.trial().join("series.csv")).unwrap();
    let heading = series.lines().next().unwrap();
    assert!(heading.contains(",produce_throttled_ms,fetch_throttled_ms"), "{heading}");
}
