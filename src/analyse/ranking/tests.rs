//! Rankings of made-up trials.

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

fn candidates<'a>(names: &[&'a str], trials: &'a [Vec<TrialFindings>]) -> Vec<Candidate<'a>> {
    let of = |(slug, trials): (&'a str, &'a Vec<TrialFindings>)| Candidate {
        slug,
        standing: Standing::Held,
        valid: trials.iter().collect(),
    };
    names.iter().copied().zip(trials).map(of).collect()
}

/// Three trials of each type.
fn thrice(manifest: &Manifest, name: &str, got_percent: f64) -> Vec<TrialFindings> {
    let block = |block| {
        let mut one = trial(manifest, name, got_percent);
        one.record.block = block;
        one
    };
    (1..=3).map(block).collect()
}

fn found(manifest: &Manifest, candidates: &[Candidate<'_>]) -> Ranking {
    ranking(manifest, candidates, (Basis::Offered, Share::ALONE), &manifest.prices)
}

#[test]
fn prices_that_change_the_order_behind_the_cheapest_are_told_from_those_that_change_the_answer() {
    let names = ["t3.micro", "c5.large", "m5.large"];
    let manifest = priced(&names);
    let trials = names.map(|name| thrice(&manifest, name, 100.0));
    let candidates = candidates(&names, &trials);
    let of = |candidates: &[Candidate<'_>]| {
        let all = tippings(&manifest, candidates, &found(&manifest, candidates));
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
        let trials = [thrice(&manifest, names[0], 100.0), thrice(&manifest, names[1], got_percent)];
        let candidates = candidates(&names, &trials);
        let found = found(&manifest, &candidates);
        assert_eq!(found.is_clear(), clear);
        let lead = found.leads().next().unwrap().1;
        assert_eq!(matches!(lead, Lead::NotToldApart(Why::Calibration(_))), !clear, "{lead:?}");
        // At 20 % less of the one, it leads by 9.6 %: more than 5, less than 15.
        assert_eq!(tippings(&manifest, &candidates, &found).is_empty(), !clear);
    }
}

#[test]
fn a_price_that_takes_the_lead_away_changes_the_answer() {
    let names = ["c5.large", "m5.large"];
    let manifest = priced(&names);
    let trials = [thrice(&manifest, names[0], 100.0), thrice(&manifest, names[1], 93.0)];
    let candidates = candidates(&names, &trials);
    let all = tippings(&manifest, &candidates, &found(&manifest, &candidates));
    let of = |price: &str| all.iter().find(|one| one.price == price).unwrap();
    // A fifth more of the one: the other is ahead by 5.9 %, less than the 7 % that its share is off.
    let dearer = of("the rent of c5.large");
    assert_eq!((dearer.up, dearer.answers, dearer.level.as_deref()), (true, true, Some("m5.large")));
    assert_eq!(of("the rent of m5.large").level, None, "by 9.6 %: it is the cheapest then");
}

/// Trials that cost so many nano-dollars, one a block; each price is read as finely as so many messages in a million were.
fn costing(nanos: &[i128], coarse: f64) -> Ranked {
    let each: Vec<Money> = nanos.iter().copied().map(Money::from_nanos).collect();
    let read = |(block, cost): (u32, &Money)| {
        let value = cost.as_dollars();
        (block, Read { value, width: value * coarse / 1e6 })
    };
    Ranked {
        slug: String::new(),
        credit_aware: median_of_money(each.iter().copied()).unwrap(),
        sticker: each[0],
        least: *each.iter().min().unwrap(),
        most: *each.iter().max().unwrap(),
        each: (1..).zip(&each).map(read).collect(),
        off_percent: 0.0,
    }
}

#[test]
fn equal_prices_are_a_tie_and_what_chance_might_do_is_not_told_apart() {
    let of =
        |ahead: &[i128], behind: &[i128], share| Lead::of(&costing(ahead, 0.0), &costing(behind, 0.0), share);
    let first = [770_400_000, 760_000_000, 780_000_000];
    assert_eq!(of(&first, &[770_400_001; 3], Share::ALONE), Lead::Tie);
    assert_eq!(of(&[0; 3], &[0; 3], Share::ALONE), Lead::Tie);
    // Ranges that do not overlap: three of each lie so in one of ten cases by chance.
    let beyond = [790_000_000, 781_000_000, 800_000_000];
    assert_eq!(
        of(&first, &[781_000_000, 800_000_000, 790_000_000], Share::ALONE),
        Lead::NotToldApart(Why::Chance)
    );
    // The same three, dearer in each block by as much.
    assert_eq!(of(&first, &beyond, Share::ALONE), Lead::Clear);
    // Ranges that overlap, and dearer by a percent in each block.
    assert_eq!(of(&first, &[778_200_000, 767_500_000, 787_900_000], Share::ALONE), Lead::Clear);
    let many = Share { among: 200, look: 1 };
    assert_eq!(of(&first, &[778_200_000, 767_000_000, 788_500_000], many), Lead::NotToldApart(Why::Chance));
}

#[test]
fn of_fewer_than_three_blocks_no_configuration_is_called_the_cheapest() {
    for n in 1..3 {
        let lead = Lead::of(&costing(&[100; 3][..n], 0.0), &costing(&[900; 3][..n], 0.0), Share::ALONE);
        assert_eq!(lead, Lead::NotToldApart(Why::FewTrials), "{n} trials");
    }
    assert_eq!(Lead::of(&costing(&[100; 3], 0.0), &costing(&[900; 3], 0.0), Share::ALONE), Lead::Clear);
}

#[test]
fn costs_are_told_apart_no_finer_than_the_messages_were_counted_that_they_are_divided_by() {
    let of =
        |coarse| Lead::of(&costing(&[1_000_000; 3], coarse), &costing(&[1_001_000; 3], coarse), Share::ALONE);
    assert_eq!((of(10.0), of(1_000.0)), (Lead::Clear, Lead::NotToldApart(Why::Chance)));
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
