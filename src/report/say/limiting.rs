//! What limits each treatment, with the evidence.

use super::rows::{columns, in_order, row};
use crate::analyse::{By, Findings, Kind, TreatmentFindings};
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Section, Table};
use crate::report::number::UNKNOWN;

/// Under a heading that says what was emulated; none where no trial tells.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: &str) -> Option<Section> {
    let all = || findings.treatments.iter().filter_map(|one| one.limit.as_ref());
    all().next()?;
    let mut section = Section::new("limiting", format!("What limits{emulated}"));
    section.table(table(manifest, findings));
    section.say(["What bound most of the trials, as the first of them shows it."]);
    let has = |by: fn(By) -> bool| all().any(|limit| by(limit.by));
    if has(|by| by.kind() == Some(Kind::Load)) {
        let looked = findings.searched.is_some() || findings.grown.is_some();
        let sought = if looked { "" } else { " and was not looked for" };
        section.say([format!("Where the load was done, the limit lies higher{sought}.")]);
    }
    if has(|by| by == By::NotKnown) {
        section.say(["*Not known*: of what was recorded two things explain it, or none does, or too little had to wait to tell."]);
    }
    if has(|by| by == By::Unknown) {
        section.say(["*Unknown*: the records do not tell what would have to be known."]);
    }
    Some(section)
}

fn table(manifest: &Manifest, findings: &Findings) -> Table {
    let further = [
        Column::new(
            "limited by",
            None,
            "what bound most of the trials: `limiting_factor` of `trials.csv`, in words",
        ),
        Column::new("trials", None, "trials of which this is true, of those that count"),
        Column::new("evidence", None, "what was measured, and what it is held against"),
    ];
    let cells = |one: &TreatmentFindings| match &one.limit {
        Some(limit) => [
            Cell::Label(limit.by.told().to_owned()),
            Cell::Of(limit.trials, limit.of),
            Cell::Label(limit.evidence.clone()),
        ],
        None => [Cell::Label(UNKNOWN.to_owned()), Cell::Of(0, 0), Cell::Label("no trial tells".to_owned())],
    };
    let rows = in_order(manifest, findings).into_iter().map(|one| row(manifest, one, cells(one)));
    Table { id: "limiting", columns: columns(manifest, further), rows: rows.collect() }
}
