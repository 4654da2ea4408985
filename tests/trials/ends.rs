//! Ends that nobody asked for at the keyboard: a lost terminal, a disk that is full, codecs that cannot be loaded.
#![expect(clippy::print_stderr, reason = "a skipped promise is told aloud")]

use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::process::Signal;

use crate::support::{Desk, Talking, plain};

const TWO: &str = "
topic: { partitions: 2 }
workload: { rate: 200/s, message: { size: 100B } }
phases: { warm_up: 0s, measure: 5s, drain: 1s }
repetitions: 2
";

/// A run of the desk's file by way of another program, which gets these arguments first.
fn run_by(desk: &Desk, program: &str, first: &[&str]) -> Talking {
    let bench = desk.bench(&["run", "promise.yaml"]);
    let mut command = Command::new(program);
    command.args(first).arg(bench.get_program()).args(bench.get_args()).current_dir(desk.folder.path());
    command.envs(bench.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Talking::start(command)
}

#[test]
fn a_lost_terminal_ends_a_run_as_an_order_to_stop_does() {
    let desk = Desk::new(TWO);
    // Tests may be started where it is ignored.
    let mut run = run_by(&desk, "env", &["--default-signal=HUP"]);
    run.await_line("measure");
    run.signal(Signal::HUP);
    assert_eq!(run.child.wait().unwrap().code(), Some(129));
    let rows = desk.trials();
    assert_eq!((rows.len(), rows[0]["outcome"].as_str()), (1, "interrupted"));
}

#[test]
fn where_a_lost_terminal_is_ignored_a_run_goes_on() {
    let desk = Desk::new(TWO);
    let mut run = run_by(&desk, "sh", &["-c", "trap '' HUP; exec \"$0\" \"$@\""]);
    run.await_line("measure");
    run.signal(Signal::HUP);
    run.await_line("trial 2 of 2");
    run.signal(Signal::TERM);
    assert_eq!(run.child.wait().unwrap().code(), Some(143));
}

/// A small file system in memory, until it is dropped; none where this user may not mount.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    fn at(folder: &'a Path, options: &str) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", options, "bench-test"]).arg(folder).output();
        let may = mount.is_ok_and(|done| done.status.success());
        if !may {
            // A test that promises nothing here must say so aloud.
            eprintln!("skipped: nothing can be mounted here");
        }
        may.then_some(Mounted(folder))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.0).status().ok();
    }
}

#[test]
fn a_disk_that_fills_up_ends_the_run_with_its_reason_and_leaves_all_earlier_trials_whole() {
    let desk = Desk::new(TWO);
    let small = desk.folder.path().join("results");
    let Some(_mounted) = Mounted::at(&small, "size=4m") else { return };
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("trial 2 of 2");
    let filler = small.join("filler");
    // Until no byte is left.
    fs::write(&filler, vec![7; 8 << 20]).unwrap_err();
    run.await_line("o space left");
    assert_eq!(run.child.wait().unwrap().code(), Some(3));
    fs::remove_file(&filler).unwrap();
    let results = desk.results();
    let names = || -> Vec<String> {
        let trials = fs::read_dir(results.join("trials")).unwrap().flatten();
        trials
            .map(|trial| trial.file_name().to_string_lossy().into_owned())
            .filter(|name| !name.starts_with('.'))
            .collect()
    };
    assert_eq!(names(), ["001-base-r1"]);
    let report = desk.bench(&["report", results.to_str().unwrap()]).output().unwrap();
    assert!(plain(&report.stdout).contains("Trials: 1 of 2 planned"), "{}", plain(&report.stdout));
    desk.bench(&["run", "--resume", results.to_str().unwrap()]).output().unwrap();
    assert_eq!(desk.trials().len(), 2);
}

#[test]
fn a_broker_that_cannot_load_a_codec_ends_the_run_though_nobody_waits_for_acks() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_mounted) = Mounted::at(folder.path(), "noexec") else { return };
    let place = folder.path().to_str().unwrap();
    let refused = Desk::with_cluster("{ kafka: {} }", TWO).run(&["--work", place]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(3), "{told}");
    assert!(told.contains("is mounted `noexec`") && told.contains("--work DIR"), "{told}");
    let rest = "workload: { rate: 50/s, fleets: [ { name: all, properties: { acks: 0, compression.type: zstd } } ] }\n\
        phases: { warm_up: 0s, measure: 5s, drain: 0s }\n";
    let desk = Desk::with_cluster("{ kafka: { heap: 256MiB } }", rest);
    let mut bench = desk.bench(&["run", "promise.yaml"]);
    bench.env("JAVA_TOOL_OPTIONS", format!("-DZstdTempFolder={}", folder.path().display()));
    let output = bench.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("fleet `all` cannot write") && told.contains("the broker's log says"), "{told}");
}

#[test]
fn a_folder_too_small_for_the_brokers_logs_is_told_before_anything_is_started() {
    let desk = Desk::with_cluster(
        "{ kafka: { heap: 256MiB } }",
        "workload: { rate: 5k/s, message: { size: 10KiB } }\n",
    );
    let small = desk.folder.path().join("small");
    let Some(_mounted) = Mounted::at(&small, "size=64m") else { return };
    let output = desk.run(&["--work", "small"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("64MiB left") && told.contains("--work DIR"), "{told}");
    assert!(!desk.folder.path().join("results").exists());
}
