//! Verdicts on what must hold, searches, doubts, and how trials came out.

use serde_json::json;

use super::read::rows;
use super::{Given, Of, TRIALS, Trail, told};
use crate::analyse::{Decision, Outcome, Searched, TreatmentFindings, TrialFindings, Verdict};
use crate::record::{End, SloLine};
use crate::report::number::plain;
use crate::search::Purpose;

/// What an SLO came to in each trial: `010-…-r1: 4.81 < 250, held`.
fn in_trials(slo: &SloLine, treatment: &TreatmentFindings) -> Vec<(String, Verdict)> {
    let of = |trial: &TrialFindings| (trial.record.trial.clone(), Verdict::of_trial(slo, &trial.judged));
    treatment.valid().map(of).collect()
}

/// What the sign test came to at the look that gave the verdict; nothing of fewer trials than it takes.
fn tested(of: &Decision) -> Option<String> {
    let (p, risk) = of.p.zip(of.risk)?;
    let lies = if p <= risk { "within" } else { "above" };
    Some(format!(
        "sign test, what does not decide counted against the greater side: p = {} %, {lies} the {} % that this look may risk",
        plain(p * 100.0),
        plain(risk * 100.0)
    ))
}

pub(super) fn verdict(of: Of<'_>, at: usize, slug: &str) -> Option<Trail> {
    let (slo, treatment) = (of.manifest.slos.get(at)?, of.treatment(slug)?);
    let metric = of.manifest.metric(&slo.metric)?;
    let verdict = treatment.verdicts.get(at)?;
    let each = in_trials(slo, treatment);
    let mut arithmetic: Vec<String> = Vec::new();
    for verdict in [Verdict::Held, Verdict::Broken, Verdict::Undecided] {
        let own = each.iter().filter(|(_, of)| *of == verdict).count();
        if own > 0 {
            arithmetic.push(format!("{} in {own} of {} trials", verdict.name(), each.len()));
        }
    }
    arithmetic.extend(treatment.decisions.get(at).and_then(tested));
    arithmetic.push(format!(
        "`{}` is `{}` {} {}: {} of the treatment",
        slo.text,
        slo.metric,
        slo.comparison,
        slo.bound,
        verdict.name()
    ));
    let trials: Vec<_> =
        each.iter().map(|(trial, verdict)| json!({ "trial": trial, "verdict": verdict.name() })).collect();
    Some(Trail {
        kind: "verdict",
        what: format!("`{}`{}", slo.text, of.with(slug)),
        rows: rows(treatment, &metric),
        arithmetic,
        shown: Vec::new(),
        told: told([
            ("slo", json!(slo.text)),
            ("metric", json!(slo.metric)),
            ("comparison", json!(slo.comparison)),
            ("bound", json!(slo.bound)),
            ("treatment", json!(slug)),
            ("trials", json!(trials)),
            ("value", json!(verdict.name())),
        ]),
    })
}

pub(super) fn volumes(of: Of<'_>, levels: &[String]) -> Option<Trail> {
    let search = of.findings.grown.iter().flatten().find(|search| search.levels == levels)?;
    let is_of = |one: &&TreatmentFindings| {
        !one.trials.is_empty() && one.levels.split_last().is_some_and(|(_, others)| others == levels)
    };
    let tried: Vec<&TreatmentFindings> = of.findings.treatments.iter().filter(is_of).collect();
    let metrics = || of.manifest.slos.iter().filter_map(|slo| of.manifest.metric(&slo.metric));
    let mut arithmetic: Vec<String> = Vec::new();
    for one in &tried {
        let each = of.manifest.slos.iter().zip(&one.verdicts);
        let each: Vec<String> =
            each.map(|(slo, verdict)| format!("`{}` {}", slo.text, verdict.name())).collect();
        let volume = one.levels.last().map(String::as_str).unwrap_or_default();
        arithmetic.push(format!("at {volume}: {}", each.join(", ")));
    }
    arithmetic.push(format!(
        "{} volumes; the greatest at which all held, with none below it at which one did not: {}; the least at which one broke: {}",
        search.tried,
        search.held.map_or_else(|| "none".to_owned(), |rate| rate.to_string()),
        search.broken.as_ref().map_or_else(|| "none".to_owned(), |(rate, _)| rate.to_string())
    ));
    let volumes_shown: Vec<String> =
        [search.held, search.broken.as_ref().map(|(rate, _)| *rate), search.undecided, search.again]
            .into_iter()
            .flatten()
            .map(|rate| rate.to_string())
            .chain([format!("{} volume", search.tried)])
            .collect();
    let volume = |rate: crate::units::Rate| json!(rate.as_per_second());
    Some(Trail {
        kind: "volumes",
        what: "each volume that was tried".to_owned(),
        rows: tried.iter().flat_map(|one| metrics().flat_map(|metric| rows(one, &metric))).collect(),
        arithmetic,
        shown: volumes_shown,
        told: told([
            ("levels", json!(levels)),
            ("treatments", json!(tried.iter().map(|one| one.slug.as_str()).collect::<Vec<_>>())),
            ("tried", json!(search.tried)),
            ("held", json!(search.held.map(volume))),
            ("broken", json!(search.broken.as_ref().map(|(rate, _)| volume(*rate)))),
            ("undecided", json!(search.undecided.map(volume))),
            ("again", json!(search.again.map(volume))),
        ]),
    })
}

/// The trials that confirm a value.
fn confirming<'a>(search: &Searched, one: &'a TreatmentFindings) -> Vec<&'a TrialFindings> {
    one.valid().filter(|trial| search.purpose(trial.record.order) == Some(Purpose::Confirm)).collect()
}

pub(super) fn search(of: Of<'_>, levels: &[String]) -> Option<Trail> {
    let search = of.findings.searched.iter().flatten().find(|search| search.levels == levels)?;
    let is_of = |one: &&TreatmentFindings| {
        !one.trials.is_empty() && one.levels.split_last().is_some_and(|(_, others)| others == levels)
    };
    let tried: Vec<&TreatmentFindings> = of.findings.treatments.iter().filter(is_of).collect();
    let metrics = || of.manifest.slos.iter().filter_map(|slo| of.manifest.metric(&slo.metric));
    let all_held = |trial: &TrialFindings| {
        of.manifest.slos.iter().all(|slo| Verdict::of_trial(slo, &trial.judged) == Verdict::Held)
    };
    let confirm = |rung: Option<i64>| {
        let label = rung.map(|rung| search.label(rung));
        let own = tried.iter().filter(|one| one.levels.last() == label.as_ref());
        let confirm = own.flat_map(|one| confirming(search, one));
        confirm.map(|trial| trial.record.trial.as_str()).collect::<Vec<_>>()
    };
    let mut arithmetic: Vec<String> = Vec::new();
    for one in &tried {
        let held = |of: &[&TrialFindings]| of.iter().filter(|trial| all_held(trial)).count();
        let (all, own): (Vec<&TrialFindings>, _) = (one.valid().collect(), confirming(search, one));
        let value = one.levels.last().map(String::as_str).unwrap_or_default();
        let alone = if search.is_alone(own.len()) {
            format!("; {} of the {} that confirm it, which alone weigh", held(&own), own.len())
        } else {
            String::new()
        };
        arithmetic.push(format!("with {value}: all held in {} of {} trials{alone}", held(&all), all.len()));
    }
    let all = &search.came.all;
    let label = |rung: Option<i64>| rung.map_or_else(|| "none".to_owned(), |rung| search.label(rung));
    let broke = all.open().map_or_else(String::new, |_| match all.broke {
        Some(broke) => format!("; the least above that half or more broke is {}", search.label(broke)),
        None => "; half or more broke none of them".to_owned(),
    });
    arithmetic.push(format!(
        "weighed isotonically, fewer than half do not hold up to {}, half or more from {} on{broke}",
        label(all.good),
        label(all.bad)
    ));
    let value = |rung: Option<i64>| json!(rung.map(|rung| search.value(rung)));
    Some(Trail {
        kind: "search",
        what: format!("each {} that was tried", search.kind.unit()),
        rows: tried.iter().flat_map(|one| metrics().flat_map(|metric| rows(one, &metric))).collect(),
        arithmetic,
        shown: Vec::new(),
        told: told([
            ("levels", json!(levels)),
            ("of", json!(search.kind.name())),
            ("treatments", json!(tried.iter().map(|one| one.slug.as_str()).collect::<Vec<_>>())),
            ("holds", value(all.good)),
            ("breaks", value(all.broke)),
            ("undecided", value(all.open())),
            ("confirm_holds", json!(confirm(all.good))),
            ("confirm_breaks", json!(confirm(all.broke))),
        ]),
    })
}

pub(super) fn doubt(of: Of<'_>, id: &str) -> Trail {
    let has = |trial: &&TrialFindings| trial.judged.doubts.iter().any(|doubt| doubt.id == id);
    let own: Vec<&TrialFindings> = of.findings.trials().filter(has).collect();
    let row = |trial: &&TrialFindings| {
        let ids: Vec<&str> = trial.judged.doubts.iter().map(|doubt| doubt.id).collect();
        Given::new(&trial.record.trial, TRIALS, "doubts", ids.join(";"))
    };
    let all = of.findings.trials().count();
    let trials: Vec<&str> = own.iter().map(|trial| trial.record.trial.as_str()).collect();
    let what = |trial: &&TrialFindings| {
        let found = trial.judged.doubts.iter().find(|doubt| doubt.id == id);
        found.map(|doubt| format!("{}: {}", trial.record.trial, doubt.what))
    };
    let mut arithmetic: Vec<String> = own.iter().filter_map(what).collect();
    arithmetic.push(format!("{} rows of {all} name it", own.len()));
    Trail {
        kind: "doubt",
        what: format!("trials with the doubt `{id}`"),
        rows: own.iter().map(row).collect(),
        arithmetic,
        shown: vec![format!("`{id}` in {} of {all} trials", own.len())],
        told: told([("id", json!(id)), ("trials", json!(trials)), ("of", json!(all))]),
    }
}

pub(super) fn outcomes(of: Of<'_>, slug: Option<&str>) -> Trail {
    let own: Vec<&TrialFindings> =
        of.findings.trials().filter(|trial| slug.is_none_or(|slug| trial.record.treatment == slug)).collect();
    let valid = own.iter().filter(|trial| trial.judged.outcome == Outcome::Valid).count();
    let mut rows = Vec::new();
    for trial in &own {
        let name = trial.record.trial.as_str();
        rows.push(Given::new(name, TRIALS, "outcome", trial.judged.outcome.name()));
        if let End::Failed(why) = &trial.record.end {
            rows.push(Given::of_record(name, "end", why.lines().next().unwrap_or_default()));
        }
        if trial.record.oom_kills > 0 {
            rows.push(Given::of_record(name, "oom_kills", trial.record.oom_kills.to_string()));
        }
    }
    let counts = of.findings.treatments.iter().map(|one| one.valid().count());
    let (least, most) = (counts.clone().min().unwrap_or_default(), counts.max().unwrap_or_default());
    // Of a treatment the sentence counts what failed, of all what did not.
    let shown = if slug.is_none() { vec![format!("{valid} of {} trials", own.len())] } else { Vec::new() };
    Trail {
        kind: "outcomes",
        what: format!("how the trials{} came out", slug.map(|slug| of.with(slug)).unwrap_or_default()),
        rows,
        arithmetic: vec![format!("{valid} of {} are `valid`", own.len())],
        shown,
        told: told([
            ("treatment", json!(slug)),
            ("valid", json!(valid)),
            ("trials", json!(own.len())),
            ("least", json!(least)),
            ("most", json!(most)),
        ]),
    }
}
