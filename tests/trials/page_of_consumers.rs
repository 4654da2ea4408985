//! The page `docs/consumer.md` is followed word by word.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Desk, number, plain};

/// A fenced block of the page, by its language; the n-th of them.
fn block(page: &str, language: &str, number: usize) -> String {
    let (open, close) = (format!("\n```{language}\n"), "\n```\n");
    let rest = page.split(&open).nth(number + 1).unwrap();
    format!("{}\n", rest.split(close).next().unwrap())
}

/// An interpreter that has the client, in a folder of its own that stands first in the path as `python3`; none where it cannot be had.
fn python(folder: &Path) -> Option<PathBuf> {
    let asked = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has =
        Command::new(&asked).args(["-c", "import confluent_kafka, sys; print(sys.executable)"]).output();
    let path = has.ok().filter(|output| output.status.success()).map(|output| output.stdout)?;
    let path = String::from_utf8(path).unwrap().trim().to_owned();
    let bin = folder.join("bin");
    fs::create_dir(&bin).unwrap();
    // Not a link: where an interpreter lies says which packages it has.
    let script = format!("#!/bin/sh\nexec '{path}' \"$@\"\n");
    fs::write(bin.join("python3"), script).unwrap();
    let may_run = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(bin.join("python3"), may_run).unwrap();
    Some(bin)
}

#[test]
fn the_page_is_followed_word_by_word() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/consumer.md")).unwrap();
    assert_eq!(block(&page, "sh", 0), "python3 -m pip install confluent-kafka\n");
    let desk = Desk::new("");
    let folder = desk.folder.path();
    let Some(bin) = python(folder) else {
        eprintln!("skipped: no Python here has `confluent_kafka`; `PYTHON` names one that does");
        return;
    };
    fs::write(folder.join("consumer.py"), block(&page, "python", 0)).unwrap();
    fs::write(folder.join("mine.yaml"), block(&page, "yaml", 0)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    for line in block(&page, "sh", 1).lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let ["bench", arguments @ ..] = words.as_slice() else { panic!("{line}") };
        let output = desk.bench(arguments).env("PATH", &path).output().unwrap();
        let told = format!("{}\n{}", plain(&output.stdout), String::from_utf8_lossy(&output.stderr));
        // A busy host may make a trial doubtful, which leaves a verdict open.
        assert!([Some(0), Some(4)].contains(&output.status.code()), "`{line}`: {told}");
    }
    let runs = fs::read_dir(folder.join("results/mine")).unwrap().next().unwrap().unwrap().path();
    let mut reader = csv::Reader::from_path(runs.join("trials.csv")).unwrap();
    let rows: Vec<std::collections::BTreeMap<String, String>> =
        reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{row:?}");
        assert_eq!(row["unread"], "0", "{row:?}");
        assert!(number(&row, "committed_latency_p50_ms") > 0.0, "{row:?}");
        let trial = runs.join("trials").join(&row["trial"]);
        let instances: usize = row["consumers.instances"].parse().unwrap();
        let seen: u64 = (0..instances)
            .map(|instance| {
                let said = fs::read_to_string(trial.join(format!("output-orders-{instance}.log"))).unwrap();
                said.trim().strip_prefix("seen: ").unwrap().parse::<u64>().unwrap()
            })
            .sum();
        assert_eq!(seen.to_string(), row["acked"], "what it says that it has seen: {row:?}");
    }
}
