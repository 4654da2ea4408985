//! What a compressor makes of messages as they go over the wire, envelopes included.

use super::*;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::envelope::{self, Envelope, Kind};
use crate::spec::{Field, FieldKind, Framing, Header, HeaderValue, Keys, Lines, Order, Size, Template};
use crate::units::{Bytes, Share};

const MESSAGES: u64 = 1_000_000;
/// Bytes of a batch, as clients send them.
const BATCH: usize = 1_000_000;

/// The share of a million messages' bytes that zstd leaves, at the level that clients use.
fn left(size: &Size, percent: u32) -> f64 {
    let compressibility = Share::new(f64::from(percent) / 100.0).unwrap();
    let message = Message { size: size.clone(), compressibility, ..Message::default() };
    let mut messages = Messages::new(&message, &[1.0], 3, 1);
    let mut batch = Vec::with_capacity(BATCH);
    let mut out = vec![0; zstd::zstd_safe::compress_bound(BATCH)];
    let (mut before, mut after) = (0, 0);
    for sequence in 0..MESSAGES {
        // About 80,000 a second.
        let due = 1_790_000_000_000_000_000 + sequence * 12_345 + sequence.wrapping_mul(0x9E37_79B9) % 9_999;
        let envelope = Envelope { kind: Kind::Message, trial: 0x1234_5678_9ABC, producer: 7, sequence, due };
        let Made { payload, .. } = messages.make(&envelope);
        if batch.len() + payload.len() > BATCH {
            after += zstd::bulk::compress_to_buffer(&batch, &mut out, 3).unwrap();
            before += batch.len();
            batch.clear();
        }
        batch.extend_from_slice(payload);
    }
    after as f64 / before as f64
}

#[test]
fn a_million_messages_leave_a_compressor_what_was_asked_for_be_their_sizes_fixed_or_drawn() {
    let mean = Bytes::new(256);
    for percent in [0, 50, 90] {
        let (fixed, drawn) = std::thread::scope(|scope| {
            let fixed = scope.spawn(|| left(&Size::Fixed(mean), percent));
            let drawn = left(&Size::Normal { mean, sd: Bytes::new(80) }, percent);
            (fixed.join().unwrap(), drawn)
        });
        let wanted = 1.0 - f64::from(percent) / 100.0;
        // Of an envelope little is left. What says where noise ends and filler begins takes room of its own.
        let least = wanted * (1.0 - envelope::BYTES as f64 / mean.get() as f64);
        for left in [fixed, drawn] {
            assert!(
                (least..wanted + 0.05).contains(&left),
                "{percent} %: {fixed} is left, and {drawn} of drawn sizes"
            );
        }
        assert!((fixed - drawn).abs() < 0.02, "{percent} %: {fixed} is left, and {drawn} of drawn sizes");
    }
}

fn of(producer: u32, sequence: u64) -> Envelope {
    Envelope { kind: Kind::Message, trial: 9, producer, sequence, due: 1_700_000_000_123_456_789 }
}

fn orders(order: Order, place: EnvelopePlace) -> Message {
    let file = br#"{"id": 1, "who": "ann"}
{"id": 22, "who": "bob"}
{"id": 333, "who": "cy"}
"#;
    let lines = Lines::read("orders.jsonl", Arc::from(&file[..]), Framing::Lines).unwrap();
    let column = |pointer: &str| Field::Column(Arc::new(lines.columns(&[pointer]).remove(0).unwrap()));
    Message {
        size: lines.sizes(),
        keys: Keys::Field,
        key: Some(column("/who")),
        headers: vec![
            Header { name: "source".to_owned(), value: HeaderValue::Text("web".to_owned()) },
            Header { name: "id".to_owned(), value: HeaderValue::Field(column("/id")) },
        ],
        envelope: place,
        content: Content::Lines(Arc::new(lines), order),
        ..Message::default()
    }
}

fn bill(place: EnvelopePlace) -> Message {
    let text = r#"{"n":{{sequence}},"id":"{{uuid}}","at":"{{time}}","ms":{{time_ms}},"who":{{who}},"kind":"{{kind}}"}"#;
    let fields = vec![
        ("who".to_owned(), FieldKind::Int(-3, 1_000)),
        ("kind".to_owned(), FieldKind::Choice(vec!["new".to_owned(), "returned".to_owned()])),
    ];
    let template = Template::read(text, fields).unwrap();
    let field = |name: &str| Field::Of(template.field(name).unwrap());
    Message {
        size: template.sizes(),
        keys: Keys::Field,
        key: Some(field("who")),
        headers: vec![Header { name: "kind".to_owned(), value: HeaderValue::Field(field("kind")) }],
        envelope: place,
        content: Content::Template(Arc::new(template)),
        ..Message::default()
    }
}

fn headers(made: Made<'_>) -> Vec<(String, Vec<u8>)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    each_header(made.headers).map(|(name, value)| (text(name), value.to_vec())).collect()
}

#[test]
fn messages_of_a_file_are_sent_as_they_are_in_order_or_drawn_with_keys_and_headers_of_their_own() {
    let mut messages = Messages::new(&orders(Order::InOrder, EnvelopePlace::Nowhere), &[1.0], 1, 1);
    for (sequence, who, id) in [(0, "ann", "1"), (1, "bob", "22"), (2, "cy", "333"), (3, "ann", "1")] {
        let made = messages.make(&of(4, sequence));
        assert_eq!(made.payload, format!(r#"{{"id": {id}, "who": "{who}"}}"#).as_bytes());
        assert_eq!(made.key, who.as_bytes());
        let expected = [("source", "web"), ("id", id)].map(|(name, value)| (name.to_owned(), value.into()));
        assert_eq!(headers(made), expected);
    }
    let mut drawn = Messages::new(&orders(Order::Random, EnvelopePlace::Nowhere), &[1.0], 1, 1);
    let mut counts = std::collections::BTreeMap::<Vec<u8>, u32>::new();
    for sequence in 0..30_000 {
        let made = drawn.make(&of(4, sequence));
        assert!(made.payload.windows(made.key.len()).any(|part| part == made.key), "its own key");
        *counts.entry(made.key.to_vec()).or_default() += 1;
    }
    assert!(counts.values().all(|count| count.abs_diff(10_000) < 400), "{counts:?}");
}

#[test]
fn a_template_is_filled_in_anew_for_each_message_and_each_field_is_one_throughout_it() {
    let mut messages = Messages::new(&bill(EnvelopePlace::Nowhere), &[1.0], 1, 1);
    let (mut ids, mut kinds, mut whos) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for sequence in 0..2_000 {
        let made = messages.make(&of(3, sequence));
        let told: serde_json::Value = serde_json::from_slice(made.payload).unwrap();
        assert_eq!(
            (told["n"].as_u64(), told["at"].as_str()),
            (Some(sequence), Some("2023-11-14T22:13:20.123Z"))
        );
        assert_eq!(told["ms"].as_u64(), Some(1_700_000_000_123));
        assert_eq!(made.key, told["who"].to_string().as_bytes());
        assert_eq!(headers(made), [("kind".to_owned(), told["kind"].as_str().unwrap().as_bytes().to_vec())]);
        let id = told["id"].as_str().unwrap().to_owned();
        assert!(id.len() == 36 && &id[14..15] == "4" && "89ab".contains(&id[19..20]), "{id}");
        assert!(ids.insert(id), "no two are alike");
        kinds.insert(told["kind"].as_str().unwrap().to_owned());
        whos.insert(told["who"].as_i64().unwrap());
    }
    assert_eq!(kinds.len(), 2);
    assert!(whos.len() > 700 && *whos.first().unwrap() >= -3 && *whos.last().unwrap() <= 1_000);
}

#[test]
fn the_envelope_is_where_it_is_asked_for_and_nowhere_else() {
    let envelope = of(3, 5);
    let in_header = |made: Made<'_>| headers(made).into_iter().find(|(name, _)| name == envelope::HEADER);
    for message in [
        |envelope| orders(Order::InOrder, envelope),
        bill,
        |envelope| Message { envelope, ..Message::default() },
    ] {
        let mut messages = Messages::new(&message(EnvelopePlace::Header), &[1.0], 1, 1);
        let made = messages.make(&envelope);
        assert_eq!(in_header(made).and_then(|(_, value)| Envelope::read(&value)), Some(envelope));
        assert_eq!(Envelope::read(made.payload), None);
        let mut messages = Messages::new(&message(EnvelopePlace::Nowhere), &[1.0], 1, 1);
        let made = messages.make(&envelope);
        assert_eq!((in_header(made), Envelope::read(made.payload)), (None, None));
    }
    let mut messages = Messages::new(&Message::default(), &[1.0], 1, 1);
    let made = messages.make(&envelope);
    assert_eq!((Envelope::read(made.payload), made.headers), (Some(envelope), &[][..]));
}

#[test]
fn a_burst_is_made_of_what_its_messages_are_one_by_one() {
    for message in [orders(Order::Random, EnvelopePlace::Header), bill(EnvelopePlace::Header)] {
        let (mut burst, mut one) =
            (Messages::new(&message, &[1.0], 1, 8), Messages::new(&message, &[1.0], 1, 1));
        let envelopes: [Envelope; 8] = std::array::from_fn(|at| of(2, at as u64));
        for (made, envelope) in burst.make_all(&envelopes).iter().zip(&envelopes) {
            assert_eq!(*made, one.make(envelope));
        }
    }
}

/// What is sent for a seed is a promise: these numbers change only with a note in the list of changes.
#[test]
fn what_is_sent_for_a_seed_has_a_number_that_stays() {
    let of = |message: &Message, seed: u64, producers: u32| {
        let mut messages = Messages::new(message, &[1.0], seed, 1);
        let first = messages.fingerprint(producers);
        assert_eq!(messages.fingerprint(producers), first, "what was made before leaves no trace");
        first
    };
    let keyed = Message {
        size: Size::LogNormal { median: Bytes::new(200), sigma: 0.5 },
        keys: Keys::Zipf { count: 1_000, exponent: 1.1 },
        ..Message::default()
    };
    let messages = [keyed, orders(Order::Random, EnvelopePlace::Header), bill(EnvelopePlace::Nowhere)];
    let golden = [
        "6e34c68dd40146bcc28d9ebc128aabe379a6a09c7ce400288401996f6d281345",
        "6bd45ecc4f42bcfc6ef605eb528d5f9f89af11dc3b952969d44945ba5a2c9ca6",
        "fc454bed4b329cea7fb8280b01488c58ccb8ee78fe3116738f16bac08658b1c2",
    ];
    assert_eq!(messages.each_ref().map(|message| of(message, 7, 3).sha256), golden);
    for (message, sha256) in messages.iter().zip(golden) {
        assert_eq!(of(message, 7, 3).messages, 10_000);
        assert_ne!(of(message, 8, 3).sha256, sha256, "another seed");
        assert_ne!(of(message, 7, 2).sha256, sha256, "other producers");
    }
    let large = Message { size: Size::Fixed(Bytes::new(1 << 20)), ..Message::default() };
    assert_eq!((of(&large, 7, 1).messages, of(&large, 7, 1).mean_bytes as u64), (64, 1 << 20));
}
