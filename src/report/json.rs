//! The report for programs: the same findings, every metric, values and bounds apart; and the document that people read.

use serde_json::{Map, Value, json};

use super::document::Document;
use super::render::{reading, scaling, sections, summary};
use super::say::measured::measured;
use super::say::{answer, cheapest, claims, emulated, law, trust};
use super::trail;
use crate::analyse::{
    Against, Came, Change, Decision, Doubt, Edge, Findings, Grown, Limit, Ranking, Rival, RunVerdict,
    SENSITIVITY_PERCENT, Searched, Tipping, TreatmentFindings, TrialFindings, against, of, run_verdict,
    to_decide,
};
use crate::record::{Manifest, Run};
use crate::search::{Boundary, Stop};
use crate::spec::metrics;
use crate::units::Rate;

/// Of this document; what is added leaves it as it is. `results/report.schema.json` says what each key holds.
const FORMAT: u32 = 1;

/// The whole report.
pub fn json(run: &Run, findings: &Findings, document: &Document) -> String {
    let manifest = &run.manifest;
    let verdict = match run_verdict(findings) {
        RunVerdict::Broken => "broken",
        // What is still to come may break what held so far.
        RunVerdict::Held if manifest.finished.is_some() => "held",
        RunVerdict::Held | RunVerdict::Undecided => "undecided",
    };
    let whole = json!({
        "report_format": FORMAT,
        "format": manifest.format,
        "title": document.title,
        "experiment": manifest.experiment,
        "question": manifest.question,
        "answer": answer::unfinished(run).into_iter().chain(answer::sentences(manifest, findings)).collect::<Vec<_>>().join(" "),
        "cost_answer": cheapest::answer(manifest, findings),
        "rankings": findings.rankings.iter().map(|(ranking, tippings)| rank(ranking, tippings)).collect::<Vec<_>>(),
        "claims": trail::json(manifest, findings, &claims(manifest, findings)),
        "verdict": verdict,
        "grown": findings.grown.as_ref().map(|grown| grown.iter().map(search).collect::<Vec<_>>()),
        "searched": findings.searched.as_ref().map(|all| all.iter().map(|one| searched(manifest, one)).collect::<Vec<_>>()),
        "finished": manifest.finished,
        "treatments": findings.treatments.iter().map(|one| treatment(manifest, one)).collect::<Vec<_>>(),
        "baselines": findings.baselines.iter().map(|one| treatment(manifest, one)).collect::<Vec<_>>(),
        "beaten": against(findings).iter().map(beaten).collect::<Vec<_>>(),
        "laws": law::json(manifest, findings),
        "trials": findings.trials().map(|one| trial(manifest, one)).collect::<Vec<_>>(),
        "books": trust::books(findings),
        "measured": measured(run),
        "emulated": emulated::how(run, findings),
        "prices": manifest.prices,
        "sections": sections(document),
    });
    let mut text = format!("{whole:#}");
    text.push('\n');
    text
}

fn trial(manifest: &Manifest, TrialFindings { record, judged, cost, .. }: &TrialFindings) -> Value {
    let groups: Vec<&str> = record.groups.iter().map(|group| group.group.as_str()).collect();
    let doubts: Vec<Value> = judged.doubts.iter().map(doubt).collect();
    let emulated: Vec<String> = record.emulated.iter().map(emulated::what).collect();
    let known: Map<String, Value> = metrics()
        .iter()
        .zip(&judged.metrics)
        .map(|(metric, of)| (metric.name.clone(), reading(*of)))
        .chain(judged.scraped.iter().map(|(name, of)| (name.clone(), reading(*of))))
        .collect();
    let level =
        |factor: &String| record.levels.iter().find(|(name, _)| name == factor).map(|(_, label)| label);
    let levels: Map<String, Value> =
        manifest.factors.iter().map(|factor| (factor.clone(), json!(level(factor)))).collect();
    json!({
        "trial": record.trial, "order": record.order, "repetition": record.repetition,
        "treatment": record.treatment, "levels": levels, "outcome": judged.outcome.name(),
        "saturated": judged.saturated, "doubts": doubts, "groups": groups, "emulated": emulated,
        "cost_basis": cost.as_ref().map(|cost| cost.basis.name()), "limit": judged.limit.as_ref().map(limit),
        "metrics": known,
    })
}

/// What its valid trials cost, with all its parts; null where that cannot be said, or not of all of them on one basis.
fn cost(treatment: &TreatmentFindings) -> Value {
    let Some((basis, _)) = &treatment.costs else { return Value::Null };
    let parts = metrics().iter().zip(&treatment.metrics);
    let parts = parts.filter_map(|(metric, of)| Some((metric.name.strip_prefix("cost_")?, summary(*of))));
    let mut told: Map<String, Value> = parts.map(|(name, of)| (name.to_owned(), of)).collect();
    told.insert("basis".to_owned(), json!(basis.name()));
    Value::Object(told)
}

fn search(grown: &Grown) -> Value {
    let per_second = |rate: Rate| rate.as_per_second();
    json!({
        "levels": grown.levels, "tried": grown.tried,
        "held_msgs_per_s": grown.held.map(per_second),
        "broken_msgs_per_s": grown.broken.as_ref().map(|(rate, _)| per_second(*rate)),
        "broke": grown.broken.as_ref().map(|(_, slos)| slos),
        "undecided_msgs_per_s": grown.undecided.map(per_second),
        "held_again_msgs_per_s": grown.again.map(per_second),
    })
}

fn searched(manifest: &Manifest, one: &Searched) -> Value {
    let came = &one.came;
    let value = |rung: Option<i64>| rung.map(|rung| one.value(rung));
    let own = |(at, slo): (usize, &crate::record::SloLine)| {
        let boundary = came.each.get(at);
        json!({
            "slo": slo.text,
            "holds": value(boundary.and_then(|own| own.good)),
            "breaks": value(boundary.and_then(|boundary| boundary.broke)),
            "undecided": value(boundary.and_then(Boundary::open)),
            "edge": one.edges.get(at).copied().flatten().map(Edge::name),
            "binds": came.binding.contains(&at),
        })
    };
    json!({
        "levels": one.levels, "kind": one.kind.name(), "unit": one.kind.unit(),
        "holds": value(came.all.good), "holds_held": came.at_good.held, "holds_trials": came.at_good.of,
        "undecided": value(came.all.open()), "breaks": value(came.all.broke), "breaks_held": came.at_bad.held, "breaks_trials": came.at_bad.of,
        "confirmed": one.is_found(), "stop": came.stop.map(Stop::name),
        "trials": came.trials, "saved": came.saved,
        "boundaries": manifest.slos.iter().enumerate().map(own).collect::<Vec<_>>(),
    })
}

fn rank(ranking: &Ranking, tippings: &[Tipping]) -> Value {
    // How far the cheapest is ahead of each; of itself there is no lead.
    let leads = std::iter::once(None).chain(ranking.leads().map(|(_, lead)| Some(lead.name())));
    let order = ranking.order.iter().zip(leads).map(|(one, lead)| {
        json!({
            "treatment": one.slug,
            "credit_aware_usd_per_million": one.credit_aware.as_dollars(),
            "sticker_usd_per_million": one.sticker.as_dollars(),
            "lead_of_the_cheapest": lead,
        })
    });
    let tipping = |one: &Tipping| json!({"price": one.price, "up": one.up, "cheapest": one.cheapest, "not_told_apart_from": one.level, "order": one.order});
    json!({
        "basis": ranking.basis.name(),
        "order": order.collect::<Vec<_>>(),
        "sensitivity_percent": SENSITIVITY_PERCENT as u64,
        "changes_with": tippings.iter().map(tipping).collect::<Vec<_>>(),
    })
}

fn treatment(manifest: &Manifest, treatment: &TreatmentFindings) -> Value {
    let levels: Map<String, Value> = manifest
        .factors
        .iter()
        .zip(&treatment.levels)
        .map(|(factor, level)| (factor.clone(), Value::from(level.as_str())))
        .collect();
    let scraped = manifest.scraped_metrics();
    let of_all: Map<String, Value> = metrics()
        .iter()
        .zip(&treatment.metrics)
        .map(|(metric, of)| (metric.name.clone(), summary(*of)))
        .chain(scraped.iter().map(|metric| (metric.name.clone(), summary(of(metric, treatment)))))
        .collect();
    let groups: Map<String, Value> = treatment
        .groups
        .iter()
        .map(|group| {
            let metrics: Map<String, Value> = metrics()
                .iter()
                .zip(&group.metrics)
                .filter(|(metric, _)| metric.is_of_group())
                .map(|(metric, of)| (metric.name.clone(), summary(*of)))
                .collect();
            (group.group.clone(), json!({"load": group.load.name(), "metrics": metrics}))
        })
        .collect();
    let verdicts: Map<String, Value> = manifest
        .slos
        .iter()
        .zip(&treatment.verdicts)
        .map(|(slo, verdict)| (slo.text.clone(), Value::from(verdict.name())))
        .collect();
    let decisions: Map<String, Value> = manifest
        .slos
        .iter()
        .zip(&treatment.decisions)
        .map(|(slo, of)| (slo.text.clone(), decision(manifest, of)))
        .collect();
    let scaling = treatment.scaling.map(scaling);
    json!({
        "treatment": treatment.slug, "levels": levels, "trials": treatment.trials.len(), "valid": treatment.valid().count(),
        "limit": treatment.limit.as_ref().map(|limit| json!({ "by": limit.by.name(), "trials": limit.trials, "of": limit.of, "evidence": limit.evidence })),
        "load": treatment.load.name(), "standing": treatment.standing.name(), "scaling": scaling, "verdicts": verdicts, "decisions": decisions, "cost": cost(treatment), "metrics": of_all, "groups": groups,
    })
}

/// What it takes to beat one thread over all partitions.
fn beaten(one: &Against<'_>) -> Value {
    let rival = |rival: &Rival<'_>| {
        let change = rival.change.as_ref();
        json!({
            "treatment": rival.of.slug, "instances": rival.instances, "threads": rival.threads,
            "ratio": change.and_then(Change::ratio), "beats": rival.beats.name(),
            "ratio_range": rival.ratio.map(|ratio| json!([ratio.range.low, ratio.range.high])),
        })
    };
    let at = match one.came {
        Came::At(at, surely) => Some((&one.rivals[at], surely)),
        _ => None,
    };
    json!({
        "baseline": one.baseline.slug, "metric": one.metric.name, "came": one.came.name(),
        "instances": at.map(|(rival, _)| rival.instances), "treatment": at.map(|(rival, _)| &rival.of.slug),
        "fewer_do_not": at.map(|(_, surely)| surely),
        "rivals": one.rivals.iter().map(rival).collect::<Vec<_>>(),
    })
}

/// How a verdict came, and how often such a one is wrong.
fn decision(manifest: &Manifest, of: &Decision) -> Value {
    let share = of.share();
    json!({
        "verdict": of.verdict.name(), "held": of.held, "broken": of.broken, "undecided": of.undecided,
        "p": of.p, "risk": of.risk, "share_low": share.low, "share_high": share.high,
        "trials_to_decide": to_decide(manifest, of),
    })
}

/// What bound a trial, with all that was asked: what was measured, and what that is held against.
fn limit(limit: &Limit) -> Value {
    let candidates = limit.candidates.iter().map(|one| {
        json!({
            "factor": one.kind.name(), "measured": one.measured, "against": one.against, "unit": one.unit,
            "explains": one.explains, "evidence": one.evidence,
        })
    });
    json!({ "by": limit.by.name(), "evidence": limit.evidence, "candidates": candidates.collect::<Vec<_>>() })
}

/// What it found, and the number that went beyond its limit, where it is a number's.
fn doubt(doubt: &Doubt) -> Value {
    let figure = doubt.figure;
    let figure = figure.map(|of| json!({ "value": of.value, "limit": of.limit, "unit": of.unit }));
    json!({ "id": doubt.id, "spoils": doubt.spoils, "what": doubt.what, "hint": doubt.hint, "figure": figure })
}
