//! What librdkafka's own statistics say of the wire.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Deserialize;

use crate::load::tally::Wire;

/// What is read of the JSON that librdkafka emits; see its STATISTICS.md.
#[derive(Debug, Deserialize)]
struct Emitted {
    /// CLOCK_MONOTONIC, in µs.
    ts: u64,
    txmsgs: u64,
    #[serde(default)]
    brokers: BTreeMap<String, Broker>,
}

#[derive(Debug, Deserialize)]
struct Broker {
    #[serde(default)]
    txbytes: u64,
    #[serde(default)]
    req: Requests,
}

#[derive(Debug, Default, Deserialize)]
struct Requests {
    #[serde(rename = "Produce", default)]
    produce: u64,
}

/// The last statistics of a producer: written by the thread that takes its events, read by anybody, without a lock.
#[derive(Debug, Default)]
pub struct Statistics {
    at_ns: AtomicU64,
    requests: AtomicU64,
    records: AtomicU64,
    bytes: AtomicU64,
}

impl Statistics {
    /// Takes what a client emitted; what cannot be read changes nothing.
    pub fn take(&self, json: &[u8]) {
        let Ok(emitted) = serde_json::from_slice::<Emitted>(json) else { return };
        let sum = |of: fn(&Broker) -> u64| emitted.brokers.values().map(of).sum();
        self.requests.store(sum(|broker| broker.req.produce), Relaxed);
        self.records.store(emitted.txmsgs, Relaxed);
        self.bytes.store(sum(|broker| broker.txbytes), Relaxed);
        self.at_ns.store(emitted.ts * 1_000, Relaxed);
    }

    /// When they were made (ns of CLOCK_MONOTONIC), and what they say; `None` before the first.
    pub fn last(&self) -> Option<(u64, Wire)> {
        let at = Some(self.at_ns.load(Relaxed)).filter(|at| *at > 0)?;
        let requests = self.requests.load(Relaxed);
        // librdkafka puts one batch, of one partition, into each request.
        let batches = requests;
        Some((
            at,
            Wire { requests, batches, records: self.records.load(Relaxed), bytes: self.bytes.load(Relaxed) },
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_those_that_carry_records_of_all_brokers_together() {
        let statistics = Statistics::default();
        assert_eq!(statistics.last(), None);
        statistics.take(b"not json");
        assert_eq!(statistics.last(), None);
        let json = br#"{"name": "x", "ts": 5000, "time": 1, "tx": 12, "tx_bytes": 900, "txmsgs": 80, "topics": {"a": {}},
            "brokers": {
                "b:1/1": {"name": "b:1/1", "tx": 9, "txbytes": 600, "req": {"Produce": 7, "Metadata": 2}},
                "b:2/2": {"txbytes": 250, "req": {"Produce": 1}},
                "b:1/bootstrap": {"txbytes": 50}
            }}"#;
        statistics.take(json);
        let wire = Wire { requests: 8, batches: 8, records: 80, bytes: 900 };
        assert_eq!(statistics.last(), Some((5_000_000, wire)));
    }
}
