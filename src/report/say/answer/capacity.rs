//! What searches for a capacity or a demand came to.

use super::super::claim::{Claim, Evidence};
use super::super::named::named;
use crate::analyse::{Aim, Edge, Findings, Kind, Searched, TreatmentFindings};
use crate::record::{Manifest, SloLine};
use crate::search::{Passed, Stop};

/// A sentence a search; where there is one alone, one more on each SLO's own boundary.
pub(super) fn searched(manifest: &Manifest, findings: &Findings, searched: &[Searched]) -> Vec<Claim> {
    let claim = |one: &Searched, text: String| {
        let levels = one.levels.clone();
        Claim::new(text, [Evidence::Search { levels }])
    };
    let whole = |one: &Searched| {
        let limited = limited(findings, one);
        let told = limited.as_ref().map_or_else(String::new, |limited| format!("; limited {limited}"));
        let mut said = claim(one, sentence(manifest, one, &told));
        said.on.extend(limited.map(|limited| Evidence::Limit { kind: limited.kind, of: vec![limited.of] }));
        said
    };
    let mut said: Vec<Claim> = searched.iter().map(whole).collect();
    if let [only] = searched {
        said.extend(own(manifest, only).map(|text| claim(only, text)));
    }
    said
}

/// What bound a treatment of a search.
struct Limited {
    kind: Kind,
    /// Which.
    of: String,
    /// `there`, or `with 3055/s`.
    place: String,
    by: String,
}

impl std::fmt::Display for Limited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} by {}", self.place, self.by)
    }
}

/// What bound the trials at the bound that broke, or, where an SLO broke before anything held them back, at the next that did; none where it is not known.
fn limited(findings: &Findings, one: &Searched) -> Option<Limited> {
    let kind = |of: &TreatmentFindings| of.limit.as_ref().and_then(|limit| limit.by.kind());
    let broke = findings.broken_at(one)?;
    let is_there = kind(broke) != Some(Kind::Load);
    let bound = if is_there { broke } else { findings.held_back_at(one)? };
    let kind = kind(bound)?;
    let place = if is_there { "there".to_owned() } else { format!("with {}", bound.levels.last()?) };
    let by = match bound.trials.first().map(|trial| trial.record.asked.partitions) {
        Some(partitions) if kind == Kind::Partitions => {
            format!("{partitions} partition{}", if partitions == 1 { "" } else { "s" })
        }
        _ => kind.told().to_owned(),
    };
    Some(Limited { kind, of: bound.slug.clone(), place, by })
}

fn sentence(manifest: &Manifest, one: &Searched, limited: &str) -> String {
    let at = named(manifest, &one.levels);
    let at = if at.is_empty() { String::new() } else { format!(" at {at}") };
    let found = match one.kind {
        Aim::Capacity => capacity(&format!("Capacity{at}"), one),
        Aim::Demand => demand(&format!("Demand{at}"), one),
    };
    let binds = binds(manifest, one).map(|binds| format!("; {binds}")).unwrap_or_default();
    format!("{found}{binds}{}{limited}{}.", eased(manifest, one), why(one))
}

/// From where on SLOs hold that what is harder holds more often, of what all others hold; nothing of one that held everywhere.
fn eased(manifest: &Manifest, one: &Searched) -> String {
    let told = |at: &usize| {
        let (slo, own) = (&manifest.slos.get(*at)?.text, one.came.each.get(*at)?);
        own.broke?;
        Some(match (own.good.map(|rung| one.label(rung)), one.kind) {
            (Some(from), Aim::Capacity) => format!("; `{slo}` holds from {from} on"),
            (Some(most), Aim::Demand) => format!("; `{slo}` holds with {most} or fewer"),
            (None, _) => format!("; `{slo}` holds with none of these"),
        })
    };
    one.rules.eases.iter().filter_map(told).collect()
}

/// Between which loads it lies, as far as that is known.
fn capacity(what: &str, one: &Searched) -> String {
    let all = &one.came.all;
    let label = |rung: i64| one.label(rung);
    let open = all.open().map(label);
    match (all.good.map(label), all.broke.map(label)) {
        (Some(good), Some(broke)) => {
            let unsaid =
                open.map_or_else(String::new, |open| format!("; whether {open} holds cannot be said"));
            let [good_held, broke_held] = held(one);
            format!("{what} lies between {good} ({good_held}) and {broke} ({broke_held}){unsaid}")
        }
        (Some(good), None) => match open {
            Some(open) => {
                format!("{what} is {good} or more ({}): whether {open} holds cannot be said", held(one)[0])
            }
            None => format!("{what} is {good} or more: more was not tried"),
        },
        (None, Some(broke)) => match open {
            Some(open) => {
                format!(
                    "{what} is below {broke}; whether {open}, the least that was tried, holds cannot be said"
                )
            }
            None => format!("{what} is below {broke}, the least that was tried"),
        },
        (None, None) => match open {
            Some(open) => {
                format!("{what} is not known: whether {open}, the least that was tried, holds cannot be said")
            }
            None => format!("{what} is not known: no trial was made"),
        },
    }
}

/// How many instances it takes, as far as that is known.
fn demand(what: &str, one: &Searched) -> String {
    let all = &one.came.all;
    let count = |rung: i64| {
        let label = one.label(rung);
        let several = if label == "1" { "" } else { "s" };
        format!("{label} instance{several}")
    };
    let are = |rung: i64| if one.label(rung) == "1" { "is" } else { "are" };
    let enough = |rung: i64| format!("whether {} {} enough cannot be said", one.label(rung), are(rung));
    let (most, fewest) = one.rules.ladder.ends();
    let no_more = |rung: i64| {
        let may = if rung == most { "may be" } else { "were" };
        format!("the most that {may} tried")
    };
    let of_most = |rung: i64| {
        let (label, most) = (one.label(rung), no_more(rung));
        format!("whether {label}, {most}, {} enough cannot be said", are(rung))
    };
    let [good_held, broke_held] = held(one);
    match (all.good, all.broke) {
        (Some(good), Some(broke)) => {
            let or_fewer = if all.open().is_some() { " or fewer" } else { "" };
            let unsaid = all.open().map_or_else(String::new, |open| format!("; {}", enough(open)));
            format!(
                "{what} is {}{or_fewer} ({good_held}); with {} it does not hold ({broke_held}){unsaid}",
                count(good),
                one.label(broke)
            )
        }
        (Some(good), None) => {
            let further = all.open().map_or_else(
                || format!("fewer {}", if good == fewest { "may not be tried" } else { "were not tried" }),
                enough,
            );
            format!("{what} is {} or fewer ({good_held}): {further}", count(good))
        }
        (None, Some(broke)) => {
            let more = format!("{what} is more than {} ({broke_held})", count(broke));
            match all.open() {
                Some(open) => format!("{more}; {}", of_most(open)),
                None => format!("{more}, {}", no_more(broke)),
            }
        }
        (None, None) => match all.open() {
            Some(open) => format!("{what} is not known: {}", of_most(open)),
            None => format!("{what} is not known: no trial was made"),
        },
    }
}

/// How often all held at the bound that holds, and at the one that broke.
fn held(one: &Searched) -> [String; 2] {
    [one.came.at_good, one.came.at_bad].map(|of| passed("all held", of))
}

/// Why the search ended, where that is no confirmed bound; nothing else.
fn why(one: &Searched) -> String {
    let again = unconfirmed(one);
    match one.came.stop {
        None => " (the search is not over)".to_owned(),
        Some(Stop::NothingSaid) => " (what was tried last cannot be judged)".to_owned(),
        Some(Stop::NothingBreaks | Stop::NothingHolds) => String::new(),
        Some(Stop::MostTrials) if one.is_found() => {
            " (an SLO's own boundary was still looked for: no more trials were allowed)".to_owned()
        }
        Some(Stop::MostTrials) if again.is_none() => {
            " (not confirmed: no more trials were allowed)".to_owned()
        }
        Some(Stop::Found | Stop::MostTrials) => {
            again.map_or_else(String::new, |again| format!(" (not confirmed: {again})"))
        }
    }
}

/// What speaks against a bound that was tried again as often as was asked; none where nothing does, or where not each was tried so often.
fn unconfirmed(one: &Searched) -> Option<String> {
    let (came, enough) = (&one.came, one.rules.confirm);
    if enough == 0 {
        return Some("that was not asked for".to_owned());
    }
    if let Some(open) = came.all.open() {
        let told = format!("{} was tried again, and cannot be judged", one.label(open));
        return (came.stop == Some(Stop::Found)).then_some(told);
    }
    let told = |rung: Option<i64>, of: Passed, words: &str, against: bool| {
        let often = of.of >= enough && against;
        Some(format!("tried again, {} held in {words}", one.label(rung.filter(|_| often)?)))
    };
    let (good, bad) = (came.at_good, came.at_bad);
    let all = [
        told(came.all.good, good, "no more than half", 2 * good.held <= good.of),
        told(came.all.broke, bad, "more than half", 2 * bad.held > bad.of),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join(", and "))
}

/// `all held in 6 of 6 trials`.
fn passed(what: &str, Passed { held, of }: Passed) -> String {
    if of == 0 {
        return "not confirmed by trials of its own".to_owned();
    }
    format!("{what} in {held} of {of} trial{}", if of == 1 { "" } else { "s" })
}

/// Which SLO binds, and how it is missed.
fn binds(manifest: &Manifest, one: &Searched) -> Option<String> {
    let text = |slo: usize| manifest.slos.get(slo).map(|slo| slo.text.as_str());
    let told = |slo: &usize| {
        let edge = match one.edges.get(*slo).copied().flatten() {
            Some(Edge::Cliff) => ", a cliff",
            Some(Edge::Smooth) => ", smoothly",
            None => "",
        };
        Some(format!("`{}` binds{edge}", text(*slo)?))
    };
    let all: Vec<String> = one.came.binding.iter().filter_map(told).collect();
    let hangs = || Some(format!("it hangs on `{}`", text(one.came.hangs_on?)?));
    (!all.is_empty()).then(|| all.join(", and ")).or_else(hangs)
}

/// The boundaries of the SLOs that do not bind.
fn own(manifest: &Manifest, one: &Searched) -> Option<String> {
    let told = |(at, slo): (usize, &SloLine)| {
        let spoken_of =
            one.came.binding.contains(&at) || one.came.hangs_on == Some(at) || one.rules.eases.contains(&at);
        let boundary = one.came.each.get(at).filter(|_| !spoken_of)?;
        let up_to = one.label(boundary.good?);
        let broke = boundary.broke.map(|broke| format!(" and not with {}", one.label(broke)));
        let open = boundary.open().map(|open| format!("whether with {} cannot be said", one.label(open)));
        let end = match (broke, open) {
            (Some(broke), Some(open)) => format!("{broke} ({open})"),
            (Some(broke), None) => broke,
            (None, Some(open)) => format!(", and {open}"),
            (None, None) => " and was not broken".to_owned(),
        };
        Some(format!("`{}` holds with {up_to}{end}", slo.text))
    };
    let all: Vec<String> = manifest.slos.iter().enumerate().filter_map(told).collect();
    (!all.is_empty()).then(|| format!("By itself, {}.", all.join("; ")))
}

#[cfg(test)]
mod tests;
