//! Process groups that a run has started: whoever is in one is known by its number, whatever he has written over his environment.

use std::fs;

use rustix::process::{Pid, test_kill_process_group};
use serde::{Deserialize, Serialize};

use super::marked::kill_all;

/// A process group, as it was when its leader was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessGroup {
    /// Its number, which is its leader's.
    pub id: u32,
    /// The session that it is in.
    pub session: u32,
    /// When its leader started, in the kernel's ticks since boot: a number may be given anew once nobody has it.
    pub started: u64,
}

/// What `/proc/<pid>/stat` tells of a process.
struct Stat {
    is_dead: bool,
    group: u32,
    session: u32,
    started: u64,
}

impl ProcessGroup {
    /// The group that a process leads which was just started; none where it leads none.
    pub fn led_by(pid: u32) -> Option<Self> {
        let Stat { group, session, started, .. } = stat(pid)?;
        (group == pid).then_some(ProcessGroup { id: pid, session, started })
    }

    /// Whether anybody is in a group of that number.
    pub fn is_there(&self) -> bool {
        let id = i32::try_from(self.id).ok().and_then(Pid::from_raw);
        id.is_some_and(|id| test_kill_process_group(id).is_ok())
    }

    /// Living processes in it; none where its number is another's by now: the kernel gives none anew that a group still has.
    pub fn members(&self) -> Vec<u32> {
        if stat(self.id).is_some_and(|leader| leader.started != self.started) {
            return Vec::new();
        }
        let is_member = |pid: &u32| {
            let one = stat(*pid).filter(|one| !one.is_dead);
            one.is_some_and(|one| {
                (one.group, one.session) == (self.id, self.session) && one.started >= self.started
            })
        };
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        pids.filter(is_member).collect()
    }
}

/// Kills all that are in these groups, and those that they start meanwhile; how many were killed, and those that would not go.
pub(super) fn kill_groups(groups: &[ProcessGroup]) -> (usize, Vec<u32>) {
    kill_all(|| groups.iter().filter(|group| group.is_there()).flat_map(ProcessGroup::members).collect())
}

/// The second field may hold blanks and ends at the last parenthesis (`man 5 proc_pid_stat`).
fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    Some(Stat {
        is_dead: matches!(*fields.first()?, "Z" | "X"),
        group: fields.get(2)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use std::io::BufRead as _;
    use std::os::unix::process::CommandExt as _;
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// A shell that leads a group without an environment, and the number of what it has started, once that runs.
    fn start(script: &str) -> (Child, u32) {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", script]).env_clear().process_group(0).stdout(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        let mut line = String::new();
        std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (child, line.trim().parse().unwrap())
    }

    #[test]
    fn whoever_is_in_a_group_is_found_and_killed_though_its_leader_is_gone_and_he_has_no_environment() {
        let (mut leader, left) = start("/bin/sleep 600 & echo $!");
        let group = ProcessGroup::led_by(leader.id()).unwrap();
        leader.wait().unwrap();
        assert_eq!(group.members(), [left]);
        assert_eq!(kill_groups(&[group]), (1, Vec::new()));
        assert!(group.members().is_empty());
    }

    #[test]
    fn a_group_whose_number_is_anothers_by_now_is_left_alone() {
        let (mut leader, left) = start("/bin/sleep 600 & echo $!; wait");
        let group = ProcessGroup::led_by(leader.id()).unwrap();
        assert!(ProcessGroup::led_by(left).is_none() && group.is_there());
        for other in [
            ProcessGroup { started: group.started + 1, ..group },
            ProcessGroup { session: group.session + 1, ..group },
        ] {
            assert_eq!(kill_groups(&[other]), (0, Vec::new()));
        }
        let mut members = group.members();
        members.sort_unstable();
        assert_eq!(members, [leader.id(), left]);
        assert_eq!(kill_groups(&[group]), (2, Vec::new()));
        assert!(!leader.wait().unwrap().success() && group.members().is_empty());
    }
}
