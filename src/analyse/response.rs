//! What the answer is about: what the file says, else what it is evidently about.

use super::compare::same_load;
use super::findings::Findings;
use super::summary::Load;
use crate::record::Manifest;
use crate::spec::Metric;

/// What the same load took, where a file does not say what it asks.
const TAKEN: [&str; 4] =
    ["cluster_cpu_s_per_million", "requests_per_s", "ack_latency_p99_ms", "end_to_end_latency_p99_ms"];

/// What is asked where something was done to trials on purpose.
const DONE: [&str; 2] = ["unavailability_s", "recovery_s"];

/// What is asked where there was a backlog before.
const DRAINED: [&str; 2] = ["time_to_drain_s", "drained_msgs_per_s"];

/// The response that stands for cost.
pub const COST: &str = "cost_credit_aware_usd_per_million";

/// The response that tells when credits were spent.
pub const KNEE: &str = "credit_knee_s";

/// The metrics that the answer is about, the first before all.
pub fn responses(manifest: &Manifest, findings: &Findings) -> Vec<Metric> {
    let asked: Vec<Metric> =
        manifest.responses.iter().filter_map(|response| manifest.metric(&response.metric)).collect();
    if !asked.is_empty() {
        return asked;
    }
    let known =
        |name: &&str| findings.treatments.iter().any(|one| one.metric(name).is_some_and(|of| of.n > 0));
    for of in [DONE, DRAINED] {
        let told: Vec<&str> = of.iter().copied().filter(known).collect();
        if !told.is_empty() {
            return named(&told);
        }
    }
    if findings.treatments.iter().any(|treatment| treatment.costs.is_some()) {
        return named(&[COST]);
    }
    let usable: Vec<_> = findings.treatments.iter().filter(|one| one.load != Load::Unknown).collect();
    if usable.len() > 1 && same_load(usable.iter().copied()) {
        let known = |name: &&str| usable.iter().any(|one| one.metric(name).is_some_and(|of| of.n > 0));
        let taken: Vec<&str> = TAKEN.iter().copied().filter(known).collect();
        if !taken.is_empty() {
            return named(&taken);
        }
    }
    let consumed = findings.treatments.iter().any(|treatment| treatment.consumed);
    named(&[if consumed { "processed_msgs_per_s" } else { "acked_msgs_per_s" }])
}

fn named(names: &[&str]) -> Vec<Metric> {
    names.iter().filter_map(|name| Metric::written(name)).collect()
}
