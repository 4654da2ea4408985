//! HTML and SVG as the standards have them, judged by the Nu HTML checker: Maven fetches it, as it does Kafka.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{committed, made_up, pages};

const POM: &str = r"<project><modelVersion>4.0.0</modelVersion><groupId>bench</groupId><artifactId>checker</artifactId><version>1</version>
<dependencies><dependency><groupId>nu.validator</groupId><artifactId>validator</artifactId><version>26.5.2</version></dependency></dependencies></project>";

/// Sections below the page's own title need no heading of their own; and the checker knows of no script that a policy names by its digest: browsers do.
const FINE: &str = ".*(Section lacks heading|Inline script violates Content Security Policy).*";

/// Where its jars are; none where they cannot be fetched, which is said aloud.
fn checker() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("checker-26.5.2");
    let jars = folder.join("jars");
    if !jars.exists() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("pom.xml"), POM).unwrap();
        let mut maven = Command::new("mvn");
        maven.args(["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=fetched"]);
        let fetched = maven.current_dir(&folder).output();
        if !fetched.as_ref().is_ok_and(|done| done.status.success()) {
            // Not by `eprintln!`, which a test that passes keeps for itself.
            std::io::stderr()
                .write_all(b"skipped: HTML and SVG are not checked, Maven cannot fetch the checker\n")
                .unwrap();
            return None;
        }
        std::fs::rename(folder.join("fetched"), &jars).unwrap();
    }
    Some(jars)
}

/// What it minds.
fn faults(options: &[&str], files: &[PathBuf]) -> String {
    let Some(jars) = checker() else { return String::new() };
    let done = Command::new("java")
        .arg("-cp")
        .arg(jars.join("*"))
        .args(["nu.validator.client.SimpleCommandLineValidator", "--format", "gnu", "--stdout"])
        .args(["--filterpattern", FINE])
        .args(options)
        .args(files)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() || !told.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
    told
}

#[test]
fn pages_and_figures_are_valid_and_a_fault_would_be_found() {
    let folder = tempfile::tempdir().unwrap();
    let evil = folder.path().join("evil.html");
    std::fs::write(&evil, made_up::evil()).unwrap();
    let mut pages = pages();
    pages.push(evil);
    assert_eq!(faults(&[], &pages), "");

    let runs = committed().into_iter().map(|page| page.parent().unwrap().to_owned());
    let figures = runs.flat_map(|run| std::fs::read_dir(run).unwrap().map(|entry| entry.unwrap().path()));
    let figures: Vec<PathBuf> =
        figures.filter(|path| path.extension().is_some_and(|end| end == "svg")).collect();
    assert!(!figures.is_empty());
    assert_eq!(faults(&["--svg"], &figures), "");

    let broken = folder.path().join("broken.html");
    std::fs::write(
        &broken,
        std::fs::read_to_string(&pages[0]).unwrap().replace("</figcaption>", "</figcaption"),
    )
    .unwrap();
    assert!(checker().is_none() || faults(&[], &[broken]).contains("error"), "the checker sleeps");
}
