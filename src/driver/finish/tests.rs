//! What a record is made of.

use super::*;
use crate::books::Topics;
use crate::consumers::{Complaint, Happening, Rebalance};
use crate::driver::Journal;
use crate::driver::injected::RawInjected;
use crate::driver::testing::{ZERO, at, group, loaded};
use crate::driver::times::Times;
use crate::load::Loaded;
use crate::plan::planned;

const EXPERIMENT: &str = "question: q\ncluster: { kafka: {} }\ntopic: { partitions: 1 }\nworkload: { rate: 1/s, message: { size: 100B } }\nphases: { warm_up: 0s, measure: 5s, drain: 1s }\n";
const GROUPS: &str = "consumers:\n  - { group: orders, instances: 1, backend: { process: {} } }\n  - { group: bills, instances: 1, backend: { process: {} } }\n";

/// All but one message was acked; the trial went through all its phases.
fn raw(groups: Vec<RawGroup>) -> Raw {
    Raw {
        times: Some(Times { zero: ZERO, window: (ZERO, at(4_000)), drained: at(5_000), watched: at(5_000) }),
        loaded: Some(Loaded {
            errors: [("broker 1 is down".to_owned(), 2)].into(),
            failures: [("_MSG_TIMED_OUT".to_owned(), 9), ("MSG_SIZE_TOO_LARGE".to_owned(), 1)].into(),
            out_of_range: 5,
            ..loaded(|message| message != 2)
        }),
        groups,
        ..Raw::new(Topics::one("t", 1))
    }
}

fn recorded(experiment: &str, raw: &Raw) -> Finished {
    let plan = planned(experiment);
    let begun = Begun { name: "001", started: "now".to_owned(), settle_s: None };
    finish(&plan, &plan.trials[0], begun, raw, |text| text.replace("secret", "…")).unwrap()
}

#[test]
fn a_record_speaks_of_the_load_alone_or_of_the_first_group_as_if_it_were_the_only_one() {
    let alone = recorded(EXPERIMENT, &raw(Vec::new())).record;
    let books = alone.books.unwrap();
    assert_eq!((books.due, books.acked, books.in_flight, books.received), (4, 3, 1, None));
    assert_eq!((alone.due_in_window, alone.out_of_range, alone.group.as_deref()), (4, 5, None));
    assert_eq!(alone.partitions.as_ref().unwrap().acked, [3]);
    assert!(alone.groups.is_empty() && alone.end == End::Completed);

    let [mut first, second] = [("orders", 2), ("bills", 1)].map(|(name, deaths)| {
        let mut group = group(&[(1_005, 1, 100)]);
        (group.name, group.full_name) = (name.to_owned(), format!("run-{name}"));
        group.deaths = vec![(at(1_000), 0); deaths];
        group
    });
    first.commits = Some(vec![Some(0)]);
    let both = recorded(&format!("{EXPERIMENT}{GROUPS}"), &raw(vec![first, second])).record;
    let names: Vec<_> = both.groups.iter().map(|group| group.full_name.as_str()).collect();
    assert_eq!((names, both.groups[0].deaths, both.deaths), (vec!["run-orders", "run-bills"], 2, 2));
    assert_eq!(both.books.unwrap().unread, Some(3));
    let (groups, injected) = (both.groups.clone(), both.injected.clone());
    let expected = TrialRecord { injected, groups, ..both.of_group(&both.groups[0]) };
    assert_eq!(both, expected);
}

#[test]
fn what_went_wrong_is_counted_by_its_kind_and_told_without_secrets() {
    let mut group = group(&[]);
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(folder.path()).unwrap();
    for (ms, text) in [(100, "broker 17 is down"), (200, "wrong secret"), (4_500, "after the window")] {
        let error = Complaint { at_ns: at(ms), text: text.to_owned(), times: 1 };
        journal.write(&[Happening::Complaint(error)], &[]);
    }
    group.journal = journal.finish().unwrap();
    let mut raw = raw(vec![group]);
    raw.waiting = vec![("NOT_ENOUGH_REPLICAS".to_owned(), 7)];
    let record = recorded(EXPERIMENT, &raw).record;
    let told: Vec<_> = record.broker_errors.iter().map(|(text, count)| (text.as_str(), *count)).collect();
    let expected =
        [("MSG_SIZE_TOO_LARGE", 1), ("NOT_ENOUGH_REPLICAS", 7), ("broker 1 is down", 3), ("wrong …", 1)];
    assert_eq!(told, expected);
    assert_eq!(record.failures["_MSG_TIMED_OUT"], 9, "a client's own patience is no broker's error");
}

#[test]
fn a_trial_that_never_came_to_time_0_has_a_record_of_why() {
    let mut raw = Raw::new(Topics::one("t", 1));
    raw.failure = Some("no broker answers".to_owned());
    let Finished { record, producers } = recorded(EXPERIMENT, &raw);
    assert_eq!(record.end, End::Failed("no broker answers".to_owned()));
    assert!(record.books.is_none() && record.partitions.is_none() && producers.is_empty());
}

#[test]
fn messages_of_others_are_told_apart_on_a_topic_that_was_there_before_and_only_there() {
    use crate::consumers::{Event, Line, Report};
    use crate::driver::group::Outside;
    use crate::observe::Passed;

    // Ours lie at 1, 2 and 4; of the rest of 0 to 9 others' are told apart by who tells.
    let own = |foreign: bool| {
        let mut own = group(&[]);
        own.commits = Some(vec![Some(10)]);
        let foreign_offsets = [(0, vec![(5, 10)].into())].into_iter().filter(|_| foreign).collect();
        let report =
            Report { processed: [(0, vec![(1, 10)].into())].into(), foreign_offsets, ..Report::default() };
        own.gathered.add(0, 5, Event::Line(Line::Report(Box::new(report))));
        own
    };
    let outside = |last| {
        let mut outside = group(&[]);
        let passed = Passed { firsts: vec![Some(2)], offsets: vec![Some(last)], ..Passed::default() };
        outside.outside = Some(Outside { passed, ..Outside::default() });
        outside
    };
    let books_of = |(starts, ends): (Vec<i64>, Vec<i64>), group: RawGroup| {
        let raw = Raw { starts, ends, ..raw(vec![group]) };
        let experiment = format!("{EXPERIMENT}consumers: {{}}\n");
        recorded(&experiment, &raw).record.books.unwrap()
    };
    let books = |starts: Vec<i64>, group: RawGroup| books_of((starts, vec![12]), group);
    let told = books(vec![0], own(true));
    assert_eq!((told.received, told.received_unacked, told.foreign), (Some(3), Some(1), Some(5)));
    let of_its_own = books(Vec::new(), own(false));
    assert_eq!((of_its_own.received_unacked, of_its_own.foreign), (Some(6), None));
    assert_eq!(books(vec![0], outside(10)).foreign, Some(6), "from the first commit that was read on");
    let beyond = outside(5_000_000_000);
    assert_eq!(books(vec![0], beyond).foreign, Some(8), "there is nothing beyond the end that was passed");
    assert_eq!(books_of((vec![0], Vec::new()), outside(10)).foreign, None, "nobody knows where the end is");
}

#[test]
fn an_instance_that_ends_on_its_own_is_told_as_an_event_is_and_nothing_is_put_down_to_it() {
    let mut group = group(&[(1_005, 1, 100)]);
    group.name = "bills".to_owned();
    group.deaths = vec![(ZERO - 1, 0), (at(1_500), 2), (at(4_500), 1)];
    let groups = "consumers: { group: bills, instances: 3, backend: { process: {} } }\n";
    let record = recorded(&format!("{EXPERIMENT}{groups}"), &raw(vec![group])).record;
    let [died] = &record.injected[..] else { panic!("{:?}", record.injected) };
    assert_eq!((died.kind.as_str(), died.what.as_str()), ("died", "instance 2 of `bills` ended on its own"));
    assert_eq!((died.group.as_str(), &died.instances, died.asked_s), ("bills", &vec![2], Some(1.5)));
    assert_eq!(died.caused(), None, "it is a doubt");
    assert_eq!(record.deaths, 1, "what ended before the load or after the window is none of it");
}

#[test]
fn how_a_group_was_followed_is_told_also_where_it_committed_nothing() {
    use crate::driver::group::Outside;
    use crate::observe::Passed;

    let by = |listened, told, messages| {
        let mut outside = group(&[]);
        let passed = Passed { listened, told, messages, offsets: vec![None], ..Passed::default() };
        outside.outside = Some(Outside { passed, ..Outside::default() });
        let record = recorded(&format!("{EXPERIMENT}consumers: {{}}\n"), &raw(vec![outside])).record;
        record.followed.unwrap().by
    };
    assert_eq!((by(true, 0, 0), by(false, 0, 0)), ("offsets_topic".to_owned(), "polled".to_owned()));
    assert_eq!((by(true, 0, 5), by(true, 3, 5)), ("polled".to_owned(), "offsets_topic, polled".to_owned()));
}

/// What the first event of an experiment was in a trial, asked for a second after time 0; what it does may take so many ms beyond its last act.
fn struck(experiment: &str, reach_ms: u64) -> RawInjected {
    RawInjected {
        drawn: planned(experiment).treatments[0].drawn_events(1).remove(0),
        planned: at(1_000),
        instances: Vec::new(),
        started: Vec::new(),
        launched: None,
        booted: None,
        broker: None,
        asked: Some(at(1_000)),
        done: Some(at(1_001)),
        given_up: None,
        undone: None,
        reach: reach_ms * 1_000_000,
        trouble: None,
    }
}

/// A group that was told at these times, in ms, that it has these partitions now.
fn moved(name: &str, all: &[(u64, &[i32])]) -> RawGroup {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(folder.path()).unwrap();
    for (ms, partitions) in all {
        let (at_ns, partitions) = (at(*ms), partitions.to_vec());
        let told = Rebalance { at_ns, instance: 0, thread: 0, came: true, partitions };
        journal.write(&[Happening::Rebalance(told)], &[]);
    }
    RawGroup { name: name.to_owned(), journal: journal.finish().unwrap(), ..group(&[]) }
}

#[test]
fn each_group_notices_by_itself_that_partitions_were_added_and_later_rebalances_are_not_put_down_to_it() {
    let experiment = EXPERIMENT.replace("measure: 5s", "measure: 30s") + GROUPS;
    let experiment = format!("{experiment}events: [{{ at: 10s, topic: {{ partitions: 3 }} }}]\n");
    let orders = moved("orders", &[(1_200, &[0]), (3_900, &[0])]);
    let bills =
        moved("bills", &[(1_400, &[0]), (2_500, &[0, 1, 2]), (2_900, &[1]), (3_100, &[2]), (3_200, &[])]);
    let raw = Raw { injected: vec![struck(&experiment, 500)], ..raw(vec![orders, bills]) };
    let record = recorded(&experiment, &raw).record;
    let of = |number: usize| {
        let own = record.of_group(&record.groups[number]);
        (own.injected[0].detected_s, own.injected[0].moved_partitions, own.rebalances)
    };
    assert_eq!(of(0), (Some(1.2), 1, 0), "nobody of it has a new partition yet");
    assert_eq!(
        of(1),
        (Some(1.4), 3, 1),
        "half a second after somebody has, the next is one that nobody planned"
    );
    assert_eq!(record.injected[0].session_s, None, "it was done to no member");
}

#[test]
fn how_long_a_silent_member_counts_is_told_of_what_is_done_to_one() {
    let experiment = EXPERIMENT.replace("measure: 5s", "measure: 30s");
    let experiment = format!("{experiment}consumers: {{}}\nevents: [{{ at: 10s, pause: {{ for: 2s }} }}]\n");
    let raw = Raw { injected: vec![struck(&experiment, 16_000)], ..raw(vec![group(&[])]) };
    let [event] = &recorded(&experiment, &raw).record.injected[..] else { panic!() };
    assert_eq!((event.session_s, event.noticed.len()), (Some(6.0), 0), "a session, and ten seconds");
}
