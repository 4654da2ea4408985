//! What is named in made-up trials.

use super::made::Made;
use super::*;
use crate::record::testing::{MEASURE, WARM_UP};

/// Trials of each kind.
const TRIALS: u64 = 200;

#[test]
fn a_limit_that_was_put_in_is_named_in_95_of_100_trials_and_a_wrong_one_in_none() {
    for kind in Kind::ALL {
        let (mut right, mut wrong) = (0, Vec::new());
        for seed in 0..TRIALS {
            let limit = Made::of(kind, seed * 31 + kind as u64).limit();
            match limit.by {
                By::Known(named) if named == kind => right += 1,
                By::Known(named) => wrong.push((seed, named, limit.evidence)),
                By::NotKnown | By::Unknown => {}
            }
        }
        assert!(wrong.is_empty(), "{kind:?}: {:?}", &wrong[..wrong.len().min(3)]);
        assert!(right * 100 >= TRIALS * 95, "{kind:?}: {right} of {TRIALS}");
    }
}

/// What limits it, and why.
fn told(made: &Made) -> (By, String) {
    let limit = made.limit();
    (limit.by, limit.evidence)
}

#[test]
fn evidence_holds_what_was_measured_against_what_it_is_held_against() {
    let mut made = Made::of(Kind::DownstreamWait, 1);
    made.record.members.truncate(1);
    made.record.asked.instances = Some(1);
    let member = &mut made.record.members[0];
    (member.over_s, member.idle_s, member.wait_s, member.disk_s) = (8.0, 0.08, 7.6, 0.0);
    let limit = made.limit();
    assert_eq!(
        limit.evidence,
        "of the time of a consumer that had something to do most of the time 95 % went to the wait that the file sets"
    );
    let named = limit.candidates.iter().find(|one| one.kind == Kind::DownstreamWait).unwrap();
    assert_eq!((named.measured, named.against, named.unit), (Some(7.6), Some(8.0), "s"));
    let others = limit.candidates.iter().filter(|one| one.explains == Some(false)).count();
    assert_eq!(others, limit.candidates.len() - 1, "all others were asked too: {:?}", limit.candidates);
}

#[test]
fn a_backlog_that_was_worked_off_beside_the_load_is_told_as_such() {
    let mut made = Made::of(Kind::Load, 3);
    made.record.backlog = Some(crate::record::testing::backlog());
    let (by, why) = told(&made);
    assert_eq!(by, By::Known(Kind::Load), "{why}");
    assert!(
        why.ends_with(" offered, and of a backlog of 1000 messages: what bound that is not looked for"),
        "{why}"
    );
}

#[test]
fn how_much_of_a_load_was_left_is_told_however_little_and_not_that_nothing_was() {
    let mut made = Made::of(Kind::Load, 3);
    // Half a percent of what was due in the window is more at its end than was before it.
    let more = made.record.due_in_window / 200;
    for row in &mut made.rows {
        (row.backlog_messages, row.unprocessed_messages) = (10, Some(10));
    }
    let ended = |made: &Made| told(made).1;
    assert!(ended(&made).ends_with(" offered, and the backlog did not grow"), "{}", ended(&made));
    let end = &mut made.rows[(WARM_UP + MEASURE) as usize - 1];
    (end.backlog_messages, end.unprocessed_messages) = (10 + more, Some(10 + more));
    assert_eq!(told(&made).0, By::Known(Kind::Load));
    assert!(ended(&made).ends_with(" offered, and the backlog grew by 0.5 % of them"), "{}", ended(&made));
    let end = &mut made.rows[(WARM_UP + MEASURE) as usize - 1];
    (end.backlog_messages, end.unprocessed_messages) = (11, Some(11));
    made.record.due_in_window = 20_000;
    assert!(ended(&made).ends_with("grew by less than 0.01 % of them"), "{}", ended(&made));
}

#[test]
fn a_load_of_which_a_little_was_left_is_not_called_done() {
    let mut made = Made::of(Kind::Load, 3);
    made.reading_a_little_behind();
    // It ends a little higher than it began, and wandered by far more in between.
    let quarter = made.record.due_in_window / MEASURE;
    let end = (WARM_UP + MEASURE) as usize - 1;
    for (at, row) in made.rows.iter_mut().enumerate() {
        let swings = if at == end { 6 * quarter / 10 } else { 5 * quarter * u64::from(at % 16 >= 8) };
        (row.backlog_messages, row.unprocessed_messages) = (swings, Some(swings));
    }
    let before = &mut made.rows[WARM_UP as usize - 1];
    (before.backlog_messages, before.unprocessed_messages) = (0, Some(0));
    let (by, why) = told(&made);
    assert_eq!(by, By::NotKnown, "{why}");
    assert!(why.contains(" offered, and the backlog grew by ") && why.contains("too few to tell"), "{why}");
}

#[test]
fn a_backlog_that_grows_beyond_doubt_tells_what_it_waited_for_however_little_it_was() {
    let mut made = Made::of(Kind::DownstreamWait, 3);
    made.reading_a_little_behind();
    let (by, why) = told(&made);
    assert_eq!(by, By::Known(Kind::DownstreamWait), "{why}");
}

#[test]
fn a_disk_that_the_host_waited_for_is_not_said_to_be_the_brokers() {
    let mut made = Made::of(Kind::BrokerDisk, 0);
    made.sending_behind();
    for row in &mut made.rows {
        row.host_io_wait_percent = Some(90.0);
        row.cluster_io_wait_percent = Some(3.0);
    }
    let (by, why) = told(&made);
    assert_eq!(by, By::NotKnown, "{why}");
    assert!(why.contains("some task of the brokers waited for a disk in 3 % of the time"), "{why}");
    made.rows.iter_mut().for_each(|row| row.cluster_io_wait_percent = None);
    let (by, why) = told(&made);
    assert_eq!(by, By::Unknown, "{why}");
    assert!(
        why.contains("how long the brokers themselves waited for a disk (some task of the host"),
        "{why}"
    );
    // What nobody waited for, they did not either.
    made.rows.iter_mut().for_each(|row| row.host_io_wait_percent = Some(20.0));
    assert_eq!(told(&made).0, By::NotKnown);
}

/// Three consumers of five partitions, the first of which can do no more; with the share of the messages of each partition, and how busy the others are.
fn of_five(acked: &[u64], busy: f64) -> (By, String) {
    let mut made = Made::new(7);
    made.reading_behind();
    made.record.asked.partitions = 5;
    made.members(vec![true, true, false]);
    let member = &mut made.record.members[2];
    (member.over_s, member.idle_s, member.starved_s) = (10.0, 10.0 * (1.0 - busy), 9.0);
    made.spread(None);
    made.record.partitions.as_mut().unwrap().acked_in_window = acked.to_vec();
    told(&made)
}

#[test]
fn partitions_are_named_only_where_their_number_is_what_leaves_a_reader_idle() {
    let (by, why) = of_five(&[100; 5], 0.6);
    assert_eq!(by, By::Known(Kind::Partitions), "{why}");
    let (by, why) = of_five(&[100; 5], 0.02);
    assert_eq!(by, By::NotKnown, "a reader that is nearly idle with half as much to do: {why}");
    // Partition 2 is that of the third: what it does not get is why it is idle.
    let (by, why) = of_five(&[150, 150, 10, 150, 150], 0.1);
    assert_eq!(by, By::NotKnown, "{why}");
    assert!(why.contains("98.4 % of the messages"), "{why}");
}

#[test]
fn a_consumer_without_a_partition_where_there_are_enough_is_not_for_want_of_them() {
    let mut made = Made::new(1);
    made.reading_behind();
    made.record.asked.partitions = 4;
    made.members(vec![true; 3]);
    let left = std::mem::take(&mut made.record.members[1].partitions);
    made.record.members[0].partitions.extend(left);
    made.spread(None);
    let (by, why) = told(&made);
    assert_eq!(by, By::NotKnown, "{why}");
    assert!(why.contains("1 of 3 consumers had no partition, of which there were 4"), "{why}");
    // Two partitions for three, and one of the two readers waits for messages: more of them would not mend that.
    let mut uneven = Made::new(1);
    uneven.reading_behind();
    uneven.record.asked.partitions = 2;
    uneven.members(vec![true, false, false]);
    uneven.spread(None);
    assert_eq!(told(&uneven).0, By::NotKnown);
}

#[test]
fn what_two_things_explain_or_none_is_not_known() {
    let mut both = Made::of(Kind::BrokerDisk, 0);
    both.sending_behind();
    both.rows.iter_mut().for_each(|row| row.produce_throttled_ms = Some(200));
    for row in &mut both.rows {
        row.cluster_io_wait_percent = Some(90.0);
    }
    let (by, why) = told(&both);
    assert_eq!(by, By::NotKnown, "{why}");
    assert!(why.contains("the cluster's quota (") && why.contains("the brokers' disk ("), "{why}");
    let mut none = Made::new(3);
    none.sending_behind();
    let (by, why) = told(&none);
    assert!(by == By::NotKnown && why.contains("nothing that was measured explains it"), "{why}");
    let mut halves = Made::of(Kind::DownstreamWait, 4);
    for member in &mut halves.record.members {
        (member.idle_s, member.wait_s, member.disk_s) = (0.0, 0.4 * member.over_s, 0.3 * member.over_s);
    }
    assert_eq!(told(&halves).0, By::NotKnown, "none of three took most of the time");
}

#[test]
fn what_an_older_record_does_not_tell_is_unknown_and_said() {
    let mut reading = Made::of(Kind::DownstreamWait, 1);
    reading.record.members.clear();
    let (by, why) = told(&reading);
    assert_eq!((by, why.as_str()), (By::Unknown, "not recorded: what the consumers' time went to"));
    let mut sending = Made::of(Kind::BrokerDisk, 2);
    sending.sending_behind();
    sending.record.asked.producers = None;
    for row in &mut sending.rows {
        (row.host_io_wait_percent, row.cluster_io_wait_percent, row.produce_throttled_ms) =
            (None, None, None);
    }
    let (by, why) = told(&sending);
    assert_eq!(by, By::Unknown);
    for missing in ["held producers back", "waited for a disk", "requests were under way"] {
        assert!(why.contains(missing), "{missing}: {why}");
    }
    // One member that told nothing may have been the one.
    let mut some = Made::of(Kind::DownstreamWait, 3);
    some.record.asked.instances = some.record.asked.instances.map(|all| all + 1);
    assert_eq!(told(&some).0, By::Unknown);
}

#[test]
fn cpu_that_was_not_used_limits_nobody() {
    let mut made = Made::of(Kind::ConsumersCpu, 5);
    made.record.emulated.clear();
    made.record.consumers.as_mut().unwrap().cpu_cores = 0.001;
    assert_eq!(told(&made).0, By::NotKnown, "time of their own that no core was used in");
}

#[test]
fn four_instances_are_limited_by_two_partitions() {
    let mut made = Made::new(1);
    made.reading_behind();
    made.record.asked.partitions = 2;
    made.members(vec![true; 4]);
    made.spread(None);
    let (by, why) = told(&made);
    assert_eq!(by, By::Known(Kind::Partitions));
    assert_eq!(
        why,
        "2 of 4 consumers had no partition, and the other 2 had something to do most of the time"
    );
}

#[test]
fn what_binds_half_of_the_trials_is_not_known_to_bind_the_treatment() {
    let of = |kind: Kind, seed: u64| Made::of(kind, seed).limit();
    let most = [of(Kind::Quota, 1), of(Kind::Quota, 2), of(Kind::Load, 3)];
    let limit = TreatmentLimit::of(&most).unwrap();
    assert_eq!((limit.by, limit.trials, limit.of), (By::Known(Kind::Quota), 2, 3));
    assert_eq!(limit.evidence, most[0].evidence);
    let half = TreatmentLimit::of(&most[1..]).unwrap();
    assert_eq!((half.by, half.trials), (By::NotKnown, 0));
    assert!(half.evidence.starts_with("of 2 trials "), "{}", half.evidence);
    assert_eq!(TreatmentLimit::of([]), None);
}
