//! Which configuration is the cheapest that holds, by how much, and what would change that.

use super::cost::{Basis, Cost, alike};
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
}

impl Ranking {
    /// How far the cheapest is ahead of each of the others, in their order.
    pub fn leads(&self) -> impl Iterator<Item = (&Ranked, Lead)> {
        let first = self.order.first();
        let behind = self.order.iter().skip(1);
        behind.filter_map(move |one| Some((one, Lead::of(first?, one))))
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
            trials: each.len(),
            credit_aware: median_of_money(each)?,
            sticker: median_of_money(costs.iter().map(Cost::sticker_per_million))?,
            off_percent: self.valid.iter().map(|trial| off_percent(&trial.record)).fold(0.0, f64::max),
        })
    }
}

fn off_percent(record: &TrialRecord) -> f64 {
    let work = record.emulated.iter().flat_map(|group| &group.instances).filter_map(|one| one.work);
    work.map(|work| work.off_percent().abs()).fold(0.0, f64::max)
}

/// The treatments of one basis that are ranked by it.
pub fn ranking(manifest: &Manifest, candidates: &[Candidate<'_>], of: Basis, prices: &Prices) -> Ranking {
    let ranked = candidates.iter().filter_map(|candidate| candidate.ranked(manifest, of, prices));
    let mut order: Vec<Ranked> = ranked.collect();
    order.sort_by_key(|one| one.credit_aware);
    Ranking { basis: of, order }
}

/// Every price moved by itself, up and down: those with which two treatments change places, both before and after by more than is known of them.
pub fn tippings(manifest: &Manifest, candidates: &[Candidate<'_>], found: &Ranking) -> Vec<Tipping> {
    let tipping = |(price, up, prices): (String, bool, Prices)| {
        let then = ranking(manifest, candidates, found.basis, &prices);
        let place = |of: &Ranked| then.order.iter().position(|one| one.slug == of.slug);
        let changed = |ahead: &Ranked, behind: &Ranked| match (place(ahead), place(behind)) {
            (Some(was), Some(is)) if is < was => {
                Lead::of(ahead, behind).is_clear() && Lead::of(&then.order[is], &then.order[was]).is_clear()
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
            Lead::of(now, one).is_clear() && !Lead::of(ahead, behind).is_clear()
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
mod tests {
    use super::*;
    use crate::analyse::judge;
    use crate::analyse::lead::Why;
    use crate::catalogue::find;
    use crate::record::testing::{Synthetic, manifest};
    use crate::record::{EmulatedGroup, EmulatedInstance, PacedWork};
    use crate::units::Price;

    /// A steady trial of 1 000 messages a second on one instance of a type, that got so much of 100 % for its work.
    fn trial(manifest: &Manifest, name: &str, got_percent: f64) -> TrialFindings {
        let trial = Synthetic::default();
        let mut record = trial.record();
        let work = PacedWork { got_percent, due_percent: 100.0, stretch: 1.0, overhead_percent: 1.0 };
        let up = EmulatedInstance { window_up_s: 10.0, work: Some(work), ..EmulatedInstance::default() };
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
        TrialFindings::of(manifest, record, judged)
    }

    fn priced(names: &[&str]) -> Manifest {
        let mut manifest = manifest(&["a"]);
        for name in names {
            let usd = find(name).unwrap().price_per_hour.unwrap();
            manifest.prices.instances.insert((*name).to_owned(), Price { usd, ..Price::default() });
        }
        manifest
    }

    fn candidates<'a>(names: &[&'a str], trials: &'a [TrialFindings]) -> Vec<Candidate<'a>> {
        let of = |(slug, trial)| Candidate { slug, standing: Standing::Held, valid: vec![trial] };
        names.iter().copied().zip(trials).map(of).collect()
    }

    #[test]
    fn prices_that_change_the_order_behind_the_cheapest_are_told_from_those_that_change_the_answer() {
        let names = ["t3.micro", "c5.large", "m5.large"];
        let manifest = priced(&names);
        let trials = names.map(|name| trial(&manifest, name, 100.0));
        let candidates = candidates(&names, &trials);
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
    fn what_the_calibration_cannot_tell_apart_is_not_ranked_by_a_moved_price() {
        let names = ["c5.large", "m5.large"];
        let manifest = priced(&names);
        // The lead is 11.5 %.
        for (got_percent, clear) in [(95.0, true), (85.0, false)] {
            let trials = [trial(&manifest, names[0], 100.0), trial(&manifest, names[1], got_percent)];
            let candidates = candidates(&names, &trials);
            let found = ranking(&manifest, &candidates, Basis::Offered, &manifest.prices);
            assert_eq!(found.is_clear(), clear);
            let lead = found.leads().next().unwrap().1;
            assert_eq!(matches!(lead, Lead::NotToldApart(Why::Calibration(_))), !clear, "{lead:?}");
            assert_eq!(lead == (Lead::Clear { spread_known: false }), clear, "there is one trial of each");
            // At 20 % less of the one, it leads by 9.6 %: more than 5, less than 15.
            assert_eq!(tippings(&manifest, &candidates, &found).is_empty(), !clear);
        }
    }

    #[test]
    fn a_price_that_takes_the_lead_away_changes_the_answer() {
        let names = ["c5.large", "m5.large"];
        let manifest = priced(&names);
        let trials = [trial(&manifest, names[0], 100.0), trial(&manifest, names[1], 93.0)];
        let candidates = candidates(&names, &trials);
        let found = ranking(&manifest, &candidates, Basis::Offered, &manifest.prices);
        let all = tippings(&manifest, &candidates, &found);
        let of = |price: &str| all.iter().find(|one| one.price == price).unwrap();
        // A fifth more of the one: the other is ahead by 5.9 %, less than the 7 % that its share is off.
        let dearer = of("the rent of c5.large");
        assert_eq!((dearer.up, dearer.answers, dearer.level.as_deref()), (true, true, Some("m5.large")));
        assert_eq!(of("the rent of m5.large").level, None, "by 9.6 %: it is the cheapest then");
    }

    #[test]
    fn equal_prices_are_a_tie_and_trials_that_overlap_are_not_told_apart() {
        let ranked = |nanos: [i128; 3]| {
            let [credit_aware, least, most] = nanos.map(Money::from_nanos);
            Ranked {
                slug: String::new(),
                credit_aware,
                sticker: credit_aware,
                least,
                most,
                trials: 3,
                off_percent: 0.0,
            }
        };
        let first = ranked([770_400_000, 760_000_000, 780_000_000]);
        assert_eq!(Lead::of(&first, &ranked([770_400_001, 770_400_001, 770_400_001])), Lead::Tie);
        let nothing = ranked([0, 0, 0]);
        assert_eq!(Lead::of(&nothing, &nothing), Lead::Tie);
        assert_eq!(
            Lead::of(&first, &ranked([790_000_000, 779_000_000, 800_000_000])),
            Lead::NotToldApart(Why::Spread)
        );
        assert_eq!(
            Lead::of(&first, &ranked([790_000_000, 781_000_000, 800_000_000])),
            Lead::Clear { spread_known: true }
        );
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
