//! What emulation adds to a trial: the rights that it needs, the deaths that it brings, and the record of what instances really got.

use std::collections::BTreeMap;
use std::path::Path;

use super::DriverError;
use super::seconds::Seconds;
use super::times::Times;
use crate::alike::together;
use crate::consumers::emulation::cgroup::{Hierarchy, RunGroup};
use crate::consumers::emulation::{EmulatedMachine, Worked};
use crate::consumers::{Backend, BackendError, DeployedInstance, Emulated, Gathered};
use crate::plan::Plan;
use crate::record::{EmulatedGroup, EmulatedInstance, PacedWork};

/// Kind of the event that tells of an instance which the kernel killed for its memory.
pub const OOM_KILL: &str = "oom_kill";

/// What came of the emulation of one group, before it is added up.
#[derive(Debug)]
pub struct RawEmulation {
    /// Name of the group.
    pub group: String,
    /// What the backend recorded.
    pub emulated: Emulated,
    /// All instances that were ever started, with their ends.
    pub instances: Vec<DeployedInstance>,
}

/// An instance that was launched, and whose program was never started.
#[derive(Debug)]
pub struct Unborn {
    /// What it was.
    pub machine: EmulatedMachine,
    /// When it was launched, Unix ns.
    pub launched_ns: u64,
    /// Until when it is paid for, Unix ns.
    pub ended_ns: u64,
}

impl RawEmulation {
    /// After all instances have stopped; none where none was emulated. Those that were launched and never started are told after them.
    pub fn of(backend: &mut dyn Backend, group: &str, unborn: &[Unborn]) -> Option<Self> {
        let mut emulated = backend.emulated()?;
        let mut instances = backend.instances();
        for Unborn { machine, launched_ns, ended_ns } in unborn {
            let (launched_ns, started_ns, stopped_ns) = (*launched_ns, *ended_ns, Some(*ended_ns));
            let index = instances.len() as u32;
            emulated.machines.insert(index, machine.clone());
            instances.push(DeployedInstance { index, pid: None, launched_ns, started_ns, stopped_ns });
        }
        Some(RawEmulation { group: group.to_owned(), emulated, instances })
    }
}

/// Whether any treatment wants the kernel's limits.
pub fn wants_cgroups(plan: &Plan) -> bool {
    plan.treatments.iter().map(|treatment| &treatment.settings).any(|settings| {
        settings.emulation.cgroups && settings.consumers.iter().any(|group| group.machine.is_some())
    })
}

/// Refuses a plan whose instance types cannot be enforced here, before anything is fetched, made or started.
pub fn check_rights(plan: &Plan) -> Result<(), DriverError> {
    if wants_cgroups(plan) {
        RunGroup::try_out().map_err(BackendError::from)?;
    }
    Ok(())
}

/// The control group of a run that wants one; its folders are told before they are made.
pub fn run_group(
    plan: &Plan,
    run_id: &str,
    note: impl FnOnce(&[std::path::PathBuf]) -> Result<(), DriverError>,
) -> Result<Option<RunGroup>, DriverError> {
    if !wants_cgroups(plan) {
        return Ok(None);
    }
    let hierarchy = Hierarchy::find(Path::new("/")).map_err(BackendError::from)?;
    note(&RunGroup::folders(&hierarchy, run_id))?;
    Ok(Some(RunGroup::of_run(hierarchy, run_id).map_err(BackendError::from)?))
}

/// What follows from the death of an instance that the kernel killed for its memory: a sentence, after another was started in its place, or the end of
/// the trial; none for any other death.
pub fn after_death(
    backend: &mut dyn Backend,
    instance: u32,
    restart: bool,
) -> Option<(String, Result<(), DriverError>)> {
    let killed = backend.out_of_memory(instance)?;
    let what = format!(
        "the kernel killed instance {instance} for its memory: a {} has {} MiB",
        killed.instance_type, killed.memory_mib
    );
    if !restart {
        return Some((what.clone(), Err(DriverError::OutOfMemory { reason: what })));
    }
    Some((format!("{what}; another takes its place"), backend.replace(instance).map_err(DriverError::from)))
}

/// Adds up what one group's instances were and got, those of each machine apart: by instance what their seconds come to, and `gathered` is what they said.
pub fn record(
    raw: &RawEmulation,
    seconds: &BTreeMap<u32, Seconds>,
    gathered: &Gathered,
    times: Option<&Times>,
) -> Vec<EmulatedGroup> {
    let machine_of = |one: &DeployedInstance| {
        raw.emulated.machines.get(&one.index).unwrap_or(&raw.emulated.machine).clone()
    };
    let machines = together(raw.instances.iter().map(|one| (machine_of(one), *one)));
    let told = |machine: &EmulatedMachine, one: &DeployedInstance| {
        let mut told = EmulatedInstance {
            instance: one.index,
            up_s: one.stopped_ns.map(|end| end.saturating_sub(one.launched_ns) as f64 / 1e9),
            oom_kills: raw.emulated.oom_kills.get(&one.index).copied().unwrap_or_default(),
            ..EmulatedInstance::default()
        };
        seconds.get(&one.index).unwrap_or(&Seconds::default()).put(&mut told, times.is_some());
        if let Some(times) = times {
            let end = one.stopped_ns.unwrap_or(u64::MAX);
            told.window_up_s = overlap_s(times.window, (one.launched_ns, end));
            told.window_boot_s = overlap_s(times.window, (one.launched_ns, one.started_ns));
            let window = gathered.worked(one.index, times.window);
            if let Some((worked, cpu_ns)) = window {
                told.work = paced(worked, cpu_ns, machine.share());
                told.full_size_vcpus = told.used_vcpus.filter(|_| worked.vcpu_ns > 0);
            }
        }
        told
    };
    let group = |(machine, own): (EmulatedMachine, Vec<DeployedInstance>)| {
        group(raw, &machine, own.iter().map(|one| told(&machine, one)).collect())
    };
    machines.into_iter().map(group).collect()
}

fn group(raw: &RawEmulation, machine: &EmulatedMachine, instances: Vec<EmulatedInstance>) -> EmulatedGroup {
    let asked = &machine.machine;
    let burstable = asked.instance.credits.is_some();
    EmulatedGroup {
        group: raw.group.clone(),
        instance_type: asked.instance.clone(),
        credit_mode: burstable.then_some(asked.credits.mode),
        credit_start: burstable.then(|| asked.credits.start.to_string()),
        time_scale: asked.credits.time_scale,
        vcpu_percent: machine.share() * 100.0,
        enforced_by: raw.emulated.enforced_by.to_owned(),
        period_us: (raw.emulated.enforced_by != "work").then(|| machine.period_us()),
        refused: raw.emulated.refused,
        instances,
    }
}

/// Seconds that two spans of time (Unix ns) have together.
fn overlap_s(one: (u64, u64), other: (u64, u64)) -> f64 {
    one.1.min(other.1).saturating_sub(one.0.max(other.0)) as f64 / 1e9
}

fn paced(worked: Worked, cpu_ns: u64, share: f64) -> Option<PacedWork> {
    if worked.due_ns == 0 || worked.wall_ns == 0 || cpu_ns == 0 {
        return None;
    }
    let percent = |part: f64, whole: f64| part / whole * 100.0;
    Some(PacedWork {
        got_percent: percent(worked.cpu_ns as f64 / share, worked.wall_ns as f64),
        due_percent: percent(worked.vcpu_ns as f64, worked.due_ns as f64),
        stretch: worked.wall_ns as f64 / worked.due_ns as f64,
        overhead_percent: percent(cpu_ns.saturating_sub(worked.cpu_ns) as f64, cpu_ns as f64),
    })
}
