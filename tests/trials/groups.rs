//! Promises of trials in which several groups read one topic.

use std::collections::BTreeMap;

use kafka_bench::books::Topics;

use super::support::{Desk, admin, number, servers};
use super::wire::end_offsets;
use super::{books_close, prefix, undisturbed};

/// `orders` keeps up; `audit` cannot do more than 1 / 4 ms = 250 a second of the 300 that are offered, and is let catch up.
const TWO_GROUPS: &str = "
topic: { partitions: 2 }
workload: { rate: 300/s, arrivals: constant, message: { size: 100B } }
consumers:
  - { group: orders, instances: 2 }
  - { group: audit, threads: 1, backend: { process: { work: { wait: 4ms } } } }
phases: { warm_up: 1s, measure: 5s, drain: 30s }
";

fn groups(desk: &Desk) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(desk.results().join("groups.csv")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// The group's part of the books, set against what was acked.
fn group_closes(row: &BTreeMap<String, String>) {
    let field = |column: &str| row[column].parse::<u64>().unwrap();
    let parts = ["received", "unread", "lost", "aborted"].map(field);
    assert_eq!(field("acked"), parts.iter().sum::<u64>(), "{row:?}");
}

#[test]
fn each_group_reads_all_and_a_trial_is_drained_when_the_last_has_read_everything() {
    let desk = Desk::new(TWO_GROUPS);
    desk.run(&[]);
    let row = desk.trials().remove(0);
    undisturbed(&row);
    books_close(&row);
    let rows = groups(&desk);
    assert_eq!(rows.iter().map(|row| row["group"].as_str()).collect::<Vec<_>>(), ["orders", "audit"]);
    for group in &rows {
        group_closes(group);
        assert_eq!((&group["received"], group["unread"].as_str()), (&row["acked"], "0"));
        assert_eq!(group["outcome"], row["outcome"]);
    }
    for column in ["processed_msgs_per_s", "end_to_end_latency_p99_ms", "lag_end_messages", "saturated"] {
        assert_eq!(rows[0][column], row[column], "`trials.csv` holds the first group's {column}");
    }
    assert!(number(&rows[1], "processed_msgs_per_s") <= 250.0);
    assert!(number(&rows[1], "lag_max_messages") > number(&rows[0], "lag_max_messages"));
    assert!(number(&rows[1], "time_lag_max_ms") > 0.0 && number(&rows[1], "consumers_rss_max_mib") > 0.0);
    // And the report is made of the records alone.
    let saved = std::fs::read_to_string(desk.results().join("report.md")).unwrap();
    let again = desk.bench(&["report", desk.results().to_str().unwrap(), "--format", "md"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&again.stdout), saved);
    assert!(saved.contains("| audit"), "{saved}");
    assert!(admin().topics(&prefix(&desk)).unwrap().is_empty());
}

#[test]
fn what_a_group_leaves_unread_is_its_lag_and_clean_takes_every_group() {
    let desk = Desk::new(TWO_GROUPS);
    desk.run(&["--keep", "--set", "phases.drain=250ms", "--set", "consumers.audit.instances=1"]);
    let topic = admin().topics(&prefix(&desk)).unwrap().remove(0);
    let ends: i64 = end_offsets(&servers(), &topic, 2).unwrap().iter().sum();
    let commits =
        |group: &str| admin().committed(&format!("{group}-{topic}"), &Topics::one(&*topic, 2)).unwrap();
    let in_flight = number(&desk.trials()[0], "in_flight") as i64;
    for row in groups(&desk) {
        group_closes(&row);
        let committed: i64 = commits(&row["group"]).iter().flatten().sum();
        // What was still on its way when the trial ended may have been written all the same.
        let beyond = ends - committed - number(&row, "unread") as i64;
        assert!((0..=in_flight).contains(&beyond), "{beyond} of {in_flight}: {row:?}");
    }
    assert!(number(&groups(&desk)[1], "unread") > 0.0);
    let cleaned = desk.bench(&["clean"]).output().unwrap();
    let told = String::from_utf8_lossy(&cleaned.stdout);
    assert!(cleaned.status.success(), "{told}");
    for removed in [format!("topic {topic}"), format!("group orders-{topic}"), format!("group audit-{topic}")]
    {
        assert_eq!(told.matches(&removed).count(), 1, "{removed} in\n{told}");
    }
    assert!(["orders", "audit"].iter().all(|group| commits(group).iter().all(Option::is_none)));
}
