//! What was emulated, and when its credits were spent.

use serde_json::{Value, json};

use super::{Given, Of, TRIALS, Trail, told};
use crate::analyse::{Burst, TrialFindings};
use crate::report::number::plain;

/// Digits of a table.
fn exact(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn emulated(of: Of<'_>) -> Trail {
    let mut rows = Vec::new();
    for trial in of.findings.trials() {
        let name = trial.record.trial.as_str();
        if trial.record.emulated.is_empty() {
            rows.push(Given::of_record(name, "emulated", "[]"));
        }
        for group in &trial.record.emulated {
            let mode = group.credit_mode.map_or("fixed performance", |mode| mode.name());
            let start = group.credit_start.as_deref().unwrap_or("none");
            let told = format!(
                "{} × {}, 1 vCPU = {} % of a core, credits {mode} from {start}, time × {}",
                group.instances.len(),
                group.instance_type.name,
                exact(group.vcpu_percent),
                group.time_scale
            );
            rows.push(Given::of_record(name, "emulated", told));
        }
        for away in &trial.record.network {
            let after = away.event.as_ref().map_or_else(String::new, |event| format!(" after `{event}`"));
            let told = format!("{} {} ms away{after}, by a {}", away.role, away.rtt_ms, away.by);
            rows.push(Given::of_record(name, "network", told));
        }
    }
    let is_some =
        |trial: &&TrialFindings| !trial.record.emulated.is_empty() || !trial.record.network.is_empty();
    let some = of.findings.trials().filter(is_some).count();
    let away = of.findings.trials().filter(|trial| !trial.record.network.is_empty()).count();
    let all = of.findings.trials().count();
    Trail {
        kind: "emulated",
        what: "what each trial's record says of its instances".to_owned(),
        rows,
        arithmetic: if away == 0 {
            vec![format!("{some} of {all} trials have emulated instances")]
        } else {
            vec![format!("{some} of {all} trials have emulated instances or an emulated network ({away})")]
        },
        shown: Vec::new(),
        told: told([("trials", json!(some)), ("of", json!(all))]),
    }
}

pub(super) fn knee(of: Of<'_>, slug: &str, when: bool) -> Option<Trail> {
    let treatment = of.treatment(slug)?;
    let mut rows = Vec::new();
    let mut arithmetic = Vec::new();
    let mut shown = None;
    let mut first = Value::Null;
    for trial in treatment.valid() {
        let name = trial.record.trial.as_str();
        let scale = trial.record.emulated.first().map_or(1, |group| group.time_scale);
        let of_knee = |value: Option<f64>| value.map(exact).unwrap_or_default();
        let (found, predicted) =
            (trial.knee.map(|knee| knee.found_s), trial.knee.map(|knee| knee.predicted_s));
        rows.push(Given::new(name, TRIALS, "credit_knee_s", of_knee(found)));
        rows.push(Given::new(name, TRIALS, "credit_knee_predicted_s", of_knee(predicted)));
        rows.push(Given::new(name, TRIALS, "credit_time_scale", scale.to_string()));
        let Some(found) = found else { continue };
        let minutes = found * f64::from(scale) / 60.0;
        arithmetic.push(format!(
            "{} s × {scale} ÷ 60 = {} minutes of the real instance: {}",
            exact(found),
            exact(minutes),
            plain(minutes)
        ));
        if shown.is_none() {
            shown = Some(format!("{} s", plain(found)));
            first = json!({ "found_s": found, "predicted_s": predicted, "minutes": minutes });
        }
    }
    Some(Trail {
        kind: "knee",
        what: format!("when credits{} were spent", of.with(slug)),
        rows,
        arithmetic,
        shown: shown.filter(|_| when).into_iter().collect(),
        told: told([("treatment", json!(slug)), ("value", first)]),
    })
}

pub(super) fn burst(of: Of<'_>, slug: &str) -> Option<Trail> {
    let treatment = of.treatment(slug)?;
    let mut rows = Vec::new();
    let mut shortest: Option<Burst> = None;
    for trial in treatment.valid() {
        for burst in bursts(trial) {
            let name = trial.record.trial.as_str();
            let key = format!("emulated: instance {}", burst.instance);
            let told = format!(
                "balance {} → {} credits at {} vCPUs, baseline {}",
                exact(burst.start_credits),
                exact(burst.end_credits),
                exact(burst.used_vcpus),
                exact(burst.baseline_vcpus)
            );
            rows.push(Given::of_record(name, &key, told));
            let longer = shortest.as_ref().is_some_and(|one| one.lasts_s() <= burst.lasts_s());
            if !burst.is_spent() && !longer {
                shortest = Some(burst);
            }
        }
    }
    let arithmetic = shortest.as_ref().map(|burst| {
        format!(
            "the shortest: {} credits × 60 ÷ ({} − {}) = {} s: {}",
            exact(burst.start_credits),
            exact(burst.used_vcpus),
            exact(burst.baseline_vcpus),
            exact(burst.lasts_s()),
            burst.lasts()
        )
    });
    Some(Trail {
        kind: "burst",
        what: format!("how long credits{} last at this use", of.with(slug)),
        rows,
        arithmetic: arithmetic.into_iter().collect(),
        shown: shortest.as_ref().map(Burst::lasts).into_iter().collect(),
        told: told([
            ("treatment", json!(slug)),
            ("value", shortest.map_or(Value::Null, |burst| json!(burst.lasts_s()))),
        ]),
    })
}

fn bursts(trial: &TrialFindings) -> impl Iterator<Item = Burst> {
    trial.record.emulated.iter().filter_map(Burst::of_group)
}
