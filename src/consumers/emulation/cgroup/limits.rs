//! One instance's control group: its limits, and what the kernel counted in it.

use std::fs;
use std::path::{Path, PathBuf};

use super::hierarchy::Hierarchy;
use super::{CgroupError, Version, read, write};

/// The kernel refuses a quota below a millisecond.
pub const LEAST_QUOTA_US: u64 = 1_000;

/// What the kernel counted, since the group was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CgroupUse {
    /// CPU time.
    pub cpu_ns: u64,
    /// Enforcement periods in which the group wanted CPU.
    pub periods: u64,
    /// Of these, the ones in which it was stopped.
    pub throttled_periods: u64,
    /// Time that its threads were stopped.
    pub throttled_ns: u64,
    /// Memory that is charged to it now.
    pub memory_bytes: u64,
    /// Processes that the kernel killed for its memory.
    pub oom_kills: u64,
}

/// The control group of one instance; whoever made the run's group removes it.
#[derive(Clone, Debug)]
pub struct Cgroup {
    version: Version,
    folders: Vec<PathBuf>,
}

impl Cgroup {
    pub(super) fn at(version: Version, folders: Vec<PathBuf>) -> Self {
        Cgroup { version, folders }
    }

    /// The group that a process is in, by what the kernel tells under `root` (`/`, or a tree of files in a test).
    pub fn of_process(root: &Path, pid: u32) -> Result<Self, CgroupError> {
        let Hierarchy { version, own } = Hierarchy::of_process(root, &pid.to_string())?;
        Ok(Cgroup { version, folders: own })
    }

    /// Whether it has not been removed.
    pub fn is_there(&self) -> bool {
        self.folders.iter().all(|folder| folder.exists())
    }

    /// All processes in it and in the groups below it.
    pub fn processes(&self) -> Vec<u32> {
        self.folders.last().map(|folder| processes_in(folder)).unwrap_or_default()
    }

    /// The files to which a process writes `0` to come in.
    pub fn doors(&self) -> Vec<PathBuf> {
        self.folders.iter().map(|folder| folder.join("cgroup.procs")).collect()
    }

    /// The folders that it consists of.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    fn cpu(&self, name: &str) -> PathBuf {
        self.folders[0].join(name)
    }

    fn accounting(&self, name: &str) -> PathBuf {
        // Of v1, the last but one: CPU and its accounting may share a hierarchy.
        self.folders[self.folders.len().saturating_sub(2)].join(name)
    }

    fn memory(&self, name: &str) -> PathBuf {
        self.folders[self.folders.len() - 1].join(name)
    }

    /// Allows so many microseconds of CPU in each period of so many; what stands there then, which is at least a millisecond.
    pub fn set_quota(&self, period_us: u64, quota_us: u64) -> Result<u64, CgroupError> {
        let quota_us = quota_us.max(LEAST_QUOTA_US);
        match self.version {
            Version::V1 => {
                // Each write fills the quota up: what stands there already is not written again.
                let (path, text) = (self.cpu("cpu.cfs_period_us"), period_us.to_string());
                if !read(&path).is_ok_and(|stands| stands.trim() == text) {
                    keep(path, &text)?;
                }
                keep(self.cpu("cpu.cfs_quota_us"), &quota_us.to_string())?;
            }
            Version::V2 => keep(self.cpu("cpu.max"), &format!("{quota_us} {period_us}"))?,
        }
        Ok(quota_us)
    }

    /// Lets it go before others that want a core, so many times as much as they: what an instance is due must not depend on who else is there.
    pub(super) fn set_weight(&self, times: u64) -> Result<(), CgroupError> {
        match self.version {
            Version::V1 => keep(self.cpu("cpu.shares"), &(1_024 * times).to_string()),
            Version::V2 => keep(self.cpu("cpu.weight"), &(100 * times).to_string()),
        }
    }

    /// Limits memory to so many bytes, swap included.
    pub fn set_memory(&self, bytes: u64) -> Result<(), CgroupError> {
        match self.version {
            Version::V1 => {
                keep(self.memory("memory.limit_in_bytes"), &bytes.to_string())?;
                let with_swap = self.memory("memory.memsw.limit_in_bytes");
                if with_swap.exists() { keep(with_swap, &bytes.to_string()) } else { Ok(()) }
            }
            Version::V2 => {
                keep(self.memory("memory.max"), &bytes.to_string())?;
                let swap = self.memory("memory.swap.max");
                if swap.exists() { keep(swap, "0") } else { Ok(()) }
            }
        }
    }

    /// CPU time that was used in it, since it was made.
    pub fn cpu_ns(&self) -> Result<u64, CgroupError> {
        match self.version {
            Version::V1 => Ok(read(&self.accounting("cpuacct.usage"))?.trim().parse().unwrap_or_default()),
            Version::V2 => Ok(field(&read(&self.cpu("cpu.stat"))?, "usage_usec").unwrap_or_default() * 1_000),
        }
    }

    /// What the kernel counted.
    pub fn read(&self) -> Result<CgroupUse, CgroupError> {
        let stat = read(&self.cpu("cpu.stat"))?;
        let of = |name: &str| field(&stat, name).unwrap_or_default();
        let number = |path: PathBuf| Ok(read(&path)?.trim().parse().unwrap_or_default());
        let cpu_ns = self.cpu_ns()?;
        Ok(match self.version {
            Version::V1 => CgroupUse {
                cpu_ns,
                periods: of("nr_periods"),
                throttled_periods: of("nr_throttled"),
                throttled_ns: of("throttled_time"),
                memory_bytes: number(self.memory("memory.usage_in_bytes"))?,
                oom_kills: field(&read(&self.memory("memory.oom_control"))?, "oom_kill").unwrap_or_default(),
            },
            Version::V2 => CgroupUse {
                cpu_ns,
                periods: of("nr_periods"),
                throttled_periods: of("nr_throttled"),
                throttled_ns: of("throttled_usec") * 1_000,
                memory_bytes: number(self.memory("memory.current"))?,
                oom_kills: field(&read(&self.memory("memory.events"))?, "oom_kill").unwrap_or_default(),
            },
        })
    }
}

fn processes_in(folder: &Path) -> Vec<u32> {
    let listed = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    let mut pids: Vec<u32> = listed.lines().filter_map(|line| line.trim().parse().ok()).collect();
    let below = fs::read_dir(folder).into_iter().flatten().flatten();
    let groups = below.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    pids.extend(groups.flat_map(|group| processes_in(&group.path())));
    pids
}

fn keep(path: PathBuf, text: &str) -> Result<(), CgroupError> {
    write(&path, text)?;
    let reads = read(&path)?.trim().to_owned();
    if reads == text { Ok(()) } else { Err(CgroupError::NotKept { path, wrote: text.to_owned(), reads }) }
}

/// A number of a file that holds a name and a number in each line.
pub(super) fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    line.trim().parse().ok()
}
