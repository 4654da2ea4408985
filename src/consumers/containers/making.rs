//! How containers come to be: by a call of the engine each, or by compose, all at once at first.

use std::io;
use std::path::PathBuf;

use super::asked::{AskedContainers, ContainerKind, Variables};
use super::contained::Contained;
use super::{Containers, LAST_OUTPUT};
use crate::cluster::child;
use crate::consumers::BackendError;
use crate::consumers::backend::{DeployedInstance, Launch};
use crate::consumers::emulation::EmulatedMachine;
use crate::consumers::emulation::cgroup::LEAST_QUOTA_US;
use crate::consumers::output::Output;
use crate::consumers::surroundings::Found;
use crate::spec::{self, PROPERTIES_INSIDE, RUN_LABEL, TOPICS_INSIDE, secrets};

/// The label of a container that names its group.
const GROUP_LABEL: &str = "kafka-bench.group";

/// What is put over the owner's file of a service.
pub(super) struct Patched {
    path: PathBuf,
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
            let is_open = value == *written && !secrets::is_secret(name);
            if is_open { &mut all.open } else { &mut all.hidden }.push((name.clone(), value));
        }
        Ok(all)
    }

    /// What mounts the files where a container finds them.
    fn volumes(&self) -> io::Result<Vec<String>> {
        let config = self.config.as_ref().ok_or_else(|| io::Error::other(BackendError::NotDeployed))?;
        // Whoever is who in the image may read them; on this host nobody else may look into their folder.
        let Found { properties, topics } = self.asked.around.write_files(config, 0o644)?;
        let volume = |(path, inside): (PathBuf, &str)| format!("{}:{inside}:ro,z", path.display());
        Ok([(properties, PROPERTIES_INSIDE), (topics, TOPICS_INSIDE)].map(volume).to_vec())
    }

    /// Makes one more container, of that number.
    pub(super) fn start(&mut self, launch: &Launch, slot: u32) -> Result<u32, BackendError> {
        let index = self.running.len() as u32;
        match &self.asked.kind {
            ContainerKind::Images { .. } => self.run(launch, slot)?,
            ContainerKind::Service { .. } => self.scale_up(launch, slot)?,
        }
        Ok(index)
    }

    /// The same of an image.
    fn run(&mut self, launch: &Launch, slot: u32) -> Result<(), BackendError> {
        let ContainerKind::Images { container, image } = &self.asked.kind else {
            return Err(BackendError::NotDeployed);
        };
        let index = self.running.len() as u32;
        let spawn = |source| BackendError::Spawn { instance: index, program: image.name.clone(), source };
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
        let name = format!("{}-{index}", self.group());
        call.arg("--name").arg(&name);
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
        for volume in self.volumes().map_err(spawn)? {
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
        let started_ns = self.clock.now();
        // Whatever fails between a container's start and its being watched, none may go on that nobody will stop.
        let started = self.asked.engine.start(call).map_err(BackendError::from);
        let watched = started.and_then(|id| self.adopt(id, (launch, slot), started_ns));
        if watched.is_err() && self.running.len() as u32 == index {
            // What is left of it now the run's end tries again, or `bench clean`.
            self.asked.engine.remove_named(&self.asked.around.run, &name).ok();
        }
        watched
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
        let volumes = self.volumes().map_err(spawn)?;
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
        let path = self.asked.around.write_private(&name, &compose.patched(&patch)).map_err(spawn)?;
        let started_ns = self.clock.now();
        self.touched = true;
        service.apply(&path, &variables.hidden, instances)?;
        let ids = service.ids()?;
        self.patched = Some(Patched { path, hidden: variables.hidden });
        let adopt = |(slot, id)| self.adopt(id, (&Launch::default(), slot), started_ns);
        (0..).zip(ids).try_for_each(adopt)
    }

    /// One more container of a service, beside those that run.
    fn scale_up(&mut self, launch: &Launch, slot: u32) -> Result<(), BackendError> {
        // Compose would start those again that have ended.
        self.remove_ended()?;
        let (ContainerKind::Service { service, .. }, Some(patched)) = (&self.asked.kind, &self.patched)
        else {
            return Err(BackendError::NotDeployed);
        };
        let there = self.running.iter().filter(|contained| !contained.removed).count() as u32;
        let started_ns = self.clock.now();
        service.apply_beside(&patched.path, &patched.hidden, there + 1)?;
        let is_new = |id: &String| self.running.iter().all(|known| known.id != *id);
        let new = service.ids()?.into_iter().find(is_new).ok_or(BackendError::NotDeployed)?;
        self.adopt(new, (launch, slot), started_ns)
    }

    /// Takes those away that have ended, after the last that they wrote.
    fn remove_ended(&mut self) -> Result<(), BackendError> {
        self.look();
        let has_ended = |one: &&mut Contained| one.instance.stopped_ns.is_some() && !one.removed;
        let mut ended: Vec<&mut Contained> = self.running.iter_mut().filter(has_ended).collect();
        for contained in &mut ended {
            contained.finish(LAST_OUTPUT);
        }
        let ids: Vec<String> = ended.iter().map(|contained| contained.id.clone()).collect();
        self.asked.engine.remove(&ids)?;
        for contained in ended {
            contained.removed = true;
        }
        Ok(())
    }

    /// Watches a container from now on.
    fn adopt(
        &mut self,
        id: String,
        (launch, slot): (&Launch, u32),
        started_ns: u64,
    ) -> Result<(), BackendError> {
        let machine = self.machine(launch);
        let AskedContainers { engine, around, .. } = &self.asked;
        let index = self.running.len() as u32;
        let spawn = |source| BackendError::Spawn { instance: index, program: engine.program.clone(), source };
        let file = (around.output)().map_err(spawn)?;
        let (from, to) = io::pipe().map_err(spawn)?;
        let mut logs = engine.command(["logs", "--follow", &id]);
        logs.stdout(to.try_clone().map_err(spawn)?).stderr(to);
        let follower = child::spawn(logs).map_err(spawn)?;
        let output = Output::of(from, file);
        let pid = engine.inspect(&[&id])?.first().map(|one| one.state.pid).filter(|pid| *pid > 0);
        let mut contained = Contained::of(id, (launch, slot), follower, output);
        let launched_ns = launch.launched_ns.unwrap_or(started_ns);
        contained.instance = DeployedInstance { index, pid, launched_ns, started_ns, stopped_ns: None };
        let entered = contained.enter();
        let cgroup = contained.cgroup.clone();
        self.running.push(contained);
        if let (Some((_, governor)), Some(machine), Some(pid)) = (&self.emulation, machine, pid) {
            entered?;
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
