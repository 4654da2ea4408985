//! What is called a stall, and what is not.

use super::*;
use crate::record::series::Row;

/// Rows of a trial of `seconds`, 5 s of drain after it; `of` says by quarter what is due, acked and processed.
fn rows(seconds: usize, of: impl Fn(usize) -> (u64, u64, u64)) -> Vec<Row> {
    let (mut acked_so_far, mut processed_so_far) = (0_u64, 0_u64);
    let row = |at: usize| {
        let (due, acked, processed) = of(at);
        acked_so_far += acked;
        processed_so_far += processed;
        Row {
            t_s: at as f64 / 4.0,
            due: if at < seconds * 4 { due } else { 0 },
            acked,
            processed,
            unprocessed_messages: Some(acked_so_far.saturating_sub(processed_so_far)),
            ..Row::default()
        }
    };
    (0..(seconds + 5) * 4).map(row).collect()
}

/// Of a window of 60 s after 2 s of warm-up.
fn stalls(rows: &[Row]) -> Vec<(Whose, f64, f64)> {
    let watch =
        Watch { rows, window: (2.0, 62.0), asked_for: &[], of_brokers: &[], consumers: true, lost: 0 };
    watch.stalls().iter().map(|stall| (stall.whose, stall.from_s, stall.to_s)).collect()
}

/// Quarters from 20 s on for 20 s.
fn frozen(at: usize) -> bool {
    (80..160).contains(&at)
}

#[test]
fn brokers_that_answer_nothing_for_most_of_the_window_are_seen_though_their_client_hangs_afterwards() {
    // Acks come twice a second until second 7, at second 53, and never again.
    let acks = |at: usize| if at < 28 && at % 2 == 1 || at == 212 { 250 } else { 0 };
    let rows = rows(62, |at| (125, acks(at), acks(at)));
    assert_eq!(stalls(&rows), [(Whose::Brokers, 7.0, 53.0)]);
}

#[test]
fn brokers_that_answer_nothing_for_20_of_60_s_are_seen_and_named() {
    let after = |at: usize| if at == 160 { 81 * 250 } else { 250 };
    let rows = rows(62, |at| if frozen(at) { (250, 0, 0) } else { (250, after(at), after(at)) });
    assert_eq!(stalls(&rows), [(Whose::Brokers, 20.0, 40.0)], "the consumers had nothing to read");
    let asked = |span: Range<f64>| {
        let of_brokers = &[span];
        Watch { rows: &rows, window: (2.0, 62.0), asked_for: &[], of_brokers, consumers: true, lost: 0 }
            .stalls()
    };
    assert_eq!(asked(25.0..26.0), [], "it was asked for");
    assert_eq!(asked(50.0..51.0).len(), 1);
}

#[test]
fn consumers_that_process_nothing_while_messages_wait_are_seen() {
    let rows = rows(62, |at| (250, 250, if frozen(at) { 0 } else { 250 }));
    assert_eq!(stalls(&rows), [(Whose::Consumers, 20.0, 40.0)]);
    let (asked_for, window) = (&[18.0..30.0], (2.0, 62.0));
    let watch = Watch { rows: &rows, window, asked_for, of_brokers: &[], consumers: true, lost: 0 };
    assert_eq!(watch.stalls(), [], "somebody paused them");
    let watch = Watch { asked_for: &[], of_brokers: asked_for, ..watch };
    assert_eq!(watch.stalls().len(), 1, "whoever paused a broker did not pause them");
}

#[test]
fn a_stall_that_lasts_to_the_end_or_fills_the_window_is_seen() {
    let to_the_end = rows(62, |at| if at < 200 { (250, 250, 250) } else { (250, 0, 0) });
    assert_eq!(stalls(&to_the_end), [(Whose::Brokers, 50.0, 67.0)]);
    let never = rows(62, |_| (250, 250, 0));
    assert_eq!(stalls(&never), [(Whose::Consumers, 0.0, 67.0)], "nothing can be read of them");
    let dead = rows(62, |_| (250, 0, 0));
    assert_eq!(stalls(&dead), [(Whose::Brokers, 0.0, 67.0)]);
}

#[test]
fn a_message_a_second_or_every_ten_is_no_stall() {
    for every in [4, 40] {
        let trickle = rows(62, |at| {
            let one = u64::from(at % every == 0);
            (one, one, one)
        });
        assert_eq!(stalls(&trickle), []);
        // Acked and processed half a second later.
        let late = rows(62, |at| {
            let then = u64::from(at % every == 2);
            (u64::from(at % every == 0), then, then)
        });
        assert_eq!(stalls(&late), []);
        // The 20 s are seen all the same.
        let stopped = rows(62, |at| {
            let one = u64::from(at % 4 == 0);
            (one, if frozen(at) { 0 } else { one }, if frozen(at) { 0 } else { one })
        });
        assert_eq!(stalls(&stopped), [(Whose::Brokers, 20.0, 40.0)]);
    }
}

#[test]
fn pauses_of_the_load_are_no_stalls() {
    // 5 s on, 15 s off.
    let bursts = rows(62, |at| if at % 80 < 20 { (250, 250, 250) } else { (0, 0, 0) });
    assert_eq!(stalls(&bursts), []);
    // A quiet minute after a spike, of which one message was lost on the way to a consumer.
    let mut spike = rows(62, |at| if at < 20 { (250, 250, 249 + u64::from(at > 0)) } else { (0, 0, 0) });
    assert_eq!(spike[79].unprocessed_messages, Some(1));
    let lost = |rows: &[Row]| {
        Watch { rows, window: (2.0, 62.0), asked_for: &[], of_brokers: &[], consumers: true, lost: 1 }
            .stalls()
            .len()
    };
    assert_eq!(lost(&spike), 0);
    // Nor is one whose ack never came.
    spike[19].acked = 0;
    spike[19].due = 1;
    assert_eq!(lost(&spike), 0);
}

#[test]
fn overload_batches_and_long_work_are_no_stalls() {
    let overload = rows(62, |_| (250, 200, 100));
    assert_eq!(stalls(&overload), []);
    // One instance that takes five seconds for a message.
    let slow = rows(62, |at| (1, 1, u64::from(at % 20 == 19)));
    assert_eq!(stalls(&slow), []);
    // Ten seconds of work for one message of ten.
    let uneven = rows(62, |at| (1, 1, u64::from(at % 50 < 10)));
    assert_eq!(stalls(&uneven), []);
    // Batches that wait three seconds to be sent.
    let lingering = rows(62, |at| {
        let batch = if at % 12 == 11 { 120 } else { 0 };
        (10, batch, batch)
    });
    assert_eq!(stalls(&lingering), []);
}

#[test]
fn a_short_pause_is_no_stall() {
    let pause = rows(62, |at| if (80..88).contains(&at) { (250, 0, 0) } else { (250, 250, 250) });
    assert_eq!(stalls(&pause), [], "two seconds");
    let longer = rows(62, |at| if (80..89).contains(&at) { (250, 0, 0) } else { (250, 250, 250) });
    assert_eq!(stalls(&longer), [(Whose::Brokers, 20.0, 22.25)]);
}

#[test]
fn what_lies_before_the_window_is_none_of_it() {
    let rows = rows(62, |at| if (0..6).contains(&at) { (250, 0, 0) } else { (250, 250, 250) });
    let watch =
        Watch { rows: &rows, window: (2.0, 62.0), asked_for: &[], of_brokers: &[], consumers: true, lost: 0 };
    assert_eq!(watch.stalls(), []);
    assert_eq!(watch.silence(1, 10.0, 12.5), None);
    assert_eq!(watch.silence(1, 10.0, 32.5).map(|stall| stall.seconds()), Some(22.5));
}
