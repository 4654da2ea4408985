//! Where control groups are mounted, and where among them this process may make its own.

use std::fs;
use std::path::{Path, PathBuf};

use super::{CgroupError, create, read, write};

/// What must be switched on for the groups below.
const CONTROLLERS: [&str; 2] = ["cpu", "memory"];

/// Which kind of control groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// A hierarchy for each controller.
    V1,
    /// One for all.
    V2,
}

impl Version {
    /// As the record tells it.
    pub const fn name(self) -> &'static str {
        match self {
            Version::V1 => "cgroup v1",
            Version::V2 => "cgroup v2",
        }
    }
}

/// The folders that stand for this process's own group: of v1 those of CPU, its accounting and memory, of v2 a single one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hierarchy {
    /// Which kind.
    pub version: Version,
    pub(super) own: Vec<PathBuf>,
}

impl Hierarchy {
    /// From what the kernel tells under `root` (`/`, or a tree of files in a test).
    pub fn find(root: &Path) -> Result<Self, CgroupError> {
        Hierarchy::of_process(root, "self")
    }

    /// The same for another process, as this one sees it.
    pub(super) fn of_process(root: &Path, pid: &str) -> Result<Self, CgroupError> {
        let text = |path: &Path| fs::read_to_string(root.join("proc").join(path)).unwrap_or_default();
        let (mounts, own) = (text(Path::new("self/mountinfo")), text(&Path::new(pid).join("cgroup")));
        let v1: Option<Vec<PathBuf>> =
            ["cpu", "cpuacct", "memory"].iter().map(|name| v1_folder(root, &mounts, &own, name)).collect();
        if let Some(mut folders) = v1 {
            folders.dedup(); // CPU and its accounting are often one
            return Ok(Hierarchy { version: Version::V1, own: folders });
        }
        let folder = v2_folder(root, &mounts, &own).ok_or(CgroupError::NotMounted)?;
        let controllers = fs::read_to_string(folder.join("cgroup.controllers")).unwrap_or_default();
        let has = |name: &&str| controllers.split_whitespace().any(|controller| controller == *name);
        if !CONTROLLERS.iter().all(has) {
            return Err(CgroupError::NotMounted);
        }
        Ok(Hierarchy { version: Version::V2, own: vec![folder] })
    }

    /// The folders of a group below this process's own.
    pub fn under(&self, name: &str) -> Vec<PathBuf> {
        self.own.iter().map(|folder| folder.join(name)).collect()
    }

    /// Makes a group in which groups can be limited.
    pub(super) fn delegate(&self, name: &str) -> Result<(), CgroupError> {
        if self.version == Version::V2 {
            let own = &self.own[0];
            if switch_on(own).is_err() {
                // A group that has processes of its own gives no controllers on: this one moves aside.
                let aside = own.join(format!("{name}-bench"));
                create(&aside)?;
                write(&aside.join("cgroup.procs"), "0")?;
                switch_on(own)?;
            }
        }
        for folder in self.under(name) {
            create(&folder)?;
            if self.version == Version::V2 {
                switch_on(&folder)?;
            }
        }
        Ok(())
    }

    /// Undoes what had to be done beside the group itself.
    pub(super) fn take_back(&self, name: &str) {
        let Some(aside) =
            self.own.first().map(|own| own.join(format!("{name}-bench"))).filter(|aside| aside.exists())
        else {
            return;
        };
        let off = CONTROLLERS.map(|name| format!("-{name}")).join(" ");
        // In this order, or the kernel refuses. What stays is an empty group in a scope that ends with bench.
        fs::write(self.own[0].join("cgroup.subtree_control"), off).ok();
        fs::write(self.own[0].join("cgroup.procs"), "0").ok();
        fs::remove_dir(aside).ok();
    }
}

/// The folder of the group whose limit of this kind (`cpu`, `memory`) holds for this process.
pub(super) fn own_folder(root: &Path, controller: &str) -> Option<(Version, PathBuf)> {
    let text = |name: &str| fs::read_to_string(root.join("proc/self").join(name)).unwrap_or_default();
    let (mounts, own) = (text("mountinfo"), text("cgroup"));
    let v1 = v1_folder(root, &mounts, &own, controller).map(|folder| (Version::V1, folder));
    v1.or_else(|| Some((Version::V2, v2_folder(root, &mounts, &own)?)))
}

/// The folder of this process's own group in the unified hierarchy.
pub(super) fn own_v2(root: &Path) -> Option<PathBuf> {
    let text = |name: &str| fs::read_to_string(root.join("proc/self").join(name)).ok();
    v2_folder(root, &text("mountinfo")?, &text("cgroup")?)
}

/// Switches the controllers on for the groups below, those that are off.
fn switch_on(folder: &Path) -> Result<(), CgroupError> {
    let path = folder.join("cgroup.subtree_control");
    let on = read(&path)?;
    for controller in CONTROLLERS.iter().filter(|name| !on.split_whitespace().any(|on| on == **name)) {
        write(&path, &format!("+{controller}"))?;
    }
    let reads = read(&path)?;
    let kept = |name: &&str| reads.split([' ', '\n', '+']).any(|on| on == *name);
    if CONTROLLERS.iter().all(kept) {
        return Ok(());
    }
    Err(CgroupError::NotKept { path, wrote: CONTROLLERS.join(" "), reads: reads.trim().to_owned() })
}

/// A mount: its root within the hierarchy, where it is mounted, its type, its options (`man 5 proc_pid_mountinfo`).
fn mounts(text: &str) -> impl Iterator<Item = (&str, &str, &str, &str)> {
    text.lines().filter_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        let mut fields = mount.split(' ').skip(3);
        let (root, point) = (fields.next()?, fields.next()?);
        let mut kind = kind.split(' ');
        Some((root, point, kind.next()?, kind.nth(1)?))
    })
}

fn v1_folder(root: &Path, mountinfo: &str, own: &str, controller: &str) -> Option<PathBuf> {
    let has = |options: &str| options.split(',').any(|option| option == controller);
    let (inside, point, ..) =
        mounts(mountinfo).find(|(_, _, kind, options)| *kind == "cgroup" && has(options))?;
    let path = own.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        has(controllers).then_some(path)
    })?;
    Some(at(root, point, inside, path))
}

fn v2_folder(root: &Path, mountinfo: &str, own: &str) -> Option<PathBuf> {
    let (inside, point, ..) = mounts(mountinfo).find(|(_, _, kind, _)| *kind == "cgroup2")?;
    let path = own.lines().find_map(|line| line.strip_prefix("0::"))?;
    Some(at(root, point, inside, path))
}

fn at(root: &Path, point: &str, inside: &str, path: &str) -> PathBuf {
    // In a container the mount shows only a part of the hierarchy.
    let path = if inside == "/" { path } else { path.strip_prefix(inside).unwrap_or(path) };
    root.join(point.trim_start_matches('/')).join(path.trim_start_matches('/'))
}
