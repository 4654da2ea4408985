//! What is to be doubted, and whether messages are missing.

use std::collections::BTreeMap;

use super::grouped::grouped;
use super::groups;
use super::rows::producers_alone;
use super::sum::Sum;
use crate::analyse::{Findings, Outcome, Reading, TrialFindings};
use crate::record::End;
use crate::report::document::Section;
use crate::report::number::reading;
use crate::spec::place;

/// What is to be doubted, of all groups.
pub fn section(findings: &Findings) -> Section {
    let mut section = Section::new("doubts", "Doubts");
    section.list(doubts(findings).into_iter().chain(groups::limits(findings)));
    if section.parts.is_empty() {
        section.say(["None."]);
    }
    section
}

/// The books, of all groups.
pub fn books_section(findings: &Findings) -> Section {
    let mut section = Section::new("books", "Books");
    section.list(books(findings).into_iter().chain(groups::lines(findings)));
    section
}

/// Doubts, grouped: those that spoil trials, then those that limit what may be said; one line each, hints below.
fn doubts(findings: &Findings) -> Vec<String> {
    let of = |trial: &'_ TrialFindings| (trial.record.trial.clone(), trial.judged.doubts.clone());
    let mut lines = grouped(findings, "", &findings.trials().map(of).collect::<Vec<_>>());
    lines.extend(cut_short(findings));
    lines.extend(with_doubtful(findings));
    lines
}

/// Trials that did not come to their end, and why.
pub fn cut_short(findings: &Findings) -> Vec<String> {
    findings
        .trials()
        .map(|trial| &trial.record)
        .filter_map(|record| match &record.end {
            End::Completed => None,
            End::Failed(why) => Some(format!("Failed: {}: {why}.", record.trial)),
            End::Interrupted => Some(format!("Interrupted: {}.", record.trial)),
        })
        .collect()
}

/// What the table would be with the doubtful trials.
fn with_doubtful(findings: &Findings) -> Vec<String> {
    let mut lines = Vec::new();
    for treatment in &findings.treatments {
        let Some(with) = &treatment.with_doubtful else {
            continue;
        };
        let throughput = if producers_alone(findings) {
            ("acked_msgs_per_s", "acked/s")
        } else {
            ("processed_msgs_per_s", "processed/s")
        };
        let said: Vec<String> = [throughput, ("end_to_end_latency_p99_ms", "end-to-end p99 ms")]
            .into_iter()
            .filter_map(|(name, shown)| Some((place(name)?, shown)))
            .filter(|(at, _)| {
                with[*at].n > 0 && reading(with[*at].median) != reading(treatment.metrics[*at].median)
            })
            .map(|(at, shown)| {
                format!(
                    "{shown} {} instead of {}",
                    reading(with[at].median),
                    reading(treatment.metrics[at].median)
                )
            })
            .collect();
        let said = if said.is_empty() { "the same".to_owned() } else { said.join(", ") };
        lines.push(format!("With its doubtful trials {} would read: {said}.", treatment.slug));
    }
    lines
}

/// The books of all trials together, and each trial in which something is amiss. Of what a trial did not learn the sum is only known to be at least that of the others.
pub fn books(findings: &Findings) -> Vec<String> {
    let mut totals = BTreeMap::<&str, Sum>::new();
    let mut named = Vec::new();
    for TrialFindings { record, judged, .. } in findings.trials() {
        let Some(books) = &record.books else { continue };
        // What no broker acked can be lost, or wait to be read, without anyone's knowing.
        let is_blind = record.followed.is_none() && judged.metric("lost") == Reading::Empty;
        let known = |count: Option<u64>| count.filter(|count| !is_blind || *count > 0);
        let amiss = [
            ("lost", known(books.lost)),
            ("duplicates", books.duplicates),
            ("received_unacked", books.received_unacked),
            ("out_of_order", books.out_of_order),
            ("refused", Some(books.refused)),
            ("failed", Some(books.failed)),
            ("in_flight", Some(books.in_flight)),
        ];
        for (name, count) in amiss.into_iter().chain([
            ("due", Some(books.due)),
            ("acked", Some(books.acked)),
            ("received", books.received),
            ("unread", known(books.unread)),
            ("aborted", Some(books.aborted)),
        ]) {
            // Where nobody consumes nothing of it is unknown.
            if record.asked.instances.is_some() || count.is_some() {
                totals.entry(name).or_default().add(count);
            }
        }
        let told: Vec<String> = amiss
            .iter()
            .filter_map(|(name, count)| Some((name, count.filter(|count| *count > 0)?)))
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        if !told.is_empty() || judged.outcome == Outcome::Broken {
            let broken = if judged.outcome == Outcome::Broken { " (does not balance)" } else { "" };
            named.push(format!("{}{broken}: {}.", record.trial, told.join(", ")));
        }
    }
    let total = |name: &str| totals.get(name).copied().unwrap_or_default().to_string();
    let consumed = if producers_alone(findings) {
        String::new() // nobody was to receive anything
    } else {
        let [received, unread, lost, duplicates] = ["received", "unread", "lost", "duplicates"].map(total);
        format!(" received {received}, unread {unread}, lost {lost}, duplicates {duplicates},")
    };
    let aborted = match total("aborted") {
        none if none == "0" => String::new(), // who has no transactions asks nothing of them
        count => format!(" aborted {count},"),
    };
    let mut lines = vec![format!(
        "All trials: due {}, acked {},{aborted}{consumed} refused {}, failed {}, in flight {}.",
        total("due"),
        total("acked"),
        total("refused"),
        total("failed"),
        total("in_flight")
    )];
    lines.extend(named);
    lines
}
