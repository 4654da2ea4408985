//! What a load takes: of the brokers, of the wire, and of bench itself.

use super::rows::{columns, metric, row};
use crate::analyse::Findings;
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Section, Table};

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

/// None where nothing is known.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: &str) -> Option<Section> {
    let mut section = Section::new("took", format!("What it took{emulated}"));
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
