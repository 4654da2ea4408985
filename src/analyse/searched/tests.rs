use super::*;
use crate::analyse::{Findings, judge, run_verdict};
use crate::record::TreatmentLine;
use crate::record::testing::{Synthetic, manifest, search, slo};

/// A run whose trials are those that a search from 100/s with 10 % asks for, against something that processes what is offered up to `holds`.
fn run(holds: f64, cut: usize) -> (Manifest, Findings) {
    run_of(search(), |load, _| load <= holds, cut)
}

/// The same of what holds a load in its first, second, … trial of it.
fn run_of(line: SearchLine, holds: impl Fn(f64, usize) -> bool, cut: usize) -> (Manifest, Findings) {
    let mut manifest = manifest(&[]);
    manifest.factors.push("workload.rate".to_owned());
    manifest.slos = vec![slo("processed >= 1k/s"), slo("lost <= 0")];
    let ladder = Ladder::loads(100.0, 0.1);
    let rules = Rules { alone: line.alone_from.unwrap_or_default(), ..Rules::asked(ladder.clone(), 6, 60) };
    manifest.search = Some(line);
    let rate = |rung: i64| Rate::per_second(ladder.value(rung)).unwrap().to_string();
    let mut rungs: Vec<i64> = Vec::new();
    let held = |rungs: &[i64], at: usize| {
        let before = rungs[..at].iter().filter(|rung| **rung == rungs[at]).count();
        holds(ladder.value(rungs[at]), before)
    };
    loop {
        let told = |at: usize| {
            let said = if held(&rungs, at) { crate::search::Said::Held } else { crate::search::Said::Broken };
            (rungs[at], Told { said: Some(vec![said, crate::search::Said::Held]), overload: None })
        };
        let next = replay(&rules, (0..rungs.len()).map(told)).next;
        let crate::search::Next::Round(asks) = next else { break };
        rungs.extend(asks.iter().map(|ask| ask.rung));
    }
    rungs.truncate(cut);
    let mut known: Vec<i64> = Vec::new();
    let mut trials = Vec::new();
    for (at, rung) in rungs.iter().enumerate() {
        let order = at as u32 + 1;
        if !known.contains(rung) {
            known.push(*rung);
            manifest.treatments.push(TreatmentLine {
                slug: rate(*rung),
                levels: vec!["4".to_owned(), rate(*rung)],
                baseline: false,
            });
        }
        let processed = if held(&rungs, at) { 250 } else { 100 };
        let trial = Synthetic { order, treatment: rate(*rung), processed, ..Synthetic::default() };
        let record = trial.record();
        trials.push((record.clone(), judge(&record, &trial.rows(), &trial.latencies())));
    }
    let trials = trials.into_iter().map(|(record, judged)| TrialFindings::of(&manifest, record, judged));
    let trials = trials.collect();
    let findings = Findings::of(&manifest, trials);
    (manifest, findings)
}

#[test]
fn a_capacity_is_told_again_from_its_trials_with_both_pass_rates_and_what_binds() {
    let (manifest, findings) = run(130.0, usize::MAX);
    let [one] = findings.searched.as_deref().unwrap() else { panic!("one search") };
    assert_eq!((one.levels.as_slice(), one.kind), (&["4".to_owned()][..], Aim::Capacity));
    let label = |rung: Option<i64>| rung.map(|rung| one.label(rung)).unwrap();
    assert_eq!((label(one.came.all.good), label(one.came.all.bad)), ("130/s".to_owned(), "141/s".to_owned()));
    let passes = [one.came.at_good, one.came.at_bad].map(|passed| (passed.held, passed.of));
    assert_eq!((passes, one.came.binding.as_slice()), ([(6, 6), (0, 6)], &[0][..]));
    // 400 instead of 1000 are processed.
    assert_eq!(one.edges, [Some(Edge::Cliff), None]);
    assert_eq!((one.came.stop, run_verdict(&findings)), (Some(Stop::Found), RunVerdict::Held));
    let table = searches_table(&manifest, findings.searched.as_deref().unwrap());
    let named = |name: &str| {
        let at = table[0].iter().position(|column| column == name).unwrap_or_else(|| panic!("no {name}"));
        table[1][at].as_str()
    };
    assert_eq!(
        ["search_holds", "search_breaks", "search_holds_held", "search_stop"].map(named),
        ["130", "141", "6", "found"]
    );
    assert_eq!(named("search_binding"), "processed >= 1k/s");
    assert_eq!(named("search_edge: processed >= 1k/s"), "cliff");
    let free: Vec<&String> = table[0][1..].iter().filter(|column| !crate::spec::is_column(column)).collect();
    assert!(free.is_empty(), "a factor may be called {free:?}");
}

/// 130 a second hold when they are found, and in half of the trials that confirm them.
fn half_held(load: f64, before: usize) -> bool {
    let known = (load - 130.0).abs() < 0.5;
    if known { [true, false, true, false, false, true, true][before] } else { load < 130.0 }
}

/// A search that ends between 119/s and 130/s, of which what was found at 130/s held; all that did not hold was in overload.
pub(crate) fn half_held_run() -> (Manifest, Findings) {
    run_of(search(), half_held, usize::MAX)
}

#[test]
fn what_a_trial_was_made_for_stands_in_the_table_and_those_that_confirm_decide() {
    let (manifest, findings) = half_held_run();
    let [one] = findings.searched.as_deref().unwrap() else { panic!("one search") };
    let bounds = [one.came.all.good, one.came.all.broke].map(|rung| one.label(rung.unwrap()));
    assert_eq!(bounds, ["119/s", "130/s"]);
    assert!(one.is_found() && run_verdict(&findings) == RunVerdict::Held);
    // What came through in overload, for a law, is read where the trials were in overload.
    let at = |one: Option<&crate::analyse::TreatmentFindings>| one.map(|one| one.slug.clone());
    assert_eq!(at(findings.broken_at(one)).as_deref(), Some("130/s"));
    assert_eq!(at(findings.held_back_at(one)).as_deref(), Some("141/s"));
    let table = crate::analyse::trials_table(&manifest, &findings);
    assert_eq!(table[0].last().unwrap(), "search_purpose");
    let at = table[0].iter().position(|column| column == "treatment").unwrap();
    let own = table.iter().filter(|row| row[at] == "130/s").map(|row| row.last().unwrap().as_str());
    assert_eq!(own.collect::<Vec<_>>(), [&["probe"][..], &["confirm"; 6]].concat());
}

#[test]
fn a_run_of_before_is_told_by_the_rule_that_its_trials_followed() {
    let before = SearchLine { alone_from: None, ..search() };
    let (_, findings) = run_of(before, half_held, usize::MAX);
    let one = &findings.searched.as_ref().unwrap()[0];
    assert_eq!(
        (one.label(one.came.all.good.unwrap()), one.came.stop),
        ("130/s".to_owned(), Some(Stop::Found))
    );
    assert!(!one.is_found() && run_verdict(&findings) == RunVerdict::Undecided);
}

#[test]
fn a_search_that_was_stopped_says_what_it_knows_and_decides_nothing() {
    let (_, findings) = run(130.0, 8);
    let one = &findings.searched.as_ref().unwrap()[0];
    assert!(one.came.stop.is_none() && one.came.saved == 0 && !one.is_found());
    assert_eq!(run_verdict(&findings), RunVerdict::Undecided);
}

#[test]
fn where_nothing_that_may_be_tried_holds_the_run_is_broken() {
    let (_, findings) = run(1.0, usize::MAX);
    assert_eq!(findings.searched.as_ref().unwrap()[0].came.stop, Some(Stop::NothingHolds));
    assert_eq!(run_verdict(&findings), RunVerdict::Broken);
}

#[test]
fn the_bound_that_broke_is_a_treatment_of_its_own_and_other_draws_choose_the_same() {
    let (_, findings) = run(130.0, usize::MAX);
    let one = &findings.searched.as_ref().unwrap()[0];
    let bound = findings.broken_at(one).unwrap();
    assert_eq!((bound.slug.as_str(), bound.load), ("141/s", crate::analyse::summary::Load::Overload));
    assert!(bound.limit.is_some() && bound.trials.len() >= 6);
    let again = one.again.unwrap();
    assert_eq!((again.holds, again.breaks), (one.came.all.good, one.came.all.bad));
    assert!((again.same - 1.0).abs() < 1e-12, "{again:?}");
    let (_, unfinished) = run(130.0, 1);
    assert!(unfinished.broken_at(&unfinished.searched.as_ref().unwrap()[0]).is_none(), "nothing broke yet");
}

#[test]
fn the_bounds_of_a_search_are_those_of_its_treatments_that_it_confirmed() {
    let (_, findings) = run(130.0, usize::MAX);
    let one = &findings.searched.as_deref().unwrap()[0];
    let bounds: Vec<(&str, usize)> =
        findings.bounds_of(one).map(|of| (of.slug.as_str(), of.valid().count())).collect();
    assert!(bounds.iter().all(|(_, trials)| *trials >= 6), "{bounds:?}");
    assert_eq!(bounds.iter().map(|of| of.0).collect::<Vec<_>>(), ["130/s", "141/s"]);
}
