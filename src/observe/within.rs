//! Readings of control groups with all that ever runs in them: a process that lives for less than a second is in no list of processes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::proc::{ProcessCounters, Processes};
use crate::consumers::Watched;
use crate::consumers::emulation::cgroup::Cgroup;

/// Reads control groups; keeps what is needed between two readings.
#[derive(Debug, Default)]
pub struct Within {
    /// By the folders of each group, what was seen of it.
    seen: BTreeMap<Vec<PathBuf>, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// CPU time, in seconds, as it was read last: the group goes with its container.
    cpu_s: f64,
    /// All processes that were ever met in it.
    pids: BTreeSet<u32>,
}

impl Within {
    /// The counters of processes and control groups together; `None` when nobody lives any more. CPU of a group is what the kernel has counted in it, whoever used
    /// it; memory and context switches are those of the processes that are met in it, of which a reading sees those that live.
    pub fn read(&mut self, watched: &Watched, processes: &mut Processes) -> Option<ProcessCounters> {
        let (mut sum, mut any) = processes.read_all(&watched.pids)?;
        for cgroup in &watched.cgroups {
            let (one, lives) = self.one(cgroup, processes)?;
            sum.cpu_s += one.cpu_s;
            sum.rss_mib += one.rss_mib;
            sum.context_switches += one.context_switches;
            any |= lives;
        }
        any.then_some(sum)
    }

    fn one(&mut self, cgroup: &Cgroup, processes: &mut Processes) -> Option<(ProcessCounters, bool)> {
        let seen = self.seen.entry(cgroup.folders().to_vec()).or_default();
        seen.pids.extend(cgroup.processes());
        let pids: Vec<u32> = seen.pids.iter().copied().collect();
        let (met, lives) = processes.read_all(&pids)?;
        // Of one that is gone the last reading holds.
        let cpu_s = cgroup.cpu_ns().map_or(0.0, |ns| ns as f64 / 1e9);
        seen.cpu_s = seen.cpu_s.max(cpu_s);
        Some((ProcessCounters { cpu_s: seen.cpu_s, ..met }, lives))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;

    /// A tree of files as the kernel shows a group of the unified hierarchy in which this process is.
    fn group(root: &std::path::Path) -> (PathBuf, Cgroup) {
        let pid = std::process::id();
        let folder = root.join("sys/fs/cgroup/box");
        fs::create_dir_all(&folder).unwrap();
        for (path, text) in [
            ("proc/self/mountinfo", "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"),
            (format!("proc/{pid}/cgroup").as_str(), "0::/box\n"),
            ("sys/fs/cgroup/box/cgroup.controllers", "cpu memory\n"),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        (folder, Cgroup::of_process(root, pid).unwrap())
    }

    #[test]
    fn what_was_used_in_a_group_counts_whoever_used_it_and_stays_when_it_is_gone() {
        let root = tempfile::tempdir().unwrap();
        let (folder, cgroup) = group(root.path());
        let put = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        let mut sleeper = Command::new("sleep").arg("600").spawn().unwrap();
        put("cgroup.procs", &format!("{}\n", sleeper.id()));
        put("cpu.stat", "usage_usec 7500000\nnr_periods 0\n");
        let watched = Watched { pids: vec![std::process::id()], cgroups: vec![cgroup] };
        let (mut within, mut processes) = (Within::default(), Processes::default());
        let own = processes.read(&watched.pids).unwrap();
        let both = within.read(&watched, &mut processes).unwrap();
        assert!(both.cpu_s - own.cpu_s >= 7.5, "nobody who lives has used so much: {both:?} {own:?}");
        assert!(both.rss_mib > 0.0);
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let after = within.read(&watched, &mut processes).unwrap();
        assert!(after.cpu_s >= both.cpu_s, "{after:?}");
        let alone = Watched { pids: Vec::new(), ..watched };
        assert_eq!(within.read(&alone, &mut processes), None, "nobody lives any more");
    }

    #[test]
    fn each_is_watched_once() {
        let root = tempfile::tempdir().unwrap();
        let (_, cgroup) = group(root.path());
        let mut all = Watched { pids: vec![1], cgroups: vec![cgroup.clone()] };
        all.add(Watched { pids: vec![2, 1], cgroups: vec![cgroup] });
        assert_eq!((all.pids.as_slice(), all.cgroups.len()), (&[1, 2][..], 1));
    }
}
