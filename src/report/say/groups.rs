//! What the groups say, where several read the same topic: a table, their books, and what limits only them.

use super::grouped::grouped;
use super::rows::{columns, row};
use super::sum::Sum;
use crate::analyse::{Findings, GroupFindings, Summary, TrialFindings};
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Row, Section, Table};

/// Under a heading that says what was emulated; none where `consumers` is a list in no trial.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: &str) -> Option<Section> {
    // Whose numbers stand where a table has no groups, and how SLOs are judged.
    let first = findings.trials().find_map(|trial| trial.record.groups.first())?;
    let mut section = Section::new("groups", format!("Groups{emulated}"));
    section.table(table(manifest, findings));
    section.say([format!(
        "Where a table does not name a group, it is of the first, `{}`; what must hold must hold for each of them.",
        first.group
    )]);
    Some(section)
}

/// Heading and metric of the columns behind the load.
const COLUMNS: [(&str, &str); 5] = [
    ("lag end", "lag_end_messages"),
    ("trend %", "lag_trend_percent"),
    ("end-to-end p50", "end_to_end_latency_p50_ms"),
    ("end-to-end p99", "end_to_end_latency_p99_ms"),
    ("CPU cores", "consumers_cpu_cores"),
];

/// One row a treatment and group.
fn table(manifest: &Manifest, findings: &Findings) -> Table {
    let first = [
        Column::new("group", None, "the group's name in the experiment"),
        Column::of("processed/s", "processed_msgs_per_s"),
        Column::new("load", None, "whether the group's backlog grew in the window"),
    ];
    let further = first.into_iter().chain(COLUMNS.map(|(heading, name)| Column::of(heading, name)));
    let mut rows: Vec<Row> = Vec::new();
    for treatment in &findings.treatments {
        rows.extend(treatment.groups.iter().map(|group| {
            let first = [
                Cell::Label(group.group.clone()),
                Cell::Summary(metric(group, "processed_msgs_per_s")),
                Cell::Load(group.load),
            ];
            let medians = COLUMNS.map(|(_, name)| Cell::Median(metric(group, name)));
            row(manifest, treatment, first.into_iter().chain(medians))
        }));
    }
    Table { id: "groups", columns: columns(manifest, further), rows }
}

/// The books of each group over all trials, and what limits groups beyond the first.
pub fn lines(findings: &Findings) -> Vec<String> {
    let mut all: Vec<(&str, [Sum; 5])> = Vec::new();
    for group in findings.trials().flat_map(|trial| &trial.record.groups) {
        let Some(books) = group.books else { continue };
        let counts = [books.received, books.unread, books.lost, books.duplicates, books.out_of_order];
        let at = all.iter().position(|(name, _)| *name == group.group).unwrap_or_else(|| {
            all.push((&group.group, [Sum::default(); 5]));
            all.len() - 1
        });
        for (sum, count) in all[at].1.iter_mut().zip(counts) {
            sum.add(count);
        }
    }
    let told = |(name, [received, unread, lost, duplicates, out_of_order]): &(&str, [Sum; 5])| {
        format!(
            "Group `{name}`: received {received}, unread {unread}, lost {lost}, duplicates {duplicates}, out of order {out_of_order}."
        )
    };
    all.iter().map(told).collect()
}

/// Limits of groups beyond the first; those that the trial has too are told of it already.
pub fn limits(findings: &Findings) -> Vec<String> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in findings.trials().flat_map(|trial| trial.judged.groups.iter().skip(1)) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let of = |name: &&str| {
        let own = |trial: &TrialFindings| {
            let whole = &trial.judged;
            let group = whole.groups.iter().find(|(of, _)| of == name).map(|(_, group)| group);
            let doubts = group.into_iter().flat_map(|group| &group.doubts);
            let further = doubts.filter(|doubt| !doubt.spoils && !whole.doubts.contains(doubt));
            (trial.record.trial.clone(), further.cloned().collect())
        };
        grouped(findings, &format!(" of group `{name}`"), &findings.trials().map(own).collect::<Vec<_>>())
    };
    names.iter().flat_map(of).collect()
}

fn metric(group: &GroupFindings, name: &str) -> Summary {
    group.metric(name).unwrap_or_default()
}
