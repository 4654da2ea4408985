//! Promises of fleets that send in transactions.

use std::collections::BTreeMap;

use super::support::{Desk, admin, number, servers};
use super::wire::end_offsets;
use super::{books_close, prefix, undisturbed};

/// A quarter of the transactions is aborted; `orders` reads what was committed, `nosy` all.
const ABORTING: &str = "
topic: { partitions: 2 }
workload:
  rate: 400/s
  message: { size: 100B }
  fleets: [ { name: all, producers: 2, transactions: { commit_every: 100ms, abort: 25% } } ]
consumers:
  - { group: orders, properties: { isolation.level: read_committed } }
  - { group: nosy, properties: { isolation.level: read_uncommitted } }
phases: { warm_up: 2s, measure: 5s, drain: 20s }
";

#[test]
fn aborted_messages_are_booked_as_such_and_nobody_misses_them() {
    let desk = Desk::new(ABORTING);
    desk.run(&["--keep"]);
    let row = desk.trials().remove(0);
    undisturbed(&row);
    books_close(&row);
    let count = |column: &str| row[column].parse::<u64>().unwrap();
    // Some 140 transactions: a quarter of them within six standard deviations.
    let share = number(&row, "aborted") / number(&row, "acked");
    assert!((0.05..0.5).contains(&share), "{share} of the messages were aborted");
    assert_eq!(
        (count("unread"), count("lost"), count("duplicates"), count("received_aborted")),
        (0, 0, 0, 0)
    );
    assert_eq!(row["end_to_end_latency_censored"], "0", "nobody waits for what was aborted");
    assert!(number(&row, "end_to_end_latency_n") < number(&row, "ack_latency_n"));

    let mut reader = csv::Reader::from_path(desk.results().join("groups.csv")).unwrap();
    let groups: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!((&groups[1]["unread"], &groups[1]["lost"]), (&groups[0]["unread"], &groups[0]["lost"]));
    assert_eq!(groups[1]["received"], row["received"]);
    assert_eq!(groups[1]["received_aborted"], row["aborted"], "it reads uncommitted");

    // The topic itself: all messages, a canary a partition, and a control record for each transaction and partition, which are nobody's.
    let topic = admin().topics(&prefix(&desk)).unwrap().remove(0);
    let ends: i64 = end_offsets(&servers(), &topic, 2).unwrap().iter().sum();
    assert!(ends > count("acked") as i64 + 2, "{ends}");
    let events = std::fs::read_to_string(desk.results().join("trials/001-base-r1/events.jsonl")).unwrap();
    assert!(events.contains("were committed"), "{events}");
    assert!(desk.bench(&["clean"]).status().unwrap().success());
}

#[test]
fn without_a_drain_the_books_of_transactions_close_all_the_same() {
    let desk = Desk::new(ABORTING);
    desk.run(&["--set", "phases.drain=0s", "--set", "workload.fleets.all.transactions.commit_every=700ms"]);
    let row = desk.trials().remove(0);
    books_close(&row);
    assert_eq!(row["lost"], "0");
}
