//! The producers of a trial: opened, started, watched and ended as one.

mod backlog;
mod finish;
mod start;

pub use backlog::{Written, write_backlog};

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

use super::asked::{Client, LoadSpec};
use super::crew::Crew;
use super::hand_over::Scribe;
use super::heavy::{RawProducer, Unmarked};
use super::keepers::{Keepers, make_ready};
use super::light::{Connected, LightClients, LightFleet, LightProducer};
use super::message::Messages;
use super::mixed::Place;
use super::reporter::LoadEnd;
use super::send::BURST;
use super::tally::{AckLedger, LoadCounts, Transaction, Wire};
use super::{LoadError, pacing, threads};
use crate::record::{Fingerprint, Spool};
use crate::spec::{EnvelopePlace, Volume};
use crate::timeline::Clock;

/// Producers with their threads.
#[derive(Debug)]
pub struct Fleet {
    spec: LoadSpec,
    producers: Vec<Arc<RawProducer>>,
    light: Option<LightFleet>,
    /// What the sender drives the light ones by, until it has it.
    light_clients: Option<LightClients>,
    /// By producer; none where nobody has any.
    transactions: Vec<Option<Arc<Transaction>>>,
    places: Vec<Place>,
    pipe: OwnedFd,
    // Declared after the producers: they write to it until they are dropped.
    _signal: OwnedFd,
    ledger: Arc<Mutex<AckLedger>>,
    keepers: Keepers,
    /// Heard by all that take reports.
    end: LoadEnd,
    /// For each thread that will send: made before time 0 is fixed, since it takes its time.
    messages: Vec<Messages>,
    fingerprint: Option<Fingerprint>,
    /// Messages that were written before, and where the sequences of each producer begin after them; none where nothing was.
    before: u64,
    sequences: Vec<u64>,
    /// Messages that wait for full clients at one time.
    most_waiting: usize,
    running: Option<Crew>,
    /// What writes latencies down, and where to, once started.
    kept: Option<(Scribe, Spool)>,
}

impl Fleet {
    /// Starts the clients; they connect on their own, and [`Self::connected`] tells of those that say so. Nothing is sent yet.
    pub fn open(spec: LoadSpec, clock: Clock) -> Result<Self, LoadError> {
        let now = clock.now();
        Fleet::open_from(spec, clock, now)
    }

    /// The same of messages of which none is due before `earliest`, Unix ns.
    fn open_from(spec: LoadSpec, clock: Clock, earliest: u64) -> Result<Self, LoadError> {
        let load = spec.load.clone();
        pacing::within(&load, || Fleet::open_here(spec, clock, earliest))?
    }

    fn open_here(spec: LoadSpec, clock: Clock, earliest: u64) -> Result<Self, LoadError> {
        let (pipe, signal) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::NONBLOCK)
            .map_err(|error| LoadError::System { source: error.into() })?;
        let (mut producers, mut light, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let mut transactions = Vec::new();
        let is_marked = spec.message.envelope == EnvelopePlace::Payload;
        for (number, spec_of_one) in spec.clients.iter().enumerate() {
            match &spec_of_one.client {
                Client::Librdkafka(config) => {
                    let transaction = spec_of_one.transactions.map(|_| Arc::new(Transaction::default()));
                    transactions.push(transaction.clone());
                    let unmarked =
                        (!is_marked).then_some(Unmarked { producer: number as u32, from: earliest });
                    let producer = RawProducer::open(config, &spec.topics, transaction, unmarked)?;
                    // At `rate: max` nobody sleeps until there is news.
                    if spec.volume != Volume::Max {
                        producer.signal_to(signal.as_fd(), producers.len() as u32);
                    }
                    places.push(Place::Heavy(producers.len()));
                    producers.push(Arc::new(producer));
                }
                Client::Light(config, name) => {
                    let (config, name, number) = (Arc::clone(config), name.clone(), number as u32);
                    places.push(Place::Light(light.len()));
                    transactions.push(None);
                    light.push(LightProducer { config, name, number });
                }
            }
        }
        let end = LoadEnd::default();
        let (light, light_clients) = if light.is_empty() {
            (None, None)
        } else {
            let (fleet, clients) = LightFleet::open(&light, &spec.topics, spec.seed, clock, &end)?;
            (Some(fleet), Some(clients))
        };
        make_ready(&producers)?;
        let (senders, at_once) = match spec.volume {
            Volume::Max if light.is_none() => (threads::groups(producers.len()).len(), BURST),
            Volume::Max => (1, BURST),
            _ => (1, 1),
        };
        let mut messages: Vec<Messages> =
            (0..senders).map(|_| Messages::new(&spec.message, &spec.shares, spec.seed, at_once)).collect();
        let fingerprint = messages.first_mut().map(|first| first.fingerprint(spec.clients.len() as u32));
        let ledger = AckLedger::new(spec.topics.partitions()).beginning_at(&spec.starts);
        let mut ledger = if spec.with_seconds { ledger.by_second() } else { ledger };
        if transactions.iter().all(Option::is_none) {
            transactions.clear();
        }
        ledger.follow(transactions.clone());
        let ledger = Arc::new(Mutex::new(ledger));
        Ok(Fleet {
            spec,
            producers,
            light,
            light_clients,
            transactions,
            places,
            pipe,
            _signal: signal,
            ledger,
            keepers: Keepers::default(),
            end,
            messages,
            fingerprint,
            before: 0,
            sequences: Vec::new(),
            most_waiting: usize::MAX,
            running: None,
            kept: None,
        })
    }

    /// How far the producers have come that tell when they are connected; none is known of librdkafka's.
    pub fn connected(&self) -> Connected {
        self.light.as_ref().map(LightFleet::connected).unwrap_or_default()
    }

    /// What has gone over the wire so far, by what the clients count, and as of when (Unix ns).
    pub fn wire(&self, clock: Clock) -> (u64, Wire) {
        let mut sum = self.light.as_ref().map(LightFleet::wire).unwrap_or_default();
        self.producers.iter().for_each(|producer| sum += producer.wire());
        (clock.now(), sum)
    }

    /// The live counters, once started.
    pub fn counts(&self) -> Option<Arc<LoadCounts>> {
        self.running.as_ref().map(|running| Arc::clone(&running.counts))
    }

    /// The acks so far, shared with whoever follows the lag.
    pub fn ledger(&self) -> Arc<Mutex<AckLedger>> {
        Arc::clone(&self.ledger)
    }

    /// From now on nothing becomes due.
    pub fn end_schedule(&self) {
        if let Some(crew) = &self.running {
            crew.end_schedule.store(true, Relaxed);
        }
    }

    /// Whether the schedule is over, nobody waits, and every message sent is acked or failed.
    pub fn is_settled(&self) -> bool {
        let Some(crew) = &self.running else { return true };
        crew.has_sent() && crew.counts.so_far().is_settled()
    }
}
