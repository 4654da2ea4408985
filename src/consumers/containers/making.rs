//! How containers come to be: by a call of the engine each, or by compose, all at once at first.

use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use super::Containers;
use super::asked::{AskedContainers, ContainerKind, Variables};
use super::beside::Beside;
use super::contained::{Contained, await_last, find};
use crate::cluster::child;
use crate::consumers::BackendError;
use crate::consumers::backend::{Born, DeployedInstance, Launch, Made, Slow};
use crate::consumers::emulation::EmulatedMachine;
use crate::consumers::emulation::cgroup::LEAST_QUOTA_US;
use crate::consumers::output::Output;
use crate::consumers::started::Started;
use crate::consumers::surroundings::{Found, Lent};
use crate::spec::{self, PROPERTIES_INSIDE, RUN_LABEL, TOPICS_INSIDE, secrets};

/// The label of a container that names its group.
const GROUP_LABEL: &str = "kafka-bench.group";

/// What is put over the owner's file of a service.
pub(super) struct Patched {
    file: Lent,
    /// The values of variables that it only names.
    hidden: Vec<(String, String)>,
}

impl Containers {
    /// What a new container is emulated on, where it is.
    fn machine(&self, launch: &Launch) -> Option<EmulatedMachine> {
        let (emulating, _) = self.emulation.as_ref()?;
        Some(launch.machine.as_ref().unwrap_or(&emulating.machine).clone())
    }

    /// The variables of an instance, of all where they share them: those with a value that all may read, and those without one, with what it is.
    fn variables(&self, slot: Option<u32>, machine: Option<&EmulatedMachine>) -> io::Result<Variables> {
        let config = self.config.as_ref().ok_or_else(|| io::Error::other(BackendError::NotDeployed))?;
        let around = &self.asked.around;
        let instance_type = machine.map(|machine| machine.machine.instance.name.as_str());
        let mut all = Variables::default();
        let inside = Found { properties: PROPERTIES_INSIDE.into(), topics: TOPICS_INSIDE.into() };
        for (name, value) in around.variables(config, slot, instance_type, &inside)? {
            // What may hold a secret is handed over by name: a command line can be read by everybody.
            match name {
                "BENCH_SERVERS" => all.hidden.push((name.to_owned(), value)),
                _ => all.open.push((name.to_owned(), value)),
            }
        }
        for (name, written) in self.asked.kind.upkeep().env {
            let value = secrets::resolve(written).map_err(|missing| io::Error::other(missing.to_string()))?;
            let is_open = value == *written && secrets::masked(name, &value) == value;
            if is_open { &mut all.open } else { &mut all.hidden }.push((name.clone(), value));
        }
        Ok(all)
    }

    /// What mounts the files where a container finds them.
    fn volumes(&self) -> Result<Vec<String>, BackendError> {
        let Found { properties, topics } = self.files.as_ref().ok_or(BackendError::NotDeployed)?.found();
        let volume = |(path, inside): (PathBuf, &str)| format!("{}:{inside}:ro,z", path.display());
        Ok([(properties, PROPERTIES_INSIDE), (topics, TOPICS_INSIDE)].map(volume).to_vec())
    }

    /// The number among equals of one that is to be launched, beside those that are there and those that are being made.
    pub(super) fn slot(&self, launch: &Launch) -> Result<u32, BackendError> {
        if let Some(made) = &launch.made {
            return Ok(made.slot);
        }
        let there = self.running.iter().map(|one| (one.started.instance.index, one.started.slot));
        // Nobody takes the place of one that has no index yet.
        launch.slot(there.chain(self.made.iter().map(|made| (u32::MAX, made.slot))))
    }

    /// Makes one more container, of that number, unless that was done aside, and watches it from now on.
    pub(super) fn start(&mut self, launch: &Launch, slot: u32) -> Result<u32, BackendError> {
        let index = self.running.len() as u32;
        let made = if let Some(made) = &launch.made {
            Arc::clone(made)
        } else {
            let made = Arc::new(Made { slot, made: OnceLock::new() });
            let launch = Launch { made: Some(Arc::clone(&made)), ..launch.clone() };
            let slow = self.maker(&[&launch])?;
            slow().map_err(|reason| BackendError::NotMade { reason })?;
            made
        };
        self.made.retain(|one| !Arc::ptr_eq(one, &made));
        let born = made.made.get().cloned().ok_or(BackendError::NotDeployed)?;
        let id = born.id.clone();
        let watched = self.adopt(born, (launch, slot));
        if watched.is_err() && self.running.len() as u32 == index {
            // None may go on that nobody will stop; what is left of it now the run's end tries again, or `bench clean`.
            self.asked.engine.remove(&[id]).ok();
        }
        watched.map(|()| index)
    }

    /// What makes containers for these, as they are to be made: to be done aside.
    pub(super) fn maker(&mut self, launches: &[&Launch]) -> Result<Slow, BackendError> {
        match &self.asked.kind {
            ContainerKind::Images { .. } => self.maker_of_images(launches),
            ContainerKind::Service { .. } => self.maker_of_service(launches),
        }
    }

    /// The same of an image. One that does not come whole leaves nothing that nobody will stop.
    fn maker_of_images(&mut self, launches: &[&Launch]) -> Result<Slow, BackendError> {
        let mut calls = Vec::new();
        for launch in launches {
            let Some(made) = launch.made.clone() else { return Err(BackendError::NotDeployed) };
            let name = format!("{}-{}", self.group(), self.named);
            self.named += 1;
            calls.push((made.clone(), self.call(launch, (&name, made.slot))?, name));
        }
        let (engine, run, clock) = (self.asked.engine.clone(), self.asked.around.run.clone(), self.clock);
        Ok(Box::new(move || {
            let (mut ids, mut all) = (Vec::new(), Vec::new());
            for (made, call, name) in calls {
                let started_ns = clock.now();
                let begun = engine.start(call).and_then(|id| {
                    ids.push(id.clone());
                    find(&engine, id, started_ns)
                });
                let born = begun.map_err(|error| {
                    // What is left of them now the run's end tries again, or `bench clean`.
                    engine.remove(&ids).ok();
                    engine.remove_named(&run, &name).ok();
                    error.to_string()
                })?;
                all.push((made, born));
            }
            for (made, born) in all {
                // Each is made once.
                made.made.set(born).ok();
            }
            Ok(())
        }))
    }

    /// The call that starts a container of an image, of that name and number.
    fn call(&self, launch: &Launch, (name, slot): (&str, u32)) -> Result<Command, BackendError> {
        let ContainerKind::Images { container, image } = &self.asked.kind else {
            return Err(BackendError::NotDeployed);
        };
        let instance = self.running.len() as u32;
        let spawn = |source| BackendError::Spawn { instance, program: image.name.clone(), source };
        let mut call = self.asked.engine.command([
            "run",
            "--detach",
            "--network",
            "host",
            "--pull",
            "never",
            "--log-driver",
            "json-file",
        ]);
        for (name, value) in self.labels() {
            call.arg("--label").arg(format!("{name}={value}"));
        }
        call.arg("--name").arg(name);
        call.args(["--stop-signal", container.stop.name()]);
        let machine = self.machine(launch);
        for (name, value) in machine.iter().flat_map(limits) {
            let option = match name {
                "cpu_period" => "--cpu-period",
                "cpu_quota" => "--cpu-quota",
                "mem_limit" => "--memory",
                _ => "--memory-swap",
            };
            call.arg(option).arg(value);
        }
        for volume in self.volumes()? {
            call.arg("--volume").arg(volume);
        }
        let variables = self.variables(Some(slot), machine.as_ref()).map_err(spawn)?;
        for (name, value) in variables.open {
            call.arg("--env").arg(format!("{name}={value}"));
        }
        for (name, value) in variables.hidden {
            call.env(&name, value).arg("--env").arg(name);
        }
        call.arg(&image.id).args(&container.args);
        Ok(call)
    }

    fn labels(&self) -> Vec<(String, String)> {
        let (run, group) = (self.asked.around.run.clone(), self.group().to_owned());
        vec![(RUN_LABEL.to_owned(), run), (GROUP_LABEL.to_owned(), group)]
    }

    /// The group that all of them are in; an empty name before any was deployed.
    fn group(&self) -> &str {
        self.config.as_ref().map(|config| config.group.as_str()).unwrap_or_default()
    }

    /// Scales a service to that many, as the owner's file says with a patch over it.
    pub(super) fn scale_service(&mut self, instances: u32) -> Result<(), BackendError> {
        let ContainerKind::Service { compose, service } = &self.asked.kind else {
            return Err(BackendError::NotDeployed);
        };
        let spawn = |source| BackendError::Spawn { instance: 0, program: compose.service.clone(), source };
        let volumes = self.volumes()?;
        let machine = self.machine(&Launch::default());
        let variables = self.variables(None, machine.as_ref()).map_err(spawn)?;
        let open = variables.open.into_iter().map(|(name, value)| (name, Some(value)));
        let hidden = variables.hidden.iter().map(|(name, _)| (name.clone(), None));
        let patch = spec::Patch {
            variables: open.chain(hidden).collect(),
            labels: self.labels(),
            volumes,
            limits: machine.as_ref().map(limits).unwrap_or_default(),
        };
        // Of each group its own: one that is scaled later is made by it again.
        let name = format!("{}.compose.yaml", self.group());
        let file = self.asked.around.write_private(&name, &compose.patched(&patch)).map_err(spawn)?;
        let started_ns = self.clock.now();
        self.touched = true;
        service.apply(file.path(), &variables.hidden, instances)?;
        let ids = service.ids()?;
        self.patched = Some(Patched { file, hidden: variables.hidden });
        (0..).zip(ids).try_for_each(|(slot, id)| {
            let born = find(&self.asked.engine, id, started_ns)?;
            self.adopt(born, (&Launch::default(), slot))
        })
    }

    /// More containers of a service, beside those that run.
    fn maker_of_service(&mut self, launches: &[&Launch]) -> Result<Slow, BackendError> {
        self.look();
        let (ContainerKind::Service { service, .. }, Some(patched)) = (&self.asked.kind, &self.patched)
        else {
            return Err(BackendError::NotDeployed);
        };
        let made: Option<Vec<Arc<Made>>> = launches.iter().map(|launch| launch.made.clone()).collect();
        let made = made.ok_or(BackendError::NotDeployed)?;
        let ended = self.running.iter().filter(|one| one.started.has_ended());
        let (ended, last): (Vec<String>, Vec<_>) = ended.map(|one| (one.id.clone(), one.last())).unzip();
        let (engine, service) = (self.asked.engine.clone(), service.clone());
        let one_at_a_time = Arc::clone(&self.one_at_a_time);
        let beside = Beside { engine, service, clock: self.clock, one_at_a_time };
        let (path, hidden) = (patched.file.path().to_owned(), patched.hidden.clone());
        Ok(Box::new(move || {
            await_last(&last);
            beside.make(&made, &ended, (&path, &hidden)).map_err(|error| error.to_string())
        }))
    }

    /// Watches a container from now on.
    fn adopt(&mut self, born: Born, (launch, slot): (&Launch, u32)) -> Result<(), BackendError> {
        let machine = self.machine(launch);
        let AskedContainers { engine, around, .. } = &self.asked;
        let index = self.running.len() as u32;
        let spawn = |source| BackendError::Spawn { instance: index, program: engine.program.clone(), source };
        // What is not emulated needs none of its own.
        let cgroup = born.cgroup.clone().or_else(|reason| match machine {
            Some(_) => Err(BackendError::NotMade { reason }),
            None => Ok(None),
        })?;
        let file = (around.output)().map_err(spawn)?;
        let (from, to) = io::pipe().map_err(spawn)?;
        let mut logs = engine.command(["logs", "--follow", &born.id]);
        logs.stdout(to.try_clone().map_err(spawn)?).stderr(to);
        let follower = child::spawn(logs).map_err(spawn)?;
        let output = Output::of(from, file).hiding(around.hidden.clone());
        let Born { pid, started_ns, .. } = born;
        let launched_ns = launch.launched_ns.unwrap_or(started_ns);
        let instance = DeployedInstance { index, pid, launched_ns, started_ns, stopped_ns: None };
        let started = Started::of(instance, (launch, slot));
        self.running.push(Contained::of(born, started, follower, output));
        if let (Some((_, governor)), Some(machine), Some(pid)) = (&self.emulation, machine, pid) {
            governor.add((index, pid), machine, cgroup, None);
        }
        Ok(())
    }
}

/// The limits of an emulated machine as it begins, as compose calls them.
fn limits(machine: &EmulatedMachine) -> Vec<(&'static str, String)> {
    let quota = machine.quota_us(machine.whole(), 0).max(LEAST_QUOTA_US);
    let mut all = vec![("cpu_period", machine.period_us().to_string()), ("cpu_quota", quota.to_string())];
    if let Some(memory_mib) = machine.machine.instance.memory_mib {
        all.extend(["mem_limit", "memswap_limit"].map(|name| (name, (memory_mib << 20).to_string())));
    }
    all
}
