//! Reads the topics that the load goes to and the one that results are written to, each side by a client and a thread of its own that join nothing.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::{Message, Offset, TopicPartitionList};

use super::id::id_of;
use super::matching::{Matched, Matching, Sent};
use crate::books::Topics;
use crate::consumers::envelope_of;
use crate::envelope::{Envelope, Kind};
use crate::spec::Id;
use crate::timeline::Clock;

/// How long to wait at once, so that a stop is heard.
const STEP: Duration = Duration::from_millis(50);
/// How often the end of the threads is looked for, and whether anybody still waits for it.
const HEARD: Duration = Duration::from_millis(10);
/// How often a topic is looked for that is not there yet.
const LOOK: Duration = Duration::from_millis(250);
/// How long a cluster may take to tell of a topic.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// How long the rest of a topic is read for once the trial is over.
const REST: Duration = Duration::from_secs(20);
/// What the fetch of a message that lies there takes at most: who is at the end and gets nothing for so long has read all.
const QUIET: Duration = Duration::from_secs(1);

/// Who reads, and where they begin.
pub struct Readers {
    /// Of the topics that the load goes to.
    pub sent: BaseConsumer,
    /// Those topics.
    pub topics: Topics,
    /// By the numbers of their partitions, where to begin.
    pub starts: Vec<i64>,
    /// Of the topic that results are written to.
    pub results: BaseConsumer,
    /// That topic.
    pub output: String,
    /// By partition, where to begin; none of a topic that is not there yet.
    pub output_starts: Option<Vec<i64>>,
}

/// What the threads are told.
#[derive(Debug, Default)]
struct Halt {
    /// To end once all has been read.
    soon: AtomicBool,
    /// To end with what has been read.
    now: AtomicBool,
}

/// Threads that follow results, and what they have seen.
#[derive(Debug)]
pub struct OutputWatch {
    halt: Arc<Halt>,
    matching: Arc<Mutex<Matching>>,
    threads: Vec<JoinHandle<()>>,
}

impl OutputWatch {
    /// Begins to follow results of a trial's messages, by its number.
    pub fn start(clock: Clock, trial: u64, id: &Id, readers: Readers, matching: Matching) -> Self {
        let (halt, matching) = (Arc::<Halt>::default(), Arc::new(Mutex::new(matching)));
        let Readers { sent, topics, starts, results, output, output_starts } = readers;
        let mut threads = Vec::new();
        let (told, into, by) = (Arc::clone(&halt), Arc::clone(&matching), id.clone());
        threads.extend(spawn("read-back", move || {
            // The end of a partition is told without its topic: of several nobody knows which has ended, and what was not read shows by what was acked.
            let ends = if topics.is_one() { starts.len() } else { 0 };
            let ended = assign(&sent, &topics, &starts)
                && read(&sent, ends, &told, |message| {
                    let Some(partition) = topics.number(message.topic(), message.partition()) else { return };
                    let offset = message.offset();
                    let envelope = envelope_of(message);
                    let ours = envelope.filter(|of| of.kind == Kind::Message && of.trial == trial);
                    // What it takes to find an id is nobody's time but ours.
                    let sent = ours.map(|Envelope { producer, sequence, due, .. }| {
                        (id_of(&by, message), Sent { producer, sequence, due, partition, offset })
                    });
                    let mut matching = locked(&into);
                    if let Some((id, sent)) = sent {
                        matching.sent(id, sent);
                    }
                    matching.read_until(partition, offset + 1);
                });
            if !ended {
                locked(&into).not_ended();
            }
        }));
        let (told, into, by) = (Arc::clone(&halt), Arc::clone(&matching), id.clone());
        threads.extend(spawn("read-results", move || {
            let starts = output_starts.or_else(|| await_topic(&results, &output, &told));
            let tell = |message: &BorrowedMessage<'_>| {
                let at = clock.now();
                let id = id_of(&by, message);
                locked(&into).result(id, message.partition().unsigned_abs(), at);
            };
            let ended = starts.is_some_and(|starts| {
                let topic = Topics::one(output, starts.len() as u32);
                assign(&results, &topic, &starts) && read(&results, starts.len(), &told, tell)
            });
            if !ended {
                locked(&into).not_ended();
            }
        }));
        OutputWatch { halt, matching, threads }
    }

    /// Whether a result of so many messages has come, and each is known to be of its own.
    pub fn has(&self, messages: u64, clock: Clock) -> bool {
        let mut matching = locked(&self.matching);
        matching.settle(clock.now());
        let (results, settled) = matching.so_far();
        settled && results >= messages
    }

    /// Tells the threads to end once they have read what is left of both topics, and waits for nothing.
    pub fn end_soon(&self) {
        self.halt.soon.store(true, Relaxed);
    }

    /// Ends the threads and hands over what they saw: what is left of both topics is read first, unless `urgent` says that somebody will not wait.
    pub fn finish(self, urgent: &dyn Fn() -> bool) -> Option<Matched> {
        self.end_soon();
        while !self.threads.iter().all(JoinHandle::is_finished) {
            if urgent() {
                self.halt.now.store(true, Relaxed);
            }
            std::thread::sleep(HEARD);
        }
        for thread in self.threads {
            thread.join().ok()?;
        }
        let matching = Arc::into_inner(self.matching)?.into_inner().unwrap_or_else(PoisonError::into_inner);
        Some(matching.finish())
    }
}

/// Nothing else of the client is ever assigned; false where it refuses.
fn assign(client: &BaseConsumer, topics: &Topics, starts: &[i64]) -> bool {
    let mut wanted = TopicPartitionList::with_capacity(starts.len());
    for ((topic, partition), start) in topics.all().zip(starts) {
        wanted.add_partition_offset(topic, partition, Offset::Offset(*start)).ok();
    }
    client.assign(&wanted).is_ok()
}

/// Waits until a topic is there; where to begin then: what lies there came since. None where a stop comes first.
fn await_topic(client: &BaseConsumer, topic: &str, halt: &Halt) -> Option<Vec<i64>> {
    loop {
        let metadata = client.fetch_metadata(Some(topic), ANSWER_WITHIN).ok();
        let found = metadata.as_ref().and_then(|all| {
            all.topics().iter().find(|one| one.error().is_none() && !one.partitions().is_empty())
        });
        if let Some(found) = found {
            return Some(vec![0; found.partitions().len()]);
        }
        // Once more after a stop: it may have been made with the last result.
        if halt.soon.load(Relaxed) {
            return None;
        }
        std::thread::sleep(LOOK);
    }
}

/// Reads all partitions until it is told to end, nothing more comes, and it has come to the ends of the first so many; false where it did not come there in time.
fn read(
    client: &BaseConsumer,
    partitions: usize,
    halt: &Halt,
    mut tell: impl FnMut(&BorrowedMessage<'_>),
) -> bool {
    let mut at_end = vec![false; partitions];
    let (mut deadline, mut last) = (None, Instant::now());
    loop {
        let place = |partition: i32| partition.unsigned_abs() as usize;
        match client.poll(STEP) {
            Some(Ok(message)) => {
                last = Instant::now();
                if let Some(at_end) = at_end.get_mut(place(message.partition())) {
                    *at_end = false;
                }
                tell(&message);
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                if let Some(at_end) = at_end.get_mut(place(partition)) {
                    *at_end = true;
                }
            }
            None if halt.soon.load(Relaxed) && at_end.iter().all(|end| *end) && last.elapsed() >= QUIET => {
                return true;
            }
            // Other errors come and go, and reading goes on.
            Some(Err(_)) | None => {}
        }
        let is_late = |deadline: &mut Option<Instant>| {
            Instant::now() > *deadline.get_or_insert_with(|| Instant::now() + REST)
        };
        if halt.now.load(Relaxed) || halt.soon.load(Relaxed) && is_late(&mut deadline) {
            return false;
        }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Option<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).ok()
}

fn locked(one: &Mutex<Matching>) -> MutexGuard<'_, Matching> {
    one.lock().unwrap_or_else(PoisonError::into_inner)
}
