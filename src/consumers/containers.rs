//! The backends `container` and `compose`: each instance a container of an image, or of a service, that is not ours, run by the engine that is
//! there. It says nothing that bench understands: what it writes is kept, and that it lives is all that is known of it here. Its control group is the engine's: it is read, and where it is an emulated
//! instance limited, from outside.

mod acts;
mod asked;
mod beside;
mod contained;
mod kernel_log;
mod making;
mod parting;
mod replacing;

use std::io;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

pub use asked::{AskedContainers, ContainerKind};
use contained::Contained;
use making::Patched;
use replacing::Replacing;

use super::backend::{
    Act, Backend, BackendError, DeployedInstance, Exit, Launch, Made, Said, Slow, Watched, scale_one_by_one,
};
use super::emulation::{Emulating, Governor};
use super::output::Output;
use super::readiness::Readiness;
use super::started::place_to_take;
use super::surroundings::Files;
use super::{Config, Gathered};
use crate::cluster::{Stood, child};
use crate::timeline::Clock;

/// How often a container that should end is looked at.
const LOOK: Duration = Duration::from_millis(5);
/// How much longer than its grace the engine may take to end a container.
const SLACK: Duration = Duration::from_secs(20);
/// How long the end of their output is waited for, once all are gone.
const LAST_OUTPUT: Duration = Duration::from_secs(2);

/// Containers of an image or a service. What is left of them is removed when this is dropped.
pub struct Containers {
    asked: AskedContainers,
    clock: Clock,
    config: Option<Config>,
    /// What they find, from their deployment on.
    files: Option<Files>,
    running: Vec<Contained>,
    /// Those that are made aside and were not launched: to be taken away with the others.
    made: Vec<Arc<Made>>,
    /// Those that are made aside in the place of others.
    replacing: Vec<Replacing>,
    /// Held by whoever makes more of a service: two at a time would take each other's for their own.
    one_at_a_time: Arc<Mutex<()>>,
    /// How many got a name.
    named: u32,
    emulation: Option<(Emulating, Governor)>,
    /// How they show that they are ready; none: their group does.
    readiness: Option<Readiness>,
    /// Of a service: it may not be as it was.
    touched: bool,
    /// What lies over the owner's file, of a service.
    patched: Option<Patched>,
    /// Calls of the engine that have not ended yet.
    calls: Vec<Child>,
}

impl Containers {
    /// Nothing runs yet.
    pub fn new(clock: Clock, asked: AskedContainers) -> Self {
        let readiness = asked.kind.upkeep().ready.map(Readiness::new);
        Containers {
            asked,
            readiness,
            clock,
            config: None,
            files: None,
            running: Vec::new(),
            made: Vec::new(),
            replacing: Vec::new(),
            one_at_a_time: Arc::default(),
            named: 0,
            emulation: None,
            touched: false,
            patched: None,
            calls: Vec::new(),
        }
    }

    /// Containers that are held as much as an emulated machine would hold them.
    #[must_use]
    pub fn emulating(mut self, emulating: Option<Emulating>) -> Self {
        self.emulation = emulating.map(|emulating| emulating.governed(self.clock));
        self
    }

    /// Sees which have ended, and has the engine asked how.
    fn look(&mut self) {
        self.calls.retain_mut(|call| matches!(call.try_wait(), Ok(None)));
        self.note_ends();
        let ended: Vec<_> = self.running.iter_mut().filter_map(Contained::ask_once).collect();
        parting::ask(&self.asked.engine, ended);
    }

    fn note_ends(&mut self) {
        let clock = self.clock;
        self.running.iter_mut().for_each(|contained| contained.look(clock));
    }

    /// Brings back what was there before: of an image nothing, of a service as many as there were.
    fn bring_back(&mut self) {
        let left = |contained: &&Contained| !contained.removed;
        let watched = self.running.iter().filter(left).map(|one| one.id.clone());
        let ids: Vec<String> = watched.chain(self.unwatched()).collect();
        // What fails here the run's end tries again, or `bench clean`.
        let done = match &self.asked.kind {
            ContainerKind::Images { .. } => self.asked.engine.remove(&ids),
            ContainerKind::Service { service, .. } if self.touched => service.restore(),
            ContainerKind::Service { .. } => Ok(()),
        };
        if done.is_ok() {
            self.touched = false;
            self.running.iter_mut().for_each(|contained| contained.removed = true);
            self.made.clear();
        }
    }

    /// Containers that were made and that nobody came to watch.
    fn unwatched(&self) -> impl Iterator<Item = String> {
        self.made.iter().filter_map(|one| one.made.get()).map(|one| one.id.clone())
    }

    /// The next thing that nobody was told of those that have ended, once it is known how.
    fn ended(&mut self) -> Option<Said> {
        self.look();
        let mut parted = self.running.iter_mut().filter(|contained| contained.parted().is_some());
        parted.find_map(|contained| contained.started.tell())
    }

    /// Asks all that live to end, and sees them end.
    fn end(&mut self, grace: Duration) {
        self.look();
        let living = |contained: &&mut Contained| !contained.started.has_ended();
        let mut ids = Vec::new();
        for contained in self.running.iter_mut().filter(living) {
            contained.asked_to_end = true;
            ids.push(contained.id.clone());
        }
        if ids.is_empty() {
            return;
        }
        let deadline = Instant::now() + grace + SLACK;
        let stopping = self.stop(&ids, grace);
        while Instant::now() < deadline && self.running.iter().any(|one| !one.started.has_ended()) {
            std::thread::sleep(LOOK);
            self.note_ends();
        }
        if let Ok(mut stopping) = stopping {
            // It has done what it was started for, or never will.
            child::terminate(&mut stopping, deadline.saturating_duration_since(Instant::now())).ok();
        }
        self.look();
    }

    /// Has the engine ask these to end, each by the signal of its own, and kill them after that long. That takes its time, and is not waited for here.
    fn stop(&self, ids: &[String], grace: Duration) -> io::Result<Child> {
        // It counts in whole seconds.
        let seconds = grace.as_secs_f64().ceil().to_string();
        let arguments = ["stop", "-t", seconds.as_str()].into_iter().chain(ids.iter().map(String::as_str));
        let mut stop = self.asked.engine.command(arguments);
        stop.stdout(Stdio::null()).stderr(Stdio::null());
        child::spawn(stop)
    }
}

impl Backend for Containers {
    /// The service first: what is left of it when it is as it was is a container of the run like others.
    fn observe(&self) -> Vec<Stood> {
        let service = match &self.asked.kind {
            ContainerKind::Images { .. } => None,
            ContainerKind::Service { service, .. } => Some(Stood::Service(service.clone())),
        };
        let engine = Stood::NoContainers(self.asked.engine.clone());
        service.into_iter().chain([engine]).collect()
    }

    fn apply(&mut self, config: &Config) -> Result<(), BackendError> {
        // Whoever is who in a container may read them; on this host nobody else may look into their folder.
        let files = self.asked.around.write_files(config, 0o644);
        let program = || self.asked.engine.program.clone();
        let failed = |source| BackendError::Spawn { instance: 0, program: program(), source };
        self.files = Some(files.map_err(failed)?);
        self.config = Some(config.clone());
        Ok(())
    }

    /// The first of a service come all at once, by compose's own word for it.
    fn scale(&mut self, instances: u32, living: &[u32]) -> Result<Vec<u32>, BackendError> {
        match &self.asked.kind {
            ContainerKind::Service { .. } if self.running.is_empty() => {
                self.scale_service(instances).map(|()| Vec::new())
            }
            _ => scale_one_by_one(self, instances, living),
        }
    }

    fn next(&mut self, timeout: Duration) -> Option<Said> {
        if let Some(said) = self.ended() {
            return Some(said);
        }
        self.replace_ended();
        if !timeout.is_zero() {
            std::thread::sleep(timeout);
        }
        self.ended()
    }

    fn instances(&self) -> Vec<DeployedInstance> {
        self.running.iter().map(|contained| contained.started.instance).collect()
    }

    /// All that are in the containers' control groups now.
    fn processes(&self) -> Vec<u32> {
        self.running.iter().flat_map(Contained::processes).collect()
    }

    fn processes_of(&self, instance: u32) -> Vec<u32> {
        let own = self.running.iter().filter(|contained| contained.started.instance.index == instance);
        own.flat_map(Contained::processes).collect()
    }

    /// Of a container with a control group of its own that: whatever is started in it later counts too.
    fn watched(&self) -> Watched {
        let (held, free): (Vec<_>, Vec<_>) =
            self.running.iter().partition(|contained| contained.cgroup.is_some());
        let cgroups = held.into_iter().filter_map(|contained| contained.cgroup.clone()).collect();
        Watched { pids: free.into_iter().flat_map(Contained::processes).collect(), cgroups }
    }

    /// Unless the file says how they show it, nothing that these instances say tells it: their group's coordinator does.
    fn ready(&self, _: &Gathered) -> bool {
        let mut living = self.running.iter().filter(|contained| !contained.started.has_ended());
        match &self.readiness {
            Some(readiness) => {
                readiness.of(living.map(|one| (one.started.instance.index, one.started.slot, &one.output)))
            }
            None => living.next().is_some(),
        }
    }

    fn replace(&mut self, instance: u32) -> Result<(), BackendError> {
        let place = place_to_take(self.running.iter().map(|contained| &contained.started), instance)?;
        self.running[place].started.want_another();
        self.replace_ended();
        Ok(())
    }

    fn act(&mut self, instance: u32, act: Act) -> bool {
        self.look();
        let own = |contained: &Contained| contained.started.instance.index == instance;
        let place = self.running.iter().position(|one| own(one) && !one.started.has_ended());
        place.is_some_and(|place| self.act_on(place, act))
    }

    fn prepare(&mut self, launches: &mut [&mut Launch]) -> Result<Option<Slow>, BackendError> {
        for launch in launches.iter_mut() {
            let slot = self.slot(launch)?;
            let made = Arc::new(Made { slot, made: OnceLock::new() });
            self.made.push(Arc::clone(&made));
            launch.made = Some(made);
        }
        let all: Vec<&Launch> = launches.iter().map(|launch| &**launch).collect();
        Ok(Some(self.maker(&all)?))
    }

    fn launch(&mut self, launch: &Launch) -> Result<u32, BackendError> {
        let slot = self.slot(launch)?;
        self.start(launch, slot)
    }

    fn governed(&mut self) -> Option<(&Emulating, &mut Governor)> {
        self.emulation.as_mut().map(|(emulating, governor)| (&*emulating, governor))
    }

    /// A container takes its control group, and the kernel's count in it, along.
    fn oom_kills(&mut self, instance: u32) -> u64 {
        let seen = self.governed().map_or(0, |(_, governor)| governor.oom_kills(instance));
        let mut own = self.running.iter().filter(|one| one.started.instance.index == instance);
        let killed = own.any(|one| one.parted().is_some_and(|how| how.out_of_memory));
        seen.max(u64::from(killed))
    }

    fn last_words(&self) -> Vec<(u32, String)> {
        self.running.iter().map(|one| (one.started.instance.index, one.output.last_words())).collect()
    }

    fn restore(&mut self, deadline: Duration) -> Vec<Exit> {
        // What ended on its own stays so from now on, though what it said is still to be heard.
        self.running.iter_mut().for_each(|contained| contained.started.leave_place());
        self.end(self.asked.kind.upkeep().grace.as_duration().min(deadline));
        self.await_replacing();
        self.await_parted();
        self.running.iter_mut().for_each(|contained| contained.finish(LAST_OUTPUT));
        self.bring_back();
        self.running.iter().map(Contained::exit).collect()
    }

    fn outputs(&mut self) -> Vec<(u32, Output)> {
        // They ended with their containers.
        let ended = std::mem::take(&mut self.running);
        ended.into_iter().map(|contained| (contained.started.instance.index, contained.output)).collect()
    }
}

impl Drop for Containers {
    fn drop(&mut self) {
        if !self.running.is_empty() || self.touched {
            Backend::restore(self, Duration::ZERO);
        }
        for mut call in self.calls.drain(..) {
            // What it was to do the run's end does again.
            child::terminate(&mut call, Duration::ZERO).ok();
        }
    }
}

#[cfg(test)]
mod tests;
