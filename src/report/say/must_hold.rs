//! What must hold, and whether it did.

use std::collections::BTreeMap;

use super::rows::{columns, in_order, row};
use crate::analyse::{
    Decision, Findings, RISK, Summary, TreatmentFindings, Undecided, Verdict, look, of, to_decide,
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
    if let Some(risk) = all().find_map(|one| one.risk) {
        let look = look(manifest);
        let looks = if look > 1 {
            format!(
                "; this is look {look} at the run, and all looks together are wrong in at most {} %",
                plain(RISK * 100.0)
            )
        } else {
            String::new()
        };
        said.push(format!(
            "With 6 trials or more a verdict is about the median trial, by the sign test: of a treatment that holds and breaks it alike it would be given in at most {} % of cases{looks}.",
            plain(risk * 100.0)
        ));
    }
    let few: Vec<usize> = all().filter(|one| one.risk.is_none() && one.n() > 0).map(Decision::n).collect();
    if let (Some(least), Some(most)) = (few.iter().min(), few.iter().max()) {
        let n = from_to(*least, *most);
        let trials = if n == "1" { "trial" } else { "trials" };
        said.push(format!(
            "A verdict of {n} {trials}, which all must agree, has no error rate: that takes 6 trials of a treatment."
        ));
    }
    said
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
            let count = || {
                let held =
                    valid().filter(|trial| Verdict::of_trial(slo, &trial.judged) == Verdict::Held).count();
                came_out(held, of)
            };
            let told = if told.is_empty() { count() } else { told.join("; ") };
            let needed = treatment.decisions.get(at).and_then(|one| to_decide(manifest, one));
            let needed = needed.map_or_else(String::new, |needed| {
                format!("; did more come out as those did, {needed} trials would tell")
            });
            lines.push(format!("SLO {} is undecided in {}: {told}{needed}.", at + 1, treatment.slug));
        }
    }
    lines
}

/// Of trials each of which is decided, and that do not decide it together.
fn came_out(held: usize, of: usize) -> String {
    match held {
        _ if held == of => format!("all of its {of} trials held it, which is too few for that"),
        0 => format!("none of its {of} trials held it, which is too few for that"),
        _ => format!("its trials disagree ({held} of {of} held it)"),
    }
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

    #[test]
    fn trials_that_agree_are_not_said_to_disagree_however_few_they_are() {
        assert_eq!(came_out(6, 6), "all of its 6 trials held it, which is too few for that");
        assert_eq!(came_out(0, 7), "none of its 7 trials held it, which is too few for that");
        assert_eq!(came_out(4, 7), "its trials disagree (4 of 7 held it)");
    }
}
