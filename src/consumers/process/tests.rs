//! What is promised of instances of the reference consumer.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::books::Topics;

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Desk { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Instances of a script, of a group on so many topics.
    fn process(&self, script: &str, topics: u32) -> (Process, Config) {
        fs::write(self.path("program"), script).unwrap();
        fs::set_permissions(self.path("program"), fs::Permissions::from_mode(0o755)).unwrap();
        let names = (0..topics).map(|number| (format!("orders-of-a-long-name-{number}"), 2));
        let config = serde_json::from_value(serde_json::json!({
            "servers": "localhost:1", "group": "orders-001", "topic": Topics::new(names), "trial": 1, "instance": 0, "threads": 1, "seed": 1,
            "clock": Clock::anchor(),
        }))
        .unwrap();
        let process = Process::new(Clock::anchor()).of(self.path("program"));
        (process.keeping_files_in(self.path("private")), config)
    }
}

#[test]
fn an_instance_that_has_left_is_paid_for_no_longer() {
    let desk = Desk::new();
    let (mut process, config) =
        desk.process("#!/bin/sh\ntrap 'exit 0' TERM\nwhile :; do sleep 0.01; done\n", 1);
    process.apply(&config).unwrap();
    process.scale(2, &[]).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let ends = |process: &Process| process.instances().iter().map(|one| one.stopped_ns).collect::<Vec<_>>();
    // The shell may not have set its trap yet, and ends all the same.
    assert!(process.act(0, Act::Stop));
    while ends(&process)[0].is_none() {
        assert!(Instant::now() < deadline, "nobody saw it end");
        process.next(LOOK);
    }
    let left = ends(&process);
    assert_eq!(left[1], None, "the other goes on");
    process.restore(Duration::from_secs(20));
    let after = ends(&process);
    assert_eq!(after[0], left[0]);
    assert!(after[1] > after[0]);
}

#[test]
fn an_instance_learns_of_more_topics_than_a_variable_holds() {
    let desk = Desk::new();
    let script = "#!/bin/sh\nif [ \"$2\" = --config ]; then text=$(cat \"$3\"); else text=$BENCH_CONSUMER; fi\n\
         echo \"$2 ${#text}\" >&2\n";
    for (topics, by_file) in [(3, false), (5_000, true)] {
        let (mut process, config) = desk.process(script, topics);
        process.apply(&config).unwrap();
        process.scale(1, &[]).unwrap();
        let config = desk.path("private").join("orders-001-0.json");
        assert_eq!(config.exists(), by_file);
        while !matches!(process.next(Duration::from_mins(1)).unwrap().event, Event::Ended) {}
        let told = process.restore(Duration::from_mins(1)).remove(0).last_words;
        let (how, length) = told.split_once(' ').unwrap();
        let length: usize = length.parse().unwrap();
        assert_eq!(how == "--config", by_file, "{told}");
        assert_eq!(length > LONGEST_VARIABLE, by_file, "{told}");
        if by_file {
            assert_eq!(
                fs::metadata(&config).unwrap().permissions().mode() & 0o777,
                0o600,
                "it may hold secrets"
            );
        }
        drop(process);
        assert!(!config.exists());
    }
}
