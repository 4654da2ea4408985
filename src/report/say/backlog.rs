//! A backlog that was there before the consumers were started: a table.

use super::rows::{columns, metric, row};
use crate::analyse::Findings;
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Row, Section, Table};

/// Heading and metric of the columns.
const COLUMNS: [(&str, &str); 5] = [
    ("written", "backlog_written_messages"),
    ("time to drain", "time_to_drain_s"),
    ("drained/s", "drained_msgs_per_s"),
    ("age p50", "age_p50_ms"),
    ("age p99", "age_p99_ms"),
];

/// Under a heading that says what was emulated; none where no trial had one.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: &str) -> Option<Section> {
    let backlog = findings.trials().find_map(|trial| trial.record.backlog.as_ref())?;
    let mut section = Section::new("backlog", format!("Backlog{emulated}"));
    section.table(table(manifest, findings));
    section.say([format!(
        "Written before the consumers were started, its messages due over the {:.1} s before, the last a second before the first was written. Time to drain \
         counts from the start of the consumers until no more was left than what comes in a quarter second, and between two commits of a group that is followed from \
         outside; the age of a message is the time from when it was due until it was processed.",
        backlog.span_s
    )]);
    Some(section)
}

fn table(manifest: &Manifest, findings: &Findings) -> Table {
    let headings = COLUMNS.map(|(heading, name)| Column::of(heading, name));
    let of =
        |treatment| row(manifest, treatment, COLUMNS.map(|(_, name)| Cell::Median(metric(treatment, name))));
    let rows: Vec<Row> = findings.treatments.iter().map(of).collect();
    Table { id: "backlog", columns: columns(manifest, headings), rows }
}
