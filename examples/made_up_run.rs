//! A run of made-up trials of 30 s, as large as one likes: what `scripts/report-speed` times.
//!
//! `made_up_run make DIR TRIALS RATE` writes the folder of a run of so many trials of so many messages a second, and prints where; `made_up_run overhead DIR
//! TRIALS RATE` saves them one by one as the driver does, and prints what is spent between two trials at the 10th and at the last.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program of its own: its figures are its output"
)]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, UNIX_EPOCH};

use kafka_bench::books::InstanceSecond;
use kafka_bench::catalogue::find;
use kafka_bench::driver::SoFar;
use kafka_bench::record::series::Row;
use kafka_bench::record::{
    Beside, Folder, Latencies, Manifest, PlanRow, TrialRecord, empty_histogram, trial_name,
};
use kafka_bench::units::Latency;
use rand::SeedableRng;
use rand_distr::{Distribution, LogNormal};
use rand_pcg::Pcg64Mcg;
use serde_json::json;

const WARM_UP_S: u64 = 10;
const MEASURE_S: u64 = 30;
const DRAIN_S: u64 = 5;
/// Trials of each treatment.
const REPETITIONS: u32 = 10;
/// What the instances of the treatments are, in turn.
const TYPES: [&str; 4] = ["t3.micro", "t3.small", "t3.medium", "t3.large"];
/// Histograms take their time: so many trials are drawn, and the others have their latencies and series.
const DRAWN: u32 = 8;
/// Median in microseconds and sigma of a log-normal.
const SPREADS: [(Latency, f64, f64); 7] = [
    (Latency::SendDelay, 30.0, 1.2),
    (Latency::AcceptDelay, 3.0, 1.0),
    (Latency::Ack, 2_000.0, 0.5),
    (Latency::Receive, 2_500.0, 0.5),
    (Latency::EndToEnd, 3_000.0, 0.5),
    (Latency::AckService, 1_900.0, 0.5),
    (Latency::ProcessService, 200.0, 0.4),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [what @ ("make" | "overhead"), dir, trials, rate] => {
            let act = if what == "make" { make } else { overhead };
            let numbers = trials.parse().and_then(|trials| Ok((trials, rate.parse()?)));
            numbers.map_err(Into::into).and_then(|(trials, rate)| act(Path::new(dir), trials, rate))
        }
        _ => Err("usage: made_up_run make|overhead DIR TRIALS RATE".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn make(dir: &Path, trials: u32, rate: u64) -> Result<(), Box<dyn Error>> {
    let folder = Folder::create(dir, "made-up", UNIX_EPOCH, "000000")?;
    let plan = plan(trials);
    folder.write_plan(&plan)?;
    folder.write_manifest(&manifest(&plan, rate)?)?;
    let place =
        |planned: &PlanRow| folder.trial(&trial_name(planned.order, &planned.treatment, planned.repetition));
    for (at, planned) in plan.iter().enumerate() {
        let record = record(planned, rate)?;
        if planned.order <= DRAWN {
            save(&folder, &record, &Drawn::of(planned.seed, rate))?;
            continue;
        }
        let (from, to) = (place(&plan[at % DRAWN as usize]), place(planned));
        fs::create_dir_all(&to)?;
        for file in ["latency.hlog", "series.csv", "events.jsonl", "instances.csv"] {
            fs::copy(from.join(file), to.join(file))?;
        }
        fs::write(to.join("trial.json"), serde_json::to_vec_pretty(&record)?)?;
    }
    println!("{}", folder.path().display());
    Ok(())
}

fn overhead(dir: &Path, trials: u32, rate: u64) -> Result<(), Box<dyn Error>> {
    let folder = Folder::create(dir, "made-up", UNIX_EPOCH, "000000")?;
    let plan = plan(trials);
    let manifest = manifest(&plan, rate)?;
    folder.write_manifest(&manifest)?;
    let drawn: Vec<Drawn> = (0..DRAWN).map(|seed| Drawn::of(seed.into(), rate)).collect();
    let (mut so_far, mut spent) = (SoFar::default(), Vec::new());
    for (planned, drawn) in plan.iter().zip(drawn.iter().cycle()) {
        let record = record(planned, rate)?;
        let begin = Instant::now();
        save(&folder, &record, drawn)?;
        let (saved, begin) = (begin.elapsed(), Instant::now());
        so_far.add(&folder, &manifest, &record.trial)?;
        so_far.write_tables(&folder, &manifest)?;
        spent.push((saved, begin.elapsed()));
    }
    // The middle of ten: a single one may have met the disk at work.
    let around = |of: &[(Duration, Duration)]| {
        let middle = |part: fn(&(Duration, Duration)) -> Duration| {
            let mut all: Vec<Duration> = of.iter().map(part).collect();
            all.sort_unstable();
            all[all.len() / 2].as_secs_f64() * 1e3
        };
        (middle(|one| one.0), middle(|one| one.1))
    };
    let (first, last) = (
        around(&spent[5.min(spent.len() - 1)..15.min(spent.len())]),
        around(&spent[spent.len().saturating_sub(10)..]),
    );
    println!("10th trial: {:.1} ms to save it, {:.1} ms to judge it and write the tables", first.0, first.1);
    println!(
        "{trials}th trial: {:.1} ms to save it, {:.1} ms to judge it and write the tables",
        last.0, last.1
    );
    Ok(())
}

/// What was seen over the time of a trial.
struct Drawn {
    latencies: Latencies,
    rows: Vec<Row>,
    instances: Vec<InstanceSecond>,
}

impl Drawn {
    fn of(seed: u64, rate: u64) -> Self {
        Drawn { latencies: latencies(seed, rate), rows: rows(seed, rate), instances: instances() }
    }
}

fn save(folder: &Folder, record: &TrialRecord, drawn: &Drawn) -> Result<(), Box<dyn Error>> {
    let beside = Beside { instances: &drawn.instances, ..Beside::default() };
    Ok(folder.save(record, (&drawn.latencies, &drawn.rows, &[]), beside)?)
}

fn plan(trials: u32) -> Vec<PlanRow> {
    let treatments = trials.div_ceil(REPETITIONS);
    (0..trials)
        .map(|at| PlanRow {
            order: at + 1,
            block: at / treatments + 1,
            treatment: format!("partitions={}", at % treatments + 1),
            repetition: at / treatments + 1,
            seed: u64::from(at) + 1,
        })
        .collect()
}

fn manifest(plan: &[PlanRow], rate: u64) -> Result<Manifest, serde_json::Error> {
    let first_block = plan.iter().filter(|planned| planned.block == 1);
    let treatments: Vec<_> =
        first_block.map(|planned| json!({ "slug": planned.treatment, "levels": [level(planned)] })).collect();
    let price = |name: &str| {
        find(name).map(|one| json!({ "usd": one.price_per_hour, "date": one.date, "source": one.source }))
    };
    let rents: serde_json::Map<_, _> =
        TYPES.into_iter().filter_map(|name| Some((name.to_owned(), price(name)?))).collect();
    serde_json::from_value(json!({
        "prices": { "region": "us-east-1", "instances": rents },
        "format": 1, "bench_version": "0.1.0", "git_id": null, "experiment": "made-up",
        "question": format!("What does a report over {} trials of {rate} messages a second take?", plan.len()),
        "host": { "name": "none", "kernel": "Linux", "cores": 2, "cpu_model": "none", "memory_mib": 8192 },
        "cluster": { "started_by_bench": true, "versions": ["4.3.1"], "count": 1, "id": null },
        "topics": {}, "clients": {}, "librdkafka_version": "2.12.1", "configuration": {}, "seed": 1,
        "repetitions": REPETITIONS, "prepare_s": 30.0, "factors": ["topic.partitions"], "treatments": treatments,
        "slos": [
            { "text": "p99(end_to_end) < 250ms", "metric": "end_to_end_latency_p99_ms", "comparison": "<", "bound": 250.0 },
            { "text": "p95(ack) < 20ms", "metric": "ack_latency_p95_ms", "comparison": "<", "bound": 20.0 },
        ],
        "units": {}, "anchor_unix_ns": 0, "started": "2026-11-22T23:17:45Z", "finished": "2026-11-23T09:17:45Z",
    }))
}

fn level(planned: &PlanRow) -> &str {
    planned.treatment.trim_start_matches("partitions=")
}

fn record(planned: &PlanRow, rate: u64) -> Result<TrialRecord, serde_json::Error> {
    let due = rate * (WARM_UP_S + MEASURE_S);
    let name = TYPES[level(planned).parse().unwrap_or(0) % TYPES.len()];
    let instance = json!({
        "instance": 0, "up_s": 42.0, "window_up_s": MEASURE_S as f64, "used_vcpus": 0.1, "full_size_vcpus": 0.1, "allowed_vcpus": 0.2,
        "throttled_ms": 0.0, "balance_start_credits": 30.0, "balance_end_credits": 30.0, "surplus_credits": 0.0, "charged_credits": 0.0,
        "memory_max_mib": 24.0, "oom_kills": 0, "work": null,
    });
    let emulated = json!({
        "group": "made-up", "instance_type": find(name), "credit_mode": "standard", "credit_start": "full", "time_scale": 1,
        "vcpu_percent": 10.0, "enforced_by": "work", "period_us": null, "refused": 0, "instances": [instance],
    });
    let asked = json!({
        "rate_msgs_per_s": rate as f64, "message_bytes": 1024, "replication": 1, "partitions": 6, "instances": 1, "threads": 1,
        "clients": { "all": "librdkafka" },
        "warm_up_s": WARM_UP_S as f64, "measure_s": MEASURE_S as f64, "drain_s": DRAIN_S as f64,
    });
    let books = json!({
        "due": due, "sent": due, "refused": 0, "acked": due, "failed": 0, "in_flight": 0, "received": due, "received_unacked": 0,
        "duplicates": 0, "out_of_order": 0, "unread": 0, "lost": 0, "aborted": 0, "received_aborted": 0,
    });
    let in_window = rate * MEASURE_S;
    let wire = json!({
        "seconds": MEASURE_S as f64, "requests": 15_000, "batches": 15_000, "records": in_window, "bytes": in_window * 1024,
    });
    let partitions = json!({ "acked": vec![due / 6; 6], "acked_in_window": vec![in_window / 6; 6], "lag_end": vec![1; 6], "lag_max": null });
    serde_json::from_value(json!({
        "format": 1, "trial": trial_name(planned.order, &planned.treatment, planned.repetition),
        "order": planned.order, "block": planned.block, "repetition": planned.repetition,
        "treatment": planned.treatment, "levels": [["topic.partitions", level(planned)]], "seed": planned.seed,
        "started": "2026-11-22T23:17:45Z", "settle_s": 0.25, "topic": "bench-000000-001", "group": "made-up-bench-000000-001",
        "end": "completed", "asked": asked, "emulated": [emulated],
        "spent_s": { "deploy": 0.25, "drain": 0.1, "ready": 1.5, "tear_down": 0.5 },
        "books": books, "due_in_window": in_window, "out_of_range": 0, "negative": 0, "unattributed_redeliveries": 0,
        "host": { "cpu_percent": 40.0 + (planned.seed % 7) as f64, "steal_percent": 0.0, "cores": 2 },
        "consumers": { "cpu_cores": 0.1, "rss_max_mib": 24.0, "context_switches_per_s": 6_000.0 },
        "cluster": { "cpu_cores": 0.4, "rss_max_mib": 996.0, "context_switches_per_s": 14_000.0 },
        "load_cpu_cores": 0.3, "load_busiest_thread_cores": 0.2, "load_run_delay": 0.01, "load_wait_ms": 0.02,
        "load_rss_max_mib": 60.0, "clock_step_ms": 0.01, "wire": wire, "rebalances": 0, "deaths": 0, "oom_kills": 0,
        "broker_errors": {}, "failures": {}, "watched_s": (WARM_UP_S + MEASURE_S) as f64 + 0.5, "partitions": partitions,
    }))
}

/// Each second holds as many as were due, drawn anew.
fn latencies(seed: u64, rate: u64) -> Latencies {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut all = Latencies::new();
    for second in -(WARM_UP_S as i64)..MEASURE_S as i64 {
        for (latency, median_us, sigma) in SPREADS {
            let Ok(spread) = LogNormal::new(f64::ln(median_us * 1e3), sigma) else { continue };
            let mut histogram = empty_histogram();
            for _ in 0..rate {
                histogram.saturating_record(spread.sample(&mut random) as u64);
            }
            all.add(second, latency, &histogram);
        }
    }
    all
}

fn rows(seed: u64, rate: u64) -> Vec<Row> {
    let quarters = (WARM_UP_S + MEASURE_S) * 4 + 2;
    (0..quarters)
        .map(|at| {
            let count = if at < (WARM_UP_S + MEASURE_S) * 4 { rate / 4 } else { 0 };
            let phase = match at / 4 {
                second if second < WARM_UP_S => "warm_up",
                second if second < WARM_UP_S + MEASURE_S => "measure",
                _ => "drain",
            };
            let jitter = |of: f64| of + ((at * 7 + seed) % 13) as f64 / 13.0;
            let read = |of: f64| (at % 4 == 3).then(|| jitter(of));
            Row {
                t_s: at as f64 / 4.0,
                phase: phase.into(),
                due: count,
                sent: count,
                acked: count,
                received: Some(count),
                processed: count,
                backlog_messages: (at * 7 + seed) % 29,
                unprocessed_messages: Some((at * 7 + seed) % 13),
                lag_messages: Some(400 + (at * 7 + seed) % 97),
                time_lag_ms: Some(jitter(50.0)),
                consumers_cpu_cores: read(0.1),
                consumers_rss_mib: read(24.0),
                cluster_cpu_cores: read(0.4),
                cluster_rss_mib: read(996.0),
                load_cpu_cores: read(0.3),
                host_cpu_percent: read(40.0),
                host_steal_percent: read(0.0),
                host_io_wait_percent: read(0.0),
                host_context_switches_per_s: read(20_000.0),
                host_memory_mib: read(2_000.0),
                consumers_context_switches_per_s: read(6_000.0),
                cluster_context_switches_per_s: read(14_000.0),
                load_context_switches_per_s: read(9_000.0),
                load_rss_mib: read(60.0),
                processed_bytes: Some(count * 1024),
                ..Row::default()
            }
        })
        .collect()
}

fn instances() -> Vec<InstanceSecond> {
    let second = |at: u64| InstanceSecond {
        t_s: at as f64,
        group: "made-up".to_owned(),
        cpu_cores: 0.01,
        used_vcpus: 0.1,
        allowed_vcpus: 2.0,
        quota_cores: Some(0.2),
        periods: Some(10),
        throttled_ms: Some(0.0),
        balance_credits: Some(30.0),
        surplus_credits: Some(0.0),
        memory_mib: Some(24.0),
        ..InstanceSecond::default()
    };
    (0..WARM_UP_S + MEASURE_S).map(second).collect()
}
