//! In what two sides differ beside what they measured, and whether that forbids to compare them.

use std::collections::{BTreeMap, BTreeSet};

use super::side::{Pair, Side};
use crate::analyse::TreatmentFindings;
use crate::record::{EmulatedGroup, Fingerprint, Manifest, TrialRecord};

/// Hosts whose memory differs by more are not alike: what a kernel keeps for itself varies a little.
const MEMORY: f64 = 0.05;
/// Parts of an experiment that say what is asked of the consumers, and not what they are.
const LOAD: [&str; 6] =
    ["backlog", "workload.rate", "workload.shape", "workload.arrivals", "workload.message", "workload.until"];

/// One thing in which two sides differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What.
    pub what: String,
    /// Of the base; empty where it has none.
    pub base: String,
    /// Of the other.
    pub other: String,
    /// Whether numbers of the two cannot be set against each other.
    pub forbids: bool,
}

/// Everything in which two sides differ; what forbids to compare them first.
pub fn differences(base: &Side<'_>, other: &Side<'_>) -> Vec<Difference> {
    let mut all = Vec::new();
    if !base.is_of_one_run(other) {
        of_runs(&base.run.manifest, &other.run.manifest, &mut all);
        of_settings(&base.run.manifest, &other.run.manifest, &mut all);
        of_experiments(&leaves(base), &leaves(other), &mut all);
        // What traces and messages hold is a part of what was asked of the consumers.
        for (name, here, there) in apart_in(&base.run.inputs(), &other.run.inputs()) {
            add(&mut all, true, &format!("contents of {name} (SHA-256)"), (here, there));
        }
    }
    for pair in base.pairs(other).0 {
        if base.is_of_one_run(other) {
            let named = base.run.manifest.factors.iter().zip(pair.base.levels.iter().zip(&pair.other.levels));
            for (factor, (here, there)) in named {
                add(&mut all, false, &format!("factor {factor}"), (here.clone(), there.clone()));
            }
        }
        of_treatments(pair, &mut all);
    }
    all.sort_by_key(|one| !one.forbids);
    let mut seen = BTreeSet::new();
    all.retain(|one| seen.insert((one.what.clone(), one.base.clone(), one.other.clone())));
    all
}

fn add(all: &mut Vec<Difference>, forbids: bool, what: &str, (base, other): (String, String)) {
    if base != other {
        all.push(Difference { what: what.to_owned(), base, other, forbids });
    }
}

fn of_runs(base: &Manifest, other: &Manifest, all: &mut Vec<Difference>) {
    let both = |of: &dyn Fn(&Manifest) -> String| (of(base), of(other));
    add(all, true, "question", both(&|of| of.question.clone()));
    add(all, true, "format of the records", both(&|of| of.format.to_string()));
    add(all, true, "units", both(&|of| json(&of.units)));
    add(all, true, "host: CPU", both(&|of| of.host.cpu_model.clone()));
    add(all, true, "host: cores", both(&|of| of.host.cores.to_string()));
    let memory = (base.host.memory_mib as f64, other.host.memory_mib as f64);
    let apart = (memory.0 - memory.1).abs() > MEMORY * memory.0.max(memory.1);
    add(all, apart, "host: memory, MiB", both(&|of| of.host.memory_mib.to_string()));
    add(all, true, "Kafka: version", both(&|of| of.cluster.versions.join(", ")));
    add(all, true, "Kafka: brokers", both(&|of| of.cluster.count.to_string()));
    add(all, true, "Kafka: started by bench", both(&|of| of.cluster.started_by_bench.to_string()));
    add(all, false, "host: name", both(&|of| of.host.name.clone()));
    add(all, false, "host: kernel", both(&|of| of.host.kernel.clone()));
    add(all, false, "librdkafka", both(&|of| of.librdkafka_version.clone()));
    add(
        all,
        false,
        "bench",
        both(&|of| format!("{} {}", of.bench_version, of.git_id.as_deref().unwrap_or(""))),
    );
    add(all, false, "seed", both(&|of| of.seed.to_string()));
    add(all, false, "repetitions", both(&|of| of.repetitions.to_string()));
    add(all, false, "prices", both(&|of| json(&of.prices)));
    let moved = |of: &Manifest| {
        let differs = of.resumed.iter().any(|one| one.differs);
        if differs { "another bench, librdkafka, machine or Kafka" } else { "the same" }.to_owned()
    };
    add(all, true, "gone on with by", both(&moved));
    add(all, false, "gone on with", both(&|of| of.resumed.len().to_string()));
    add(all, false, "started", both(&|of| of.started.clone()));
}

/// What topics, clients and the load's clock were set to, and which images consumers were containers of: a name may stand for another one on another day.
fn of_settings(base: &Manifest, other: &Manifest, all: &mut Vec<Difference>) {
    for (slug, settings) in &base.topics {
        let Some(others) = other.topics.get(slug) else { continue };
        for (key, here, there) in apart_in(settings, others) {
            add(all, false, &format!("topic, {slug}: {key}"), (here, there));
        }
    }
    for (client, settings) in &base.clients {
        let Some(others) = other.clients.get(client) else { continue };
        for (key, here, there) in apart_in(settings, others) {
            add(all, false, &format!("client, {client}: {key}"), (here, there));
        }
    }
    for (slug, pacing) in &base.pacing {
        let Some(others) = other.pacing.get(slug) else { continue };
        add(all, false, &format!("pacing, {slug}"), (pacing.to_string(), others.to_string()));
    }
    for (name, here, there) in apart_in(&images(base), &images(other)) {
        add(all, false, &format!("image {name}"), (here, there));
    }
}

/// The id of each image, by its name.
fn images(of: &Manifest) -> BTreeMap<String, String> {
    of.images.iter().map(|image| (image.name.clone(), image.id.clone())).collect()
}

fn apart_in(
    here: &BTreeMap<String, String>,
    there: &BTreeMap<String, String>,
) -> Vec<(String, String, String)> {
    let keys: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
    let of = |map: &BTreeMap<String, String>, key: &String| map.get(key).cloned().unwrap_or_default();
    let all = keys.into_iter().map(|key| (key.clone(), of(here, key), of(there, key)));
    all.filter(|(_, a, b)| a != b).collect()
}

/// Values of the experiment by their paths, with what was set over the file.
fn leaves(side: &Side<'_>) -> BTreeMap<String, String> {
    side.run.experiment().map(|document| document.leaves().into_iter().collect()).unwrap_or_default()
}

fn of_experiments(
    base: &BTreeMap<String, String>,
    other: &BTreeMap<String, String>,
    all: &mut Vec<Difference>,
) {
    for (path, here, there) in apart_in(base, other) {
        let told = ["question", "seed", "repetitions"].contains(&path.as_str()); // by the manifest
        if !told {
            let forbids = LOAD.iter().any(|load| path == *load || path.starts_with(&format!("{load}.")));
            add(all, forbids, &format!("experiment: {path}"), (here, there));
        }
    }
}

/// What the trials themselves were asked, and how their instances were emulated.
fn of_treatments(pair: Pair<'_>, all: &mut Vec<Difference>) {
    let asked = |of: &TreatmentFindings| of.trials.first().map(|trial| trial.record.clone());
    let (Some(base), Some(other)) = (asked(pair.base), asked(pair.other)) else { return };
    let both = |of: &dyn Fn(&TrialRecord) -> String| (of(&base), of(&other));
    let slug = &pair.base.slug;
    let rate = |of: &TrialRecord| {
        of.asked.rate_msgs_per_s.map_or_else(|| "max".to_owned(), |rate| format!("{rate}/s"))
    };
    add(all, true, &format!("offered load, {slug}"), both(&rate));
    add(all, true, &format!("message size, {slug}"), both(&|of| format!("{} B", of.asked.message_bytes)));
    if base.seed == other.seed
        && let (Some(here), Some(there)) = (&base.messages, &other.messages)
    {
        let words = |of: &Fingerprint| format!("{} of {}", of.sha256, of.messages);
        add(all, true, &format!("messages (SHA-256), {slug}"), (words(here), words(there)));
    }
    add(all, true, &format!("emulation, {slug}"), both(&|of| emulation(&of.emulated)));
    add(all, false, &format!("window, {slug}"), both(&|of| format!("{} s", of.asked.measure_s)));
    add(all, false, &format!("warm-up, {slug}"), both(&|of| format!("{} s", of.asked.warm_up_s)));
    add(all, false, &format!("partitions, {slug}"), both(&|of| of.asked.partitions.to_string()));
    let instances = |of: &TrialRecord| of.asked.instances.map_or_else(String::new, |count| count.to_string());
    add(all, false, &format!("instances, {slug}"), both(&instances));
}

/// How instances were emulated, apart from which they were.
fn emulation(groups: &[EmulatedGroup]) -> String {
    let one = |group: &EmulatedGroup| {
        format!(
            "{} % of a core for a vCPU, by {}, time × {}",
            group.vcpu_percent, group.enforced_by, group.time_scale
        )
    };
    let mut told: Vec<String> = groups.iter().map(one).collect();
    told.dedup();
    if told.is_empty() { "none".to_owned() } else { told.join("; ") }
}

fn json(of: &impl serde::Serialize) -> String {
    serde_json::to_string(of).unwrap_or_default()
}
