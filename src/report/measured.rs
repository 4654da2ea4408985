//! How it was measured, and what was not.

use crate::record::Run;

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
            "Kafka: {version}, {} broker{}, {}; clients: librdkafka {}.",
            cluster.count,
            if cluster.count == 1 { "" } else { "s" },
            if cluster.started_by_bench {
                "started by bench on the same host"
            } else {
                "a cluster that was there"
            },
            manifest.librdkafka_version
        ),
    ];
    if let Some(trial) = run.trials.first() {
        let asked = &trial.record.asked;
        lines.push(format!(
            "Phases: prepare {} s, warm-up {} s, measure {} s, drain at most {} s; messages of {} bytes.",
            manifest.prepare_s, asked.warm_up_s, asked.measure_s, asked.drain_s, asked.message_bytes
        ));
    }
    lines.push(format!(
        "Trials: {} of {} planned, {} treatments × {} repetitions in shuffled blocks, seed {}; started {}.",
        run.trials.len(),
        run.plan.len(),
        manifest.treatments.len(),
        manifest.repetitions,
        manifest.seed,
        manifest.started
    ));
    lines.push(
        "Clock: one monotonic clock for all processes; load is open loop, and every latency counts from when its message was due."
            .to_owned(),
    );
    lines.push(
        if cluster.started_by_bench {
            "Not measured: networks between machines, replication, and what other hosts would do; all shared one host."
        } else {
            "Not measured: CPU and memory of the brokers, and who else used them."
        }
        .to_owned(),
    );
    lines
}
