//! Where consumers that are not ours write their results, and how a result is known to be of a message.

use std::fmt;

use super::key::{Form, Key, key};

/// What a result passes on of its message.
const MATCH: &[Key] = &[
    key("header", Form::Text, "The header of that name, which each message has and its result passes on."),
    key("key", Form::Keys(&[]), "The key, of which each message has its own."),
    key("json", Form::Text, "What a pointer such as `/id` leads to in the payloads of both, which are JSON."),
];

/// What may be said of an output.
pub(super) const OUTPUT: &[Key] = &[
    key("topic", Form::Text, "The topic that results are written to, never made or altered; required."),
    key("match", Form::OneOf(MATCH), "The id by which a result is known to be of a message; required."),
];

/// Where results are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The topic, which is never made, altered or taken away.
    pub topic: String,
    /// What of a message its result passes on.
    pub id: Id,
}

/// What of a message, and of its result, is the message's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// The value of the header of that name.
    Header(String),
    /// The key.
    Key,
    /// What this pointer leads to in a payload in JSON (RFC 6901).
    Json(String),
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Id::Header(name) => write!(f, "the header `{name}`"),
            Id::Key => f.write_str("the key"),
            Id::Json(pointer) => write!(f, "`{pointer}` in the payload"),
        }
    }
}
