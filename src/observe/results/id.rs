//! The id that a message has and its result passes on, as one number.

use std::hash::{DefaultHasher, Hasher as _};

use rdkafka::Message;
use rdkafka::message::Headers as _;

use crate::spec::Id;

/// The id of a message, hashed: of a million ids two are alike by chance once in 10^7 trials. None where it has none.
pub fn id_of(id: &Id, message: &impl Message) -> Option<u64> {
    match id {
        Id::Key => message.key().map(hashed),
        Id::Header(name) => {
            let headers = message.headers()?;
            headers.iter().find(|header| header.key == name)?.value.map(hashed)
        }
        Id::Json(pointer) => in_json(message.payload()?, pointer),
    }
}

/// A text and a number of the same digits are one id: a pipeline may write either.
fn in_json(payload: &[u8], pointer: &str) -> Option<u64> {
    let payload: serde_json::Value = serde_json::from_slice(payload).ok()?;
    match payload.pointer(pointer)? {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(hashed(text.as_bytes())),
        other => Some(hashed(other.to_string().as_bytes())),
    }
}

fn hashed(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use rdkafka::Timestamp;
    use rdkafka::message::{Header, OwnedHeaders, OwnedMessage};

    use super::*;

    fn message(key: Option<&str>, header: Option<&str>, payload: &str) -> OwnedMessage {
        let headers =
            header.map(|value| OwnedHeaders::new().insert(Header { key: "id", value: Some(value) }));
        let bytes = |text: &str| text.as_bytes().to_vec();
        let (payload, key) = (Some(bytes(payload)), key.map(bytes));
        OwnedMessage::new(payload, key, "t".to_owned(), Timestamp::NotAvailable, 0, 0, headers)
    }

    #[test]
    fn an_id_is_found_wherever_it_is_and_is_the_same_in_all_places() {
        let expected = Some(hashed(b"17"));
        assert_eq!(id_of(&Id::Key, &message(Some("17"), None, "")), expected);
        assert_eq!(id_of(&Id::Header("id".to_owned()), &message(None, Some("17"), "")), expected);
        let json = |payload: &str| id_of(&Id::Json("/a/id".to_owned()), &message(None, None, payload));
        assert_eq!(json("{\"a\": {\"id\": 17}}"), expected);
        assert_eq!(json("{\"a\": {\"id\": \"17\", \"b\": 1}}"), expected);
        assert_ne!(json("{\"a\": {\"id\": 18}}"), expected);
    }

    #[test]
    fn what_has_no_id_has_none() {
        let bare = message(None, None, "no JSON");
        for id in [Id::Key, Id::Header("id".to_owned()), Id::Json("/a/id".to_owned())] {
            assert_eq!(id_of(&id, &bare), None, "{id}");
        }
        assert_eq!(id_of(&Id::Header("it".to_owned()), &message(None, Some("17"), "")), None);
        assert_eq!(id_of(&Id::Json("/a".to_owned()), &message(None, None, "{\"a\": null}")), None);
    }
}
