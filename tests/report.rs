//! A run's folder is all that a report needs: saved by one process, it reads the same to any other.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::UNIX_EPOCH;

use kafka_bench::analyse::{Findings, trials_table};
use kafka_bench::books::Books;
use kafka_bench::record::series::Row;
use kafka_bench::record::{
    Asked, Beside, Brokers, End, FORMAT, Folder, Host, Latencies, Manifest, PlanRow, Run, TreatmentLine,
    TrialRecord, empty_histogram, trial_name,
};
use kafka_bench::report::{Format, files, render};
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
        seed: 1,
        started: "2026-11-22T23:17:45Z".to_owned(),
        settle_s: None,
        topic: String::new(),
        group: None,
        end: End::Completed,
        asked: Asked {
            rate_msgs_per_s: Some(400.0),
            message_bytes: 100,
            sizes_drawn: false,
            replication: Some(1),
            partitions: 1,
            instances: None,
            threads: None,
            clients: std::collections::BTreeMap::new(),
            warm_up_s: 0.0,
            measure_s: 5.0,
            drain_s: 1.0,
        },
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
        rebalances: 0,
        deaths: 0,
        silences: Vec::new(),
        oom_kills: 0,
        broker_errors: BTreeMap::new(),
        failures: BTreeMap::new(),
        watched_s: None,
        partitions: None,
        fairness: None,
        groups: Vec::new(),
    }
}

fn manifest() -> Manifest {
    Manifest {
        format: FORMAT,
        bench_version: "0.1.0".to_owned(),
        git_id: None,
        experiment: "demo".to_owned(),
        question: "How long does an ack take?".to_owned(),
        host: Host::default(),
        cluster: Brokers::default(),
        topics: BTreeMap::new(),
        clients: BTreeMap::new(),
        librdkafka_version: "2.12.1".to_owned(),
        pacing: BTreeMap::new(),
        configuration: serde_json::Value::Null,
        seed: 1,
        repetitions: 1,
        prepare_s: 0.0,
        factors: Vec::new(),
        until_broken: false,
        treatments: vec![TreatmentLine { slug: "base".to_owned(), levels: Vec::new() }],
        responses: Vec::new(),
        slos: Vec::new(),
        prices: kafka_bench::units::Prices::default(),
        units: Manifest::usual_units(),
        anchor_unix_ns: 0,
        started: "2026-11-22T23:17:45Z".to_owned(),
        finished: Some("2026-11-22T23:18:45Z".to_owned()),
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
            phase: "measure".to_owned(),
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
        ["experiment.yaml", "manifest.json", "plan.csv", "report.md", "trials", "trials.csv"],
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

#[test]
fn every_committed_report_is_what_its_records_say() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    let folders = |of: &Path| -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    };
    let runs: Vec<_> = folders(&results).iter().flat_map(|experiment| folders(experiment)).collect();
    let made = runs.iter().filter(|run| run.join("report.md").exists());
    let mut read = 0;
    for folder in made {
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
