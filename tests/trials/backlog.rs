//! Promises of a backlog: it is there before the consumers are, it is in the books, and how long it took is told.

use std::collections::BTreeMap;

use super::books_close;
use crate::support::{Desk, number};

fn drained(rate: &str) -> (Desk, BTreeMap<String, String>) {
    let desk = Desk::new(&format!(
        "topic: {{ partitions: 4 }}\nbacklog: {{ messages: 6k }}\n\
         workload:\n  rate: {rate}\n  message: {{ size: 200B, keys: {{ uniform: {{ count: 50 }} }} }}\n  \
         fleets: [ {{ name: a, share: 50%, client: librdkafka }}, {{ name: b, share: 50%, client: light }} ]\n\
         consumers: {{ instances: 2, backend: {{ process: {{ work: {{ wait: 500us }} }} }} }}\n\
         phases: {{ warm_up: 0s, measure: 8s, drain: 20s }}\n"
    ));
    desk.run(&[]);
    let row = desk.trials().remove(0);
    books_close(&row);
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{row:?}");
    assert_eq!(row["received"], row["acked"], "{row:?}");
    for none in ["received_unacked", "duplicates", "out_of_order", "unread", "lost", "refused", "in_flight"] {
        assert_eq!(row[none], "0", "{none}: {row:?}");
    }
    let written = number(&row, "backlog_written_messages");
    assert!((written - 6_000.0).abs() <= 2.0, "each producer writes its half: {row:?}");
    // Two take 2,000 a second each at the most.
    let took_s = number(&row, "time_to_drain_s");
    assert!((1.5..20.0).contains(&took_s), "{row:?}");
    let rate = number(&row, "drained_msgs_per_s");
    assert!(rate * took_s >= 0.9 * written && rate < 4_000.0, "{row:?}");
    (desk, row)
}

#[test]
fn a_backlog_is_drained_beside_a_load_and_both_are_in_the_books() {
    let (desk, row) = drained("300/s");
    let backlog = &desk.record()["backlog"];
    assert!(
        (backlog["span_s"].as_f64().unwrap() - 20.0).abs() < 0.1,
        "as the load would have had it: {backlog}"
    );
    assert!(backlog["started_s"].as_f64().unwrap() < 0.0, "{backlog}");
    // The oldest was due 20 s before, the youngest 1 s.
    let (p50, p99) = (number(&row, "age_p50_ms"), number(&row, "age_p99_ms"));
    assert!(p99 > p50 && p99 > 15_000.0 && p50 > 5_000.0, "{row:?}");
    let of_window = number(&row, "offered_msgs_per_s") * number(&row, "measure_s");
    assert!((number(&row, "end_to_end_latency_n") - of_window).abs() < 0.5, "no age is a latency: {row:?}");
    // What was done before the load began is in no rate of the window, and in no backlog of its start.
    let written = number(&row, "backlog_written_messages");
    let left = written - backlog["processed_before"].as_f64().unwrap();
    assert!((number(&row, "backlog_start_messages") - left).abs() < 0.5, "{left} {row:?}");
    let done = number(&row, "processed_msgs_per_s") * number(&row, "measure_s");
    assert!(done <= left + of_window + 0.5, "{left} {row:?}");
    let due = written + of_window;
    assert!((number(&row, "due") - due).abs() < 0.5, "{row:?}");
    let whole = desk.bench(&["verify", desk.results().to_str().unwrap()]).status().unwrap();
    assert!(whole.success(), "what was written before time 0 is in the books and in no row of the series");
    let report = std::fs::read_to_string(desk.results().join("report.md")).unwrap();
    assert!(report.contains("## Backlog") && report.contains("time to drain"), "{report}");
}

#[test]
fn a_backlog_can_be_drained_alone() {
    let (_, row) = drained("0/s");
    assert_eq!(row["due"], row["backlog_written_messages"], "{row:?}");
    assert!(number(&row, "offered_msgs_per_s") <= 0.0, "{row:?}");
    assert!(!row.values().any(|value| value.contains("NaN") || value.contains("inf")), "{row:?}");
}
