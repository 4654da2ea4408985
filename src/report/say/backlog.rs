//! A backlog that was there before the consumers were started: a table.

use super::rows::{columns, metric, row};
use crate::analyse::Findings;
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Row, Section, Table};
use crate::report::number::plain;

/// Heading and metric of the columns.
const COLUMNS: [(&str, &str); 5] = [
    ("written", "backlog_written_messages"),
    ("time to drain", "time_to_drain_s"),
    ("drained/s", "drained_msgs_per_s"),
    ("age p50", "age_p50_ms"),
    ("age p99", "age_p99_ms"),
];

/// Of a group that was heard once the load began.
const AT_MOST: &str = "Of a group that is followed from outside each age is the most that it was: what it had committed before it was heard, shortly before the load began, \
                       counts as done then.";

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
    let valid = findings.trials().filter(|trial| trial.is_valid());
    let step_s = valid.map(|trial| trial.record.drain_step_s()).fold(0.0, f64::max);
    section.say([format!(
        "Time to drain may be less by up to {} s, the steps in which it is read, and drained/s more by as large a part.",
        plain(step_s)
    )]);
    if findings.trials().any(|trial| trial.record.followed.is_some()) {
        section.say([AT_MOST.to_owned()]);
    }
    Some(section)
}

fn table(manifest: &Manifest, findings: &Findings) -> Table {
    let headings = COLUMNS.map(|(heading, name)| Column::of(heading, name));
    let of =
        |treatment| row(manifest, treatment, COLUMNS.map(|(_, name)| Cell::Summary(metric(treatment, name))));
    let rows: Vec<Row> = findings.treatments.iter().map(of).collect();
    Table { id: "backlog", columns: columns(manifest, headings), rows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{Reading, TrialFindings, judge};
    use crate::record::Followed;
    use crate::record::testing::{Synthetic, backlog, manifest};
    use crate::report::number::cell;
    use crate::spec::place;

    #[test]
    fn ages_of_a_group_that_is_followed_from_outside_are_the_most_that_they_were() {
        let manifest = manifest(&["a"]);
        let told = |followed: Option<Followed>| {
            let trial = Synthetic::default();
            let mut record = trial.record();
            (record.backlog, record.followed) = (Some(backlog()), followed);
            let judged = judge(&record, &trial.rows(), &trial.latencies());
            let findings = Findings::of(&manifest, vec![TrialFindings::of(&manifest, record, judged)]);
            format!("{:?}", section(&manifest, &findings, "").unwrap()).contains("the most that it was")
        };
        assert!(told(Some(Followed::default())) && !told(None));
    }

    #[test]
    fn how_long_it_took_stands_with_what_lies_around_it() {
        let manifest = manifest(&["a"]);
        let trial = |(repetition, took): (u32, f64)| {
            let trial = Synthetic { order: repetition, repetition, ..Synthetic::default() };
            let mut record = trial.record();
            record.backlog = Some(backlog());
            let mut judged = judge(&record, &trial.rows(), &trial.latencies());
            judged.metrics[place("time_to_drain_s").unwrap()] = Reading::Value(took);
            TrialFindings::of(&manifest, record, judged)
        };
        let findings = Findings::of(&manifest, (1..).zip([20.0, 21.0, 19.0]).map(trial).collect());
        let table = table(&manifest, &findings);
        let at = table.columns.iter().position(|column| column.heading == "time to drain").unwrap();
        assert_eq!(cell(&table.rows[0].cells[at], None), "20.0 (19.0 – 21.0)");
    }
}
