//! What a load takes: of the brokers, of the wire, and of bench itself.

use super::rows::{columns, metric, row};
use crate::analyse::{Findings, Load, TreatmentFindings};
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Section, Table};
use crate::report::number::plain;

/// Heading and metric of each column.
const COLUMNS: [(&str, &str); 7] = [
    ("broker CPU-s/M", "cluster_cpu_s_per_million"),
    ("requests/s", "requests_per_s"),
    ("records/batch", "records_per_batch"),
    ("wire MiB/s", "wire_mib_per_s"),
    ("load cores", "load_cpu_cores"),
    ("load MiB", "load_rss_max_mib"),
    ("connect s", "connect_s"),
];

/// What is told of two treatments under the same load: metric, name, unit.
const COMPARED: [(&str, &str, &str); 4] = [
    ("cluster_cpu_s_per_million", "broker CPU per million messages", " s"),
    ("requests_per_s", "produce requests per second", ""),
    ("ack_latency_p99_ms", "ack p99", " ms"),
    ("end_to_end_latency_p99_ms", "end-to-end p99", " ms"),
];

/// Offers that differ by more are not the same load.
const SAME_LOAD: f64 = 0.02;

fn value(treatment: &TreatmentFindings, name: &str) -> Option<f64> {
    metric(treatment, name).median.value()
}

/// None where nothing is known.
pub fn section(manifest: &Manifest, findings: &Findings) -> Option<Section> {
    let mut section = Section::new("took", "What it took");
    section.table(table(manifest, findings)?);
    section.say([
        "CPU of the brokers that bench started, per million messages acked; requests, batches and bytes by the producers' own statistics; CPU of \
         bench's load, and memory of its whole process.",
    ]);
    Some(section)
}

/// One row a treatment, without columns that no treatment knows; none where there is nothing at all.
fn table(manifest: &Manifest, findings: &Findings) -> Option<Table> {
    let known = |name: &str| findings.treatments.iter().any(|treatment| metric(treatment, name).n > 0);
    let shown: Vec<_> = COLUMNS.into_iter().filter(|(_, name)| known(name)).collect();
    let (first, others) = shown.split_first()?;
    let rows = findings.treatments.iter().map(|treatment| {
        let first = std::iter::once(Cell::Summary(metric(treatment, first.1)));
        row(
            manifest,
            treatment,
            first.chain(others.iter().map(|(_, name)| Cell::Median(metric(treatment, name)))),
        )
    });
    let further = shown.iter().map(|(heading, name)| Column::of(*heading, name));
    Some(Table { id: "took", columns: columns(manifest, further), rows: rows.collect() })
}

/// Whether both kept up with the same load: then throughput says nothing, and what it took says all.
pub fn same_load(first: &TreatmentFindings, last: &TreatmentFindings) -> bool {
    let offered = |one: &TreatmentFindings| value(one, "offered_msgs_per_s");
    let steady = first.load == Load::Steady && last.load == Load::Steady;
    let Some((low, high)) = offered(first).zip(offered(last)) else { return false };
    steady && (high / low - 1.0).abs() <= SAME_LOAD
}

/// What the same load took with the last treatment, over what it took with the first; none where nothing is known of both.
pub fn compared(first: &TreatmentFindings, last: &TreatmentFindings) -> Option<String> {
    let parts: Vec<String> = COMPARED
        .into_iter()
        .filter_map(|(name, told, unit)| {
            let (before, after) = (value(first, name)?, value(last, name)?);
            let times = times(before, after);
            Some(format!("{told} went from {} to {}{unit}{times}", plain(before), plain(after)))
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// How the first of what is compared, and known, changed: `broker CPU per million messages 8.10×`.
pub fn ratio(first: &TreatmentFindings, only: &TreatmentFindings) -> Option<String> {
    COMPARED.into_iter().find_map(|(name, told, _)| {
        let (before, after) = (value(first, name)?, value(only, name)?);
        (before > 0.0).then(|| format!("{:.2}× {told}", after / before))
    })
}

fn times(before: f64, after: f64) -> String {
    if before > 0.0 { format!(" ({:.2}×)", after / before) } else { String::new() }
}
