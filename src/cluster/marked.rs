//! Processes of others' programs, found by a variable of their environment: they may have left the process group, and their parent may be dead.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::child;

/// How long a killed process may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(5);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// The variable that names the run a process belongs to.
pub const RUN: &str = "BENCH_RUN";

/// Living processes that have this variable with this value, as far as the system lets them be read; never this process itself.
pub fn marked(variable: &str, value: &str) -> Vec<u32> {
    let mark = format!("{variable}={value}");
    let own = std::process::id();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let has_mark = |pid: &u32| {
        // Of one that has ended and was not waited for the environment is empty.
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|one| one == mark.as_bytes())
    };
    pids.filter(|pid| *pid != own).filter(has_mark).collect()
}

/// Kills them, and those that they start meanwhile; how many were killed, and those that would not go.
pub fn kill_marked(variable: &str, value: &str) -> (usize, Vec<u32>) {
    kill_all(|| marked(variable, value))
}

/// Kills all that are found, until none is.
pub(super) fn kill_all(find: impl Fn() -> Vec<u32>) -> (usize, Vec<u32>) {
    let deadline = Instant::now() + GONE_WITHIN;
    let mut killed = std::collections::BTreeSet::new();
    loop {
        let left = find();
        if left.is_empty() || Instant::now() > deadline {
            return (killed.difference(&left.iter().copied().collect()).count(), left);
        }
        for pid in left {
            child::send(pid, Signal::KILL);
            killed.insert(pid);
        }
        std::thread::sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_process_is_found_and_killed_wherever_it_went() {
        let value = format!("test-{}", std::process::id());
        let script = "setsid sleep 600 & sleep 600 & echo started; wait";
        let mut child = std::process::Command::new("sh")
            .args(["-c", script])
            .env("BENCH_TEST_MARK", &value)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
        assert!(marked("BENCH_TEST_MARK", &value).contains(&child.id()));
        // The shell is this test's child, and a killed child is there until it is waited for, without an environment.
        let (killed, left) = kill_marked("BENCH_TEST_MARK", &value);
        assert!(killed >= 3 && left.is_empty(), "{killed} {left:?}");
        assert!(!child.wait().unwrap().success());
        assert!(marked("BENCH_TEST_MARK", &value).is_empty());
    }
}
