//! A run that is looked at, and then gets more trials.

use super::EASY;
use super::support::Desk;

#[test]
fn repetitions_are_added_to_a_run_as_a_further_look_and_the_first_are_kept() {
    let desk = Desk::new(EASY);
    desk.run(&[]);
    let folder = desk.results();
    let resume = |repetitions: &str| {
        desk.bench(&["run", "--resume", folder.to_str().unwrap(), "--repetitions", repetitions])
            .output()
            .unwrap()
    };
    let first = std::fs::read(folder.join("trials/001-base-r1/trial.json")).unwrap();
    let refused = resume("1");
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.contains("--repetitions 1: the run has as many already"), "{told}");

    resume("2");
    let names: Vec<String> = desk.trials().iter().map(|row| row["trial"].clone()).collect();
    assert_eq!(names, ["001-base-r1", "002-base-r2"]);
    assert_eq!(std::fs::read(folder.join("trials/001-base-r1/trial.json")).unwrap(), first);
    let mut treatments = csv::Reader::from_path(folder.join("treatments.csv")).unwrap();
    let row: std::collections::BTreeMap<String, String> = treatments.deserialize().next().unwrap().unwrap();
    assert_eq!((row["looks"].as_str(), row["trials"].as_str()), ("2", "2"));
    let report = std::fs::read_to_string(folder.join("report.md")).unwrap();
    assert!(report.contains("which is a further look"), "{report}");
    desk.whole();
    // Gone on with once more, nothing is missing and nothing is looked at anew.
    let again = desk.bench(&["run", "--resume", folder.to_str().unwrap()]).output().unwrap();
    assert!(String::from_utf8_lossy(&again.stderr).contains("nothing is missing"));
    desk.whole();
}
