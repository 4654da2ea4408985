//! Which factor is the axis of a figure, which one is told by colour, and which one makes panels of their own: decided once, so that all figures agree.

use crate::analyse::{Factor, Findings, TreatmentFindings, factors, number};
use crate::record::Manifest;
use crate::report::document::{Axis, Scale};
use crate::spec::short_names;

/// A greatest number so many times the least is better seen by ratios; of what consumers grow with so many times more, as what is in proportion is a straight
/// line only where numbers lie as far apart as they differ.
const WIDE: f64 = 10.0;
const WIDE_OF_CONSUMERS: f64 = 20.0;

/// How treatments lie in figures.
pub struct Axes<'a> {
    names: Vec<&'a str>,
    factors: Vec<Factor>,
    /// The factor along the axis; none where there is no factor.
    along: Option<usize>,
    /// The factor of panels.
    across: Option<usize>,
    /// What of the others each treatment has, by its place among the treatments.
    hues: Vec<usize>,
    /// What each hue stands for.
    hue_names: Vec<String>,
}

impl<'a> Axes<'a> {
    /// Of a run. A volume that grew is the axis, else the first of the numbers with most levels, else the factor of words with most.
    pub fn of(manifest: &'a Manifest, findings: &Findings) -> Self {
        let factors = factors(manifest, findings);
        let names = short_names(&manifest.factors);
        // Of equals the first: `max_by_key` would take the last.
        let longest = |is_number: bool| {
            let all = factors
                .iter()
                .rev()
                .filter(|factor| factor.is_number == is_number && factor.levels.len() > 1);
            all.max_by_key(|factor| factor.levels.len()).map(|factor| factor.at)
        };
        let grown = manifest.is_searched().then(|| factors.len().checked_sub(1)).flatten();
        let along = grown.or_else(|| longest(true)).or_else(|| longest(false));
        let others: Vec<&Factor> =
            factors.iter().filter(|factor| Some(factor.at) != along && factor.levels.len() > 1).collect();
        let across = others.iter().rev().min_by_key(|factor| factor.levels.len()).map(|factor| factor.at);
        let across = across.filter(|_| others.len() > 1);
        let told: Vec<usize> =
            others.iter().map(|factor| factor.at).filter(|at| Some(*at) != across).collect();
        let mut hue_names: Vec<String> = Vec::new();
        let hue = |one: &TreatmentFindings| {
            let name = named(&names, one, &told);
            hue_names.iter().position(|known| *known == name).unwrap_or_else(|| {
                hue_names.push(name);
                hue_names.len() - 1
            })
        };
        let hues = findings.treatments.iter().map(hue).collect();
        Axes { names, factors, along, across, hues, hue_names }
    }

    /// The axis that treatments lie along.
    pub fn axis(&self) -> Axis {
        let Some(factor) = self.along.and_then(|at| self.factors.get(at)) else {
            return Axis { scale: Scale::Words, ..Axis::default() };
        };
        let name = self.names.get(factor.at).copied().unwrap_or_default();
        if !factor.is_number {
            return Axis { labels: factor.levels.clone(), scale: Scale::Words, ..Axis::new(name, "") };
        }
        let numbers: Vec<(f64, &str)> = factor.levels.iter().filter_map(|label| number(label)).collect();
        let unit = numbers.first().map_or("", |(_, unit)| unit.trim());
        let unit = if unit == "/s" { "per second" } else { unit };
        let (least, most) = numbers
            .iter()
            .fold((f64::MAX, 0.0_f64), |ends, (value, _)| (ends.0.min(*value), ends.1.max(*value)));
        let grows = ["instances", "threads", "partitions", "fan_out"].iter().any(|end| name.ends_with(end));
        let wide = if grows { WIDE_OF_CONSUMERS } else { WIDE };
        let scale = if least > 0.0 && most / least >= wide { Scale::Log } else { Scale::Linear };
        Axis { scale, at: numbers.iter().map(|(value, _)| *value).collect(), ..Axis::new(name, unit) }
    }

    /// Where a treatment lies on it.
    pub fn place(&self, one: &TreatmentFindings) -> f64 {
        let Some(factor) = self.along.and_then(|at| self.factors.get(at)) else { return 0.0 };
        let label = one.levels.get(factor.at).map_or("", String::as_str);
        let words = || factor.levels.iter().position(|level| level == label).unwrap_or_default() as f64;
        if factor.is_number { number(label).map_or(0.0, |(value, _)| value) } else { words() }
    }

    /// The panels: what each is of, and its treatments' places among all.
    pub fn panels(&self, findings: &Findings) -> Vec<(String, Vec<usize>)> {
        let all = 0..findings.treatments.len();
        let Some(factor) = self.across.and_then(|at| self.factors.get(at)) else {
            return vec![(String::new(), all.collect())];
        };
        let of = |level: &String| {
            let has = |at: &usize| findings.treatments[*at].levels.get(factor.at) == Some(level);
            let name = self.names.get(factor.at).copied().unwrap_or_default();
            (format!("{name} {level}"), all.clone().filter(has).collect())
        };
        factor.levels.iter().map(of).collect()
    }

    /// Its colour's number, and what that stands for.
    pub fn hue(&self, at: usize) -> (usize, &str) {
        let hue = self.hues.get(at).copied().unwrap_or_default();
        (hue, self.hue_names.get(hue).map_or("", String::as_str))
    }

    /// A treatment by all its levels but the one along the axis.
    pub fn beside(&self, one: &TreatmentFindings) -> String {
        let others: Vec<usize> = (0..one.levels.len()).filter(|at| Some(*at) != self.along).collect();
        named(&self.names, one, &others)
    }

    /// The number of its level along the axis, and that level's name: what tells treatments of one colour apart.
    pub fn level(&self, one: &TreatmentFindings) -> (usize, String) {
        let factor = self.along.and_then(|at| self.factors.get(at));
        let label = |factor: &Factor| one.levels.get(factor.at).cloned().unwrap_or_default();
        let at = factor.map(|factor| {
            let own = label(factor);
            let place = |level: &String| number(level).filter(|_| factor.is_number).map(|(value, _)| value);
            // Levels that a search came to are in the order of its trials.
            match place(&own) {
                Some(value) => factor.levels.iter().filter_map(place).filter(|one| *one < value).count(),
                None => factor.levels.iter().position(|level| *level == own).unwrap_or_default(),
            }
        });
        (
            at.unwrap_or_default(),
            factor.map_or_else(String::new, |factor| named(&self.names, one, &[factor.at])),
        )
    }

    /// The name of the factor along the axis, as the file has it.
    pub fn path<'b>(&self, manifest: &'b Manifest) -> Option<&'b str> {
        self.along.and_then(|at| manifest.factors.get(at)).map(String::as_str)
    }

    /// A treatment by all its levels: `partitions 4, instances 2`.
    pub fn name(&self, one: &TreatmentFindings) -> String {
        if one.levels.is_empty() {
            one.slug.clone()
        } else {
            named(&self.names, one, &(0..one.levels.len()).collect::<Vec<_>>())
        }
    }
}

fn named(names: &[&str], one: &TreatmentFindings, of: &[usize]) -> String {
    let level = |at: &usize| Some(format!("{} {}", names.get(*at)?, one.levels.get(*at)?));
    of.iter().filter_map(level).collect::<Vec<_>>().join(", ")
}
