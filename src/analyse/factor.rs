//! Factors as an answer reads them: some are numbers that grow, some are words that have no order.

use super::findings::{Findings, TreatmentFindings};
use crate::record::Manifest;

/// A factor and its levels, as far as treatments have them.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// Its place among the factors.
    pub at: usize,
    /// Labels of its levels, each once, in the file's order; of numbers from the least to the greatest.
    pub levels: Vec<String>,
    /// Whether they are numbers.
    pub is_number: bool,
}

/// All factors of a run.
pub fn factors(manifest: &Manifest, findings: &Findings) -> Vec<Factor> {
    (0..manifest.factors.len()).map(|at| factor(at, findings)).collect()
}

fn factor(at: usize, findings: &Findings) -> Factor {
    let mut levels: Vec<String> = Vec::new();
    for label in findings.treatments.iter().filter_map(|one| one.levels.get(at)) {
        if !levels.contains(label) {
            levels.push(label.clone());
        }
    }
    let numbers: Option<Vec<(f64, &str)>> = levels.iter().map(|label| number(label)).collect();
    let unit = numbers.as_ref().and_then(|all| all.first()).map(|first| first.1.to_owned());
    let is_number = numbers.is_some_and(|all| all.iter().all(|one| Some(one.1) == unit.as_deref()));
    if is_number {
        let value = |label: &String| number(label).map_or(0.0, |(value, _)| value);
        levels.sort_by(|a, b| value(a).total_cmp(&value(b)));
    }
    Factor { at, levels, is_number }
}

/// A number and what stands behind it, thousands taken in: `20k/s` is 20,000 and `/s`. `1 t3.micro` is no number: the words behind it tell levels apart.
pub fn number(label: &str) -> Option<(f64, &str)> {
    let end = label.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(label.len());
    let (digits, rest) = label.split_at(end);
    let value: f64 = digits.parse().ok()?;
    let (factor, unit) = match rest.strip_prefix('k') {
        Some(unit) => (1e3, unit),
        None => rest
            .strip_prefix('M')
            .filter(|unit| unit.starts_with('/'))
            .map_or((1.0, rest), |unit| (1e6, unit)),
    };
    (!unit.contains(' ')).then_some((value * factor, unit))
}

impl Factor {
    /// Its first level, of numbers the least.
    pub fn first(&self) -> &str {
        self.levels.first().map_or("", String::as_str)
    }

    /// Its last level, of numbers the greatest.
    pub fn last(&self) -> &str {
        self.levels.last().map_or("", String::as_str)
    }

    /// Treatments that differ from that one in this factor alone, in the order of its levels; it is among them.
    pub fn row<'a>(&self, findings: &'a Findings, others: &TreatmentFindings) -> Vec<&'a TreatmentFindings> {
        let like = |one: &&TreatmentFindings| {
            one.levels.iter().zip(&others.levels).enumerate().all(|(at, (a, b))| at == self.at || a == b)
        };
        let mut row: Vec<&TreatmentFindings> = findings.treatments.iter().filter(like).collect();
        let place = |one: &TreatmentFindings| {
            self.levels.iter().position(|level| one.levels.get(self.at) == Some(level))
        };
        row.sort_by_key(|one| place(one));
        row
    }
}

/// The treatment at which every factor has its first level, or its last.
pub fn corner<'a>(findings: &'a Findings, factors: &[Factor], last: bool) -> Option<&'a TreatmentFindings> {
    let wanted: Vec<&str> =
        factors.iter().map(|factor| if last { factor.last() } else { factor.first() }).collect();
    findings.treatments.iter().find(|one| one.levels == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_a_number_in_front_are_words() {
        assert_eq!(number("12"), Some((12.0, "")));
        assert_eq!(number("20k/s"), Some((20_000.0, "/s")));
        assert_eq!(number("1.5M/s"), Some((1_500_000.0, "/s")));
        assert_eq!(number("250ms"), Some((250.0, "ms")));
        assert_eq!(number("1 t3.micro"), None);
        assert_eq!(number("t3.micro"), None);
        assert_eq!(number("normal"), None);
    }
}
