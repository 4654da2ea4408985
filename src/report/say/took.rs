//! What a load takes: of the brokers, of the wire, and of bench itself.

use super::rows::{columns, in_order, metric, row};
use crate::analyse::{Findings, Summary};
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

/// None where nothing is known.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: &str) -> Option<Section> {
    let mut section = Section::new("took", format!("What it took{emulated}"));
    section.table(table(manifest, findings)?);
    section.say([
        "CPU of the brokers that bench started, per million messages acked; requests, batches and bytes by the producers' own statistics; CPU of \
         bench's load, and memory of its whole process, which goes on from trial to trial.",
    ]);
    section.say(first_trial(manifest, findings));
    Some(section)
}

/// The brokers' CPU of the run's first trial, where it lies outside of what the other trials of its treatment took, or there are no others: a JVM's first
/// minutes are not its later ones.
fn first_trial(manifest: &Manifest, findings: &Findings) -> Option<String> {
    const CPU: &str = "cluster_cpu_s_per_million";
    // The first that counts: of one before it that was cut short nothing is said.
    let first = findings.trials().filter(|trial| trial.is_valid()).min_by_key(|trial| trial.record.order)?;
    let treatment = findings.treatment(&first.record.treatment)?;
    let value = first.metric(CPU).value()?;
    let others = treatment.valid().filter(|trial| trial.record.order != first.record.order);
    let others = Summary::of(others.map(|trial| trial.metric(CPU)));
    let ends = others.min.value().zip(others.max.value());
    if !manifest.cluster.started_by_bench || ends.is_some_and(|(least, most)| (least..=most).contains(&value))
    {
        return None;
    }
    let beside = ends.map_or_else(
        || "there is no other to tell how much that is".to_owned(),
        |(least, most)| match (plain(least), plain(most)) {
            (least, most) if least == most => format!("the others of its treatment took {least}"),
            (least, most) => format!("the others of its treatment took {least} to {most}"),
        },
    );
    Some(format!(
        "The run's first trial that counts, {}, met a broker that had just started: {} s of its CPU per million; {beside}.",
        first.record.trial,
        plain(value)
    ))
}

/// One row a treatment, without columns that no treatment knows; none where there is nothing at all.
fn table(manifest: &Manifest, findings: &Findings) -> Option<Table> {
    let known = |name: &str| findings.treatments.iter().any(|treatment| metric(treatment, name).n > 0);
    let shown: Vec<_> = COLUMNS.into_iter().filter(|(_, name)| known(name)).collect();
    let (first, others) = shown.split_first()?;
    let rows = in_order(manifest, findings).into_iter().map(|treatment| {
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
