//! What emulation adds to a trial: the rights that it needs, the deaths that it brings, and the record of what instances really got.

use std::collections::BTreeMap;
use std::path::Path;

use super::DriverError;
use super::seconds::Seconds;
use super::times::Times;
use crate::consumers::emulation::Worked;
use crate::consumers::emulation::cgroup::{Hierarchy, RunGroup};
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

impl RawEmulation {
    /// After all instances have stopped; none where none was emulated.
    pub fn of(backend: &mut dyn Backend, group: &str) -> Option<Self> {
        let emulated = backend.emulated()?;
        Some(RawEmulation { group: group.to_owned(), emulated, instances: backend.instances() })
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
    Some((format!("{what}; another takes its place"), backend.replace().map_err(DriverError::from)))
}

/// Adds up what one group's instances were and got: by instance what their seconds come to, and `gathered` is what they said.
pub fn record(
    raw: &RawEmulation,
    seconds: &BTreeMap<u32, Seconds>,
    gathered: &Gathered,
    times: Option<&Times>,
) -> EmulatedGroup {
    let machine = &raw.emulated.machine;
    let asked = &machine.machine;
    let burstable = asked.instance.credits.is_some();
    let of = |instance: &DeployedInstance| {
        let mut told = EmulatedInstance {
            instance: instance.index,
            up_s: instance.stopped_ns.map(|end| end.saturating_sub(instance.started_ns) as f64 / 1e9),
            oom_kills: raw.emulated.oom_kills.get(&instance.index).copied().unwrap_or_default(),
            ..EmulatedInstance::default()
        };
        seconds.get(&instance.index).unwrap_or(&Seconds::default()).put(&mut told, times.is_some());
        if let Some(times) = times {
            told.window_up_s = up_in(times.window, instance);
            let window = gathered.worked(instance.index, times.window);
            if let Some((worked, cpu_ns)) = window {
                told.work = paced(worked, cpu_ns, machine.share());
                told.full_size_vcpus = told.used_vcpus.filter(|_| worked.vcpu_ns > 0);
            }
        }
        told
    };
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
        instances: raw.instances.iter().map(of).collect(),
    }
}

/// Seconds of a window (Unix ns) in which an instance was up.
fn up_in((from, to): (u64, u64), instance: &DeployedInstance) -> f64 {
    let end = instance.stopped_ns.unwrap_or(to).min(to);
    end.saturating_sub(instance.started_ns.max(from)) as f64 / 1e9
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
