//! What is written before the consumers are started: by the same producers, in the same order and with the same keys as if their load had gone on without
//! anybody to read. Each message was due in the past, and the producers of the trial go on where those of the backlog ended.

use std::path::Path;
use std::time::{Duration, Instant};

use super::Fleet;
use crate::load::asked::LoadSpec;
use crate::load::tally::AckLedger;
use crate::load::{LoadError, Loaded};
use crate::record::Spool;
use crate::spec::{Arrivals, Backlog, Volume};
use crate::timeline::{Clock, SECOND_NS};
use crate::units::Rate;

/// The last message was due that long before the first is written: none is due in a second that the trial has too.
const BEFORE_NS: u64 = SECOND_NS;
/// Messages that wait for full clients at one time; what is due beyond them waits for its turn.
const MOST_WAITING: usize = 1 << 16;
/// How often the end is looked for.
const LOOK: Duration = Duration::from_millis(5);
/// Counters reach that far beyond the last due time.
const TAIL_NS: u64 = 10 * SECOND_NS;

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// How many messages.
    pub messages: u64,
    /// When the first of them was due, Unix ns.
    pub first_due: u64,
    /// Seconds that writing took.
    pub took_s: f64,
    /// The next sequence of each producer.
    pub sequences: Vec<u64>,
    /// Where they lie, with their due times.
    pub ledger: AckLedger,
}

/// Writes it, and waits until all of it is acked; `None` where `stop` said so before.
pub fn write_backlog(
    mut spec: LoadSpec,
    backlog: Backlog,
    (clock, folder): (Clock, &Path),
    stop: &dyn Fn() -> bool,
) -> Result<Option<Written>, LoadError> {
    let (begun, span_ns) = (Instant::now(), backlog.span.as_nanos());
    let rate = backlog.messages as f64 / backlog.span.as_secs_f64();
    spec.volume = Rate::per_second(rate).map_or(spec.volume, Volume::Rate);
    spec.arrivals = Arrivals::Constant;
    // However old it is: it is not late, it is a backlog.
    spec.clients.iter_mut().for_each(|client| client.delivery_timeout_ns += span_ns + 3_600 * SECOND_NS);
    let first_due = || clock.now() - BEFORE_NS - span_ns;
    let mut fleet = Fleet::open_from(spec, clock, first_due())?;
    fleet.most_waiting = MOST_WAITING;
    let zero = first_due();
    fleet.start(clock, zero, zero..zero + span_ns, TAIL_NS, Spool::create(folder)?)?;
    while !fleet.is_settled() {
        if stop() {
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
    let ledger = fleet.ledger();
    let Some(Loaded { counts, errors, failures, in_flight, .. }) = fleet.finish()? else { return Ok(None) };
    let so_far = counts.so_far();
    let lost = counts.refused.total() + so_far.failed + in_flight;
    if lost > 0 {
        let why: Vec<&String> = failures.keys().chain(errors.keys()).collect();
        let why = why.first().map_or("no broker said why", |why| why.as_str());
        let reason = format!("{lost} of {} messages of the backlog were not acked: {why}", so_far.due);
        return Err(LoadError::Backlog { reason });
    }
    let ledger = std::mem::take(&mut *ledger.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    Ok(Some(Written {
        messages: so_far.acked,
        first_due: zero,
        took_s: begun.elapsed().as_secs_f64(),
        sequences: counts.producers.read().iter().map(|one| one.due).collect(),
        ledger,
    }))
}

impl Fleet {
    /// Goes on where a backlog ended: its messages are in the books, and no sequence comes twice. To be said before anything else is asked of the fleet, which
    /// alone knows from now on where they lie.
    pub fn go_on_from(&mut self, written: &mut Written) {
        self.before = written.messages;
        self.sequences.clone_from(&written.sequences);
        let ledger = std::mem::take(&mut written.ledger);
        *self.ledger.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = ledger;
    }

    /// Messages that were written before.
    pub fn before(&self) -> u64 {
        self.before
    }

    /// The next sequence of a producer.
    pub(super) fn sequence_of(&self, producer: usize) -> u64 {
        self.sequences.get(producer).copied().unwrap_or_default()
    }
}
