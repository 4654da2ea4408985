//! One trial: deploy consumers → ready → warm-up → measure → drain → tear down; always, on every path.

mod connect;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::compose::Times;
use super::event::{Event, Watcher};
use super::subject::Subject;
use super::ticker::Ticker;
use super::watch::{Followed, Seen, Watchers};
use super::world::World;
use super::{DriverError, Shutdown};
use crate::books::OffsetSet;
use crate::consumers::{Backend, Gathered, Process};
use crate::load::{Fleet, Loaded, Wire};
use crate::observe::Watch;
use crate::timeline::{Clock, QUARTER_NS, SECOND_NS};

/// How long a group may take until a canary has gone through every partition.
const READY_WITHIN: Duration = Duration::from_mins(1);
/// How long instances may take to finish what they have in hand, commit and leave.
const STOP_WITHIN: Duration = Duration::from_secs(20);
/// How long the acks of an interrupted trial are waited for.
const LAST_ACKS: Duration = Duration::from_secs(2);
/// Members that were killed leave the group only when their sessions end: so long that is waited for.
const GROUP_EMPTIES: Duration = Duration::from_secs(5);
/// How late the reading at the window's end may come.
const LAST_READING: Duration = Duration::from_millis(500);
/// What producers without consumers get for connecting.
const CONNECTED: Duration = Duration::from_millis(300);
/// How often the driver looks around.
const LOOK: Duration = Duration::from_millis(10);
/// Time between the decision to start and time 0 at the least.
const RUN_UP_NS: u64 = 30_000_000;
/// Counters reach that far beyond the drain.
const TAIL_NS: u64 = 40 * SECOND_NS;

/// Kind of the event that tells of an instance which ended on its own.
pub const DIED: &str = "instance_died";

/// What came of a trial, before it is added up.
#[derive(Debug)]
pub struct Raw {
    /// Phases; `None` if it never came to time 0.
    pub times: Option<Times>,
    /// When the group was ready, Unix ns: from then on nothing may happen to it.
    pub ready_ns: Option<u64>,
    /// What the load left.
    pub loaded: Option<Loaded>,
    /// What the consumers said; `None` without consumers.
    pub gathered: Option<Gathered>,
    /// What the probes saw.
    pub seen: Seen,
    /// What had gone over the wire at the window's edges, with the time (Unix ns); `None` where clients do not tell.
    pub wire: [Option<(u64, Wire)>; 2],
    /// The canaries' offsets, by partition.
    pub canaries: Vec<OffsetSet>,
    /// The group's commits after all instances had stopped, by partition.
    pub commits: Option<Vec<Option<i64>>>,
    /// What happened, with its time (Unix ns).
    pub events: Vec<(u64, String, String)>,
    /// How long each part took, in seconds.
    pub spent_s: BTreeMap<String, f64>,
    /// Its topic.
    pub topic: String,
    /// Its group; `None` without consumers.
    pub group: Option<String>,
    /// The topic's settings as the cluster applied them; empty where it did not tell.
    pub topic_config: BTreeMap<String, String>,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// Whether a signal ended it.
    pub interrupted: bool,
}

/// Runs one trial to its end, whatever the end is.
pub fn run(world: &World, subject: &Subject<'_>, shutdown: &Shutdown, watcher: Watcher<'_>) -> Raw {
    let mut stage = Stage::new(world, subject, shutdown);
    if let Err(error) = stage.play(watcher) {
        stage.raw.failure = Some(world.redacted(&error.to_string(), &subject.treatment.settings));
    }
    watcher(&Event::Phase("tear_down"));
    stage.tear_down(watcher);
    stage.raw
}

/// Everything that must be taken down again, and what was seen so far.
struct Stage<'a> {
    world: &'a World,
    subject: &'a Subject<'a>,
    shutdown: &'a Shutdown,
    clock: Clock,
    consumers: Option<Box<dyn Backend>>,
    fleet: Option<Fleet>,
    watchers: Option<Watchers>,
    topic_made: bool,
    died: BTreeSet<u32>,
    raw: Raw,
}

impl<'a> Stage<'a> {
    fn new(world: &'a World, subject: &'a Subject<'a>, shutdown: &'a Shutdown) -> Self {
        let raw = Raw {
            times: None,
            ready_ns: None,
            loaded: None,
            gathered: subject.treatment.settings.consumers.as_ref().map(|_| Gathered::default()),
            seen: Seen::default(),
            wire: [None; 2],
            canaries: Vec::new(),
            commits: None,
            events: Vec::new(),
            spent_s: BTreeMap::new(),
            topic: subject.topic.clone(),
            group: world.group(subject),
            topic_config: BTreeMap::new(),
            failure: None,
            interrupted: false,
        };
        let clock = world.clock;
        Stage {
            world,
            subject,
            shutdown,
            clock,
            consumers: None,
            fleet: None,
            watchers: None,
            topic_made: false,
            died: BTreeSet::new(),
            raw,
        }
    }

    fn play(&mut self, watcher: Watcher<'_>) -> Result<(), DriverError> {
        let start = Instant::now();
        self.deploy(watcher)?;
        self.spent("deploy", start);
        if !self.await_connected(watcher)? {
            return Ok(());
        }
        let start = Instant::now();
        if !self.await_ready()? {
            return Ok(());
        }
        self.spent("ready", start);
        let times = self.start_load()?;
        watcher(&Event::Phase("warm_up"));
        if self.follow_until(times.window.0, &times, watcher)? {
            watcher(&Event::Phase("measure"));
            self.note("phase", "measure");
            self.raw.wire[0] = self.wire();
            self.follow_until(times.window.1, &times, watcher)?;
            self.raw.wire[1] = self.wire();
        }
        watcher(&Event::Phase("drain"));
        self.note("phase", "drain");
        let start = Instant::now();
        self.drain(&times)?;
        self.spent("drain", start);
        Ok(())
    }

    fn wire(&self) -> Option<(u64, Wire)> {
        self.fleet.as_ref()?.wire(self.clock)
    }

    fn deploy(&mut self, watcher: Watcher<'_>) -> Result<(), DriverError> {
        let settings = &self.subject.treatment.settings;
        self.topic_made = true;
        self.world.create_topic(self.subject, &settings.topic)?;
        self.raw.topic_config = self.world.topic_config(&self.subject.topic).unwrap_or_default();
        if let Some(consumers) = &settings.consumers {
            let config = self.world.consumer_config(self.subject, consumers);
            let backend =
                self.consumers.insert(Box::new(Process::new(self.clock).of(self.world.program.clone())));
            backend.deploy(&config, consumers.instances)?;
            watcher(&Event::Deployed { pids: &pids(backend.as_ref()) });
        }
        self.fleet = Some(Fleet::open(self.world.load_spec(self.subject)?, self.clock)?);
        if self.consumers.is_some() {
            self.raw.canaries = self.world.send_canaries(self.subject)?;
        }
        Ok(())
    }

    /// False when a signal came first.
    fn await_ready(&mut self) -> Result<bool, DriverError> {
        let settings = &self.subject.treatment.settings;
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            self.hear(LOOK)?;
            let (Some(backend), Some(gathered)) = (&self.consumers, &self.raw.gathered) else {
                // Nothing tells that producers are connected; what they still lack then is the warm-up's.
                std::thread::sleep(CONNECTED);
                return Ok(true);
            };
            if backend.ready(gathered, settings.topic.partitions) {
                self.note("ready", "a canary has gone through every partition");
                self.raw.ready_ns = Some(self.clock.now());
                return Ok(true);
            }
            if self.shutdown.is_asked() {
                self.raw.interrupted = true;
                return Ok(false);
            }
            if Instant::now() > deadline {
                let within = READY_WITHIN.as_secs();
                let members = settings.consumers.as_ref().map_or(0, |group| group.instances * group.threads);
                let assignment = gathered.standing(settings.topic.partitions, members).to_string();
                return Err(DriverError::NotReady { within, assignment });
            }
        }
    }

    /// Time 0 is put so that the window begins on a whole second: histograms are cut there.
    fn start_load(&mut self) -> Result<Times, DriverError> {
        let phases = self.subject.treatment.settings.phases;
        let (warm_up, measure) = (phases.warm_up.as_nanos(), phases.measure.as_nanos());
        let window = (self.clock.now() + RUN_UP_NS + warm_up).next_multiple_of(SECOND_NS);
        let zero = window - warm_up;
        let end = window + measure;
        let times = Times { zero, window: (window, end), drained: end, watched: end };
        let Some(fleet) = &mut self.fleet else {
            return Ok(times);
        };
        fleet.start(self.clock, zero, warm_up + measure, phases.drain.as_nanos() + TAIL_NS)?;
        let mut watch = Watch::default();
        watch.cluster = self.world.broker_pids();
        if let Some(backend) = &self.consumers {
            watch.consumers = pids(backend.as_ref());
        }
        let mut watchers = Watchers::start(self.clock, zero, times.window, watch, fleet.thread_ids());
        if self.consumers.is_some() {
            let client = Arc::new(self.world.group_client(self.subject)?);
            let partitions = self.subject.treatment.settings.topic.partitions;
            let topic = self.subject.topic.clone();
            watchers.follow(self.clock, Followed { client, topic, partitions, ledger: fleet.ledger() });
        }
        self.watchers = Some(watchers);
        self.raw.times = Some(times);
        Ok(times)
    }

    /// Listens and tells until a moment of the clock; false when a signal came first.
    fn follow_until(&mut self, until: u64, times: &Times, watcher: Watcher<'_>) -> Result<bool, DriverError> {
        let mut ticker = Ticker::new(times);
        while self.clock.now() < until {
            if self.shutdown.is_asked() {
                self.raw.interrupted = true;
                return Ok(false);
            }
            self.look_at_broker()?;
            let left = Duration::from_nanos(until.saturating_sub(self.clock.now()));
            self.hear(left.min(LOOK))?;
            if let Some(counts) = self.fleet.as_ref().and_then(Fleet::counts) {
                let processed = self.raw.gathered.as_ref().map(Gathered::processed);
                if let Some(tick) = ticker.tick(self.clock.now(), &counts, processed) {
                    watcher(&Event::Tick(tick));
                }
            }
        }
        Ok(true)
    }

    /// Until everything is acked and read, or the longest wait is over.
    fn drain(&mut self, times: &Times) -> Result<(), DriverError> {
        let longest = self.subject.treatment.settings.phases.drain.as_duration();
        let mut deadline = Instant::now() + longest;
        if self.raw.interrupted {
            if let Some(fleet) = &self.fleet {
                fleet.end_schedule();
            }
            deadline = Instant::now() + longest.min(LAST_ACKS);
        }
        while Instant::now() < deadline && !self.shutdown.is_urgent() && !self.is_drained() {
            self.look_at_broker()?;
            self.hear(LOOK)?;
            if self.shutdown.is_asked() && !self.raw.interrupted {
                self.raw.interrupted = true;
                break;
            }
        }
        let watched = self.clock.now();
        self.raw.times = Some(Times { drained: watched.next_multiple_of(QUARTER_NS), watched, ..*times });
        if let Some(watchers) = self.watchers.as_ref().filter(|_| !self.raw.interrupted) {
            // What is torn down next can no longer be read.
            watchers.await_reading(times.window.1, LAST_READING);
        }
        Ok(())
    }

    /// A broker of our own that died ends the trial: all else would only wait for it.
    fn look_at_broker(&self) -> Result<(), DriverError> {
        if self.world.is_up() { Ok(()) } else { Err(DriverError::BrokerGone) }
    }

    fn is_drained(&self) -> bool {
        let Some(fleet) = &self.fleet else { return true };
        if !fleet.is_settled() {
            return false;
        }
        let written = fleet.counts().map_or(0, |counts| counts.acked.total() + counts.unknown.total());
        self.raw.gathered.as_ref().is_none_or(|gathered| gathered.processed() >= written)
    }

    /// Folds what the consumers have said; an instance that ended on its own before time 0 fails the trial.
    fn hear(&mut self, wait: Duration) -> Result<(), DriverError> {
        let Some(backend) = &mut self.consumers else {
            std::thread::sleep(wait);
            return Ok(());
        };
        let gathered = self.raw.gathered.get_or_insert_default();
        let mut next = backend.next(wait);
        while let Some(said) = next {
            gathered.add(said.instance, said.at_ns, said.event);
            next = backend.next(Duration::ZERO);
        }
        let died = gathered.ended().find(|instance| !self.died.contains(instance));
        let Some(instance) = died else { return Ok(()) };
        self.died.insert(instance);
        let reason = format!("instance {instance} of the consumers ended on its own");
        self.raw.events.push((self.clock.now(), DIED.to_owned(), reason.clone()));
        if self.raw.times.is_some() {
            return Ok(());
        }
        // Its last words are known once it has been waited for.
        let words = backend
            .stop(STOP_WITHIN)
            .into_iter()
            .find(|exit| exit.instance == instance)
            .map(|exit| exit.last_words);
        let words = gathered.fatal().map(str::to_owned).or(words).unwrap_or_default();
        Err(DriverError::InstanceDied { reason: format!("{reason}: {words}") })
    }

    fn tear_down(&mut self, watcher: Watcher<'_>) {
        let start = Instant::now();
        if let Some(fleet) = self.fleet.take() {
            match fleet.finish() {
                Ok(loaded) => self.raw.loaded = loaded,
                Err(error) => self.raw.failure = Some(error.to_string()),
            }
        }
        if let Some(mut backend) = self.consumers.take() {
            let within = if self.shutdown.is_urgent() { Duration::ZERO } else { STOP_WITHIN };
            for exit in backend.stop(within) {
                if exit.overdue {
                    let text = format!("instance {} did not stop in time and was killed", exit.instance);
                    self.raw.events.push((exit.stopped_ns, "instance_killed".to_owned(), text));
                } else if !exit.last_words.is_empty() {
                    let text = format!("instance {}: {}", exit.instance, exit.last_words);
                    self.raw.events.push((exit.stopped_ns, "last_words".to_owned(), text));
                }
            }
            let gathered = self.raw.gathered.get_or_insert_default();
            while let Some(said) = backend.next(Duration::ZERO) {
                gathered.add(said.instance, said.at_ns, said.event);
            }
            if self.topic_made && self.raw.times.is_some() && self.world.is_up() {
                self.raw.commits = self
                    .world
                    .commits(self.subject)
                    .map_err(|error| {
                        self.raw
                            .failure
                            .get_or_insert(format!("the group's last commits could not be read: {error}"));
                    })
                    .ok();
            }
        }
        if let Some(watchers) = self.watchers.take() {
            self.raw.seen = watchers.finish();
        }
        let patience = if self.shutdown.is_urgent() { Duration::ZERO } else { GROUP_EMPTIES };
        if self.topic_made
            && !self.subject.keep
            && self.world.is_up()
            && let Err(error) = self.world.remove_topic(self.subject, patience)
        {
            watcher(&Event::Trouble(&format!("{error}; `bench clean` takes it away later")));
        }
        self.spent("tear_down", start);
    }

    fn note(&mut self, kind: &str, text: &str) {
        self.raw.events.push((self.clock.now(), kind.to_owned(), text.to_owned()));
    }

    fn spent(&mut self, part: &str, since: Instant) {
        self.raw.spent_s.insert(part.to_owned(), since.elapsed().as_secs_f64());
    }
}

fn pids(backend: &dyn Backend) -> Vec<u32> {
    backend.instances().iter().filter_map(|instance| instance.pid).collect()
}
