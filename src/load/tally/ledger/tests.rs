//! What acks promise of lag, time lag and the books.

use super::*;

fn batch(acks: &[(u32, i64, u64)]) -> AckBatch {
    let mut batch = AckBatch::with_capacity(acks.len(), true);
    for &(partition, offset, due) in acks {
        batch.push(None, Ack { partition, offset, due });
    }
    batch
}

fn numbers(lag: &Lag) -> (u64, Option<u64>) {
    (lag.messages, lag.oldest_due)
}

#[test]
fn time_lag_is_the_age_of_the_oldest_message_not_committed() {
    let mut ledger = AckLedger::new(2);
    ledger.book(&batch(&[(0, 1, 100), (0, 2, 200), (1, 1, 150), (1, 2, 250)]));
    assert_eq!(numbers(&ledger.lag(&[Some(2), Some(1)])), (3, Some(150)));
    assert_eq!(numbers(&ledger.lag(&[Some(3), Some(3)])), (0, None));
}

#[test]
fn without_a_commit_all_is_lag_and_a_hole_is_stepped_over() {
    let mut ledger = AckLedger::new(1);
    ledger.book(&batch(&[(0, 5, 500), (0, 3, 300)]));
    assert_eq!(numbers(&ledger.lag(&[None])), (2, Some(300)));
    assert_eq!(numbers(&ledger.lag(&[Some(4)])), (1, Some(500)));
}

#[test]
fn due_times_are_told_of_what_is_acked_and_not_forgotten() {
    let mut ledger = AckLedger::new(2);
    ledger.book(&batch(&[(0, 1, 100), (0, 2, 200), (0, 5, 500), (1, 9, 900)]));
    let dues = |ledger: &AckLedger, partition, offsets| ledger.dues(partition, offsets).collect::<Vec<_>>();
    assert_eq!(dues(&ledger, 0, 0..5), [(1, 100), (2, 200)], "a hole has none, nor has the end");
    assert_eq!((dues(&ledger, 0, 5..99), dues(&ledger, 1, 0..99)), (vec![(5, 500)], vec![(9, 900)]));
    assert!(dues(&ledger, 2, 0..99).is_empty() && dues(&ledger, 0, 9..99).is_empty());
    ledger.forget(&[Some(2), None]);
    assert_eq!(dues(&ledger, 0, 0..99), [(2, 200), (5, 500)]);
}

#[test]
fn a_million_messages_of_lag_take_sixteen_mib_at_most() {
    for partitions in [1, 7, 1_000] {
        let mut ledger = AckLedger::new(partitions);
        let mut next = vec![0; partitions as usize];
        for number in 0..10_000 {
            let partition = number % partitions;
            let first = next[partition as usize];
            next[partition as usize] += 100;
            let acks: Vec<_> = (first..first + 100).map(|offset| (partition, offset, 1)).collect();
            ledger.book(&batch(&acks));
        }
        assert_eq!(ledger.booked(), 1_000_000);
        let places: usize = ledger.partitions.iter().map(|partition| partition.dues.capacity()).sum();
        assert!(places * size_of::<u64>() <= 16 << 20, "{partitions} partitions: {places}");
    }
}

#[test]
fn the_lag_of_a_partition_is_told_beside_that_of_all() {
    let mut ledger = AckLedger::new(3);
    ledger.book(&batch(&[(0, 1, 100), (1, 1, 150), (1, 2, 250), (2, 1, 300), (2, 2, 400)]));
    let lag = ledger.lag(&[None, None, Some(2)]);
    assert_eq!((lag.by_partition.as_slice(), lag.worst()), ([1, 2, 1].as_slice(), Some((1, 2))));
    assert_eq!(ledger.counts(), [1, 2, 2]);
}

#[test]
fn what_was_aborted_is_neither_acked_nor_lag_and_an_open_transaction_is_settled_at_the_end() {
    let transaction = Arc::new(Transaction::default());
    let mut ledger = AckLedger::new(1);
    ledger.follow(vec![None, Some(Arc::clone(&transaction))]);
    let book = |ledger: &mut AckLedger, number: u64, offsets: std::ops::Range<i64>| {
        let mut batch = AckBatch::with_capacity(10, true);
        for offset in offsets {
            let tag = Tag { producer: 1, transaction: number };
            batch.push(Some(tag), Ack { partition: 0, offset, due: 1_000 + offset as u64 });
        }
        ledger.book(&batch);
    };
    // A control record takes the offset after each transaction.
    transaction.begin();
    book(&mut ledger, 1, 0..3);
    assert_eq!(numbers(&ledger.lag(&[None])), (3, Some(1_000)), "who knows yet that they will be aborted?");
    transaction.end(true);
    assert!(ledger.clone().readable().all(OffsetSet::is_empty), "known without another ack");
    ledger.settle();
    assert_eq!(
        numbers(&ledger.lag(&[None])),
        (0, None),
        "and whoever asks how far a group is has it settled first"
    );
    assert_eq!(ledger.dues(0, 0..4).count(), 0);
    transaction.begin();
    book(&mut ledger, 2, 4..6);
    assert_eq!(numbers(&ledger.lag(&[None])), (2, Some(1_004)));
    transaction.end(false);
    transaction.begin();
    book(&mut ledger, 3, 7..8);
    let closed = ledger.closed();
    assert_eq!(closed.acked()[0], vec![(4, 6)].into());
    assert_eq!(closed.aborted()[0], vec![(0, 3), (7, 8)].into());
    assert_eq!((closed.aborted_dues().total(), closed.booked()), (4, 6));
}

#[test]
fn what_is_forgotten_changes_no_later_lag() {
    let acks: Vec<_> = (0..100).map(|offset| (0, offset, 1_000 + offset as u64)).collect();
    let (mut whole, mut trimmed) = (AckLedger::new(1), AckLedger::new(1));
    for (step, chunk) in acks.chunks(7).enumerate() {
        // Commits run ahead of acks in the end: reports may come late.
        whole.book(&batch(chunk));
        trimmed.book(&batch(chunk));
        let committed = [Some(step as i64 * 9)];
        assert_eq!(trimmed.lag(&committed), whole.lag(&committed));
        trimmed.forget(&committed);
    }
    assert_eq!(trimmed.acked(), whole.acked());
    assert!(trimmed.partitions[0].dues.len() < 10, "{}", trimmed.partitions[0].dues.len());
}

#[test]
fn what_comes_again_is_at_least_as_old_as_the_last_that_was_forgotten_and_never_new() {
    let mut ledger = AckLedger::new(2);
    ledger.book(&batch(&[(0, 1, 100), (0, 2, 200), (0, 3, 300), (1, 1, 250)]));
    ledger.forget(&[Some(3), Some(0)]);
    ledger.forget(&[Some(3), Some(0)]);
    let told = |lag: &Lag| (lag.messages, lag.oldest_due, lag.earliest_due, lag.undated);
    assert_eq!(told(&ledger.lag(&[Some(3), Some(2)])), (1, Some(300), None, false));
    // It goes back behind what is known, with others beyond it and without.
    assert_eq!(told(&ledger.lag(&[Some(2), Some(2)])), (2, Some(200), Some(100), false));
    ledger.forget(&[Some(4), Some(2)]);
    assert_eq!(told(&ledger.lag(&[Some(3), Some(2)])), (1, Some(300), Some(100), false));
    assert_eq!(told(&ledger.lag(&[Some(3), Some(1)])), (2, Some(250), Some(100), false));
    assert_eq!(told(&ledger.lag(&[Some(4), Some(2)])), (0, None, None, false));
    // An ack that is booked after that is forgotten at once.
    ledger.book(&batch(&[(1, 0, 400)]));
    assert_eq!(ledger.lag(&[Some(4), Some(0)]).oldest_due, Some(400));
    // Offsets that were nobody's of ours are no reason to forget anything.
    let ledger = AckLedger::new(1).beginning_at(&[1_000]);
    assert_eq!(told(&ledger.lag(&[Some(5)])), (0, None, None, false));
}

#[test]
fn without_dues_the_books_are_the_same() {
    let mut ledger = AckLedger::new(2);
    let mut acks = AckBatch::with_capacity(4, false);
    for (partition, offset) in [(0, 1), (0, 2), (1, 7), (0, 3)] {
        acks.push(None, Ack { partition, offset, due: 5 });
    }
    ledger.book(&acks);
    assert_eq!((acks.len(), ledger.acked()[0].len(), ledger.acked()[1].len()), (4, 3, 1));
    assert_eq!(numbers(&ledger.lag(&[None, None])), (4, None));
    assert!(ledger.lag(&[None, None]).undated, "unknown is not zero");
}

#[test]
fn acks_that_are_booked_after_their_commit_was_seen_change_nothing() {
    let mut ledger = AckLedger::new(1);
    ledger.book(&batch(&[(0, 0, 100), (0, 1, 200), (0, 2, 300), (0, 3, 400)]));
    ledger.forget(&[Some(4)]);
    ledger.book(&batch(&[(0, 1, 200), (0, 2, 300)]));
    assert_eq!(numbers(&ledger.lag(&[Some(4)])), (0, None));
    ledger.book(&batch(&[(0, 3, 400), (0, 4, 500)]));
    assert_eq!(numbers(&ledger.lag(&[Some(4)])), (1, Some(500)));
}

#[test]
fn on_a_topic_of_millions_of_messages_no_memory_is_taken_for_those_before_the_trial() {
    let mut ledger = AckLedger::new(1).beginning_at(&[5_000_000_000]);
    ledger.book(&batch(&[(0, 5_000_000_001, 100), (0, 5_000_000_003, 300)]));
    ledger.book(&batch(&[(0, 5_000_000_002, 200)]));
    assert_eq!(ledger.partitions[0].dues.len(), 4);
    assert_eq!(numbers(&ledger.lag(&[Some(5_000_000_002)])), (2, Some(200)));
    assert_eq!(numbers(&ledger.lag(&[None])), (3, Some(100)), "a group that has committed nothing");
    let dues: Vec<(i64, u64)> = ledger.dues(0, 0..5_000_000_003).collect();
    assert_eq!(dues, [(5_000_000_001, 100), (5_000_000_002, 200)]);
}

#[test]
fn a_million_messages_of_lag_take_less_than_16_mib_and_nothing_once_they_are_committed() {
    for partitions in [1_u32, 7, 1_000] {
        let mut ledger = AckLedger::new(partitions);
        let each = 1_000_000 / i64::from(partitions);
        for first in (0..each).step_by(50) {
            let offsets = |partition| (first..each.min(first + 50)).map(move |offset| (partition, offset, 1));
            ledger.book(&batch(&(0..partitions).flat_map(offsets).collect::<Vec<_>>()));
        }
        let bytes = |ledger: &AckLedger| -> usize {
            ledger.partitions.iter().map(|one| one.dues.capacity() * size_of::<u64>()).sum()
        };
        assert!(bytes(&ledger) <= 16 << 20, "{partitions}: {}", bytes(&ledger));
        ledger.forget(&vec![Some(each); partitions as usize]);
        assert!(bytes(&ledger) <= 8 << 20, "{partitions}: {} after all was committed", bytes(&ledger));
    }
}

#[test]
fn a_message_in_whose_place_another_was_acked_is_known_to_be_overwritten() {
    let mut ledger = AckLedger::new(1);
    ledger.book(&batch(&[(0, 1, 100), (0, 2, 200), (0, 3, 300)]));
    // A new leader had not got the last two, and gave their offsets away again.
    ledger.book(&batch(&[(0, 2, 400), (0, 3, 500), (0, 4, 600)]));
    assert_eq!((ledger.booked(), ledger.overwritten(), ledger.counts()), (6, 2, vec![4]));
    assert_eq!(ledger.closed().overwritten(), 2);
}

#[test]
fn a_ledger_knows_since_when_a_partition_has_messages_also_once_it_is_closed() {
    let mut ledger = AckLedger::new(3);
    ledger.book(&batch(&[(1, 0, 30), (1, 1, 20)]));
    ledger.book(&batch(&[(1, 2, 10), (2, 0, 40)]));
    assert_eq!(ledger.closed().first_dues().collect::<Vec<_>>(), [None, Some(20), Some(40)]);
}
