//! The limits of CPU and memory that bench itself runs under: of its own control group and of those above it, as a container or a scope has them.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::hierarchy::{Version, own_folder};
use super::limits::field;

/// A control group that may use so much CPU and no more.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnLimit {
    version: Version,
    folder: PathBuf,
    /// Cores that all its processes may use together.
    pub cores: f64,
}

/// What the kernel counted since the group was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throttled {
    /// Enforcement periods in which it wanted CPU.
    pub periods: u64,
    /// Of these, the ones in which it was stopped.
    pub throttled_periods: u64,
    /// Time that its processes were stopped, summed over cores.
    pub throttled_ns: u64,
}

impl OwnLimit {
    /// The tightest that holds for this process, from what the kernel tells under `root` (`/`, or a tree of files in a test); none where nothing is limited.
    pub fn find(root: &Path) -> Option<Self> {
        let (version, own) = own_folder(root, "cpu")?;
        // In a container the topmost group that can be seen is the one that is limited.
        let groups = own.ancestors().take_while(|folder| folder.join("cpu.stat").exists());
        let limited = groups.filter_map(|folder| {
            Some(OwnLimit { version, folder: folder.to_owned(), cores: cores(version, folder)? })
        });
        limited.min_by(|a, b| a.cores.total_cmp(&b.cores))
    }

    /// Where it stands.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the kernel has counted; `None` where it does not tell.
    pub fn read(&self) -> Option<Throttled> {
        let stat = fs::read_to_string(self.folder.join("cpu.stat")).ok()?;
        let throttled_ns = match self.version {
            Version::V1 => field(&stat, "throttled_time")?,
            Version::V2 => field(&stat, "throttled_usec")? * 1_000,
        };
        let (periods, throttled_periods) = (field(&stat, "nr_periods")?, field(&stat, "nr_throttled")?);
        Some(Throttled { periods, throttled_periods, throttled_ns })
    }
}

/// Bytes of memory that bench and all that it starts may use together, from what the kernel tells under `root`; none where nothing is limited.
pub fn own_memory(root: &Path) -> Option<u64> {
    let (version, own) = own_folder(root, "memory")?;
    let name = match version {
        Version::V1 => "memory.limit_in_bytes", // without a limit a number that no host has
        Version::V2 => "memory.max",            // without one, `max`
    };
    let limit = |folder: &Path| fs::read_to_string(folder.join(name)).ok()?.trim().parse().ok();
    own.ancestors().filter_map(limit).min()
}

fn cores(version: Version, folder: &Path) -> Option<f64> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let (quota, period) = match version {
        Version::V1 => (read("cpu.cfs_quota_us")?, read("cpu.cfs_period_us")?),
        Version::V2 => {
            let text = read("cpu.max")?;
            let (quota, period) = text.split_once(' ')?;
            (quota.to_owned(), period.to_owned())
        }
    };
    // `-1` and `max` stand for no limit.
    let (quota, period) = (quota.trim().parse::<f64>().ok()?, period.trim().parse::<f64>().ok()?);
    (quota > 0.0 && period > 0.0).then_some(quota / period)
}
