//! What was done to a trial on purpose.

use super::*;
use crate::record::Injected;

#[test]
fn what_was_done_on_purpose_is_no_doubt_and_what_was_not_done_is_one() {
    let trial = Synthetic::default();
    let (mut record, mut rows) = (trial.record(), trial.rows());
    // Nothing is processed from second 5 to second 9, and then all that was left.
    for row in rows.iter_mut().filter(|row| (5.0..9.0).contains(&row.t_s)) {
        row.processed = 0;
    }
    let mut waiting = 0;
    for row in &mut rows {
        if crate::record::series::quarter(row.t_s) == 36 {
            row.processed += 16 * 250;
        }
        waiting += row.acked;
        waiting = waiting.saturating_sub(row.processed);
        row.unprocessed_messages = Some(waiting);
    }
    record.silences = vec![crate::record::Silence { instance: 1, from_s: 5.0, to_s: 10.0 }];
    let ids = |record: &TrialRecord| -> Vec<&'static str> {
        judge(record, &rows, &trial.latencies()).doubts.into_iter().map(|doubt| doubt.id).collect()
    };
    assert!(ids(&record).contains(&"stall"), "{:?}", ids(&record));
    let paused = Injected {
        event: "hang".to_owned(),
        asked_s: Some(5.0),
        done_s: Some(5.0),
        caused_until_s: Some(17.0),
        ..Injected::default()
    };
    record.injected = vec![paused.clone()];
    assert!(!ids(&record).contains(&"stall"), "{:?}", ids(&record));
    record.injected[0].trouble = Some("nobody lived that it could be done to".to_owned());
    assert!(ids(&record).contains(&"event_missed"));
    record.injected = vec![Injected { asked_s: None, ..paused }];
    assert!(ids(&record).contains(&"event_missed"));
}

#[test]
fn brokers_that_stand_still_on_purpose_are_no_stall() {
    let trial = Synthetic::default();
    let (mut record, mut rows) = (trial.record(), trial.rows());
    for row in rows.iter_mut().filter(|row| (5.0..9.0).contains(&row.t_s)) {
        (row.acked, row.processed) = (0, 0);
    }
    let stalls = |record: &TrialRecord| {
        let doubts = judge(record, &rows, &trial.latencies()).doubts;
        doubts.iter().any(|doubt| doubt.id == "stall" && doubt.what.contains("brokers acked nothing"))
    };
    let (asked_s, done_s, caused_until_s) = (Some(5.0), Some(5.0), Some(17.0));
    let of = Injected::default();
    let of = Injected { asked_s, done_s, caused_until_s, ..of };
    record.injected = vec![Injected { kind: "pause".to_owned(), ..of.clone() }];
    assert!(stalls(&record), "what is done to instances lets no broker stand still");
    record.injected = vec![Injected { kind: "pause_broker".to_owned(), ..of }];
    assert!(!stalls(&record));
}

#[test]
fn what_is_done_to_one_group_leaves_the_law_of_another_and_what_is_done_to_a_broker_does_not() {
    let trial = Synthetic { backlog: 400, latency_ns: 300_000_000, ..Synthetic::default() };
    let done = |kind: &str| {
        let (mut record, audit) = trial.with_audit(250);
        let (group, group_number, kind) = ("audit".to_owned(), 1, kind.to_owned());
        let of = Injected::default();
        let times = (Some(6.0), Some(6.0), Some(9.0));
        let (asked_s, done_s, caused_until_s) = times;
        record.injected = vec![Injected { kind, group, group_number, asked_s, done_s, caused_until_s, ..of }];
        ids(&judge_groups(&record, &trial.rows(), &trial.latencies(), &[audit])).contains(&"little")
    };
    assert!(done("kill") && !done("kill_broker"));
}
