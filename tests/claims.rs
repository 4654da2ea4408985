//! A sentence of an answer can be followed back to the records, by a reader and by a program that is not bench.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const BENCH: &str = env!("CARGO_BIN_EXE_bench");

/// Folders of all committed runs.
fn committed() -> Vec<PathBuf> {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    let folders =
        |of: &Path| fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let experiments = folders(&results).into_iter().filter(|path| path.is_dir());
    let mut runs: Vec<PathBuf> = experiments.flat_map(|path| folders(&path)).collect();
    runs.retain(|path| path.join("manifest.json").exists());
    runs.sort();
    assert!(runs.len() >= 9, "{runs:?}");
    runs
}

fn run(name: &str) -> PathBuf {
    let all = committed();
    all.into_iter().find(|path| path.parent().unwrap().ends_with(name)).unwrap()
}

fn bench(arguments: &[&str]) -> Output {
    Command::new(BENCH).args(arguments).output().unwrap()
}

fn script(arguments: &[&Path]) -> (Option<i32>, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/claims.py");
    let output = Command::new("python3").arg(script).args(arguments).env("BENCH", BENCH).output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code(), said)
}

fn claims(of: &Path) -> Vec<Value> {
    let output = bench(&["report", of.to_str().unwrap(), "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["claims"].as_array().unwrap().clone()
}

#[test]
fn every_claim_of_every_committed_run_is_derived_again_by_a_program_that_is_not_bench() {
    for folder in committed() {
        let (code, said) = script(&[&folder]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains(&format!("{} claims", claims(&folder).len())), "{said}");
        assert!(said.ends_with("every claim is derived\n"), "{said}");
    }
}

#[test]
fn a_digit_that_was_changed_in_a_table_in_a_sentence_or_in_a_histogram_is_found() {
    let kept = tempfile::tempdir().unwrap();
    let whole = run("growth");
    let report = bench(&["report", whole.to_str().unwrap(), "--format", "json"]).stdout;
    let report = String::from_utf8(report).unwrap();
    let beside = kept.path().join("report.json");
    let with = |report: &str, folder: &Path| {
        fs::write(&beside, report).unwrap();
        script(&[folder, Path::new("--report"), &beside])
    };
    assert_eq!(with(&report, &whole).0, Some(0));

    let copy = kept.path().join("copy");
    let copied = Command::new("cp").args(["-r"]).arg(&whole).arg(&copy).status().unwrap();
    assert!(copied.success());
    let table = fs::read_to_string(copy.join("trials.csv")).unwrap();
    fs::write(copy.join("trials.csv"), table.replacen("18.399231", "18.399331", 1)).unwrap();
    let (code, said) = with(&report, &copy);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("end_to_end_latency_p99_ms: it says 18.399331, the records say 18.399231"),
        "{said}"
    );
    fs::write(copy.join("trials.csv"), &table).unwrap();

    // Told as it was shown, and told otherwise.
    let value = claims(&whole)[1]["text"].as_str().unwrap().to_owned();
    assert!(value.contains("was 152 ms at 951/s"), "{value}");
    let (code, said) = with(&report.replace("was 152 ms at 951/s", "was 153 ms at 951/s"), &copy);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("`152` does not stand in the sentence"), "{said}");
    let (code, said) = with(
        &report.replace("was 152 ms at 951/s", "was 153 ms at 951/s").replace("\"152\"", "\"153\""),
        &copy,
    );
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the report shows 153, the records give 152"), "{said}");

    // The histograms of another trial in the place of its own.
    let trials: Vec<PathBuf> =
        fs::read_dir(copy.join("trials")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let of = |start: &str| {
        let name = |path: &&PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(start);
        trials.iter().find(name).unwrap().join("latency.hlog")
    };
    fs::copy(of("001"), of("002")).unwrap();
    let (code, said) = with(&report, &copy);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("002-rate=400-s-r1"), "{said}");
}

/// A copy of a committed run; `change` makes each trial's record what it is to be.
fn copied(to: &Path, name: &str, change: impl Fn(&mut Value)) -> PathBuf {
    let copy = to.join("copy");
    assert!(Command::new("cp").arg("-r").arg(run(name)).arg(&copy).status().unwrap().success());
    for folder in fs::read_dir(copy.join("trials")).unwrap() {
        let path = folder.unwrap().path().join("trial.json");
        let mut record: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut record);
        fs::write(&path, record.to_string()).unwrap();
    }
    copy
}

/// What the script says of a run by its own report, of which some pieces are told otherwise; each of them must stand in it.
fn told_otherwise(folder: &Path, changes: &[(&str, &str)]) -> (Option<i32>, String) {
    let report = bench(&["report", folder.to_str().unwrap(), "--format", "json"]).stdout;
    let mut report = String::from_utf8(report).unwrap();
    for (from, to) in changes {
        assert!(report.contains(from), "{from}: {report}");
        report = report.replace(from, to);
    }
    let kept = tempfile::tempdir().unwrap();
    let beside = kept.path().join("report.json");
    fs::write(&beside, report).unwrap();
    script(&[folder, Path::new("--report"), &beside])
}

#[test]
fn a_number_that_stands_with_another_ones_name_or_with_the_opposite_word_is_found() {
    let swapped: [(&str, &[(&str, &str)]); 4] = [
        (
            "injected",
            &[(
                "least with wait=6ms at 330 messages per second, and greatest with wait=5ms at 396",
                "least with wait=5ms at 330 messages per second, and greatest with wait=6ms at 396",
            )],
        ),
        (
            "partitions",
            &[
                (
                    "From partitions=1, instances=1 to partitions=4, instances=4",
                    "From partitions=4, instances=4 to partitions=1, instances=1",
                ),
                (
                    "1.00× (not told apart) at instances=1 and partitions 1 → 4 gave 4.00× at instances=4",
                    "4.00× at instances=1 and partitions 1 → 4 gave 1.00× (not told apart) at instances=4",
                ),
            ],
        ),
        ("instances", &[("Cheapest that holds the SLOs: fleet=1", "Cheapest that holds the SLOs: fleet=2")]),
        (
            "growth",
            &[("was the greatest volume", "was the least volume"), ("152 ms at 951/s", "152 ms at 1040/s")],
        ),
    ];
    for (name, changes) in swapped {
        let (code, said) = told_otherwise(&run(name), changes);
        assert_eq!(code, Some(1), "{changes:?}: {said}");
        let found = said.matches("by the records the sentence is: ").count();
        assert_eq!(found, changes.len(), "{changes:?}: {said}");
    }
}

#[test]
fn an_interval_of_a_median_that_its_trials_do_not_give_is_found() {
    let kept = tempfile::tempdir().unwrap();
    let only = |record: &mut Value| {
        if record["treatment"] != "wait=5ms" {
            record["end"] = serde_json::json!({ "failed": "the broker died" });
        }
    };
    let copy = copied(kept.path(), "injected", only);
    assert!(bench(&["report", copy.to_str().unwrap(), "--write"]).status.success());
    let (code, said) = script(&[&copy]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("ok          With wait=5ms: overload throughput 395.7 (394.8 – 396.8)"), "{said}");
    // The sentence and what it rests on, both.
    let wider = [
        ("(394.8 – 396.8)", "(391.8 – 399.8)"),
        ("\"low\": 394.8", "\"low\": 391.8"),
        ("\"high\": 396.8", "\"high\": 399.8"),
    ];
    let (code, said) = told_otherwise(&copy, &wider);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the trials give order_statistics 394.8 to 396.8"), "{said}");
}

/// What the committed search found for one instance: the load that holds, and the one that broke.
fn bounds_of_one() -> [String; 2] {
    let table = csv::Reader::from_path(run("capacity").join("searches.csv")).unwrap();
    let all: Vec<std::collections::HashMap<String, String>> =
        table.into_deserialize().map(Result::unwrap).collect();
    let one = all.iter().find(|row| row["consumers.instances"] == "1").unwrap();
    ["search_holds", "search_breaks"].map(|column| one[column].clone())
}

#[test]
fn which_slo_binds_how_it_is_missed_and_why_a_search_ended_is_derived() {
    let whole = claims(&run("capacity"))[0]["text"].as_str().unwrap().to_owned();
    let (_, binds) = whole.split_once("; ").unwrap();
    let binds = binds.split_once(';').map_or(binds, |(binds, _)| binds);
    let (slo, edge) = binds.split(", and ").next().unwrap().split_once(" binds, ").unwrap();
    let other = if edge == "a cliff" { "smoothly" } else { "a cliff" };
    let changes = [
        (binds.to_owned(), binds.replacen(edge, other, 1)),
        (binds.to_owned(), binds.replacen(slo, "`lost <= 0`", 1)),
        (
            whole.clone(),
            format!("{} (not confirmed: no more trials were allowed).", whole.strip_suffix('.').unwrap()),
        ),
    ];
    for (from, to) in changes {
        let (code, said) = told_otherwise(&run("capacity"), &[(&from, &to)]);
        assert_eq!(code, Some(1), "{to}: {said}");
        assert!(said.contains("by the records the sentence is: Capacity at instances=1 lies"), "{said}");
    }
}

#[test]
fn what_cannot_be_said_of_a_search_is_derived_and_a_sentence_that_passes_it_over_is_found() {
    let kept = tempfile::tempdir().unwrap();
    let [_, breaks] = bounds_of_one();
    // Nothing counts of where one instance broke first: what is harder broke all the same.
    let copy = copied(kept.path(), "capacity", |record| {
        if record["treatment"] == format!("instances=1,rate={breaks}-s") {
            record["end"] = serde_json::json!({ "failed": "the broker died" });
        }
    });
    assert!(bench(&["report", copy.to_str().unwrap(), "--write"]).status.success());
    let open = &*format!("; whether {breaks}/s holds cannot be said");
    let (code, said) = told_otherwise(&copy, &[(open, "")]);
    assert_eq!(code, Some(1), "{said}");
    let whole: Vec<&str> =
        said.lines().filter(|line| line.contains("by the records the sentence is: ")).collect();
    assert!(matches!(whole[..], [one] if one.contains(open)), "nothing else differs: {said}");
}

#[test]
fn a_bound_is_weighed_by_the_trials_that_confirm_it_as_the_table_names_them() {
    let kept = tempfile::tempdir().unwrap();
    let copy = copied(kept.path(), "capacity", |_| {});
    let (code, said) = script(&[&copy]);
    assert_eq!(code, Some(0), "{said}");
    // One of the six that confirm a bound is called one of those that found it.
    let table = fs::read_to_string(copy.join("trials.csv")).unwrap();
    let [holds, _] = bounds_of_one();
    let slug = format!("instances=1,rate={holds}-s");
    let row = |line: &&str| line.contains(&slug) && line.ends_with(",confirm");
    let confirms = table.lines().find(row).unwrap();
    let finds = format!("{},probe", confirms.strip_suffix(",confirm").unwrap());
    fs::write(copy.join("trials.csv"), table.replacen(confirms, &finds, 1)).unwrap();
    let (code, said) = script(&[&copy]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the trials that confirm holds are, by the table, ['"), "{said}");
    assert!(
        said.contains("what trials were made for is, by the rounds told again, something else"),
        "{said}"
    );
}

#[test]
fn a_run_of_which_no_trial_counts_is_derived_too() {
    let kept = tempfile::tempdir().unwrap();
    let copy = copied(kept.path(), "crowd", |record| {
        record["end"] = serde_json::json!({ "failed": "the broker died" });
    });
    assert!(bench(&["report", copy.to_str().unwrap(), "--write"]).status.success());
    let (code, said) = script(&[&copy]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("ok          None of 15 trials counts, so there is no answer"), "{said}");
}

/// What the script says of a run whose table has something else in some columns of its first trial, by the report as it is.
fn with_other_cells(name: &str, cells: &[(&str, &str)]) -> (Option<i32>, String) {
    let kept = tempfile::tempdir().unwrap();
    let copy = copied(kept.path(), name, |_| {});
    let mut reader = csv::Reader::from_path(copy.join("trials.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut rows: Vec<Vec<String>> = reader
        .into_records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<String>>())
        .collect();
    for (column, to) in cells {
        let at = header.iter().position(|own| own == *column).unwrap();
        (*to).clone_into(&mut rows[0][at]);
    }
    let mut writer = csv::Writer::from_path(copy.join("trials.csv")).unwrap();
    writer.write_record(&header).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.flush().unwrap();
    let beside = kept.path().join("report.json");
    fs::write(&beside, bench(&["report", run(name).to_str().unwrap(), "--format", "json"]).stdout).unwrap();
    script(&[&copy, Path::new("--report"), &beside])
}

#[test]
fn what_limits_what_credits_did_and_what_came_of_events_is_derived_and_no_other_cell_is_believed() {
    let changed: [(&str, &[(&str, &str)]); 6] = [
        ("baseline", &[("limiting_factor", "quota"), ("lag_trend_percent", "0.5")]),
        ("failover", &[("unavailability_s", "1.5"), ("recovery_s", "1.5")]),
        ("backlog", &[("time_to_drain_s", "1.5"), ("age_p99_ms", "1.5")]),
        ("knee", &[("credit_knee_s", "1.5"), ("cost_good_msgs_per_s", "1.5")]),
        ("clients", &[("requests_per_s", "1.5"), ("requests_width_per_s", "1.5")]),
        ("yours", &[("unread", "7"), ("consumers_cpu_cores", "7")]),
    ];
    for (name, cells) in changed {
        let (code, said) = with_other_cells(name, cells);
        assert_eq!(code, Some(1), "{name}: {said}");
        for (column, to) in cells {
            let differs = format!("{column}: it says {to}, the records say ");
            assert!(said.contains(&differs), "{name}, {column}: {said}");
        }
    }
}

#[test]
fn how_often_other_draws_of_the_blocks_choose_the_same_is_drawn_again() {
    let all = claims(&run("upgrade"));
    let text = |claim: &Value| claim["text"].as_str().unwrap().to_owned();
    let told = all.iter().map(text).find(|text| text.starts_with("Drawn again from its")).unwrap();
    let (_, share) = told.split_once(" in ").unwrap();
    let (code, said) = told_otherwise(&run("upgrade"), &[(share, "50.0 % of 10000 resamples.")]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("other draws give"), "{said}");
}

#[test]
fn an_outcome_a_load_and_a_doubt_that_the_records_do_not_have_are_found() {
    let kept = tempfile::tempdir().unwrap();
    let copy = copied(kept.path(), "growth", |_| {});
    let table = fs::read_to_string(copy.join("trials.csv")).unwrap();
    for (from, to, differs) in [
        (",valid,", ",doubtful,", "outcome: it says doubtful, the records say valid"),
        (",valid,,false,", ",valid,,true,", "saturated: it says true, the records say false"),
        (",valid,,", ",valid,rebalance,", "doubts: it says ['rebalance'], the records say []"),
    ] {
        fs::write(copy.join("trials.csv"), table.replacen(from, to, 1)).unwrap();
        let report = bench(&["report", run("growth").to_str().unwrap(), "--format", "json"]).stdout;
        let beside = kept.path().join("report.json");
        fs::write(&beside, report).unwrap();
        let (code, said) = script(&[&copy, Path::new("--report"), &beside]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(differs), "{said}");
    }
}

#[test]
fn a_claim_is_printed_with_its_rows_and_arithmetic_and_one_that_is_not_there_says_how_many_are() {
    let folder = run("partitions");
    let dir = folder.to_str().unwrap();
    let all = claims(&folder);
    for (at, claim) in all.iter().enumerate() {
        let number = at + 1;
        let told = bench(&["report", dir, "--claim", &number.to_string()]);
        let told = String::from_utf8(told.stdout).unwrap();
        let head = format!("Claim {number} of {}: {}\n", all.len(), claim["text"].as_str().unwrap());
        assert!(told.starts_with(&head), "{told}");
        for evidence in claim["evidence"].as_array().unwrap() {
            assert!(told.contains(evidence["what"].as_str().unwrap()), "{told}");
            for row in evidence["rows"].as_array().unwrap() {
                assert!(told.contains(row["trial"].as_str().unwrap()), "{told}");
            }
        }
    }
    let first = bench(&["report", dir, "--claim", "1"]);
    let first = String::from_utf8(first.stdout).unwrap();
    assert!(first.contains("791.1 ÷ 197.7 = 4.001517: 4.00×"), "{first}");
    for number in ["0", "99"] {
        let none = bench(&["report", dir, "--claim", number]);
        let said = String::from_utf8(none.stderr).unwrap();
        assert_eq!(none.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("the claims of this run are 1 to {}", all.len())), "{said}");
    }
}

#[test]
fn the_page_has_the_number_of_each_claim_behind_its_sentence_and_all_other_formats_are_as_they_were() {
    let folder = run("instances");
    let dir = folder.to_str().unwrap();
    let read = |format: &str| String::from_utf8(bench(&["report", dir, "--format", format]).stdout).unwrap();
    let (page, told) = (read("html"), read("md"));
    for claim in claims(&folder) {
        let (number, text) = (claim["number"].as_u64().unwrap(), claim["text"].as_str().unwrap());
        assert_eq!(page.matches(&format!("id=\"claim-{number}\"")).count(), 1, "{number}");
        assert!(told.replace('\n', " ").contains(text), "{text}");
    }
    assert!(!told.contains("claim-1"));
}

#[test]
fn a_checklist_ticks_nothing_without_naming_where_it_is() {
    let mut ticked = 0;
    for folder in committed() {
        let dir = folder.to_str().unwrap();
        let output = bench(&["report", dir, "--checklist", "--format", "json"]);
        let list: Value = serde_json::from_slice(&output.stdout).unwrap();
        let groups = list["groups"].as_array().unwrap();
        for item in groups.iter().flat_map(|group| group["boxes"].as_array().unwrap()) {
            let (asks, found) = (&item["asks"], item["found"].as_str().unwrap());
            match item["state"].as_str().unwrap() {
                "fulfilled" => {
                    ticked += 1;
                    assert!(found.contains('`') || found.contains("the report's"), "{dir}: {asks}: {found}");
                }
                "missing" => assert!(!item["would"].as_str().unwrap().is_empty(), "{dir}: {asks}"),
                _ => assert!(!found.is_empty(), "{dir}: {asks}"),
            }
        }
    }
    assert!(ticked > 200, "{ticked}");
}

#[test]
fn a_checklist_has_three_formats() {
    let folder = run("aa");
    let dir = folder.to_str().unwrap();
    let read = |format: &str| bench(&["report", dir, "--checklist", "--format", format]);
    let told = String::from_utf8(read("md").stdout).unwrap();
    assert!(told.contains("- [x] at least 6 trials of each treatment"), "{told}");
    assert!(told.contains("- [x] an A/A control"), "{told}");
    assert!(String::from_utf8(read("text").stdout).unwrap().contains("[x] at least 6 trials"));
    let none = read("html");
    assert_eq!(none.status.code(), Some(2), "{:?}", String::from_utf8(none.stderr));
}
