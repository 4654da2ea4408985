//! What is known of results, message by message.

use super::*;

const MS: u64 = 1_000_000;
const ZERO: u64 = 1_000 * SECOND_NS;

/// Message `n` of one producer lies at offset `n` of partition 0 and was due n ms after the beginning.
fn sent(n: u64) -> Sent {
    Sent { producer: 0, sequence: n, due: ZERO + n * MS, partition: 0, offset: n as i64 }
}

fn matching() -> Matching {
    Matching::new(1, BySecond::growing())
}

#[test]
fn each_result_is_of_its_message_and_one_doubled_one_missing_and_one_late_are_told() {
    let mut matching = matching();
    (0..10).for_each(|n| matching.sent(Some(n), sent(n)));
    // 3 has no result, 5 has two, 7 comes after 8.
    for (turn, id) in (0..).zip([0, 1, 2, 4, 5, 5, 6, 8, 7, 9]) {
        matching.result(Some(id), 0, ZERO + (100 + turn) * MS);
    }
    matching.result(Some(77), 0, ZERO + 200 * MS);
    matching.result(None, 0, ZERO + 200 * MS);
    assert_eq!(matching.so_far(), (9, false));
    let matched = matching.finish();
    assert_eq!((matched.results, matched.doubled, matched.out_of_order), (9, 1, 1));
    assert_eq!((matched.unknown, matched.negative, matched.out_of_range), (2, 0, 0));
    assert_eq!(matched.offsets[0].iter().collect::<Vec<_>>(), [(0, 3), (4, 10)]);
    assert!(matched.is_told());
}

#[test]
fn latencies_go_from_due_to_when_the_result_was_read_by_the_second_of_due() {
    let mut matching = matching();
    for n in [10, 1_500] {
        matching.sent(Some(n), sent(n));
    }
    matching.result(Some(10), 0, ZERO + 60 * MS);
    matching.result(Some(1_500), 0, ZERO + 1_700 * MS);
    let second = ZERO / SECOND_NS;
    let mean = |from: u64| matching.latencies.sum(from, from + 1).dense().mean() / 1e6;
    assert!((mean(second) - 50.0).abs() < 0.5 && (mean(second + 1) - 200.0).abs() < 1.0);
}

#[test]
fn a_result_that_is_read_before_its_message_waits_for_it_and_holds_up_those_behind_it() {
    let mut matching = matching();
    matching.sent(Some(1), sent(1));
    matching.result(Some(2), 0, ZERO + 10 * MS);
    matching.result(Some(1), 0, ZERO + 11 * MS);
    assert_eq!(matching.so_far(), (0, false));
    matching.sent(Some(2), sent(2));
    matching.settle(ZERO + 12 * MS);
    assert_eq!(matching.so_far(), (2, true));
    let matched = matching.finish();
    assert_eq!((matched.out_of_order, matched.unknown), (1, 0), "2 came before 1");
}

#[test]
fn what_is_of_none_of_ours_holds_nobody_up_for_long() {
    let mut matching = matching();
    matching.sent(Some(1), sent(1));
    matching.result(Some(99), 0, ZERO);
    matching.result(Some(1), 0, ZERO + MS);
    matching.settle(ZERO + HELD_NS - 1);
    assert_eq!(matching.so_far(), (0, false));
    matching.settle(ZERO + HELD_NS);
    assert_eq!((matching.so_far(), matching.tally.unknown), ((1, true), 1));
}

#[test]
fn a_message_that_was_written_twice_may_have_two_results() {
    let twice = Sent { offset: 9, ..sent(1) };
    for early in [true, false] {
        let mut matching = matching();
        matching.sent(Some(1), sent(1));
        if early {
            matching.sent(Some(1), twice);
        }
        (0..2).for_each(|_| matching.result(Some(1), 0, ZERO + 5 * MS));
        if !early {
            matching.sent(Some(1), twice);
        }
        let matched = matching.finish();
        assert_eq!((matched.results, matched.doubled, matched.repeated), (1, 0, 0));
        assert_eq!(
            matched.offsets[0].iter().collect::<Vec<_>>(),
            [(1, 2), (9, 10)],
            "an ack may name either"
        );
    }
}

#[test]
fn ids_that_messages_share_or_lack_let_nothing_be_told() {
    let mut shared = matching();
    (1..3).for_each(|n| shared.sent(Some(7), sent(n)));
    assert_eq!((shared.tally.repeated, shared.finish().is_told()), (1, false));
    let mut none = matching();
    none.sent(None, sent(1));
    assert!(!none.finish().is_told());
}

#[test]
fn a_message_that_comes_long_after_its_result_lets_nothing_be_told() {
    let mut matching = matching();
    matching.result(Some(1), 0, ZERO);
    matching.settle(ZERO + HELD_NS + MS);
    assert_eq!((matching.tally.unknown, matching.tally.is_told()), (1, true));
    matching.sent(Some(1), sent(1));
    assert!(!matching.finish().is_told());
}

#[test]
fn memory_is_bounded_and_what_was_forgotten_matters_only_where_a_result_is_of_nothing_known() {
    let mut matching = Matching { most: 100, ..matching() };
    // Every tenth has no result: those are kept as long as others can be forgotten.
    for n in 0..500 {
        matching.sent(Some(n), sent(n));
        if n % 10 > 0 {
            matching.result(Some(n), 0, ZERO + n * MS);
        }
    }
    assert_eq!(matching.known.len(), 100);
    assert!(matching.open.len() <= 200 && matching.done.len() <= 100);
    assert!((0..500).step_by(10).all(|n| matching.known.contains_key(&n)));
    matching.result(Some(0), 0, ZERO + 600 * MS);
    let mut later = matching;
    assert_eq!((later.tally.forgotten, later.tally.results, later.tally.is_told()), (400, 451, true));
    later.result(Some(1), 0, ZERO + 700 * MS);
    assert!(!later.finish().is_told(), "was it doubled, or somebody else's?");
}

#[test]
fn a_consumer_that_filters_leaves_no_gap_for_each_message_and_what_is_missing_is_counted_all_the_same() {
    let mut matching = Matching { most: 100, ..matching() };
    // Every other message has a result, a little later, and other messages lie between ours now and then.
    let (mut last, mut gaps) = (0, 0);
    for n in 0..50_000_u64 {
        let offset = (n + n / 1_000) as i64;
        matching.sent(Some(n), Sent { offset, ..sent(n) });
        if n % 2 == 0 {
            matching.result(Some(n), 0, ZERO + n * MS);
        }
        gaps = gaps.max(matching.tally.offsets[0].iter().count() + matching.ours[0].iter().count());
        last = offset;
    }
    assert!(gaps < 300, "{gaps} intervals at one time");
    assert!(matching.open.len() <= 200 && matching.done.len() <= 100);
    let matched = matching.finish();
    let Folded { until, messages, without } = matched.folded[0];
    assert!(until > 49_000 && matched.is_told());
    let behind = matched.offsets[0].len();
    assert_eq!((without, messages), (messages - (25_000 - behind), messages));
    let all = 50_000 - messages;
    assert_eq!(without + all - behind, 25_000, "half of them, up to {last}");
}
