//! What each message is like: its size, or the bytes of one's own; its key, its headers, and where bench notes what it is.

mod field;
mod form;
mod keys;
mod lines;
mod size;
mod template;

pub use field::{Field, Header, HeaderValue};
pub(super) use form::MESSAGE;
pub use keys::Keys;
pub use lines::{Column, Framing, Lines, NoLines};
pub use size::Size;
pub(super) use template::MOST_FIELDS;
pub use template::{FieldKind, Template, TemplatePart};

use std::sync::Arc;

use crate::envelope;
use crate::units::{Bytes, Share};

/// What each message is like.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Bytes of the payload, an envelope in it included; of messages of one's own, what they come to.
    pub size: Size,
    /// Its key.
    pub keys: Keys,
    /// Share of the payload that a compressor can take away; of messages of one's own nobody says.
    pub compressibility: Share,
    /// What its payload is.
    pub content: Content,
    /// What of it is its key, where it is [`Keys::Field`].
    pub key: Option<Field>,
    /// Its headers, in their order, the envelope's apart.
    pub headers: Vec<Header>,
    /// Where its envelope is.
    pub envelope: EnvelopePlace,
}

/// What payloads are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// Bytes that bench makes, of a size and compressibility as asked.
    #[default]
    Made,
    /// Messages of a file.
    Lines(Arc<Lines>, Order),
    /// A text with fields.
    Template(Arc<Template>),
}

/// In which order messages of a file are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Each producer from the first on, and over again.
    InOrder,
    /// Each drawn, as likely as any other.
    Random,
}

/// Where the envelope is that says what a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnvelopePlace {
    /// Over the payload's first bytes.
    #[default]
    Payload,
    /// In a header of its own: the payload is the user's.
    Header,
    /// Nowhere: only who follows from outside can tell what became of a message.
    Nowhere,
}

impl Default for Message {
    fn default() -> Self {
        Message {
            size: Size::Fixed(Bytes::new(1024)),
            keys: Keys::None,
            compressibility: Share::NONE,
            content: Content::default(),
            key: None,
            headers: Vec::new(),
            envelope: EnvelopePlace::default(),
        }
    }
}

impl Message {
    /// Bytes that are made before a trial for each thread that sends, and from which all its payloads are cut: two of the largest, [`Message::USUAL_POOL`] at
    /// least. Messages of one's own are rendered into as much as a burst of the largest takes, and a file's are read from where it lies.
    pub fn pool_bytes(&self) -> u64 {
        match &self.content {
            Content::Made => (2 * self.size.largest()).max(Self::USUAL_POOL.get()),
            Content::Lines(lines, _) => lines.bytes(),
            Content::Template(template) => template.longest() as u64,
        }
    }

    /// What that comes to where messages are not large: more than a batch holds, so that no payload comes twice in what is compressed together.
    pub const USUAL_POOL: Bytes = Bytes::new(4 << 20);

    /// Bytes of the longest key.
    pub fn longest_key(&self) -> u64 {
        self.key.as_ref().map_or(self.keys.longest(), |field| self.longest(field))
    }

    /// Bytes of the names and values of all headers at their longest, the envelope's included.
    pub fn longest_headers(&self) -> u64 {
        let value = |header: &Header| match &header.value {
            HeaderValue::Text(text) => text.len() as u64,
            HeaderValue::Field(field) => self.longest(field),
        };
        let own: u64 = self.headers.iter().map(|header| header.name.len() as u64 + value(header)).sum();
        let envelope = (envelope::HEADER.len() + envelope::BYTES) as u64;
        own + if self.envelope == EnvelopePlace::Header { envelope } else { 0 }
    }

    /// How many headers a message has.
    pub fn header_count(&self) -> usize {
        self.headers.len() + usize::from(self.envelope == EnvelopePlace::Header)
    }

    fn longest(&self, field: &Field) -> u64 {
        match (field, &self.content) {
            (Field::Column(column), _) => column.longest() as u64,
            (Field::Of(number), Content::Template(template)) => {
                template.fields.get(*number).map_or(0, |(_, kind)| kind.longest() as u64)
            }
            (Field::Of(_), _) => 0,
        }
    }

    /// Whether every payload may stand for any other of its size.
    pub fn is_made(&self) -> bool {
        self.content == Content::Made
    }
}
