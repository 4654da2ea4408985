//! What the books of one instance promise.

use super::*;

const START: u64 = 1_000 * SECOND_NS;

fn ledger() -> InstanceLedger {
    let mut ledger = InstanceLedger::new(7, 1_000, 300_000, START);
    ledger.assigned(0, &[0]);
    ledger
}

fn message(offset: i64, sequence: u64) -> Done {
    let envelope = Envelope { kind: Kind::Message, trial: 7, producer: 1, sequence, due: START };
    let received_ns = START + offset as u64 * 1_000_000;
    let processed_ns = received_ns + 500_000;
    Done {
        thread: 0,
        partition: 0,
        offset,
        envelope: Some(envelope),
        received_ns,
        processed_ns,
        bytes: 100 + offset as u64,
        key: None,
    }
}

fn canary() -> Done {
    let mut done = message(0, 0);
    done.envelope = done.envelope.map(|envelope| Envelope { kind: Kind::Canary, ..envelope });
    done
}

fn count(quarters: &ToldQuarters) -> u64 {
    quarters.counts.iter().sum()
}

#[test]
fn a_canary_is_in_the_offsets_and_in_nothing_else() {
    let mut ledger = ledger();
    ledger.done(canary());
    ledger.done(canary());
    let report = ledger.report(START, 0, false);
    assert_eq!(report.processed[&0].len(), 1);
    assert_eq!((report.processed_total, report.duplicates, report.foreign), (0, 0, 0));
    assert!(report.latencies.is_empty() && report.fresh.is_empty());
    assert_eq!(ledger.take_commits(0), [(0, 1)]);
}

#[test]
fn from_the_start_of_a_partition_all_goes_into_histograms() {
    let mut ledger = ledger();
    ledger.done(canary());
    for offset in 1..=10 {
        ledger.done(message(offset, offset as u64));
    }
    let report = ledger.report(START + SECOND_NS, 0, false);
    assert!(report.fresh.is_empty());
    assert_eq!((count(&report.received_quarters), count(&report.processed_quarters)), (10, 10));
    assert_eq!(count(&report.processed_bytes), 1_055, "the canary's bytes are nobody's");
    let histogram = codec::decode(&report.latencies[&Latency::ProcessService][&1_000]).unwrap();
    assert_eq!(histogram.len(), 10);
    let values: Vec<(u64, u64)> = histogram.iter().collect();
    assert!(matches!(values[..], [(ns, 10)] if (500_000..=500_500).contains(&ns)), "{values:?}");
}

#[test]
fn after_a_partition_moved_messages_are_told_one_by_one_for_a_while() {
    let mut ledger = ledger();
    ledger.done(message(500, 1));
    let mut late = message(501, 2);
    late.received_ns = START + 10 * SECOND_NS;
    late.processed_ns = late.received_ns;
    ledger.done(late);
    let report = ledger.report(START, 0, false);
    assert_eq!(
        report.fresh.iter().map(|fresh| (fresh.offset, fresh.bytes)).collect::<Vec<_>>(),
        [(500, 600)]
    );
    assert_eq!((count(&report.processed_quarters), report.processed_total), (1, 2));
}

#[test]
fn only_the_first_processing_counts() {
    let mut ledger = ledger();
    for offset in [0, 1, 2, 1, 2, 3] {
        ledger.done(message(offset, offset as u64));
    }
    let report = ledger.report(START, 0, false);
    assert_eq!((report.processed_total, report.duplicates, report.out_of_order), (4, 2, 0));
    assert_eq!(count(&report.processed_quarters), 4);
}

#[test]
fn a_sequence_below_one_seen_before_is_out_of_order() {
    let mut ledger = ledger();
    for (offset, sequence) in [(0, 5), (1, 4), (2, 6)] {
        ledger.done(message(offset, sequence));
    }
    assert_eq!(ledger.report(START, 0, false).out_of_order, 1);
}

#[test]
fn messages_of_others_are_foreign_and_their_offsets_are_kept() {
    let mut ledger = ledger();
    ledger.done(Done { envelope: None, ..message(0, 0) });
    let mut other = message(1, 1);
    other.envelope = other.envelope.map(|envelope| Envelope { trial: 8, ..envelope });
    ledger.done(other);
    let report = ledger.report(START, 0, false);
    assert_eq!((report.foreign, report.processed_total, report.processed[&0].len()), (2, 0, 2));
}

#[test]
fn a_latency_below_zero_is_counted_and_recorded_as_zero() {
    let mut ledger = ledger();
    let mut early = message(0, 0);
    early.received_ns = START - 5;
    ledger.done(early);
    let report = ledger.report(START, 0, false);
    assert_eq!(report.negative, 1);
    let histogram = codec::decode(&report.latencies[&Latency::Receive][&1_000]).unwrap();
    assert_eq!(histogram.iter().collect::<Vec<_>>(), [(0, 1)]);
}

#[test]
fn reports_hold_what_is_new_and_tallies_go_on() {
    let mut ledger = ledger();
    ledger.done(message(0, 0));
    ledger.received(0, 0, 1);
    let first = ledger.report(START + 1, 10, false);
    assert_eq!(first.in_hand, [(0, 1)]);
    ledger.done(message(1, 1));
    assert!(ledger.is_unreported());
    let second = ledger.report(START + 2, 20, true);
    assert!(!ledger.is_unreported());
    assert_eq!((second.seq, second.from_ns, second.processed_total), (1, START + 1, 2));
    assert_eq!(second.processed[&0].iter().collect::<Vec<_>>(), [(1, 2)]);
    assert!(second.in_hand.is_empty() && second.last);
}

#[test]
fn only_what_is_processed_and_still_assigned_is_committed_and_only_once() {
    let mut ledger = ledger();
    ledger.assigned(1, &[1]);
    ledger.done(message(0, 0));
    ledger.received(0, 0, 1);
    assert_eq!((ledger.take_commits(1), ledger.take_commits(0)), (vec![], vec![(0, 1)]));
    assert_eq!(ledger.take_commits(0), []);
    ledger.not_committed([0].into_iter());
    assert_eq!(ledger.take_commits(0), [(0, 1)]);
    ledger.done(message(1, 1));
    ledger.revoked(1, &[0]);
    assert_eq!(ledger.report(START, 0, false).assignment, [0, 1]);
    ledger.revoked(0, &[0]);
    assert_eq!(ledger.take_commits(0), []);
}

#[test]
fn a_second_is_told_of_a_partition_where_one_of_its_messages_came_in_time() {
    let late_by = |offset: i64, due_s: u64, ms: u64| {
        let mut done = message(offset, offset as u64);
        let due = START + due_s * SECOND_NS;
        done.envelope = done.envelope.map(|envelope| Envelope { due, ..envelope });
        (done.received_ns, done.processed_ns) = (due, due + ms * 1_000_000);
        done
    };
    let mut ledger = ledger().telling_in_time(Some(250_000_000));
    ledger.done(canary());
    // The first second has one of two, the second none, the third one at the very limit.
    for (offset, due_s, ms) in [(1, 0, 900), (2, 0, 10), (3, 1, 251), (4, 2, 250)] {
        ledger.done(late_by(offset, due_s, ms));
    }
    let report = ledger.report(START + 9 * SECOND_NS, 0, false);
    let seconds: Vec<(i64, i64)> = report.in_time[&0].iter().collect();
    assert_eq!(seconds, [(1_000, 1_001), (1_002, 1_003)]);
    ledger.done(late_by(5, 3, 10));
    let report = ledger.report(START + 10 * SECOND_NS, 0, false);
    assert_eq!(report.in_time[&0].len(), 1, "each report tells what the one before did not");
    let mut silent = InstanceLedger::new(7, 1_000, 300_000, START);
    silent.done(late_by(1, 0, 10));
    assert!(silent.report(START, 0, false).in_time.is_empty(), "nobody asked");
}
