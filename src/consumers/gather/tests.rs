//! What adding up the lines of instances promises.

use super::*;
use crate::consumers::ToldQuarters;
use crate::timeline::{QUARTER_NS, SECOND_NS};

fn add(gathered: &mut Gathered, instance: u32, line: Line) {
    gathered.add(instance, 5, Event::Line(line));
}

fn assigned(partitions: &[i32]) -> Line {
    Line::Assigned { thread: 0, partitions: partitions.to_vec() }
}

fn report(seq: u64, offsets: (i64, i64)) -> Report {
    Report { seq, processed: [(0, vec![offsets].into())].into(), ..Report::default() }
}

fn fresh(offset: i64) -> Fresh {
    Fresh {
        partition: 0,
        offset,
        due: 10 * SECOND_NS,
        received: 11 * SECOND_NS,
        processed: 12 * SECOND_NS,
        bytes: 100,
    }
}

fn say(gathered: &mut Gathered, instance: u32, report: Report) {
    add(gathered, instance, Line::Report(Box::new(report)));
}

#[test]
fn what_another_instance_had_processed_is_no_first_completion() {
    let mut gathered = Gathered::default();
    say(&mut gathered, 0, report(0, (0, 60)));
    let moved = Report { fresh: (50..100).map(fresh).collect(), ..report(0, (50, 100)) };
    say(&mut gathered, 1, moved);
    assert_eq!(gathered.processed(), 40);
    assert_eq!(gathered.processed_quarters().at(12 * SECOND_NS / QUARTER_NS), 40);
    assert_eq!(gathered.latencies()[&Latency::EndToEnd].sum(10, 11).len(), 40);
    assert_eq!(gathered.unattributed_redeliveries(), 0);
}

#[test]
fn redeliveries_that_were_not_told_one_by_one_are_counted_as_such() {
    let mut gathered = Gathered::default();
    add(&mut gathered, 0, Line::Canary { partition: 0, offset: 0 });
    say(&mut gathered, 0, report(0, (0, 60)));
    say(&mut gathered, 1, report(0, (0, 10)));
    assert_eq!(gathered.unattributed_redeliveries(), 9, "the canary is nobody's message");
}

#[test]
fn reports_of_all_instances_are_added_up() {
    let histogram = |ns| codec::encode(&[(ns, 1)].into_iter().collect());
    let mut gathered = Gathered::default();
    for (instance, seq) in [(0, 0), (0, 1), (1, 0)] {
        let start = (seq * 10 + u64::from(instance) * 100) as i64;
        let report = Report {
            received_quarters: ToldQuarters { first: 40, counts: vec![10] },
            processed_quarters: ToldQuarters { first: 40, counts: vec![4, 6] },
            latencies: [(Latency::Receive, [(10, histogram(7))].into())].into(),
            duplicates: seq + 1,
            negative: 1,
            cpu_ns: 100 * (seq + 1),
            last: seq == 1,
            ..report(seq, (start, start + 10))
        };
        say(&mut gathered, instance, report);
    }
    assert_eq!(gathered.processed_quarters(), &[(40, 12), (41, 18)].into_iter().collect());
    assert_eq!(gathered.received_quarters(), &[(40, 30)].into_iter().collect());
    assert_eq!(gathered.latencies()[&Latency::Receive].len(), 3);
    assert_eq!((gathered.duplicates_within(), gathered.negative(), gathered.cpu_ns()), (3, 2, 300));
    assert_eq!(gathered.received_offsets(1), [[vec![(0, 20)].into()], [vec![(100, 110)].into()]]);
    assert_eq!(gathered.finished().collect::<Vec<_>>(), [0]);
}

#[test]
fn what_a_killed_instance_held_was_received() {
    let mut gathered = Gathered::default();
    let held = Report { in_hand: vec![(0, 10)], ..report(0, (0, 10)) };
    say(&mut gathered, 0, held);
    gathered.add(0, 9, Event::Ended);
    assert_eq!(gathered.received_offsets(1)[0][0].len(), 11);
    assert_eq!((gathered.ended().count(), gathered.finished().count()), (1, 0));
}

#[test]
fn an_older_report_that_comes_late_takes_no_tally_back() {
    let mut gathered = Gathered::default();
    for (seq, duplicates) in [(1, 5), (0, 3)] {
        say(&mut gathered, 0, Report { duplicates, ..report(seq, (0, 1)) });
    }
    assert_eq!(gathered.duplicates_within(), 5);
}

#[test]
fn a_group_gets_ready_while_partitions_move() {
    let two = Topics::one("t", 2);
    let mut gathered = Gathered::default();
    add(&mut gathered, 0, assigned(&[0, 1]));
    for partition in 0..2 {
        add(&mut gathered, 0, Line::Canary { partition, offset: 0 });
    }
    assert!(gathered.ready(&two, 1) && !gathered.ready(&two, 2));
    add(&mut gathered, 0, Line::Revoked { thread: 0, partitions: vec![0, 1] });
    assert!(!gathered.ready(&two, 1));
    add(&mut gathered, 0, assigned(&[0]));
    add(&mut gathered, 1, assigned(&[1]));
    assert!(gathered.ready(&two, 2));
    add(&mut gathered, 2, Line::Joined { thread: 0 });
    assert!(gathered.ready(&two, 3), "an idle member is a member");
    gathered.add(1, 9, Event::Ended);
    assert!(!gathered.ready(&two, 2), "{}", gathered.standing(&two, 2));
    let happened = gathered.take_happened();
    let came = |one: &&Happening| matches!(one, Happening::Rebalance(Rebalance { came: true, .. }));
    assert_eq!(happened.iter().filter(came).count(), 3);
    assert_eq!(gathered.take_happened(), [], "each is told once");
}

#[test]
fn errors_are_kept_with_the_time_when_they_came() {
    let mut gathered = Gathered::default();
    for fatal in [false, true] {
        add(&mut gathered, 4, Line::Error { text: "no broker".to_owned(), fatal, at_ns: None, times: 1 });
    }
    gathered.add(4, 9, Event::Unreadable("half a line".to_owned()));
    let told = gathered.take_happened();
    let texts: Vec<&str> = told
        .iter()
        .map(|one| if let Happening::Complaint(one) = one { one.text.as_str() } else { "" })
        .collect();
    assert_eq!(texts, ["no broker", "no broker", "half a line"]);
    assert_eq!(told[2].at_ns(), 9);
    assert_eq!(gathered.fatal(), Some("instance 4: no broker"));
}

#[test]
fn an_instance_that_is_stopped_is_silent_until_it_goes_on_or_ends() {
    let mut gathered = Gathered::default();
    let cuts = |gathered: &mut Gathered, instance, seconds: &[u64]| {
        for (seq, second) in (0..).zip(seconds) {
            say(gathered, instance, Report { seq, at_ns: second * SECOND_NS, ..Report::default() });
        }
    };
    cuts(&mut gathered, 0, &[8, 9, 10, 11, 16, 17, 20, 21, 27]);
    cuts(&mut gathered, 1, &[9, 10, 11]);
    gathered.add(1, 12 * SECOND_NS, Event::Ended);
    cuts(&mut gathered, 2, &[9, 10, 11]);
    let silences = gathered.silences((10 * SECOND_NS, 20 * SECOND_NS));
    let seconds = silences.iter().map(|(instance, from, to)| (*instance, from / SECOND_NS, to / SECOND_NS));
    assert_eq!(seconds.collect::<Vec<_>>(), [(0, 11, 16), (1, 11, 12), (2, 11, 20)]);
}
