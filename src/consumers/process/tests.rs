//! What is promised of instances of the reference consumer.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::books::Topics;

#[test]
fn an_instance_learns_of_more_topics_than_a_variable_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let script = "#!/bin/sh\nif [ \"$2\" = --config ]; then text=$(cat \"$3\"); else text=$BENCH_CONSUMER; fi\n\
         echo \"$2 ${#text}\" >&2\n";
    fs::write(path("program"), script).unwrap();
    fs::set_permissions(path("program"), fs::Permissions::from_mode(0o755)).unwrap();
    for (topics, by_file) in [(3, false), (5_000, true)] {
        let names = (0..topics).map(|number| (format!("orders-of-a-long-name-{number}"), 2));
        let config: Config = serde_json::from_value(serde_json::json!({
            "servers": "localhost:1", "group": "orders-001", "topic": Topics::new(names), "trial": 1, "instance": 0, "threads": 1, "seed": 1,
            "clock": Clock::anchor(),
        }))
        .unwrap();
        let private = path("private");
        let mut process = Process::new(Clock::anchor()).of(path("program")).keeping_files_in(private.clone());
        process.apply(&config, 1).unwrap();
        let config = private.join("orders-001-0.json");
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
