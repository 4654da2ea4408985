//! Trails of made-up runs.

use super::*;
use crate::analyse::{Share, TrialFindings, judge};
use crate::record::testing::{Synthetic, manifest, slo};
use crate::spec::Metric;

/// Two treatments of three trials each, which processed so many a second more or less.
fn made() -> (Manifest, Findings) {
    let mut manifest = manifest(&["1", "2"]);
    manifest.slos = vec![slo("processed >= 1k/s")];
    let trial = |order: u32, slug: &str, processed: u64| {
        let of = Synthetic {
            order,
            repetition: (order - 1) / 2 + 1,
            treatment: slug.to_owned(),
            processed,
            ..Synthetic::default()
        };
        let judged = judge(&of.record(), &of.rows(), &of.latencies());
        TrialFindings::of(&manifest, of.record(), judged)
    };
    let each = [(1, "1", 100), (2, "2", 201), (3, "1", 99), (4, "2", 200), (5, "1", 98), (6, "2", 202)];
    let trials = each.map(|(order, slug, processed)| trial(order, slug, processed)).to_vec();
    let findings = Findings::of(&manifest, trials);
    (manifest, findings)
}

#[test]
fn a_median_can_be_found_by_hand_from_its_rows() {
    let (manifest, findings) = made();
    let metric = Metric::written("processed").unwrap();
    let on = Evidence::median(&metric, &findings.treatments[0]);
    let trail = &follow(&manifest, &findings, &[on])[0];
    let rows: Vec<(&str, &str)> =
        trail.rows.iter().map(|row| (row.file.as_str(), row.value.as_str())).collect();
    assert_eq!(rows, [(TRIALS, "400"), (TRIALS, "396"), (TRIALS, "392")]);
    assert_eq!(trail.arithmetic[0], "median: the 2nd of 3 in order of size, 396");
    assert_eq!(trail.shown, ["396"]);
}

#[test]
fn a_percentile_that_is_no_column_leads_to_the_histograms() {
    let (manifest, findings) = made();
    let metric = Metric::written("p95(ack)").unwrap();
    let trail = &follow(&manifest, &findings, &[Evidence::median(&metric, &findings.treatments[0])])[0];
    assert!(trail.rows.iter().all(|row| row.file.ends_with("/latency.hlog")), "{:?}", trail.rows);
}

#[test]
fn a_ratio_tells_its_division_and_why_it_is_told_apart() {
    let (manifest, findings) = made();
    let metric = Metric::written("processed").unwrap();
    let [from, to] = [0, 1].map(|at| findings.treatments[at].slug.clone());
    let trail =
        &follow(&manifest, &findings, &[Evidence::Ratio { metric, from, to, share: Share::ALONE }])[0];
    let told = trail.arithmetic.join("\n");
    assert!(told.contains("804 ÷ 396 = 2.030303: 2.03×"), "{told}");
    assert!(told.contains("block 1: ln(804 ÷ 400) = 0.698135"), "{told}");
    assert!(told.ends_with("(3.2 % ÷ 1 comparisons): told apart"), "{told}");
    assert_eq!(trail.shown, ["2.03×"]);
}

#[test]
fn a_verdict_tells_each_trial_and_what_is_not_there_has_no_trail() {
    let (manifest, findings) = made();
    let of = findings.treatments[0].slug.clone();
    let there = follow(&manifest, &findings, &[Evidence::Verdict { slo: 0, of }]);
    assert_eq!(there[0].arithmetic[0], "broken in 3 of 3 trials");
    assert_eq!(there[0].rows.len(), 3);
    let gone = Evidence::Load { of: "another".to_owned() };
    assert!(follow(&manifest, &findings, &[gone]).is_empty());
}

#[test]
fn a_row_that_stands_above_is_not_printed_again() {
    let (manifest, findings) = made();
    let metric = Metric::written("processed").unwrap();
    let median = Evidence::median(&metric, &findings.treatments[0]);
    let claim = super::super::say::Claim::new("It was 396.", [median.clone(), median]);
    let told = text(&manifest, &findings, (1, 1), &claim);
    assert_eq!(told.matches("001-").count(), 1, "{told}");
    assert!(told.contains("3 rows that stand above"), "{told}");
}
