//! `events.jsonl`: what happened while a trial ran, one line each.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;

use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Seconds since time 0; negative before the load starts.
    pub t_s: f64,
    /// Such as `phase`, `rebalance`, `assignment`, `instance_stopped`, `broker_error`.
    pub kind: String,
    /// The sentence for people.
    pub text: String,
    /// What a program may want of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, serde_json::Value>,
}

/// Writes the file's text, of events as they come.
pub(super) fn write_events_to<'a>(
    mut text: impl Write,
    events: impl Iterator<Item = Result<Cow<'a, Event>, String>>,
) -> Result<(), String> {
    for event in events {
        serde_json::to_writer(&mut text, &*event?).map_err(|error| error.to_string())?;
        text.write_all(b"\n").map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// What [`write_events_to`] wrote.
pub(super) fn read_events(text: &str) -> Result<Vec<Event>, String> {
    text.lines()
        .enumerate()
        .map(|(at, line)| serde_json::from_str(line).map_err(|error| format!("line {}: {error}", at + 1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_back() {
        let events = vec![
            Event {
                t_s: -1.5,
                kind: "ready".to_owned(),
                text: "a canary went through every partition".to_owned(),
                details: BTreeMap::from([("partitions".to_owned(), serde_json::json!(4))]),
            },
            Event {
                t_s: 0.0,
                kind: "phase".to_owned(),
                text: "warm-up\nbegins".to_owned(),
                details: BTreeMap::new(),
            },
        ];
        let mut text = Vec::new();
        write_events_to(&mut text, events.iter().map(|event| Ok(Cow::Borrowed(event)))).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert_eq!(read_events(&text).unwrap(), events);
    }
}
