//! What a run is and met, as its manifest tells it.

use std::collections::BTreeMap;
use std::fs;

use super::World;
use crate::cluster::Image;
use crate::plan::{Plan, Treatment};
use crate::record::{
    Brokers, Build, FORMAT, Host, ImageLine, Manifest, ResponseLine, ScrapedLine, SearchLine, SloLine,
    TreatmentLine,
};
use crate::spec::{Search, secrets};

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
            versions: world.broker_versions(&met.brokers),
            count: met.brokers.len() as u32,
            id: met.cluster_id,
        },
        topics: BTreeMap::new(),
        clients: world.client_configurations(plan),
        images: image_lines(world),
        librdkafka_version: rdkafka::util::get_rdkafka_version().1,
        pacing: world.pacing.clone(),
        configuration,
        seed: plan.seed,
        repetitions: plan.repetitions,
        prepare_s: plan.prepare.as_secs_f64(),
        factors: plan.factors.clone(),
        until_broken: plan.growth.as_ref().is_some_and(|growth| growth.asked.is_none()),
        search: search_line(plan),
        treatments: treatment_lines(plan),
        responses: plan.responses.iter().map(ResponseLine::from).collect(),
        slos: plan.slos.iter().map(SloLine::from).collect(),
        scraped: scraped_lines(plan),
        prices: plan.prices.clone(),
        units: Manifest::usual_units(),
        anchor_unix_ns: world.clock.offset_ns(),
        started: humantime::format_rfc3339_millis(std::time::SystemTime::now()).to_string(),
        finished: None,
        reports_by: None,
        resumed: Vec::new(),
    }
}

/// What is searched for; none where nothing is, or volume only grows until an SLO breaks.
fn search_line(plan: &Plan) -> Option<SearchLine> {
    let growth = plan.growth.as_ref()?;
    let asked = growth.asked.as_ref()?;
    let mut line = SearchLine {
        kind: asked.kind().to_owned(),
        of: asked.of().to_owned(),
        from_msgs_per_s: None,
        tolerance_percent: None,
        levels: Vec::new(),
        confirm: plan.repetitions,
        alone_from: growth.alone_from(),
        max_trials: asked.max_trials(),
    };
    match asked {
        Search::Capacity { from, tolerance, .. } => {
            line.from_msgs_per_s = Some(from.as_per_second());
            line.tolerance_percent = Some(tolerance * 100.0);
        }
        Search::Demand { levels, .. } => line.levels.clone_from(levels),
    }
    Some(line)
}

fn image_lines(world: &World) -> Vec<ImageLine> {
    let line = |image: Image| ImageLine {
        name: image.name,
        built: image.built,
        id: image.id,
        digest: image.digest,
        engine: image.engine,
    };
    world.images().into_iter().map(line).collect()
}

fn scraped_lines(plan: &Plan) -> Vec<ScrapedLine> {
    let pages = plan.scrape.iter().enumerate();
    let lines = pages.flat_map(|(page, target)| {
        target.metrics.iter().map(move |one| ScrapedLine {
            page: page as u32,
            url: secrets::without_login(&target.url),
            every_ms: target.every.as_nanos() / 1_000_000,
            name: one.name.clone(),
            select: one.select.to_string(),
            kind: one.kind.name().to_owned(),
        })
    });
    lines.collect()
}

/// The treatments of a plan.
pub fn treatment_lines(plan: &Plan) -> Vec<TreatmentLine> {
    let line = |treatment: &Treatment| TreatmentLine {
        slug: treatment.slug.clone(),
        levels: treatment.levels.clone(),
        baseline: treatment.is_baseline,
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
