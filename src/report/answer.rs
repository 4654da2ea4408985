//! The answer in a paragraph, as far as numbers give one: the first treatment against the one in which every factor is at its last level, and against
//! those in which one factor alone is.

use super::number::{plain, scaling};
use crate::analyse::{Findings, Grown, Load, Scaling, TreatmentFindings};
use crate::record::Manifest;

/// The paragraph; none where there are no factors or the corners have no usable trial.
pub fn answer(manifest: &Manifest, findings: &Findings) -> Option<String> {
    if let Some(grown) = &findings.grown {
        let said: Vec<String> = grown.iter().map(|search| searched(manifest, search)).collect();
        return Some(said.join(" ")).filter(|said| !said.is_empty());
    }
    let first = findings.treatments.first()?;
    let last = findings.treatments.last().filter(|last| last.slug != first.slug)?;
    let (low, high) = (first.throughput().value()?, last.throughput().value()?);
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
        let alone: Vec<String> = (0..manifest.factors.len())
            .filter_map(|factor| {
                let only = findings.treatments.iter().find(|treatment| {
                    (0..manifest.factors.len()).all(|at| {
                        let corner = if at == factor { last } else { first };
                        treatment.levels.get(at) == corner.levels.get(at)
                    })
                })?;
                Some(format!("{} alone gave {}", manifest.factors[factor], ratio(only)?))
            })
            .collect();
        if !alone.is_empty() {
            said.push(format!("{}.", alone.join("; ")));
        }
    }
    if first.load == Load::Steady && last.load == Load::Steady {
        said.push(
            "Both kept up with what was offered: this compares offered rates, the limits lie higher."
                .to_owned(),
        );
    }
    Some(said.join(" "))
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

fn named(manifest: &Manifest, levels: &[String]) -> String {
    let parts: Vec<String> = short(&manifest.factors)
        .into_iter()
        .zip(levels)
        .map(|(factor, level)| format!("{factor}={level}"))
        .collect();
    parts.join(", ")
}

/// The last part of each factor's path; of several that end alike the last two: `orders.instances`, `audit.instances`.
pub fn short(factors: &[String]) -> Vec<&str> {
    let end =
        |factor: &str, parts: usize| factor.rmatch_indices('.').nth(parts - 1).map_or(0, |(dot, _)| dot + 1);
    let name = |factor: &String| {
        let at = end(factor, 1);
        let alike = factors.iter().filter(|other| other[end(other, 1)..] == factor[at..]).count();
        if alike > 1 { end(factor, 2) } else { at }
    };
    factors.iter().map(|factor| &factor[name(factor)..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_named_by_as_little_as_tells_them_apart() {
        let of = |factors: [&str; 3]| short(&factors.map(str::to_owned)).join(" ");
        assert_eq!(of(["topic.partitions", "consumers.instances", "crowd"]), "partitions instances crowd");
        assert_eq!(
            of(["consumers.orders.instances", "topic.partitions", "consumers.audit.instances"]),
            "orders.instances partitions audit.instances"
        );
    }
}
