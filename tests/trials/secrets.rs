//! Promises about secrets: a password that is given with `--set` is in no file and is said nowhere.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Desk, servers};

const SECRET: &str = "hunter2-swordfish";
const PASSWORD: &str = "cluster.bootstrap.properties.sasl.password=hunter2-swordfish";

/// All files in a folder and in those in it.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

#[test]
fn a_password_that_is_set_is_in_no_file_and_is_asked_for_again() {
    let rest = "workload: { rate: 50/s }\nconsumers: { instances: 1 }\nphases: { warm_up: 0s, measure: 5s, drain: 5s }\n";
    let cluster =
        "{ bootstrap: { servers: \"${BENCH_SERVERS}\", properties: { linger.ms: \"${BENCH_LINGER}\" } } }";
    let desk = Desk::with_cluster(cluster, rest);
    let bench = |arguments: &[&str]| {
        let mut command = desk.bench(arguments);
        command.env("BENCH_SERVERS", servers()).env("BENCH_LINGER", "5").output().unwrap()
    };
    let output = bench(&["run", "promise.yaml", "--keep", "--set", PASSWORD]);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!([Some(0), Some(4)].contains(&output.status.code()), "{said}");
    assert!(!said.contains(SECRET), "{said}");
    // The state folder too, in which the run's topics were noted for `bench clean`.
    let all = files(desk.folder.path());
    assert!(all.iter().any(|file| file.ends_with("manifest.json")) && all.len() > 10, "{all:?}");
    for file in &all {
        assert!(!text(&fs::read(file).unwrap()).contains(SECRET), "{}", file.display());
    }
    let manifest = fs::read_to_string(desk.results().join("manifest.json")).unwrap();
    assert!(manifest.contains("sasl.password=***") && manifest.contains("${BENCH_LINGER}"), "{manifest}");

    let folder = desk.results();
    let folder = folder.to_str().unwrap();
    let refused = bench(&["run", "--resume", folder]);
    let told = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("give it again") && told.contains("sasl.password=…"), "{told}");
    let again = bench(&["run", "--resume", folder, "--set", PASSWORD]);
    assert!(text(&again.stderr).contains("nothing is missing"), "{}", text(&again.stderr));

    // What was kept on the cluster is taken away only by who has the password.
    let left = bench(&["clean"]);
    assert!(text(&left.stderr).contains("--property sasl.password=…"), "{}", text(&left.stderr));
    let cleaned = bench(&["clean", "--property", "sasl.password=hunter2-swordfish"]);
    assert!(
        cleaned.status.success() && text(&cleaned.stdout).contains("removed topic"),
        "{}",
        text(&cleaned.stderr)
    );
}
