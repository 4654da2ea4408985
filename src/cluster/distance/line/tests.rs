use super::*;

const MS: u64 = 1_000_000;

fn way(rtt_ms: u64, window: usize) -> Way {
    Way { delay_ns: rtt_ms * MS / 2, bits_per_s: None, window }
}

/// Sends as much as it may for so long, the receiver taking all at once; gives the bytes that arrived.
fn pumped(line: &mut Line, way: Way, from: u64, span: u64) -> u64 {
    let (mut now, mut arrived) = (from, 0);
    while now < from + span {
        let room = line.room(now, way);
        if room > 0 {
            line.send((now, now), &vec![7; room], way, 0);
        }
        loop {
            let count = line.arrived(now).len();
            if count == 0 {
                break;
            }
            line.take(now, count, way);
            arrived += count as u64;
        }
        now = line.next(now, true).unwrap_or(now + MS).max(now + 1);
    }
    arrived
}

#[test]
fn no_more_than_a_window_passes_in_a_round_trip() {
    for (rtt, window) in [(76, 100 << 10), (76, 1 << 20), (10, 64 << 10)] {
        let way = way(rtt, window);
        let mut line = Line::new(0);
        pumped(&mut line, way, 0, 2_000 * MS);
        let per_second = pumped(&mut line, way, 2_000 * MS, 4_000 * MS) / 4;
        let limit = window as f64 / (rtt as f64 / 1e3);
        let off = per_second as f64 / limit;
        assert!((0.97..=1.01).contains(&off), "{rtt} ms, {window}: {off}");
    }
}

#[test]
fn a_connection_begins_with_ten_segments_and_doubles_with_each_round_trip() {
    let way = way(100, 1 << 20);
    let mut line = Line::new(0);
    let of_each: Vec<u64> = (0..6).map(|round| pumped(&mut line, way, round * 100 * MS, 100 * MS)).collect();
    // The first half of the first round trip is the way there.
    assert_eq!(of_each[0], FIRST as u64);
    for pair in of_each[..5].windows(2) {
        assert!((1.8..=2.1).contains(&(pair[1] as f64 / pair[0] as f64)), "{of_each:?}");
    }
    // After a while without anything to send it begins anew.
    assert!(line.room(60_000 * MS, way) <= FIRST, "{}", line.congestion);
}

#[test]
fn what_is_sent_arrives_half_a_round_trip_later_in_its_order() {
    let way = way(76, 1 << 20);
    let mut line = Line::new(0);
    line.send((0, 0), b"one", way, 5 * MS as i64);
    line.send((MS, MS), b"two", way, -5 * (MS as i64));
    assert_eq!((line.arrived(43 * MS - 1), line.next(0, true)), (&b""[..], Some(43 * MS)));
    assert_eq!(line.arrived(43 * MS), b"onetwo", "the second may not come before the first");
    line.take(43 * MS, 4, way);
    assert_eq!(line.arrived(43 * MS), b"wo");
    line.end(44 * MS, way);
    assert!(!line.is_over(90 * MS), "two bytes are left");
    line.take(44 * MS, 2, way);
    assert!(!line.is_over(81 * MS) && line.is_over(82 * MS));
}

#[test]
fn nothing_is_sent_before_the_handshake_is_over() {
    let way = way(76, 1 << 20);
    let mut line = Line::new(76 * MS);
    assert_eq!((line.room(75 * MS, way), line.next(0, true)), (0, Some(76 * MS)));
    assert_eq!(line.room(76 * MS, way), FIRST);
}

#[test]
fn a_slow_link_takes_its_time_for_each_byte() {
    let slow = Way { bits_per_s: Some(8_000_000), ..way(10, 1 << 20) };
    let mut line = Line::new(0);
    line.send((0, 0), &[0; 10_000], slow, 0);
    line.send((0, 0), &[0; 10_000], slow, 0);
    assert_eq!(line.next(0, true), Some(15 * MS));
    assert_eq!(line.next(15 * MS, true), Some(25 * MS));
}

#[test]
fn without_a_distance_nothing_is_held_back() {
    let near = way(0, 100 << 10);
    let mut line = Line::new(0);
    for now in 0..10_000 {
        let room = line.room(now, near);
        assert!(room >= FIRST);
        line.send((now, now), &vec![1; room], near, 0);
        while !line.arrived(now).is_empty() {
            let count = line.arrived(now).len();
            line.take(now, count, near);
        }
    }
}

#[test]
fn what_was_lost_is_sent_again_after_twice_as_long_each_time() {
    let way = way(100, 1 << 20);
    let mut line = Line::new(0);
    line.heal(5_000 * MS, way, false);
    assert_eq!(line.room(0, way), FIRST, "nothing was lost");
    line.send((0, 0), b"one", way, 0);
    line.lose(1_000 * MS);
    line.lose(2_000 * MS);
    line.heal(5_000 * MS, way, false);
    // 300, 600, 1,200, 2,400 ms after 1 s.
    assert_eq!((line.arrived(5_499 * MS), line.arrived(5_500 * MS)), (&b""[..], &b"one"[..]));
    assert_eq!(line.next(5_000 * MS, false), Some(5_500 * MS));
}

#[test]
fn a_stream_that_was_cut_off_wakes_when_tcp_would_try_again_and_goes_on() {
    let way = way(20, 100 << 10);
    let mut line = Line::new(0);
    pumped(&mut line, way, 0, 1_000 * MS);
    // Acknowledgements that were on their way back are past by the time that it is whole again.
    line.lose(1_000 * MS);
    line.heal(1_500 * MS, way, false);
    assert_eq!(line.room(1_500 * MS, way), 0);
    let again = line.next(1_500 * MS, true).unwrap();
    assert!(again > 1_500 * MS && again < 2_500 * MS, "{again}");
    assert!(pumped(&mut line, way, again, 2_000 * MS) > 1 << 20);
}

#[test]
fn what_was_lost_passes_at_once_where_nobody_measures_any_more() {
    let way = way(100, 1 << 20);
    let mut line = Line::new(0);
    line.send((0, 0), b"one", way, 0);
    line.lose(1_000 * MS);
    line.heal(5_000 * MS, way, true);
    assert_eq!(line.arrived(5_000 * MS), b"one");
}
