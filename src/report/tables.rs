//! The tables of a report.

use tabled::builder::Builder;
use tabled::settings::Style;

use super::Format;
use super::named::short;
use super::number::{reading, scaling, summary};
use crate::analyse::{Findings, Load, Summary, TreatmentFindings};
use crate::record::Manifest;

/// A metric of a treatment; of one that has none, nothing.
pub fn metric(treatment: &TreatmentFindings, name: &str) -> Summary {
    treatment.metric(name).unwrap_or_default()
}

/// Whether nobody consumed in any treatment.
pub fn producers_alone(findings: &Findings) -> bool {
    findings.treatments.iter().all(|treatment| !treatment.consumed)
}

/// Throughput, scaling and lag, one row a treatment.
pub fn treatments(manifest: &Manifest, findings: &Findings, format: Format) -> String {
    let alone = producers_alone(findings);
    let rate = if alone { "acked" } else { "processed" };
    // Without consumers there is no lag; then it is of interest what the producers cost.
    let (last, names) = if alone {
        (["load cores", "broker CPU-s/M"], ["load_cpu_cores", "cluster_cpu_s_per_million"])
    } else {
        (["lag end", "trend %"], ["lag_end_messages", "lag_trend_percent"])
    };
    let first = ["n", "offered/s", &format!("{rate}/s"), "load", "scaling"];
    let mut rows = vec![header(manifest, &[&first[..], &last].concat())];
    rows.extend(findings.treatments.iter().map(|treatment| {
        let throughput = summary(metric(treatment, &format!("{rate}_msgs_per_s")));
        let mut row = levels(manifest, treatment);
        row.extend([
            format!("{}/{}", treatment.valid().count(), treatment.trials.len()),
            reading(metric(treatment, "offered_msgs_per_s").median),
            throughput,
            treatment.load.name().to_owned(),
            scaling(treatment.scaling),
        ]);
        row.extend(names.map(|name| reading(metric(treatment, name).median)));
        row
    }));
    table(rows, format)
}

/// Percentiles in ms, one row a treatment.
pub fn latencies(manifest: &Manifest, findings: &Findings, format: Format) -> String {
    let mut rows =
        vec![header(manifest, &["ack p50", "ack p99", "end-to-end p50", "end-to-end p99", "send delay p99"])];
    rows.extend(findings.treatments.iter().map(|treatment| {
        let mut row = levels(manifest, treatment);
        row.extend(
            [
                "ack_latency_p50_ms",
                "ack_latency_p99_ms",
                "end_to_end_latency_p50_ms",
                "end_to_end_latency_p99_ms",
            ]
            .map(|name| reading(metric(treatment, name).median)),
        );
        row.push(summary(metric(treatment, "send_delay_p99_ms")));
        row
    }));
    table(rows, format)
}

/// The verdict on each SLO, one row a treatment.
pub fn verdicts(manifest: &Manifest, findings: &Findings, format: Format) -> String {
    let numbered: Vec<String> = (1..=manifest.slos.len()).map(|at| format!("SLO {at}")).collect();
    let mut rows = vec![header(manifest, &numbered.iter().map(String::as_str).collect::<Vec<_>>())];
    rows.extend(findings.treatments.iter().map(|treatment| {
        let mut row = levels(manifest, treatment);
        row.extend(treatment.verdicts.iter().map(|verdict| verdict.name().to_owned()));
        row
    }));
    table(rows, format)
}

/// Whether any treatment was driven as hard as the clients' queues allow.
pub fn any_at_max(findings: &Findings) -> bool {
    findings.trials().any(|trial| trial.record.asked.rate_msgs_per_s.is_none())
}

/// Whether any treatment has a latency that counts from due.
pub fn any_latency(findings: &Findings) -> bool {
    !any_at_max(findings) || findings.treatments.iter().any(|one| metric(one, "send_delay_n").n > 0)
}

/// Whether any treatment ran into overload.
pub fn any_overload(findings: &Findings) -> bool {
    findings.treatments.iter().any(|treatment| matches!(treatment.load, Load::Overload | Load::Mixed))
}

/// Whether any treatment still worked off what its warm-up had left.
pub fn any_draining(findings: &Findings) -> bool {
    findings.treatments.iter().any(|treatment| treatment.load == Load::Draining)
}

/// The factors' names, then these.
pub fn header(manifest: &Manifest, columns: &[&str]) -> Vec<String> {
    let mut row: Vec<String> = short(&manifest.factors).into_iter().map(str::to_owned).collect();
    if row.is_empty() {
        row.push("treatment".to_owned());
    }
    row.extend(columns.iter().map(|column| (*column).to_owned()));
    row
}

/// The treatment's levels.
pub fn levels(manifest: &Manifest, treatment: &TreatmentFindings) -> Vec<String> {
    if manifest.factors.is_empty() { vec![treatment.slug.clone()] } else { treatment.levels.clone() }
}

/// Draws rows, the first of which is the header.
pub fn table(rows: Vec<Vec<String>>, format: Format) -> String {
    let mut table = Builder::from_iter(rows).build();
    if format == Format::Md {
        table.with(Style::markdown());
    } else {
        table.with(Style::psql());
    }
    table.to_string()
}
