//! What a made-up load and a made-up group leave, for tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::group::RawGroup;
use super::lags::{LagReading, Lags};
use crate::load::{Ack, AckBatch, AckLedger, LoadCounts, Loaded};
use crate::record::{Scroll, Spooled};
use crate::timeline::quarter_of;

/// Time 0, Unix ns.
pub const ZERO: u64 = 1_000_000_000_000;
/// A millisecond in ns.
pub const MS: u64 = 1_000_000;

/// So many ms after time 0.
pub fn at(ms: u64) -> u64 {
    ZERO + ms * MS
}

/// Four messages a second apart, all sent at once; told of are those that are said here.
pub fn loaded(told: impl Fn(u64) -> bool) -> Loaded {
    loaded_into(AckLedger::new(1), told)
}

/// The same where seconds are asked for.
pub fn loaded_by_second(told: impl Fn(u64) -> bool) -> Loaded {
    loaded_into(AckLedger::new(1).by_second(), told)
}

fn loaded_into(mut ledger: AckLedger, told: impl Fn(u64) -> bool) -> Loaded {
    let counts = Arc::new(LoadCounts::new(quarter_of(ZERO), 20));
    let mut unknown_dues = BTreeMap::new();
    for message in 0..4 {
        let due = at(message * 1_000 + 100);
        counts.due.count(due);
        counts.sent.count(due);
        if told(message) {
            counts.acked.count(due + 5 * MS);
            let mut batch = AckBatch::with_capacity(1, true);
            batch.push(None, Ack { partition: 0, offset: message as i64 + 1, due });
            ledger.book(&batch);
        } else {
            counts.unknown.count(due);
            unknown_dues.insert(quarter_of(due), due);
        }
    }
    Loaded {
        latencies: Spooled::default(),
        out_of_range: 0,
        in_flight: counts.unknown.total(),
        counts,
        ledger,
        unknown_dues,
        errors: BTreeMap::new(),
        failures: BTreeMap::new(),
        excused: BTreeMap::new(),
        pacing: None,
        before: 0,
        fingerprint: None,
        client_ids: Vec::new(),
    }
}

/// One that nobody heard of, and its lags: when they were read, how many messages, when the oldest was due.
pub fn group(lags: &[(u64, u64, u64)]) -> RawGroup {
    let folder = tempfile::tempdir().unwrap();
    let mut readings = Scroll::create(folder.path()).unwrap();
    for (read_ms, messages, oldest_ms) in lags {
        readings.push(&LagReading {
            at: at(*read_ms),
            messages: *messages,
            oldest_due: Some(at(*oldest_ms)),
            earliest_due: None,
            undated: false,
            took: 2_000_000,
        });
    }
    let lags = Lags { readings: readings.finish().unwrap(), ..Lags::default() };
    RawGroup {
        name: "orders".to_owned(),
        full_name: "orders".to_owned(),
        instances: 1,
        shares: false,
        threads: 1,
        gathered: crate::consumers::Gathered::default(),
        latencies: Spooled::default(),
        commits: None,
        lags,
        journal: super::Journaled::default(),
        deaths: Vec::new(),
        emulation: None,
        outside: None,
        results: None,
    }
}
