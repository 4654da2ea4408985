//! `trials.csv` and `treatments.csv`, header first. Names are a promise: added to, never renamed.

use super::aftermath::events_table;
use super::away;
use super::compare::of as of_metric;
use super::evidence::{Chosen, looks, second_modes};
use super::findings::{Findings, TreatmentFindings};
use super::judge::Judged;
use super::reading::Reading;
use super::response::responses;
use super::searched::{Searched, searches_table};
use super::summary::{Interval, Summary, mean_interval};
use super::trial::TrialFindings;
use crate::record::{EmulatedGroup, Manifest, TrialRecord};
use crate::search::Purpose;
use crate::spec::{Metric, PROMISED, PROMISED_COSTS, metrics};
use crate::units::Money;

const WHICH: [&str; 9] =
    ["trial", "order", "block", "repetition", "treatment", "seed", "started", "settle_s", "measure_s"];
const OUTCOME: [&str; 3] = ["outcome", "doubts", "saturated"];
const BASIS: &str = "cost_basis";
/// What bound a trial, or most trials of a treatment.
const LIMIT: &str = "limiting_factor";
/// How a trial settled (MSER-5), what is cut at the beginning of its window, what it is that had not settled, and its throughput after the cut; how long
/// the backlog at its end was forecast to last, and did.
const SETTLED: [&str; 7] = [
    "settled",
    "settled_cut_s",
    "settled_by",
    "settled_msgs_per_s",
    "drain_forecast_s",
    "drain_s",
    "drain_pace",
];
/// Whether it is one thread over all partitions that the others have to beat: `true`, else empty.
const BASELINE: &str = "baseline";
/// What a trial of a search was made for: `probe`, `confirm`; empty where that is not known, as of one that was cut short.
const PURPOSE: &str = "search_purpose";
/// How instances were emulated: numbers of such a trial are not to be read without it.
const EMULATED: [&str; 4] = ["emulated_vcpu_percent", "credit_mode", "credit_start", "credit_time_scale"];

/// Every table of a run, by its file's name, in the order in which they are written.
pub fn tables(manifest: &Manifest, findings: &Findings) -> Vec<(&'static str, Vec<Vec<String>>)> {
    let mut tables = vec![("trials.csv", trials_table(manifest, findings))];
    tables.extend(groups_table(manifest, findings).map(|table| ("groups.csv", table)));
    tables.push(("treatments.csv", treatments_table(manifest, findings)));
    tables.extend(events_table(findings).map(|table| ("events.csv", table)));
    tables.extend(findings.searched.as_ref().map(|all| ("searches.csv", searches_table(manifest, all))));
    tables
}

/// What bound a trial, by the word for it; empty where it has no window, and was not ended by what bound it.
fn limit(judged: &Judged) -> String {
    judged.limit.as_ref().map(|limit| limit.by.name().to_owned()).unwrap_or_default()
}

/// One row a trial.
pub fn trials_table(manifest: &Manifest, findings: &Findings) -> Vec<Vec<String>> {
    let metrics = metrics();
    let names = |of: &[Metric]| of.iter().map(|metric| metric.name.clone()).collect::<Vec<_>>();
    let (promised, later) = metrics.split_at(PROMISED);
    let scraped = manifest.scraped_metrics();
    let roles = away::roles(findings);
    let header = which_header(manifest)
        .chain(OUTCOME.map(str::to_owned))
        .chain(names(promised))
        .chain([BASIS.to_owned()])
        .chain(names(later))
        .chain(EMULATED.map(str::to_owned))
        .chain([LIMIT.to_owned()])
        .chain(SETTLED.map(str::to_owned))
        .chain([BASELINE.to_owned()])
        .chain(names(&scraped))
        .chain(away::header(&roles))
        .chain(findings.searched.iter().map(|_| PURPOSE.to_owned()))
        .collect();
    let rows = findings.trials().map(|trial| {
        let TrialFindings { record, judged, cost, drain, .. } = trial;
        let mut cells = metrics.iter().zip(&judged.metrics).map(|(metric, reading)| cell(metric, *reading));
        let mut row = which(manifest, record);
        row.extend(outcome(judged));
        row.extend(cells.by_ref().take(PROMISED));
        row.push(cost.as_ref().map(|cost| cost.basis.name().to_owned()).unwrap_or_default());
        row.extend(cells);
        // Of the first group, as all numbers of a trial.
        row.extend(emulated_cells(record.emulated.first()));
        row.push(limit(judged));
        row.extend(settled_cells(trial));
        let drained =
            [drain.map(|of| of.forecast_s), drain.and_then(|of| of.took_s), drain.and_then(|of| of.pace)];
        row.extend(drained.map(|of| of.map(number).unwrap_or_default()));
        row.push(yes(record.baseline));
        row.extend(scraped.iter().map(|metric| cell(metric, judged.metric(&metric.name))));
        row.extend(away::values(record, &roles).map(|ms| ms.map(number).unwrap_or_default()));
        row.extend(findings.searched.iter().map(|all| purpose(all, record.order).to_owned()));
        row
    });
    std::iter::once(header).chain(rows).collect()
}

fn purpose(all: &[Searched], order: u32) -> &'static str {
    all.iter().find_map(|one| one.purpose(order)).map_or("", Purpose::name)
}

fn yes(is_so: bool) -> String {
    if is_so { "true".to_owned() } else { String::new() }
}

/// Empty where there is no window, and but for the word where it is too short to tell.
fn settled_cells(trial: &TrialFindings) -> [String; 4] {
    let mut cells = [const { String::new() }; 4];
    if let Some(of) = &trial.settled {
        cells = [of.course.name().to_owned(), number(of.cut_s), of.by.to_owned(), number(of.throughput.1)];
    } else {
        trial.why_unsettled().clone_into(&mut cells[0]);
    }
    cells
}

/// Empty where nothing was emulated, of credits also where the type has none.
fn emulated_cells(group: Option<&EmulatedGroup>) -> [String; 4] {
    let Some(group) = group else {
        return [const { String::new() }; 4];
    };
    let of_credits = |text: String| if group.credit_mode.is_some() { text } else { String::new() };
    [
        number(group.vcpu_percent),
        group.credit_mode.map(|mode| mode.name().to_owned()).unwrap_or_default(),
        group.credit_start.clone().unwrap_or_default(),
        of_credits(group.time_scale.to_string()),
    ]
}

/// One row a trial and group, for trials whose `consumers` are a list; none where no trial has one.
pub fn groups_table(manifest: &Manifest, findings: &Findings) -> Option<Vec<Vec<String>>> {
    let metrics: Vec<(usize, &Metric)> =
        metrics().iter().enumerate().filter(|(_, metric)| metric.is_of_group()).collect();
    let header = which_header(manifest)
        .chain(["group", "instances", "threads"].map(str::to_owned))
        .chain(OUTCOME.map(str::to_owned))
        .chain(metrics.iter().map(|(_, metric)| metric.name.clone()))
        .chain(EMULATED.map(str::to_owned))
        .chain([LIMIT.to_owned()])
        .collect();
    let mut table = vec![header];
    for TrialFindings { record, judged, .. } in findings.trials() {
        for (group, (_, judged)) in record.groups.iter().zip(&judged.groups) {
            let mut row = which(manifest, record);
            row.extend([group.group.clone(), group.instances.to_string(), group.threads.to_string()]);
            row.extend(outcome(judged));
            row.extend(metrics.iter().map(|(at, metric)| cell(metric, judged.metrics[*at])));
            row.extend(emulated_cells(record.emulated.iter().find(|one| one.group == group.group)));
            row.push(limit(judged));
            table.push(row);
        }
    }
    (table.len() > 1).then_some(table)
}

fn which_header(manifest: &Manifest) -> impl Iterator<Item = String> {
    WHICH.into_iter().chain(manifest.factors.iter().map(String::as_str)).map(str::to_owned)
}

fn which(manifest: &Manifest, record: &TrialRecord) -> Vec<String> {
    let mut row = vec![
        record.trial.clone(),
        record.order.to_string(),
        record.block.to_string(),
        record.repetition.to_string(),
        record.treatment.clone(),
        record.seed.to_string(),
        record.started.clone(),
        record.settle_s.map(number).unwrap_or_default(),
        number(record.asked.measure_s),
    ];
    row.extend(manifest.factors.iter().map(|factor| level(record, factor)));
    row
}

/// The label of a factor's level.
pub(super) fn level(record: &TrialRecord, factor: &str) -> String {
    let level = record.levels.iter().find(|(name, _)| name == factor);
    level.map(|(_, label)| label.clone()).unwrap_or_default()
}

fn outcome(judged: &Judged) -> [String; 3] {
    let ids: Vec<&str> = judged.doubts.iter().map(|doubt| doubt.id).collect();
    let saturated = judged.saturated.map(|yes| yes.to_string()).unwrap_or_default();
    [judged.outcome.name().to_owned(), ids.join(";"), saturated]
}

/// One row a treatment. Numbers are over its valid trials.
pub fn treatments_table(manifest: &Manifest, findings: &Findings) -> Vec<Vec<String>> {
    let metrics = metrics();
    let names = |of: &[Metric]| {
        let suffixed = |name: &str| ["median", "min", "max"].map(|part| format!("{name}_{part}"));
        of.iter().flat_map(|metric| suffixed(&metric.name)).collect::<Vec<_>>()
    };
    let (promised, later) = metrics.split_at(PROMISED);
    let (costs, later) = later.split_at(PROMISED_COSTS);
    let mut header = manifest.factors.clone();
    header.extend(["trials", "valid"].map(str::to_owned));
    header.extend(names(promised));
    header.push(BASIS.to_owned());
    header.extend(names(costs));
    header.extend(manifest.slos.iter().map(|slo| format!("verdict: {}", slo.text)));
    header.push("treatment".to_owned());
    header.extend(names(later));
    header.extend(EMULATED.map(str::to_owned));
    header.push(LIMIT.to_owned());
    let asked = responses(manifest, findings);
    header.extend(evidence_header(manifest, &asked));
    header.extend(["cheapest_share", "front_share", BASELINE].map(str::to_owned));
    let scraped = manifest.scraped_metrics();
    header.extend(names(&scraped));
    let chosen = Chosen::of(manifest, findings);
    let rows = findings.all().enumerate().map(|(at, treatment)| {
        let mut row = treatment.levels.clone();
        row.push(treatment.trials.len().to_string());
        row.push(treatment.valid().count().to_string());
        let cells = |(metric, summary): (&Metric, &Summary)| {
            [summary.median, summary.min, summary.max].map(|reading| cell(metric, reading))
        };
        let mut summaries = metrics.iter().zip(&treatment.metrics);
        row.extend(summaries.by_ref().take(PROMISED).flat_map(cells));
        row.push(treatment.costs.as_ref().map(|(basis, _)| basis.name().to_owned()).unwrap_or_default());
        row.extend(summaries.by_ref().take(PROMISED_COSTS).flat_map(cells));
        row.extend(treatment.verdicts.iter().map(|verdict| verdict.name().to_owned()));
        row.push(treatment.slug.clone());
        row.extend(summaries.flat_map(cells));
        // What a treatment asks for is the same in all its trials.
        let mut groups = treatment.trials.iter().filter_map(|trial| trial.record.emulated.first());
        row.extend(emulated_cells(groups.next()));
        row.push(treatment.limit.as_ref().map(|limit| limit.by.name().to_owned()).unwrap_or_default());
        row.extend(evidence(manifest, findings, treatment, &asked));
        let share = |of: fn(&Chosen) -> &Vec<Option<f64>>| *of(chosen.as_ref()?).get(at)?;
        let shares = [share(|chosen| &chosen.cheapest), share(|chosen| &chosen.front)];
        row.extend(shares.map(|of| of.map(number).unwrap_or_default()));
        row.push(yes(at >= findings.treatments.len()));
        row.extend(scraped.iter().flat_map(|metric| cells((metric, &of_metric(metric, treatment)))));
        row
    });
    std::iter::once(header).chain(rows).collect()
}

/// What tells how sure a treatment's numbers are: behind all that they are.
fn evidence_header(manifest: &Manifest, asked: &[Metric]) -> Vec<String> {
    let suffixed =
        |name: &str, parts: &[&str]| parts.iter().map(|part| format!("{name}_{part}")).collect::<Vec<_>>();
    let mut header: Vec<String> =
        metrics().iter().flat_map(|metric| suffixed(&metric.name, &["low", "high", "mean"])).collect();
    header.extend(asked.iter().flat_map(|metric| suffixed(&metric.name, &["mean_low", "mean_high"])));
    for slo in &manifest.slos {
        let of = |what: &str| format!("{what}: {}", slo.text);
        header.extend(["held", "broken", "undecided", "verdict p", "verdict risk"].map(of));
    }
    header.extend(
        ["scaling_ratio", "scaling_ratio_low", "scaling_ratio_high", "second_mode", "looks"]
            .map(str::to_owned),
    );
    header
}

/// The intervals of medians from six trials on, and of the means of what was asked from ten on; how each verdict came; throughput over that of the first
/// within blocks; which metrics have a second heap of trials; and how often the run was looked at.
fn evidence(
    manifest: &Manifest,
    findings: &Findings,
    treatment: &TreatmentFindings,
    asked: &[Metric],
) -> Vec<String> {
    let ends = |metric: &Metric, of: Option<Interval>| {
        of.map_or([const { String::new() }; 2], |of| [cell(metric, of.low), cell(metric, of.high)])
    };
    let mut row = Vec::new();
    for (metric, summary) in metrics().iter().zip(&treatment.metrics) {
        row.extend(ends(metric, summary.likely));
        row.push(cell(metric, summary.mean));
    }
    for metric in asked {
        row.extend(ends(metric, mean_interval(treatment.valid().map(|trial| trial.metric(&metric.name)))));
    }
    for decision in &treatment.decisions {
        row.extend([decision.held, decision.broken, decision.undecided].map(|count| count.to_string()));
        row.extend([decision.p, decision.risk].map(|of| of.map(number).unwrap_or_default()));
    }
    let ratio = treatment.scaling.and_then(|scaling| scaling.ratio);
    row.extend(ratio.map_or([const { String::new() }; 3], |ratio| {
        [ratio.mean, ratio.range.low, ratio.range.high].map(number)
    }));
    let modes = second_modes(manifest, findings, treatment).into_iter().map(|one| one.metric.name);
    row.push(modes.collect::<Vec<_>>().join(";"));
    row.push(looks(manifest).to_string());
    row
}

/// A value as the tables of a run have it; empty where there is none.
pub fn cell(metric: &Metric, reading: Reading) -> String {
    let shown = if metric.unit.is_money() { money } else { number };
    reading.value().map(shown).unwrap_or_default()
}

/// Exact to a nano-dollar. What lies half way between two, the middle of an even number of trials, is rounded up, and not as its binary digits fall.
pub(super) fn money(dollars: f64) -> String {
    Money::from_nanos(((dollars * 1e12).round() / 1e3).round() as i128).to_string()
}

/// Six decimals at most: a nanosecond in ms, and beyond what any probe resolves elsewhere.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
