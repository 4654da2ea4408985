//! Messages that are larger than a client or a broker lets through, by what the file says and by the defaults where it says nothing.

use super::Treatment;
use super::slos::property;
use crate::spec::{Cluster, EnvelopePlace, Fleet, Message, Settings, Size};

/// librdkafka's default of `message.max.bytes` and of `batch.size`; the light client has the same.
const CLIENTS: u64 = 1_000_000;
/// librdkafka's default of `batch.num.messages`.
const IN_BATCH: u64 = 10_000;
/// Kafka's default of `message.max.bytes`, which topics have unless they say otherwise: 1 MiB and what frames a batch of the oldest format.
const BROKERS: u64 = 1_048_588;
/// Bytes of the header of a batch (magic 2).
const BATCH: u64 = 61;
/// What of a rate's messages must at least be expected to be too large.
const WORTH_TELLING: f64 = 0.01;
/// The same where nobody knows how many messages there will be.
const SHARE_WORTH_TELLING: f64 = 1e-9;

/// What is too large of a treatment's messages: what and why, and what would help.
pub fn of(treatment: &Treatment) -> Vec<(String, String)> {
    let settings = &treatment.settings;
    let mut told = Vec::new();
    for fleet in &settings.workload.fleets {
        let clients = number(property(settings, fleet, "message.max.bytes")).unwrap_or(CLIENTS);
        let message = &settings.workload.message;
        let (key, headers) = (message.longest_key(), headers(message));
        if is_worth_telling(treatment, clients.saturating_sub(key + headers)) {
            let limit = Limit { bytes: clients, of: "`message.max.bytes`", whose: "the producers" };
            let hint = format!("write `message.max.bytes` under the `properties` of fleet `{}`", fleet.name);
            let parts =
                if headers > 0 { format!("key {key}, headers {headers}") } else { format!("key {key}") };
            told.push((sentence(settings, &limit, key + headers, &parts), hint));
            continue; // a broker never sees them
        }
        told.extend(at_broker(treatment, fleet));
    }
    told
}

/// Who lets no more through.
struct Limit {
    bytes: u64,
    of: &'static str,
    whose: &'static str,
}

fn at_broker(treatment: &Treatment, fleet: &Fleet) -> Option<(String, String)> {
    let settings = &treatment.settings;
    let limit = limit_of_topic(settings);
    let key = settings.workload.message.longest_key();
    let codec = property(settings, fleet, "compression.codec");
    let packed = codec.is_some_and(|codec| codec != "none" && !codec.contains("${"));
    if packed && !settings.workload.message.is_made() {
        return None;
    }
    let left = if packed { 1.0 - settings.workload.message.compressibility.get() } else { 1.0 };
    let largest = settings.workload.message.size.largest();
    let around = record(key, largest) - largest + BATCH + headers(&settings.workload.message);
    let hint = "write `max.message.bytes` under `topic: config:`".to_owned();
    let fits = limit.bytes.saturating_sub(around) as f64 / left.max(f64::MIN_POSITIVE);
    if is_worth_telling(treatment, fits.min(u64::MAX as f64) as u64) {
        let parts = format!("key {key}, record and batch {}", around - key);
        return Some((sentence(settings, &limit, around, &parts), hint));
    }
    // librdkafka fills a batch whatever the topic takes, and a broker refuses the whole of it.
    let size = number(property(settings, fleet, "batch.size")).unwrap_or(CLIENTS);
    let clients = number(property(settings, fleet, "message.max.bytes")).unwrap_or(CLIENTS);
    let count = number(property(settings, fleet, "batch.num.messages")).unwrap_or(IN_BATCH);
    let batch = size.min(clients).min(record(key, largest).saturating_mul(count));
    (batch as f64 * left > limit.bytes as f64).then(|| {
        let what = format!(
            "batches of fleet `{}` may grow to {batch} bytes, more than {} of {} takes ({}), which refuses the whole batch then",
            fleet.name, limit.of, limit.whose, limit.bytes
        );
        (what, format!("write `batch.size: {}` under its `properties`, or a greater limit", limit.bytes))
    })
}

/// What a broker takes at most of this topic.
fn limit_of_topic(settings: &Settings) -> Limit {
    if let Some(bytes) = number(settings.topic.config.get("max.message.bytes").map(String::as_str)) {
        return Limit { bytes, of: "`max.message.bytes`", whose: "the topic" };
    }
    let own = match &settings.cluster {
        Cluster::Kafka { config, .. } => number(config.get("message.max.bytes").map(String::as_str)),
        Cluster::Bootstrap { .. } => None,
    };
    match own {
        Some(bytes) => Limit { bytes, of: "`message.max.bytes`", whose: "the broker" },
        None => Limit { bytes: BROKERS, of: "Kafka's default of `message.max.bytes`", whose: "the brokers" },
    }
}

/// Bytes of a message's headers at the most, their lengths included.
fn headers(message: &Message) -> u64 {
    message.longest_headers() + 4 * message.header_count() as u64
}

fn number(text: Option<&str>) -> Option<u64> {
    text?.trim().parse().ok()
}

/// Whether messages whose payload is beyond so many bytes are to be expected.
fn is_worth_telling(treatment: &Treatment, bytes: u64) -> bool {
    let share = treatment.settings.workload.message.size.share_beyond(bytes);
    let seconds = treatment.settings.phases.load_s();
    match treatment.settings.workload.volume.messages(0.0, seconds) {
        Some(messages) => share * messages >= WORTH_TELLING,
        None => share >= SHARE_WORTH_TELLING,
    }
}

/// The sum, and what becomes of such messages; `around` is what comes to a payload.
fn sentence(settings: &Settings, limit: &Limit, around: u64, parts: &str) -> String {
    let size = &settings.workload.message.size;
    let Limit { bytes, of, whose } = limit;
    let largest = size.largest();
    let marked = settings.workload.message.envelope == EnvelopePlace::Payload;
    let payload = if marked { "payload with envelope" } else { "payload" };
    let (sum, refuse) = (largest + around, if *whose == "the producers" { "refuse" } else { "would refuse" });
    if let Size::Fixed(_) = size {
        return format!(
            "a message is {sum} bytes ({payload} {largest}, {parts}), more than {of} ({bytes}): {whose} {refuse} all of them"
        );
    }
    let share = size.share_beyond(bytes.saturating_sub(around)) * 100.0;
    let share = if share < 0.1 { "fewer than 0.1%".to_owned() } else { format!("{share:.1}%") };
    format!(
        "messages are up to {sum} bytes ({payload} {largest}, {parts}), and {share} of them more than {of} ({bytes}): {whose} {refuse} those"
    )
}

/// Bytes of a record that is alone in its batch, which has offset and time 0 in it.
fn record(key: u64, payload: u64) -> u64 {
    let fields = 4; // attributes, time, offset, number of headers
    let body = fields + varint(key) + key + varint(payload) + payload;
    varint(body) + body
}

/// Bytes of a length as a variable integer, whose lowest bit is the sign.
fn varint(length: u64) -> u64 {
    let bits = u64::from(u64::BITS - length.leading_zeros()) + 1;
    bits.div_ceil(7).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_as_long_as_kafka_writes_it() {
        // Nothing but a payload of 63 bytes: a length below 64 takes a byte, as does that of no key.
        assert_eq!((record(0, 63), record(0, 64)), (2 + 69, 2 + 71));
        assert_eq!((varint(0), varint(63), varint(64), varint(8191), varint(8192)), (1, 1, 2, 2, 3));
    }
}
