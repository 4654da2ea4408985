//! The system.

use std::collections::BTreeSet;

use super::seen::{Seen, some};
use super::{Item, State, item};
use crate::report::number::plain;

pub(super) fn boxes(seen: &Seen<'_>) -> Vec<Item> {
    vec![
        item("exact versions", versions(seen)),
        item("effective configuration, not only what was overridden", configuration(seen)),
        item("kernel, CPU model, cores", host(seen)),
        item("governor of the CPU, limits of control groups, digest of a container's image", around(seen)),
        item("partitions, replication, acks, min.insync.replicas, retention", topic(seen)),
        item("a fresh topic and group for each trial", fresh(seen)),
        item("emulated or real, said in the title of every figure", emulated(seen)),
        item("emulation held against its nominal, with what was throttled", calibration(seen)),
        item("credit mode, and credits at the start and at the end", credits(seen)),
        item("one clock; jumps and negative latencies counted, not dropped", clock(seen)),
    ]
}

fn versions(seen: &Seen<'_>) -> State {
    let manifest = seen.manifest;
    let kafka = manifest.cluster.versions.join(", ");
    let git = manifest.git_id.as_deref().map(|id| format!(" at {id}")).unwrap_or_default();
    State::if_there(
        (!kafka.is_empty()).then(|| {
            format!(
                "`manifest.json`: bench {}{git}, Kafka {kafka}, librdkafka {}",
                manifest.bench_version, manifest.librdkafka_version
            )
        }),
        "the brokers did not tell their version",
        "brokers that tell it (`ApiVersions` or a finalized `metadata.version`)",
    )
}

fn configuration(seen: &Seen<'_>) -> State {
    let (topics, clients) = (&seen.manifest.topics, &seen.manifest.clients);
    let keys = topics.values().map(std::collections::BTreeMap::len).min().unwrap_or_default();
    if topics.is_empty() || clients.is_empty() || keys == 0 {
        return State::missing(
            format!("`manifest.json` has {} topics and {} clients", topics.len(), clients.len()),
            "a run that came as far as its first trial",
        );
    }
    State::Fulfilled(format!(
        "`manifest.json`: `topics`, {keys} settings each as the brokers tell them; `clients`, {} of them with all that librdkafka tells",
        clients.len()
    ))
}

fn host(seen: &Seen<'_>) -> State {
    let host = &seen.manifest.host;
    let known = !host.kernel.is_empty() && !host.cpu_model.is_empty() && host.cores > 0;
    State::if_there(
        known.then(|| {
            format!(
                "`host` of `manifest.json`: {}, {} cores of {}, {} MiB",
                host.kernel, host.cores, host.cpu_model, host.memory_mib
            )
        }),
        "`host` of `manifest.json` has no kernel, no CPU model or no cores",
        "a host that tells them",
    )
}

fn around(seen: &Seen<'_>) -> State {
    let limit = seen.records().filter_map(|record| record.host.as_ref()).any(|host| host.limit.is_some());
    let limit =
        if limit { "`host.limit` of `trial.json` has the CPU limit" } else { "no CPU limit is recorded" };
    let images = if seen.manifest.images.is_empty() {
        ""
    } else {
        "; `images` of `manifest.json` has the digests of the consumers' images"
    };
    State::missing(
        format!("{limit}{images}; bench does not record a governor, nor the image that it may run in"),
        "a note beside the run: `cpupower frequency-info`, the image's digest",
    )
}

fn topic(seen: &Seen<'_>) -> State {
    let all = |key: &str| {
        let values: BTreeSet<&str> =
            seen.manifest.topics.values().filter_map(|topic| topic.get(key)).map(String::as_str).collect();
        if values.is_empty() {
            "not told".to_owned()
        } else {
            values.into_iter().collect::<Vec<_>>().join(", ")
        }
    };
    let acks: BTreeSet<&str> = seen
        .asked
        .iter()
        .flat_map(|one| &one.settings.workload.fleets)
        .map(|fleet| {
            let own = fleet.properties.get("acks").or_else(|| fleet.properties.get("request.required.acks"));
            own.map_or("all (the default)", String::as_str)
        })
        .collect();
    let acks =
        if acks.is_empty() { "not told".to_owned() } else { acks.into_iter().collect::<Vec<_>>().join(", ") };
    let partitions: BTreeSet<u32> = seen.records().map(|record| record.asked.partitions).collect();
    let of_topics = seen.records().flat_map(|record| record.topics.iter().map(|topic| topic.replication));
    let replication: BTreeSet<u16> =
        seen.records().map(|record| record.asked.replication).chain(of_topics).flatten().collect();
    let words = |all: Vec<String>| some(&all, 6);
    let found = format!(
        "partitions {}, replication {} (`asked` of `trial.json`), acks {acks} (`experiment.yaml`), min.insync.replicas {}, retention.ms {} (`topics` of `manifest.json`)",
        words(partitions.iter().map(u32::to_string).collect()),
        words(replication.iter().map(u16::to_string).collect()),
        all("min.insync.replicas"),
        all("retention.ms")
    );
    if found.contains("not told") || replication.is_empty() {
        State::missing(found, "a cluster and clients that tell all of them")
    } else {
        State::Fulfilled(found)
    }
}

fn fresh(seen: &Seen<'_>) -> State {
    let topics: Vec<&str> =
        seen.records().map(|record| record.topic.as_str()).filter(|topic| !topic.is_empty()).collect();
    let distinct: BTreeSet<&&str> = topics.iter().collect();
    let trials = seen.records().count();
    State::if_there(
        (trials > 0 && distinct.len() == trials).then(|| {
            format!(
                "`topic` and `group` of each `trial.json`: {trials} trials, {} different topics",
                distinct.len()
            )
        }),
        format!("`topic` of `trial.json`: {} different ones in {trials} trials", distinct.len()),
        "a topic for each trial",
    )
}

fn emulated(seen: &Seen<'_>) -> State {
    let some = seen.records().filter(|record| !record.emulated.is_empty()).count();
    let all = seen.records().count();
    State::Fulfilled(if some == 0 {
        format!(
            "`emulated` of each `trial.json`: none of {all} trials; the report says that nothing was emulated"
        )
    } else {
        format!(
            "`emulated` of `trial.json`: {some} of {all} trials; titles say:{}",
            super::emulated::title(seen.run)
        )
    })
}

fn calibration(seen: &Seen<'_>) -> State {
    if !seen.emulated() {
        return State::NotOf("nothing was emulated".to_owned());
    }
    let instances = || {
        let groups = seen.valid().flat_map(|trial| &trial.record.emulated);
        groups.flat_map(|group| &group.instances)
    };
    let off: Option<Vec<f64>> =
        instances().map(|one| one.work.as_ref().map(|work| work.off_percent().abs())).collect();
    let Some(off) = off.filter(|off| !off.is_empty()) else {
        return State::missing(
            "`work` of `emulated` in `trial.json` is null: what an instance got was not measured",
            "the reference consumer with `work: {cpu: …}`",
        );
    };
    let worst = off.into_iter().fold(0.0, f64::max);
    let throttled = instances().filter_map(|one| one.throttled_ms).fold(0.0, f64::max);
    State::Fulfilled(format!(
        "`work` of `emulated` in `trial.json`: what instances got is off by {} % of what they should have had at most; `throttled_ms`: {} ms at most",
        plain(worst),
        plain(throttled)
    ))
}

fn credits(seen: &Seen<'_>) -> State {
    if !seen.emulated() {
        return State::NotOf("nothing was emulated".to_owned());
    }
    let groups = || seen.valid().flat_map(|trial| &trial.record.emulated);
    if groups().all(|group| group.credit_mode.is_none()) {
        return State::NotOf("types of fixed performance have no credits".to_owned());
    }
    let known = groups()
        .filter(|group| group.credit_mode.is_some())
        .flat_map(|group| &group.instances)
        .all(|one| one.balance_start_credits.is_some() && one.balance_end_credits.is_some());
    let modes: BTreeSet<String> = groups()
        .filter_map(|group| {
            Some(format!("{} from {}", group.credit_mode?.name(), group.credit_start.as_deref()?))
        })
        .collect();
    let modes = modes.into_iter().collect::<Vec<_>>().join(", ");
    State::if_there(
        known.then(|| {
            format!(
                "`emulated` of `trial.json`: {modes}; each instance's balance at the window's start and end"
            )
        }),
        format!("{modes}; the balance of some instance is null"),
        "control groups that can be read all the time",
    )
}

fn clock(seen: &Seen<'_>) -> State {
    let negative: u64 = seen.records().map(|record| record.negative).sum();
    let jump = seen.worst(|trial| trial.record.clock_step_ms.map(f64::abs));
    State::if_there(
        jump.map(|(ms, trial)| {
            format!(
                "one host, one monotonic clock anchored once (`anchor_unix_ns` of `manifest.json`); `clock_step_ms` of `trial.json` at most {} ms (`{trial}`); `negative`: {negative} latencies",
                plain(ms)
            )
        }),
        "`clock_step_ms` is null in a valid trial",
        "a host whose clocks can be read",
    )
}
