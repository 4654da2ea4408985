//! What must hold, and whether it did.

use super::rows::{columns, row};
use crate::analyse::Findings;
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Section, Table};

/// Under a heading that says what was emulated; none where nothing must hold.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: &str) -> Option<Section> {
    if manifest.slos.is_empty() {
        return None;
    }
    let mut section = Section::new("must_hold", format!("What must hold{emulated}"));
    let slos = manifest.slos.iter().enumerate();
    section.list(slos.map(|(at, slo)| format!("SLO {}: `{}`", at + 1, slo.text)));
    section.table(table(manifest, findings));
    Some(section)
}

/// The verdict on each SLO, one row a treatment.
fn table(manifest: &Manifest, findings: &Findings) -> Table {
    let of = |(at, slo): (usize, &crate::record::SloLine)| Column {
        metric: Some(slo.metric.clone()),
        ..Column::new(format!("SLO {}", at + 1), None, format!("whether `{}` held", slo.text))
    };
    let rows = findings
        .treatments
        .iter()
        .map(|treatment| row(manifest, treatment, treatment.verdicts.iter().copied().map(Cell::Verdict)));
    Table {
        id: "verdicts",
        columns: columns(manifest, manifest.slos.iter().enumerate().map(of)),
        rows: rows.collect(),
    }
}
