//! Which comparisons a report tells, or would have told had they come out otherwise.

use std::collections::BTreeSet;

use super::leading::{Main, main, of_row};
use super::share::Share;
use crate::analyse::baseline::beside;
use crate::analyse::compare::{comparable, of};
use crate::analyse::evidence::look_of;
use crate::analyse::factor::{corner, factors};
use crate::analyse::findings::{Findings, TreatmentFindings};
use crate::analyse::gaps::LEAST;
use crate::analyse::response::{COST, KNEE, responses};
use crate::record::Manifest;
use crate::spec::Metric;

/// Each of them once: what is compared, and the two treatments.
type Pairs = BTreeSet<(String, String, String)>;

/// How many comparisons a report tells, as the share of each of them. Where the data choose a pair, each that they could have chosen is one.
pub fn compared(manifest: &Manifest, findings: &Findings) -> Share {
    let mut pairs = Pairs::new();
    for (ranking, _) in &findings.rankings {
        let slugs: Vec<&str> = ranking.order.iter().map(|one| one.slug.as_str()).collect();
        all_of(&mut pairs, &format!("{COST}, {}", ranking.basis.name()), &slugs);
    }
    for baseline in &findings.baselines {
        for one in beside(findings, baseline) {
            add(&mut pairs, "beats one thread", (&baseline.slug, &one.slug));
        }
    }
    // What a search came to is no difference of two treatments.
    if findings.grown.is_none() && findings.searched.is_none() {
        of_answer(&mut pairs, manifest, findings);
    }
    Share { among: pairs.len().max(1), look: look_of(manifest, findings.all(), LEAST) }
}

fn add(pairs: &mut Pairs, what: &str, (one, other): (&str, &str)) {
    let (low, high) = if one < other { (one, other) } else { (other, one) };
    pairs.insert((what.to_owned(), low.to_owned(), high.to_owned()));
}

fn all_of(pairs: &mut Pairs, what: &str, slugs: &[&str]) {
    for (at, one) in slugs.iter().enumerate() {
        for other in &slugs[at + 1..] {
            add(pairs, what, (one, other));
        }
    }
}

fn slugs<'a>(of: &[&'a TreatmentFindings]) -> Vec<&'a str> {
    of.iter().map(|one| one.slug.as_str()).collect()
}

/// Whether this response answers otherwise than by comparing medians; of money the rankings are counted already, and when credits ran out is no difference.
fn is_told_apart(metric: &Metric, findings: &Findings) -> bool {
    match metric.name.as_str() {
        COST => findings.treatments.iter().any(|one| one.standing.may_cost()),
        KNEE => findings.treatments.iter().any(|one| {
            let mut valid = one.valid();
            let first = valid.clone().next().and_then(|trial| trial.record.emulated.first());
            first.is_some_and(|group| group.credit_mode.is_some()) || valid.any(|trial| trial.knee.is_some())
        }),
        _ => false,
    }
}

fn of_answer(pairs: &mut Pairs, manifest: &Manifest, findings: &Findings) {
    let asked = responses(manifest, findings);
    let mut left = asked.as_slice();
    while let Some((first, others)) = left.split_first() {
        if is_told_apart(first, findings) {
            return;
        }
        let is_money = [COST, KNEE].contains(&first.name.as_str());
        let known: Vec<&TreatmentFindings> =
            findings.treatments.iter().filter(|one| !is_money && of(first, one).n > 0).collect();
        if !known.is_empty() {
            of_response(pairs, (manifest, findings), (first, others), &known);
            return;
        }
        left = others;
    }
}

/// The two, or where the data chose them each two that they could have chosen.
fn count(pairs: &mut Pairs, metric: &Metric, found: &Main<'_>) {
    match found {
        Main::Growth(from, to) => add(pairs, &metric.name, (&from.slug, &to.slug)),
        Main::Extremes(found) => all_of(pairs, &metric.name, &slugs(&found.group)),
    }
}

fn of_response(
    pairs: &mut Pairs,
    (manifest, findings): (&Manifest, &Findings),
    (first, others): (&Metric, &[Metric]),
    known: &[&TreatmentFindings],
) {
    let factors = factors(manifest, findings);
    let Some(main) = main(findings, &factors, first, known) else { return };
    let (from, to) = main.ends();
    for metric in std::iter::once(first).chain(others).filter(|metric| comparable(metric, from, to)) {
        count(pairs, metric, &main);
    }
    let ends = [from.slug.as_str(), to.slug.as_str()];
    // A level between the ends is told where it lies beyond both.
    if main.grows() && factors.len() == 1 {
        let inner = slugs(known).into_iter().filter(|slug| !ends.contains(slug));
        inner.for_each(|slug| ends.iter().for_each(|end| add(pairs, &first.name, (end, slug))));
    }
    if factors.len() < 2 {
        return;
    }
    for factor in &factors {
        let corners = [false, true].map(|last| corner(findings, &factors, last));
        let [Some(low), Some(high)] = corners else { continue };
        for row in [low, high].map(|others| factor.row(findings, others)) {
            if let Some(found) = of_row(first, factor, &row) {
                count(pairs, first, &found);
            }
        }
    }
}
