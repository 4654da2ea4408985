//! Which configuration is the cheapest that holds, by how much, and what would change that.

use super::cost::{Basis, Cost, alike};
use super::family::Share;
use super::gaps::{Read, relative_width};
use super::lead::{Lead, Ranked};
use super::standing::Standing;
use super::summary::median_of_money;
use super::trial::TrialFindings;
use crate::record::{Manifest, TrialRecord};
use crate::units::{Money, Prices};

/// How far each price is moved when the answer is tried, in percent.
pub const SENSITIVITY_PERCENT: u128 = 20;

/// Treatments of one basis, cheapest first with credits.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// The basis of all of them.
    pub basis: Basis,
    /// Cheapest first.
    pub order: Vec<Ranked>,
    /// The part of one error that each of its comparisons has.
    pub share: Share,
}

impl Ranking {
    /// How far the cheapest is ahead of each of the others, in their order.
    pub fn leads(&self) -> impl Iterator<Item = (&Ranked, Lead)> {
        let first = self.order.first();
        let behind = self.order.iter().skip(1);
        behind.filter_map(move |one| Some((one, Lead::of(first?, one, self.share))))
    }

    /// Whether the cheapest is cheaper than each of the others by more than is known of them; not where there are no others.
    pub fn is_clear(&self) -> bool {
        self.order.len() > 1 && self.leads().all(|(_, lead)| lead.is_clear())
    }
}

/// A price that, moved, gives another order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tipping {
    /// Such as `t3.micro` or `surplus of t3.micro`.
    pub price: String,
    /// Whether it went up, else down.
    pub up: bool,
    /// The treatment that would be the cheapest then.
    pub cheapest: String,
    /// Whether that is another one, or the cheapest has no clear lead any more; else the order changes behind it.
    pub answers: bool,
    /// The treatment that the cheapest, which was ahead of it, would no longer be told apart from; none where another one is the cheapest.
    pub level: Option<String>,
    /// All of them then, cheapest first.
    pub order: Vec<String>,
}

/// The valid trials of one treatment, to be priced.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The treatment.
    pub slug: &'a str,
    /// Where it stands at the prices of the run.
    pub standing: Standing,
    /// Its valid trials.
    pub valid: Vec<&'a TrialFindings>,
}

impl Candidate<'_> {
    /// Its costs at these prices; none where trials have none, or differ in their basis.
    fn costs(&self, manifest: &Manifest, prices: &Prices) -> Option<(Basis, Vec<Cost>)> {
        alike(self.valid.iter().map(|trial| trial.cost.as_ref()?.at(&trial.record, manifest, prices)))
    }

    fn ranked(&self, manifest: &Manifest, of: Basis, prices: &Prices) -> Option<Ranked> {
        let (basis, costs) = self.costs(manifest, prices)?;
        if basis != of || !self.standing.is_ranked(of) {
            return None;
        }
        let each: Vec<Money> = costs.iter().map(Cost::credit_aware_per_million).collect();
        Some(Ranked {
            slug: self.slug.to_owned(),
            least: each.iter().min().copied()?,
            most: each.iter().max().copied()?,
            each: self.valid.iter().zip(&each).map(|(trial, cost)| read(trial, *cost)).collect(),
            credit_aware: median_of_money(each)?,
            sticker: median_of_money(costs.iter().map(Cost::sticker_per_million))?,
            off_percent: self.valid.iter().map(|trial| off_percent(&trial.record)).fold(0.0, f64::max),
        })
    }
}

/// What a trial cost, in dollars. It is over messages, and so as wide as their number was read.
fn read(trial: &TrialFindings, cost: Money) -> (u32, Read) {
    let value = cost.as_dollars();
    (trial.record.block, Read { value, width: value * relative_width(trial) })
}

fn off_percent(record: &TrialRecord) -> f64 {
    let work = record.emulated.iter().flat_map(|group| &group.instances).filter_map(|one| one.work);
    work.map(|work| work.off_percent().abs()).fold(0.0, f64::max)
}

/// The treatments of one basis that are ranked by it, each with its share of the error.
pub fn ranking(
    manifest: &Manifest,
    candidates: &[Candidate<'_>],
    (of, share): (Basis, Share),
    prices: &Prices,
) -> Ranking {
    let ranked = candidates.iter().filter_map(|candidate| candidate.ranked(manifest, of, prices));
    let mut order: Vec<Ranked> = ranked.collect();
    order.sort_by_key(|one| one.credit_aware);
    Ranking { basis: of, order, share }
}

/// Every price moved by itself, up and down: those with which two treatments change places, both before and after by more than is known of them.
pub fn tippings(manifest: &Manifest, candidates: &[Candidate<'_>], found: &Ranking) -> Vec<Tipping> {
    let lead = |ahead: &Ranked, behind: &Ranked| Lead::of(ahead, behind, found.share);
    let tipping = |(price, up, prices): (String, bool, Prices)| {
        let then = ranking(manifest, candidates, (found.basis, found.share), &prices);
        let place = |of: &Ranked| then.order.iter().position(|one| one.slug == of.slug);
        let changed = |ahead: &Ranked, behind: &Ranked| match (place(ahead), place(behind)) {
            (Some(was), Some(is)) if is < was => {
                lead(ahead, behind).is_clear() && lead(&then.order[is], &then.order[was]).is_clear()
            }
            _ => false,
        };
        let mut pairs = found
            .order
            .iter()
            .enumerate()
            .flat_map(|(at, ahead)| found.order[at + 1..].iter().map(move |behind| (ahead, behind)));
        let (first, now) = (then.order.first()?, found.order.first()?);
        let other = found.order.iter().any(|one| one.slug == first.slug && changed(now, one));
        // Of the cheapest and one that it led clearly.
        let lost = |one: &&Ranked| {
            let of = |slug: &str| then.order.iter().find(|of| of.slug == slug);
            let (Some(was), Some(is)) = (of(&now.slug), of(&one.slug)) else { return false };
            let (ahead, behind) = if was.credit_aware <= is.credit_aware { (was, is) } else { (is, was) };
            lead(now, one).is_clear() && !lead(ahead, behind).is_clear()
        };
        let level = found.order.iter().skip(1).find(lost).filter(|_| !other);
        if level.is_none() && !pairs.any(|(ahead, behind)| changed(ahead, behind)) {
            return None;
        }
        let order = then.order.iter().map(|one| one.slug.clone()).collect();
        let (answers, level) = (other || level.is_some(), level.map(|one| one.slug.clone()));
        Some(Tipping { price, up, cheapest: first.slug.clone(), answers, level, order })
    };
    moved(&manifest.prices).into_iter().filter_map(tipping).collect()
}

/// The table with one price moved, for each price and both ways.
fn moved(prices: &Prices) -> Vec<(String, bool, Prices)> {
    let mut all = Vec::new();
    for up in [true, false] {
        let over = if up { 100 + SENSITIVITY_PERCENT } else { 100 - SENSITIVITY_PERCENT };
        let shift = |usd: &mut Money| *usd = usd.times(over, 100);
        for name in prices.instances.keys() {
            let mut table = prices.clone();
            table.instances.get_mut(name).into_iter().for_each(|price| shift(&mut price.usd));
            all.push((format!("the rent of {name}"), up, table));
        }
        for name in prices.surplus.keys() {
            let mut table = prices.clone();
            table.surplus.get_mut(name).into_iter().for_each(|price| shift(&mut price.usd));
            all.push((format!("the surplus credits of {name}"), up, table));
        }
        let mut single = |name: &str, of: fn(&mut Prices) -> &mut Option<crate::units::Price>| {
            let mut table = prices.clone();
            if let Some(price) = of(&mut table) {
                shift(&mut price.usd);
                all.push((name.to_owned(), up, table));
            }
        };
        single("the rent of brokers", |table| &mut table.brokers);
        single("storage", |table| &mut table.storage);
        single("transfer between zones", |table| &mut table.cross_zone);
        single("transfer between regions", |table| &mut table.cross_region);
    }
    all
}

#[cfg(test)]
mod tests;
