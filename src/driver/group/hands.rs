//! What is done to single instances of a group on purpose.

use std::ops::Range;

use super::{Group, RawGroup};
use crate::cluster::{Allowance, Held};
use crate::consumers::emulation::EmulatedMachine;
use crate::consumers::{Act, BackendError, Launch, Slow, Watched};
use crate::driver::emulate::Unborn;
use crate::timeline::SECOND_NS;
use crate::units::{InstanceType, Span};

/// How often it is looked whether programs have started others.
const PROCESSES_EVERY_NS: u64 = SECOND_NS;

impl Group<'_> {
    /// Whose CPU and memory are its instances'.
    pub fn watched(&self) -> Watched {
        self.backend.as_ref().map(|backend| backend.watched()).unwrap_or_default()
    }

    /// The same, where they may be others than were told last: another instance was started, be it in the place of one that ended, or it tells nothing
    /// itself and was not asked for a while, for such programs start others as they like.
    pub fn watched_anew(&mut self, now: u64) -> Option<Watched> {
        let instances = self.backend.as_ref()?.instances().len();
        let (known, at) = self.told;
        let is_due = self.raw.outside.is_some() && now >= at + PROCESSES_EVERY_NS;
        if instances == known && !is_due {
            return None;
        }
        self.told = (instances, now);
        Some(self.watched())
    }

    /// Instances that live, as far as is known, and are not on their way out.
    pub fn living(&self) -> Vec<u32> {
        let instances = self.backend.iter().flat_map(|backend| backend.instances());
        let lives = |index: &u32| !self.died.contains(index) && !self.sent_away.contains(index);
        instances.filter(|one| one.stopped_ns.is_none()).map(|one| one.index).filter(lives).collect()
    }

    /// Does something to an instance; whether it lives. One that is sent away is no dead one when it ends.
    pub fn act(&mut self, instance: u32, act: Act) -> bool {
        let done = self.backend.as_mut().is_some_and(|backend| backend.act(instance, act));
        if done && matches!(act, Act::Kill | Act::Stop) {
            self.sent_away.insert(instance);
        }
        done
    }

    /// Has no more than so many instances: the youngest are asked to leave, and are given. More come each by itself, once their machines have booted.
    pub fn shrink(&mut self, instances: u32) -> Vec<u32> {
        let living = self.living();
        let instances = instances.min(living.len() as u32);
        // Nobody is started, so that nothing can fail.
        let left = self.backend.as_mut().and_then(|backend| backend.scale(instances, &living).ok());
        let left = left.unwrap_or_default();
        self.sent_away.extend(&left);
        left
    }

    /// Processes of one instance.
    pub fn pids_of(&self, instance: u32) -> Vec<u32> {
        self.backend.iter().flat_map(|backend| backend.processes_of(instance)).collect()
    }

    /// Whether its instances are of some type.
    pub const fn is_emulated(&self) -> bool {
        self.machine.is_some()
    }

    /// What the network of each emulated instance gives by its type, after its `burst`; `number` is the group's.
    pub fn networks(&mut self, number: u64, burst: Span) -> Vec<Held> {
        let Some(backend) = &mut self.backend else { return Vec::new() };
        let machines = backend.governed().map(|(_, governor)| governor.machines()).unwrap_or_default();
        let of = |(index, machine): (u32, EmulatedMachine)| {
            let InstanceType { network_baseline_gbps, network_peak_gbps, .. } = machine.machine.instance;
            let bits = |gbps: f64| (gbps * 1e9).round() as u64;
            let baseline = bits(network_baseline_gbps?).max(1);
            let peak = network_peak_gbps.map_or(baseline, bits).max(baseline);
            let allowance = Allowance { baseline, peak, burst_ns: burst.as_nanos() };
            let pids = backend.processes_of(index);
            (!pids.is_empty()).then(|| Held { number: (number << 32) | u64::from(index), pids, allowance })
        };
        machines.into_iter().filter_map(of).collect()
    }

    /// A new instance as one is now that is launched at this moment, Unix ns: in the place of one that was sent away and has ended, or in one of its own.
    pub fn to_launch(&self, place_of: Option<u32>, now: u64) -> Launch {
        let (machine, group) = (self.machine.clone(), self.besides.last().cloned());
        Launch { place_of, machine, group, launched_ns: Some(now), ..Launch::default() }
    }

    /// What takes its time before the programs of instances that were launched can be started: to be done aside. None where nothing does.
    pub fn prepare(&mut self, launches: &mut [&mut Launch]) -> Result<Option<Slow>, BackendError> {
        self.backend.as_mut().ok_or(BackendError::NotDeployed)?.prepare(launches)
    }

    /// Starts the program of an instance that was launched; which one that is.
    pub fn start(&mut self, launch: &Launch) -> Result<u32, BackendError> {
        self.backend.as_mut().ok_or(BackendError::NotDeployed)?.launch(launch)
    }

    /// The trial ends before the program of an instance was started that is paid for.
    pub fn give_up(&mut self, launch: Launch, now: u64) {
        self.unborn.extend(launch.machine.zip(launch.launched_ns).map(|(machine, launched_ns)| Unborn {
            machine,
            launched_ns,
            ended_ns: now,
        }));
    }

    /// From now on new instances are of this type.
    pub fn upgrade(&mut self, machine: EmulatedMachine) {
        self.machine = Some(machine);
    }

    /// From now on new instances are in a group of this name.
    pub fn read_beside(&mut self, group: String) {
        self.besides.push(group);
    }

    /// The group that an instance is to be put into and the one before it, by their full names, where nobody was put into it before.
    pub fn opens(&self, launch: &Launch) -> Option<(String, String)> {
        let beside = launch.group.as_ref()?;
        let place = self.besides.iter().position(|known| known == beside)?;
        let before = place.checked_sub(1).and_then(|before| self.besides.get(before));
        (place >= self.open).then(|| (before.unwrap_or(&self.raw.full_name).clone(), beside.clone()))
    }

    /// Somebody may be put into the next of its groups.
    pub fn opened(&mut self) {
        self.open += 1;
    }

    /// All its groups, by their full names.
    pub fn groups(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.raw.full_name).chain(&self.besides)
    }

    /// Takes the credits of an instance away; whether it has any account.
    pub fn exhaust(&mut self, instance: u32) -> bool {
        self.backend.as_mut().is_some_and(|backend| backend.exhaust(instance))
    }

    /// Whether an instance was heard to end.
    pub fn has_ended(&self, instance: u32) -> bool {
        self.died.contains(&instance)
    }
}

#[cfg(test)]
impl Group<'_> {
    /// It is run by this from now on.
    pub fn run_by(&mut self, backend: impl crate::consumers::Backend + 'static) {
        self.backend = Some(Box::new(backend));
    }
}

impl RawGroup {
    /// When, in a span of time (Unix ns), others than these instances first learned that partitions move, and how many came to them; of a group that tells
    /// nothing, when its coordinator was seen to have moved them, and how many is not known.
    pub fn first_move(&self, within: Range<u64>, met: &[u32]) -> Result<(Option<u64>, u32), String> {
        match &self.outside {
            None => self.journal.first_move(within, met),
            Some(outside) => {
                Ok((outside.moved.iter().map(|moved| moved.at).find(|at| within.contains(at)), 0))
            }
        }
    }
}
