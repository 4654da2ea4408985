//! The light producers of a trial as one: connected, started, ended.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, mpsc};

use kafka_protocol::protocol::StrBytes;

use super::clients::{LightClients, Seat, Way};
use super::config::LightConfig;
use super::post::{Bell, Room, parcels};
use super::producer::Who;
use super::shard::{self, Board, Orders};
use super::wire::{Gate, Targets};
use crate::books::Topics;
use crate::load::crew::Reporting;
use crate::load::reporter::{LoadEnd, Reporter};
use crate::load::tally::Wire;
use crate::load::{LoadError, threads};
use crate::timeline::Clock;

/// A ring holds this much at least: several milliseconds of any rate that a shard can do.
const RING: usize = 4 << 20;
/// A ring holds this many of the largest messages at least.
const LARGEST: usize = 4;
/// The cores that one shard may have for itself; on fewer, one shard does less switching.
const CORES: usize = 4;
/// More shards than this gain nothing: the one sender is the limit then.
const MOST_SHARDS: usize = 4;

/// One light producer to be.
#[derive(Clone, Debug)]
pub struct LightProducer {
    /// What it is told, shared by its fleet.
    pub config: Arc<LightConfig>,
    /// Its `client.id`.
    pub name: String,
    /// Its number in the pacer's numbering.
    pub number: u32,
}

/// How far connecting has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connected {
    /// Producers that have all their connections.
    pub up: u32,
    /// Producers in all.
    pub of: u32,
    /// How long it took until the last of them had, in ns.
    pub took_ns: u64,
    /// The longest that any of these took since it was its turn, in ns.
    pub worst_ns: u64,
    /// The first reason that mattered why one could not connect.
    pub trouble: Option<String>,
    /// Whether none is up, and the reason will not go away.
    pub hopeless: bool,
}

/// Light producers, with their threads until these report to a trial.
#[derive(Debug)]
pub struct LightFleet {
    count: u32,
    /// When connecting began, Unix ns.
    opened: u64,
    board: Arc<Board>,
    end: LoadEnd,
    shards: Vec<Shard>,
}

#[derive(Debug)]
struct Shard {
    bell: Arc<Bell>,
    reporter: mpsc::Sender<Reporter>,
    thread: Reporting,
}

impl LightFleet {
    /// Starts the shards, whose producers begin to connect; and what the sender drives them by.
    pub fn open(
        producers: &[LightProducer],
        topics: &Topics,
        seed: u64,
        clock: Clock,
        end: &LoadEnd,
    ) -> Result<(Self, LightClients), LoadError> {
        let shards = (threads::cores() / CORES).clamp(1, MOST_SHARDS).min(producers.len().max(1));
        let (gate, targets) = (Gate::default(), Arc::new(Targets::new(topics.clone())));
        let mut fleet = LightFleet {
            count: producers.len() as u32,
            opened: clock.now(),
            board: Arc::default(),
            end: end.clone(),
            shards: Vec::new(),
        };
        let mut clients = LightClients { seats: Vec::new(), ways: Vec::new() };
        let mut crews = vec![Vec::new(); shards];
        for (index, producer) in producers.iter().enumerate() {
            let shard = index % shards;
            let (config, number) = (Arc::clone(&producer.config), crews[shard].len() as u32);
            clients.seats.push(Seat { shard, number, config: Arc::clone(&config) });
            let name = StrBytes::from_string(producer.name.clone());
            crews[shard].push(Who { seat: number, number: producer.number, name, config });
        }
        for crew in crews {
            let largest = crew.iter().map(|who| who.config.message_bytes).max().unwrap_or_default();
            let (sending, receiving) = parcels(RING.max(LARGEST * largest));
            let bell = Arc::new(Bell::new().map_err(|source| LoadError::System { source })?);
            let rooms: Arc<[Room]> = crew.iter().map(|_| Room::default()).collect();
            let (reporter, named) = mpsc::channel();
            let orders = Orders {
                clock,
                gate: gate.clone(),
                crew,
                targets: Arc::clone(&targets),
                seed,
                receiving,
                bell: Arc::clone(&bell),
                rooms: Arc::clone(&rooms),
                board: Arc::clone(&fleet.board),
                reporter: named,
                end: end.clone(),
            };
            let woken = Arc::clone(&bell);
            end.wakes(move || woken.wake());
            let thread = threads::spawn("load-light", move || shard::run(orders))?;
            clients.ways.push(Way { sending, bell: Arc::clone(&bell), rooms, by: u64::MAX });
            fleet.shards.push(Shard { bell, reporter, thread });
        }
        Ok((fleet, clients))
    }

    /// How far connecting has come.
    pub fn connected(&self) -> Connected {
        let up = self.board.connected.load(Relaxed);
        Connected {
            up,
            of: self.count,
            took_ns: self.board.last.load(Relaxed).saturating_sub(self.opened),
            worst_ns: self.board.worst_ns.load(Relaxed),
            trouble: self.board.trouble.reason(),
            hopeless: up == 0 && self.board.trouble.is_settled(),
        }
    }

    /// What has gone over the wire so far.
    pub fn wire(&self) -> Wire {
        self.board.wire.read()
    }

    /// The trial begins: each shard reports from now on, each as its own reporter, and ends as all who do.
    pub fn start(
        &mut self,
        mut reporter: impl FnMut() -> Result<Reporter, LoadError>,
    ) -> Result<Vec<Reporting>, LoadError> {
        for shard in &self.shards {
            // A shard that is gone is told of when it is joined.
            shard.reporter.send(reporter()?).ok();
            shard.bell.wake();
        }
        Ok(self.shards.drain(..).map(|shard| shard.thread).collect())
    }
}

impl Drop for LightFleet {
    fn drop(&mut self) {
        if !self.shards.is_empty() {
            // A trial that never began: whatever its shards ended with is of no use.
            self.end.tell();
            self.shards.drain(..).for_each(|shard| drop(shard.thread.join()));
        }
    }
}
