//! The seam between the driver and whatever runs the consumers.

use std::collections::BTreeMap;
use std::process::ExitStatus;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::emulation::cgroup::{Cgroup, CgroupError};
use super::emulation::{EmulatedMachine, Emulating, Governor};
use super::output::Output;
use super::{Config, Gathered, Line};
use crate::books::InstanceSecond;
use crate::cluster::{EngineError, NotRestored, Stood};

/// Runs instances of the consumers. The driver and clean-up know nothing else of how: what stands there is observed, instances are applied, scaled and found
/// ready, and what was observed is restored. While they live a backend says when each began and ended, and passes on what they write.
///
/// What is done to single ones on purpose has verbs of its own: `act`, and `launch` for one that boots before it runs, is paid for meanwhile, may be of another type or
/// group, or takes another's place.
pub trait Backend {
    /// What stands there of all that it may change, before it has changed anything. It is noted first, so that `bench clean` brings it back whatever becomes of
    /// this process.
    fn observe(&self) -> Vec<Stood>;

    /// What each instance is to be from now on, but for its own number. None is started yet.
    fn apply(&mut self, config: &Config) -> Result<(), BackendError>;

    /// Has so many instances, where `living` are there by their indices, the oldest first, and are not on their way out: those that are missing are started at once, each
    /// with the next number, and of too many the youngest are asked to leave, and given. Those that did start are taken away by `restore`, also where a later one fails.
    fn scale(&mut self, instances: u32, living: &[u32]) -> Result<Vec<u32>, BackendError> {
        scale_one_by_one(self, instances, living)
    }

    /// Whether load may begin: every instance in the group, and a canary through every partition.
    fn ready(&self, gathered: &Gathered) -> bool;

    /// Brings back what was observed: asks all instances to finish at once, waits until the deadline, and kills what is left. What they say meanwhile is still
    /// to be had by `next`.
    fn restore(&mut self, deadline: Duration) -> Vec<Exit>;

    /// The next thing that an instance said, if one comes within the timeout.
    fn next(&mut self, timeout: Duration) -> Option<Said>;

    /// All that were ever deployed.
    fn instances(&self) -> Vec<DeployedInstance>;

    /// The living processes of them, on this host.
    fn processes(&self) -> Vec<u32> {
        self.instances().iter().filter_map(|instance| instance.pid).collect()
    }

    /// The living processes of one of them, on this host.
    fn processes_of(&self, instance: u32) -> Vec<u32> {
        let own = |one: &DeployedInstance| (one.index == instance).then_some(one.pid).flatten();
        self.instances().iter().filter_map(own).collect()
    }

    /// Whose CPU and memory are theirs.
    fn watched(&self) -> Watched {
        Watched { pids: self.processes(), cgroups: Vec::new() }
    }

    /// The last lines that each has written so far, of instances that say nothing else.
    fn last_words(&self) -> Vec<(u32, String)> {
        Vec::new()
    }

    /// All that each has written, of instances that say nothing else; to be asked once, when all have stopped.
    fn outputs(&mut self) -> Vec<(u32, Output)> {
        Vec::new()
    }

    /// How its instances are emulated at first, and what holds all of them to what they are; none where they are not.
    fn governed(&mut self) -> Option<(&Emulating, &mut Governor)> {
        None
    }

    /// Time 0 of the trial is at this moment (Unix ns): from then on emulated instances earn and spend credits.
    fn begin(&mut self, zero_ns: u64) {
        if let Some((_, governor)) = self.governed() {
            governor.begin(zero_ns);
        }
    }

    /// Why an instance that ended on its own did so, where the kernel killed it for its memory.
    fn out_of_memory(&mut self, instance: u32) -> Option<OutOfMemory> {
        let killed = self.oom_kills(instance) > 0;
        let (emulating, governor) = self.governed()?;
        let machine = governor.machines().remove(&instance).unwrap_or_else(|| emulating.machine.clone());
        let of = machine.machine.instance;
        killed.then(|| OutOfMemory {
            instance_type: of.name.clone(),
            memory_mib: of.memory_mib.unwrap_or_default(),
        })
    }

    /// Processes of an emulated instance that the kernel killed for its memory.
    fn oom_kills(&mut self, instance: u32) -> u64 {
        self.governed().map_or(0, |(_, governor)| governor.oom_kills(instance))
    }

    /// Does something to one instance on purpose; whether one of that index lives. That it ended is told by `next`, as of any other.
    fn act(&mut self, _instance: u32, _act: Act) -> bool {
        false
    }

    /// What takes its time before these can be launched: to be done aside, while all else goes on, and to be followed by `launch` of each. None where nothing does.
    fn prepare(&mut self, _launches: &mut [&mut Launch]) -> Result<Option<Slow>, BackendError> {
        Ok(None)
    }

    /// Starts one more instance, of the next index, which is given.
    fn launch(&mut self, _launch: &Launch) -> Result<u32, BackendError> {
        Err(BackendError::NotDeployed)
    }

    /// Starts another instance in the place of this one, which ended; where that takes its time, aside, and whatever fails then is told by `next`.
    fn replace(&mut self, instance: u32) -> Result<(), BackendError>;

    /// Takes an instance's credits away, as if it had spent them; whether it had an account.
    fn exhaust(&mut self, instance: u32) -> bool {
        self.governed().is_some_and(|(_, governor)| governor.exhaust(instance))
    }

    /// What emulated instances did in the seconds that have passed since it was asked last; of each instance in the order of time.
    fn seconds(&mut self) -> Vec<InstanceSecond> {
        self.governed().map(|(_, governor)| governor.seconds().collect()).unwrap_or_default()
    }

    /// How the instances are emulated, and what the kernel said of it when all had ended; none where they are not. The last seconds are then to be had.
    fn emulated(&mut self) -> Option<Emulated> {
        // The kernel's count: a kill in the last, unfinished second is in no second's record.
        let oom_kills = self.instances().iter().map(|one| (one.index, self.oom_kills(one.index))).collect();
        let (emulating, governor) = self.governed()?;
        Some(Emulated {
            oom_kills,
            machine: emulating.machine.clone(),
            machines: governor.machines(),
            enforced_by: emulating.within.as_ref().map_or("work", |within| within.version().name()),
            refused: governor.finish(),
        })
    }
}

/// Whose counters are read on this host.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// Processes, each by itself: what they start later is not seen.
    pub pids: Vec<u32>,
    /// Control groups, with all that ever runs in them.
    pub cgroups: Vec<Cgroup>,
}

impl Watched {
    /// These as well, each once.
    pub fn add(&mut self, more: Watched) {
        let new = |pid: &u32| !self.pids.contains(pid);
        let pids: Vec<u32> = more.pids.into_iter().filter(new).collect();
        self.pids.extend(pids);
        let new = |cgroup: &Cgroup| self.cgroups.iter().all(|known| known.folders() != cgroup.folders());
        let cgroups: Vec<Cgroup> = more.cgroups.into_iter().filter(new).collect();
        self.cgroups.extend(cgroups);
    }
}

/// Has so many instances, each started or asked to leave by itself.
pub(super) fn scale_one_by_one<B: Backend + ?Sized>(
    backend: &mut B,
    instances: u32,
    living: &[u32],
) -> Result<Vec<u32>, BackendError> {
    let (wanted, there) = (instances as usize, living.len());
    (there..wanted).try_for_each(|_| backend.launch(&Launch::default()).map(|_| ()))?;
    let youngest = living.iter().rev().take(there.saturating_sub(wanted));
    Ok(youngest.copied().filter(|instance| backend.act(*instance, Act::Stop)).collect())
}

/// What takes its time, to be done on any thread; or why it could not be done.
pub type Slow = Box<dyn FnOnce() -> Result<(), String> + Send>;

/// What a new instance is to be.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// The one that has ended and whose place it takes; none: a place of its own.
    pub place_of: Option<u32>,
    /// What it is emulated on; none: what those are that were deployed.
    pub machine: Option<EmulatedMachine>,
    /// The group that it joins; none: that of those that were deployed.
    pub group: Option<String>,
    /// When it was launched, Unix ns; none: its program starts at once.
    pub launched_ns: Option<u64>,
    /// What was made of it aside; none where its backend makes nothing aside.
    pub made: Option<Arc<Made>>,
}

/// A new instance, or what it will be once it is made.
#[derive(Debug)]
pub struct Made {
    /// Its number among equals.
    pub(super) slot: u32,
    /// What was made; none before that.
    pub(super) made: OnceLock<Born>,
}

/// What was made of an instance, and runs.
#[derive(Clone, Debug)]
pub(super) struct Born {
    /// What its backend calls it.
    pub(super) id: String,
    /// Its first process, where it has one on this host.
    pub(super) pid: Option<u32>,
    /// When that began, in the kernel's ticks since boot: a pid alone may be given anew.
    pub(super) began: Option<u64>,
    /// Its control group, or why it has none of its own; none where it has ended already.
    pub(super) cgroup: Result<Option<Cgroup>, String>,
    /// When it was started, Unix ns.
    pub(super) started_ns: u64,
}

impl Launch {
    /// Its number among equals, beside those that are there, each by its index and its own number: the next, or that of the one whose place it takes.
    pub(super) fn slot(&self, mut there: impl Iterator<Item = (u32, u32)>) -> Result<u32, BackendError> {
        let slot = match self.place_of {
            None => Some(there.map(|(_, slot)| slot + 1).max().unwrap_or_default()),
            Some(instance) => there.find(|(index, _)| *index == instance).map(|(_, slot)| slot),
        };
        slot.ok_or(BackendError::NotDeployed)
    }
}

/// What can be done to one instance on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It ends at once, as in a crash.
    Kill,
    /// It is asked to finish and leave.
    Stop,
    /// It stands still, with all that it holds.
    Pause,
    /// It goes on.
    Resume,
}

/// The kernel killed an instance for its memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfMemory {
    /// Its type.
    pub instance_type: String,
    /// What that type has, in MiB.
    pub memory_mib: u64,
}

/// What a backend knows of its emulation.
#[derive(Clone, Debug)]
pub struct Emulated {
    /// What each instance was that was deployed.
    pub machine: EmulatedMachine,
    /// What each was, by its index.
    pub machines: BTreeMap<u32, EmulatedMachine>,
    /// `cgroup v1`, `cgroup v2` or `work`.
    pub enforced_by: &'static str,
    /// Quotas that the kernel did not take, and readings that it did not give.
    pub refused: u32,
    /// Processes of each instance that the kernel killed for its memory, counted when all had ended.
    pub oom_kills: BTreeMap<u32, u64>,
}

/// One instance, as its backend knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeployedInstance {
    /// 0, 1, 2, … in order of deployment.
    pub index: u32,
    /// Its process, where it has one on this host.
    pub pid: Option<u32>,
    /// From when on it is paid for, in Unix nanoseconds: before its program starts where its machine has to boot.
    pub launched_ns: u64,
    /// When its program was started, in Unix nanoseconds.
    pub started_ns: u64,
    /// When it was found to have ended.
    pub stopped_ns: Option<u64>,
}

/// How an instance ended.
#[derive(Clone, Debug)]
pub struct Exit {
    /// Which one.
    pub instance: u32,
    /// Its exit status, where it could be learned.
    pub status: Option<ExitStatus>,
    /// It had to be killed at the deadline.
    pub overdue: bool,
    /// When it was found to have ended, in Unix nanoseconds.
    pub stopped_ns: u64,
    /// The last lines of its stderr.
    pub last_words: String,
}

/// Something that an instance said, and when it arrived.
#[derive(Debug)]
pub struct Said {
    /// Which one.
    pub instance: u32,
    /// Arrival, in Unix nanoseconds.
    pub at_ns: u64,
    /// What.
    pub event: Event,
}

/// What can arrive from an instance.
#[derive(Debug)]
pub enum Event {
    /// A line that it wrote.
    Line(Line),
    /// A line that is none of ours, with the reason.
    Unreadable(String),
    /// It closed its output: nothing more will come.
    Ended,
    /// It has ended, and nobody could be started in its place, with the reason; that is tried again.
    NotReplaced(String),
}

/// Why instances could not be deployed.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The container engine would not.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Something of what stood there before could not be brought back: each thing, and why.
    #[error("not all is as it was before the run: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    NotRestored(Vec<NotRestored>),
    /// Its control group could not be made or limited.
    #[error(transparent)]
    Cgroup(#[from] CgroupError),
    /// One more could not be made.
    #[error("{reason}")]
    NotMade {
        /// Why, in the words of whoever was to make it.
        reason: String,
    },
    /// One was to be started before any was deployed.
    #[error("there is no instance to take the place of")]
    NotDeployed,
    /// The binary to start is not known.
    #[error("cannot find the program to start as a consumer")]
    NoProgram(#[source] std::io::Error),
    /// The configuration cannot be handed over.
    #[error("cannot write the configuration of instance {instance}")]
    Config {
        /// Which instance.
        instance: u32,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A process did not start.
    #[error("cannot start instance {instance} (`{program}`)")]
    Spawn {
        /// Which instance.
        instance: u32,
        /// What was to be started.
        program: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}
