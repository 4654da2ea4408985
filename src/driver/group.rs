//! One group of a trial's consumers: deployed, listened to, stopped, its commits read at the end.

use std::collections::BTreeSet;
use std::time::Duration;

use super::DriverError;
use super::emulate::{OOM_KILL, RawEmulation, after_death};
use super::journal::{Happened, Journal, Journaled};
use super::lags::{Following, Lags};
use super::subject::Subject;
use super::watch::Followed;
use super::world::World;
use crate::consumers::{Backend, Gathered, Process};
use crate::load::AckLedger;
use crate::record::{Spool, Spooled, StoreError};
use crate::spec::Consumers;
use crate::timeline::QUARTER_NS;

/// How long a group may take until a canary has gone through every partition.
pub const READY_WITHIN: Duration = Duration::from_mins(1);
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
    /// Instances that ended on their own, with the time when it was noticed (Unix ns).
    pub deaths: Vec<u64>,
    /// What was recorded of its emulated instances; `None` where none were.
    pub emulation: Option<RawEmulation>,
}

/// A group that must be taken down again, and what it said so far.
pub struct Group<'a> {
    asked: &'a Consumers,
    restart: bool,
    backend: Option<Box<dyn Backend>>,
    died: BTreeSet<u32>,
    /// Where latencies go until all has been said.
    spool: Option<Spool>,
    /// Where all else goes until then.
    journal: Option<Journal>,
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
            gathered: Gathered::default(),
            latencies: Spooled::default(),
            commits: None,
            lags: Lags::default(),
            journal: Journaled::default(),
            deaths: Vec::new(),
            emulation: None,
        };
        let restart = subject.treatment.settings.emulation.restart;
        Group { asked, restart, backend: None, died: BTreeSet::new(), spool: None, journal: None, raw }
    }

    /// Starts its instances.
    pub fn deploy(&mut self, world: &World, subject: &Subject<'_>) -> Result<(), DriverError> {
        let spool = self.spool.insert(Spool::create(&world.results)?);
        self.raw.gathered.put_onto(Box::new(spool.clone()));
        self.journal = Some(Journal::create(&world.results)?);
        let config = world.consumer_config(subject, self.asked)?;
        let process = Process::new(world.clock).of(world.program.clone());
        let process = process.emulating(world.emulating(subject, self.asked));
        Ok(self.backend.insert(Box::new(process)).deploy(&config, self.asked.instances)?)
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
        let instances = self.backend.iter().flat_map(|backend| backend.instances());
        instances.filter_map(|instance| instance.pid).collect()
    }

    /// Whether every instance is in the group and a canary has gone through every partition.
    pub fn is_ready(&self, partitions: u32) -> bool {
        self.backend.as_ref().is_some_and(|backend| backend.ready(&self.raw.gathered, partitions))
    }

    /// The error of a group that did not come together.
    pub fn not_ready(&self, partitions: u32) -> DriverError {
        let members = self.asked.instances * self.asked.threads;
        let assignment = self.raw.gathered.standing(partitions, members).to_string();
        DriverError::NotReady { group: self.raw.name.clone(), within: READY_WITHIN.as_secs(), assignment }
    }

    /// Whose commits are to be followed.
    pub fn followed(
        &self,
        world: &World,
        subject: &Subject<'_>,
        ledger: std::sync::Arc<std::sync::Mutex<AckLedger>>,
        window: (u64, u64),
    ) -> Result<Followed, DriverError> {
        // A lag is read a little after the quarter that it is of.
        let lags = Following::create(&world.results, window.0..window.1 + QUARTER_NS)?;
        Ok(Followed {
            client: std::sync::Arc::new(world.admin.group_client(&self.raw.full_name)?),
            topic: subject.topic.clone(),
            partitions: subject.treatment.settings.topic.partitions,
            ledger,
            lags,
        })
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
            self.raw.gathered.add(said.instance, said.at_ns, said.event);
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
            if let Some((what, next)) = after_death(backend.as_mut(), instance, self.restart) {
                happened.push((now, OOM_KILL.to_owned(), what));
                next?;
                continue;
            }
            let what = format!("instance {instance} of the consumers `{}` ended on its own", self.raw.name);
            self.raw.deaths.push(now);
            happened.push((now, DIED.to_owned(), what.clone()));
            first.get_or_insert(what);
        }
        Ok(first)
    }

    /// The error of a group whose instances end before the load starts: why, in their own words.
    pub fn death(&mut self, reason: &str) -> DriverError {
        // Last words are known once an instance has been waited for.
        let exits = self.backend.as_mut().map(|backend| backend.stop(STOP_WITHIN)).unwrap_or_default();
        let words = exits.into_iter().find(|exit| self.died.contains(&exit.instance));
        let words = words.map(|exit| exit.last_words);
        let words = self.raw.gathered.fatal().map(str::to_owned).or(words).unwrap_or_default();
        DriverError::InstanceDied { reason: format!("{reason}: {words}") }
    }

    /// Stops its instances and hears the last that they say; tells of those that had to be killed and of last words. At once where it is urgent.
    pub fn stop(&mut self, urgent: bool) -> Vec<Happened> {
        let Some(mut backend) = self.backend.take() else {
            return Vec::new();
        };
        let within = if urgent { Duration::ZERO } else { STOP_WITHIN };
        let mut happened = Vec::new();
        for exit in backend.stop(within) {
            if exit.overdue {
                let text = format!("instance {} did not stop in time and was killed", exit.instance);
                happened.push((exit.stopped_ns, "instance_killed".to_owned(), text));
            } else if !exit.last_words.is_empty() {
                let text = format!("instance {}: {}", exit.instance, exit.last_words);
                happened.push((exit.stopped_ns, "last_words".to_owned(), text));
            }
        }
        while let Some(said) = backend.next(Duration::ZERO) {
            self.raw.gathered.add(said.instance, said.at_ns, said.event);
        }
        self.raw.emulation = RawEmulation::of(backend.as_mut(), &self.asked.group);
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
