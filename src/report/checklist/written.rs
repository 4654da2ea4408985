//! The checklist as a document, and for programs.

use serde_json::{Value, json};

use super::{Group, Item, State, title};
use crate::record::Run;
use crate::report::document::{Document, Section};

/// Of this document; what is added leaves it as it is.
const FORMAT: u32 = 1;

/// For people: `[x]` is fulfilled, `[ ]` is missing, `[-]` does not apply, `[?]` is not in the records.
pub fn document(run: &Run, groups: &[Group]) -> Document {
    let section = |group: &Group| {
        let mut section = Section::new(group.id, group.title);
        section.list(group.boxes.iter().map(line));
        section
    };
    let mut sections = vec![Section::new("counts", "")];
    sections[0].say([counted(groups)]);
    sections.extend(groups.iter().map(section));
    Document { title: title(run), question: run.manifest.question.clone(), sections }
}

fn line(item: &Item) -> String {
    let asks = item.asks;
    match &item.state {
        State::Fulfilled(found) => format!("[x] {asks}: {found}."),
        State::Missing { found, would } => format!("[ ] {asks}: {found}. It would take: {would}."),
        State::NotOf(why) => format!("[-] {asks}: does not apply, {why}."),
        State::Untold(why) => format!("[?] {asks}: the records do not tell, {why}."),
    }
}

fn count(groups: &[Group], name: &str) -> usize {
    groups.iter().flat_map(|group| &group.boxes).filter(|item| item.state.name() == name).count()
}

fn counted(groups: &[Group]) -> String {
    let of = |name: &str| count(groups, name);
    format!(
        "{} boxes are fulfilled `[x]`, {} are missing `[ ]`, {} do not apply `[-]`, and of {} the records do not tell `[?]`. What stands beside a tick was read from this run.",
        of("fulfilled"),
        of("missing"),
        of("does_not_apply"),
        of("not_in_the_records")
    )
}

/// For programs.
pub fn json(run: &Run, groups: &[Group]) -> String {
    let boxed = |item: &Item| {
        let (found, would) = match &item.state {
            State::Missing { found, would } => (found, Some(would)),
            State::Fulfilled(found) | State::NotOf(found) | State::Untold(found) => (found, None),
        };
        json!({ "asks": item.asks, "state": item.state.name(), "found": found, "would": would })
    };
    let grouped = |group: &Group| {
        let boxes: Vec<Value> = group.boxes.iter().map(boxed).collect();
        json!({ "id": group.id, "title": group.title, "boxes": boxes })
    };
    let whole = json!({
        "checklist_format": FORMAT,
        "experiment": run.manifest.experiment,
        "fulfilled": count(groups, "fulfilled"),
        "missing": count(groups, "missing"),
        "groups": groups.iter().map(grouped).collect::<Vec<_>>(),
    });
    format!("{whole:#}\n")
}
