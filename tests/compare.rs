//! `bench compare` on committed runs: what it says, and what a script learns from its exit code.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};

use kafka_bench::stats::Gap;

/// The committed run of that experiment.
fn run(experiment: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("results").join(experiment);
    let mut runs: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    runs.retain(|path| path.is_dir());
    runs.sort();
    runs[0].display().to_string()
}

fn compare(args: &[&str]) -> (i32, String, String) {
    let output: Output =
        Command::new(env!("CARGO_BIN_EXE_bench")).arg("compare").args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn half_the_instances_are_worse_and_the_code_says_so() {
    let run = run("partitions");
    let of = |level: &str| format!("{run}#partitions=4,instances={level}");
    let (code, said, _) = compare(&[&of("4"), &of("2")]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("B is worse: processed") && said.contains("0.500×"), "{said}");
    let (code, said, _) = compare(&[&of("2"), &of("4")]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("B is better: processed"), "{said}");
}

#[test]
fn levels_that_are_named_meet_the_treatments_that_are_alike_in_all_else() {
    let run = run("partitions");
    let (code, said, _) =
        compare(&[&format!("{run}#instances=2"), &format!("{run}#instances=4"), "--format", "json"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let verdicts: Vec<&str> =
        said["comparisons"].as_array().unwrap().iter().map(|one| one["verdict"].as_str().unwrap()).collect();
    assert_eq!((code, verdicts), (0, vec!["same", "same", "better"]));
    assert_eq!((&said["census"]["possible"], &said["census"]["judged"]), (&3.into(), &3.into()));
}

#[test]
fn runs_of_two_questions_are_refused_with_every_difference_that_forbids_it() {
    let (code, said, why) = compare(&[&run("partitions"), &run("crowd")]);
    assert_eq!((code, said.as_str()), (2, ""));
    for what in ["question differs", "workload.rate differs", "workload.message.size differs", "--unlike"] {
        assert!(why.contains(what), "{what}: {why}");
    }
    let (code, said, _) = compare(&[&run("partitions"), &run("crowd"), "--unlike"]);
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("Nothing could be compared") && said.contains("unlike"), "{said}");
}

#[test]
fn too_few_trials_for_the_margin_are_undecided_with_what_they_could_have_seen() {
    let run = run("crowd");
    let (code, said, _) = compare(&[
        &format!("{run}#producers=100"),
        &format!("{run}#producers=1000"),
        "--metric",
        "p99(ack)",
        "--margin",
        "1%",
        "--format",
        "json",
    ]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let one = &said["comparisons"][0];
    assert_eq!((code, one["verdict"].as_str()), (4, Some("undecided")), "{one}");
    assert!(one["smallest_seen"].as_f64().unwrap() > 0.01 && one["trials_for_margin"].as_u64().unwrap() > 3);
}

#[test]
fn metrics_of_the_same_trials_are_no_votes_of_their_own() {
    let run = run("aa");
    let (one, other) = (format!("{run}#twin=one"), format!("{run}#twin=other"));
    let mut args = vec![one.as_str(), other.as_str()];
    let metrics =
        ["p50(ack)", "p90(ack)", "p99(ack)", "p50(end_to_end)", "p90(end_to_end)", "p99(end_to_end)"];
    for metric in metrics {
        args.extend(["--metric", metric]);
    }
    let (_, said, why) = compare(&args);
    assert!(said.contains("Undecided: "), "{said}{why}");
    assert!(!said.contains("lean to"), "five pairs are too few to say which side they favour: {said}");
}

#[test]
fn less_of_what_has_no_better_direction_is_told_and_is_no_worse() {
    let run = run("producers");
    let of = |producers: &str| format!("{run}#producers={producers},linger.ms=5");
    let (one, many) = (of("1"), of("1000"));
    for (args, word) in [([&one, &many], "B is less: "), ([&many, &one], "B is more: ")] {
        let (code, said, why) = compare(&[args[0], args[1], "--metric", "records_per_batch"]);
        assert_eq!(code, 0, "{said}{why}");
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn a_treatment_is_not_called_different_from_itself_and_the_ledger_says_what_the_records_say() {
    let run = run("aa");
    let mut args = vec![format!("{run}#twin=one"), format!("{run}#twin=other")];
    let metrics = [
        "p99(end_to_end)",
        "p90(end_to_end)",
        "p50(end_to_end)",
        "p99(ack)",
        "p50(ack)",
        "processed",
        "cluster_cpu_s_per_million",
    ];
    args.extend(metrics.iter().flat_map(|metric| ["--metric".to_owned(), (*metric).to_owned()]));
    args.extend(["--format".to_owned(), "csv".to_owned()]);
    let (code, ledger, _) = compare(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("results/aa/ledger.csv");
    assert_eq!(ledger, std::fs::read_to_string(kept).unwrap());
    let verdicts: Vec<&str> = ledger.lines().skip(1).filter_map(|row| row.rsplit(',').next()).collect();
    assert!(verdicts.len() >= 20 && code == 4, "{code}: {ledger}");
    assert!(verdicts.iter().all(|verdict| ["same", "undecided"].contains(verdict)), "{ledger}");
}

/// Of each its order, and what it came to.
type Trials = Vec<(u32, Option<f64>)>;

/// Of each treatment of all committed runs that has six valid trials or more, ln of the second over the first of each two that followed one another.
fn neighbours(metric: &str) -> Vec<Vec<f64>> {
    let results = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("results");
    let folders = |of: PathBuf| {
        let found = std::fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path());
        found.filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    let mut all: BTreeMap<(PathBuf, String), Trials> = BTreeMap::new();
    for run in folders(results).into_iter().flat_map(folders).filter(|run| run.join("trials.csv").exists()) {
        let mut table = csv::Reader::from_path(run.join("trials.csv")).unwrap();
        let header = table.headers().unwrap().clone();
        let at = |name: &str| header.iter().position(|column| column == name).unwrap();
        for row in table.records().map(Result::unwrap).filter(|row| &row[at("outcome")] == "valid") {
            let value = row[at(metric)].parse().ok().filter(|value: &f64| *value > 0.0);
            let own = all.entry((run.clone(), row[at("treatment")].to_owned())).or_default();
            own.push((row[at("order")].parse().unwrap(), value));
        }
    }
    let pairs = |mut own: Trials| {
        own.sort_by_key(|one| one.0);
        let (both, _) = own.as_chunks::<2>();
        both.iter().map(|[a, b]| Some((b.1? / a.1?).ln())).collect::<Option<Vec<f64>>>()
    };
    all.into_values().filter(|own| own.len() >= 6).filter_map(pairs).collect()
}

/// The share in which Student's t calls its two sides different at 5 %, over all ways to say which of each two stands on which side.
fn called_different(logs: &[f64]) -> f64 {
    let ways = 1_u32 << logs.len();
    let different = |way: &u32| {
        let side = |at: usize| if way >> at & 1 == 1 { -1.0 } else { 1.0 };
        let sides: Vec<f64> = logs.iter().enumerate().map(|(at, log)| side(at) * log).collect();
        Gap::paired(&sides, 0.0).unwrap().p() < 0.05
    };
    f64::from((0..ways).filter(different).count() as u32) / f64::from(ways)
}

/// As `results/aa/README.md` tells it; printed where it is asked for with `--nocapture`.
#[test]
fn neighbours_of_one_treatment_are_called_different_no_more_often_than_was_said_in_all_committed_runs() {
    for metric in [
        "processed_msgs_per_s",
        "end_to_end_latency_p99_ms",
        "end_to_end_latency_p50_ms",
        "ack_latency_p99_ms",
        "cluster_cpu_s_per_million",
    ] {
        let all = neighbours(metric);
        let share = all.iter().map(|logs| called_different(logs)).sum::<f64>() / all.len() as f64;
        println!("{metric}: {} treatments, {:.1} % called different", all.len(), share * 100.0);
        // 5 %, and two standard errors of as many treatments.
        let most = 0.05 + 2.0 * (0.05 * 0.95 / all.len() as f64).sqrt();
        assert!(all.len() >= 40 && share <= most, "{metric}: {share} of {}", all.len());
    }
}

#[test]
fn what_searches_came_to_stands_beside_each_other_also_where_no_load_is_alike() {
    let run = run("capacity");
    let (code, said, _) = compare(&[&format!("{run}#instances=1"), &format!("{run}#instances=2")]);
    assert_eq!(code, 4, "bounds are not tested: {said}");
    let rows: Vec<String> =
        said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for row in [
        "A | instances=1 | 240.6/s | 6/6 | 252/s | 0/6 | found",
        "B | instances=2 | 481.2/s | 6/6 | 504/s | 0/6 | found",
    ] {
        assert!(rows.iter().any(|own| own == row), "{row}: {said}");
    }
    assert!(!said.contains("instances=3"), "what was not asked for: {said}");
}

/// As `results/aa/README.md` has it made.
#[test]
fn the_committed_page_of_a_comparison_is_what_its_runs_say() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("results/aa/README.md")).unwrap();
    let call = readme.split_once("    bench compare ").unwrap().1.split_once("\n\n").unwrap().0;
    let args = call.replace("\\\n", " ").replace('\'', "");
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .current_dir(&root)
        .arg("compare")
        .args(args.split_whitespace())
        .args(["--format", "html"])
        .output()
        .unwrap();
    let kept = std::fs::read_to_string(root.join("results/aa/compared.html")).unwrap();
    assert!(String::from_utf8(output.stdout).unwrap() == kept, "make it again as its README says");
}

#[test]
fn differences_that_were_put_in_are_found_and_lie_within_their_intervals() {
    let run = run("injected");
    let waits = [("5ms", 0.0), ("5100us", 0.1), ("5250us", 0.25), ("5500us", 0.5), ("6ms", 1.0)];
    let sides: Vec<String> = waits.iter().map(|(wait, _)| format!("{run}#wait={wait}")).collect();
    let mut args: Vec<&str> = sides.iter().map(String::as_str).collect();
    args.extend(["--margin", "1%", "--format", "json"]);
    let (code, said, _) = compare(&args);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let number = |one: &serde_json::Value, key: &str| one[key].as_f64().unwrap();
    let found = said["comparisons"].as_array().unwrap();
    assert_eq!((code, found.len()), (1, 4));
    for (one, (wait, more_ms)) in found.iter().zip(waits.iter().skip(1)) {
        // Two instances, one message after the other.
        let took_ms = 2_000.0 / number(one, "base_mean");
        let expected = took_ms / (took_ms + more_ms);
        assert_eq!(one["verdict"], "worse", "{wait}");
        assert!(number(one, "low") < expected && expected < number(one, "high"), "{wait}: {expected} {one}");
    }
}

#[test]
fn all_that_is_wrong_with_a_call_is_told_at_once() {
    let run = run("partitions");
    let (code, _, why) = compare(&[&run, &run, "--metric", "speed", "--metric", "beauty", "--margin", "0"]);
    assert_eq!(code, 2);
    for what in ["--metric speed", "--metric beauty", "--margin 0"] {
        assert!(why.contains(what), "{what}: {why}");
    }
    assert!(compare(&[&run, &run]).2.contains("compared with itself"));
    let (code, _, why) = compare(&[&format!("{run}#instances=2"), &format!("{run}#instances=7")]);
    assert!(
        code == 2 && why.contains("no treatment with these levels") && why.contains("instances=4"),
        "{why}"
    );
    assert_eq!(compare(&[&run, "nowhere"]).0, 3);
}

#[test]
fn both_sides_stand_on_one_page_and_every_format_has_the_ratio() {
    let run = run("partitions");
    let (here, there) = (format!("{run}#instances=2"), format!("{run}#instances=4"));
    for (format, ratio) in [
        ("html", "2.001×"),
        ("md", "2.001×"),
        ("text", "2.001×"),
        ("tex", "2.001"),
        ("csv", ",2.00"),
        ("json", "\"ratio\": 2.00"),
    ] {
        let (_, said, _) = compare(&[&here, &there, "--format", format]);
        assert!(said.contains(ratio), "{format}: {said}");
    }
    let page = compare(&[&here, &there, "--format", "html"]).1;
    assert!(page.contains("<svg") && page.contains("partitions=4"));
}
