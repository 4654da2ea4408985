//! How containers come to be: by a call of the engine each, or by compose all at once.

use std::io;
use std::path::Path;

use super::Containers;
use super::asked::{AskedContainers, ContainerKind, Variables};
use super::contained::Contained;
use crate::cluster::child;
use crate::consumers::BackendError;
use crate::consumers::backend::DeployedInstance;
use crate::consumers::emulation::cgroup::LEAST_QUOTA_US;
use crate::consumers::output::Output;
use crate::spec::{self, PROPERTIES_INSIDE as PROPERTIES, RUN_LABEL, secrets};

/// The label of a container that names its group.
const GROUP_LABEL: &str = "kafka-bench.group";

impl Containers {
    /// The variables of an instance, of all where they share them: those with a value that all may read, and those without one, with what it is.
    fn variables(&self, slot: Option<u32>) -> io::Result<Variables> {
        let config = self.config.as_ref().ok_or_else(|| io::Error::other(BackendError::NotDeployed))?;
        let around = &self.asked.around;
        let machine = self.emulation.as_ref().map(|(emulating, _)| &emulating.machine);
        let instance_type = machine.map(|machine| machine.machine.instance.name.as_str());
        let mut all = Variables::default();
        for (name, value) in around.variables(config, slot, instance_type, Path::new(PROPERTIES))? {
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

    /// What mounts the file of properties where a container finds it.
    fn volume(&self) -> io::Result<String> {
        let config = self.config.as_ref().ok_or_else(|| io::Error::other(BackendError::NotDeployed))?;
        // Whoever is who in the image may read it; on this host nobody else may look into its folder.
        let path = self.asked.around.write_properties(config, 0o644)?;
        Ok(format!("{}:{PROPERTIES}:ro,z", path.display()))
    }

    /// The limits of an emulated machine as it begins, as compose calls them.
    fn limits(&self) -> Vec<(&'static str, String)> {
        let Some((emulating, _)) = &self.emulation else { return Vec::new() };
        let machine = &emulating.machine;
        let quota = machine.quota_us(machine.whole(), 0).max(LEAST_QUOTA_US);
        let mut all = vec![("cpu_period", machine.period_us().to_string()), ("cpu_quota", quota.to_string())];
        if let Some(memory_mib) = machine.machine.instance.memory_mib {
            all.extend(["mem_limit", "memswap_limit"].map(|name| (name, (memory_mib << 20).to_string())));
        }
        all
    }

    /// Makes the container of that number.
    pub(super) fn start(&mut self, slot: u32) -> Result<(), BackendError> {
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
        let group = self.config.as_ref().map(|config| config.group.as_str()).unwrap_or_default();
        let name = format!("{group}-{index}");
        call.arg("--name").arg(&name);
        call.args(["--stop-signal", container.stop.name()]);
        for (name, value) in self.limits() {
            let option = match name {
                "cpu_period" => "--cpu-period",
                "cpu_quota" => "--cpu-quota",
                "mem_limit" => "--memory",
                _ => "--memory-swap",
            };
            call.arg(option).arg(value);
        }
        call.arg("--volume").arg(self.volume().map_err(spawn)?);
        let variables = self.variables(Some(slot)).map_err(spawn)?;
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
        let watched = started.and_then(|id| self.adopt(id, slot, started_ns));
        if watched.is_err() && self.running.len() as u32 == index {
            // What is left of it now the run's end tries again, or `bench clean`.
            self.asked.engine.remove_named(&self.asked.around.run, &name).ok();
        }
        watched
    }

    fn labels(&self) -> Vec<(String, String)> {
        let group = self.config.as_ref().map(|config| config.group.clone()).unwrap_or_default();
        vec![(RUN_LABEL.to_owned(), self.asked.around.run.clone()), (GROUP_LABEL.to_owned(), group)]
    }

    /// Scales a service to that many, as the owner's file says with a patch over it.
    pub(super) fn scale_service(&mut self, instances: u32) -> Result<(), BackendError> {
        let ContainerKind::Service { compose, service } = &self.asked.kind else {
            return Err(BackendError::NotDeployed);
        };
        let spawn = |source| BackendError::Spawn { instance: 0, program: compose.service.clone(), source };
        let volume = self.volume().map_err(spawn)?;
        let variables = self.variables(None).map_err(spawn)?;
        let open = variables.open.into_iter().map(|(name, value)| (name, Some(value)));
        let hidden = variables.hidden.iter().map(|(name, _)| (name.clone(), None));
        let patch = spec::Patch {
            variables: open.chain(hidden).collect(),
            labels: self.labels(),
            volume,
            limits: self.limits(),
        };
        let path =
            self.asked.around.write_private("compose.yaml", &compose.patched(&patch)).map_err(spawn)?;
        let started_ns = self.clock.now();
        self.touched = true;
        service.apply(&path, &variables.hidden, instances)?;
        for (slot, id) in (0..).zip(service.ids()?) {
            self.adopt(id, slot, started_ns)?;
        }
        Ok(())
    }

    /// Watches a container from now on.
    fn adopt(&mut self, id: String, slot: u32, started_ns: u64) -> Result<(), BackendError> {
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
        let mut contained = Contained::of(id, slot, follower, output);
        contained.instance =
            DeployedInstance { index, pid, launched_ns: started_ns, started_ns, stopped_ns: None };
        let entered = contained.enter();
        let cgroup = contained.cgroup.clone();
        self.running.push(contained);
        if let (Some((emulating, governor)), Some(pid)) = (&self.emulation, pid) {
            entered?;
            governor.add((index, pid), emulating.machine.clone(), cgroup, None);
        }
        Ok(())
    }
}
