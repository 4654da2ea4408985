//! A run's folder is all that a report needs: saved by one process, it reads the same to any other.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use kafka_bench::analyse::{Findings, tables, trials_table};
use kafka_bench::books::Books;
use kafka_bench::record::series::Row;
use kafka_bench::record::{
    Asked, Beside, Brokers, End, FORMAT, Folder, Host, HostUse, Latencies, Manifest, PlanRow, Run,
    TreatmentLine, TrialRecord, empty_histogram, trial_name,
};
use kafka_bench::report::list::list;
use kafka_bench::report::verify::verify;
use kafka_bench::report::{Format, Screen, answering_figure, files, gallery, on_screen, render, shown};
use kafka_bench::units::Latency;

fn record() -> TrialRecord {
    TrialRecord {
        format: FORMAT,
        trial: trial_name(1, "base", 1),
        order: 1,
        block: 1,
        repetition: 1,
        treatment: "base".to_owned(),
        levels: Vec::new(),
        baseline: false,
        seed: 1,
        started: "2026-11-22T23:17:45Z".to_owned(),
        settle_s: None,
        topic: String::new(),
        topics: Vec::new(),
        group: None,
        end: End::Completed,
        messages: None,
        asked: Asked {
            rate_msgs_per_s: Some(400.0),
            message_bytes: 100,
            sizes_drawn: false,
            replication: Some(1),
            partitions: 1,
            instances: None,
            threads: None,
            producers: Some(1),
            clients: std::collections::BTreeMap::new(),
            transaction_s: None,
            warm_up_s: 0.0,
            measure_s: 5.0,
            drain_s: 1.0,
            in_time_ms: None,
        },
        backlog: None,
        network: Vec::new(),
        emulated: Vec::new(),
        spent_s: BTreeMap::new(),
        books: Some(Books { due: 2_000, sent: 2_000, acked: 2_000, ..Books::default() }),
        due_in_window: 2_000,
        out_of_range: 0,
        negative: 0,
        unattributed_redeliveries: 0,
        host: None,
        consumers: None,
        cluster: None,
        load_cpu_cores: None,
        load_busiest_thread_cores: None,
        load_run_delay: None,
        load_wait_ms: None,
        load_rss_max_mib: None,
        clock_step_ms: None,
        pacing: None,
        wire: None,
        fetched: None,
        rebalances: 0,
        deaths: 0,
        members: Vec::new(),
        silences: Vec::new(),
        followed: None,
        oom_kills: 0,
        broker_errors: BTreeMap::new(),
        failures: BTreeMap::new(),
        watched_s: None,
        partitions: None,
        fairness: None,
        injected: Vec::new(),
        groups: Vec::new(),
    }
}

fn manifest() -> Manifest {
    Manifest {
        scraped: Vec::new(),
        format: FORMAT,
        bench_version: "0.1.0".to_owned(),
        git_id: None,
        experiment: "demo".to_owned(),
        question: "How long does an ack take?".to_owned(),
        host: Host::default(),
        cluster: Brokers::default(),
        topics: BTreeMap::new(),
        clients: BTreeMap::new(),
        images: Vec::new(),
        librdkafka_version: "2.12.1".to_owned(),
        pacing: BTreeMap::new(),
        configuration: serde_json::Value::Null,
        seed: 1,
        repetitions: 1,
        prepare_s: 0.0,
        factors: Vec::new(),
        until_broken: false,
        search: None,
        treatments: vec![TreatmentLine { slug: "base".to_owned(), levels: Vec::new(), baseline: false }],
        responses: Vec::new(),
        slos: Vec::new(),
        prices: kafka_bench::units::Prices::default(),
        units: Manifest::usual_units(),
        anchor_unix_ns: 0,
        started: "2026-11-22T23:17:45Z".to_owned(),
        finished: Some("2026-11-22T23:18:45Z".to_owned()),
        reports_by: None,
        resumed: Vec::new(),
    }
}

fn save(out: &Path) -> Result<Folder, Box<dyn std::error::Error>> {
    let folder = Folder::create(out, "demo", UNIX_EPOCH, "abcd")?;
    folder.write_experiment(b"question: How long?\n")?;
    folder.write_manifest(&manifest())?;
    let planned = PlanRow { order: 1, block: 1, treatment: "base".to_owned(), repetition: 1, seed: 1 };
    folder.write_plan(&[planned])?;
    let mut latencies = Latencies::new();
    for second in 0..5 {
        for (latency, ns) in [(Latency::SendDelay, 2_000), (Latency::Ack, 3_000_000)] {
            let mut histogram = empty_histogram();
            histogram.record_n(ns, 400)?;
            latencies.add(second, latency, &histogram);
        }
    }
    let rows: Vec<Row> = (0..20)
        .map(|at| Row {
            t_s: f64::from(at) / 4.0,
            phase: "measure".into(),
            due: 100,
            sent: 100,
            acked: 100,
            ..Row::default()
        })
        .collect();
    folder.save(&record(), (&latencies, &rows, &[]), Beside::default())?;
    Ok(folder)
}

#[test]
fn of_a_run_that_is_not_through_it_is_not_said_that_all_held() {
    let out = tempfile::tempdir().unwrap();
    let mut run = Run::load(save(out.path()).unwrap().path()).unwrap();
    let verdict = |run: &Run| {
        let report: serde_json::Value = serde_json::from_str(&render(run, Format::Json).unwrap()).unwrap();
        report["verdict"].as_str().unwrap().to_owned()
    };
    run.trials[0].record.host =
        Some(HostUse { cpu_percent: 20.0, steal_percent: 0.0, cores: 2, limit: None });
    assert_eq!(verdict(&run), "held");
    run.manifest.finished = None;
    assert_eq!(verdict(&run), "undecided");
}

#[test]
fn a_report_made_again_is_byte_identical_and_leaves_the_folder_as_it_was() {
    let out = tempfile::tempdir().unwrap();
    let folder = save(out.path()).unwrap();
    let run = Run::load(folder.path()).unwrap();
    let findings = Findings::from_run(&run).unwrap();
    let first = render(&run, Format::Md).unwrap();
    folder.write("report.md", first.as_bytes()).unwrap();
    folder.write_table("trials.csv", &trials_table(&run.manifest, &findings)).unwrap();
    let again = render(&Run::load(folder.path()).unwrap(), Format::Md).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join("report.md")).unwrap(), again);
    assert!(again.starts_with("# demo\n\nHow long does an ack take?\n"), "{again}");
    let table = std::fs::read_to_string(folder.path().join("trials.csv")).unwrap();
    assert!(table.starts_with("trial,order,block,repetition,treatment,seed,started,"), "{table}");
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["SHA256SUMS", "experiment.yaml", "manifest.json", "plan.csv", "report.md", "trials", "trials.csv"],
        "nothing half-written is left"
    );
}

#[test]
fn a_folder_that_cannot_be_read_is_told_with_its_path() {
    let out = tempfile::tempdir().unwrap();
    let folder = save(out.path()).unwrap();
    folder.write("plan.csv", b"order,block\nfirst,2\n").unwrap();
    let told = Run::load(folder.path()).unwrap_err().to_string();
    assert!(told.contains("plan.csv"), "{told}");
    std::fs::remove_file(folder.path().join("manifest.json")).unwrap();
    let told = Run::load(folder.path()).unwrap_err().to_string();
    assert!(told.starts_with("cannot read `") && told.contains("manifest.json"), "{told}");
}

/// The folder of the committed runs, and theirs.
fn results() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("results")
}

fn committed() -> Vec<PathBuf> {
    let folders = |of: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    };
    folders(&results()).iter().flat_map(|experiment| folders(experiment)).collect()
}

/// Exit code and output of `bench`.
fn bench(arguments: &[&str], dir: &Path) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    // Where `i` has another capital, and a comma begins a fraction: what is written is the same.
    command.args(arguments).arg(dir).env_remove("COLUMNS").env("LC_ALL", "tr_TR.UTF-8");
    let ended = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

#[test]
fn every_committed_run_is_whole_as_far_as_it_can_be_verified() {
    let runs = committed();
    for folder in &runs {
        let found = verify(folder).unwrap();
        assert_eq!(found.faults, [], "{}", folder.display());
        assert!(found.made.contains(&"report.md".to_owned()), "{}", folder.display());
        let sums = folder.join("SHA256SUMS").exists();
        assert_eq!(sums, !found.notes.iter().any(|note| note.starts_with("there is no `SHA256SUMS`")));
    }
    assert!(runs.len() >= 9, "{} runs were found", runs.len());
}

#[test]
fn verify_exits_by_what_it_found_and_names_the_file() {
    let out = tempfile::tempdir().unwrap();
    let folder = save(out.path()).unwrap();
    let run = Run::load(folder.path()).unwrap();
    let findings = Findings::from_run(&run).unwrap();
    for (name, table) in tables(&run.manifest, &findings) {
        folder.write_table(name, &table).unwrap();
    }
    for (name, text) in files(&run, &findings).unwrap() {
        folder.write(&name, text.as_bytes()).unwrap();
    }
    folder.seal().unwrap();
    let (code, told, _) = bench(&["verify"], folder.path());
    assert_eq!(code, Some(0), "{told}");
    let whole = "is whole: 12 files, each with the sum that it was written with; the books of 1 trial close; trials.csv, treatments.csv, report.md, report.html made again from the records, byte for byte\n";
    assert!(told.ends_with(whole), "{told}");
    let log = folder.path().join("trials/001-base-r1/latency.hlog");
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replacen("0.002", "0.003", 1)).unwrap();
    let (code, told, _) = bench(&["verify"], folder.path());
    assert_eq!(code, Some(1), "{told}");
    assert!(told.starts_with("trials/001-base-r1/latency.hlog: is not what it was"), "{told}");
    let (code, told, _) = bench(&["verify", "--json"], folder.path());
    let json: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, &json["whole"]), (Some(1), &false.into()));
    assert_eq!(json["faults"][0]["file"], "trials/001-base-r1/latency.hlog");
    let (code, told, why) = bench(&["verify"], &out.path().join("nowhere"));
    assert_eq!((code, told.as_str()), (Some(3), ""), "{why}");
    assert!(why.contains("nowhere"), "{why}");
    assert_eq!(bench(&["verify", "--no-such"], out.path()).0, Some(2));
}

#[test]
fn all_that_is_made_of_records_is_written_again_tables_too() {
    let out = tempfile::tempdir().unwrap();
    let folder = save(out.path()).unwrap();
    let (code, told, why) = bench(&["report", "--write"], folder.path());
    assert_eq!((code, told.as_str()), (Some(0), ""), "{why}");
    let found = verify(folder.path()).unwrap();
    assert_eq!(found.made, ["trials.csv", "treatments.csv", "report.md", "report.html"], "{:?}", found.notes);
}

#[test]
fn the_committed_runs_are_listed_with_their_answers_and_outcomes() {
    let (code, told, why) = bench(&["list", "--json"], &results());
    assert_eq!(code, Some(0), "{why}");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&told).unwrap();
    assert_eq!(rows.len(), committed().len());
    assert!(rows.is_sorted_by_key(|row| row["started"].as_str().unwrap().to_owned()), "the latest last");
    for row in &rows {
        let report =
            std::fs::read_to_string(Path::new(row["folder"].as_str().unwrap()).join("report.md")).unwrap();
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
        let (report, answer) = (words(&report), words(row["answer"].as_str().unwrap()));
        assert!(
            report.contains(&format!("{} {answer}", words(row["question"].as_str().unwrap()))),
            "{answer}"
        );
        assert!(["held", "broken", "undecided"].contains(&row["outcome"].as_str().unwrap()), "{row}");
    }
    let (_, told, _) = bench(&["list"], &results());
    assert_eq!(told.lines().count(), 1 + rows.len(), "one line each where there is no terminal");
    let empty = tempfile::tempdir().unwrap();
    let (code, told, _) = bench(&["list"], empty.path());
    assert!(code == Some(0) && told.starts_with("no runs below "), "{told}");
    assert_eq!(bench(&["list"], &empty.path().join("nowhere")).0, Some(3));
}

#[test]
fn every_committed_report_is_what_its_records_say() {
    let runs = committed();
    let mut read = 0;
    for folder in runs.iter().filter(|run| run.join("report.md").exists()) {
        let run = Run::load(folder).unwrap();
        for (name, again) in files(&run, &Findings::from_run(&run).unwrap()).unwrap() {
            let committed = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
            assert!(committed == again, "{}/{name} is not what its records say", folder.display());
        }
        let trials = run.trials.len();
        let bytes = std::fs::metadata(folder.join("report.html")).unwrap().len();
        assert!(
            trials > 30 || bytes <= 300 * 1024,
            "{bytes} bytes for {trials} trials in {}",
            folder.display()
        );
        read += 1;
    }
    assert!(read >= 9, "{read} reports were found");
}

/// What a folder has of what was committed: runs of whoever works here are none of its business.
fn is_committed(folder: &Path) -> bool {
    let asked = std::process::Command::new("git")
        .args(["ls-files", "--error-unmatch", "manifest.json"])
        .current_dir(folder)
        .output();
    // Where there is no git everything came with the sources.
    asked.map_or(true, |told| {
        told.status.success() || !Path::new(env!("CARGO_MANIFEST_DIR")).join(".git").exists()
    })
}

/// Compares with a committed file; what should be there instead is left beside the builds.
fn is_as_made(committed: &str, made: &str, how: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = std::fs::read_to_string(root.join(committed)).unwrap_or_default();
    let left = Path::new(env!("CARGO_TARGET_TMPDIR")).join(Path::new(committed).file_name().unwrap());
    std::fs::write(&left, made).unwrap();
    assert!(found == made, "{committed} is not what the records say: {how}; it would be {}", left.display());
}

#[test]
fn the_committed_index_is_what_a_list_of_the_committed_runs_says() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    let mut runs = shown(&results).unwrap();
    runs.retain(|shown| is_committed(&shown.run.folder));
    assert!(runs.len() >= 9, "{} runs", runs.len());
    let page = gallery(&results, &runs);
    for shown in &runs {
        let within = shown.run.folder.strip_prefix(&results).unwrap().display().to_string();
        assert!(page.contains(&format!("href=\"{within}/report.html\"")), "{within}");
    }
    assert!(page.contains("· emulated: 1 vCPU = 40.0 % of a core"), "what was emulated is said");
    assert!(!page.contains("<script") && !page.contains("src="), "it asks for nothing");
    is_as_made("results/index.html", &page, "`bench list results --html > results/index.html`");
}

#[test]
fn the_figure_of_the_readme_is_that_of_the_run_that_it_names() {
    let run = "results/partitions/2026-11-27T20-32-57Z-cf9cc0";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains(run) && readme.contains("docs/partitions.svg"));
    let run = Run::load(&root.join(run)).unwrap();
    let findings = Findings::from_run(&run).unwrap();
    let figure = answering_figure(&run, &findings).unwrap();
    let words: String = readme.replace('>', "").split_whitespace().collect::<Vec<_>>().join(" ");
    let listed = list(&root.join("results/partitions")).unwrap();
    let said = listed.iter().find_map(|run| run.answer.clone()).unwrap();
    assert!(
        words.contains(&run.manifest.question) && words.contains(&said),
        "the README does not say: {said}"
    );
    is_as_made("docs/partitions.svg", &figure, "it is the first figure of that run's report");
}

#[test]
fn every_committed_report_fits_any_terminal() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    for listed in list(&results).unwrap() {
        let run = Run::load(&listed.folder).unwrap();
        let findings = Findings::from_run(&run).unwrap();
        for width in [40, 60, 72, 80, 100, 132, 200] {
            let screen = Screen {
                width: Some(width),
                all: "bench report . | less -S".to_owned(),
                ..Screen::default()
            };
            let text = on_screen(&run, &findings, &screen);
            let is_one_word =
                |line: &str| line.trim_start_matches(['-', ' ']).split_whitespace().count() <= 1;
            for line in text.lines().filter(|line| line.chars().count() > width) {
                assert!(is_one_word(line), "{}: wider than {width}:\n{line}", listed.folder.display());
            }
        }
    }
}

#[test]
fn a_page_is_opened_by_what_opens_pages_and_named_where_there_is_nothing() {
    let out = tempfile::tempdir().unwrap();
    let folder = save(out.path()).unwrap();
    let bin = out.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let open = |path: &Path| {
        let mut bench = std::process::Command::new(env!("CARGO_BIN_EXE_bench"));
        let output = bench.arg("report").arg(folder.path()).arg("--open").env("PATH", path).output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let page = folder.path().join("report.html");
    let (code, stdout, told) = open(&bin);
    assert_eq!((code, stdout.as_str()), (Some(0), ""));
    assert!(told.contains("there is no `xdg-open`") && told.contains(page.to_str().unwrap()), "{told}");
    assert!(page.exists(), "it is made of the records where an older bench has left none");
    let opener = bin.join("xdg-open");
    std::fs::write(&opener, format!("#!/bin/sh\necho \"$1\" > {}\n", out.path().join("opened").display()))
        .unwrap();
    std::fs::set_permissions(&opener, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    assert!(open(&bin).2.starts_with("opened: "));
    let opened = std::fs::read_to_string(out.path().join("opened")).unwrap();
    assert_eq!(opened.trim(), page.to_str().unwrap());
}
