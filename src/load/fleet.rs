//! The producers of a trial: opened, started, watched and ended as one.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use rdkafka::config::ClientConfig;

use super::heavy::{self, HeavyClients, RawProducer, error_name};
use super::message::Bodies;
use super::schedule::{DueTimes, Pacer};
use super::send::{BURST, Lane, Refusals, Saturator, Sender, Sent, Waiting, WaitingLine};
use super::tally::{AckBatch, Acks, BATCH, Ledger, LoadCounts};
use super::{LoadError, threads};
use crate::books::BySecond;
use crate::spec::{Arrivals, Message};
use crate::timeline::{Clock, QUARTER_NS, quarter_of, second_of};
use crate::units::{Latency, Rate};

/// Batches of acks on their way to the ledger before the ack thread has to wait.
const BATCHES: usize = 256;
/// Lines longer than this grow when they must.
const LINE: f64 = 1e6;

/// One producer to be.
#[derive(Clone, Debug)]
pub struct ClientSpec {
    /// librdkafka's configuration, secrets resolved.
    pub config: ClientConfig,
    /// Its part of the offered rate; none for all that its queue takes.
    pub rate: Option<Rate>,
    /// How long a message may wait before it is refused.
    pub delivery_timeout_ns: u64,
}

/// What the fleet sends, to where.
#[derive(Clone, Debug)]
pub struct LoadSpec {
    /// The producers, numbered as they stand here.
    pub clients: Vec<ClientSpec>,
    /// How gaps are drawn.
    pub arrivals: Arrivals,
    /// What each message is like.
    pub message: Message,
    /// The topic.
    pub topic: String,
    /// Its partitions.
    pub partitions: u32,
    /// Number of the trial, for the envelope.
    pub trial: u64,
    /// The schedule follows from it.
    pub seed: u64,
    /// Whether the ledger will be asked for due times: they take memory by the message.
    pub with_dues: bool,
}

/// Producers with their threads.
#[derive(Debug)]
pub struct Fleet {
    spec: LoadSpec,
    producers: Vec<Arc<RawProducer>>,
    pipe: OwnedFd,
    // Declared after the producers: they write to it until they are dropped.
    _signal: OwnedFd,
    others: BTreeSet<u32>,
    ledger: Arc<Mutex<Ledger>>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    counts: Arc<LoadCounts>,
    end_schedule: Arc<AtomicBool>,
    give_up: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    /// Senders that have more to send.
    sending: Arc<AtomicUsize>,
    /// The senders' threads end when these are dropped.
    release: Vec<mpsc::Sender<()>>,
    senders: Vec<JoinHandle<Ended>>,
    acks: JoinHandle<Acks>,
    ledger: JoinHandle<()>,
}

/// What a sender's thread hands back.
#[derive(Debug)]
struct Ended {
    latencies: Vec<(Latency, BySecond)>,
    refusals: Refusals,
}

impl From<Sent> for Ended {
    fn from(sent: Sent) -> Self {
        let latencies =
            vec![(Latency::SendDelay, sent.send_delay), (Latency::AcceptDelay, sent.accept_delay)];
        Ended { latencies, refusals: sent.refusals }
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
}

impl Fleet {
    /// Starts the clients; they connect on their own. Nothing is sent yet.
    pub fn open(spec: LoadSpec) -> Result<Self, LoadError> {
        let others = threads::all();
        let (pipe, signal) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::NONBLOCK)
            .map_err(|error| LoadError::System { source: error.into() })?;
        let mut producers = Vec::with_capacity(spec.clients.len());
        for (index, client) in spec.clients.iter().enumerate() {
            let producer = RawProducer::open(&client.config, &spec.topic)?;
            producer.signal_to(signal.as_fd(), index as u32);
            producers.push(Arc::new(producer));
        }
        let ledger = Arc::new(Mutex::new(Ledger::new(spec.partitions)));
        Ok(Fleet { spec, producers, pipe, _signal: signal, others, ledger, running: None })
    }

    /// Sends what is due from `zero` (Unix ns) to `end` after it; counters reach `tail` further.
    pub fn start(&mut self, clock: Clock, zero: u64, end_ns: u64, tail_ns: u64) -> Result<(), LoadError> {
        let quarters = (end_ns + tail_ns).div_ceil(QUARTER_NS) as usize + 1;
        let counts = Arc::new(LoadCounts::new(quarter_of(zero), quarters));
        let seconds = (second_of(zero + end_ns) - second_of(zero) + 1) as usize;
        let by_second = || BySecond::with_seconds(second_of(zero), seconds);
        let [end_schedule, give_up, stop] = [(); 3].map(|()| Arc::new(AtomicBool::new(false)));
        let (full, filled) = mpsc::sync_channel(BATCHES);
        let (emptied, empty) = mpsc::sync_channel(BATCHES);
        for _ in 0..BATCHES / 8 {
            emptied.try_send(AckBatch::with_capacity(BATCH, self.spec.with_dues)).ok();
        }
        let book = Arc::clone(&self.ledger);
        let ledger = spawn("load-ledger", move || keep_ledger(&book, &filled, &emptied))?;
        let total = self.total_rate();
        let latencies = (total.map(|_| by_second()), by_second());
        let load = zero..zero + end_ns;
        let acks =
            Acks::new(clock, Arc::clone(&counts), latencies, (full, empty), (self.spec.with_dues, load));
        let (producers, halt) = (self.producers.clone(), Arc::clone(&stop));
        let pipe = self.pipe.try_clone().map_err(|source| LoadError::System { source })?;
        let acks = spawn("load-acks", move || heavy::run(acks, &producers, &pipe, &halt))?;
        let mut crew = Crew { sending: Arc::default(), release: Vec::new(), threads: Vec::new() };
        if let Some(total) = total {
            let sender = Sender {
                clock,
                zero,
                trial: self.spec.trial,
                pacer: self.pacer(end_ns),
                waiting: Waiting::for_rate(total),
                lanes: self.lanes(end_ns),
                clients: HeavyClients(self.producers.clone()),
                bodies: self.bodies(),
                counts: Arc::clone(&counts),
                end_schedule: Arc::clone(&end_schedule),
                give_up: Arc::clone(&give_up),
                sent: Sent {
                    send_delay: by_second(),
                    accept_delay: by_second(),
                    refusals: Refusals::default(),
                },
            };
            crew.start(move || sender.run().into())?;
        } else {
            for group in groups(self.producers.len(), cores()) {
                let saturator = Saturator {
                    clock,
                    zero,
                    end: zero + end_ns,
                    trial: self.spec.trial,
                    first: group.start as u32,
                    sequences: vec![0; group.len()],
                    clients: HeavyClients(self.producers.clone()),
                    drafts: vec![0; BURST * self.bodies().size()],
                    bodies: self.bodies(),
                    counts: Arc::clone(&counts),
                    end_schedule: Arc::clone(&end_schedule),
                    refusals: Refusals::default(),
                };
                crew.start(move || Ended { refusals: saturator.run(), latencies: Vec::new() })?;
            }
        }
        let Crew { sending, release, threads: senders } = crew;
        self.running =
            Some(Running { counts, end_schedule, give_up, stop, sending, release, senders, acks, ledger });
        Ok(())
    }

    /// Messages per second of all producers together; none at `rate: max`.
    fn total_rate(&self) -> Option<f64> {
        self.spec.clients.iter().map(|client| client.rate.map(Rate::as_per_second)).sum()
    }

    fn bodies(&self) -> Bodies {
        let message = &self.spec.message;
        Bodies::new(message.size.get() as usize, message.compressibility, self.spec.seed)
    }

    fn pacer(&self, end_ns: u64) -> Pacer {
        let schedule = |(producer, client): (usize, &ClientSpec)| {
            Some(DueTimes::new(self.spec.arrivals, client.rate?, self.spec.seed, producer as u32))
        };
        Pacer::new(self.spec.clients.iter().enumerate().filter_map(schedule).collect(), end_ns)
    }

    fn lanes(&self, end_ns: u64) -> Vec<Lane> {
        let lane = |client: &ClientSpec| {
            let rate = client.rate.map_or(0.0, Rate::as_per_second);
            let most = rate * end_ns.min(client.delivery_timeout_ns) as f64 / 1e9;
            let line = WaitingLine::with_capacity(most.min(LINE) as usize + 1);
            Lane { delivery_timeout_ns: client.delivery_timeout_ns, line, sequence: 0 }
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
        if let Some(running) = &self.running {
            running.end_schedule.store(true, Relaxed);
        }
    }

    /// Whether the schedule is over, nobody waits, and every message sent is acked or failed.
    pub fn is_settled(&self) -> bool {
        let Some(running) = &self.running else { return true };
        let counts = &running.counts;
        let done = counts.acked.total() + counts.failed.total() + counts.unknown.total();
        running.sending.load(Relaxed) == 0 && counts.sent.total() == done
    }

    /// Ends all of it: what waits is refused, what is in flight is unknown. `None` if it was never started.
    pub fn finish(mut self) -> Result<Option<Loaded>, LoadError> {
        let Some(running) = self.running.take() else {
            return Ok(None);
        };
        running.end_schedule.store(true, Relaxed);
        running.give_up.store(true, Relaxed);
        drop(running.release);
        let mut ended = Vec::new();
        for sender in running.senders {
            ended.push(sender.join().map_err(|_| LoadError::Died { thread: "sender" })?);
        }
        for producer in &self.producers {
            producer.purge();
        }
        running.stop.store(true, Relaxed);
        let acks = running.acks.join().map_err(|_| LoadError::Died { thread: "acks" })?;
        let (mut errors, in_flight) = (acks.errors().clone(), acks.in_flight);
        let failures = acks.failures().iter().map(|(code, count)| (error_name(*code), *count)).collect();
        let (ack, service) = acks.into_latencies(); // closes the channel, so that the ledger ends
        let mut latencies = vec![(Latency::AckService, service)];
        latencies.extend(ack.map(|ack| (Latency::Ack, ack)));
        for Ended { latencies: own, refusals } in ended {
            latencies.extend(own);
            for (code, count) in refusals.iter() {
                *errors.entry(error_name(code)).or_default() += count;
            }
        }
        running.ledger.join().map_err(|_| LoadError::Died { thread: "ledger" })?;
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner).closed();
        Ok(Some(Loaded { latencies, counts: running.counts, ledger, in_flight, errors, failures }))
    }
}

/// The threads that send.
struct Crew {
    sending: Arc<AtomicUsize>,
    release: Vec<mpsc::Sender<()>>,
    threads: Vec<JoinHandle<Ended>>,
}

impl Crew {
    fn start(&mut self, run: impl FnOnce() -> Ended + Send + 'static) -> Result<(), LoadError> {
        self.sending.fetch_add(1, Relaxed);
        let (sending, (release, released)) = (Arc::clone(&self.sending), mpsc::channel::<()>());
        self.threads.push(spawn("load-sender", move || {
            let ended = run();
            sending.fetch_sub(1, Relaxed);
            // A thread that is gone has no CPU time to read: it stays until the window has been read.
            released.recv().ok();
            ended
        })?);
        self.release.push(release);
        Ok(())
    }
}

/// Producers by the thread that drives them at `rate: max`: a thread for each two cores, since a producer's own threads need as much as the one that
/// hands it messages.
fn groups(producers: usize, cores: usize) -> Vec<Range<usize>> {
    let threads = (cores / 2).clamp(1, producers.max(1));
    (0..threads).map(|thread| producers * thread / threads..producers * (thread + 1) / threads).collect()
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

fn keep_ledger(
    ledger: &Mutex<Ledger>,
    filled: &mpsc::Receiver<AckBatch>,
    emptied: &mpsc::SyncSender<AckBatch>,
) {
    while let Ok(mut batch) = filled.recv() {
        ledger.lock().unwrap_or_else(PoisonError::into_inner).book(&batch);
        batch.clear();
        // A full channel of empty batches needs no more of them.
        emptied.try_send(batch).ok();
    }
}

/// Returns once the thread runs: only then has it its name, by which its CPU is counted as the load's.
fn spawn<T: Send + 'static>(
    name: &'static str,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, LoadError> {
    let (running, runs) = mpsc::sync_channel(1);
    let run = move || {
        running.send(()).ok();
        run()
    };
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run);
    runs.recv().ok();
    thread.map_err(|source| LoadError::System { source })
}
