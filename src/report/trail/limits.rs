//! What limits treatments.

use serde_json::json;

use super::{Given, Of, TRIALS, Trail, told};
use crate::analyse::{Kind, TreatmentFindings};

/// The column of each of their trials that count, and what most of them say.
pub(super) fn limit(of: Of<'_>, kind: Kind, slugs: &[String]) -> Trail {
    let own: Vec<&TreatmentFindings> = slugs.iter().filter_map(|slug| of.treatment(slug)).collect();
    let (mut rows, mut arithmetic, mut shown) = (Vec::new(), Vec::new(), Vec::new());
    for treatment in &own {
        for trial in &treatment.trials {
            let Some(limit) = &trial.judged.limit else { continue };
            let name = trial.record.trial.as_str();
            rows.push(Given::new(name, TRIALS, "limiting_factor", limit.by.name()));
            if kind == Kind::Partitions {
                let asked = &trial.record.asked;
                let consumers = asked.instances.unwrap_or_default() * asked.threads.unwrap_or(1);
                rows.push(Given::of_record(name, "asked.partitions", asked.partitions.to_string()));
                shown.push(format!("{consumers} "));
                shown.push(format!("by {} partition", asked.partitions));
            }
        }
        if let Some(limit) = &treatment.limit {
            arithmetic.push(format!(
                "{}: `{}` in {} of {} trials: {}",
                treatment.slug,
                limit.by.name(),
                limit.trials,
                limit.of,
                limit.evidence
            ));
        }
    }
    let all = of.findings.treatments.len();
    shown.push(format!("{} of {all} treatments", own.len()));
    shown.push(format!("ll {all} treatments"));
    shown.sort();
    shown.dedup();
    Trail {
        kind: "limit",
        what: format!("treatments that are limited by {}", kind.told()),
        rows,
        arithmetic,
        shown: Vec::new(),
        told: told([("factor", json!(kind.name())), ("treatments", json!(slugs)), ("pieces", json!(shown))]),
    }
}
