//! The backends `container` and `compose`: each instance a container of an image, or of a service, that is not ours, run by the engine that is
//! there. It says nothing that bench understands: what it writes is kept, and that it lives is all that is known of it here. Its control group is the engine's: it is read, and where it is an emulated
//! instance limited, from outside.

mod acts;
mod asked;
mod contained;
mod kernel_log;
mod making;

use std::collections::BTreeSet;
use std::io;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

pub use asked::{AskedContainers, ContainerKind};
use contained::Contained;
use making::Patched;

use super::backend::{Act, Backend, BackendError, DeployedInstance, Event, Exit, Launch, Said};
use super::emulation::{Emulating, Governor};
use super::output::Output;
use super::readiness::Readiness;
use super::{Config, Gathered};
use crate::cluster::{Stood, child};
use crate::timeline::Clock;

/// How often a container that should end is looked at.
const LOOK: Duration = Duration::from_millis(5);
/// How much longer than its grace the engine may take to end a container.
const SLACK: Duration = Duration::from_secs(20);
/// How long the end of their output is waited for, once all are gone.
const LAST_OUTPUT: Duration = Duration::from_secs(2);
/// One that ended at once would do so again and again: another is started in its place after that long.
const RESTART_AFTER: Duration = Duration::from_secs(1);
/// A shell's way to say that a process was killed by SIGKILL, which engines share.
const KILLED: i32 = 137;

/// Containers of an image or a service. What is left of them is removed when this is dropped.
pub struct Containers {
    asked: AskedContainers,
    clock: Clock,
    config: Option<Config>,
    running: Vec<Contained>,
    emulation: Option<(Emulating, Governor)>,
    /// How they show that they are ready; none: their group does.
    readiness: Option<Readiness>,
    /// Of a service: it may not be as it was.
    touched: bool,
    /// What lies over the owner's file, of a service.
    patched: Option<Patched>,
    /// Calls of the engine that have not ended yet.
    calls: Vec<Child>,
    /// Those that the kernel killed for their memory.
    out_of_memory: BTreeSet<u32>,
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
            running: Vec::new(),
            emulation: None,
            touched: false,
            patched: None,
            calls: Vec::new(),
            out_of_memory: BTreeSet::new(),
        }
    }

    /// Containers that are held as much as an emulated machine would hold them.
    #[must_use]
    pub fn emulating(mut self, emulating: Option<Emulating>) -> Self {
        self.emulation = emulating.map(|emulating| emulating.governed(self.clock));
        self
    }

    /// Sees which have ended, and how.
    fn look(&mut self) {
        self.calls.retain_mut(|call| matches!(call.try_wait(), Ok(None)));
        let (clock, engine) = (self.clock, &self.asked.engine);
        for contained in &mut self.running {
            if contained.look(clock) && !contained.asked_how {
                contained.ask_exit(engine);
                let killed = contained.exit_code == Some(KILLED) && !contained.asked_to_end;
                if contained.oom_killed || (killed && kernel_log::has_killed(&contained.id)) {
                    self.out_of_memory.insert(contained.instance.index);
                }
            }
        }
    }

    /// Brings back what was there before: of an image nothing, of a service as many as there were.
    fn bring_back(&mut self) {
        let left = |contained: &&Contained| !contained.removed;
        let ids: Vec<String> = self.running.iter().filter(left).map(|one| one.id.clone()).collect();
        // What fails here the run's end tries again, or `bench clean`.
        let done = match &self.asked.kind {
            ContainerKind::Images { .. } => self.asked.engine.remove(&ids),
            ContainerKind::Service { service, .. } if self.touched => service.restore(),
            ContainerKind::Service { .. } => Ok(()),
        };
        if done.is_ok() {
            self.touched = false;
            self.running.iter_mut().for_each(|contained| contained.removed = true);
        }
    }

    /// The next one whose end nobody was told of.
    fn ended(&mut self) -> Option<Said> {
        self.look();
        let contained = self
            .running
            .iter_mut()
            .find(|contained| contained.instance.stopped_ns.is_some() && !contained.told)?;
        contained.told = true;
        let instance = &contained.instance;
        Some(Said {
            instance: instance.index,
            at_ns: instance.stopped_ns.unwrap_or_default(),
            event: Event::Ended,
        })
    }

    /// Starts others in the place of those that ended a while ago; one that cannot be started is tried again.
    fn restart(&mut self) {
        if !self.asked.kind.upkeep().restart {
            return;
        }
        let now = self.clock.now();
        let is_due = |contained: &Contained| {
            let stopped = contained.instance.stopped_ns.filter(|_| !contained.replaced);
            stopped.is_some_and(|at| now >= at + RESTART_AFTER.as_nanos() as u64)
        };
        for at in 0..self.running.len() {
            if is_due(&self.running[at]) {
                self.start_again(at).ok();
            }
        }
    }

    /// Starts another in the place of one, of the same kind.
    fn start_again(&mut self, at: usize) -> Result<(), BackendError> {
        let (slot, launch) = (self.running[at].slot, self.running[at].launch.clone());
        self.start(&Launch { launched_ns: None, ..launch }, slot)?;
        self.running[at].replaced = true;
        Ok(())
    }

    /// Asks all that live to end, and sees them end.
    fn end(&mut self, grace: Duration) {
        self.look();
        let living = |contained: &&mut Contained| contained.instance.stopped_ns.is_none();
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
        while Instant::now() < deadline && self.running.iter().any(|one| one.instance.stopped_ns.is_none()) {
            std::thread::sleep(LOOK);
            let clock = self.clock;
            self.running.iter_mut().for_each(|contained| {
                contained.look(clock);
            });
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

    fn apply(&mut self, config: &Config, instances: u32) -> Result<(), BackendError> {
        self.config = Some(config.clone());
        match &self.asked.kind {
            ContainerKind::Images { .. } => {
                (0..instances).try_for_each(|slot| self.start(&Launch::default(), slot).map(|_| ()))
            }
            ContainerKind::Service { .. } => self.scale_service(instances),
        }
    }

    fn next(&mut self, timeout: Duration) -> Option<Said> {
        if let Some(said) = self.ended() {
            return Some(said);
        }
        self.restart();
        if !timeout.is_zero() {
            std::thread::sleep(timeout);
        }
        self.ended()
    }

    fn instances(&self) -> Vec<DeployedInstance> {
        self.running.iter().map(|contained| contained.instance).collect()
    }

    /// All that are in the containers' control groups now.
    fn processes(&self) -> Vec<u32> {
        self.running.iter().flat_map(Contained::processes).collect()
    }

    fn processes_of(&self, instance: u32) -> Vec<u32> {
        let own = self.running.iter().filter(|contained| contained.instance.index == instance);
        own.flat_map(Contained::processes).collect()
    }

    /// Unless the file says how they show it, nothing that these instances say tells it: their group's coordinator does.
    fn ready(&self, _: &Gathered) -> bool {
        let mut living = self.running.iter().filter(|contained| contained.instance.stopped_ns.is_none());
        match &self.readiness {
            Some(readiness) => readiness.of(living.map(|one| (one.instance.index, one.slot, &one.output))),
            None => living.next().is_some(),
        }
    }

    fn replace(&mut self, instance: u32) -> Result<(), BackendError> {
        let is_free = |contained: &Contained| contained.instance.index == instance && !contained.replaced;
        let place = self.running.iter().position(is_free).ok_or(BackendError::NotDeployed)?;
        self.start_again(place)
    }

    fn act(&mut self, instance: u32, act: Act) -> bool {
        self.look();
        let own = |contained: &Contained| contained.instance.index == instance;
        let place = self.running.iter().position(|one| own(one) && one.instance.stopped_ns.is_none());
        place.is_some_and(|place| self.act_on(place, act))
    }

    fn launch(&mut self, launch: &Launch) -> Result<u32, BackendError> {
        let slot = launch.slot(self.running.iter().map(|one| (one.instance.index, one.slot)))?;
        self.start(launch, slot)
    }

    fn governed(&mut self) -> Option<(&Emulating, &mut Governor)> {
        self.emulation.as_mut().map(|(emulating, governor)| (&*emulating, governor))
    }

    /// A container takes its control group, and the kernel's count in it, along.
    fn oom_kills(&mut self, instance: u32) -> u64 {
        let seen = self.governed().map_or(0, |(_, governor)| governor.oom_kills(instance));
        seen.max(u64::from(self.out_of_memory.contains(&instance)))
    }

    fn last_words(&self) -> Vec<(u32, String)> {
        self.running.iter().map(|one| (one.instance.index, one.output.last_words())).collect()
    }

    fn restore(&mut self, deadline: Duration) -> Vec<Exit> {
        // What ended on its own stays so from now on, though what it said is still to be heard.
        self.running.iter_mut().for_each(|contained| contained.replaced = true);
        self.end(self.asked.kind.upkeep().grace.as_duration().min(deadline));
        self.running.iter_mut().for_each(|contained| contained.finish(LAST_OUTPUT));
        self.bring_back();
        self.running.iter().map(Contained::exit).collect()
    }

    fn outputs(&mut self) -> Vec<(u32, Output)> {
        // They ended with their containers.
        let ended = std::mem::take(&mut self.running);
        ended.into_iter().map(|contained| (contained.instance.index, contained.output)).collect()
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
        if let Some(config) = &self.config {
            self.asked.around.remove_files(config);
        }
    }
}

#[cfg(test)]
mod tests;
