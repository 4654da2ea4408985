//! The sentences of a comparison.

use std::collections::BTreeMap;

use super::Compared;
use crate::analyse::versus::{Comparison, Lost, Outcome, POWER, Side, Spreads};
use crate::analyse::{Load, Outcome as TrialOutcome, TreatmentFindings, percent as part};
use crate::report::number::counted;
use crate::spec::Better;
use crate::stats::sign_test;

/// Comparisons that are named one by one; of more, the number is told.
const NAMED: usize = 6;
/// Of fewer pairs of treatments nobody says which side they favour.
const LEANS: usize = 6;
/// From so many trials on a median has an interval that rests on nothing but their order.
const FEW: usize = 6;

/// What came of it, differences first.
pub(super) fn answer(compared: &Compared<'_>) -> Vec<String> {
    let census = &compared.census;
    let mut told = lost(compared);
    if census.nothing() > 0 {
        told.push(format!("Nothing in any trial of either: {} of {}.", census.nothing(), census.possible()));
    } else if census.judged.is_empty() {
        told.push(format!(
            "Nothing could be compared: of {} none could be judged.",
            counted(census.possible(), "possible comparison")
        ));
        return told;
    }
    for word in ["worse", "less", "better", "more"] {
        let own: Vec<&Comparison> = census.told(word).collect();
        if !own.is_empty() {
            let named: Vec<String> = own.iter().take(NAMED).map(|one| named(compared, one)).collect();
            let more = own.len().saturating_sub(NAMED);
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            let other = if compared.sides.len() == 2 { "B is" } else { "Against A," };
            told.push(format!("{other} {word}: {}{more}.", named.join("; ")));
        }
    }
    let margin = percent(census.margin);
    let (same, open) = (census.count(Outcome::Same), census.count(Outcome::Undecided));
    if same > 0 {
        told.push(format!("The same within {margin}: {same} of {}.", census.judged.len()));
    }
    if open > 0 {
        told.push(format!("Undecided: {open} of {}{}.", census.judged.len(), needed(compared)));
    }
    if census.leaves_open() {
        let open = census.unjudged.iter().filter(|one| census.is_open(one)).count();
        told.push(format!(
            "Open: {open} of {} could not be judged, which decides nothing.",
            census.possible()
        ));
    }
    let wider = census
        .judged
        .iter()
        .filter(|one| one.spread.is_some_and(|of| of.told(census.risk) == Spreads::Wider));
    let wider: Vec<String> = wider.take(NAMED).map(|one| what(compared, one)).collect();
    if !wider.is_empty() {
        told.push(format!("Trials lie further apart than those of A: {}.", wider.join("; ")));
    }
    told
}

/// `; 9 trials of each would decide them`; nothing where no number that anybody makes would decide any of them.
fn needed(compared: &Compared<'_>) -> String {
    let open = compared.census.judged.iter().filter(|one| one.outcome == Outcome::Undecided);
    let known: Vec<usize> = open.clone().filter_map(|one| one.needed).collect();
    let Some(most) = known.iter().max() else { return String::new() };
    let which = match (known.len(), open.count() - known.len()) {
        (1, 0) => "it".to_owned(),
        (_, 0) => "them".to_owned(),
        (some, _) => format!("{some} of them"),
    };
    format!(
        "; {most} trials of each would decide {which} in {} of cases, did all go on as it is",
        percent(POWER)
    )
}

/// What held in A and does not hold in another.
fn lost(compared: &Compared<'_>) -> Vec<String> {
    let of = |one: &Lost| {
        let other = if compared.sides.len() == 2 { "B".to_owned() } else { Compared::letter(one.against) };
        format!("{other} {} ({}).", one.what, one.treatment)
    };
    compared.census.lost.iter().map(of).collect()
}

/// How many comparisons there were, before any of them is believed.
pub(super) fn census(compared: &Compared<'_>) -> Vec<String> {
    let census = &compared.census;
    let mut told = vec![format!(
        "Of {} {} judged and {} not; all that were judged share one error of {}{}.",
        counted(census.possible(), "possible comparison"),
        were(census.judged.len()),
        were(census.unjudged.len()),
        part(census.risk),
        looked(compared),
    )];
    let leans = leans(&census.judged);
    if leans.len() >= LEANS {
        let sign = sign_test(&leans);
        told.push(format!(
            "By most of their metrics {} of {} pairs of treatments lean to the better and {} to the worse; between equals so uneven a count comes in {} of cases.",
            sign.above,
            leans.len(),
            sign.below,
            percent(sign.p)
        ));
    }
    if compared.is_unlike() {
        told.push("These runs are unlike, and were compared because that was asked for (`--unlike`): see in what they differ.".to_owned());
    }
    told
}

/// To which side each pair of treatments leans, a vote each: metrics of the same trials depend on each other. What has no better direction leans nowhere.
fn leans(judged: &[Comparison]) -> Vec<f64> {
    let mut pairs: BTreeMap<(usize, &str, &str), f64> = BTreeMap::new();
    for one in judged.iter().filter(|one| one.metric.better != Better::Neither) {
        *pairs.entry((one.against, &one.base, &one.other)).or_default() +=
            if one.lean().abs() < f64::EPSILON { 0.0 } else { one.lean().signum() };
    }
    pairs.into_values().collect()
}

/// `, at the second look at these runs`; nothing at the first.
fn looked(compared: &Compared<'_>) -> String {
    match compared.census.look {
        0 | 1 => String::new(),
        look => format!(", as this is look {look} at these runs"),
    }
}

/// Each side with its letter and its trials.
pub(super) fn sides(compared: &Compared<'_>) -> Vec<String> {
    let of = |(at, (side, name)): (usize, (&Side<'_>, &String))| {
        let trials = |which: TrialOutcome| {
            let own = side.treatments().flat_map(|one: &TreatmentFindings| &one.trials);
            own.filter(|trial| trial.judged.outcome == which).count()
        };
        let manifest = &side.run.manifest;
        let unfinished = if manifest.finished.is_none() { "; the run is not finished" } else { "" };
        format!(
            "{}: `{name}`, {} of {}, {} valid and {} doubtful{unfinished}",
            Compared::letter(at),
            manifest.experiment,
            manifest.started,
            counted(trials(TrialOutcome::Valid), "trial"),
            trials(TrialOutcome::Doubtful),
        )
    };
    compared.sides.iter().zip(&compared.named).enumerate().map(of).collect()
}

/// Those that were not judged, by why.
pub(super) fn unjudged(compared: &Compared<'_>) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for one in &compared.census.unjudged {
        by_reason.entry(one.why.told()).or_default().push(format!("{} of {}", one.metric, one.treatment));
    }
    let told = |(why, mut which): (&str, Vec<String>)| {
        let count = which.len();
        which.truncate(NAMED);
        let more = if count > NAMED { format!("; and {} more", count - NAMED) } else { String::new() };
        format!("{why}: {}{more}", which.join("; "))
    };
    by_reason.into_iter().map(told).collect()
}

/// The method, and its limits.
pub(super) fn how(compared: &Compared<'_>) -> Vec<String> {
    let census = &compared.census;
    let paired = census.judged.iter().any(|one| one.paired);
    let pairing = if paired {
        "Trials of one block stand beside each other, and the ratio is of each block (geometric mean, Student's t on logarithms)."
    } else {
        "The ratio is of geometric means, its interval by Welch's t on the logarithms of trials. Blocks of two runs ran at different times, so they are not paired."
    };
    let mut told = vec![
        "The unit is the trial, never the message; only valid trials count.".to_owned(),
        pairing.to_owned(),
        format!(
            "A difference is one where chance alone would make it in less than {} of cases, after Holm's correction over all that were judged. The interval is of its comparison alone (95 %).",
            part(census.risk)
        ),
        "Whoever adds repetitions and compares again has looked once more: the first look takes most of the 5 %, each further one half of what is left, so that all together are wrong in no more.".to_owned(),
        format!(
            "The same: two one-sided tests put it within {} at that level. A comparison that could not have seen the margin is undecided, never the same.",
            percent(census.margin)
        ),
        format!(
            "Could have seen: the smallest difference that would have been found in {} of cases, with the trials that there are and as far as they lie apart.",
            percent(POWER)
        ),
        "Of spread Brown and Forsythe's test speaks, from 6 trials on, corrected in the same way; all that it says has an error of its own, which is as large.".to_owned(),
    ];
    if !census.judged.is_empty() {
        told.push("In the tables A and the others are geometric means of their trials, which the ratio is of; beside the figure stand medians.".to_owned());
    }
    if census.judged.iter().any(|one| one.n.0.min(one.n.1) < FEW) {
        told.push(format!("With fewer than {FEW} trials the interval rests on one thing that they cannot show: that logarithms of trials are spread as a bell is."));
    }
    if compared.sides.iter().flat_map(Side::treatments).any(|one| one.load == Load::Overload) {
        told.push(
            "What is compared in overload is overload throughput, an upper bound of what is sustained."
                .to_owned(),
        );
    }
    let runs = compared.sides.iter().skip(1).any(|side| side.run.path != compared.sides[0].run.path);
    if runs {
        told.push("Two runs were made at two times. What changed on the host between them is part of the difference, and no number of trials takes it out: treatments of one run, block by block, are compared more safely.".to_owned());
    }
    told
}

/// Which comparison: `processed, partitions=4`.
fn what(compared: &Compared<'_>, one: &Comparison) -> String {
    let run =
        if compared.sides.len() > 2 { format!(", {}", Compared::letter(one.against)) } else { String::new() };
    let treatment = one.of();
    if treatment.is_empty() {
        format!("{}{run}", one.metric.label)
    } else {
        format!("{}, {treatment}{run}", one.metric.label)
    }
}

fn named(compared: &Compared<'_>, one: &Comparison) -> String {
    let (ratio, low, high) = one.ratio;
    format!("{}: {ratio:.3}× ({low:.3} to {high:.3})", what(compared, one))
}

fn were(count: usize) -> String {
    if count == 1 { "1 was".to_owned() } else { format!("{count} were") }
}

/// `5 %`, `2.5 %`.
pub(super) fn percent(part: f64) -> String {
    // A margin of 0.04 % is not none.
    let digits = if part > 0.0 && part < 0.0005 { 3 } else { 1 };
    let text = format!("{:.digits$}", part * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
