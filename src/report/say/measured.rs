//! How it was measured, and what was not.

use std::collections::BTreeSet;

use super::emulated;
use crate::analyse::Findings;
use crate::record::{Asked, Run};
use crate::report::document::Section;

/// Digits of a fingerprint that are told, and how many fingerprints.
const DIGITS: usize = 12;
const TOLD: usize = 3;

/// How it was measured, and how emulated.
pub fn section(run: &Run, findings: &Findings) -> Section {
    let mut section = Section::new("measured", "How it was measured");
    section.list(measured(run).into_iter().chain(emulated::how(run, findings)));
    section
}

/// One sentence a line.
pub fn measured(run: &Run) -> Vec<String> {
    let manifest = &run.manifest;
    let host = &manifest.host;
    let cluster = &manifest.cluster;
    let version = if cluster.versions.is_empty() {
        "of unknown version".to_owned()
    } else {
        cluster.versions.join(", ")
    };
    let mut lines = vec![
        format!(
            "Host: {} cores of {}, {} MiB of memory, {}.",
            host.cores, host.cpu_model, host.memory_mib, host.kernel
        ),
        format!(
            "Kafka: {version}, {} broker{}, {}; clients: librdkafka {}{}.",
            cluster.count,
            if cluster.count == 1 { "" } else { "s" },
            if cluster.started_by_bench {
                "started by bench on the same host"
            } else {
                "a cluster that was there"
            },
            manifest.librdkafka_version,
            if is_light(run) { ", and bench's own light producers" } else { "" }
        ),
    ];
    for image in &manifest.images {
        let what = match (&image.digest, image.built) {
            (Some(digest), _) => format!("{} ({digest})", image.name),
            (None, true) => format!("built by {} (its id is {})", image.name, image.id),
            (None, false) => format!("{} (in no registry; its id is {})", image.name, image.id),
        };
        lines.push(format!("Consumers in containers: image {what}, run by {}.", image.engine));
    }
    if !run.trials.is_empty() {
        let range = |of: fn(&Asked) -> f64| {
            let values = run.trials.iter().map(|trial| of(&trial.record.asked));
            let (least, most) =
                values.fold((f64::MAX, f64::MIN), |(a, b), value| (a.min(value), b.max(value)));
            if least < most { format!("{least} to {most}") } else { least.to_string() }
        };
        let drawn = run.trials.iter().any(|trial| trial.record.asked.sizes_drawn);
        let drawn = if drawn { " on the average, drawn for each" } else { "" };
        lines.push(format!(
            "Phases: prepare {} s, warm-up {} s, measure {} s, drain at most {} s; messages of {} bytes{}.",
            manifest.prepare_s,
            range(|asked| asked.warm_up_s),
            range(|asked| asked.measure_s),
            range(|asked| asked.drain_s),
            range(|asked| asked.message_bytes as f64),
            drawn
        ));
    }
    lines.extend(topics(run));
    lines.extend(sent(run));
    let counted =
        |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let how = if manifest.is_searched() {
        "volumes each chosen by what those before gave".to_owned()
    } else {
        let repetitions = counted(manifest.repetitions as usize, "repetition", "repetitions");
        format!(
            "{} × {repetitions} in shuffled blocks",
            counted(manifest.treatments.len(), "treatment", "treatments")
        )
    };
    lines.push(format!(
        "Trials: {} of {} planned, {how}, seed {}; started {}.",
        run.trials.len(),
        run.plan.len(),
        manifest.seed,
        manifest.started
    ));
    for resumption in &manifest.resumed {
        let how = if resumption.differs {
            "by another bench, or on another machine or cluster: see `resumed` in `manifest.json`"
        } else {
            "on the same machine, by the same bench"
        };
        let added = match resumption.added_repetitions {
            0 => String::new(),
            added => {
                let added = counted(added as usize, "repetition was", "repetitions were");
                format!("; {added} added to those that there were, which is a further look")
            }
        };
        lines.push(format!("Gone on with at {}, {how}{added}.", resumption.started));
    }
    lines.push(
        if run.trials.iter().all(|trial| trial.record.asked.rate_msgs_per_s.is_none()) {
            "Clock: one monotonic clock for all processes; load is closed by the clients' queues (`rate: max`)."
        } else {
            "Clock: one monotonic clock for all processes; load is open loop, and every latency counts from when its message was due."
        }
        .to_owned(),
    );
    lines
}

/// How many topics trials had, where any had several.
fn topics(run: &Run) -> Option<String> {
    let several = run.trials.iter().map(|trial| &trial.record).filter(|record| !record.topics.is_empty());
    let told: BTreeSet<String> = several
        .map(|record| {
            format!("{} topics, {} partitions together", record.topics.len(), record.asked.partitions)
        })
        .collect();
    let told = told.into_iter().collect::<Vec<_>>().join("; ");
    (!told.is_empty()).then(|| {
        format!(
            "Topics: {told}; partitions are numbered through, in the order of `topics` in each `trial.json`."
        )
    })
}

/// What was sent, by its fingerprints: one for each seed and kind of messages.
fn sent(run: &Run) -> Option<String> {
    let known =
        run.trials.iter().filter_map(|trial| Some((trial.record.seed, trial.record.messages.as_ref()?)));
    let mut all: Vec<String> = known
        .map(|(seed, sent)| {
            format!("`{}…` for the seed {seed}", sent.sha256.get(..DIGITS).unwrap_or_default())
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    let more = all.len().saturating_sub(TOLD);
    all.truncate(TOLD);
    let told = all.join(", ");
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!told.is_empty()).then(|| {
        format!("Messages, SHA-256 of the first of each (whole in each `trial.json`): {told}{more}.")
    })
}

fn is_light(run: &Run) -> bool {
    let clients = run.trials.iter().flat_map(|trial| trial.record.asked.clients.values());
    clients.into_iter().any(|client| client == "light")
}
