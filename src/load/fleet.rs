//! The producers of a trial: opened, started, watched and ended as one.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::asked::{Client, ClientSpec, LoadSpec};
use super::crew::{Crew, Ended};
use super::heavy::{self, AloneClients, HeavyClients, RawProducer, error_name};
use super::keepers::{Keepers, make_ready};
use super::light::{Connected, LightClients, LightFleet, LightProducer};
use super::message::Messages;
use super::mixed::{AllClients, Place};
use super::schedule::{DueTimes, Pacer};
use super::send::{BURST, Lane, Refusals, Saturator, Sender, Sent, Waiting, WaitingLine};
use super::tally::{Acks, Ledger, LoadCounts, Transaction, Wire};
use super::{LoadError, pacing, threads};
use crate::books::BySecond;
use crate::record::Pacing;
use crate::shape::Course;
use crate::spec::Volume;
use crate::timeline::{Clock, QUARTER_NS, quarter_of, second_of};
use crate::units::Latency;

/// Lines longer than this grow when they must.
const LINE: f64 = 1e6;
/// How often a thread that has nothing left to do looks whether it may go.
const LOOK: Duration = Duration::from_millis(2);
/// Between statistics of librdkafka's producers, for each of them: making them takes a tenth of a millisecond or more.
const STATISTICS_EACH_MS: u64 = 25;

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
    others: BTreeSet<u32>,
    ledger: Arc<Mutex<Ledger>>,
    keepers: Keepers,
    running: Option<Crew>,
}

/// When a trial sends, and the seconds in which its messages are due.
struct Times {
    clock: Clock,
    zero: u64,
    end_ns: u64,
    first: u64,
    seconds: usize,
}

impl Times {
    fn by_second(&self) -> BySecond {
        BySecond::with_seconds(self.first, self.seconds)
    }
}

/// What is left of a fleet when it has ended.
#[derive(Debug)]
pub struct Loaded {
    /// Latencies by the second of the due time.
    pub latencies: Vec<(Latency, BySecond)>,
    /// Counters by quarter seconds, from time 0 on.
    pub counts: Arc<LoadCounts>,
    /// The acked offsets.
    pub ledger: Ledger,
    /// Messages whose fate is unknown.
    pub in_flight: u64,
    /// Errors of clients and brokers that concern no single message, and refusals by the client, by name.
    pub errors: BTreeMap<String, u64>,
    /// Messages that failed after they were sent, by the error's name.
    pub failures: BTreeMap<String, u64>,
    /// What the thread that keeps time got of what it asked of the kernel; none at `rate: max`.
    pub pacing: Option<Pacing>,
    /// The `client.id` of each producer, by its number.
    pub client_ids: Vec<String>,
}

impl Fleet {
    /// Starts the clients; they connect on their own, and [`Self::connected`] tells of those that say so. Nothing is sent yet.
    pub fn open(spec: LoadSpec, clock: Clock) -> Result<Self, LoadError> {
        let load = spec.load.clone();
        pacing::within(&load, || Fleet::open_here(spec, clock))?
    }

    fn open_here(spec: LoadSpec, clock: Clock) -> Result<Self, LoadError> {
        let others = threads::all();
        let (pipe, signal) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::NONBLOCK)
            .map_err(|error| LoadError::System { source: error.into() })?;
        let librdkafkas =
            spec.clients.iter().filter(|one| matches!(one.client, Client::Librdkafka(_))).count();
        let interval_ms = (librdkafkas as u64 * STATISTICS_EACH_MS).clamp(250, 5_000).to_string();
        let (mut producers, mut light, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let mut transactions = Vec::new();
        for (number, spec_of_one) in spec.clients.iter().enumerate() {
            match &spec_of_one.client {
                Client::Librdkafka(config) => {
                    let mut config = config.clone();
                    config.set("statistics.interval.ms", &interval_ms);
                    let transaction = spec_of_one.transactions.map(|_| Arc::new(Transaction::default()));
                    transactions.push(transaction.clone());
                    let producer = RawProducer::open(&config, &spec.topic, transaction)?;
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
        let (light, light_clients) = if light.is_empty() {
            (None, None)
        } else {
            let (fleet, clients) = LightFleet::open(&light, &spec.topic, spec.seed, clock)?;
            (Some(fleet), Some(clients))
        };
        make_ready(&producers)?;
        let mut ledger = Ledger::new(spec.partitions);
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
            others,
            ledger,
            keepers: Keepers::default(),
            running: None,
        })
    }

    /// How far the producers have come that tell when they are connected; none is known of librdkafka's.
    pub fn connected(&self) -> Connected {
        self.light.as_ref().map(LightFleet::connected).unwrap_or_default()
    }

    /// What has gone over the wire by the clients' own statistics, and as of when (Unix ns); `None` where a client has not told yet. librdkafka's tell
    /// at intervals: the time is the mean of theirs.
    pub fn wire(&self, clock: Clock) -> Option<(u64, Wire)> {
        let light = self.light.as_ref().map(|light| (clock.now(), light.wire()));
        let heavy = self.producers.iter().map(|producer| {
            let (at, wire) = producer.wire()?;
            Some((at.saturating_add_signed(clock.offset_ns()), wire))
        });
        let all = heavy.chain(light.map(Some)).collect::<Option<Vec<_>>>()?;
        let first = all.first()?.0;
        let mut sum = Wire::default();
        let mut beyond = 0_i64;
        for (at, wire) in &all {
            beyond += *at as i64 - first as i64;
            sum += *wire;
        }
        Some((first.saturating_add_signed(beyond / all.len() as i64), sum))
    }

    /// Sends what is due from `zero` (Unix ns) to `end` after it; counters reach `tail` further.
    pub fn start(&mut self, clock: Clock, zero: u64, end_ns: u64, tail_ns: u64) -> Result<(), LoadError> {
        let quarters = (end_ns + tail_ns).div_ceil(QUARTER_NS) as usize + 1;
        let seconds = (second_of(zero + end_ns) - second_of(zero) + 1) as usize;
        let times = Times { clock, zero, end_ns, first: second_of(zero), seconds };
        let counts = LoadCounts::new(quarter_of(zero), quarters).of_producers(self.spec.clients.len());
        let mut crew = Crew::new(LoadCounts { transactions: self.transactions.clone(), ..counts });
        let load = self.spec.load.clone();
        pacing::within(&load, || match self.spec.volume.course(end_ns as f64 / 1e9) {
            Some(course) => self.start_paced(&mut crew, &times, &Arc::new(course)),
            None => self.start_saturating(&mut crew, &times),
        })??;
        self.running = Some(crew);
        Ok(())
    }

    fn start_paced(&mut self, crew: &mut Crew, times: &Times, course: &Arc<Course>) -> Result<(), LoadError> {
        self.keepers = Keepers::start(&self.spec.clients, &self.producers, &crew.counts, self.spec.seed)?;
        if !self.producers.is_empty() {
            let acks = self.acks(crew, times, true)?;
            let (producers, halt) = (self.producers.clone(), Arc::clone(&crew.stop));
            let pipe = self.pipe.try_clone().map_err(|source| LoadError::System { source })?;
            crew.take_reports("load-acks", move || {
                (heavy::run(acks, &producers, &pipe, &halt), Refusals::default())
            })?;
        }
        if let Some(light) = &self.light {
            light.start(|| self.acks(crew, times, true))?;
        }
        let heavy = HeavyClients(self.producers.clone());
        let clients = match self.light_clients.take() {
            None => AllClients::Heavy(heavy),
            Some(light) => AllClients::Mixed(self.places.clone(), heavy, light),
        };
        let sender = Sender {
            clock: times.clock,
            zero: times.zero,
            trial: self.spec.trial,
            pacer: Pacer::new(self.schedules(course), times.end_ns),
            waiting: Waiting::for_rate(course.peak() * self.spec.arrivals.crowding()),
            lanes: self.lanes(course),
            in_line: 0,
            clients,
            messages: Messages::new(&self.spec.message, self.spec.seed, 1),
            counts: Arc::clone(&crew.counts),
            end_schedule: Arc::clone(&crew.end_schedule),
            give_up: Arc::clone(&crew.give_up),
            sent: Sent {
                send_delay: times.by_second(),
                accept_delay: times.by_second(),
                refusals: Refusals::default(),
            },
        };
        let load = self.spec.load.clone();
        crew.send(move || (pacing::ask(&load), sender.run()))
    }

    /// Threads that send and take their own reports, each for some of the producers; light ones have others to report to. All are of one kind: there is
    /// but one fleet.
    fn start_saturating(&mut self, crew: &mut Crew, times: &Times) -> Result<(), LoadError> {
        if let Some(light) = &self.light {
            light.start(|| self.acks(crew, times, false))?;
        }
        if let Some(clients) = self.light_clients.take() {
            let (none, stop) = (self.acks(crew, times, false)?, Arc::clone(&crew.stop));
            let saturator = self.saturator(crew, times, 0..self.places.len(), clients);
            let sending = crew.one_more();
            return crew.take_reports("load-sender", move || {
                let (refusals, _) = saturator.run();
                drop(sending);
                // A thread that is gone has no CPU time to read.
                while !stop.load(Relaxed) {
                    std::thread::sleep(LOOK);
                }
                (none, refusals)
            });
        }
        for group in threads::groups(self.producers.len()) {
            let acks = self.acks(crew, times, false)?;
            let (producers, largest) =
                (&self.producers[group.clone()], self.spec.message.size.largest() as usize);
            let clients = AloneClients::new(producers, largest, acks);
            let saturator = self.saturator(crew, times, group, clients);
            let (sending, stop) = (crew.one_more(), Arc::clone(&crew.stop));
            crew.take_reports("load-sender", move || {
                let (refusals, clients) = saturator.run();
                drop(sending);
                (clients.see_off(&stop), refusals)
            })?;
        }
        Ok(())
    }

    fn saturator<C>(&self, crew: &Crew, times: &Times, group: Range<usize>, clients: C) -> Saturator<C> {
        Saturator {
            clock: times.clock,
            zero: times.zero,
            end: times.zero + times.end_ns,
            trial: self.spec.trial,
            first: group.start as u32,
            sequences: vec![0; group.len()],
            clients,
            partition: self.spec.clients[group.start].partition,
            messages: Messages::new(&self.spec.message, self.spec.seed, BURST),
            counts: Arc::clone(&crew.counts),
            end_schedule: Arc::clone(&crew.end_schedule),
            refusals: Refusals::default(),
        }
    }

    fn acks(&self, crew: &mut Crew, times: &Times, from_due: bool) -> Result<Acks, LoadError> {
        let channels = crew.keep_ledger(Arc::clone(&self.ledger), self.spec.with_dues)?;
        let latencies = (from_due.then(|| times.by_second()), times.by_second());
        let load = times.zero..times.zero + times.end_ns;
        let what = (self.spec.with_dues, load);
        Ok(Acks::new(times.clock, Arc::clone(&crew.counts), latencies, channels, what))
    }

    fn schedules(&self, course: &Arc<Course>) -> Vec<DueTimes> {
        let schedule = |(producer, client): (usize, &ClientSpec)| {
            DueTimes::new(self.spec.arrivals, course, client.share, self.spec.seed, producer as u32)
        };
        self.spec.clients.iter().enumerate().map(schedule).collect()
    }

    fn lanes(&self, course: &Course) -> Vec<Lane> {
        let lane = |client: &ClientSpec| {
            let longest_s = course.end().min(client.delivery_timeout_ns as f64 / 1e9);
            let most = (course.peak() * longest_s).min(course.total()) * client.share;
            Lane {
                delivery_timeout_ns: client.delivery_timeout_ns,
                line: WaitingLine::with_capacity(most.min(LINE) as usize + 1),
                sequence: 0,
                partition: client.partition,
            }
        };
        self.spec.clients.iter().map(lane).collect()
    }

    /// The live counters, once started.
    pub fn counts(&self) -> Option<Arc<LoadCounts>> {
        self.running.as_ref().map(|running| Arc::clone(&running.counts))
    }

    /// The acks so far, shared with whoever follows the lag.
    pub fn ledger(&self) -> Arc<Mutex<Ledger>> {
        Arc::clone(&self.ledger)
    }

    /// Kernel ids of the load's threads: pacer and sender, acks, and those of the clients.
    pub fn thread_ids(&self) -> Vec<u32> {
        threads::of_load(&self.others)
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
        let counts = &crew.counts;
        let done = counts.acked.total() + counts.failed.total() + counts.unknown.total();
        crew.has_sent() && counts.sent.total() == done
    }

    /// Ends all of it: what waits is refused, what is in flight is unknown. `None` if it was never started.
    pub fn finish(mut self) -> Result<Option<Loaded>, LoadError> {
        let Some(crew) = self.running.take() else {
            return Ok(None);
        };
        let counts = Arc::clone(&crew.counts);
        let (keepers, mut kept) = (std::mem::take(&mut self.keepers), Ok(BTreeMap::new()));
        let (light, mut books) = (self.light.take(), None);
        let Ended { sent, mut reports, ledgers } = crew.finish(|| {
            // Reports are still taken: the last transactions wait for them.
            kept = keepers.finish();
            self.producers.iter().for_each(|producer| producer.purge());
            books = light.map(LightFleet::finish);
        })?;
        reports.extend(books.transpose()?.into_iter().flatten().map(|acks| (acks, Refusals::default())));
        let (mut latencies, mut refusals) = (Vec::new(), Vec::new());
        let (mut errors, mut failures, mut in_flight) = (kept?, BTreeMap::new(), 0);
        for (acks, refused) in reports {
            in_flight += acks.in_flight;
            for (name, count) in acks.errors() {
                *errors.entry(name.clone()).or_default() += count;
            }
            for (code, count) in acks.failures() {
                *failures.entry(error_name(*code)).or_default() += count;
            }
            let (ack, service) = acks.into_latencies(); // closes the channel, so that its ledger's thread ends
            latencies.push((Latency::AckService, service));
            latencies.extend(ack.map(|ack| (Latency::Ack, ack)));
            refusals.push(refused);
        }
        let mut pacing = None;
        for (given, Sent { send_delay, accept_delay, refusals: refused }) in sent {
            pacing = Some(given);
            latencies.extend([(Latency::SendDelay, send_delay), (Latency::AcceptDelay, accept_delay)]);
            refusals.push(refused);
        }
        for (code, count) in refusals.iter().flat_map(Refusals::iter) {
            *errors.entry(error_name(code)).or_default() += count;
        }
        for ledger in ledgers {
            ledger.join().map_err(|_| LoadError::Died { thread: "ledger" })?;
        }
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner).closed();
        let client_ids = self.spec.clients.iter().map(ClientSpec::id).collect();
        Ok(Some(Loaded { latencies, counts, ledger, in_flight, errors, failures, pacing, client_ids }))
    }
}
