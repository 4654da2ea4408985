//! The answer in a paragraph, as far as numbers give one: the first treatment against the one in which every factor is at its last level, and against
//! those in which one factor alone is.

use super::named::named;
use super::took;
use crate::analyse::{Findings, Grown, Load, Scaling, TreatmentFindings};
use crate::record::Manifest;
use crate::report::number::{plain, scaling};
use crate::spec::short_names;

/// The paragraph; none where there are no factors or the corners have no usable trial.
pub fn answer(manifest: &Manifest, findings: &Findings) -> Option<String> {
    if let Some(grown) = &findings.grown {
        let said: Vec<String> = grown.iter().map(|search| searched(manifest, search)).collect();
        return Some(said.join(" ")).filter(|said| !said.is_empty());
    }
    let first = findings.treatments.first()?;
    let last = findings.treatments.last().filter(|last| last.slug != first.slug)?;
    let (low, high) = (first.throughput().value()?, last.throughput().value()?);
    if took::same_load(first, last)
        && let Some(took) = took::compared(first, last)
    {
        return Some(at_same_load(manifest, findings, (first, last), &took));
    }
    let mut said = vec![format!(
        "From {} ({}) to {} ({}), {} went from {} to {} messages per second: {}.",
        named(manifest, &first.levels),
        first.load.name(),
        named(manifest, &last.levels),
        last.load.name(),
        if first.load == Load::Overload && last.load == Load::Overload {
            "overload throughput"
        } else {
            "throughput"
        },
        plain(low),
        plain(high),
        scaling(last.scaling)
    )];
    if manifest.factors.len() > 1 {
        said.extend(alone(manifest, findings, (first, last)));
    }
    if first.load == Load::Steady && last.load == Load::Steady {
        said.push(
            "Both kept up with what was offered: this compares offered rates, the limits lie higher."
                .to_owned(),
        );
    }
    Some(said.join(" "))
}

/// The same load, kept up with by both: what it took.
fn at_same_load(manifest: &Manifest, findings: &Findings, corners: Corners<'_>, took: &str) -> String {
    let (first, last) = corners;
    let mut said = vec![format!(
        "At the same load, from {} to {}, {took}.",
        named(manifest, &first.levels),
        named(manifest, &last.levels)
    )];
    said.extend(by_factor(manifest, findings, corners));
    said.join(" ")
}

/// What each factor changed by itself, with all others at their first level and with all others at their last: the two may differ by much.
fn by_factor(manifest: &Manifest, findings: &Findings, corners: Corners<'_>) -> Vec<String> {
    let (names, (first, last)) = (short_names(&manifest.factors), corners);
    let of = |(factor, name): (usize, &&str)| {
        let told = |others: &TreatmentFindings| {
            let with = |own| crossed(findings, factor, own, others);
            let ratio = took::ratio(with(first)?, with(last)?)?;
            let levels = names.iter().zip(&others.levels).enumerate().filter(|(at, _)| *at != factor);
            let at: Vec<String> = levels.map(|(_, (name, level))| format!("{name}={level}")).collect();
            Some(format!("{ratio} at {}", at.join(", ")))
        };
        let both: Vec<String> = [first, last].into_iter().filter_map(told).collect();
        (!both.is_empty()).then(|| format!("By {name} alone: {}.", both.join(" and ")))
    };
    if names.len() > 1 { names.iter().enumerate().filter_map(of).collect() } else { Vec::new() }
}

/// The first treatment, and the one in which every factor is at its last level.
type Corners<'a> = (&'a TreatmentFindings, &'a TreatmentFindings);

/// What each factor alone gave.
fn alone(manifest: &Manifest, findings: &Findings, (first, last): Corners<'_>) -> Option<String> {
    let of = |(factor, name): (usize, &String)| {
        Some(format!("{name} alone gave {}", ratio(crossed(findings, factor, last, first)?)?))
    };
    let alone: Vec<String> = manifest.factors.iter().enumerate().filter_map(of).collect();
    (!alone.is_empty()).then(|| format!("{}.", alone.join("; ")))
}

/// The treatment with one factor as `own` has it and all others as `others` has them.
fn crossed<'a>(
    findings: &'a Findings,
    factor: usize,
    own: &TreatmentFindings,
    others: &TreatmentFindings,
) -> Option<&'a TreatmentFindings> {
    let is = |one: &&TreatmentFindings| {
        let mut levels = one.levels.iter().enumerate();
        levels.all(|(at, level)| (if at == factor { own } else { others }).levels.get(at) == Some(level))
    };
    findings.treatments.iter().find(is)
}

/// What one search for the volume that breaks an SLO came to.
fn searched(manifest: &Manifest, search: &Grown) -> String {
    let at = named(manifest, &search.levels);
    let at = if at.is_empty() { at } else { format!("At {at}: ") };
    let held = match search.held {
        Some(held) => format!("{held} was the greatest volume at which all held"),
        None => "at no volume that was tried did all hold".to_owned(),
    };
    let slos = |texts: &[String]| texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ");
    let above = match (&search.broken, search.undecided) {
        (Some((broken, texts)), None) => format!("{broken} the least that broke {}", slos(texts)),
        (Some((broken, texts)), Some(undecided)) => {
            format!("at {undecided} it cannot be said, {broken} broke {}", slos(texts))
        }
        (None, Some(undecided)) => format!("at {undecided} it cannot be said, and more was not tried"),
        (None, None) => "none that broke was reached".to_owned(),
    };
    let tried = if search.tried == 1 { "1 volume".to_owned() } else { format!("{} volumes", search.tried) };
    format!("{at}{held}, {above} ({tried} tried).")
}

fn ratio(treatment: &TreatmentFindings) -> Option<String> {
    treatment.scaling.map(|of: Scaling| scaling(Some(of)))
}
