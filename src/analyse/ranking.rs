//! Which configuration is the cheapest that holds, by how much, and what would change that.

use super::cost::{Basis, Cost, alike};
use super::judge::Judged;
use super::summary::median_of_money;
use crate::record::{Manifest, TrialRecord};
use crate::units::{Money, Prices};

/// How far each price is moved when the answer is tried, in percent.
pub const SENSITIVITY_PERCENT: u128 = 20;

/// What the trials of a treatment cost, all of one basis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// The treatment.
    pub slug: String,
    /// Median of its valid trials, of a million messages.
    pub credit_aware: Money,
    /// The same at the prices on the label.
    pub sticker: Money,
}

/// Treatments of one basis, cheapest first with credits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranking {
    /// The basis of all of them.
    pub basis: Basis,
    /// Cheapest first.
    pub order: Vec<Ranked>,
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
    /// Whether that is another one; else the order changes behind it.
    pub answers: bool,
    /// All of them then, cheapest first.
    pub order: Vec<String>,
}

/// The valid trials of one treatment, to be priced.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The treatment.
    pub slug: &'a str,
    /// Whether it holds every SLO.
    pub holds: bool,
    /// Its valid trials.
    pub valid: Vec<(&'a TrialRecord, &'a Judged)>,
}

impl Candidate<'_> {
    /// Its costs at these prices; none where trials have none, or differ in their basis.
    pub fn costs(&self, manifest: &Manifest, prices: &Prices) -> Option<(Basis, Vec<Cost>)> {
        alike(self.valid.iter().map(|(record, judged)| Cost::of(record, judged, manifest, prices)))
    }
}

/// The treatments of one basis. Of the steady ones only those that hold every SLO; an overloaded one holds none that is worth its name, and all of them
/// are compared.
pub fn ranking(manifest: &Manifest, candidates: &[Candidate<'_>], of: Basis, prices: &Prices) -> Ranking {
    let ranked = |candidate: &Candidate<'_>| {
        let (basis, costs) = candidate.costs(manifest, prices)?;
        if basis != of || (of == Basis::Offered && !candidate.holds) {
            return None;
        }
        Some(Ranked {
            slug: candidate.slug.to_owned(),
            credit_aware: median_of_money(costs.iter().map(Cost::credit_aware_per_million))?,
            sticker: median_of_money(costs.iter().map(Cost::sticker_per_million))?,
        })
    };
    let mut order: Vec<Ranked> = candidates.iter().filter_map(ranked).collect();
    order.sort_by_key(|one| one.credit_aware);
    Ranking { basis: of, order }
}

/// Every price moved by itself, up and down: those that give another order.
pub fn tippings(manifest: &Manifest, candidates: &[Candidate<'_>], found: &Ranking) -> Vec<Tipping> {
    let Some(cheapest) = found.order.first() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let slugs = |of: &Ranking| of.order.iter().map(|one| one.slug.clone()).collect::<Vec<_>>();
    let now = slugs(found);
    for (price, up, prices) in moved(&manifest.prices) {
        let order = slugs(&ranking(manifest, candidates, found.basis, &prices));
        if let Some(first) = order.first().filter(|_| order != now) {
            let (cheapest_then, answers) = (first.clone(), *first != cheapest.slug);
            all.push(Tipping { price, up, cheapest: cheapest_then, answers, order });
        }
    }
    all
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
mod tests {
    use super::*;
    use crate::analyse::judge;
    use crate::catalogue::find;
    use crate::record::testing::{Synthetic, manifest};
    use crate::record::{EmulatedGroup, EmulatedInstance};
    use crate::units::Price;

    /// A steady trial of 1 000 messages a second on one instance of a type.
    fn trial(name: &str) -> (TrialRecord, Judged) {
        let trial = Synthetic::default();
        let mut record = trial.record();
        let up = EmulatedInstance { window_up_s: 10.0, ..EmulatedInstance::default() };
        record.emulated = vec![EmulatedGroup {
            group: "g".to_owned(),
            instance_type: find(name).unwrap().clone(),
            credit_mode: None,
            credit_start: None,
            time_scale: 1,
            vcpu_percent: 10.0,
            enforced_by: "work".to_owned(),
            period_us: None,
            refused: 0,
            instances: vec![up],
        }];
        let judged = judge(&record, &trial.rows(), &trial.latencies());
        (record, judged)
    }

    #[test]
    fn prices_that_change_the_order_behind_the_cheapest_are_told_from_those_that_change_the_answer() {
        let names = ["t3.micro", "c5.large", "m5.large"];
        let trials = names.map(trial);
        let mut manifest = manifest(&["a"]);
        for name in names {
            let usd = find(name).unwrap().price_per_hour.unwrap();
            manifest.prices.instances.insert(name.to_owned(), Price { usd, ..Price::default() });
        }
        let candidates: Vec<Candidate<'_>> = names
            .into_iter()
            .zip(&trials)
            .map(|(slug, (record, judged))| Candidate { slug, holds: true, valid: vec![(record, judged)] })
            .collect();
        let of = |candidates: &[Candidate<'_>]| {
            let found = ranking(&manifest, candidates, Basis::Offered, &manifest.prices);
            let all = tippings(&manifest, candidates, &found);
            all.iter().map(|one| (one.price.clone(), one.up, one.answers)).collect::<Vec<_>>()
        };
        // $0.085 and $0.096: a fifth more of the one, or less of the other, and they change places.
        let told = |answers| {
            vec![
                ("the rent of c5.large".to_owned(), true, answers),
                ("the rent of m5.large".to_owned(), false, answers),
            ]
        };
        assert_eq!(of(&candidates), told(false), "the t3.micro stays the cheapest");
        assert_eq!(of(&candidates[1..]), told(true));
    }

    #[test]
    fn each_price_is_moved_by_itself_both_ways() {
        let mut prices = Prices::default();
        prices.put("t3.micro", "$0.01/h", "", "").unwrap();
        prices.put("surplus.t3.micro", "$0.05/vCPU-h", "", "").unwrap();
        prices.put("storage", "$0.1/GB-month", "", "").unwrap();
        let all = moved(&prices);
        assert_eq!(all.len(), 6);
        let dearer = &all[0];
        assert_eq!((dearer.0.as_str(), dearer.1), ("the rent of t3.micro", true));
        assert_eq!(dearer.2.instances["t3.micro"].usd.to_string(), "0.012");
        assert_eq!(dearer.2.storage, prices.storage);
    }
}
