//! Messages of one's own: out of a file or by a template, with keys and headers out of them.

use std::sync::Arc;

use super::super::files::Files;
use super::super::message::{MOST_FIELDS, NoLines};
use super::super::{
    Content, EnvelopePlace, Field, FieldKind, Framing, Header, HeaderValue, Lines, Message, Order, Size,
    Template,
};
use super::Section;
use super::tree::{Node, Value};
use crate::envelope;
use crate::fault::Fault;

/// What a message is made of, beside what bench makes: read before its size, which may follow from it.
pub(super) struct Own<'a> {
    section: Section<'a>,
    files: &'a Files,
    framing: Framing,
    /// The content.
    pub(super) content: Content,
}

impl<'a> Own<'a> {
    pub(super) fn read(section: Section<'a>, files: &'a Files, faults: &mut Vec<Fault>) -> Self {
        let from = section.under("from");
        let framing = match from.read::<String>("format").as_deref() {
            Some("length_prefixed") => Framing::LengthPrefixed,
            _ => Framing::Lines,
        };
        let content = match (section.get("from"), section.get("template")) {
            (Some(_), Some(node)) => {
                let hint = Some("keep exactly one".to_owned());
                faults.push(node.origin.fault("`message` has both `from` and `template`", hint));
                None
            }
            (Some(_), None) => lines(from, files, framing, faults),
            (None, _) => template(section, faults),
        };
        let own = Own { section, files, framing, content: content.unwrap_or_default() };
        if section.get("from").is_some() || section.get("template").is_some() {
            own.is_all(faults);
        }
        own.read_fields();
        own
    }

    /// Has all parts of a file's messages that are asked for read in one go, for [`Self::field`] to find.
    fn read_fields(&self) {
        let Content::Lines(lines, _) = &self.content else { return };
        let headers = self.section.get("headers").map(Node::items).unwrap_or_default();
        let fields = headers.iter().filter_map(|item| item.get("field")).map(|entry| &entry.node);
        let fields = self.section.under("keys").get("field").into_iter().chain(fields);
        let pointers: Vec<&str> = fields.filter_map(Node::text).collect();
        self.files.columns(lines, self.framing, &pointers);
    }

    /// What bench cannot choose where messages are one's own.
    fn is_all(&self, faults: &mut Vec<Fault>) {
        for key in ["size", "compressibility"] {
            if let Some(node) = self.section.get(key) {
                let hint = Some("leave it out: messages are as they are written".to_owned());
                faults
                    .push(node.origin.fault(format!("`{key}` cannot be set of messages of one's own"), hint));
            }
        }
        if let Some(node) = self.section.get("envelope").filter(|node| node.text() == Some("payload")) {
            let hint = Some("write `envelope: header`, or `envelope: none`".to_owned());
            faults.push(
                node.origin.fault("an envelope in the payload would lie over messages of one's own", hint),
            );
        }
    }

    /// Sizes of what it holds; none of what bench makes.
    pub(super) fn sizes(&self) -> Option<Size> {
        match &self.content {
            Content::Made => None,
            Content::Lines(lines, _) => Some(lines.sizes()),
            Content::Template(template) => Some(template.sizes()),
        }
    }

    /// Where the envelope is.
    pub(super) fn envelope(&self) -> EnvelopePlace {
        match self.section.read::<String>("envelope").as_deref() {
            Some("payload") => EnvelopePlace::Payload,
            Some("header") => EnvelopePlace::Header,
            Some("none") => EnvelopePlace::Nowhere,
            _ if self.content == Content::Made => EnvelopePlace::Payload,
            _ => EnvelopePlace::Header,
        }
    }

    /// The part of it that is the key.
    pub(super) fn key(&self, faults: &mut Vec<Fault>) -> Option<Field> {
        self.field(self.section.under("keys").get("field")?, faults)
    }

    pub(super) fn headers(&self, place: EnvelopePlace, faults: &mut Vec<Fault>) -> Vec<Header> {
        let items = self.section.get("headers").map(Node::items).unwrap_or_default();
        let mut read = |item: &Node| {
            let at = |key: &str| item.get(key).map(|entry| &entry.node);
            let name = at("name")?.text()?.to_owned();
            if name == envelope::HEADER && place == EnvelopePlace::Header {
                let hint = Some("give it another name".to_owned());
                faults.push(at("name")?.origin.fault(format!("the header `{name}` is the envelope's"), hint));
            }
            let value = match (at("value"), at("field")) {
                (Some(value), None) => HeaderValue::Text(value.text()?.to_owned()),
                (None, Some(field)) => HeaderValue::Field(self.field(field, faults)?),
                _ => {
                    let what = format!("the header `{name}` has one of `value` and `field`");
                    faults.push(item.origin.fault(what, Some("write exactly one".to_owned())));
                    return None;
                }
            };
            Some(Header { name, value })
        };
        items.iter().filter_map(&mut read).collect()
    }

    fn field(&self, node: &Node, faults: &mut Vec<Fault>) -> Option<Field> {
        let text = node.text()?;
        let (what, hint) = match &self.content {
            // What is wrong with a content that was written is told already.
            Content::Made if self.section.get("from").or(self.section.get("template")).is_some() => {
                return None;
            }
            Content::Made => {
                let hint = "write `from: { file: … }` or a `template`";
                ("messages that bench makes have no fields".to_owned(), Some(hint.to_owned()))
            }
            Content::Template(template) => match template.field(text) {
                Ok(place) => return Some(Field::Of(place)),
                Err(wrong) => wrong,
            },
            Content::Lines(lines, _) => match self.files.columns(lines, self.framing, &[text]).pop()? {
                Ok(column) => return Some(Field::Column(column)),
                Err(wrong) => (told(&lines.file, &wrong), Some(wrong.hint)),
            },
        };
        faults.push(node.origin.fault(what, hint));
        None
    }
}

fn told(file: &str, wrong: &NoLines) -> String {
    let at = wrong.at.map_or(String::new(), |at| format!(", message {at}"));
    format!("{file}{at}: {}", wrong.what)
}

fn lines(from: Section<'_>, files: &Files, framing: Framing, faults: &mut Vec<Fault>) -> Option<Content> {
    let Some(node) = from.get("file") else {
        if matches!(from.node, Some(Node { value: Value::Map(_), .. })) {
            let hint = Some("write `from: { file: orders.jsonl }`".to_owned());
            faults.push(from.origin.lack("`from` has no `file`", hint));
        }
        return None;
    };
    let written = node.text().filter(|text| !text.trim().is_empty())?;
    let lines: Arc<Lines> = match files.lines(written, framing) {
        Err(why) => {
            let hint = Some("its path is relative to this file".to_owned());
            faults.push(node.origin.fault(format!("`{written}` cannot be read: {why}"), hint));
            return None;
        }
        Ok(Err(wrong)) => {
            faults.push(node.origin.fault(told(written, &wrong), Some(wrong.hint)));
            return None;
        }
        Ok(Ok(lines)) => lines,
    };
    let random = from.read::<String>("order").as_deref() == Some("random");
    Some(Content::Lines(lines, if random { Order::Random } else { Order::InOrder }))
}

fn template(section: Section<'_>, faults: &mut Vec<Fault>) -> Option<Content> {
    let fields = section.get("fields");
    let Some(node) = section.get("template") else {
        if let Some(fields) = fields.filter(|_| section.get("from").is_none()) {
            let hint = Some("write `template: '{\"id\": {{sequence}}}'`".to_owned());
            faults.push(fields.origin.fault("`fields` are a template's, and there is none", hint));
        }
        return None;
    };
    let mut own = Vec::new();
    for item in fields.map(Node::items).unwrap_or_default() {
        own.extend(field(item, faults));
    }
    if let Some(node) = fields.filter(|_| own.len() > MOST_FIELDS) {
        let what = format!("a template has at most {MOST_FIELDS} fields of its own");
        faults.push(node.origin.fault(what, None));
        return None;
    }
    match Template::read(node.text()?, own) {
        Ok(template) => Some(Content::Template(Arc::new(template))),
        Err((what, hint)) => {
            faults.push(node.origin.fault(what, hint));
            None
        }
    }
}

fn field(item: &Node, faults: &mut Vec<Fault>) -> Option<(String, FieldKind)> {
    let at = |key: &str| item.get(key).map(|entry| &entry.node);
    let name = at("name")?.text()?.to_owned();
    if Template::is_own(&name) {
        let hint = Some("give it another name".to_owned());
        faults.push(at("name")?.origin.fault(format!("every template has a field `{name}` already"), hint));
    }
    let kind = match (at("int"), at("choice")) {
        (Some(int), None) => {
            let end = |key: &str| int.get(key)?.node.text()?.parse::<f64>().ok();
            let (from, to) = (end("from")?, end("to")?);
            if from > to || from.fract() != 0.0 || to.fract() != 0.0 {
                let what = format!("there is no whole number from {from} to {to}");
                faults.push(int.origin.fault(what, Some("write `int: { from: 1, to: 1000 }`".to_owned())));
            }
            FieldKind::Int(from as i64, to as i64)
        }
        (None, Some(choice)) => {
            let texts: Option<Vec<String>> =
                choice.items().iter().map(|item| item.text().map(str::to_owned)).collect();
            FieldKind::Choice(texts.filter(|texts| !texts.is_empty())?)
        }
        _ => {
            let what = format!("the field `{name}` is one of `int` and `choice`");
            faults.push(item.origin.fault(what, Some("write exactly one".to_owned())));
            return None;
        }
    };
    Some((name, kind))
}

/// Consumers that tell what they receive tell nothing of messages that say nothing of themselves.
pub(super) fn can_be_told(message: &Message, section: Section<'_>, tells: bool, faults: &mut Vec<Fault>) {
    if !tells || message.envelope != EnvelopePlace::Nowhere {
        return;
    }
    let origin = section.get("envelope").map_or(section.origin, |node| &node.origin);
    let what = "without an envelope the reference consumer cannot tell whose messages it reads, nor how old they are";
    let hint =
        "write `envelope: header`, or follow consumers from outside: `backend: { command: … }` or `external`";
    faults.push(origin.fault(what, Some(hint.to_owned())));
}
