//! Control groups, their files written directly: one group a run, in it one an instance.
//!
//! Every write is read back: the kernel refuses what it cannot do, and what stood there before stays.

mod apart;
mod hierarchy;
mod limits;
mod own;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use apart::{Apart, io_waited_us, some_waited_us};
pub use hierarchy::{Hierarchy, Version};
pub use limits::{Cgroup, CgroupUse, LEAST_QUOTA_US};
pub use own::{OwnLimit, Throttled, own_memory};

use crate::cluster::remove_group;

/// Why instances cannot be held in control groups.
#[derive(Debug, thiserror::Error)]
pub enum CgroupError {
    /// No hierarchy that limits CPU and memory is mounted.
    #[error(
        "instance types cannot be enforced: no cgroup hierarchy with CPU and memory is mounted here; {FIX}"
    )]
    NotMounted,
    /// The system refuses.
    #[error("instance types cannot be enforced: {what} `{}`: {source}; {FIX}", path.display())]
    Refused {
        /// What was tried.
        what: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Of a container that has no group of its own.
    #[error(
        "instance types cannot be enforced: the container engine gives containers no control group of their own; run it as root, or leave `instance_type` out"
    )]
    Shared,
    /// What was written is not what stands there.
    #[error("instance types cannot be enforced: `{}` was set to `{wrote}` and reads `{reads}`; {FIX}", path.display())]
    NotKept {
        /// The file.
        path: PathBuf,
        /// What was written.
        wrote: String,
        /// What stands there.
        reads: String,
    },
}

/// All instances together go before other processes as much as ten of them: their quota, not their neighbours, is what limits them.
const WEIGHT: u64 = 10;

/// How to get the right, and how to do without.
const FIX: &str = "run bench as root or in a delegated scope (`systemd-run --user --scope -p Delegate=yes bench run …`), or \
    write `emulation: { enforce: work }` for the consumers' own pacing alone";

/// The control group of a run; what is left of it is removed when this is dropped.
#[derive(Debug)]
pub struct RunGroup {
    hierarchy: Hierarchy,
    name: String,
}

impl RunGroup {
    /// Tries whether groups can be made and limited here, and leaves nothing.
    pub fn try_out() -> Result<(), CgroupError> {
        let group =
            RunGroup::make(Hierarchy::find(Path::new("/"))?, &format!("bench-try-{}", std::process::id()))?;
        let probe = group.instance("probe")?;
        probe.set_quota(50_000, 20_000)?;
        probe.set_memory(64 << 20)?;
        probe.read().map(|_| ())
    }

    /// The folders that a run of this id will have.
    pub fn folders(hierarchy: &Hierarchy, run: &str) -> Vec<PathBuf> {
        hierarchy.under(&format!("bench-{run}"))
    }

    /// Makes the group of a run.
    pub fn of_run(hierarchy: Hierarchy, run: &str) -> Result<Self, CgroupError> {
        RunGroup::make(hierarchy, &format!("bench-{run}"))
    }

    fn make(hierarchy: Hierarchy, name: &str) -> Result<Self, CgroupError> {
        let group = RunGroup { hierarchy, name: name.to_owned() };
        group.hierarchy.delegate(name)?;
        Cgroup::at(group.hierarchy.version, group.hierarchy.under(name)).set_weight(WEIGHT)?;
        Ok(group)
    }

    /// Which kind of control groups these are.
    pub fn version(&self) -> Version {
        self.hierarchy.version
    }

    /// A new group for one instance.
    pub fn instance(&self, name: &str) -> Result<Cgroup, CgroupError> {
        let folders = self.hierarchy.under(&format!("{}/{name}", self.name));
        for folder in &folders {
            create(folder)?;
        }
        Ok(Cgroup::at(self.hierarchy.version, folders))
    }
}

impl Drop for RunGroup {
    fn drop(&mut self) {
        for folder in self.hierarchy.under(&self.name) {
            // What cannot be removed now, `bench clean` still knows.
            remove_group(&folder).ok();
        }
        self.hierarchy.take_back(&self.name);
    }
}

fn create(folder: &Path) -> Result<(), CgroupError> {
    fs::create_dir_all(folder).map_err(|source| CgroupError::Refused {
        what: "cannot make",
        path: folder.to_owned(),
        source,
    })
}

fn write(path: &Path, text: &str) -> Result<(), CgroupError> {
    fs::write(path, text).map_err(|source| CgroupError::Refused {
        what: "cannot write",
        path: path.to_owned(),
        source,
    })
}

fn read(path: &Path) -> Result<String, CgroupError> {
    fs::read_to_string(path).map_err(|source| CgroupError::Refused {
        what: "cannot read",
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests;
