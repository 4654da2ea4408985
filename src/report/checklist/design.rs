//! Question and design.

use std::collections::BTreeSet;

use super::seen::{Seen, some};
use super::{Item, State, item};
use crate::analyse::Outcome;
use crate::record::sum_of;

/// Trials that give an interval of 95 % for a median, and those from which on a bootstrap keeps what it promises (§4.3, §4.4).
const LEAST: usize = 6;

pub(super) fn boxes(seen: &Seen<'_>) -> Vec<Item> {
    vec![
        item("the research question, written before the run", question(seen)),
        item("the primary metric, declared before the run", primary(seen)),
        item(
            "hypotheses and a margin, declared before the run",
            State::missing(
                "an experiment file has no key for them",
                "a margin that is written down beforehand and given to `bench compare --margin`",
            ),
        ),
        item("factors, levels, and what is held constant", factors(seen)),
        item("trials in a random order within blocks, with seed and times", order(seen)),
        item("an A/A control: a treatment beside itself", twin(seen)),
        item("at least 6 trials of each treatment", repetitions(seen)),
        item("a tuned single-thread baseline (COST)", baseline(seen)),
        item("failed and invalid trials, listed with reasons", failures(seen)),
    ]
}

fn question(seen: &Seen<'_>) -> State {
    let question = seen.manifest.question.trim();
    if question.is_empty() {
        return State::missing(
            "`question` of `manifest.json` is empty",
            "`question:` in the experiment file",
        );
    }
    let sum = sum_of(&seen.run.path.join("experiment.yaml")).ok();
    let sum =
        sum.map(|sum| format!("; `experiment.yaml`, SHA-256 {}…", sum.chars().take(12).collect::<String>()));
    State::Fulfilled(format!("`question` of `manifest.json`: {question}{}", sum.unwrap_or_default()))
}

fn primary(seen: &Seen<'_>) -> State {
    let first = seen.manifest.responses.first();
    State::if_there(
        first.map(|first| {
            format!(
                "`responses` of `manifest.json`: first of {}, `{}`",
                seen.manifest.responses.len(),
                first.text
            )
        }),
        "no `responses` in the file: bench chose by what was measured",
        "`responses: [p99(end_to_end), …]` in the experiment file, the primary one first",
    )
}

fn factors(seen: &Seen<'_>) -> State {
    let factors = &seen.manifest.factors;
    if factors.is_empty() {
        return State::NotOf("nothing was varied".to_owned());
    }
    let levels = |at: usize| {
        let all: BTreeSet<&String> = seen
            .manifest
            .treatments
            .iter()
            .filter(|one| !one.baseline)
            .filter_map(|one| one.levels.get(at))
            .collect();
        all.len()
    };
    let each: Vec<String> =
        factors.iter().enumerate().map(|(at, name)| format!("`{name}` ({} levels)", levels(at))).collect();
    State::Fulfilled(format!(
        "`factors` and `treatments` of `manifest.json`: {}; all else is the same in all, in its `configuration` and in `experiment.yaml`",
        each.join(", ")
    ))
}

fn order(seen: &Seen<'_>) -> State {
    if seen.manifest.treatments.len() < 2 {
        return State::NotOf("there is one treatment".to_owned());
    }
    if seen.manifest.until_broken || seen.manifest.search.is_some() {
        return State::missing(
            "a search goes by what it found: its order cannot be drawn beforehand (`plan.csv` has it)",
            "the volumes around the bound as levels of a factor, with repetitions",
        );
    }
    let plan = &seen.run.plan;
    let blocks: BTreeSet<u32> = plan.iter().map(|row| row.block).collect();
    let of = |block: &u32| -> Vec<&str> {
        plan.iter().filter(|row| row.block == *block).map(|row| row.treatment.as_str()).collect()
    };
    let orders: BTreeSet<Vec<&str>> = blocks.iter().map(of).collect();
    if blocks.len() > 1 && orders.len() == 1 {
        return State::missing("all blocks of `plan.csv` have one order", "more blocks (`repetitions`)");
    }
    State::Fulfilled(format!(
        "`plan.csv`: {} trials in {} blocks of {} different orders, seed {}; when each began: `started` of `trials.csv`",
        plan.len(),
        blocks.len(),
        orders.len(),
        seen.manifest.seed
    ))
}

fn twin(seen: &Seen<'_>) -> State {
    let asked = &seen.asked;
    let twins = asked.iter().enumerate().find_map(|(at, one)| {
        let other = asked[at + 1..].iter().find(|other| other.settings == one.settings)?;
        Some((one.slug.as_str(), other.slug.as_str()))
    });
    State::if_there(
        twins.map(|(one, other)| format!("`{one}` and `{other}` ask for the same, by `experiment.yaml`")),
        "no two treatments ask for the same",
        "a named factor with two levels that set the same, as `experiments/aa.yaml` has it",
    )
}

fn repetitions(seen: &Seen<'_>) -> State {
    let at = seen.meant().1;
    match seen.fewest() {
        Some((count, _)) if count >= LEAST => State::Fulfilled(format!(
            "`outcome` of `trials.csv`: at least {count} valid trials of each treatment{at}"
        )),
        Some((count, slug)) => State::missing(
            format!("`outcome` of `trials.csv`: {count} valid of `{slug}`"),
            if seen.manifest.search.is_some() {
                "a search that goes on until its bounds are confirmed (`bench run --resume`)".to_owned()
            } else {
                format!("`repetitions: {LEAST}` (10 for a bootstrap)")
            },
        ),
        None => State::missing("no trial was saved", "a run"),
    }
}

fn baseline(seen: &Seen<'_>) -> State {
    if !seen.consumed() {
        return State::NotOf("nobody consumes".to_owned());
    }
    let own = &seen.findings.baselines;
    let slugs: Vec<String> = own.iter().map(|one| format!("`{}`", one.slug)).collect();
    if let Some(least) = own.iter().map(|one| one.valid().count()).min().filter(|least| *least > 0) {
        return State::Fulfilled(format!(
            "`baseline` of `trials.csv`: {} ({least} valid trials or more of each), set as `baseline` of `experiment.yaml` says; it is a group of one member, which has all partitions",
            some(&slugs, 3)
        ));
    }
    let single =
        seen.records().find(|record| record.asked.instances == Some(1) && record.asked.threads == Some(1));
    let found = single.map_or_else(
        || "no treatment has one instance of one thread".to_owned(),
        |record| format!("`{}` has one instance of one thread, and is not tuned for that", record.treatment),
    );
    State::missing(found, "`baseline: {}`: one tuned thread over all partitions, in every block")
}

fn failures(seen: &Seen<'_>) -> State {
    let count = |outcome: Outcome| seen.trials().filter(|trial| trial.judged.outcome == outcome).count();
    let all = [Outcome::Valid, Outcome::Doubtful, Outcome::Broken, Outcome::Failed, Outcome::Interrupted];
    let counts: Vec<String> = all
        .into_iter()
        .map(|outcome| (outcome, count(outcome)))
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| format!("{count} {}", outcome.name()))
        .collect();
    let other: Vec<String> = seen
        .trials()
        .filter(|trial| !trial.is_valid())
        .map(|trial| format!("`{}`", trial.record.trial))
        .collect();
    if counts.is_empty() {
        return State::missing("no trial was saved", "a run");
    }
    let which = if other.is_empty() { String::new() } else { format!(" ({})", some(&other, 3)) };
    State::Fulfilled(format!(
        "`outcome` and `doubts` of `trials.csv`: {}{which}; reasons in the report's *Doubts*",
        counts.join(", ")
    ))
}
