//! What searches of each side came to: bounds are set beside each other, and not tested.

use super::Compared;
use crate::analyse::Searched;
use crate::analyse::versus::Side;
use crate::report::document::{Cell, Column, Importance, Row, Section, Table};
use crate::report::say::found::{bound, ended, of};
use crate::report::say::named::named;

/// Under its own heading; none where no side has a search.
pub(super) fn section(compared: &Compared<'_>, emulated: &str) -> Option<Section> {
    let rows: Vec<Row> = compared.sides.iter().enumerate().flat_map(|(at, side)| own(at, side)).collect();
    if rows.is_empty() {
        return None;
    }
    let mut section = Section::new("bounds", format!("What searches came to{emulated}"));
    section.table(Table { id: "bounds", columns: columns(), rows });
    section.say([
        "Bounds stand beside each other, and are not tested: comparisons are of trials of one load, and no verdict above or below follows from these.",
    ]);
    Some(section)
}

fn columns() -> Vec<Column> {
    let column =
        |heading: &str, help: &str, importance| Column { importance, ..Column::new(heading, None, help) };
    vec![
        column("run", "of which side", Importance::Row),
        column("search", "the levels of the other factors", Importance::Row),
        column("holds", "the hardest that was tried and held more often than not", Importance::Asked),
        column("held", "of the trials that confirm it, those in which all SLOs held", Importance::Leading),
        column("breaks", "the least above it that half or more of its trials broke", Importance::Asked),
        column(
            "held there",
            "of the trials that confirm it, those in which all SLOs held",
            Importance::Leading,
        ),
        column("ended", "why no more trials were made", Importance::Usual),
    ]
}

/// The searches that a side's treatments are of.
fn own(at: usize, side: &Side<'_>) -> Vec<Row> {
    let is_meant = |one: &&Searched| {
        let mut levels = side.treatments().filter_map(|treatment| treatment.levels.split_last());
        levels.any(|(_, others)| others == one.levels)
    };
    let row = |one: &Searched| {
        let came = &one.came;
        let cells = vec![
            Cell::Label(Compared::letter(at)),
            Cell::Label(named(&side.run.manifest, &one.levels)),
            bound(one, came.all.good),
            of(came.at_good),
            bound(one, came.all.broke),
            of(came.at_bad),
            Cell::Label(ended(one).to_owned()),
        ];
        Row { cells, ..Row::default() }
    };
    side.findings.searched.iter().flatten().filter(is_meant).map(row).collect()
}
