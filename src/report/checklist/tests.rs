//! Boxes of made-up runs.

use super::*;
use crate::analyse::{Findings, TrialFindings, judge};
use crate::record::testing::{Synthetic, backlog, manifest, slo};
use crate::record::{Manifest, TrialRecord};

fn of(manifest: Manifest, trials: u32, change: impl Fn(&mut TrialRecord)) -> Vec<Group> {
    let trial = |at: u32| {
        let of = Synthetic { order: at, repetition: at, ..Synthetic::default() };
        let mut record = of.record();
        record.topic = format!("topic-{at}");
        change(&mut record);
        let judged = judge(&record, &of.rows(), &of.latencies());
        TrialFindings::of(&manifest, record, judged)
    };
    let findings = Findings::of(&manifest, (1..=trials).map(trial).collect());
    let run = Run { path: "/nowhere".into(), manifest, plan: Vec::new(), trials: Vec::new() };
    checklist(&run, &findings)
}

fn state<'a>(groups: &'a [Group], asks: &str) -> &'a State {
    let all = groups.iter().flat_map(|group| &group.boxes);
    &all.clone().find(|item| item.asks.contains(asks)).unwrap().state
}

#[test]
fn six_trials_of_each_are_ticked_and_three_say_what_it_would_take() {
    let made = |trials| of(manifest(&["a"]), trials, |_| {});
    let six = made(6);
    assert_eq!(
        state(&six, "6 trials"),
        &State::Fulfilled("`outcome` of `trials.csv`: at least 6 valid trials of each treatment".to_owned())
    );
    let State::Missing { found, would } = state(&made(3), "6 trials").clone() else { panic!() };
    assert!(found.contains("3 valid") && would.contains("repetitions: 6"), "{found} {would}");
}

#[test]
fn a_trial_that_is_not_asked_whether_it_settles_ticks_no_box_of_the_warm_up() {
    let groups = of(manifest(&["a"]), 2, |record| record.backlog = Some(backlog()));
    let State::NotOf(found) = state(&groups, "warm-up") else { panic!("{:?}", state(&groups, "warm-up")) };
    assert!(found.contains("2 valid trials have events or a backlog, and are not asked"), "{found}");
    assert!(!found.contains("MSER-5 would cut"), "{found}");
}

#[test]
fn what_was_sent_stands_beside_what_was_offered() {
    let State::Fulfilled(found) = state(&of(manifest(&["a"]), 1, |_| {}), "achieved").clone() else {
        panic!()
    };
    assert!(found.contains("offered 1000/s, sent 1000/s (0 %)"), "{found}");
}

#[test]
fn no_box_is_ticked_where_no_trial_was_saved_but_those_of_the_manifest() {
    let groups = of(manifest(&["a"]), 0, |_| {});
    for asks in
        ["6 trials", "intended time", "histograms", "audit", "fresh topic", "clock", "batching", "achieved"]
    {
        assert_ne!(state(&groups, asks).name(), "fulfilled", "{asks}");
    }
}

#[test]
fn a_run_that_has_no_slo_has_no_verdict_to_show() {
    assert_eq!(state(&of(manifest(&["a"]), 1, |_| {}), "three values").name(), "does_not_apply");
    let mut must = manifest(&["a"]);
    must.slos = vec![slo("processed >= 1k/s")];
    let State::Fulfilled(found) = state(&of(must, 1, |_| {}), "three values").clone() else { panic!() };
    assert!(found.contains("1 held"), "{found}");
}

#[test]
fn a_generator_without_headroom_is_no_tick() {
    let busy = |cores| move |record: &mut TrialRecord| record.load_busiest_thread_cores = Some(cores);
    assert_eq!(state(&of(manifest(&["a"]), 1, busy(0.2)), "headroom").name(), "fulfilled");
    assert_eq!(state(&of(manifest(&["a"]), 1, busy(0.8)), "headroom").name(), "missing");
}
