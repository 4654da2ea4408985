//! The analysis.

use super::seen::Seen;
use super::{Item, State, item};
use crate::analyse::{How, SENSITIVITY_PERCENT, Searched, Verdict, responses};
use crate::report::document;
use crate::report::document::Part;
use crate::report::number::{counted, plain};
use crate::report::say::law;

/// Sizes that a law needs, at least (§3.4).
const SIZES: usize = 4;

pub(super) fn boxes(seen: &Seen<'_>) -> Vec<Item> {
    vec![
        item("the trial is the unit; intervals by a named method, with n", interval(seen)),
        item("effects with intervals, corrected for how many were looked at", effects(seen)),
        item("verdicts of three values", verdicts(seen)),
        item("capacity as an interval", capacity(seen)),
        item("scaling laws with intervals, residuals and the staircase, not drawn too far", laws(seen)),
        item("cost: date and region of prices, basis, what is excluded", cost(seen)),
        item("what the order would be at other prices (±20 %)", sensitivity(seen)),
        item("how probable it is to be on the front of cost and latency", front(seen)),
        item("threats to validity, made from this run", threats(seen)),
    ]
}

fn interval(seen: &Seen<'_>) -> State {
    let first = responses(seen.manifest, seen.findings).into_iter().next();
    let Some(first) = first else { return State::missing("nothing was asked", "`responses` in the file") };
    let (meant, at) = seen.meant();
    let around = meant.into_iter().filter_map(|one| {
        let of = crate::analyse::of(&first, one);
        (of.n > 0).then(|| (of.n, of.interval()))
    });
    let around: Vec<_> = around.collect();
    let spread = around.iter().any(|(_, of)| of.is_none_or(|of| of.how == How::Spread));
    let least = around.iter().map(|(n, _)| *n).min().unwrap_or_default();
    if around.is_empty() || spread {
        return State::missing(
            format!(
                "`{}`{at}: {} of some treatment, whose range stands beside their median",
                first.name,
                counted(least, "trial")
            ),
            "6 trials of each treatment: an interval of the median by order statistics",
        );
    }
    let mut hows: Vec<&str> = around.iter().filter_map(|(_, of)| Some(of.as_ref()?.how.told())).collect();
    hows.sort_unstable();
    hows.dedup();
    let hows = hows.join(", ");
    State::Fulfilled(format!("`{}`{at}: {hows}, n ≥ {least} trials (`treatments.csv`)", first.name))
}

fn effects(seen: &Seen<'_>) -> State {
    if seen.manifest.treatments.len() < 2 {
        return State::NotOf("there is one treatment".to_owned());
    }
    let ratios = seen.of_treatments("scaling_ratio_low").len();
    if ratios > 0 {
        return State::Fulfilled(format!(
            "`scaling_ratio_low` and `_high` of `treatments.csv`, of {ratios} treatments; all that the report tells apart shares 5 % with all other looks at the run (Bonferroni), what `bench compare` judges too (Holm)"
        ));
    }
    State::missing(
        "the answer tells ratios of medians, and whether Student's t of blocks tells them apart at 5 % over all that the report compares, at every look at the run",
        "`bench compare DIR`: each ratio with its interval, Holm's correction, and what could have been seen",
    )
}

fn verdicts(seen: &Seen<'_>) -> State {
    if seen.manifest.slos.is_empty() {
        return State::NotOf("nothing had to hold".to_owned());
    }
    let count = |verdict: Verdict| {
        let all = seen.findings.treatments.iter().filter(|one| one.valid().next().is_some());
        all.flat_map(|one| &one.verdicts).filter(|of| **of == verdict).count()
    };
    State::Fulfilled(format!(
        "`verdict: …` of `treatments.csv`: {} held, {} broken, {} undecided",
        count(Verdict::Held),
        count(Verdict::Broken),
        count(Verdict::Undecided)
    ))
}

fn capacity(seen: &Seen<'_>) -> State {
    if let Some(searched) = &seen.findings.searched {
        return of_search(searched);
    }
    let Some(grown) = &seen.findings.grown else {
        return State::NotOf("no volume was searched".to_owned());
    };
    let ends: Option<Vec<String>> = grown
        .iter()
        .map(|search| Some(format!("{} to {}", search.held?, search.broken.as_ref()?.0)))
        .collect();
    let Some(ends) = ends.filter(|ends| !ends.is_empty()) else {
        return State::missing(
            "a search has no volume that held, or none that broke",
            "a wider range of volumes",
        );
    };
    let found = format!("`rate` of `treatments.csv`: {}", ends.join("; "));
    match seen.fewest() {
        Some((least, _)) if least >= 6 => State::Fulfilled(found),
        _ => State::missing(
            format!("{found}; each was tried too few times to say how often it holds"),
            "both ends confirmed by 6 trials each",
        ),
    }
}

fn of_search(searched: &[Searched]) -> State {
    let rung =
        |one: &Searched, rung: Option<i64>| rung.map_or_else(|| "nothing".to_owned(), |rung| one.label(rung));
    let told = |one: &Searched| {
        let (all, good, bad) = (one.came.all, one.came.at_good, one.came.at_bad);
        format!(
            "{} (held in {} of {}) to {} (held in {} of {})",
            rung(one, all.good),
            good.held,
            good.of,
            rung(one, all.broke),
            bad.held,
            bad.of
        )
    };
    let found = format!("`searches.csv`: {}", searched.iter().map(told).collect::<Vec<_>>().join("; "));
    if searched.iter().all(Searched::is_found) {
        State::Fulfilled(found)
    } else {
        State::missing(
            format!("{found}; not each was found and confirmed"),
            "`bench run --resume`, or a wider range",
        )
    }
}

fn laws(seen: &Seen<'_>) -> State {
    let sizes: std::collections::BTreeSet<u32> =
        seen.records().filter_map(|record| record.asked.instances).collect();
    if sizes.len() < SIZES {
        return State::NotOf(format!("{} sizes of the consumers: a law needs {SIZES}", sizes.len()));
    }
    let document = document(seen.run, seen.findings);
    let section = document.sections.iter().find(|section| section.id == "laws");
    let tables = section.into_iter().flat_map(|section| &section.parts);
    let fitted = tables.filter(|part| matches!(part, Part::Table(table) if table.id == "laws")).count() > 0;
    let with_intervals = law::all(seen.manifest, seen.findings)
        .is_some_and(|(_, all)| all.iter().flat_map(|(_, one)| &one.fits).any(|fit| fit.intervals.is_ok()));
    State::if_there(
        (fitted && with_intervals).then(|| {
            "the report's *How it grew*: laws by AICc with intervals, and the staircase of partitions"
                .to_owned()
        }),
        format!(
            "{} sizes, and no law is fitted with intervals: the report's *How it grew* says why, where it is there",
            sizes.len()
        ),
        "four sizes or more of one factor under overload, in six blocks",
    )
}

fn cost(seen: &Seen<'_>) -> State {
    let costs = || seen.trials().filter_map(|trial| trial.cost.as_ref());
    if costs().next().is_none() {
        return State::NotOf("no instance type with a price".to_owned());
    }
    let prices = &seen.manifest.prices;
    let rented = prices.instances.values();
    let dated = rented.clone().all(|price| !price.date.is_empty() && !price.source.is_empty());
    let placed = rented.clone().all(|price| !prices.region_of(price).is_empty());
    let found = "`prices` of `manifest.json`, and the report's *Cost*: each line with its basis, and what is not included";
    if dated && placed {
        State::Fulfilled(format!("{found} (and a price sheet: item, price, quantity, region, date, source)"))
    } else {
        State::missing(found, "`date`, `source` and `region` of each price")
    }
}

fn sensitivity(seen: &Seen<'_>) -> State {
    let ranked: Vec<String> = seen
        .findings
        .rankings
        .iter()
        .filter(|(ranking, _)| ranking.order.len() > 1)
        .map(|(ranking, tippings)| {
            format!(
                "basis {}: {} among {} treatments",
                ranking.basis.name(),
                tippings.len(),
                ranking.order.len()
            )
        })
        .collect();
    if ranked.is_empty() {
        return State::NotOf("no two treatments are compared by cost".to_owned());
    }
    State::Fulfilled(format!(
        "`rankings` of the JSON report, each price moved by {SENSITIVITY_PERCENT} % both ways; moves that change an order: {}",
        ranked.join("; ")
    ))
}

fn front(seen: &Seen<'_>) -> State {
    let priced = seen.findings.treatments.iter().filter(|one| one.costs.is_some()).count();
    if priced < 2 {
        return State::NotOf("fewer than two treatments have a cost".to_owned());
    }
    let shares = seen.of_treatments("front_share");
    if !shares.is_empty() {
        return State::Fulfilled(format!(
            "`front_share` of `treatments.csv`, of {} treatments, by resampling whole blocks",
            shares.len()
        ));
    }
    State::missing(
        format!("the report draws {priced} treatments by cost and latency, without a probability"),
        "6 blocks or more: then `front_share` of `treatments.csv` has it",
    )
}

fn threats(seen: &Seen<'_>) -> State {
    let limits: Vec<f64> = seen.trials().map(|trial| trial.judged.doubts.len() as f64).collect();
    State::Fulfilled(format!(
        "the report's *What is not concluded* and *Doubts*: {} doubts in {} trials",
        plain(limits.iter().sum::<f64>()).split('.').next().unwrap_or_default(),
        limits.len()
    ))
}
