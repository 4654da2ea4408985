//! Every trial's folder: whether its files are whole, whether its books close, and whether plan and manifest know it.

use std::collections::BTreeMap;

use super::{Check, MISSING, TRIALS, shared};
use crate::record::{Manifest, Odd, PlanRow, TrialRecord, check_trial, trial_name};

/// Looks at all of them, those too that were done anew.
pub fn check(check: &mut Check<'_>, manifest: &Manifest, plan: Option<&[PlanRow]>) {
    let mut planned: BTreeMap<String, &PlanRow> = plan
        .unwrap_or_default()
        .iter()
        .map(|row| (trial_name(row.order, &row.treatment, row.repetition), row))
        .collect();
    let mut folders: Vec<(&str, String)> = Vec::new();
    for of in [TRIALS, SUPERSEDED] {
        let own = check.files.whole.iter().filter_map(|file| file.strip_prefix(of)?.split_once('/'));
        let mut names: Vec<&str> = own.map(|(name, _)| name).collect();
        names.dedup();
        folders.extend(names.into_iter().map(|name| (of, name.to_owned())));
    }
    let root = check.folder;
    let found = shared(&folders, |(of, name)| check_trial(&root.join(of).join(name)));
    check.told.trials = folders.len();
    for ((of, name), (record, odd)) in folders.iter().zip(found) {
        let within = format!("{of}{name}/");
        for odd in odd {
            check.odd(&within, odd);
        }
        let row = (*of == TRIALS).then(|| planned.remove(name));
        if row == Some(None) && plan.is_some() {
            check.wrong(within.trim_end_matches('/'), "is a trial that `plan.csv` does not have");
        }
        let Some(record) = record else { continue };
        let file = format!("{within}{RECORD}");
        for what in unlike(&record, manifest, row.flatten()) {
            check.wrong(file.clone(), what);
        }
        for what in unbalanced(&record) {
            check.wrong(file.clone(), what);
        }
    }
    if manifest.finished.is_some() {
        for name in planned.into_keys() {
            check.odd(
                TRIALS,
                Odd { file: format!("{name}/{RECORD}"), what: MISSING.to_owned(), may_be_later: false },
            );
        }
    }
}

const SUPERSEDED: &str = "superseded/";
const RECORD: &str = "trial.json";

/// What a record says otherwise than plan and manifest.
fn unlike(record: &TrialRecord, manifest: &Manifest, row: Option<&PlanRow>) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Some(row) = row {
        let own = PlanRow {
            order: record.order,
            block: record.block,
            treatment: record.treatment.clone(),
            repetition: record.repetition,
            seed: record.seed,
        };
        if own != *row {
            wrong.push(
                "has another order, block, treatment, repetition or seed than its row in `plan.csv`"
                    .to_owned(),
            );
        }
    }
    let line = manifest.treatments.iter().find(|line| line.slug == record.treatment);
    let levels: Vec<(&String, &String)> =
        record.levels.iter().map(|(factor, level)| (factor, level)).collect();
    let known = line.map(|line| manifest.factors.iter().zip(&line.levels).collect::<Vec<_>>());
    if known != Some(levels) {
        wrong.push("has a treatment or levels that `manifest.json` does not have".to_owned());
    }
    wrong
}

/// Books of a trial and of its groups that do not close.
fn unbalanced(record: &TrialRecord) -> Vec<String> {
    let of_trial = record.books.iter().map(|books| (String::new(), books));
    let of_groups = record
        .groups
        .iter()
        .filter_map(|group| Some((format!(" of group `{}`", group.group), group.books.as_ref()?)));
    let told = |(whose, books): (String, &crate::books::Books)| {
        let wrong = books.imbalances();
        (!wrong.is_empty()).then(|| format!("has books{whose} that do not close: {}", wrong.join("; ")))
    };
    of_trial.chain(of_groups).filter_map(told).collect()
}
