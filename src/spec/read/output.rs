//! Where consumers write their results: what must go together, so that each result is of one message.

use super::super::output::{Id, Output};
use super::super::{
    Consumers, Content, EnvelopePlace, Field, FieldKind, HeaderValue, Keys, Message, Pattern, Runs, Topic,
    Workload,
};
use super::Section;
use super::topic::check_name;
use super::tree::{Node, Origin, Value};
use crate::envelope;
use crate::fault::Fault;

/// The output of a group that is run so.
pub(super) fn output(group: Section<'_>, runs: &Runs, faults: &mut Vec<Fault>) -> Option<Output> {
    let entry = group.node?.get("output")?;
    let section = group.under("output");
    if !matches!(entry.node.value, Value::Map(_)) {
        return None;
    }
    if *runs == Runs::Process {
        let hint =
            "leave it out, or name the program that writes results: `backend: { command: { run: \"…\" } }`";
        faults.push(entry.origin.fault("the reference consumer writes no results", Some(hint.to_owned())));
    }
    let mut lacks = |key: &str, example: &str| {
        if section.get(key).is_none() {
            let hint = Some(format!("write `{example}`"));
            faults.push(entry.origin.lack(format!("`output` has no `{key}`"), hint));
        }
    };
    lacks("topic", "topic: results");
    lacks("match", "match: { header: id }");
    if let Some((node, name)) = section.get("topic").and_then(|node| Some((node, node.text()?))) {
        check_name(node, name, faults);
    }
    Some(Output { topic: section.read("topic")?, id: id(section.under("match"))? })
}

fn id(section: Section<'_>) -> Option<Id> {
    let text = |key: &str| section.get(key).and_then(Node::text).map(str::to_owned);
    if let Some(name) = text("header") {
        return Some(Id::Header(name));
    }
    if section.get("key").is_some() {
        return Some(Id::Key);
    }
    text("json").map(Id::Json)
}

/// What of outputs does not go with what is sent, and where.
pub(super) fn check(
    file: Section<'_>,
    (groups, workload, topic): (&[Consumers], &Workload, &Topic),
    faults: &mut Vec<Fault>,
) {
    let section = file.under("consumers");
    let mut known: Vec<&str> = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        let Some(output) = &group.output else { continue };
        // Groups of one kind stand in one place.
        let place = match section.node.map(|node| &node.value) {
            Some(Value::List(items)) => {
                items.get(number).map_or(section, |item| Section { node: Some(item), origin: &item.origin })
            }
            _ => section,
        };
        let own = place.under("output");
        let origin = |key: &str| own.get(key).map_or(own.origin, |node| &node.origin);
        let mut tell =
            |at: &Origin, what: String, hint: &str| faults.push(at.fault(what, Some(hint.to_owned())));
        if known.contains(&output.topic.as_str()) {
            let what = format!("two groups write to `{}`: nobody could tell whose a result is", output.topic);
            tell(origin("topic"), what, "give each a topic of its own");
        }
        known.push(&output.topic);
        let is_found = |pattern: &Pattern| !pattern.found([output.topic.clone()]).is_empty();
        let is_named = topic.existing.iter().any(|existing| existing.name == output.topic);
        if is_named || topic.pattern.as_ref().is_some_and(is_found) {
            let it = if topic.is_several() { "a topic" } else { "the topic" };
            let what = format!("`{}` is {it} that the load goes to", output.topic);
            tell(origin("topic"), what, "name the one that results are written to");
        }
        if workload.message.envelope == EnvelopePlace::Nowhere {
            let what = "without an envelope nobody knows when the message was due that a result is of";
            tell(origin("match"), what.to_owned(), "write `envelope: header` under `workload.message`");
        }
        let producers = workload.fleets.iter().map(|fleet| u64::from(fleet.producers)).sum();
        if let Err((what, hint)) = own_of_each(&output.id, &workload.message, producers) {
            tell(origin("match"), what, hint);
        }
    }
}

/// Whether each message has its own, as far as the file tells; or why not, and what to do.
fn own_of_each(id: &Id, message: &Message, producers: u64) -> Result<(), (String, &'static str)> {
    let of_field = |field: &Field| match (field, &message.content) {
        (Field::Of(place), Content::Template(template)) => {
            match template.fields.get(*place).map(|(_, kind)| kind) {
                Some(FieldKind::Sequence) if producers > 1 => Err((
                    format!("{id} is a `sequence`, which each of {producers} producers counts by itself"),
                    "take `uuid`",
                )),
                Some(FieldKind::Sequence | FieldKind::Uuid) | None => Ok(()),
                Some(_) => Err((
                    format!("{id} is a field that several messages may share"),
                    "take `uuid`, or `sequence` of one producer",
                )),
            }
        }
        // Whether a file's messages differ in it shows when they are sent.
        _ => Ok(()),
    };
    match id {
        Id::Header(name) if name == envelope::HEADER && message.envelope == EnvelopePlace::Header => Ok(()),
        Id::Header(name) => {
            match message.headers.iter().find(|header| header.name == *name).map(|one| &one.value) {
                Some(HeaderValue::Field(field)) => of_field(field),
                Some(HeaderValue::Text(_)) => {
                    Err((format!("{id} is the same in every message"), "take one with a `field`"))
                }
                None => Err((
                    format!("no message has {id}"),
                    "take one of `workload.message.headers`, or `bench` with `envelope: header`",
                )),
            }
        }
        Id::Key => match (message.keys, &message.key) {
            (Keys::Field, Some(field)) => of_field(field),
            // What is wrong with a field is told already.
            (Keys::Field, None) => Ok(()),
            _ => Err((
                "several messages share a key, or have none".to_owned(),
                "write `keys: { field: uuid }` and a `template`",
            )),
        },
        Id::Json(pointer) if !pointer.starts_with('/') => {
            Err((format!("`{pointer}` is no pointer into JSON"), "write `json: /id`"))
        }
        Id::Json(_) if message.is_made() => Err((
            "messages that bench makes are no JSON".to_owned(),
            "write a `template`, or `from: { file: … }`",
        )),
        Id::Json(_) => Ok(()),
    }
}
