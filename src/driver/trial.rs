//! One trial: deploy consumers → ready → warm-up → measure → drain → tear down; always, on every path.

mod backlog;
mod connect;
mod doctor;
mod drained;
mod inject;
mod ready;
mod tear_down;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use drained::has_read_all;

use doctor::Doctor;
use inject::Injector;

use super::event::{Event, Tick, Watcher};
use super::group::Group;
use super::raw::Raw;
use super::subject::Subject;
use super::ticker::Ticker;
use super::times::Times;
use super::watch::Watchers;
use super::world::World;
use super::{DriverError, Shutdown};
use crate::books::OffsetSet;
use crate::consumers::emulation::cgroup::OwnLimit;
use crate::load::{Fleet, SoFar, Wire};
use crate::observe::Watch;
use crate::record::{Scroll, Spool};
use crate::timeline::{Clock, QUARTER_NS, SECOND_NS};

/// Kind of the event that tells of a broker which died while others went on.
pub const BROKER_DIED: &str = "broker_died";
/// How long the acks of an interrupted trial are waited for.
const LAST_ACKS: Duration = Duration::from_secs(2);
/// How late the reading at the window's end may come.
const LAST_READING: Duration = Duration::from_millis(500);
/// How often the driver looks around.
const LOOK: Duration = Duration::from_millis(10);
/// Time between the decision to start and time 0 at the least.
const RUN_UP_NS: u64 = 30_000_000;
/// Counters reach that far beyond the drain.
const TAIL_NS: u64 = 40 * SECOND_NS;

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
    groups: Vec<Group<'a>>,
    fleet: Option<Fleet>,
    watchers: Option<Watchers>,
    topics_made: bool,
    /// Numbers of the brokers of our own that died.
    dead: BTreeSet<i32>,
    doctor: Doctor,
    injector: Injector,
    raw: Raw,
}

impl<'a> Stage<'a> {
    fn new(world: &'a World, subject: &'a Subject<'a>, shutdown: &'a Shutdown) -> Self {
        let raw = Raw::new(subject.topics.clone());
        let consumers = subject.treatment.settings.consumers.iter();
        Stage {
            world,
            subject,
            shutdown,
            clock: world.clock,
            groups: consumers.map(|asked| Group::new(world, subject, asked)).collect(),
            fleet: None,
            watchers: None,
            topics_made: false,
            dead: BTreeSet::new(),
            doctor: Doctor::default(),
            injector: Injector::default(),
            raw,
        }
    }

    fn play(&mut self, watcher: Watcher<'_>) -> Result<(), DriverError> {
        let start = Instant::now();
        self.deploy(watcher)?;
        if self.raw.interrupted {
            return Ok(());
        }
        self.spent("deploy", start);
        if !self.await_connected(watcher)? {
            return Ok(());
        }
        let start = Instant::now();
        if !self.await_ready()? {
            return Ok(());
        }
        self.spent("ready", start);
        for group in &mut self.groups {
            group.follow_results(self.world, self.subject, &self.raw.starts)?;
        }
        let times = self.start_load()?;
        watcher(&Event::Phase("warm_up"));
        if self.follow_until(times.window.0, &times, watcher)? {
            watcher(&Event::Phase("measure"));
            self.note("phase", "measure");
            self.raw.wire[0] = self.wire();
            self.read_carried(0);
            let before = self.acked_by_partition();
            let through = self.follow_until(times.window.1, &times, watcher)?;
            self.raw.wire[1] = self.wire();
            self.read_carried(1);
            if through {
                let acked = self.acked_by_partition().into_iter().zip(before);
                self.raw.acked_in_window = acked.map(|(after, before)| after - before).collect();
            }
        }
        watcher(&Event::Phase("drain"));
        self.note("phase", "drain");
        let start = Instant::now();
        self.drain(&times)?;
        self.spent("drain", start);
        Ok(())
    }

    fn wire(&self) -> Option<(u64, Wire)> {
        Some(self.fleet.as_ref()?.wire(self.clock))
    }

    /// What has been carried over distances, at the window's start (0) or end (1); of those that an event has ended that was read then.
    fn read_carried(&mut self, edge: usize) {
        for away in &mut self.raw.away {
            away.carried[edge] = away.carried[edge].or_else(|| self.world.distance.carried(away.role));
        }
    }

    fn deploy(&mut self, watcher: Watcher<'_>) -> Result<(), DriverError> {
        self.raw.away = self.world.put_away(self.subject);
        self.topics_made = true;
        let made = self.world.create_topics(self.subject, &self.subject.treatment.settings.topic);
        self.raw.denied = made.is_err();
        made?;
        self.raw.topic_config = self.world.topic_config(self.subject).unwrap_or_default();
        self.raw.starts = self.world.starts(self.subject)?;
        if !self.write_backlog(watcher)? {
            return Ok(());
        }
        self.raw.consumers_started = Some(self.clock.now());
        for group in &mut self.groups {
            group.deploy(self.world, self.subject)?;
        }
        if !self.groups.is_empty() {
            let pids: Vec<u32> = self.groups.iter().flat_map(Group::pids).collect();
            watcher(&Event::Deployed { pids: &pids });
        }
        let mut fleet = Fleet::open(self.world.load_spec(self.subject, &self.raw.starts)?, self.clock)?;
        if let Some(written) = &mut self.raw.written {
            fleet.go_on_from(written);
        }
        self.fleet = Some(fleet);
        if self.subject.treatment.settings.is_followed() {
            // Consumers that are not ours might choke on a canary.
            self.raw.canaries = vec![OffsetSet::new(); self.subject.topics.partitions() as usize];
        } else if !self.groups.is_empty() && self.raw.canaries.is_empty() {
            self.raw.canaries = self.world.send_canaries(self.subject)?;
        }
        Ok(())
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
        let spool = Spool::create(&self.world.results)?;
        fleet.start(self.clock, zero, window..end, phases.drain.as_nanos() + TAIL_NS, spool)?;
        let mut watch = Watch::default();
        watch.cluster = self.world.brokers_apart();
        watch.apart = self.world.apart_folder();
        watch.limit = OwnLimit::find(Path::new("/"));
        self.groups.iter_mut().for_each(|group| group.begin(zero, times.window));
        watch.consumers = self.groups.iter().map(Group::watched).collect();
        let scroll = Scroll::create(&self.world.results)?;
        let mut watchers = Watchers::start(self.clock, &times, watch, scroll);
        watchers.scrape(self.clock, &times, &self.world.pages, &self.world.results)?;
        let followed = self.groups.iter().map(|group| {
            group.followed(self.world, (self.subject, &self.raw.starts), fleet.ledger(), times.window)
        });
        watchers.follow(self.clock, followed.collect::<Result<_, _>>()?);
        self.watchers = Some(watchers);
        self.raw.times = Some(times);
        self.plan_events(zero);
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
            self.look_for_waiting();
            self.inject();
            self.world.hold(self.subject, &mut self.groups);
            let next = self.next_event().map_or(until, |next| next.min(until));
            let left = Duration::from_nanos(next.saturating_sub(self.clock.now()));
            self.hear(left.min(LOOK))?;
            if let Some(counts) = self.fleet.as_ref().and_then(Fleet::counts) {
                let processed = self.processed();
                if let Some(tick) = ticker.tick(self.clock.now(), &counts, processed) {
                    watcher(&Event::Tick(Tick { end_to_end_p99_ms: self.p99_ms(), ..tick }));
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
            self.look_for_waiting();
            self.inject();
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

    /// A broker of our own that died ends the trial: all else would only wait for it. Where others are left that can go on, it is told.
    fn look_at_broker(&mut self) -> Result<(), DriverError> {
        if !self.world.is_up() && !self.awaits_broker() {
            return Err(DriverError::BrokerGone);
        }
        let (dead, of) = self.world.dead_brokers();
        for id in dead {
            if self.dead.insert(id) {
                self.note(BROKER_DIED, &format!("broker {id} of {of} died"));
            }
        }
        Ok(())
    }

    fn is_drained(&self) -> bool {
        let Some(fleet) = &self.fleet else { return true };
        let Some(counts) = fleet.counts() else { return true };
        let (ledger, so_far, aborted) = (fleet.ledger(), counts.so_far(), counts.aborted.load(Relaxed));
        let so_far = SoFar { acked: so_far.acked + fleet.before(), ..so_far };
        let has_read = |(number, group): (usize, &Group<'_>)| match group.raw.outside {
            None => has_read_all(&group.raw.gathered, so_far, aborted, &ledger),
            Some(_) => self
                .committed(number)
                .is_some_and(|committed| Group::has_committed_all(&committed, so_far.acked, &ledger)),
        };
        let expected = so_far.acked.saturating_sub(aborted);
        if !self.groups.iter().all(|group| group.has_results(expected, self.clock)) {
            return false;
        }
        fleet.is_settled() && self.groups.iter().enumerate().all(has_read)
    }

    fn acked_by_partition(&self) -> Vec<u64> {
        let ledger = self.fleet.as_ref().map(Fleet::ledger);
        ledger
            .map(|ledger| ledger.lock().unwrap_or_else(PoisonError::into_inner).counts())
            .unwrap_or_default()
    }

    /// What the group that is furthest behind has processed, or committed where it does not tell; `None` without consumers.
    fn processed(&self) -> Option<u64> {
        let of = |(number, group): (usize, &Group<'_>)| match group.raw.outside {
            None => group.raw.gathered.processed(),
            Some(_) => self.seen_committed(number).unwrap_or_default(),
        };
        self.groups.iter().enumerate().map(of).min()
    }

    /// The commits of a group as they were read last, by partition.
    fn committed(&self, group: usize) -> Option<Vec<Option<i64>>> {
        self.watchers.as_ref()?.committed(group)
    }

    /// Acked messages that a group has committed.
    fn seen_committed(&self, group: usize) -> Option<u64> {
        let committed = self.committed(group)?;
        let ledger = self.fleet.as_ref()?.ledger();
        let ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let acked: u64 = ledger.counts().iter().sum();
        Some(acked.saturating_sub(ledger.lag(&committed).messages))
    }

    /// The end-to-end p99 of the window so far, of the group whose is greatest.
    fn p99_ms(&self) -> Option<f64> {
        let groups = self.groups.iter().filter_map(|group| group.raw.gathered.live().p99());
        groups.max().map(|ns| ns as f64 / 1e6)
    }

    /// Folds what the consumers have said; an instance that ended on its own before time 0 fails the trial.
    fn hear(&mut self, wait: Duration) -> Result<(), DriverError> {
        if self.groups.is_empty() {
            std::thread::sleep(wait);
        }
        let turn = wait / self.groups.len().max(1) as u32;
        for (number, group) in self.groups.iter_mut().enumerate() {
            let died = group.hear(self.clock.now(), turn, &mut self.raw.events)?;
            if let (Some(reason), None) = (died, &self.raw.times) {
                return Err(group.death(&reason));
            }
            // While it was heard some may have been started in the place of others.
            if let Some(watchers) = &self.watchers
                && let Some(watched) = group.watched_anew(self.clock.now())
            {
                watchers.watch(number, watched);
            }
        }
        Ok(())
    }

    fn note(&mut self, kind: &str, text: &str) {
        self.raw.events.push((self.clock.now(), kind.to_owned(), text.to_owned()));
    }

    fn spent(&mut self, part: &str, since: Instant) {
        self.raw.spent_s.insert(part.to_owned(), since.elapsed().as_secs_f64());
    }
}
