//! What commits promise of latencies.

use std::collections::BTreeMap;

use super::*;
use crate::books::Sparse;
use proptest::prelude::*;

const ZERO: u64 = 1_000 * SECOND_NS;
const MS: u64 = 1_000_000;

fn at(ms: u64) -> u64 {
    ZERO + ms * MS
}

fn read(ms: u64, offsets: &[Option<i64>]) -> Committed {
    Committed { asked: at(ms), at: at(ms), offsets: offsets.to_vec(), share: None }
}

/// Where the latencies go of a test that asks for them.
#[derive(Clone, Debug, Default)]
struct Kept(std::sync::Arc<std::sync::Mutex<BTreeMap<u64, Sparse>>>);

impl crate::books::Shelf for Kept {
    fn put_dense(&mut self, second: u64, sum: &mut crate::books::Sum) {
        self.0.lock().unwrap().put_dense(second, sum);
    }

    fn put_loose(&mut self, loose: &mut crate::books::Loose) {
        self.0.lock().unwrap().put_loose(loose);
    }
}

impl Kept {
    fn passing(&self, partitions: u32) -> Passing {
        Passing::new(partitions, BySecond::growing().onto(Box::new(self.clone())))
    }

    /// Values of all seconds, in ms, as exact as a histogram holds them.
    fn ms(&self) -> Vec<u64> {
        let kept = self.0.lock().unwrap();
        let each = |(ns, count): (u64, u64)| vec![(ns as f64 / MS as f64).round() as u64; count as usize];
        let mut all: Vec<u64> = kept.values().flat_map(|one| one.iter().flat_map(each)).collect();
        all.sort_unstable();
        all
    }
}

/// One message of ours each 100 ms from time 0 on, at offsets 1, 2, 3, …; offset 0 is somebody else's.
fn due(_: u32, offsets: Range<i64>) -> impl Iterator<Item = (i64, u64)> {
    (offsets.start.max(1)..offsets.end).map(|offset| (offset, at(offset as u64 * 100 - 100)))
}

/// The same as far as they have come by then.
fn due_by(ms: u64) -> impl Fn(u32, Range<i64>) -> std::vec::IntoIter<(i64, u64)> {
    let come = move |(_, due): &(i64, u64)| *due <= at(ms);
    move |partition, offsets| due(partition, offsets).take_while(come).collect::<Vec<_>>().into_iter()
}

#[test]
fn a_message_takes_until_the_first_reading_that_shows_it_committed() {
    let kept = Kept::default();
    let mut passing = kept.passing(1);
    passing.add(&read(250, &[None]), due);
    passing.add(&read(500, &[Some(3)]), due);
    passing.add(&read(750, &[Some(3)]), due);
    passing.add(&read(1_000, &[Some(6)]), due);
    let passed = passing.finish(due);
    assert_eq!(kept.ms(), [400, 500, 600, 700, 800]);
    assert_eq!((passed.readings, passed.messages, passed.moves, passed.rewinds), (4, 5, 2, 0));
    let quarter = |ms| passed.quarters.at(quarter_of(at(ms)));
    assert_eq!((quarter(250), quarter(500), quarter(750)), (2, 0, 3), "in the quarter before the reading");
    assert_eq!((passed.interval_s(), passed.offsets), (Some(0.5), vec![Some(6)]));
}

#[test]
fn of_a_group_that_commits_nothing_messages_are_counted_and_not_timed() {
    let kept = Kept::default();
    let mut passing = kept.passing(1).untimed();
    let share = |lag| Some(ShareOffsets { starts: vec![None], lags: vec![lag] });
    passing.add(&Committed { share: share(Some(3)), ..read(500, &[None]) }, due);
    passing.add(&Committed { share: share(None), ..read(750, &[Some(3)]) }, due);
    let passed = passing.finish(due);
    assert_eq!((passed.messages, passed.readings, passed.lags_told), (2, 2, 1));
    assert_eq!(kept.ms(), Vec::<u64>::new());
}

#[test]
fn an_ack_that_is_booked_after_its_commit_was_read_still_counts() {
    let kept = Kept::default();
    let mut passing = kept.passing(1);
    let nothing = |_: u32, _: Range<i64>| std::iter::empty();
    passing.add(&read(500, &[Some(3)]), nothing);
    passing.add(&read(750, &[Some(3)]), nothing);
    assert_eq!(passing.reached(), [Some(0)], "its due time may be asked for");
    passing.add(&read(500 + (HELD_NS + GRACE_NS) / MS, &[Some(3)]), due);
    assert_eq!((kept.ms(), passing.reached()), (Vec::new(), vec![Some(3)]));
    assert_eq!(passing.finish(due).messages, 2);
    assert_eq!(kept.ms(), [400, 500]);
}

#[test]
fn a_group_that_goes_back_is_seen_and_its_messages_count_once() {
    let kept = Kept::default();
    let mut passing = kept.passing(2);
    for (ms, offsets) in [
        (500, [Some(4), None]),
        (750, [Some(2), None]),
        (1_000, [Some(5), Some(2)]),
        (1_250, [None, Some(2)]),
    ] {
        passing.add(&read(ms, &offsets), due);
    }
    let passed = passing.finish(due);
    assert_eq!((passed.messages, passed.rewinds), (5, 1), "four of the first, one of the second");
    assert_eq!(passed.offsets, [Some(5), Some(2)], "an answer without a partition takes nothing back");
}

#[test]
fn what_lay_on_the_topic_before_the_trial_is_not_asked_for() {
    let kept = Kept::default();
    let mut passing = kept.passing(1).beginning_at(&[4]);
    let mut asked = Vec::new();
    for (ms, offset) in [(500, 2), (750, 6)] {
        passing.add(&read(ms, &[Some(offset)]), due);
    }
    let passed = passing.finish(|partition, offsets: Range<i64>| {
        asked.push((offsets.start, offsets.end));
        due(partition, offsets)
    });
    assert_eq!(asked, [(4, 2), (4, 6)], "nothing, then what is ours");
    assert_eq!((passed.messages, passed.firsts, passed.offsets), (2, vec![Some(2)], vec![Some(6)]));
}

fn told(own_ms: u64, at_ms: u64, offsets: &[(u32, i64)]) -> Told {
    Told { own: at(own_ms), at: at(at_ms), offsets: offsets.to_vec() }
}

#[test]
fn a_commit_that_the_topic_tells_ends_a_latency_when_its_record_comes() {
    let kept = Kept::default();
    let mut passing = kept.passing(1);
    passing.hear(told(310, 312, &[(0, 3)]));
    passing.add(&read(500, &[Some(3)]), due);
    passing.hear(told(720, 721, &[(0, 5)]));
    // The reading was there before the record that tells the same.
    passing.add(&read(1_000, &[Some(7)]), due);
    passing.hear(told(999, 1_003, &[(0, 7)]));
    let passed = passing.finish(due);
    assert_eq!(kept.ms(), [212, 312, 421, 503, 521, 603]);
    assert_eq!((passed.messages, passed.told, passed.longest_way / MS), (6, 6, 4));
    assert_eq!((passed.moves, passed.rewinds, passed.readings), (3, 0, 2));
    let quarter = |ms| passed.quarters.at(quarter_of(at(ms)));
    assert_eq!((quarter(250), quarter(500), quarter(1_000)), (2, 2, 2), "in its own quarter");
    assert_eq!(passed.interval_s(), Some(0.28), "of 0.409 and 0.282 s the lower middle");
}

#[test]
fn a_record_that_never_came_is_made_up_for_by_the_reading_after_it() {
    let kept = Kept::default();
    let mut passing = kept.passing(1);
    passing.hear(told(310, 312, &[(0, 3)]));
    for (ms, offset) in [(500, 3), (750, 5), (1_000, 5)] {
        passing.add(&read(ms, &[Some(offset)]), due);
    }
    let passed = passing.finish(due);
    assert_eq!((passed.messages, passed.told), (4, 2));
    assert_eq!(kept.ms(), [212, 312, 450, 551], "as exact as a histogram");
}

#[test]
fn a_group_that_goes_back_is_told_once_and_readings_from_before_are_no_second_time() {
    let kept = Kept::default();
    let mut passing = kept.passing(1);
    passing.hear(told(300, 300, &[(0, 4)]));
    passing.hear(told(400, 400, &[(0, 2)]));
    passing.add(&read(500, &[Some(2)]), due);
    passing.hear(told(600, 600, &[(0, 5)]));
    passing.add(&read(750, &[Some(5)]), due);
    let passed = passing.finish(due);
    assert_eq!((passed.messages, passed.rewinds, passed.offsets), (4, 1, vec![Some(5)]));
}

#[test]
fn what_is_committed_before_it_is_due_was_not_processed_by_then() {
    let kept = Kept::default();
    let mut passing = kept.passing(1);
    // The group commits beyond the end of the partition: what comes there later is no message that it was done with at once.
    passing.add(&read(150, &[Some(5)]), due);
    let passed = passing.finish(due);
    assert_eq!((passed.ahead, passed.messages, passed.quarters.total()), (2, 2, 2));
    assert_eq!(kept.ms(), [50, 150]);
}

#[test]
fn what_comes_long_after_a_commit_beyond_the_end_was_not_processed_either_and_is_not_kept_in_memory() {
    // Whether readings show that commit again and again, or a record told it once.
    for by_record in [false, true] {
        let kept = Kept::default();
        let mut passing = kept.passing(1);
        if by_record {
            passing.add(&read(140, &[None]), due_by(140));
            passing.hear(told(149, 150, &[(0, 1_000)]));
        }
        for ms in (150..20_000).step_by(250) {
            passing.add(&read(ms, &[Some(1_000)]), due_by(ms));
        }
        let reached = passing.reached()[0].unwrap();
        assert!(
            (130..=150).contains(&reached),
            "no due time of before some 14 s is needed any more: {reached}"
        );
        let passed = passing.finish(due_by(20_000));
        assert_eq!((passed.messages, passed.ahead), (2, 199), "by a record: {by_record}");
        assert_eq!(kept.ms(), [50, 150]);
    }
}

#[test]
fn a_group_that_goes_back_from_beyond_the_end_is_followed_again() {
    let kept = Kept::default();
    let mut passing = kept.passing(1);
    // Its consumers begin anew where there is something, and process all that there is.
    for (ms, offset) in [(150, 1_000), (400, 1_000), (1_000, 3), (2_000, 21)] {
        passing.add(&read(ms, &[Some(offset)]), due_by(ms));
    }
    let passed = passing.finish(due_by(2_000));
    // The first two were there when they were passed, and of three it is not known when they were processed.
    assert_eq!((passed.messages, passed.ahead, passed.rewinds), (2 + 15, 3, 1));
    assert_eq!(kept.ms()[..4], [50, 100, 150, 200], "and what it processed then ended then");
    assert_eq!(passed.quarters.at(quarter_of(at(1_750))), 15);
}

#[test]
fn what_was_committed_before_anybody_listened_is_in_no_rate_of_what_a_record_tells_later() {
    let kept = Kept::default();
    let mut passing = kept.passing(1);
    // Somebody has drained a backlog in part when the load begins, at 1,000 ms: the first record that comes tells of all up to its offset.
    passing.add(&read(1_000, &[Some(8)]), due);
    // A record was on its way that tells less than what was read.
    passing.hear(told(990, 1_002, &[(0, 6)]));
    passing.hear(told(1_109, 1_110, &[(0, 11)]));
    passing.add(&read(1_250, &[Some(11)]), due);
    let passed = passing.finish(due);
    let quarter = |ms| passed.quarters.at(quarter_of(at(ms)));
    assert_eq!((quarter(750), quarter(1_000), passed.messages), (7, 3, 10));
    assert_eq!((passed.told, passed.rewinds, passed.moves), (3, 0, 2));
}

#[test]
fn commits_that_never_moved_twice_have_no_interval() {
    assert_eq!(Passed::default().interval_s(), None);
    let of = |intervals: &[(u64, u64)]| {
        Passed { intervals: intervals.iter().copied().collect(), ..Passed::default() }.interval_s()
    };
    assert_eq!(
        (of(&[(100, 1)]), of(&[(100, 5), (500, 5)]), of(&[(100, 5), (500, 6)])),
        (Some(1.0), Some(1.0), Some(5.0))
    );
}

proptest! {
    /// Whatever is read when, each message below the greatest offset that was read counts once, with the time of the first reading beyond it.
    #[test]
    fn each_message_counts_once_at_the_first_reading_beyond_it(
        steps in prop::collection::vec((1..4_000_u64, prop::collection::vec(prop::option::of(0..60_i64), 3)), 0..40)
    ) {
        let kept = Kept::default();
        let mut passing = kept.passing(3);
        let (mut ms, mut all) = (6_000, Vec::new());
        for (step, offsets) in steps {
            ms += step;
            all.push((ms, offsets.clone()));
            passing.add(&read(ms, &offsets), due);
        }
        let passed = passing.finish(due);
        let mut expected: Vec<u64> = Vec::new();
        for partition in 0..3 {
            for offset in 1..60_i64 {
                let first = all.iter().find(|(_, offsets)| offsets[partition].is_some_and(|reached| reached > offset));
                expected.extend(first.map(|(ms, _)| ms - (offset as u64 * 100 - 100)));
            }
        }
        expected.sort_unstable();
        prop_assert_eq!(passed.messages, expected.len() as u64);
        prop_assert_eq!(passed.quarters.total(), passed.messages);
        let seen = kept.ms();
        prop_assert_eq!(seen.len(), expected.len());
        for (seen, expected) in seen.iter().zip(&expected) {
            // As exact as the histogram of any latency.
            prop_assert!(seen.abs_diff(*expected) as f64 <= 1.0 + *expected as f64 / 100.0, "{} {}", seen, expected);
        }
    }
}
