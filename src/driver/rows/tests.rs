//! What adds up to rows, where not all is known.

use super::*;
use crate::driver::group::Outside;
use crate::driver::testing::{MS, ZERO, at, group, loaded};
use crate::load::{Ack, AckBatch};
use crate::record::Scroll;

/// What was seen of a group: how many were committed in the quarter seconds of these moments.
fn followed(committed: &[(u64, u64)]) -> Outside {
    let mut outside = Outside::default();
    for (at, count) in committed {
        outside.passed.quarters.add(quarter_of(*at), *count);
    }
    outside
}

fn rows_of(loaded: &Loaded, group: &RawGroup) -> Vec<Row> {
    let times = Times { zero: ZERO, window: (ZERO, at(4_000)), drained: at(5_000), watched: at(5_000) };
    rows(&times, loaded, 0, Some(group), &Scrolled::default()).collect::<Result<_, _>>().unwrap()
}

#[test]
fn one_message_in_flight_bounds_the_lags_since_it_was_sent_and_blanks_none() {
    let loaded = loaded(|message| message != 2); // due at 2.1 s
    let group = group(&[(1_005, 1, 100), (3_005, 2, 100), (4_005, 2, 3_100)]);
    let rows = rows_of(&loaded, &group);
    let lags: Vec<_> = rows
        .iter()
        .filter_map(|row| Some((row.t_s, row.lag_messages?, row.lag_unknown_messages, row.time_lag_most_ms?)))
        .collect();
    assert_eq!(lags[0], (0.75, 1, 0, 905.0), "it was not sent yet");
    assert_eq!(lags[1], (2.75, 2, 1, 2_905.0), "an older one is not committed either");
    let (t_s, messages, unknown, most_ms) = lags[2];
    assert_eq!((t_s, messages, unknown), (3.75, 2, 1));
    // Since 2.1 s, and read within a quarter second after 4 s.
    assert!((1_905.0..=2_150.0).contains(&most_ms), "{most_ms}");
    let unprocessed: Vec<_> = rows.iter().map(|row| row.unprocessed_messages.unwrap()).collect();
    assert_eq!((unprocessed[0], unprocessed[19]), (1, 3), "acked and not processed");
}

#[test]
fn a_time_lag_that_is_forgotten_lies_between_two_ends_and_one_that_nobody_knows_is_a_gap() {
    let loaded = loaded(|_| true);
    let folder = tempfile::tempdir().unwrap();
    let mut readings = Scroll::create(folder.path()).unwrap();
    let of = |read_ms: u64, messages, oldest: Option<u64>, earliest: Option<u64>| LagReading {
        at: at(read_ms),
        messages,
        oldest_due: oldest.map(at),
        earliest_due: earliest.map(at),
        undated: messages > 0 && oldest.is_none(),
        took: 1,
    };
    for reading in [of(1_005, 3, Some(605), Some(105)), of(2_005, 3, None, None), of(3_005, 0, None, None)] {
        readings.push(&reading);
    }
    let mut group = group(&[]);
    group.lags.readings = readings.finish().unwrap();
    let rows = rows_of(&loaded, &group);
    let ages =
        |index: usize| (rows[index].lag_messages, rows[index].time_lag_ms, rows[index].time_lag_most_ms);
    let (messages, least, most) = ages(3);
    assert_eq!((messages, least), (Some(3), Some(400.0)));
    // By the end of the quarter second in which it was read.
    assert_eq!(most, Some(1_145.0));
    assert_eq!((ages(7), ages(11)), ((Some(3), None, None), (Some(0), Some(0.0), Some(0.0))));
}

#[test]
fn what_consumers_did_with_a_backlog_before_time_0_is_in_no_row_and_no_backlog() {
    let mut loaded = loaded(|_| true);
    let mut group = group(&[]);
    // Of 10 messages that were written before, 4 are processed before time 0, and 3 in the first quarter second.
    group.outside = Some(followed(&[(ZERO - 300 * MS, 4), (at(10), 3)]));
    let first = |loaded: &Loaded| {
        let row = rows_of(loaded, &group).remove(0);
        (row.processed, row.backlog_messages)
    };
    loaded.before = 10;
    assert_eq!(first(&loaded), (3, 1 + 10 - 4 - 3));
    loaded.before = 0;
    assert_eq!(first(&loaded).0, 7, "without one nothing can be done before: a clock may say so");
}

#[test]
fn where_brokers_tell_nothing_there_is_no_lag() {
    let loaded = loaded(|_| false);
    (0..4).for_each(|message| loaded.counts.untold.count(at(message * 1_000 + 105)));
    let rows = rows_of(&loaded, &group(&[(3_005, 0, 0)]));
    assert!(rows.iter().all(|row| row.lag_messages.is_none() && row.unprocessed_messages.is_none()));
    assert_eq!(rows.iter().map(|row| row.untold).sum::<u64>(), 4);
}

#[test]
fn a_message_in_whose_place_another_lies_is_in_no_lag_any_more() {
    let mut loaded = loaded(|_| true);
    // A leader was lost that alone had the one at offset 2.
    let mut batch = AckBatch::with_capacity(1, true);
    batch.push(None, Ack { partition: 0, offset: 2, due: at(2_600) });
    loaded.ledger.book(&batch);
    let rows = rows_of(&loaded, &group(&[]));
    let unprocessed = |t_s: f64| {
        rows.iter().find(|row| row.t_s.total_cmp(&t_s).is_eq()).and_then(|row| row.unprocessed_messages)
    };
    assert_eq!((unprocessed(2.25), unprocessed(2.5), unprocessed(4.75)), (Some(3), Some(2), Some(3)));
    assert_eq!(loaded.ledger.overwritten(), 1);
}
