//! One group of a trial's consumers: deployed, listened to, stopped, its commits read at the end.

mod described;
mod followed;
mod hands;
mod heard;
pub mod results;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use described::LastDescribed;

use super::DriverError;
use super::emulate::{OOM_KILL, RawEmulation, Unborn, after_death};
use super::journal::{Happened, Journal, Journaled};
use super::lags::Lags;
use super::subject::Subject;
use super::world::World;
use crate::books::{ByQuarter, Topics};
use crate::cluster::Described;
use crate::consumers::emulation::EmulatedMachine;
use crate::consumers::{Backend, Exit, Gathered, Output};
use crate::load::{AckLedger, ShareAsker};
use crate::observe::{Matched, Moved, OutputWatch, Passed};
use crate::record::{Spool, Spooled, StoreError};
use crate::spec::{self, Consumers};
use crate::units::Span;

/// How long a group may take until a canary has gone through every partition.
pub const READY_WITHIN: Duration = Duration::from_mins(1);
/// How often a coordinator is asked whether a group is ready.
const DESCRIBE_EVERY: Duration = Duration::from_millis(100);
/// How a group shows that it is ready which tells what it receives, and how one that does not.
const THROUGH: &str = "a canary has gone through every partition";
const STABLE: &str = "the group is stable and every partition is assigned, by what its coordinator says";
/// How long instances may take to finish what they have in hand, commit and leave.
const STOP_WITHIN: Duration = Duration::from_secs(20);

/// Kind of the event that tells of an instance which ended on its own.
pub const DIED: &str = "instance_died";

/// What came of one group, before it is added up.
#[derive(Debug)]
pub struct RawGroup {
    /// Its name in the experiment.
    pub name: String,
    /// Its name in this trial.
    pub full_name: String,
    /// Instances that were asked for.
    pub instances: u32,
    /// Consumers in each of them.
    pub threads: u32,
    /// Whether it is a share group.
    pub shares: bool,
    /// What its instances said.
    pub gathered: Gathered,
    /// Their latencies.
    pub latencies: Spooled,
    /// Its commits after all instances had stopped, by partition.
    pub commits: Option<Vec<Option<i64>>>,
    /// Its lag by commits.
    pub lags: Lags,
    /// What was told of it while it ran.
    pub journal: Journaled,
    /// When it was noticed (Unix ns) that an instance had ended on its own, and which, in the order of time.
    pub deaths: Vec<(u64, u32)>,
    /// What was recorded of its emulated instances; `None` where none were.
    pub emulation: Option<RawEmulation>,
    /// What was seen of it from outside; `None` where it tells itself.
    pub outside: Option<Outside>,
    /// Where its results were looked for, and what came of them; none where nobody asked.
    pub results: Option<(spec::Output, Matched)>,
}

impl RawGroup {
    /// First completions by quarter seconds: as it tells them, or as its commits passed them.
    pub fn processed(&self) -> &ByQuarter {
        let told = || self.gathered.processed_quarters();
        self.outside.as_ref().map_or_else(told, |outside| &outside.passed.quarters)
    }
}

/// What was seen of a group from outside, that tells nothing itself.
#[derive(Debug, Default)]
pub struct Outside {
    /// What its commits passed.
    pub passed: Passed,
    /// What changed in it while load ran, with how many members it then had.
    pub moved: Vec<Moved>,
    /// Members when it was ready.
    pub members: Option<u32>,
    /// What its instances wrote.
    pub outputs: Vec<(u32, Output)>,
}

/// A group that must be taken down again, and what it said so far.
pub struct Group<'a> {
    asked: &'a Consumers,
    restart: bool,
    backend: Option<Box<dyn Backend>>,
    died: BTreeSet<u32>,
    /// Instances that were killed or asked to leave on purpose.
    sent_away: BTreeSet<u32>,
    /// Where latencies go until all has been said.
    spool: Option<Spool>,
    /// Where all else goes until then.
    journal: Option<Journal>,
    /// As its coordinator described it last, where it tells nothing itself.
    described: Option<LastDescribed>,
    /// Whoever asks about it, where it is a share group.
    asker: Option<ShareAsker>,
    /// What follows its results, where somebody asked for them.
    results: Option<OutputWatch>,
    /// What new instances are emulated on by now, where they are.
    machine: Option<EmulatedMachine>,
    /// Instances that were launched and never started.
    unborn: Vec<Unborn>,
    /// Instances, and when (Unix ns), when its processes were told last.
    told: (usize, u64),
    /// Groups of its own that new instances of it were put into, by their full names; those that come are in the last one.
    pub besides: Vec<String>,
    /// How many of these somebody was put into.
    open: usize,
    /// What came of it so far.
    pub raw: RawGroup,
}

impl<'a> Group<'a> {
    /// One that is not there yet.
    pub fn new(world: &World, subject: &Subject<'_>, asked: &'a Consumers) -> Self {
        let raw = RawGroup {
            name: asked.group.clone(),
            full_name: world.group(subject, asked),
            instances: asked.instances,
            threads: asked.threads,
            shares: asked.shares,
            gathered: Gathered::default(),
            latencies: Spooled::default(),
            commits: None,
            lags: Lags::default(),
            journal: Journaled::default(),
            deaths: Vec::new(),
            emulation: None,
            outside: (!asked.tells()).then(Outside::default),
            results: None,
        };
        Group {
            asked,
            restart: subject.treatment.settings.emulation.restart,
            backend: None,
            died: BTreeSet::new(),
            sent_away: BTreeSet::new(),
            spool: None,
            journal: None,
            described: None,
            asker: None,
            results: None,
            machine: asked.machine.clone().map(|machine| subject.emulated(machine)),
            unborn: Vec::new(),
            told: (0, 0),
            besides: Vec::new(),
            open: 0,
            raw,
        }
    }

    /// Starts its instances, where they are not deployed already.
    pub fn deploy(&mut self, world: &World, subject: &Subject<'_>) -> Result<(), DriverError> {
        let spool = self.spool.insert(Spool::create(&world.results)?);
        self.raw.gathered.put_onto(Box::new(spool.clone()));
        self.journal = Some(Journal::create(&world.results)?);
        world.put_group(subject, self.asked)?;
        let mut config = world.consumer_config(subject, self.asked)?;
        let settings = &subject.treatment.settings;
        config.tells_busy = subject.tells_busy;
        config.in_time_ns = subject.in_time.map(Span::as_nanos);
        config.tells_keys = settings.most_partitions() > settings.topic.partitions;
        // Of what two groups process only the first counts, whichever that is.
        config.tells_each = settings.read_beside(&self.asked.group) > 0;
        let backend = self.backend.insert(world.backend(subject, self.asked)?);
        world.note_stood(&backend.observe())?;
        backend.apply(&config)?;
        backend.scale(self.asked.instances, &[])?;
        Ok(())
    }

    /// Tells it when time 0 is and when the window: credits of emulated instances count from time 0 on.
    pub fn begin(&mut self, zero_ns: u64, window: (u64, u64)) {
        self.raw.gathered.expect(window);
        if let Some(backend) = &mut self.backend {
            backend.begin(zero_ns);
        }
    }

    /// Processes of its instances.
    pub fn pids(&self) -> Vec<u32> {
        self.backend.iter().flat_map(|backend| backend.processes()).collect()
    }

    /// Whether every instance is in the group, and a canary has gone through every partition; of one that tells nothing, whether its coordinator says that
    /// enough members share all partitions, and said so a while ago.
    pub fn is_ready(&mut self, world: &World, subject: &Subject<'_>) -> bool {
        let partitions = subject.topics.partitions();
        if !self.backend.as_deref().is_some_and(|backend| backend.ready(&self.raw.gathered)) {
            return false;
        }
        if self.raw.outside.is_none() {
            return true;
        }
        let due = self.described.as_ref().is_none_or(|last| last.at.elapsed() >= DESCRIBE_EVERY);
        if !due {
            return self.described.as_ref().is_some_and(LastDescribed::is_settled);
        }
        let now = self.describe(world, subject);
        // What shows itself that it is ready may be in no group that has members.
        let members = self.asked.instances * self.asked.threads;
        let ready = self.asked.shows_itself().is_some()
            || now.is_ready(partitions, members) && (!self.asked.shares || now.has_readers(members));
        if let Some(outside) = &mut self.raw.outside {
            outside.members = Some(now.members.len() as u32);
        }
        if self.asked.is_external() {
            self.raw.instances = now.members.len() as u32;
        }
        let same = self.described.take().filter(|last| last.group == now).and_then(|last| last.ready_since);
        let ready_since = ready.then(|| same.unwrap_or_else(Instant::now));
        self.described.insert(LastDescribed { at: Instant::now(), group: now, ready_since }).is_settled()
    }

    /// How it shows that it is ready.
    pub fn ready_by(&self) -> String {
        match (self.asked.shows_itself(), &self.raw.outside) {
            (Some(ready), _) => format!("of every instance {ready}"),
            (None, Some(_)) => STABLE.to_owned(),
            (None, None) => THROUGH.to_owned(),
        }
    }

    /// The error of a group that did not come together.
    pub fn not_ready(&self, topics: &Topics) -> DriverError {
        let members = self.asked.instances * self.asked.threads;
        let mut assignment = match (&self.described, self.asked.shows_itself()) {
            (Some(last), _) => self.seen_from_outside(&last.group, topics.partitions()),
            (None, Some(ready)) => {
                format!("  of some instance it is not true yet that {ready}{}", self.last_words())
            }
            (None, None) => {
                let gathered = &self.raw.gathered;
                let told = gathered.trouble().last().map(|words| format!("\n  told last: {words}"));
                gathered.standing(topics, members).to_string() + &told.unwrap_or_default()
            }
        };
        assignment.extend(topics.legend().map(|legend| format!("\n  ({legend})")));
        DriverError::NotReady { group: self.raw.name.clone(), within: READY_WITHIN.as_secs(), assignment }
    }

    /// Why it will not come together, where a broker has said no to it for a while.
    pub fn denied(&self, now: u64) -> Option<DriverError> {
        let reason = self.raw.gathered.trouble().refusal(now)?.to_owned();
        Some(DriverError::NoReading { group: self.raw.name.clone(), reason })
    }

    /// How a group stands that tells nothing itself, with the last that its instances wrote.
    fn seen_from_outside(&self, described: &Described, partitions: u32) -> String {
        let mut told = described.to_string();
        let unassigned = described.unassigned(partitions);
        if !unassigned.is_empty() {
            // A text takes all that is written to it.
            write!(told, "\n  nobody has partitions {unassigned:?}").ok();
        }
        told + &self.last_words()
    }

    /// The last that each instance of a program wrote.
    fn last_words(&self) -> String {
        let mut told = String::new();
        for (instance, words) in self.backend.iter().flat_map(|backend| backend.last_words()) {
            let words = if words.is_empty() { "nothing".to_owned() } else { words.replace('\n', "\n    ") };
            write!(told, "\n  instance {instance} wrote last:\n    {words}").ok();
        }
        told
    }

    /// Whether these commits are past all that was acked.
    pub fn has_committed_all(committed: &[Option<i64>], acked: u64, ledger: &Mutex<AckLedger>) -> bool {
        let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.settle();
        ledger.booked() >= acked && ledger.lag(committed).messages == 0
    }

    /// Folds what its instances have said; tells of those that ended on their own, and returns the first of them. One that the kernel killed for its
    /// memory is none of them: another takes its place, or the trial ends with an error.
    pub fn hear(
        &mut self,
        now: u64,
        wait: Duration,
        happened: &mut Vec<Happened>,
    ) -> Result<Option<String>, DriverError> {
        let Some(backend) = &mut self.backend else {
            std::thread::sleep(wait);
            return Ok(None);
        };
        let mut next = backend.next(wait);
        while let Some(said) = next {
            self.raw.add(said, happened);
            next = backend.next(Duration::ZERO);
        }
        if let Some(journal) = &mut self.journal {
            journal.write(&self.raw.gathered.take_happened(), &backend.seconds());
        }
        let ended: Vec<u32> =
            self.raw.gathered.ended().filter(|instance| !self.died.contains(instance)).collect();
        self.died.extend(&ended);
        let mut first = None;
        for instance in ended {
            if self.sent_away.contains(&instance) {
                let what =
                    format!("instance {instance} of the consumers `{}` ended, as was asked", self.raw.name);
                happened.push((now, "instance_ended".to_owned(), what));
                continue;
            }
            if let Some((what, next)) = after_death(backend.as_mut(), instance, self.restart) {
                happened.push((now, OOM_KILL.to_owned(), what));
                next?;
                continue;
            }
            let what = format!("instance {instance} of the consumers `{}` ended on its own", self.raw.name);
            self.raw.deaths.push((now, instance));
            happened.push((now, DIED.to_owned(), what.clone()));
            if !self.asked.upkeep().is_some_and(|upkeep| upkeep.restart) {
                first.get_or_insert(what);
            }
        }
        Ok(first)
    }

    /// How long its instances may take to end; of a program that is not ours, what the file says.
    fn stop_within(&self) -> Duration {
        self.asked.upkeep().map_or(STOP_WITHIN, |upkeep| upkeep.grace.as_duration())
    }

    /// The error of a group whose instances end before the load starts: why, in their own words.
    pub fn death(&mut self, reason: &str) -> DriverError {
        let within = self.stop_within();
        // Last words are known once an instance has been waited for.
        let exits = self.backend.as_mut().map(|backend| backend.restore(within)).unwrap_or_default();
        let words = exits.into_iter().find(|exit| self.died.contains(&exit.instance));
        let status = |exit: &Exit| exit.status.filter(|_| self.asked.upkeep().is_some());
        let words = words.map(|exit| match status(&exit) {
            Some(status) => format!("{status}; it wrote last:\n{}", exit.last_words),
            None => exit.last_words,
        });
        let words = self.raw.gathered.fatal().map(str::to_owned).or(words).unwrap_or_default();
        DriverError::InstanceDied { reason: format!("{reason}: {words}") }
    }

    /// Stops its instances and hears the last that they say; tells of those that had to be killed and of last words. At once where it is urgent.
    pub fn stop(&mut self, urgent: bool) -> Vec<Happened> {
        let Some(mut backend) = self.backend.take() else {
            return Vec::new();
        };
        let within = if urgent { Duration::ZERO } else { self.stop_within() };
        let mut happened = Vec::new();
        for exit in backend.restore(within) {
            if exit.overdue {
                let text = format!("instance {} did not stop in time and was killed", exit.instance);
                happened.push((exit.stopped_ns, "instance_killed".to_owned(), text));
            } else if !exit.last_words.is_empty() {
                let text = format!("instance {}: {}", exit.instance, exit.last_words);
                happened.push((exit.stopped_ns, "last_words".to_owned(), text));
            }
        }
        while let Some(said) = backend.next(Duration::ZERO) {
            self.raw.add(said, &mut happened);
        }
        self.raw.emulation = RawEmulation::of(backend.as_mut(), &self.asked.group, &self.unborn);
        if let Some(outside) = &mut self.raw.outside {
            outside.outputs = backend.outputs();
        }
        if let Some(journal) = &mut self.journal {
            journal.write(&self.raw.gathered.take_happened(), &backend.seconds());
        }
        happened
    }

    /// Makes what was said ready to be read; after the last of it.
    pub fn close(&mut self) -> Result<(), StoreError> {
        self.raw.gathered.flush();
        if let Some(spool) = self.spool.take() {
            self.raw.latencies = spool.read()?;
        }
        if let Some(journal) = self.journal.take() {
            self.raw.journal = journal.finish()?;
        }
        Ok(())
    }
}
