//! Which columns of a table matter most, for whoever has no room for all.

use crate::analyse::{Findings, responses};
use crate::record::Manifest;
use crate::report::document::{Cell, Document, Importance, Part, Table};

/// Headings without which no number beside them is understood.
const LEADING: [&str; 3] = ["n", "load", "scaling"];

/// Says it of every table: what names a row, then what the experiment asked for, then how that is to be read.
pub fn weigh(document: &mut Document, manifest: &Manifest, findings: &Findings) {
    let slos = manifest.slos.iter().filter_map(|slo| manifest.metric(&slo.metric));
    let asked: Vec<String> =
        responses(manifest, findings).into_iter().chain(slos).map(|metric| metric.name).collect();
    for part in document.sections.iter_mut().flat_map(|section| &mut section.parts) {
        if let Part::Table(table) = part {
            weigh_table(table, &asked);
        }
    }
}

fn weigh_table(table: &mut Table, asked: &[String]) {
    let mut names_rows = true;
    for at in 0..table.columns.len() {
        let all = |of: fn(&Cell) -> bool| table.rows.iter().filter_map(|row| row.cells.get(at)).all(of);
        names_rows = names_rows && (at == 0 || all(|cell| matches!(cell, Cell::Label(_))));
        let judged = !table.rows.is_empty() && all(|cell| matches!(cell, Cell::Verdict(..)));
        let column = &table.columns[at];
        let metric = column.metric.as_deref().unwrap_or_default();
        let importance = if names_rows {
            Importance::Row
        } else if judged || asked.iter().any(|name| name == metric) {
            Importance::Asked
        } else if LEADING.contains(&column.heading.as_str()) || metric.ends_with("_p99_ms") {
            Importance::Leading
        } else {
            Importance::Usual
        };
        table.columns[at].importance = importance;
    }
}
