//! Who used what of the host: once a second, and exactly at the window's edges.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::proc::{self, HostCounters, ProcessCounters, Processes, ThreadCounters};
use super::within::Within;
use crate::consumers::Watched;
use crate::consumers::emulation::cgroup::{self, OwnLimit, Throttled};
use crate::timeline::Clock;

/// All counters at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// When, Unix ns.
    pub at: u64,
    /// The consumers, by group; `None` where unknown.
    pub consumers: Vec<Option<ProcessCounters>>,
    /// The brokers that bench started; `None` where unknown.
    pub cluster: Option<ProcessCounters>,
    /// The load's threads, by kernel id.
    pub load: Vec<(u32, ThreadCounters)>,
    /// The host; `None` where unknown.
    pub host: Option<HostCounters>,
    /// The host's memory in use, in MiB; `None` where unknown.
    pub host_memory_mib: Option<f64>,
    /// This process, which holds the load; `None` where unknown.
    pub own: Option<ProcessCounters>,
    /// The cores that bench's own control group may use, and how it was stopped for that; `None` where there is no such limit.
    pub limit: Option<(f64, Throttled)>,
    /// Time in which some task of the host waited for a disk, since it booted, in µs; `None` where the kernel does not tell.
    #[serde(default)]
    pub io_waited_us: Option<u64>,
    /// Time in which some task of the brokers that bench started waited for a disk, in µs; `None` where they are in no control group of their own.
    #[serde(default)]
    pub cluster_io_waited_us: Option<u64>,
    /// Wall clock minus bench's clock, in ns.
    pub drift_ns: i64,
}

/// Whom to watch.
#[derive(Debug, Default)]
pub struct Watch {
    processes: Processes,
    within: Within,
    /// Whose counters are the consumers', by group.
    pub consumers: Vec<Watched>,
    /// Processes of the brokers that bench started.
    pub cluster: Vec<u32>,
    /// The control group that these have for themselves, if they have one.
    pub apart: Option<PathBuf>,
    /// The CPU limit that bench, its consumers and its brokers run under; none where there is none.
    pub limit: Option<OwnLimit>,
}

impl Watch {
    /// Reads all counters now; `load` are the kernel ids of the load's threads.
    pub fn read(&mut self, clock: Clock, load: &[u32]) -> Reading {
        Reading {
            at: clock.now(),
            // First: they are what ends first.
            load: load.iter().filter_map(|id| Some((*id, proc::thread(*id)?))).collect(),
            consumers: {
                let Watch { processes, within, consumers, .. } = self;
                consumers.iter().map(|group| within.read(group, processes)).collect()
            },
            cluster: self.processes.read(&self.cluster),
            own: self.processes.read(&[std::process::id()]),
            host_memory_mib: proc::host_memory_mib(),
            host: proc::host(),
            limit: self.limit.as_ref().and_then(|limit| Some((limit.cores, limit.read()?))),
            io_waited_us: proc::io_waited_us(),
            cluster_io_waited_us: self
                .apart
                .as_ref()
                .and_then(|folder| cgroup::io_waited_us(folder, &self.cluster, proc::is_there)),
            drift_ns: clock.drift_ns(),
        }
    }
}

/// What was used between two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Used {
    /// CPU of the consumers, in cores.
    pub consumers_cpu_cores: Option<f64>,
    /// Context switches of the consumers.
    pub consumers_switches_per_s: Option<f64>,
    /// CPU of the brokers, in cores.
    pub cluster_cpu_cores: Option<f64>,
    /// Context switches of the brokers.
    pub cluster_switches_per_s: Option<f64>,
    /// CPU of the load's threads together, in cores.
    pub load_cpu_cores: Option<f64>,
    /// CPU of the busiest of them, in cores.
    pub load_busiest_cores: Option<f64>,
    /// Time the worst of them was runnable without a core, in seconds per second.
    pub load_run_delay: Option<f64>,
    /// How long that one was without a core each time it wanted one, in ms: the mean over its context switches.
    pub load_wait_ms: Option<f64>,
    /// The host's time that was not idle, in percent.
    pub host_cpu_percent: Option<f64>,
    /// The host's time that the hypervisor took, in percent.
    pub host_steal_percent: Option<f64>,
    /// The time in which some task of the host waited for a disk, in percent.
    pub host_io_wait_percent: Option<f64>,
    /// The time in which some task of the brokers waited for a disk, in percent.
    pub cluster_io_wait_percent: Option<f64>,
    /// Context switches of the host.
    pub host_switches_per_s: Option<f64>,
    /// Context switches of the load's threads.
    pub load_switches_per_s: Option<f64>,
}

impl Reading {
    /// The consumers of one group; `None` where unknown, or where there is no such group.
    pub fn consumers_of(&self, group: usize) -> Option<ProcessCounters> {
        self.consumers.get(group).copied().flatten()
    }
}

/// The difference of two readings over the time between them; what either does not know is unknown. The consumers are those of one group, 0 being
/// the first.
pub fn used(from: &Reading, to: &Reading, group: usize) -> Used {
    let seconds = to.at.saturating_sub(from.at) as f64 / 1e9;
    if seconds <= 0.0 {
        return Used::default();
    }
    let cores = |a: Option<ProcessCounters>, b: Option<ProcessCounters>| {
        Some(((b?.cpu_s - a?.cpu_s) / seconds).max(0.0))
    };
    let switches = |a: Option<ProcessCounters>, b: Option<ProcessCounters>| {
        Some(b?.context_switches.saturating_sub(a?.context_switches) as f64 / seconds)
    };
    let threads: Vec<[f64; 3]> =
        to.load.iter().map(|(id, now)| thread_use(from, *id, *now, seconds)).collect();
    let most = |of: usize| threads.iter().map(|thread| thread[of]).reduce(f64::max);
    let worst = threads.iter().max_by(|a, b| a[1].total_cmp(&b[1])).filter(|thread| thread[2] > 0.0);
    let known = !threads.is_empty();
    let host = from.host.zip(to.host).filter(|(a, b)| b.total > a.total);
    let percent = |part: fn(&HostCounters) -> u64| {
        host.map(|(a, b)| part(&b).saturating_sub(part(&a)) as f64 / (b.total - a.total) as f64 * 100.0)
    };
    let waited = |a: Option<u64>, b: Option<u64>| Some(b?.saturating_sub(a?) as f64 / 1e4 / seconds);
    Used {
        consumers_cpu_cores: cores(from.consumers_of(group), to.consumers_of(group)),
        consumers_switches_per_s: switches(from.consumers_of(group), to.consumers_of(group)),
        cluster_cpu_cores: cores(from.cluster, to.cluster),
        cluster_switches_per_s: switches(from.cluster, to.cluster),
        load_cpu_cores: known.then(|| threads.iter().map(|thread| thread[0]).sum()),
        load_busiest_cores: most(0),
        load_run_delay: most(1),
        load_wait_ms: worst.map(|thread| thread[1] / thread[2] * 1e3),
        load_switches_per_s: known.then(|| threads.iter().map(|thread| thread[2]).sum()),
        host_cpu_percent: percent(|host| host.total - host.idle),
        host_steal_percent: percent(|host| host.steal),
        host_io_wait_percent: waited(from.io_waited_us, to.io_waited_us),
        cluster_io_wait_percent: waited(from.cluster_io_waited_us, to.cluster_io_waited_us),
        host_switches_per_s: host.map(|(a, b)| (b.context_switches - a.context_switches) as f64 / seconds),
    }
}

/// Cores, seconds per second without a core, context switches per second.
fn thread_use(from: &Reading, id: u32, now: ThreadCounters, seconds: f64) -> [f64; 3] {
    // A thread that is new since the first reading began at zero.
    let before =
        from.load.iter().find(|(known, _)| *known == id).map(|(_, counters)| *counters).unwrap_or_default();
    let share = |a: u64, b: u64| b.saturating_sub(a) as f64 / 1e9 / seconds;
    let switches = now.context_switches.saturating_sub(before.context_switches) as f64 / seconds;
    [share(before.cpu_ns, now.cpu_ns), share(before.run_delay_ns, now.run_delay_ns), switches]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_is_not_zero() {
        let (from, to) =
            (Reading { at: 0, ..Reading::default() }, Reading { at: 1_000_000_000, ..Reading::default() });
        assert_eq!(used(&from, &to, 0), Used::default());
    }

    #[test]
    fn waits_for_a_disk_are_a_share_of_the_time_between_two_readings() {
        let at = |at, us| Reading {
            at,
            io_waited_us: Some(us),
            cluster_io_waited_us: Some(us / 10),
            ..Reading::default()
        };
        let (from, to) = (at(0, 7_000), at(2_000_000_000, 507_000));
        let used = used(&from, &to, 0);
        assert_eq!((used.host_io_wait_percent, used.cluster_io_wait_percent), (Some(25.0), Some(2.5)));
    }

    #[test]
    fn the_load_is_the_sum_of_its_threads_and_its_worst_is_named() {
        let counters = |cpu_ns, run_delay_ns| ThreadCounters {
            cpu_ns,
            run_delay_ns,
            context_switches: run_delay_ns / 50_000,
        };
        let from = Reading { at: 0, load: vec![(1, counters(100, 0))], ..Reading::default() };
        let load = vec![(1, counters(500_000_100, 100_000_000)), (2, counters(250_000_000, 0))];
        let to = Reading { at: 1_000_000_000, load, ..Reading::default() };
        let used = used(&from, &to, 0);
        assert_eq!(
            (used.load_cpu_cores, used.load_busiest_cores, used.load_run_delay, used.load_wait_ms),
            (Some(0.75), Some(0.5), Some(0.1), Some(0.05))
        );
    }
}
