//! Made-up trials whose numbers are known.

mod acted;

use super::*;
use crate::record::testing::Synthetic;

/// A window of 30 s after 5 s of warm-up, at 400 messages a second over four partitions. At second 15 one of them stands still until second 22; then 600 a
/// second are worked off until nothing is left, at second 25.5.
struct Made {
    record: TrialRecord,
    rows: Vec<Row>,
    seconds: Vec<(i64, Sparse)>,
    gaps: Vec<GapRow>,
    in_time: Vec<InTimeRow>,
    prices: Prices,
}

impl Made {
    fn seen(&self) -> Seen<'_, &[Row]> {
        let Made { record, rows, seconds, gaps, in_time, prices } = self;
        Seen { record, rows, seconds, gaps, in_time, prices }
    }

    fn only(&self) -> Aftermath {
        aftermaths(self.seen()).remove(0)
    }
}

fn injected(event: &str, asked_s: f64) -> Injected {
    Injected {
        event: event.to_owned(),
        kind: "kill".to_owned(),
        group: "orders".to_owned(),
        instances: vec![1],
        planned_s: asked_s,
        asked_s: Some(asked_s),
        done_s: Some(asked_s + 0.002),
        detected_s: Some(asked_s + 6.5),
        moved_partitions: 1,
        ..Injected::default()
    }
}

fn histogram(ms: u64, count: u64) -> Sparse {
    let mut full = crate::record::empty_histogram();
    full.record_n(ms * 1_000_000, count).unwrap();
    Sparse::from(&full)
}

fn gap(partition: u32, from_s: f64, to_s: Option<f64>) -> GapRow {
    GapRow { group: "orders".to_owned(), partition, from_s, to_s }
}

fn made() -> Made {
    let mut record = Synthetic::default().record();
    (record.asked.warm_up_s, record.asked.measure_s) = (5.0, 30.0);
    record.injected = vec![injected("kill", 15.0)];
    let mut lag = 8_i64;
    let row = |at: u32| {
        let t_s = f64::from(at) / 4.0;
        let processed = match t_s {
            t_s if (15.0..22.0).contains(&t_s) => 75,
            t_s if (22.0..25.5).contains(&t_s) => 150,
            _ => 100,
        };
        lag += 100 - processed;
        Row {
            t_s,
            due: 100,
            acked: 100,
            processed: processed.cast_unsigned(),
            unprocessed_messages: Some(lag.cast_unsigned()),
            ..Row::default()
        }
    };
    let slow = |second: i64| (15..26).contains(&(second + 5));
    Made {
        rows: (0..35 * 4).map(row).collect(),
        seconds: (0..30)
            .map(|second| (second, histogram(if slow(second) { 3_000 } else { 5 }, 400)))
            .collect(),
        gaps: vec![gap(0, 9.0, Some(9.15)), gap(1, 14.98, Some(22.0)), gap(1, 34.9, None)],
        in_time: (0..30)
            .map(|second| {
                let in_time = if slow(second.into()) { 3 } else { 4 };
                InTimeRow { group: "orders".to_owned(), second, due: 4, in_time }
            })
            .collect(),
        prices: Prices::default(),
        record,
    }
}

#[test]
fn a_partition_that_stands_still_for_seven_seconds_and_is_caught_up_with_in_three_and_a_half_is_told_so() {
    let one = made().only();
    let near = |found: Option<f64>, told: f64| {
        let found = found.unwrap();
        assert!((found - told).abs() < 0.01 * told.max(1.0), "{found} for {told}");
    };
    assert_eq!((one.at_s, one.watched_s), (15.0, 20.0));
    assert_eq!((one.detection, one.unavailability), (Reading::Value(6.5), Reading::Value(7.0)));
    assert_eq!(one.stood_still, Some((1, 4)), "a pause of 150 ms is none, nor is what is left at the end");
    near(one.unavailability_mean_s, 1.75);
    let share = |late: f64| 100.0 * (1.0 - late / (4.0 * 20.0));
    near(one.availability_percent, share(11.0));
    assert_eq!(one.recovery, Reading::Value(11.0), "the last messages that waited were due in second 25");
    near(one.catch_up.value(), 4.0);
    near(one.peak_lag_messages, 708.0);
    near(one.lag_area, 7.0 * 700.0 / 2.0 + 3.5 * 700.0 / 2.0);
    assert!(matches!(one.peak_p99, Reading::Value(ms) if (ms - 3_000.0).abs() < 5.0), "{:?}", one.peak_p99);
    near(one.overshoot_percent, 50.0);
    near(one.drain_expected_s, 3.5);
    assert_eq!((one.lost, one.duplicates), (Some(0), Some(0)));
    assert_eq!(one.around.in_second(-1, |around| &around.processed), Some(400.0));
    assert_eq!(one.around.in_second(8, |around| &around.processed), Some(600.0));
    assert_eq!(one.around.seconds(), Some((-10, 19)));
}

#[test]
fn what_never_comes_back_is_longer_than_was_watched_and_not_left_out() {
    let mut made = made();
    made.gaps = vec![gap(1, 14.98, None)];
    for (second, one) in &mut made.seconds {
        if *second >= 10 {
            *one = histogram(5, 300);
        }
    }
    let one = made.only();
    assert_eq!(one.unavailability, Reading::Beyond(20.0));
    assert_eq!(
        one.recovery,
        Reading::Beyond(16.0),
        "a quarter of the messages never came through, also of those in the last five seconds"
    );
    assert_eq!((one.unavailability_mean_s, one.drain_expected_s), (None, None));
    assert_eq!(one.catch_up, Reading::Beyond(0.0), "it has not begun");
    assert!(matches!(one.peak_p99, Reading::Beyond(_)));
    made.record.injected[0].detected_s = None;
    assert_eq!(made.only().detection, Reading::Beyond(20.0));
}

#[test]
fn what_is_caught_up_with_counts_from_when_the_partition_went_on_whenever_it_began_to_stand_still() {
    let mut made = made();
    // As the old instances of an upgrade leave some time after the new ones have come.
    made.record.injected = vec![injected("upgrade", 12.0)];
    let one = made.only();
    assert!(matches!(one.unavailability, Reading::Value(s) if (s - 7.02).abs() < 1e-9), "{one:?}");
    assert_eq!((one.recovery, one.catch_up), (Reading::Value(14.0), Reading::Value(4.0)));
}

#[test]
fn what_was_not_seen_to_be_caught_up_with_took_longer_and_is_expected_to_take_as_long_as_ever() {
    let mut made = made();
    for (second, one) in &mut made.seconds {
        if *second + 5 >= 15 {
            *one = histogram(900, 400);
        }
    }
    let one = made.only();
    assert_eq!((one.recovery, one.catch_up), (Reading::Beyond(16.0), Reading::Beyond(9.0)));
    assert!((one.drain_expected_s.unwrap() - 3.5).abs() < 0.05, "{:?}", one.drain_expected_s);
}

#[test]
fn partitions_that_wait_for_what_is_caught_up_with_leave_nothing_more_to_be_caught_up_with() {
    let mut made = made();
    // Two others stand still for two seconds, one from when the first went on, one from a second before.
    made.gaps.extend([gap(0, 22.0, Some(24.0)), gap(2, 21.0, Some(23.0))]);
    let one = made.only();
    assert_eq!((one.unavailability, one.stood_still), (Reading::Value(7.0), Some((3, 4))));
    assert!((one.unavailability_mean_s.unwrap() - 11.0 / 4.0).abs() < 0.01);
    assert!((one.drain_expected_s.unwrap() - 700.0 / 200.0).abs() < 0.05, "{:?}", one.drain_expected_s);
}

#[test]
fn a_second_of_which_nothing_is_known_is_not_as_before() {
    let mut made = made();
    // Whoever follows the group cannot read its lag, and nothing is due, so that no latency tells either.
    for row in made.rows.iter_mut().filter(|row| (26.0..30.0).contains(&row.t_s)) {
        (row.due, row.unprocessed_messages) = (0, None);
    }
    let one = made.only();
    assert_eq!(one.recovery, Reading::Value(15.0), "from second 30 on it is known to be");
    assert_eq!(one.lag_area, None, "nor what the lag was until then");
}

/// The same, where nothing came of it.
fn calm() -> Made {
    let mut made = made();
    made.gaps.clear();
    for row in &mut made.rows {
        (row.processed, row.unprocessed_messages) = (100, Some(8));
    }
    made.seconds.iter_mut().for_each(|(_, one)| *one = histogram(5, 400));
    made.in_time.iter_mut().for_each(|row| row.in_time = 4);
    made
}

#[test]
fn an_event_that_does_nothing_leaves_nothing_to_recover_from() {
    let one = calm().only();
    assert_eq!((one.unavailability, one.recovery), (Reading::Value(0.0), Reading::Value(0.0)));
    assert_eq!((one.stood_still, one.availability_percent), (Some((0, 4)), Some(100.0)));
    assert_eq!((one.catch_up, one.drain_expected_s), (Reading::Value(0.0), Some(0.0)));
}

#[test]
fn a_recovery_that_does_not_hold_for_five_seconds_is_none() {
    let mut made = made();
    // Back in second 26, and away again in second 29 for one second.
    let (_, again) = made.seconds.iter_mut().find(|(second, _)| second + 5 == 29).unwrap();
    *again = histogram(900, 400);
    assert_eq!(made.only().recovery, Reading::Value(15.0), "from second 30 on it held");
    let (_, late) = made.seconds.iter_mut().find(|(second, _)| second + 5 == 32).unwrap();
    *late = histogram(900, 400);
    assert_eq!(made.only().recovery, Reading::Beyond(16.0), "two seconds are left, which is not enough");
}

#[test]
fn a_few_messages_that_are_late_in_one_second_do_not_undo_what_holds_for_five() {
    let mut made = made();
    // More than one in a hundred of a second's 400, so that its own p99 is theirs; and fewer of five seconds' 2,000.
    let some_late = || Sparse::from_iter([(5_000_000, 394), (60_000_000, 6)]);
    for (_, one) in made.seconds.iter_mut().filter(|(second, _)| [7, 28, 33].contains(&(second + 5))) {
        *one = some_late();
    }
    let one = made.only();
    assert_eq!((one.recovery, one.catch_up), (Reading::Value(11.0), Reading::Value(4.0)));
    // As many in each second are another p99.
    made.seconds.iter_mut().filter(|(second, _)| second + 5 >= 26).for_each(|(_, one)| *one = some_late());
    assert_eq!(made.only().recovery, Reading::Beyond(16.0));
}

#[test]
fn a_steady_part_of_less_than_five_seconds_is_taken_as_one() {
    let mut made = made();
    made.record.injected = vec![injected("kill", 7.5)];
    made.gaps.clear();
    assert_eq!(made.only().recovery, Reading::Value(0.0), "two seconds tell what is usual");
    for (_, one) in made.seconds.iter_mut().filter(|(second, _)| second + 5 == 8) {
        *one = histogram(900, 400);
    }
    assert_eq!(made.only().recovery, Reading::Value(1.5), "from second 9 on");
}

#[test]
fn time_ends_for_an_event_at_the_next_one_and_the_worst_is_the_trials() {
    let mut made = made();
    made.record.injected.push(injected("again", 20.0));
    let all = aftermaths(made.seen());
    assert_eq!((all[0].watched_s, all[1].watched_s), (5.0, 15.0));
    assert_eq!(all[0].recovery, Reading::Beyond(5.0));
    assert_eq!(all[0].unavailability, Reading::Beyond(5.0), "what goes on then may be of the next");
    assert_eq!(all[1].unavailability, Reading::Value(2.0));
    made.record.injected[1].asked_s = Some(16.2);
    assert_eq!(
        aftermaths(made.seen())[0].stood_still,
        Some((0, 4)),
        "a gap that begins little before the next one may be of that"
    );
    assert_eq!(all[0].lost, None, "of two events nobody knows whose it was");
    assert_eq!(worst(&all, |one| one.recovery), Reading::Beyond(6.0));
    assert_eq!(worst(&[], |one| one.recovery), Reading::Empty);
    made.record.end = End::Interrupted;
    assert!(aftermaths(made.seen()).is_empty());
}

#[test]
fn of_consumers_that_do_not_tell_nobody_knows_when_a_partition_stood_still() {
    let mut made = made();
    made.record.followed = Some(crate::record::Followed::default());
    let one = made.only();
    assert_eq!((one.unavailability, one.stood_still), (Reading::Empty, None));
    assert_eq!(one.recovery, Reading::Value(11.0));
}

#[test]
fn partitions_that_are_added_stand_still_until_their_first_messages_are_processed() {
    let mut made = made();
    let grown = |partitions| Injected { kind: "topic".to_owned(), partitions, ..injected("topic", 15.0) };
    made.record.injected = vec![grown(Some(6))];
    // The first message on the fifth was due at second 16 and processed at 19; the sixth got none.
    made.gaps = vec![gap(0, 9.0, Some(9.4)), gap(0, 20.0, Some(21.1)), gap(4, 16.0, Some(19.0))];
    let one = made.only();
    assert_eq!(one.unavailability, Reading::Value(3.0));
    assert_eq!(
        one.stood_still,
        Some((1, 6)),
        "with half as much to do more, 1.1 s are no longer than is usual"
    );
    made.record.injected = vec![grown(None)];
    assert_eq!(made.only().stood_still, Some((1, 4)), "where nobody saw them come they are not counted");
}

#[test]
fn availability_counts_partitions_and_whole_seconds_with_something_due_and_is_not_known_where_nobody_counted_it()
 {
    let mut made = made();
    made.record.asked.in_time_ms = Some(250.0);
    // The second in which the event comes is cut, what is due before it is not of it, and where nothing was due nothing could come.
    made.record.injected = vec![injected("kill", 15.5), injected("again", 20.2)];
    (made.in_time[11].due, made.in_time[11].in_time) = (0, 0);
    made.in_time.push(InTimeRow { group: "audit".to_owned(), second: 12, due: 4, in_time: 0 });
    let [first, second] = [0, 1].map(|at| aftermaths(made.seen()).remove(at));
    assert_eq!(
        first.availability_percent,
        Some(75.0),
        "three seconds are left of seconds 16 to 20, each with three of four"
    );
    assert_eq!((first.in_time_ms, second.in_time_ms), (Some(250.0), Some(250.0)));
    let rest = 100.0 * f64::from(4 * 14 - 5) / f64::from(4 * 14);
    assert!((second.availability_percent.unwrap() - rest).abs() < 1e-9, "{:?}", second.availability_percent);
    made.in_time.clear();
    let old = made.only();
    assert_eq!(old.availability_percent, None);
    assert!(matches!(old.unavailability, Reading::Beyond(_)), "what gaps tell they still tell");
}

#[test]
fn an_instance_that_dies_on_its_own_has_the_numbers_of_one_that_was_killed() {
    let mut made = made();
    let killed = made.only();
    let died = Injected { kind: DIED.to_owned(), ..injected(DIED, 15.0) };
    made.record.injected = vec![died.clone()];
    let one = made.only();
    assert_eq!(one, Aftermath { injected: died, ..killed });
    made.gaps.clear();
    let unasked = made.only();
    assert_eq!((unasked.unavailability, unasked.stood_still), (Reading::Empty, None), "nobody told");
    assert_eq!((unasked.detection, unasked.recovery), (one.detection, one.recovery));
}
