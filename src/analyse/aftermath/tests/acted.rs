//! What is put down to an event, and from when on it can be recovered from.

use super::*;

#[test]
fn an_event_that_acts_late_is_not_recovered_from_before_it_has_acted() {
    let mut made = calm();
    let upgrade = |done_s: f64| Injected {
        booted_s: Some(12.0),
        done_s: Some(done_s),
        detected_s: Some(12.1),
        ..injected("upgrade", 8.0)
    };
    made.record.injected = vec![upgrade(18.0)];
    // When the old instances leave, one partition stands still.
    made.gaps = vec![gap(1, 18.0, Some(20.0))];
    made.seconds.iter_mut().filter(|(second, _)| [18, 19].contains(&(second + 5))).for_each(|(_, one)| {
        *one = histogram(900, 400);
    });
    let one = made.only();
    assert_eq!((one.unavailability, one.recovery), (Reading::Value(2.0), Reading::Value(12.0)));
    assert_eq!((one.catch_up, one.out_again_s), (Reading::Value(0.0), Some(0)));
    made.gaps.clear();
    assert_eq!(made.only().recovery, Reading::Value(12.0), "its last act is one without a gap too");
    made.record.injected = vec![upgrade(32.0)];
    assert_eq!(made.only().recovery, Reading::Beyond(12.0), "what came of its last act was not seen");
    made.record.injected = vec![upgrade(12.5)];
    let early = made.only();
    assert_eq!(early.recovery, Reading::Value(0.0), "what comes long after it has acted is none of it");
    assert_eq!(early.out_again_s, Some(6), "but told: from seconds 14 to 19 on five are not as before");
}

#[test]
fn a_second_in_which_nothing_is_known_is_not_out_of_the_band_again() {
    let mut made = calm();
    for row in made.rows.iter_mut().filter(|row| (26.0..27.0).contains(&row.t_s)) {
        (row.due, row.unprocessed_messages) = (0, None);
    }
    let one = made.only();
    assert_eq!((one.recovery, one.out_again_s), (Reading::Value(0.0), Some(0)));
}

#[test]
fn a_partition_that_stands_still_long_after_the_last_act_of_an_event_does_so_for_another_reason() {
    let mut made = calm();
    made.record.injected[0].detected_s = Some(15.5);
    made.gaps = vec![gap(1, 15.2, Some(15.6)), gap(1, 20.6, Some(21.4)), gap(2, 27.0, Some(28.0))];
    let one = made.only();
    assert!(matches!(one.unavailability, Reading::Value(s) if (s - 0.4).abs() < 1e-9), "{one:?}");
    assert_eq!(one.stood_still, Some((1, 4)));
    // But for a partition that was added and that nobody came to read, however late its first message was.
    made.record.injected[0].partitions = Some(5);
    made.gaps.push(gap(4, 25.0, None));
    assert_eq!(made.only().unavailability, Reading::Beyond(10.0));
}

#[test]
fn nobody_is_to_notice_what_is_over_within_a_session() {
    let mut made = calm();
    let pause = |undone_s: f64| Injected {
        kind: "pause".to_owned(),
        undone_s: Some(undone_s),
        session_s: Some(6.0),
        detected_s: None,
        ..injected("hang", 15.0)
    };
    let detection = |made: &Made| made.only().detection;
    made.record.injected = vec![pause(20.9)];
    assert_eq!(detection(&made), Reading::Empty);
    made.record.injected = vec![pause(21.1)];
    assert_eq!(detection(&made), Reading::Beyond(20.0));
    made.record.injected = vec![Injected { detected_s: Some(17.0), ..pause(20.9) }];
    assert_eq!(detection(&made), Reading::Value(2.0), "who moves all the same has noticed");
    made.record.injected = vec![Injected { session_s: None, ..pause(20.9) }];
    assert_eq!(detection(&made), Reading::Beyond(20.0), "older records do not tell how long a session is");
}
