//! YAML as a tree that knows where each key and value was written. The only file that knows the YAML library.

use std::collections::HashMap;
use std::sync::Arc;

use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use crate::fault::{Fault, Kind, Place};

/// Nesting beyond this is no experiment.
const DEEPEST: usize = 32;

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In the file.
    File(Place),
    /// On the command line, as `--set topic.partitions`.
    Option(Arc<str>),
}

impl Origin {
    /// A fault at this place; what was not in the file is named in the sentence.
    pub fn fault(&self, what: impl Into<String>, hint: Option<String>) -> Fault {
        let what = what.into();
        match self {
            Origin::File(place) => Fault { place: Some(*place), what, hint, kind: Kind::Wrong },
            Origin::Option(option) => {
                Fault { place: None, what: format!("{option}: {what}"), hint, kind: Kind::Wrong }
            }
        }
    }

    /// The same of what is missing here, and may yet come from elsewhere.
    pub fn lack(&self, what: impl Into<String>, hint: Option<String>) -> Fault {
        Fault { kind: Kind::Lacking, ..self.fault(what, hint) }
    }
}

/// A value with its origin.
#[derive(Clone, Debug)]
pub struct Node {
    /// What was written.
    pub value: Value,
    /// Where it begins.
    pub origin: Origin,
}

/// What was written, types not yet judged.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// A text, number or boolean, as written.
    Scalar {
        /// Escapes resolved.
        text: String,
        /// A quoted `"4"` is a text, not a number.
        quoted: bool,
    },
    /// `[…]` or lines of `- …`.
    List(Vec<Node>),
    /// `{…}` or lines of `key: …`, in the order written.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub origin: Origin,
    /// What stands under it.
    pub node: Node,
}

impl Node {
    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The entries of a mapping; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list; of anything else itself, for keys that take one or several.
    pub fn each(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// What stands under a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// What stands at a path; in a list a step is an item's `name`, or the `group` that it is.
    pub fn at(&self, steps: &[String]) -> Option<&Node> {
        let Some((step, rest)) = steps.split_first() else { return Some(self) };
        let next = self.items().iter().find(|item| item.is_named(step));
        next.or_else(|| self.get(step).map(|entry| &entry.node))?.at(rest)
    }

    /// Whether it is a list of items without names, which have no paths.
    pub fn is_nameless_list(&self) -> bool {
        let has_name = |item: &Node| ["name", "group"].iter().any(|label| item.get(label).is_some());
        !self.items().is_empty() && !self.items().iter().any(has_name)
    }

    fn is_named(&self, name: &str) -> bool {
        let mut labels = ["name", "group"].into_iter().filter_map(|label| self.get(label));
        labels.any(|label| label.node.text() == Some(name))
    }

    /// As one line of YAML in flow style, its own braces left out: `bursts: {on: 1s, off: 3s}`.
    pub fn flow(&self) -> String {
        let inner = |node: &Node| match &node.value {
            Value::Map(_) => format!("{{{}}}", node.flow()),
            Value::List(_) => format!("[{}]", node.flow()),
            _ => node.flow(),
        };
        let parts: Vec<String> = match &self.value {
            Value::Null => return "null".to_owned(),
            Value::Scalar { text, .. } => return text.clone(),
            Value::List(items) => items.iter().map(inner).collect(),
            Value::Map(entries) => {
                entries.iter().map(|entry| format!("{}: {}", entry.key, inner(&entry.node))).collect()
            }
        };
        parts.join(", ")
    }

    /// Every value below it that is no mapping, with its dotted path: a list stands as one line, in flow style.
    pub fn leaves(&self, path: &str, into: &mut Vec<(String, String)>) {
        match &self.value {
            Value::Map(entries) => entries.iter().for_each(|entry| {
                let own = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
                entry.node.leaves(&own, into);
            }),
            _ => into.push((path.to_owned(), self.flow())),
        }
    }

    /// What it is, for "found …".
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Scalar { quoted: true, .. } => "a text",
            Value::Scalar { text, .. } if text.parse::<f64>().is_ok() => "a number",
            Value::Scalar { text, .. } if text == "true" || text == "false" => "a boolean",
            Value::Scalar { .. } => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// Puts a value at a path, making what is missing on the way. In a list a step is an item's `name`, or the `group` that it is.
    pub fn set(&mut self, steps: &[String], value: &Node, origin: &Origin) {
        let Some((step, rest)) = steps.split_first() else {
            *self = value.clone();
            return;
        };
        // What goes below such a list goes in its place.
        if self.is_nameless_list() {
            self.value = Value::Null;
        }
        let empty = Node { value: Value::Map(Vec::new()), origin: origin.clone() };
        if let Value::List(items) = &mut self.value {
            if let Some(item) = items.iter_mut().find(|item| item.is_named(step)) {
                return item.set(rest, value, origin);
            }
            let mut item = empty;
            let name = Value::Scalar { text: step.clone(), quoted: true };
            item.set(&["name".to_owned()], &Node { value: name, origin: origin.clone() }, origin);
            item.set(rest, value, origin);
            items.push(item);
            return;
        }
        if !matches!(self.value, Value::Map(_)) {
            self.value = Value::Map(Vec::new());
        }
        let Value::Map(entries) = &mut self.value else {
            return;
        };
        if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *step) {
            if rest.is_empty() {
                entry.origin = origin.clone();
            }
            return entry.node.set(rest, value, origin);
        }
        let mut node = empty;
        if step == "fleets" {
            node.value = Value::List(Vec::new());
        }
        node.set(rest, value, origin);
        entries.push(Entry { key: step.clone(), origin: origin.clone(), node });
    }
}

/// The tree of a YAML text; `option` is the origin of all of it where it does not come from the file. Syntax ends at its first fault.
pub fn parse(source: &str, option: Option<&Origin>) -> Result<Node, Fault> {
    let mut builder = Builder { events: Parser::new_from_str(source), option, anchors: HashMap::new() };
    let mut root = None;
    loop {
        match builder.next()? {
            (Event::StreamEnd, _) => break,
            (Event::DocumentStart(..), span) if root.is_some() => {
                let fault = builder.origin(&span).fault("a second document begins here", None);
                return Err(fault);
            }
            (Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd, _) => {}
            (event, span) => root = Some(builder.node(event, &span, 0)?),
        }
    }
    let start = Place { line: 1, column: 1, width: 1 };
    let nothing = || Node { value: Value::Null, origin: option.cloned().unwrap_or(Origin::File(start)) };
    Ok(root.unwrap_or_else(nothing))
}

struct Builder<'a> {
    events: Parser<'a, serde_yaml::granit_parser::StrInput<'a>>,
    option: Option<&'a Origin>,
    anchors: HashMap<usize, Node>,
}

impl<'a> Builder<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Fault> {
        loop {
            match self.events.next() {
                None => return Ok((Event::StreamEnd, Span::default())),
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok(event)) => return Ok(event),
                Some(Err(error)) => return Err(self.syntax(&error)),
            }
        }
    }

    fn syntax(&self, error: &ScanError) -> Fault {
        let marker = error.marker();
        let place = Place { line: marker.line().max(1), column: marker.col() + 1, width: 1 };
        let origin = self.option.cloned().unwrap_or(Origin::File(place));
        let hint = "quote texts that hold `: `, ` #`, or begin with one of `{[*&!|>%@`".to_owned();
        origin.fault(format!("this is not YAML: {}", error.info()), Some(hint))
    }

    fn origin(&self, span: &Span) -> Origin {
        let (start, end) = (&span.start, &span.end);
        // A value of many lines is marked to the end of its first; the fault's writer cuts it there.
        let width =
            if start.line() == end.line() { end.col().saturating_sub(start.col()) } else { usize::MAX };
        let place = Place { line: start.line().max(1), column: start.col() + 1, width: width.max(1) };
        self.option.cloned().unwrap_or(Origin::File(place))
    }

    fn node(&mut self, event: Event<'a>, span: &Span, depth: usize) -> Result<Node, Fault> {
        let origin = self.origin(span);
        if depth > DEEPEST {
            return Err(origin.fault("this is nested too deeply for an experiment", None));
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                let null = plain && matches!(&*text, "" | "~" | "null");
                let scalar = Value::Scalar { text: text.into_owned(), quoted: !plain };
                (if null { Value::Null } else { scalar }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd | Event::StreamEnd, _) => break,
                        (event, span) => items.push(self.node(event, &span, depth + 1)?),
                    }
                }
                (Value::List(items), anchor)
            }
            Event::MappingStart(_, anchor, _) => (Value::Map(self.entries(depth)?), anchor),
            Event::Alias(anchor) => {
                return self
                    .anchors
                    .get(&anchor)
                    .cloned()
                    .ok_or_else(|| origin.fault("an alias of itself", None));
            }
            _ => return Err(origin.fault("a value was expected here", None)),
        };
        let node = Node { value, origin };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn entries(&mut self, depth: usize) -> Result<Vec<Entry>, Fault> {
        let mut entries = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd | Event::StreamEnd => return Ok(entries),
                event => self.node(event, &span, depth + 1)?,
            };
            let (event, span) = self.next()?;
            let node = self.node(event, &span, depth + 1)?;
            let text = match key.value {
                Value::Scalar { text, .. } => text,
                Value::Null => "null".to_owned(),
                _ => return Err(key.origin.fault("a key must be a text", None)),
            };
            entries.push(Entry { key: text, origin: key.origin, node });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(origin: &Origin) -> (usize, usize, usize) {
        match origin {
            Origin::File(place) => (place.line, place.column, place.width),
            Origin::Option(option) => panic!("{option}"),
        }
    }

    #[test]
    fn keys_and_values_know_their_places() {
        let root = parse("# head\ntopic:\n  partitions: 12 # why\n  config: {a.b: \"x y\"}\n", None).unwrap();
        let topic = root.get("topic").unwrap();
        assert_eq!(place(&topic.origin), (2, 1, 5));
        let partitions = topic.node.get("partitions").unwrap();
        assert_eq!((place(&partitions.origin), place(&partitions.node.origin)), ((3, 3, 10), (3, 15, 2)));
        let value = &topic.node.get("config").unwrap().node.get("a.b").unwrap().node;
        assert_eq!((value.text(), place(&value.origin)), (Some("x y"), (4, 17, 5)));
    }

    #[test]
    fn a_syntax_error_has_a_place() {
        let fault = parse("question: a\ntopic: {partitions: 1\nworkload: 2\n", None).unwrap_err();
        assert!(fault.what.starts_with("this is not YAML: "), "{fault:?}");
        assert!(fault.place.unwrap().line >= 2, "{fault:?}");
    }

    #[test]
    fn a_value_is_set_where_nothing_was() {
        let mut root = parse("workload: {rate: 1/s}\n", None).unwrap();
        let steps: Vec<String> = ["workload", "fleets", "all", "producers"].map(str::to_owned).to_vec();
        let value = parse("4", None).unwrap();
        root.set(&steps, &value, &value.origin);
        let fleet = &root.get("workload").unwrap().node.get("fleets").unwrap().node.items()[0];
        assert_eq!(fleet.get("producers").unwrap().node.text(), Some("4"));
        assert_eq!(fleet.get("name").unwrap().node.text(), Some("all"));
    }
}
