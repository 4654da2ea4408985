//! What searches for a capacity or a demand came to.

use super::super::claim::{Claim, Evidence};
use super::super::named::named;
use crate::analyse::{Aim, Edge, Findings, Kind, Searched};
use crate::record::Manifest;
use crate::search::{Passed, Stop};

/// A sentence a search; where there is one alone, one more on each SLO's own boundary.
pub(super) fn searched(manifest: &Manifest, findings: &Findings, searched: &[Searched]) -> Vec<Claim> {
    let claim = |one: &Searched, text: String| {
        let levels = one.levels.clone();
        Claim::new(text, [Evidence::Search { levels }])
    };
    let whole = |one: &Searched| {
        let limited = limited(findings, one);
        let told = limited.as_ref().map_or_else(String::new, |(_, _, by)| format!("; limited there by {by}"));
        let mut said = claim(one, sentence(manifest, one, &told));
        said.on.extend(limited.map(|(kind, slug, _)| Evidence::Limit { kind, of: vec![slug] }));
        said
    };
    let mut said: Vec<Claim> = searched.iter().map(whole).collect();
    if let [only] = searched {
        said.extend(own(manifest, only).map(|text| claim(only, text)));
    }
    said
}

/// What bound the trials at the bound that broke, that treatment, and the same in words; none where it is not known.
fn limited(findings: &Findings, one: &Searched) -> Option<(Kind, String, String)> {
    let bound = findings.broken_at(one)?;
    let kind = bound.limit.as_ref()?.by.kind().filter(|kind| *kind != Kind::Load)?;
    let by = match bound.trials.first().map(|trial| trial.record.asked.partitions) {
        Some(partitions) if kind == Kind::Partitions => {
            format!("{partitions} partition{}", if partitions == 1 { "" } else { "s" })
        }
        _ => kind.told().to_owned(),
    };
    Some((kind, bound.slug.clone(), by))
}

fn sentence(manifest: &Manifest, one: &Searched, limited: &str) -> String {
    let at = named(manifest, &one.levels);
    let at = if at.is_empty() { String::new() } else { format!(" at {at}") };
    let came = &one.came;
    let label = |rung: Option<i64>| rung.map(|rung| one.label(rung));
    let (good, bad, broke) = (label(came.all.good), label(came.all.bad), label(came.all.broke));
    // What lies below what broke, and cannot be said.
    let open = bad.clone().filter(|_| came.all.broke != came.all.bad);
    let what = match one.kind {
        Aim::Capacity => format!("Capacity{at}"),
        Aim::Demand => format!("Demand{at}"),
    };
    let found = match (one.kind, good, broke.or(bad)) {
        (Aim::Capacity, Some(good), Some(bad)) if came.all.broke.is_none() => format!(
            "{what} is {good} or more ({}): whether {bad} holds cannot be said",
            passed("all held", came.at_good)
        ),
        (Aim::Demand, Some(good), Some(bad)) if came.all.broke.is_none() => format!(
            "{what} is {good} instances or fewer ({}): whether {bad} are enough cannot be said",
            passed("all held", came.at_good)
        ),
        (Aim::Capacity, Some(good), Some(bad)) => format!(
            "{what} lies between {good} ({}) and {bad} ({}){}",
            passed("all held", came.at_good),
            passed("all held", came.at_bad),
            open.map_or_else(String::new, |open| format!("; whether {open} holds cannot be said"))
        ),
        (Aim::Demand, Some(good), Some(bad)) => format!(
            "{what} is {good} instances{} ({}); with {bad} it does not hold ({}){}",
            if open.is_some() { " or fewer" } else { "" },
            passed("all held", came.at_good),
            passed("all held", came.at_bad),
            open.map_or_else(String::new, |open| format!("; whether {open} are enough cannot be said"))
        ),
        (Aim::Capacity, Some(good), None) => {
            format!("{what} is {good} or more: nothing that was tried broke")
        }
        (Aim::Demand, Some(good), None) => {
            format!(
                "{what} is {good} instances or fewer ({}): fewer may not be tried",
                passed("all held", came.at_good)
            )
        }
        (_, None, Some(bad)) if came.all.broke.is_none() => {
            format!("{what} is not known: whether {bad}, the least that was asked, holds cannot be said")
        }
        (Aim::Capacity, None, Some(bad)) => format!("{what} is below {bad}, the least that was tried"),
        (Aim::Demand, None, Some(bad)) => {
            format!("{what} is more than {bad} instances, the most that may be tried")
        }
        (_, None, None) => format!("{what} is not known: no trial was made"),
    };
    let binds = binds(manifest, one).map(|binds| format!("; {binds}")).unwrap_or_default();
    let why = match came.stop {
        None => " (the search is not over)",
        Some(Stop::MostTrials) => " (not confirmed: no more trials were allowed)",
        Some(Stop::NothingSaid) => " (what was tried last cannot be judged)",
        Some(Stop::Found) if !one.is_found() => {
            " (not confirmed: what was tried again at one of the two came out either way)"
        }
        Some(Stop::Found | Stop::NothingBreaks | Stop::NothingHolds) => "",
    };
    format!("{found}{binds}{limited}{why}.")
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
    let told = |slo: &usize| {
        let text = &manifest.slos.get(*slo)?.text;
        let edge = match one.edges.get(*slo).copied().flatten() {
            Some(Edge::Cliff) => ", a cliff",
            Some(Edge::Smooth) => ", smoothly",
            None => "",
        };
        // Of what nobody saw broken no one can say that it binds.
        Some(match one.came.all.broke {
            Some(_) => format!("`{text}` binds{edge}"),
            None => format!("it hangs on `{text}`"),
        })
    };
    let all: Vec<String> = one.came.binding.iter().filter_map(told).collect();
    (!all.is_empty()).then(|| all.join(", and "))
}

/// The boundaries of the SLOs that do not bind.
fn own(manifest: &Manifest, one: &Searched) -> Option<String> {
    let told = |(at, slo): (usize, &crate::record::SloLine)| {
        let boundary = one.came.each.get(at).filter(|_| !one.came.binding.contains(&at))?;
        let up_to = one.label(boundary.good?);
        let end = match (one.kind, boundary.broke) {
            (_, Some(bad)) => format!("and not with {}", one.label(bad)),
            (_, None) => "and was not broken".to_owned(),
        };
        Some(format!("`{}` holds with {up_to} {end}", slo.text))
    };
    let all: Vec<String> = manifest.slos.iter().enumerate().filter_map(told).collect();
    (!all.is_empty()).then(|| format!("By itself, {}.", all.join("; ")))
}
