//! What must hold, and whether it did.

use std::collections::BTreeMap;

use super::rows::{columns, in_order, row};
use crate::analyse::{
    Decision, Findings, RISK, Summary, TreatmentFindings, TrialFindings, Undecided, Verdict, looks, of,
    to_decide,
};
use crate::record::{Manifest, SloLine};
use crate::report::document::{Cell, Column, Section, Table, from_to};
use crate::report::number::plain;

/// Under a heading that says what was emulated; none where nothing must hold.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: &str) -> Option<Section> {
    if manifest.slos.is_empty() {
        return None;
    }
    let mut section = Section::new("must_hold", format!("What must hold{emulated}"));
    let slos = manifest.slos.iter().enumerate();
    section.list(slos.map(|(at, slo)| format!("SLO {}: `{}`", at + 1, slo.text)));
    section.table(table(manifest, findings));
    if findings.trials().any(|trial| !trial.judged.groups.is_empty()) {
        section
            .say(["Each SLO must hold for every group; what each group did stands in the table of groups."]);
    } else {
        section.say([
            "In brackets: the median of the valid trials; where they disagree, the least and the greatest.",
        ]);
    }
    section.say(risk(manifest, findings));
    section.list(undecided(manifest, findings));
    Some(section)
}

/// How often such a verdict is wrong, as far as that can be said.
fn risk(manifest: &Manifest, findings: &Findings) -> Vec<String> {
    let all = || findings.treatments.iter().flat_map(|one| &one.decisions);
    let mut said = Vec::new();
    if let Some(risk) = all().filter_map(|one| one.risk).reduce(f64::max) {
        said.push(format!(
            "With 6 trials or more a verdict is about the median trial, by the sign test: of a treatment that holds and breaks it alike it would be given in at most {} % of cases{}.",
            plain(risk * 100.0),
            looked(manifest, all().map(|one| one.looks).max().unwrap_or_default())
        ));
    }
    let few: Vec<usize> = all().filter(|one| one.risk.is_none() && one.n() > 0).map(Decision::n).collect();
    if let (Some(least), Some(most)) = (few.iter().min(), few.iter().max()) {
        let n = from_to(*least, *most);
        let trials = if n == "1" { "trial" } else { "trials" };
        said.push(format!(
            "A verdict of {n} {trials}, which all must agree, has no error rate: that takes 6 trials of a treatment.{}",
            by_chance(*least)
        ));
    }
    said
}

/// At which look that is, of those that could tell; nothing at the only one.
fn looked(manifest: &Manifest, told: usize) -> String {
    let fewer = looks(manifest) > told;
    let before = if fewer { "; looks at fewer trials had no error rate, and took nothing of it" } else { "" };
    let again = if told > 1 {
        format!(
            "; this is look {told} at so many, and all looks together are wrong in at most {} %: what one of them has told stands as long as all trials since agree with it",
            plain(RISK * 100.0)
        )
    } else {
        String::new()
    };
    format!("{again}{before}")
}

/// How easily so few agree; nothing of one, which agrees with itself.
fn by_chance(trials: usize) -> String {
    let fair = 0.5_f64.powi(i32::try_from(trials).unwrap_or(i32::MAX) - 1);
    let told = format!(
        " Of a treatment that holds and breaks it alike {trials} agree in {} % of cases.",
        plain(fair * 100.0)
    );
    if trials > 1 { told } else { String::new() }
}

/// Why valid trials do not decide an SLO, where one is undecided.
fn undecided(manifest: &Manifest, findings: &Findings) -> Vec<String> {
    let mut lines = Vec::new();
    for treatment in &findings.treatments {
        for (at, (slo, verdict)) in manifest.slos.iter().zip(&treatment.verdicts).enumerate() {
            let valid = || treatment.trials.iter().filter(|trial| trial.is_valid());
            if *verdict != Verdict::Undecided || valid().count() == 0 {
                continue;
            }
            let mut whys: BTreeMap<Undecided, usize> = BTreeMap::new();
            for why in valid().filter_map(|trial| Undecided::of_trial(slo, &trial.judged)) {
                *whys.entry(why).or_default() += 1;
            }
            let of = valid().count();
            let told: Vec<String> = whys
                .iter()
                .map(|(why, trials)| format!("{} (in {trials} of {of} trials)", why.because()))
                .collect();
            let disagree = || {
                let held = |trial: &&TrialFindings| Verdict::of_trial(slo, &trial.judged) == Verdict::Held;
                format!("its trials disagree ({} of {of} held it)", valid().filter(held).count())
            };
            let told = if told.is_empty() { disagree() } else { told.join("; ") };
            let needed = treatment.decisions.get(at).and_then(|one| to_decide(manifest, one));
            let needed = needed.map_or_else(String::new, |needed| {
                format!("; did more come out as those did, {needed} trials would tell")
            });
            lines.push(format!("SLO {} is undecided in {}: {told}{needed}.", at + 1, treatment.slug));
        }
    }
    lines
}

/// The verdict on each SLO with the value that was judged, one row a treatment.
fn table(manifest: &Manifest, findings: &Findings) -> Table {
    let of = |(at, slo): (usize, &SloLine)| {
        let metric = manifest.metric(&slo.metric);
        Column {
            metric: Some(slo.metric.clone()),
            ..Column::new(
                format!("SLO {}", at + 1),
                metric.map(|metric| metric.unit),
                format!("whether `{}` held, and the median of the valid trials", slo.text),
            )
        }
    };
    let rows = in_order(manifest, findings).into_iter().map(|treatment| {
        let all = manifest.slos.iter().zip(&treatment.verdicts);
        row(
            manifest,
            treatment,
            all.map(|(slo, verdict)| Cell::Verdict(*verdict, judged(manifest, slo, treatment))),
        )
    });
    Table {
        id: "verdicts",
        columns: columns(manifest, manifest.slos.iter().enumerate().map(of)),
        rows: rows.collect(),
    }
}

/// What the verdict is about; nothing where it is about several groups, each of which has its own.
fn judged(manifest: &Manifest, slo: &SloLine, treatment: &TreatmentFindings) -> Summary {
    let several = treatment.valid().any(|trial| trial.judged.groups.len() > 1);
    match manifest.metric(&slo.metric) {
        Some(metric) if !several => of(&metric, treatment),
        _ => Summary::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::judge;
    use crate::record::testing::{Synthetic, looked_again, manifest, slo};

    /// What so many trials, a minute apart, come to and what is said of how sure that is.
    fn told(manifest: &Manifest, trials: u32) -> (Verdict, String) {
        let trial = |repetition: u32| {
            let trial = Synthetic { order: repetition, repetition, ..Synthetic::default() };
            let mut record = trial.record();
            record.started = format!("2026-11-22T23:{}:00.000Z", 10 + repetition);
            let judged = judge(&record, &trial.rows(), &trial.latencies());
            TrialFindings::of(manifest, record, judged)
        };
        let findings = Findings::of(manifest, (1..=trials).map(trial).collect());
        (findings.treatments[0].verdicts[0], risk(manifest, &findings).concat())
    }

    #[test]
    fn what_three_trials_held_is_still_held_when_further_looks_find_more_that_hold_it() {
        let mut three = manifest(&["a"]);
        three.slos = vec![slo("processed >= 900/s")];
        let (verdict, said) = told(&three, 3);
        assert_eq!(verdict, Verdict::Held);
        assert!(said.contains("has no error rate") && said.contains("3 agree in 25.0 % of cases"), "{said}");
        let six = looked_again(&three, 3, "2026-11-22T23:13:30.000Z");
        let (verdict, said) = told(&six, 6);
        assert_eq!(verdict, Verdict::Held, "{said}");
        assert!(said.contains("at most 3.20 % of cases; looks at fewer trials had no error rate"), "{said}");
        let seven = looked_again(&six, 1, "2026-11-22T23:16:30.000Z");
        let (verdict, said) = told(&seven, 7);
        assert_eq!(verdict, Verdict::Held, "{said}");
        assert!(said.contains("this is look 2 at so many"), "{said}");
    }
}
