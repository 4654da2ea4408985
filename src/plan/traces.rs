//! What a plan says of its traces: how each file was understood, and how it is played.

use serde_json::{Value, json};

use super::{Plan, Treatment};
use crate::shape::Trace;

impl Plan {
    /// Each way in which treatments play a trace, once, in a sentence.
    pub(super) fn traces(&self) -> Vec<String> {
        let mut told: Vec<String> = Vec::new();
        for sentence in self.treatments.iter().flat_map(sentences) {
            if !told.contains(&sentence) {
                told.push(sentence);
            }
        }
        told
    }
}

/// Of each trace of a treatment.
pub(super) fn sentences(treatment: &Treatment) -> impl Iterator<Item = String> + '_ {
    let load_s = treatment.settings.phases.load_s();
    treatment.settings.workload.volume.traces().map(move |trace| {
        let ends_s = trace.ends_s();
        let over = if ends_s < load_s {
            format!("; its last row holds on from {ends_s:.2}s")
        } else {
            String::new()
        };
        format!("{trace}{over}")
    })
}

/// A trace for programs.
pub(super) fn to_json(trace: &Trace) -> Value {
    json!({
        "file": trace.file,
        "rows": trace.rows,
        "clock": trace.clock.name(),
        "first": trace.first,
        "last_s": trace.last_s,
        "from_s": trace.playing.from_s,
        "scale": trace.playing.scale,
        "speed": trace.playing.speed,
    })
}
