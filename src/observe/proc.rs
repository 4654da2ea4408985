//! Readings of the kernel's own counters: processes, threads, the host.

use std::collections::BTreeMap;
use std::fs;

use serde::{Deserialize, Serialize};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::consumers::emulation::cgroup::some_waited_us;

/// Counters of some processes together, since they began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProcessCounters {
    /// CPU time, in seconds.
    pub cpu_s: f64,
    /// Resident memory now, in MiB.
    pub rss_mib: f64,
    /// Context switches, voluntary and not.
    pub context_switches: u64,
}

/// Counters of the host, since it booted, in its clock ticks summed over all cores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostCounters {
    /// All time.
    pub total: u64,
    /// Idle and waiting for a disk.
    pub idle: u64,
    /// Taken by the hypervisor.
    pub steal: u64,
    /// Context switches.
    pub context_switches: u64,
}

/// Counters of one thread, since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadCounters {
    /// Time on a core, in ns.
    pub cpu_ns: u64,
    /// Time runnable but waiting for a core, in ns.
    pub run_delay_ns: u64,
    /// Context switches, voluntary and not.
    pub context_switches: u64,
}

/// Reads processes; keeps what sysinfo needs between two readings.
#[derive(Debug)]
pub struct Processes {
    // Where the system does not let itself be read, all is unknown.
    system: Option<System>,
    /// What each had used when it was last seen.
    last: BTreeMap<u32, ProcessCounters>,
}

impl Default for Processes {
    fn default() -> Self {
        Processes { system: System::new().ok(), last: BTreeMap::new() }
    }
}

impl Processes {
    /// The counters of these processes together; `None` when none of them lives any more. What one had used before it ended stays in the sum: that of
    /// the others did not grow less.
    pub fn read(&mut self, pids: &[u32]) -> Option<ProcessCounters> {
        self.read_all(pids).and_then(|(sum, any)| any.then_some(sum))
    }

    /// The same, with whether any of them lives; `None` where the system does not let itself be read.
    pub fn read_all(&mut self, pids: &[u32]) -> Option<(ProcessCounters, bool)> {
        let known: Vec<Pid> = pids.iter().map(|pid| Pid::from_u32(*pid)).collect();
        let what = ProcessRefreshKind::nothing().with_cpu().with_memory();
        let system = self.system.as_mut()?;
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&known), true, what);
        let mut sum = ProcessCounters::default();
        let mut any = false;
        for pid in &known {
            let last = self.last.entry(pid.as_u32()).or_default();
            if let Some(process) = system.process(*pid) {
                any = true;
                // One that has ended and was not waited for yet has no more than a name.
                last.cpu_s = last.cpu_s.max(process.accumulated_cpu_time() as f64 / 1e3);
                let switches = context_switches(&format!("/proc/{pid}/task"));
                last.context_switches = last.context_switches.max(switches);
                sum.rss_mib += process.memory() as f64 / f64::from(1 << 20);
            }
            sum.cpu_s += last.cpu_s;
            sum.context_switches += last.context_switches;
        }
        Some((sum, any))
    }
}

fn context_switches(tasks: &str) -> u64 {
    let statuses = fs::read_dir(tasks).into_iter().flatten().flatten();
    let texts = statuses.filter_map(|task| fs::read_to_string(task.path().join("status")).ok());
    texts.map(|text| switches_of_status(&text)).sum()
}

fn switches_of_status(text: &str) -> u64 {
    let lines = text.lines().filter(|line| line.contains("ctxt_switches:"));
    lines.filter_map(|line| line.split_whitespace().last()?.parse::<u64>().ok()).sum()
}

/// The host's counters.
pub fn host() -> Option<HostCounters> {
    parse_stat(&fs::read_to_string("/proc/stat").ok()?)
}

/// Fields of the line `cpu` as `man 5 proc_stat` numbers them: guest time is within user time and not added again.
fn parse_stat(text: &str) -> Option<HostCounters> {
    let fields: Vec<u64> = text
        .lines()
        .next()?
        .strip_prefix("cpu ")?
        .split_whitespace()
        .filter_map(|field| field.parse().ok())
        .collect();
    let [user, nice, system, idle, iowait, irq, softirq, steal, ..] = fields[..] else {
        return None;
    };
    let switches = text.lines().find_map(|line| line.strip_prefix("ctxt "))?.trim().parse().ok()?;
    let total = user + nice + system + idle + iowait + irq + softirq + steal;
    Some(HostCounters { total, idle: idle + iowait, steal, context_switches: switches })
}

/// The counters of one of this process's threads; `None` once it has ended.
pub fn thread(id: u32) -> Option<ThreadCounters> {
    let text = fs::read_to_string(format!("/proc/self/task/{id}/schedstat")).ok()?;
    let mut fields = text.split_whitespace().map(str::parse::<u64>);
    let (cpu_ns, run_delay_ns) = (fields.next()?.ok()?, fields.next()?.ok()?);
    let status = fs::read_to_string(format!("/proc/self/task/{id}/status")).ok()?;
    Some(ThreadCounters { cpu_ns, run_delay_ns, context_switches: switches_of_status(&status) })
}

/// Bytes that wait to be written to disks, and those being written now (`Dirty`, `Writeback` of `/proc/meminfo`), in KiB.
pub fn writeback_kib() -> Option<(u64, u64)> {
    let [dirty, writeback] = memory_fields(["Dirty:", "Writeback:"])?;
    Some((dirty, writeback))
}

/// Whether there is such a process.
pub fn is_there(pid: u32) -> bool {
    std::path::Path::new("/proc").join(pid.to_string()).exists()
}

/// Time in which some task waited for a disk, since boot, in µs (`some` of `/proc/pressure/io`); `None` where the kernel keeps no account of it.
pub fn io_waited_us() -> Option<u64> {
    some_waited_us(&fs::read_to_string("/proc/pressure/io").ok()?)
}

/// Memory in use that the kernel could not give away (`MemTotal` less `MemAvailable` of `/proc/meminfo`), in MiB.
pub fn host_memory_mib() -> Option<f64> {
    let [total, available] = memory_fields(["MemTotal:", "MemAvailable:"])?;
    Some(total.saturating_sub(available) as f64 / 1024.0)
}

fn memory_fields<const N: usize>(names: [&str; N]) -> Option<[u64; N]> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let mut values = [0; N];
    for (value, name) in values.iter_mut().zip(names) {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        *value = line.split_whitespace().next()?.parse().ok()?;
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steal_and_disk_waits_are_told_apart_from_work() {
        let text = "cpu  10 1 20 100 5 2 3 7 4 0\ncpu0 1 1 1 1 1 1 1 1 0 0\nctxt 4711\n";
        let host = parse_stat(text).unwrap();
        assert_eq!(host, HostCounters { total: 148, idle: 105, steal: 7, context_switches: 4711 });
    }

    #[test]
    fn the_pressure_of_a_disk_is_read_as_the_kernel_writes_it() {
        let text = "some avg10=1.23 avg60=0.50 avg300=0.10 total=457457515\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=125866197\n";
        assert_eq!(some_waited_us(text), Some(457_457_515));
        assert_eq!(some_waited_us(""), None);
    }

    #[test]
    fn a_process_that_works_is_seen_to_work() {
        let mut processes = Processes::default();
        let own = [std::process::id()];
        let before = processes.read(&own).unwrap();
        let mut value = 1_u64;
        while thread(rustix::thread::gettid().as_raw_nonzero().get() as u32).unwrap().cpu_ns < 60_000_000 {
            value = std::hint::black_box(value.wrapping_mul(3));
        }
        let after = processes.read(&own).unwrap();
        assert!(after.cpu_s > before.cpu_s && after.rss_mib > 0.0);
        assert_eq!(processes.read(&[u32::MAX - 7]), None);
    }

    #[test]
    fn what_one_of_several_had_used_stays_in_their_sum_when_it_ends() {
        let burn = "i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; echo; read x";
        let mut child = std::process::Command::new("sh")
            .args(["-c", burn])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // It says so when it has done its work, and waits.
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line)
            .unwrap();
        let mut processes = Processes::default();
        let both = [std::process::id(), child.id()];
        let before = processes.read(&both).unwrap();
        let of_child = before.cpu_s - processes.read(&both[..1]).unwrap().cpu_s;
        assert!(of_child > 0.01, "{of_child}");
        child.kill().unwrap();
        child.wait().unwrap();
        let after = processes.read(&both).unwrap();
        assert!(
            after.cpu_s >= before.cpu_s && after.context_switches >= before.context_switches,
            "{before:?} {after:?}"
        );
        assert_eq!(processes.read(&both[1..]), None, "none of them lives");
    }
}
