//! What a run is and met, as its manifest tells it.

use std::collections::BTreeMap;
use std::fs;

use super::World;
use crate::plan::{Plan, Treatment};
use crate::record::{Brokers, Build, FORMAT, Host, Manifest, ResponseLine, SloLine, TreatmentLine};

/// The manifest of a run that begins now. `configuration` is what was asked for, with `${ENV}` references unresolved.
pub fn manifest(plan: &Plan, world: &World, configuration: serde_json::Value) -> Manifest {
    let (met, this) = (world.admin.met(), Build::this());
    Manifest {
        format: FORMAT,
        bench_version: this.bench_version,
        git_id: this.git_id,
        experiment: plan.experiment.clone(),
        question: plan.question.clone(),
        host: host(),
        cluster: Brokers {
            started_by_bench: !world.broker_pids().is_empty(),
            versions: world.broker_version().into_iter().collect(),
            count: met.brokers as u32,
            id: met.cluster_id,
        },
        topics: BTreeMap::new(),
        clients: world.client_configurations(plan),
        librdkafka_version: rdkafka::util::get_rdkafka_version().1,
        pacing: world.pacing.clone(),
        configuration,
        seed: plan.seed,
        repetitions: plan.repetitions,
        prepare_s: plan.prepare.as_secs_f64(),
        factors: plan.factors.clone(),
        until_broken: plan.growth.is_some(),
        treatments: treatment_lines(plan),
        responses: plan.responses.iter().map(ResponseLine::from).collect(),
        slos: plan.slos.iter().map(SloLine::from).collect(),
        prices: plan.prices.clone(),
        units: Manifest::usual_units(),
        anchor_unix_ns: world.clock.offset_ns(),
        started: humantime::format_rfc3339_millis(std::time::SystemTime::now()).to_string(),
        finished: None,
        reports_by: None,
        resumed: Vec::new(),
    }
}

/// The treatments of a plan.
pub fn treatment_lines(plan: &Plan) -> Vec<TreatmentLine> {
    let line = |treatment: &Treatment| TreatmentLine {
        slug: treatment.slug.clone(),
        levels: treatment.levels.clone(),
    };
    plan.treatments.iter().map(line).collect()
}

fn host() -> Host {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_once(':').map(|(_, value)| value.trim().to_owned())
    };
    let memory_kib = field(&read("/proc/meminfo"), "MemTotal")
        .and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    Host {
        name: read("/proc/sys/kernel/hostname"),
        kernel: format!("{} {}", read("/proc/sys/kernel/ostype"), read("/proc/sys/kernel/osrelease")),
        cores: std::thread::available_parallelism().map_or(0, |cores| cores.get() as u32),
        cpu_model: field(&read("/proc/cpuinfo"), "model name").unwrap_or_default(),
        memory_mib: memory_kib.unwrap_or_default() / 1024,
    }
}
