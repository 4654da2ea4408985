//! What the groups say, where several read the same topic: a table, their books, and what limits only them.

use super::Format;
use super::number::{reading, summary};
use super::tables;
use crate::analyse::{Findings, GroupFindings, Summary};
use crate::record::Manifest;

/// Whether `consumers` is a list in any trial.
pub fn any(findings: &Findings) -> bool {
    findings.trials().any(|trial| !trial.record.groups.is_empty())
}

/// One row a treatment and group.
pub fn table(manifest: &Manifest, findings: &Findings, format: Format) -> String {
    let columns = [
        "group",
        "processed/s",
        "load",
        "lag end",
        "trend %",
        "end-to-end p50",
        "end-to-end p99",
        "CPU cores",
    ];
    let mut rows = vec![tables::header(manifest, &columns)];
    for treatment in &findings.treatments {
        for group in &treatment.groups {
            let median = |name: &str| reading(metric(group, name).median);
            let mut row = tables::levels(manifest, treatment);
            row.extend([
                group.group.clone(),
                summary(metric(group, "processed_msgs_per_s")),
                group.load.name().to_owned(),
                median("lag_end_messages"),
                median("lag_trend_percent"),
                median("end_to_end_latency_p50_ms"),
                median("end_to_end_latency_p99_ms"),
                median("consumers_cpu_cores"),
            ]);
            rows.push(row);
        }
    }
    tables::table(rows, format)
}

/// Whose numbers stand where a table has no groups, and how SLOs are judged.
pub fn note(findings: &Findings) -> String {
    let first = findings.trials().find_map(|trial| trial.record.groups.first());
    format!(
        "Where a table does not name a group, it is of the first, `{}`; what must hold must hold for each of them.",
        first.map(|group| group.group.as_str()).unwrap_or_default()
    )
}

/// The books of each group over all trials, and what limits groups beyond the first.
pub fn lines(findings: &Findings) -> Vec<String> {
    let mut all: Vec<(&str, [u64; 5])> = Vec::new();
    for group in findings.trials().flat_map(|trial| &trial.record.groups) {
        let Some(books) = group.books else { continue };
        let counts = [books.received, books.unread, books.lost, books.duplicates, books.out_of_order];
        let at = all.iter().position(|(name, _)| *name == group.group).unwrap_or_else(|| {
            all.push((&group.group, [0; 5]));
            all.len() - 1
        });
        for (sum, count) in all[at].1.iter_mut().zip(counts) {
            *sum += count.unwrap_or(0);
        }
    }
    let told = |(name, [received, unread, lost, duplicates, out_of_order]): &(&str, [u64; 5])| {
        format!(
            "Group `{name}`: received {received}, unread {unread}, lost {lost}, duplicates {duplicates}, out of order {out_of_order}."
        )
    };
    all.iter().map(told).collect()
}

/// Limits of groups beyond the first; those that the trial has too are told of it already.
pub fn limits(findings: &Findings) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for trial in findings.trials().map(|trial| &trial.judged) {
        for (name, judged) in trial.groups.iter().skip(1) {
            for doubt in judged.doubts.iter().filter(|doubt| !doubt.spoils && !trial.doubts.contains(doubt)) {
                let line = format!("Limits: `{}` of group `{name}`: {}", doubt.id, doubt.what);
                match lines.iter_mut().find(|(known, _)| *known == line) {
                    Some((_, trials)) => *trials += 1,
                    None => lines.push((line, 1)),
                }
            }
        }
    }
    let of = findings.trials().count();
    lines.into_iter().map(|(line, trials)| format!("{line} (in {trials} of {of} trials).")).collect()
}

fn metric(group: &GroupFindings, name: &str) -> Summary {
    group.metric(name).unwrap_or_default()
}
