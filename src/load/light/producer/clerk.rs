//! The producer itself: takes messages, hears its connections, and does whatever is to be done at a time.

mod answers;

use std::sync::Arc;

use rand::SeedableRng;
use rand_pcg::Pcg32;

use super::home::{Home, Outcome, Who};
use super::links::{Cargo, Flight, Links};
use super::map::Map;
use super::queue::{Joined, Queue};
use super::verdict::UNKNOWN_PARTITION;
use crate::cluster::Weight;
use crate::load::light::batch::{Entry, Sticky};
use crate::load::light::post::Parcel;
use crate::load::light::wire::{self, Identity, ProduceTo, Targets, Told};

/// Sequences of a partition are counted in 31 bits.
const SEQUENCES: i64 = 1 << 31;
/// A request is not given up sooner, however little time its messages have left.
const LEAST_WAIT_NS: u64 = 100_000_000;

/// When a producer wants to be called after a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attention {
    /// Not because of this one.
    No,
    /// At that time, Unix ns.
    At(u64),
}

/// A message from before the partitions were known.
#[derive(Debug)]
struct Held {
    topic: u32,
    partition: Option<i32>,
    /// Key, headers, payload.
    bytes: Box<[u8]>,
    key: usize,
    headers: usize,
    entry: Entry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Not idempotent: nothing is needed.
    Anonymous,
    /// None yet; not to be asked for before, Unix ns.
    Wanted(u64, u32),
    Asked(u32),
    Known(Identity),
}

/// One producer.
#[derive(Debug)]
pub struct Producer {
    who: Who,
    targets: Arc<Targets>,
    map: Map,
    links: Links,
    /// Of the partitions that hold something, or of which something is on its way.
    queues: Vec<Option<Box<Queue>>>,
    /// The next sequence of each partition that has no queue now; nothing without idempotence.
    sequences: Vec<i32>,
    /// The partitions that hold something.
    active: Vec<u32>,
    held: Vec<Held>,
    standing: Standing,
    /// Of each topic.
    sticky: Vec<Sticky>,
    random: Pcg32,
    /// Whether all its connections have been up; until then, ns that they have taken.
    connected: bool,
    took_ns: u64,
}

impl Producer {
    /// Not connected yet; the first call of [`Self::advance`] begins.
    pub fn new(who: Who, targets: Arc<Targets>, seed: u64) -> Self {
        let standing = if who.config.idempotent { Standing::Wanted(0, 0) } else { Standing::Anonymous };
        Producer {
            links: Links::new(who.number as usize),
            sticky: vec![Sticky::default(); targets.names().len()],
            targets,
            map: Map::default(),
            queues: Vec::new(),
            sequences: Vec::new(),
            active: Vec::new(),
            held: Vec::new(),
            standing,
            random: Pcg32::seed_from_u64(seed ^ u64::from(who.number)),
            connected: false,
            took_ns: 0,
            who,
        }
    }

    /// Takes a message.
    pub fn take(&mut self, parcel: &Parcel<'_>, home: &mut impl Home) -> Attention {
        let known = self.map.partitions();
        let numbers = self.targets.numbers(parcel.topic, known);
        if known == 0 || numbers.is_empty() {
            let bytes = [parcel.key, parcel.headers, parcel.payload].concat().into_boxed_slice();
            let entry = Entry { due: parcel.due, stamp: parcel.stamp };
            let (key, headers) = (parcel.key.len(), parcel.headers.len());
            let Parcel { topic, partition, .. } = *parcel;
            self.held.push(Held { topic, partition, bytes, key, headers, entry });
            return Attention::At(parcel.stamp + self.who.config.delivery_timeout_ns);
        }
        let config = &self.who.config;
        let partition = parcel.partition.map_or_else(
            || {
                let (sticky, linger_ns) = (&mut self.sticky[parcel.topic as usize], config.sticky_ns);
                config.partitioner.choose(
                    parcel.key,
                    numbers.len() as u32,
                    sticky,
                    linger_ns,
                    parcel.stamp,
                    &mut self.random,
                )
            },
            i32::cast_unsigned,
        );
        let chosen = numbers.start + partition;
        let Some(slot) = self.queues.get_mut(chosen as usize) else {
            let entry = Entry { due: parcel.due, stamp: parcel.stamp };
            let bytes = parcel.key.len() + parcel.payload.len();
            home.done(&self.who, &[entry], bytes, Outcome::Failed(UNKNOWN_PARTITION));
            return Attention::No;
        };
        let queue = slot.get_or_insert_with(|| {
            let next_sequence = self.sequences.get(chosen as usize).copied().unwrap_or_default();
            Box::new(Queue::new(next_sequence))
        });
        if !queue.listed {
            queue.listed = true;
            self.active.push(chosen);
        }
        match queue.join(parcel, config) {
            Joined::Further => Attention::No,
            Joined::Filled => Attention::At(parcel.stamp),
            Joined::First => queue.due(config).map_or(Attention::No, Attention::At),
        }
    }

    /// Hears what the connection with this number has told; `bytes` are those of the answer.
    pub fn hear(&mut self, serial: u32, told: &Told, bytes: &[u8], now: u64, home: &mut impl Home) {
        match told {
            Told::Up(versions, took_ns, address) => {
                if self.links.came_up(serial, *versions, address) {
                    self.took_ns += took_ns;
                }
            }
            Told::Frame(range) => self.read(serial, &bytes[range.clone()], now, home),
            Told::Written(to) => {
                while let Some((partition, batch)) =
                    self.links.numbered(serial).and_then(|link| link.written(*to))
                {
                    self.finish(partition, batch, Outcome::Acked(partition, None), home);
                }
            }
            Told::Down(weight, reason) => self.ended(serial, (*weight, reason), now, home),
        }
    }

    /// Does what is to be done now; when to be called again, Unix ns.
    pub fn advance(&mut self, now: u64, home: &mut impl Home) -> u64 {
        while let Some((serial, outbox)) = self.links.overdue(now) {
            outbox.close();
            self.lose(serial, (Weight::Lost, "a request was not answered in time"), now, home);
        }
        self.expire(now, home);
        let mut next = self.links.keep(now, &self.map, &self.who, home);
        next = next.min(self.ask_metadata(now)).min(self.ask_identity(now));
        next = next.min(self.send(now, home));
        if !self.connected && self.links.are_whole(&self.map) && self.is_identified() {
            self.connected = true;
            home.connected(self.took_ns);
        }
        self.links.all_up().filter_map(|link| link.deadline()).fold(next, u64::min)
    }

    /// The trial has ended: nobody will know what becomes of what is left.
    pub fn give_up(&mut self, home: &mut impl Home) {
        for flight in self.links.close() {
            if let Cargo::Batch(_, batch) = flight.cargo {
                home.done(&self.who, batch.entries(), batch.payload(), Outcome::Unknown);
            }
        }
        for queue in self.queues.iter_mut().flatten() {
            for batch in queue.take_all() {
                home.done(&self.who, batch.entries(), batch.payload(), Outcome::Unknown);
            }
        }
        for held in self.held.drain(..) {
            home.done(&self.who, &[held.entry], held.bytes.len(), Outcome::Unknown);
        }
    }

    /// Partitions that have a queue now.
    #[cfg(test)]
    pub fn queued(&self) -> usize {
        self.queues.iter().flatten().count()
    }

    fn is_identified(&self) -> bool {
        matches!(self.standing, Standing::Anonymous | Standing::Known(_))
    }

    fn ask_metadata(&mut self, now: u64) -> u64 {
        let Some(at) = self.map.ask_at() else { return u64::MAX };
        if at > now {
            return at;
        }
        // Without a connection the next one that comes up asks.
        let Some(link) = self.links.any_up() else { return u64::MAX };
        let correlation = link.next_correlation();
        let put = |out: &mut Vec<u8>| {
            wire::metadata(out, link.versions.metadata, (correlation, &self.who.name), &self.targets)
        };
        if let Some(end) = link.outbox.put(put) {
            let deadline = now + self.who.config.socket_timeout_ns;
            link.note(Flight { correlation, deadline, end, cargo: Cargo::Metadata });
            self.map.ask();
        }
        u64::MAX
    }

    fn ask_identity(&mut self, now: u64) -> u64 {
        let Standing::Wanted(at, tries) = self.standing else { return u64::MAX };
        if at > now {
            return at;
        }
        // What was sent under the old identity must have come back first.
        if self.links.all_up().any(|link| link.batches > 0) {
            return u64::MAX;
        }
        let Some(link) = self.links.any_up() else { return u64::MAX };
        let Some(version) = link.versions.init_producer else { return u64::MAX };
        let correlation = link.next_correlation();
        let put = |out: &mut Vec<u8>| wire::init_producer(out, version, (correlation, &self.who.name));
        if let Some(end) = link.outbox.put(put) {
            let deadline = now + self.who.config.socket_timeout_ns;
            link.note(Flight { correlation, deadline, end, cargo: Cargo::Identity });
            self.standing = Standing::Asked(tries);
        }
        u64::MAX
    }

    /// Sends every batch that may go; when the next may, Unix ns.
    fn send(&mut self, now: u64, home: &mut impl Home) -> u64 {
        let mut next = u64::MAX;
        let mut index = 0;
        while let Some(&partition) = self.active.get(index) {
            let Some(queue) = self.queues[partition as usize].as_deref_mut() else { break };
            if queue.is_idle() {
                // Thousands of producers with thousands of partitions each: what is idle takes no more than its place.
                if let Some(sequence) = self.sequences.get_mut(partition as usize) {
                    *sequence = queue.next_sequence;
                }
                self.queues[partition as usize] = None;
                self.active.swap_remove(index);
                continue;
            }
            if let Some(oldest) = queue.oldest() {
                next = next.min(oldest + self.who.config.delivery_timeout_ns);
            }
            if let Some(due) = self.send_partition(partition, now, home) {
                next = next.min(due);
            }
            index += 1;
        }
        next
    }

    /// Sends what may go of one partition; when the next may, where only time is in the way.
    fn send_partition(&mut self, partition: u32, now: u64, home: &mut impl Home) -> Option<u64> {
        let config = &self.who.config;
        let identity = match self.standing {
            Standing::Anonymous => None,
            Standing::Known(identity) => Some(identity),
            _ => return None,
        };
        let leader = self.map.leader(partition);
        let link = self.links.up(leader)?;
        let queue = self.queues[partition as usize].as_deref_mut()?;
        while link.batches < config.in_flight {
            let Some(mut batch) = queue.take_due(now, config) else {
                return queue.due(config);
            };
            if identity.is_some() && batch.sequence.is_none() {
                batch.sequence = Some(queue.next_sequence);
                let next = i64::from(queue.next_sequence) + batch.entries().len() as i64;
                queue.next_sequence = (next % SEQUENCES) as i32;
            }
            batch.sent += 1;
            let bytes = batch.lend(identity, config.codec, config.level);
            let correlation = link.next_correlation();
            let timeout_ms = config.request_timeout_ms.cast_signed();
            let (topic, of_topic) = self.targets.at(partition);
            let to = ProduceTo { topic, partition: of_topic, acks: config.acks, timeout_ms };
            let (version, name, size) = (link.versions.produce, (correlation, &self.who.name), bytes.len());
            let (length, end) =
                link.outbox.put_around(bytes, |out| wire::produce(out, version, name, &to, size));
            home.sent_batch(batch.entries().len(), length as u64);
            let left = (batch.opened() + config.delivery_timeout_ns).saturating_sub(now);
            let deadline = now + left.clamp(LEAST_WAIT_NS, config.socket_timeout_ns.max(LEAST_WAIT_NS));
            link.note(Flight { correlation, deadline, end, cargo: Cargo::Batch(partition, batch) });
        }
        None
    }
}

fn name_of(code: i16) -> &'static str {
    match code {
        47 => "INVALID_PRODUCER_EPOCH",
        59 => "UNKNOWN_PRODUCER_ID",
        _ => "OUT_OF_ORDER_SEQUENCE_NUMBER",
    }
}
