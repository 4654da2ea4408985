//! Messages of one's own: which of a file's it is, and fields of a template, each in its own bytes. Nothing is allocated where there is room.

use std::io::Write as _;
use std::time::{Duration, SystemTime};

use rand::RngExt;

use super::draw::{Purpose, draws};
use crate::envelope::Envelope;
use crate::spec::{Content, Field, FieldKind, Lines, Order, Template, TemplatePart};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// One message that is put together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rendering<'a> {
    pub(super) content: &'a Content,
    pub(super) seed: u64,
    /// Whose it is, its sequence, and when it is due.
    pub(super) envelope: &'a Envelope,
}

impl Rendering<'_> {
    /// Puts a part of the message behind what is there.
    pub(super) fn put_field(&self, field: &Field, room: &mut Vec<u8>) {
        match (field, self.content) {
            (Field::Column(column), Content::Lines(lines, order)) => {
                room.extend_from_slice(column.get(line(lines, *order, self.seed, self.envelope)));
            }
            (Field::Of(place), Content::Template(template)) => self.put(template, *place, room),
            _ => {}
        }
    }

    /// Puts the whole of it.
    pub(super) fn put_all(&self, template: &Template, room: &mut Vec<u8>) {
        for part in &template.parts {
            match part {
                TemplatePart::Text(text) => room.extend_from_slice(text.as_bytes()),
                TemplatePart::Field(place) => self.put(template, *place, room),
            }
        }
    }

    /// A field is the same wherever in its message it stands.
    fn put(&self, template: &Template, place: usize, room: &mut Vec<u8>) {
        let Some((_, kind)) = template.fields.get(place) else { return };
        let Envelope { producer, sequence, due, .. } = *self.envelope;
        let random = || draws(self.seed, producer, sequence, Purpose::Field(place));
        // What is written to memory is always written.
        match kind {
            FieldKind::Sequence => write!(room, "{sequence}").ok(),
            FieldKind::Uuid => {
                put_uuid(random().random(), room);
                Some(())
            }
            FieldKind::Time => {
                let time = SystemTime::UNIX_EPOCH + Duration::from_nanos(due);
                write!(room, "{}", humantime::format_rfc3339_millis(time)).ok()
            }
            FieldKind::TimeMs => write!(room, "{}", due / 1_000_000).ok(),
            FieldKind::Int(from, to) => write!(room, "{}", random().random_range(*from..=*to)).ok(),
            FieldKind::Choice(texts) => {
                let text = &texts[random().random_range(0..texts.len())];
                room.extend_from_slice(text.as_bytes());
                Some(())
            }
        };
    }
}

/// Which of a file's messages it is.
pub(super) fn line(lines: &Lines, order: Order, seed: u64, of: &Envelope) -> usize {
    match order {
        Order::InOrder => (of.sequence % lines.count() as u64) as usize,
        Order::Random => draws(seed, of.producer, of.sequence, Purpose::Line).random_range(0..lines.count()),
    }
}

/// RFC 9562, section 5.4: all is drawn but version and variant.
fn put_uuid(drawn: u128, room: &mut Vec<u8>) {
    let mut bytes = drawn.to_be_bytes();
    bytes[6] = 0x40 | bytes[6] & 0x0f;
    bytes[8] = 0x80 | bytes[8] & 0x3f;
    for (at, byte) in bytes.into_iter().enumerate() {
        if [4, 6, 8, 10].contains(&at) {
            room.push(b'-');
        }
        room.extend([HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
}
