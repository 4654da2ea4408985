//! A text with fields that are drawn anew for each message.

use super::size::Size;
use crate::spec::path::did_you_mean;
use crate::units::{Bytes, Share};

/// Names of the fields that every template has.
const OWN: [(&str, FieldKind); 4] = [
    ("sequence", FieldKind::Sequence),
    ("uuid", FieldKind::Uuid),
    ("time", FieldKind::Time),
    ("time_ms", FieldKind::TimeMs),
];
/// No template has more fields: each is drawn from a stream of its own.
pub(in crate::spec) const MOST_FIELDS: usize = 64;

/// A text with fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// What it is put together from.
    pub parts: Vec<TemplatePart>,
    /// All fields with their names, those first that every template has; used in the text or not.
    pub fields: Vec<(String, FieldKind)>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    /// As written.
    Text(String),
    /// A field, by its place in the template's.
    Field(usize),
}

/// What a field is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// 0, 1, 2, … for each producer, in decimal digits.
    Sequence,
    /// A random UUID (version 4), in 36 characters.
    Uuid,
    /// When the message was due: RFC 3339, in UTC, with milliseconds.
    Time,
    /// The same in milliseconds since 1970, in decimal digits.
    TimeMs,
    /// A whole number from the first to the second, each as likely as any other.
    Int(i64, i64),
    /// One of these, each as likely as any other.
    Choice(Vec<String>),
}

impl FieldKind {
    /// Bytes of its longest text.
    pub fn longest(&self) -> usize {
        match self {
            FieldKind::Sequence | FieldKind::TimeMs => 20,
            FieldKind::Uuid => 36,
            // A year of five digits is none of ours.
            FieldKind::Time => 24,
            FieldKind::Int(from, to) => from.to_string().len().max(to.to_string().len()),
            FieldKind::Choice(texts) => texts.iter().map(String::len).max().unwrap_or_default(),
        }
    }
}

impl FieldKind {
    /// Bytes of its text on the average, of a sequence as long as those of a million messages are.
    fn mean(&self) -> f64 {
        match self {
            FieldKind::Sequence => 5.9,
            FieldKind::TimeMs => 13.0,
            // Most numbers of a range are as long as its longest end: what is planned with need be no more exact.
            FieldKind::Uuid | FieldKind::Time | FieldKind::Int(..) => self.longest() as f64,
            FieldKind::Choice(texts) => {
                texts.iter().map(String::len).sum::<usize>() as f64 / texts.len().max(1) as f64
            }
        }
    }
}

impl Template {
    /// How large its messages are, as far as plans need it: their mean, and the largest that there may be.
    pub fn sizes(&self) -> Size {
        let of = |part: &TemplatePart| match part {
            TemplatePart::Text(text) => text.len() as f64,
            TemplatePart::Field(number) => self.fields.get(*number).map_or(0.0, |(_, kind)| kind.mean()),
        };
        let mean: f64 = self.parts.iter().map(of).sum();
        let all = Share::new(1.0).unwrap_or(Share::NONE);
        Size::Table(vec![
            (Bytes::new(mean.round() as u64), all),
            (Bytes::new(self.longest() as u64), Share::NONE),
        ])
    }

    /// Reads a text in which `{{name}}` stands for a field; `fields` are those of the user's own. Or what is wrong with it, and what to do.
    pub fn read(text: &str, fields: Vec<(String, FieldKind)>) -> Result<Self, (String, Option<String>)> {
        let own = OWN.into_iter().map(|(name, kind)| (name.to_owned(), kind));
        let fields: Vec<(String, FieldKind)> = own.chain(fields).collect();
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, behind)) = after.split_once("}}") else {
                let hint = Some("write `{{sequence}}`".to_owned());
                return Err(("the template has a `{{` that is not closed".to_owned(), hint));
            };
            if !before.is_empty() {
                parts.push(TemplatePart::Text(before.to_owned()));
            }
            let place = place(&fields, name.trim()).ok_or_else(|| unknown(&fields, name.trim()))?;
            parts.push(TemplatePart::Field(place));
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(TemplatePart::Text(rest.to_owned()));
        }
        Ok(Template { parts, fields })
    }

    /// The place of a field with that name; or what to do about it.
    pub fn field(&self, name: &str) -> Result<usize, (String, Option<String>)> {
        place(&self.fields, name).ok_or_else(|| unknown(&self.fields, name))
    }

    /// Bytes of the longest message.
    pub fn longest(&self) -> usize {
        let of = |part: &TemplatePart| match part {
            TemplatePart::Text(text) => text.len(),
            TemplatePart::Field(number) => self.fields.get(*number).map_or(0, |(_, kind)| kind.longest()),
        };
        self.parts.iter().map(of).sum()
    }

    /// Whether a name is one that every template has.
    pub fn is_own(name: &str) -> bool {
        OWN.iter().any(|(own, _)| *own == name)
    }
}

fn place(fields: &[(String, FieldKind)], name: &str) -> Option<usize> {
    fields.iter().position(|(known, _)| known == name)
}

fn unknown(fields: &[(String, FieldKind)], name: &str) -> (String, Option<String>) {
    let names = fields.iter().map(|(name, _)| name.as_str());
    (format!("the template has no field `{name}`"), did_you_mean(name, names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_put_together_from_text_and_fields() {
        let own = vec![("who".to_owned(), FieldKind::Int(-5, 100))];
        let template = Template::read("{\"a\":{\"n\":{{ sequence }},\"w\":\"{{who}}\"}}", own).unwrap();
        let text = |text: &str| TemplatePart::Text(text.to_owned());
        let parts = [
            text("{\"a\":{\"n\":"),
            TemplatePart::Field(0),
            text(",\"w\":\""),
            TemplatePart::Field(4),
            text("\"}}"),
        ];
        assert_eq!(template.parts, parts);
        assert_eq!(template.longest(), 10 + 20 + 6 + 3 + 3);
        assert_eq!(template.field("who"), Ok(4));
    }

    #[test]
    fn what_a_template_does_not_know_is_told() {
        let wrong = |text: &str| Template::read(text, Vec::new()).unwrap_err();
        assert!(wrong("{{sequence").0.contains("not closed"));
        assert_eq!(wrong("{{uid}}").1.as_deref(), Some("did you mean `uuid`?"));
        assert_eq!(wrong("{{}}").0, "the template has no field ``");
    }
}
