//! Processes in a control group of their own without limits, so that the kernel keeps account of what they alone waited for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::hierarchy::own_v2;

/// A control group of its own, without limits; it is removed when this is dropped, once nobody is in it any more.
#[derive(Debug)]
pub struct Apart {
    folder: PathBuf,
}

impl Apart {
    /// Where the group of a run's brokers is, below this process's own; none where no unified hierarchy is mounted, where it keeps no account of waits, or
    /// where groups beside each other share CPU by weight: brokers in one of their own would get another share than without.
    pub fn folder(root: &Path, run: &str) -> Option<PathBuf> {
        let own = own_v2(root)?;
        let given_on = fs::read_to_string(own.join("cgroup.subtree_control")).ok()?;
        let accounts = root.join("proc/pressure/io").exists();
        let is_shared = given_on.split_whitespace().any(|controller| controller == "cpu");
        (accounts && !is_shared).then(|| own.join(format!("bench-{run}-brokers")))
    }

    /// Makes it; none where the system refuses.
    pub fn make(folder: PathBuf) -> Option<Self> {
        fs::create_dir(&folder).ok()?;
        Some(Apart { folder })
    }

    /// Where its files are.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Takes a process in, with all of its threads and what it will start. One that cannot be taken in stays where it is, and is not accounted for.
    pub fn take_in(&self, pid: u32) {
        fs::write(self.folder.join("cgroup.procs"), pid.to_string()).ok();
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        // What cannot be removed now, `bench clean` still knows.
        fs::remove_dir(&self.folder).ok();
    }
}

/// How long some task of these processes waited for a disk, in µs since their group was made (`some` of the group's `io.pressure`); none where they are not all
/// in the group, those apart that do not live any more, or where anybody else is in it too.
pub fn io_waited_us(folder: &Path, pids: &[u32], lives: impl Fn(u32) -> bool) -> Option<u64> {
    let inside = fs::read_to_string(folder.join("cgroup.procs")).ok()?;
    let inside: BTreeSet<u32> = inside.lines().filter_map(|line| line.trim().parse().ok()).collect();
    let left_out = |pid: &u32| !inside.contains(pid) && lives(*pid);
    let is_whole = !inside.is_empty() && inside.iter().all(|pid| pids.contains(pid));
    if !is_whole || pids.iter().any(left_out) {
        return None;
    }
    some_waited_us(&fs::read_to_string(folder.join("io.pressure")).ok()?)
}

/// The total of `some` of a file of pressures, in µs.
pub fn some_waited_us(text: &str) -> Option<u64> {
    let some = text.lines().find_map(|line| line.strip_prefix("some "))?;
    some.split_whitespace().find_map(|field| field.strip_prefix("total="))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree of files as a kernel would show it, with these processes in the group.
    fn tree(inside: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
        write("proc/self/cgroup", "0::/own\n");
        write("proc/pressure/io", "");
        write("sys/fs/cgroup/own/cgroup.subtree_control", "memory\n");
        write("sys/fs/cgroup/own/bench-r1-brokers/cgroup.procs", inside);
        let pressure = "some avg10=1.23 avg60=0.50 avg300=0.10 total=4711\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=12\n";
        write("sys/fs/cgroup/own/bench-r1-brokers/io.pressure", pressure);
        root
    }

    #[test]
    fn only_of_a_group_that_holds_nobody_else_it_is_told_how_long_its_processes_waited() {
        let waited = |inside: &str, pids: &[u32]| {
            let root = tree(inside);
            io_waited_us(&Apart::folder(root.path(), "r1").unwrap(), pids, |pid| pid != 3)
        };
        assert_eq!(waited("7\n", &[7]), Some(4_711));
        assert_eq!(waited("7\n", &[7, 8]), None, "they are in two groups");
        assert_eq!(waited("7\n", &[]), None);
        assert_eq!(waited("7\n", &[9]), None, "it is gone");
        assert_eq!(waited("7\n", &[3, 7]), Some(4_711), "one that was started again waits on in its place");
        assert_eq!(waited("", &[3]), None, "nobody is left");
        assert_eq!(waited("7\n5\n", &[7]), None, "another one may be who waited");
    }

    #[test]
    fn brokers_are_put_apart_only_where_that_changes_nothing_for_them() {
        let root = tree("");
        let own = root.path().join("sys/fs/cgroup/own");
        assert_eq!(Apart::folder(root.path(), "r1"), Some(own.join("bench-r1-brokers")));
        fs::write(own.join("cgroup.subtree_control"), "cpu memory\n").unwrap();
        assert_eq!(Apart::folder(root.path(), "r1"), None, "it would be another share of the CPU");
        assert!(Apart::make(own.join("bench-r1-brokers")).is_none(), "it is there");
    }

    #[test]
    fn what_waits_for_a_disk_in_a_group_of_its_own_is_seen_where_the_kernel_lets_itself_be_asked() {
        let root = Path::new("/");
        let Some(folder) = Apart::folder(root, &format!("test-{}", std::process::id())) else { return };
        let Some(apart) = Apart::make(folder.clone()) else { return };
        let mut sleeper = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        assert_eq!(io_waited_us(&folder, &[sleeper.id()], |_| true), None, "it is in our own, with us");
        apart.take_in(sleeper.id());
        assert!(io_waited_us(&folder, &[sleeper.id()], |_| true).is_some());
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
        drop(apart);
        assert!(!folder.exists());
    }
}
