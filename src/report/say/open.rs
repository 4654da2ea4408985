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
    let Some(first) = first.filter(|_| findings.grown.is_none()) else { return Vec::new() };
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
        let needed = open.iter().filter_map(|one| one.needed).max();
        let cases = plain(POWER * 100.0);
        let needed = needed.map_or_else(String::new, |needed| {
            format!("; {needed} trials of each would in {} % of cases", cases.trim_end_matches(".0"))
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
