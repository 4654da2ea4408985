//! Wherever bench's folders lie, and whatever the user's language is, a broker starts and the records are the same.

use std::collections::BTreeMap;
use std::fs;

use kafka_bench::cluster::{Broker, BrokerSpec, Talk};
use kafka_bench::units::Bytes;

use super::support::Desk;

/// Blanks, a comma, a backslash, letters outside ASCII.
const ODD: &str = "a b, c\\d größe 负载";

#[test]
fn a_broker_starts_in_any_folder_whatever_the_locale_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join(ODD).join("x".repeat(200));
    fs::create_dir_all(&place).unwrap();
    let (data, log) = (place.join("data"), place.join("log"));
    let config = BTreeMap::from([("num.partitions".to_owned(), " 3".to_owned())]);
    let spec = BrokerSpec { version: "4.3.1".to_owned(), heap: Bytes::new(512 << 20), config };
    let broker = Broker::start(&spec, &data, &log, &mut Talk { tell: &mut |_| (), stop: &|| false }).unwrap();
    assert!(broker.logs().join("meta.properties").is_file());
    assert!(fs::read_to_string(&log).unwrap().contains("num.partitions = 3"));
    broker.stop().unwrap();
    assert!(!data.exists());
}

#[test]
fn a_run_is_told_where_its_broker_may_be_before_anything_is_recorded() {
    let desk = Desk::with_cluster("{ kafka: {} }", "workload: {rate: 10/s}\n");
    let told = |variables: &[(&str, Option<&str>)], more: &[&str]| {
        let mut bench = desk.bench(&[&["run", "promise.yaml"], more].concat());
        for (name, value) in variables {
            match value {
                Some(value) => bench.env(name, value),
                None => bench.env_remove(name),
            };
        }
        let output = bench.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(!desk.folder.path().join("results").exists(), "nothing is recorded: {told}");
        told
    };
    let homeless = told(&[("HOME", None), ("XDG_STATE_HOME", None), ("XDG_CACHE_HOME", None)], &[]);
    assert!(homeless.contains("`HOME`") && homeless.contains("`XDG_STATE_HOME`"), "{homeless}");
    let relative = told(&[("HOME", Some("")), ("XDG_CACHE_HOME", Some("cache"))], &[]);
    assert!(relative.contains("`XDG_CACHE_HOME` holds an absolute path"), "{relative}");
    let file = told(&[], &["--work", "promise.yaml/below"]);
    assert!(file.contains("promise.yaml` cannot be used: not a directory"), "{file}");
}
