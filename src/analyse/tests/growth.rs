//! Volume that grew until an SLO broke, and what a run comes to by it.

use crate::analyse::Findings;
use crate::analyse::{RunVerdict, TrialFindings, judge, run_verdict};
use crate::record::TreatmentLine;
use crate::record::testing::{Synthetic, manifest, slo};
use crate::units::Rate;

/// Steps at these rates (messages a second), each with what it processed in a quarter second.
fn findings(steps: &[(&str, u64)]) -> Findings {
    let mut manifest = manifest(&[]);
    manifest.until_broken = true;
    manifest.factors.push("workload.rate".to_owned());
    manifest.slos = vec![slo("processed >= 1k/s")];
    let line = |(rate, _): &(&str, u64)| TreatmentLine {
        slug: (*rate).to_owned(),
        levels: vec!["4".to_owned(), (*rate).to_owned()],
        baseline: false,
    };
    manifest.treatments = steps.iter().map(line).collect();
    let trial = |(rate, processed): &(&str, u64)| {
        let treatment = (*rate).to_owned();
        let trial = Synthetic { treatment, processed: *processed, ..Synthetic::default() };
        let mut record = trial.record();
        record.rebalances = u32::from(*processed == 1); // spoils it
        let judged = judge(&record, &trial.rows(), &trial.latencies());
        TrialFindings::of(&manifest, record, judged)
    };
    Findings::of(&manifest, steps.iter().filter(|step| step.1 > 0).map(trial).collect())
}

#[test]
fn the_greatest_that_held_and_the_least_that_broke_are_told() {
    let findings = findings(&[("100/s", 250), ("400/s", 100), ("200/s", 250), ("300/s", 100), ("250/s", 0)]);
    let grown = &findings.grown.as_ref().unwrap()[0];
    assert_eq!((grown.levels.clone(), grown.tried), (vec!["4".to_owned()], 4));
    assert_eq!(grown.held, Rate::per_second(200.0));
    assert_eq!(grown.broken, Some((Rate::per_second(300.0).unwrap(), vec!["processed >= 1k/s".to_owned()])));
    assert_eq!((grown.undecided, run_verdict(&findings)), (None, RunVerdict::Held));
}

#[test]
fn what_held_above_what_broke_is_not_what_is_told() {
    let findings = findings(&[("100/s", 250), ("200/s", 100), ("400/s", 250)]);
    let grown = &findings.grown.unwrap()[0];
    assert_eq!((grown.held, grown.again), (Rate::per_second(100.0), Rate::per_second(400.0)));
}

#[test]
fn a_search_that_ends_where_nothing_can_be_said_leaves_the_run_undecided() {
    let unsaid = findings(&[("100/s", 250), ("200/s", 1)]);
    let grown = &unsaid.grown.as_ref().unwrap()[0];
    assert_eq!((grown.held, grown.undecided), (Rate::per_second(100.0), Rate::per_second(200.0)));
    assert_eq!((grown.broken.clone(), run_verdict(&unsaid)), (None, RunVerdict::Undecided));
    assert_eq!(run_verdict(&findings(&[("100/s", 100)])), RunVerdict::Broken);
}
