//! Promises of a producer, kept without a broker: connections, answers and time are the test's own.

mod broker;
mod storm;

use broker::{Asked, Port, shore, shore_on};

use super::*;
use crate::books::Topics;
use crate::cluster::Weight;
use crate::load::light::batch::Entry;
use crate::load::light::wire::Told;

const MS: u64 = 1_000_000;
/// Unix ns at which all tests begin.
const ZERO: u64 = 1_000_000_000_000_000;

/// When each message was due, by the outcome it had.
fn acked(port: &Port) -> Vec<u64> {
    let dues = |(entries, outcome): &(Vec<Entry>, Outcome)| {
        let dues = entries.iter().map(|entry| entry.due).collect::<Vec<_>>();
        matches!(outcome, Outcome::Acked(..)).then_some(dues)
    };
    port.shore.done.iter().filter_map(dues).flatten().collect()
}

#[test]
fn a_message_from_before_the_partitions_were_known_waits_and_then_goes() {
    let mut port = shore(&[]);
    port.give(1);
    port.advance(0);
    let first = port.connect("first:1");
    port.advance(20);
    assert_eq!(port.asked(first), [Asked::Metadata]);
    port.metadata(first, &[(1, "one", 1)], &[1, 1]);
    port.advance(30);
    let one = port.connect("one:1");
    port.advance(31);
    assert!(matches!(port.asked(one)[..], [Asked::Batch { count: 1, .. }]));
    assert!(port.shore.is_closed(first), "it was needed for nothing more");
    port.produced(one, 0, 7);
    assert!(matches!(port.shore.done[..], [(_, Outcome::Acked(_, Some(7)))]));
    assert_eq!(port.shore.connected, 1);
}

#[test]
fn a_batch_goes_when_it_has_lingered_or_is_full() {
    let mut port = shore(&[("linger.ms", "10"), ("batch.num.messages", "3")]);
    let one = port.settle(1);
    let begun = port.now;
    let due = port.give(1);
    assert!((begun + 10 * MS..begun + 11 * MS).contains(&due), "it lingers");
    port.give(2);
    port.advance(9);
    assert_eq!(port.asked(one), []);
    port.advance(2);
    assert!(matches!(port.asked(one)[..], [Asked::Batch { count: 2, .. }]));
    for n in 3..=6 {
        port.give(n);
    }
    port.advance(0);
    assert!(matches!(port.asked(one)[..], [Asked::Batch { count: 3, .. }]), "one is full, one lingers");
}

#[test]
fn no_more_requests_are_on_their_way_than_allowed() {
    let mut port = shore(&[("max.in.flight", "2"), ("linger.ms", "0")]);
    let one = port.settle(1);
    for n in 0..5 {
        port.give(n);
        port.advance(1);
    }
    assert_eq!(port.asked(one).len(), 2);
    port.produced(one, 0, 0);
    port.advance(0);
    assert!(matches!(port.asked(one)[..], [Asked::Batch { count: 3, .. }]), "what waited went together");
}

#[test]
fn a_partition_that_moved_is_asked_for_and_its_batch_goes_to_the_new_leader() {
    let mut port = shore(&[("linger.ms", "0")]);
    let one = port.settle(1);
    port.give(1);
    port.advance(0);
    assert_eq!(port.asked(one).len(), 1);
    port.produced(one, 6, -1);
    port.advance(0);
    assert_eq!(port.asked(one), [Asked::Metadata]);
    port.metadata(one, &[(1, "one", 1), (2, "two", 1)], &[2]);
    port.advance(0);
    let two = port.connect("two:1");
    port.advance(500);
    assert!(matches!(port.asked(two)[..], [Asked::Batch { count: 1, .. }]));
    port.produced(two, 0, 0);
    assert_eq!(acked(&port), [1]);
}

#[test]
fn a_lost_connection_gives_back_what_was_on_its_way_and_is_dialled_again_a_little_later() {
    let mut port = shore(&[("linger.ms", "0")]);
    let one = port.settle(1);
    port.give(1);
    port.advance(0);
    assert_eq!(port.asked(one).len(), 1);
    port.tell(one, &Told::Down(Weight::Lost, "reset".to_owned()));
    port.advance(0);
    assert!(port.dialled("one:1").is_none(), "not at once");
    port.advance(200);
    let again = port.connect("one:1");
    port.advance(0);
    let asked = port.asked(again);
    assert!(asked.contains(&Asked::Metadata) && asked.len() == 2, "{asked:?}");
    assert!(port.shore.complaints[0].contains("reset"));
}

#[test]
fn a_request_without_an_answer_ends_its_connection_when_its_time_is_up() {
    let mut port = shore(&[("linger.ms", "0"), ("socket.timeout.ms", "1000")]);
    let one = port.settle(1);
    port.give(1);
    port.advance(0);
    port.advance(999);
    assert!(!port.shore.is_closed(one));
    port.advance(2);
    assert!(port.shore.is_closed(one));
}

#[test]
fn what_no_retry_will_help_fails_with_the_brokers_code_and_so_does_what_was_tried_often_enough() {
    let mut port = shore(&[("linger.ms", "0"), ("retries", "1")]);
    let one = port.settle(1);
    for (code, tries) in [(10, 1), (7, 2)] {
        port.give(1);
        for _ in 0..tries {
            port.advance(300);
            assert_eq!(port.asked(one).len(), 1);
            port.produced(one, code, -1);
        }
        let (_, outcome) = port.shore.done.pop().unwrap();
        assert_eq!(outcome, Outcome::Failed(i32::from(code)));
    }
}

#[test]
fn a_message_fails_when_its_time_is_up_wherever_it_waits() {
    let mut port = shore(&[("delivery.timeout.ms", "1000"), ("linger.ms", "0")]);
    port.give(1);
    port.advance(1001);
    assert!(matches!(port.shore.done[..], [(_, Outcome::Failed(-192))]), "before anything is known");
    let one = port.settle(1);
    port.tell(one, &Told::Down(Weight::Lost, "gone".to_owned()));
    port.give(2);
    port.advance(1001);
    assert!(matches!(port.shore.done[..], [(_, Outcome::Failed(-192))]), "without a connection");
}

#[test]
fn a_message_behind_a_question_that_is_not_answered_fails_when_its_own_time_is_up() {
    let mut port = shore(&[
        ("delivery.timeout.ms", "1000"),
        ("linger.ms", "0"),
        ("topic.metadata.refresh.interval.ms", "10000"),
    ]);
    let one = port.settle(1);
    port.advance(10_100);
    port.give(1);
    port.advance(0);
    assert!(matches!(port.asked(one)[..], [Asked::Metadata, Asked::Batch { .. }]));
    port.advance(1001);
    assert!(port.shore.is_closed(one));
    assert!(matches!(port.shore.done[..], [(_, Outcome::Failed(-192))]), "{:?}", port.shore.done);
}

#[test]
fn without_acks_a_batch_is_done_when_it_is_written_and_nobody_knows_where() {
    let mut port = shore(&[("acks", "0"), ("linger.ms", "0")]);
    let one = port.settle(1);
    port.give(1);
    port.advance(0);
    let end = port.written(one);
    port.tell(one, &Told::Written(end - 1));
    assert!(port.shore.done.is_empty());
    port.tell(one, &Told::Written(end));
    assert!(matches!(port.shore.done[..], [(_, Outcome::Acked(0, None))]));
}

#[test]
fn an_idempotent_producers_batches_go_again_in_their_order_with_their_sequences() {
    let mut port = shore(&[("enable.idempotence", "true"), ("linger.ms", "0")]);
    let one = port.settle(1);
    for n in 0..3 {
        port.give(n);
        port.advance(1);
    }
    let sequences = |asked: &[Asked]| -> Vec<i32> {
        asked
            .iter()
            .filter_map(
                |asked| if let Asked::Batch { sequence, .. } = asked { Some(*sequence) } else { None },
            )
            .collect()
    };
    assert_eq!(sequences(&port.asked(one)), [0, 1, 2]);
    port.produced(one, 7, -1); // timed out among the replicas
    port.give(3);
    port.advance(500);
    assert_eq!(port.asked(one), [], "until the others have come back nothing goes");
    port.produced(one, 45, -1);
    port.produced(one, 45, -1);
    port.advance(500);
    assert_eq!(sequences(&port.asked(one)), [0, 1, 2, 3]);
    for offset in 0..4 {
        port.produced(one, 0, offset);
    }
    assert_eq!(acked(&port), [0, 1, 2, 3]);
    assert!(port.shore.complaints.is_empty());
}

#[test]
fn a_hole_in_the_sequence_is_closed_by_a_new_identity() {
    let mut port =
        shore(&[("enable.idempotence", "true"), ("linger.ms", "0"), ("delivery.timeout.ms", "1000")]);
    let one = port.settle(1);
    port.give(0);
    port.advance(0);
    assert_eq!(port.asked(one).len(), 1);
    port.produced(one, 7, -1);
    port.tell(one, &Told::Down(Weight::Lost, "gone".to_owned())); // and its time runs out
    port.advance(1001);
    assert!(matches!(port.shore.done[..], [(_, Outcome::Failed(-192))]));
    let one = port.connect("one:1");
    port.advance(0);
    assert_eq!(port.asked(one), [Asked::Metadata, Asked::Identity]);
    port.metadata(one, &[(1, "one", 1)], &[1]);
    port.give(1);
    port.advance(1);
    assert_eq!(port.asked(one), [], "not under the old one");
    port.identity(one, 2);
    port.advance(0);
    let asked = port.asked(one);
    assert!(matches!(asked[..], [Asked::Batch { sequence: 0, producer: 2, .. }]), "{asked:?}");
}

#[test]
fn what_a_broker_may_have_written_goes_under_no_other_identity() {
    // REQUEST_TIMED_OUT, NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS_AFTER_APPEND
    for code in [7, 6, 20] {
        let mut port =
            shore(&[("enable.idempotence", "true"), ("linger.ms", "0"), ("delivery.timeout.ms", "1000")]);
        let one = port.settle(2);
        port.give_to(Some(0), 0);
        port.advance(600);
        port.give_to(Some(1), 1);
        port.advance(0);
        assert_eq!(port.asked(one).len(), 2);
        port.produced(one, 19, -1); // that of partition 0 is not written,
        port.produced(one, code, -1); // and that of partition 1 may be
        assert_eq!(port.shore.retried, [19, code]);
        port.tell(one, &Told::Down(Weight::Lost, "gone".to_owned()));
        port.advance(401);
        assert!(matches!(port.shore.done[..], [(_, Outcome::Failed(-192))]), "the first has had its time");
        let one = port.connect("one:1");
        port.advance(0);
        assert_eq!(port.asked(one), [Asked::Metadata, Asked::Identity]);
        port.metadata(one, &[(1, "one", 1)], &[1, 1]);
        port.identity(one, 2);
        port.advance(50);
        assert_eq!(port.asked(one), [], "{code}: the broker could not tell that it has it");
        assert_eq!(port.shore.done[1].1, Outcome::Failed(code.into()));
    }
}

#[test]
fn a_connection_that_is_lost_with_nothing_on_its_way_is_no_error() {
    let mut port = shore(&[("linger.ms", "0")]);
    let one = port.settle(1);
    port.tell(one, &Told::Down(Weight::Lost, "the broker closed the connection".to_owned()));
    assert!(port.shore.complaints.is_empty(), "{:?}", port.shore.complaints);
    port.advance(200);
    port.tell(port.dialled("one:1").unwrap(), &Told::Down(Weight::Lost, "refused".to_owned()));
    assert_eq!(port.shore.complaints, ["one:1: refused"], "that it cannot be made again is one");
    port.advance(1_000);
    let one = port.connect("one:1");
    port.give(1);
    port.advance(0);
    port.tell(one, &Told::Down(Weight::Lost, "the broker closed the connection".to_owned()));
    assert_eq!(port.shore.complaints.len(), 2);
}

#[test]
fn without_acks_a_closed_connection_is_the_brokers_way_to_say_that_something_is_wrong() {
    let mut port = shore(&[("acks", "0"), ("linger.ms", "0")]);
    let one = port.settle(1);
    port.tell(one, &Told::Down(Weight::Lost, "the broker closed the connection".to_owned()));
    assert_eq!(port.shore.complaints.len(), 1);
}

#[test]
fn a_partition_that_is_idle_takes_no_queue_and_its_sequence_goes_on() {
    let mut port = shore(&[("enable.idempotence", "true"), ("linger.ms", "0")]);
    let one = port.settle(50);
    for round in 0..3 {
        for partition in 0..50 {
            port.give_to(Some(partition), 1);
        }
        port.advance(1);
        let mut asked = 0;
        while asked < 50 {
            for batch in port.asked(one) {
                assert!(matches!(batch, Asked::Batch { sequence, .. } if sequence == round), "{batch:?}");
                port.produced(one, 0, i64::from(round));
                asked += 1;
            }
            port.advance(1);
        }
        assert_eq!(port.producer.queued(), 0);
    }
}

#[test]
fn partitions_are_asked_for_again_now_and_then() {
    let mut port = shore(&[("topic.metadata.refresh.interval.ms", "10000")]);
    let one = port.settle(1);
    port.advance(7_900);
    assert_eq!(port.asked(one), []);
    port.advance(2_200);
    assert_eq!(port.asked(one), [Asked::Metadata]);
}

#[test]
fn messages_of_several_topics_go_to_their_own_partitions_and_are_told_by_the_numbers_of_all() {
    let topics = Topics::new([("a", 1), ("b", 2)].map(|(name, partitions)| (name.to_owned(), partitions)));
    let mut port = shore_on(topics, "first:1", &[("linger.ms", "0")]);
    // One that waits for the metadata, too.
    port.give_on((1, Some(1)), 1);
    let one = port.settle(3);
    let sent = |port: &mut Port| match &port.asked(one)[..] {
        [Asked::Batch { topic, partition, dues, .. }] => (topic.clone(), *partition, dues.clone()),
        asked => panic!("{asked:?}"),
    };
    assert_eq!(sent(&mut port), ("b".to_owned(), 1, vec![1]));
    port.produced(one, 0, 7);
    assert!(matches!(port.shore.done[..], [(_, Outcome::Acked(2, Some(7)))]), "{:?}", port.shore.done);
    port.give_on((0, None), 2);
    port.advance(1);
    assert_eq!(sent(&mut port), ("a".to_owned(), 0, vec![2]));
    port.produced(one, 0, 8);
    port.give_on((1, None), 3);
    port.advance(1);
    let (topic, partition, _) = sent(&mut port);
    port.produced(one, 0, 9);
    let acked = |(_, outcome): &(_, Outcome)| match outcome {
        Outcome::Acked(number, Some(offset)) => Some((*number, *offset)),
        _ => None,
    };
    let all: Vec<_> = port.shore.done.iter().filter_map(acked).collect();
    assert_eq!((topic.as_str(), all), ("b", vec![(2, 7), (0, 8), (1 + partition as u32, 9)]));
}
