//! How evenly producers were served, where there is more than one.

use super::rows::{columns, metric, row};
use crate::analyse::Findings;
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Section, Table};

/// None where no trial tells.
pub fn section(manifest: &Manifest, findings: &Findings) -> Option<Section> {
    findings.trials().find(|trial| trial.record.fairness.is_some())?;
    let mut section = Section::new("producers", "Producers");
    section.table(table(manifest, findings));
    section.say([
        "Each producer's acks in the window over what it offered in it (at `rate: max`, over an even share).",
        "Jain's index is 1 where all were served alike and 1/n where one alone was.",
    ]);
    Some(section)
}

/// One row a treatment.
fn table(manifest: &Manifest, findings: &Findings) -> Table {
    let further = [
        Column::new("count", None, "producers that tell"),
        Column::of("Jain's index", "fairness_jain"),
        Column::of("slowest %", "producer_slowest_percent"),
        Column::of("fastest %", "producer_fastest_percent"),
    ];
    let rows = findings.treatments.iter().map(|treatment| {
        let of = |name: &str| metric(treatment, name);
        let counts = treatment.trials.iter().filter_map(|trial| Some(trial.record.fairness?.producers));
        let cells = [
            // Fairness is of several: where a trial was whole and tells none, there was one.
            Cell::Count(counts.max().map(Into::into).or_else(|| treatment.valid().next().map(|_| 1))),
            Cell::Summary(of("fairness_jain")),
            Cell::Median(of("producer_slowest_percent")),
            Cell::Median(of("producer_fastest_percent")),
        ];
        row(manifest, treatment, cells)
    });
    Table { id: "producers", columns: columns(manifest, further), rows: rows.collect() }
}
