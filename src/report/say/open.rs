//! Which comparisons the trials could not decide, and how many would.

use super::axes::Axes;
use crate::analyse::versus::{Comparison, Outcome, POWER, Side, census};
use crate::analyse::{Findings, responses};
use crate::record::Run;
use crate::report::number::plain;

/// Differences smaller than this are none, unless somebody asks otherwise (`bench compare --margin`).
const MARGIN: f64 = 0.05;
/// More treatments are told by their number.
const NAMED: usize = 3;
/// More metrics are not read.
const METRICS: usize = 3;

/// A line for each response by which not all treatments can be told from the first, nor called the same.
pub fn lines(run: &Run, findings: &Findings) -> Vec<String> {
    let first = findings.first.and_then(|at| findings.treatments.get(at));
    // What a search tried is chosen by it, and no difference of two of its values is asked for.
    let is_searched = findings.grown.is_some() || findings.searched.is_some();
    let Some(first) = first.filter(|_| !is_searched) else { return Vec::new() };
    let side = |slug: &str| Side::of(run, findings, slug);
    let others: Vec<Side<'_>> =
        findings.treatments.iter().filter(|one| one.slug != first.slug).map(|one| side(&one.slug)).collect();
    let metrics: Vec<_> = responses(&run.manifest, findings).into_iter().take(METRICS).collect();
    let census = census(&side(&first.slug), &others, &metrics, MARGIN);
    let axes = Axes::of(&run.manifest, findings);
    let name = |slug: &str| {
        let one = findings.treatment(slug);
        one.map_or_else(|| slug.to_owned(), |one| axes.name(one))
    };
    let line = |metric: &crate::spec::Metric| {
        let own = census.judged.iter().filter(|one| one.metric.name == metric.name);
        let open: Vec<&Comparison> = own.clone().filter(|one| one.outcome == Outcome::Undecided).collect();
        if open.is_empty() {
            return None;
        }
        let mut names: Vec<String> = open.iter().take(NAMED).map(|one| name(&one.other)).collect();
        if open.len() > NAMED {
            names.push(format!("{} more", open.len() - NAMED));
        }
        let known: Vec<usize> = open.iter().filter_map(|one| one.needed).collect();
        let cases = plain(POWER * 100.0);
        let of =
            if known.len() < open.len() { format!(" decide {} of them", known.len()) } else { String::new() };
        let needed = known.iter().max().map_or_else(String::new, |needed| {
            format!("; {needed} trials of each would{of} in {} % of cases", cases.trim_end_matches(".0"))
        });
        Some(format!(
            "{}: whether {} differ from {} by {} % or more is not decided ({} of {} comparisons){needed}.",
            metric.label,
            names.join("; "),
            name(&first.slug),
            plain(MARGIN * 100.0).trim_end_matches(".00"),
            open.len(),
            own.count(),
        ))
    };
    metrics.iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{TrialFindings, judge};
    use crate::record::SearchLine;
    use crate::record::testing::{Synthetic, manifest, search, slo};

    fn said(search: Option<SearchLine>) -> Vec<String> {
        let mut manifest = manifest(&["100/s", "200/s"]);
        (manifest.search, manifest.slos) = (search, vec![slo("lost <= 0")]);
        manifest.responses = vec![crate::record::ResponseLine {
            text: "load_cpu_cores".to_owned(),
            metric: "load_cpu_cores".to_owned(),
        }];
        let trial = |at: u32| {
            let treatment = if at.is_multiple_of(2) { "100/s" } else { "200/s" }.to_owned();
            let of = Synthetic { order: at + 1, repetition: at / 2 + 1, treatment, ..Synthetic::default() };
            let mut record = of.record();
            record.load_cpu_cores = Some(0.2 + 0.05 * f64::from(at % 3));
            let judged = judge(&record, &of.rows(), &of.latencies());
            TrialFindings::of(&manifest, record, judged)
        };
        let trials = (0..8).map(trial).collect();
        let findings = Findings::of(&manifest, trials);
        lines(&Run { path: "r".into(), manifest, plan: Vec::new(), trials: Vec::new() }, &findings)
    }

    #[test]
    fn of_values_that_a_search_tried_no_difference_is_left_open() {
        let asked = said(None);
        assert!(asked.len() == 1 && asked[0].contains("is not decided (1 of 1 comparisons)"), "{asked:?}");
        assert_eq!(said(Some(search())), Vec::<String>::new());
    }
}
