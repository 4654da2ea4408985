//! A producer's connections, one for each broker that it needs, and what is on its way on each.

use std::collections::VecDeque;
use std::sync::Arc;

use super::home::{Home, Who};
use super::map::Map;
use super::verdict::backoff;
use crate::load::light::batch::Batch;
use crate::load::light::wire::{Address, BrokerAt, Outbox, Versions};

/// The id of the broker that a producer begins with, before it knows any.
const FIRST: i32 = -2;

/// One connection that is up.
#[derive(Debug)]
pub struct Link {
    /// What goes out.
    pub outbox: Outbox,
    /// The versions to speak.
    pub versions: Versions,
    /// What is on its way, in the order in which it went.
    pub flights: VecDeque<Flight>,
    /// Of these, batches.
    pub batches: usize,
    correlation: i32,
}

/// One request on its way.
#[derive(Debug)]
pub struct Flight {
    /// The number that its answer repeats.
    pub correlation: i32,
    /// When it is given up, Unix ns.
    pub deadline: u64,
    /// Where it ends among all bytes that were written.
    pub end: u64,
    /// What it is.
    pub cargo: Cargo,
}

/// What a request carries.
#[derive(Debug)]
pub enum Cargo {
    /// A batch for a partition.
    Batch(u32, Batch),
    /// The question for the topic's partitions.
    Metadata,
    /// The question for an identity.
    Identity,
}

#[derive(Debug)]
enum State {
    /// Not connected; not to be dialled before, Unix ns.
    Away(u64),
    Dialling(u32, Outbox),
    Up(u32, Box<Link>),
}

#[derive(Debug)]
struct Broker {
    id: i32,
    address: Address,
    state: State,
    failures: u32,
}

/// A connection that is gone: the broker's address, and what was on its way.
type Lost = (Address, VecDeque<Flight>);

/// All connections of a producer.
#[derive(Debug)]
pub struct Links {
    brokers: Vec<Broker>,
    /// The next of the servers to begin with.
    next_server: usize,
}

impl Link {
    /// The number of the next request.
    pub fn next_correlation(&mut self) -> i32 {
        self.correlation = self.correlation.wrapping_add(1) & i32::MAX;
        self.correlation
    }

    /// Notes a request that was put into the outbox.
    pub fn note(&mut self, flight: Flight) {
        self.batches += usize::from(matches!(flight.cargo, Cargo::Batch(..)));
        self.flights.push_back(flight);
    }

    /// The request that an answer is for; brokers answer in order.
    pub fn answered(&mut self, correlation: i32) -> Option<Flight> {
        let flight = self.flights.pop_front_if(|flight| flight.correlation == correlation)?;
        self.batches -= usize::from(matches!(flight.cargo, Cargo::Batch(..)));
        Some(flight)
    }

    /// When the connection is given up unless an answer comes, Unix ns: a question must not make the batch behind it wait beyond that one's time.
    pub fn deadline(&self) -> Option<u64> {
        let batch = self.flights.iter().find(|flight| matches!(flight.cargo, Cargo::Batch(..)));
        self.flights.front().into_iter().chain(batch).map(|flight| flight.deadline).min()
    }

    /// The next batch that has been written whole, where nothing else is awaited.
    pub fn written(&mut self, to: u64) -> Option<(u32, Batch)> {
        // A question among unanswered batches is answered in its turn and leaves by itself.
        let place = self.flights.iter().position(|flight| matches!(flight.cargo, Cargo::Batch(..)))?;
        if self.flights[place].end > to {
            return None;
        }
        match self.flights.remove(place)?.cargo {
            Cargo::Batch(partition, batch) => {
                self.batches -= 1;
                Some((partition, batch))
            }
            _ => None,
        }
    }
}

impl Links {
    /// None yet; `start` says which server is first.
    pub fn new(start: usize) -> Self {
        Links { brokers: Vec::new(), next_server: start }
    }

    /// The connection of a broker, if it is up.
    pub fn up(&mut self, broker: i32) -> Option<&mut Link> {
        self.brokers.iter_mut().find(|known| known.id == broker).and_then(Broker::link)
    }

    /// Any connection that is up: that of the broker with the least on its way.
    pub fn any_up(&mut self) -> Option<&mut Link> {
        self.brokers.iter_mut().filter_map(Broker::link).min_by_key(|link| link.flights.len())
    }

    /// All connections that are up.
    pub fn all_up(&mut self) -> impl Iterator<Item = &mut Link> {
        self.brokers.iter_mut().filter_map(Broker::link)
    }

    /// The connection with this number, if it is up.
    pub fn numbered(&mut self, serial: u32) -> Option<&mut Link> {
        let is = |broker: &&mut Broker| matches!(broker.state, State::Up(own, _) if own == serial);
        self.brokers.iter_mut().find(is).and_then(Broker::link)
    }

    /// Whether each of the map's leaders is connected.
    pub fn are_whole(&self, map: &Map) -> bool {
        map.is_whole()
            && map.brokers().iter().all(|leader| {
                self.brokers
                    .iter()
                    .any(|broker| broker.id == *leader && matches!(broker.state, State::Up(..)))
            })
    }

    /// A connection that was dialled is up, with the broker at this address; false if nobody wants it any more.
    pub fn came_up(&mut self, serial: u32, versions: Versions, address: &Address) -> bool {
        for broker in &mut self.brokers {
            if let State::Dialling(own, outbox) = &broker.state
                && *own == serial
            {
                let outbox = outbox.clone();
                let link = Link { outbox, versions, flights: VecDeque::new(), batches: 0, correlation: 2 };
                broker.state = State::Up(serial, Box::new(link));
                broker.failures = 0;
                broker.address = Arc::clone(address);
                return true;
            }
        }
        false
    }

    /// A connection is gone: the broker's address and what was on its way. `None` if it was ended by ourselves.
    pub fn went_down(&mut self, serial: u32, now: u64, who: &Who, chance: u64) -> Option<Lost> {
        let is = |broker: &&mut Broker| matches!(&broker.state, State::Up(own, _) | State::Dialling(own, _) if *own == serial);
        let broker = self.brokers.iter_mut().find(is)?;
        broker.failures += 1;
        let away = State::Away(now + backoff(broker.failures, who.config.reconnect, chance));
        let flights = match std::mem::replace(&mut broker.state, away) {
            State::Up(_, link) => link.flights,
            _ => VecDeque::new(),
        };
        let address = Arc::clone(&broker.address);
        if broker.id == FIRST {
            // Another server may be better.
            let servers = &who.config.servers;
            self.next_server += 1;
            broker.address = Arc::clone(&servers[self.next_server % servers.len()]);
        }
        Some((address, flights))
    }

    /// The number of a connection on which an answer has not come in time.
    pub fn overdue(&self, now: u64) -> Option<(u32, Outbox)> {
        self.brokers.iter().find_map(|broker| match &broker.state {
            State::Up(serial, link) if link.deadline().is_some_and(|deadline| deadline <= now) => {
                Some((*serial, link.outbox.clone()))
            }
            _ => None,
        })
    }

    /// Puts what metadata say in the place of what was known; what is on its way to brokers that are no more comes back.
    pub fn learn(&mut self, found: &[BrokerAt]) -> Vec<Flight> {
        let is = |broker: &Broker, at: &BrokerAt| broker.address.0 == at.host && broker.address.1 == at.port;
        for at in found {
            let known = self.brokers.iter().any(|broker| broker.id == at.id);
            let first = self.brokers.iter_mut().find(|broker| broker.id == FIRST && is(broker, at));
            // The one that it began with may be this one.
            if let (false, Some(first)) = (known, first) {
                first.id = at.id;
            }
        }
        let gone = |broker: &Broker| {
            broker.id != FIRST && !found.iter().any(|at| at.id == broker.id && is(broker, at))
        };
        let mut back = Vec::new();
        for broker in self.brokers.extract_if(.., |broker| gone(broker)) {
            back.extend(broker.close());
        }
        for at in found {
            if !self.brokers.iter().any(|broker| broker.id == at.id) {
                self.brokers.push(Broker::new(at.id, Arc::new((at.host.clone(), at.port))));
            }
        }
        back
    }

    /// Dials whom it needs and may; ends what it needs no more. When to come again, Unix ns.
    pub fn keep(&mut self, now: u64, map: &Map, who: &Who, home: &mut impl Home) -> u64 {
        let whole = self.are_whole(map);
        let known_up =
            self.brokers.iter().any(|broker| broker.id != FIRST && matches!(broker.state, State::Up(..)));
        let wants_first = !known_up && !whole;
        if wants_first && !self.brokers.iter().any(|broker| broker.id == FIRST) {
            let servers = &who.config.servers;
            self.brokers.push(Broker::new(FIRST, Arc::clone(&servers[self.next_server % servers.len()])));
        }
        if whole {
            self.brokers.retain(|broker| {
                let idle = broker.id == FIRST
                    && !matches!(&broker.state, State::Up(_, link) if !link.flights.is_empty());
                if idle {
                    broker.hang_up();
                }
                !idle
            });
        }
        let mut next = u64::MAX;
        let addresses: Vec<_> = if wants_first && self.brokers.len() > 1 {
            self.brokers
                .iter()
                .filter(|broker| broker.id != FIRST)
                .map(|broker| Arc::clone(&broker.address))
                .collect()
        } else {
            Vec::new()
        };
        for broker in &mut self.brokers {
            let wanted = if broker.id == FIRST {
                wants_first && !addresses.contains(&broker.address)
            } else {
                map.is_leader(broker.id)
            };
            match broker.state {
                State::Away(until) if wanted && until <= now => {
                    let mut addresses = vec![Arc::clone(&broker.address)];
                    if broker.id == FIRST {
                        // Any will do that answers.
                        let others = who.config.servers.iter().filter(|one| **one != broker.address);
                        addresses.extend(others.cloned());
                    }
                    let (serial, outbox) = home.dial(who, addresses);
                    if who.config.acks == 0 {
                        outbox.tell_written();
                    }
                    broker.state = State::Dialling(serial, outbox);
                }
                State::Away(until) if wanted => next = next.min(until),
                _ => {}
            }
        }
        next
    }

    /// Ends all connections; what is on its way.
    pub fn close(&mut self) -> Vec<Flight> {
        self.brokers.drain(..).flat_map(Broker::close).collect()
    }
}

impl Broker {
    fn new(id: i32, address: Address) -> Self {
        Broker { id, address, state: State::Away(0), failures: 0 }
    }

    fn link(&mut self) -> Option<&mut Link> {
        match &mut self.state {
            State::Up(_, link) => Some(link),
            _ => None,
        }
    }

    fn hang_up(&self) {
        match &self.state {
            State::Up(_, link) => link.outbox.close(),
            State::Dialling(_, outbox) => outbox.close(),
            State::Away(_) => {}
        }
    }

    fn close(self) -> VecDeque<Flight> {
        self.hang_up();
        match self.state {
            State::Up(_, link) => link.flights,
            _ => VecDeque::new(),
        }
    }
}
