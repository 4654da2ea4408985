//! Promises to an ordinary user, who may not write control groups.
#![expect(clippy::print_stderr, reason = "a skipped promise is told aloud")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use crate::support::{number, plain, servers};

/// `nobody`, as nearly every system has it.
const NOBODY: u32 = 65_534;

/// Bench in a folder that is nobody's, called as that user; none where this user may not become another.
struct Ordinary {
    folder: tempfile::TempDir,
}

impl Ordinary {
    fn with(cluster: &str, emulation: &str) -> Option<Self> {
        if !rustix::process::getuid().is_root() {
            // A test that promises nothing here must say so aloud.
            eprintln!("skipped: only root can become an ordinary user");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        // Where it was built others may not look.
        fs::copy(env!("CARGO_BIN_EXE_bench"), folder.path().join("bench")).unwrap();
        let text = format!(
            "
question: Does it hold?
cluster: {cluster}
topic: {{ partitions: 2 }}
workload: {{ rate: 60/s, arrivals: constant, message: {{ size: 100B }} }}
consumers:
  instance_type: t3.micro
  credits: {{ mode: standard, start: exhausted }}
  backend: {{ process: {{ work: {{ cpu: 20ms }} }} }}
emulation: {{ {emulation} }}
phases: {{ warm_up: 2s, measure: 5s, drain: 0s }}
"
        );
        fs::write(folder.path().join("promise.yaml"), text).unwrap();
        Some(Ordinary { folder })
    }

    fn run(&self) -> std::process::Output {
        let home = self.folder.path();
        let mut command = Command::new(home.join("bench"));
        command
            .args(["run", "promise.yaml"])
            .current_dir(home)
            .env("HOME", home)
            .env_remove("XDG_CACHE_HOME")
            .env_remove("XDG_STATE_HOME")
            .stdin(Stdio::null())
            .uid(NOBODY)
            .gid(NOBODY);
        command.output().unwrap()
    }
}

#[test]
fn an_ordinary_user_is_refused_before_anything_is_fetched_or_started_and_told_the_fix() {
    let Some(user) = Ordinary::with("{ kafka: {} }", "vcpu: 40%") else { return };
    let output = user.run();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{told}");
    for part in ["instance types cannot be enforced", "systemd-run --user --scope", "enforce: work"] {
        assert!(told.contains(part), "{told}");
    }
    let mut left: Vec<_> =
        fs::read_dir(user.folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    left.sort();
    assert_eq!(left, ["bench", "promise.yaml"], "nothing was fetched, and nothing recorded");
}

#[test]
fn an_ordinary_user_can_emulate_by_pacing_alone() {
    let cluster = format!("{{ bootstrap: {{ servers: \"{}\" }} }}", servers());
    let Some(user) = Ordinary::with(&cluster, "vcpu: 40%, enforce: work") else { return };
    let output = user.run();
    let report = plain(&output.stdout);
    assert!(
        report.contains("emulated by pacing alone"),
        "{report}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let runs = user.folder.path().join("results/promise");
    let results = fs::read_dir(runs).unwrap().next().unwrap().unwrap().path();
    let mut rows = csv::Reader::from_path(results.join("trials.csv")).unwrap();
    let row = rows.deserialize().next().unwrap().unwrap();
    let processed = number(&row, "processed_msgs_per_s");
    assert!((9.4..=10.4).contains(&processed), "{processed} msgs/s");
}
