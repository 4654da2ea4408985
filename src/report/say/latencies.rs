//! Percentiles of latencies, one row a treatment.

use super::rows::{any_at_max, any_overload, columns, in_order, metric, row};
use crate::analyse::{Findings, responses};
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Figure, Section, Table};

/// Heading and metric of each column.
const COLUMNS: [(&str, &str); 5] = [
    ("ack p50", "ack_latency_p50_ms"),
    ("ack p99", "ack_latency_p99_ms"),
    ("end-to-end p50", "end_to_end_latency_p50_ms"),
    ("end-to-end p99", "end_to_end_latency_p99_ms"),
    ("send delay p99", SEND_DELAY),
];
/// The same of groups that are followed from outside.
const COMMITTED: [(&str, &str); 2] =
    [("committed p50", "committed_latency_p50_ms"), ("committed p99", "committed_latency_p99_ms")];
/// The same of results that are followed to the topic that they are written to.
const OUTPUT: [(&str, &str); 2] =
    [("output p50", "output_latency_p50_ms"), ("output p99", "output_latency_p99_ms")];
/// Bench's own lateness, shown with its spread: it says how far all others are to be believed.
const SEND_DELAY: &str = "send_delay_p99_ms";

/// Under a heading that says what was emulated.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: &str, figure: Option<Figure>) -> Section {
    let mut section = Section::new("latencies", format!("Latencies{emulated}"));
    let at_max = any_at_max(findings);
    if at_max {
        section.say(["At `rate: max` a message is due when it is sent: no latency counts from due."]);
    }
    if at_max && findings.treatments.iter().all(|one| metric(one, "send_delay_n").n == 0) {
        return section;
    }
    section.table(table(manifest, findings));
    if let Some(figure) = figure {
        section.figure(figure);
    }
    section.say([
        "By rank over all messages due in the window.",
        "`> x`: it lies among messages that took longer than we watched.",
        "Send delay is bench's own lateness.",
    ]);
    if any_overload(findings) {
        section.say(["Latencies of a treatment in overload only say how long it was watched."]);
    }
    section
}

fn table(manifest: &Manifest, findings: &Findings) -> Table {
    // So is what the answer is about: what lies around it says how sure that is.
    let asked = responses(manifest, findings);
    let spread = |name: &str| name == SEND_DELAY || asked.iter().any(|one| one.name == name);
    let cell = |of, name| if spread(name) { Cell::Summary(of) } else { Cell::Median(of) };
    // Where some are followed from outside both kinds may stand beside each other: each has its own.
    let followed = findings.trials().filter(|trial| trial.record.followed.is_some()).count();
    let all_followed = followed > 0 && followed == findings.trials().count();
    let [ack_p50, ack_p99, end_p50, end_p99, delay] = COLUMNS;
    let end = [end_p50, end_p99].into_iter().filter(|_| !all_followed);
    let committed = COMMITTED.into_iter().filter(|_| followed > 0);
    let has_results = |trial: &crate::analyse::TrialFindings| {
        trial.record.followed.as_ref().is_some_and(|followed| followed.results.is_some())
    };
    let output = OUTPUT.into_iter().filter(|_| findings.trials().any(has_results));
    let shown: Vec<(&str, &str)> =
        [ack_p50, ack_p99].into_iter().chain(end).chain(committed).chain(output).chain([delay]).collect();
    let rows = in_order(manifest, findings).into_iter().map(|treatment| {
        row(manifest, treatment, shown.iter().map(|(_, name)| cell(metric(treatment, name), *name)))
    });
    Table {
        id: "latencies",
        columns: columns(manifest, shown.iter().map(|(heading, name)| Column::of(*heading, name))),
        rows: rows.collect(),
    }
}
