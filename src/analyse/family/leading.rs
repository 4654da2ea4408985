//! The comparison that an answer begins with.

use crate::analyse::comparable::is_throughput;
use crate::analyse::compare::{Extremes, comparable, extremes, same_load};
use crate::analyse::factor::{Factor, corner};
use crate::analyse::findings::{Findings, TreatmentFindings};
use crate::spec::Metric;

/// Two treatments, and how they were chosen.
#[derive(Clone, Debug)]
pub enum Main<'a> {
    /// From the least of all numbers to the greatest: the plan chose them.
    Growth(&'a TreatmentFindings, &'a TreatmentFindings),
    /// The least and the greatest of a metric: the data chose them of all these.
    Extremes(Extremes<'a>),
}

impl<'a> Main<'a> {
    /// Both, the one that the other is set against first.
    pub fn ends(&self) -> (&'a TreatmentFindings, &'a TreatmentFindings) {
        match self {
            Main::Growth(from, to) => (from, to),
            Main::Extremes(found) => (found.least, found.most),
        }
    }

    /// Whether it is growth.
    pub const fn grows(&self) -> bool {
        matches!(self, Main::Growth(..))
    }
}

/// Where all factors are numbers from the least of all to the greatest, else between the best and the worst of those that are known. Of a single factor the
/// ends are those that have a value. None of fewer than two that may be compared.
pub fn main<'a>(
    findings: &'a Findings,
    factors: &[Factor],
    metric: &Metric,
    known: &[&'a TreatmentFindings],
) -> Option<Main<'a>> {
    let grows = factors.iter().all(|factor| factor.is_number);
    let ends = match factors {
        [only] => {
            let row = only.row(findings, known.first()?);
            let mut row = row.into_iter().filter(|one| known.iter().any(|known| known.slug == one.slug));
            row.next().zip(row.next_back())
        }
        // What the same load took says most of the first factor, all others as they are at the end; throughput says most of all together.
        [first, ..] if !is_throughput(metric) && same_load(known.iter().copied()) => {
            let row = first.row(findings, corner(findings, factors, true)?);
            row.first().copied().zip(row.last().copied())
        }
        _ => corner(findings, factors, false).zip(corner(findings, factors, true)),
    };
    let growth = ends.filter(|(from, to)| grows && from.slug != to.slug && comparable(metric, from, to));
    growth.map(|(from, to)| Main::Growth(from, to)).or_else(|| extremes(metric, known).map(Main::Extremes))
}

/// What is told of the treatments in which a factor alone differs: its ends, where it is a number or has two levels, else the least and the greatest.
pub fn of_row<'a>(metric: &Metric, factor: &Factor, row: &[&'a TreatmentFindings]) -> Option<Main<'a>> {
    if factor.is_number || factor.levels.len() == 2 {
        let (one, other) = (*row.first()?, *row.last()?);
        let are_two = one.slug != other.slug && comparable(metric, one, other);
        return are_two.then_some(Main::Growth(one, other));
    }
    extremes(metric, row).map(Main::Extremes)
}
