#![expect(clippy::float_cmp, reason = "rungs are told by the very same numbers")]

use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64;

use super::simulated::{System, carry_out};
use super::*;

fn oracle(holds: bool) -> Told {
    Told { said: Some(vec![if holds { Said::Held } else { Said::Broken }]), overload: None }
}

fn loads(from: f64, tolerance: f64) -> Rules {
    Rules::asked(Ladder::loads(from, tolerance), 6, 200)
}

#[test]
fn a_demand_is_exact_for_every_monotone_oracle_of_1_to_16_levels() {
    for confirm in [0, 6] {
        for count in 1..=16_u32 {
            let levels: Vec<u32> = (1..=count).map(|n| 3 * n).collect();
            for threshold in 0..=count {
                let ladder = Ladder::levels(levels.clone(), 1000.0);
                let rules = Rules::asked(ladder, confirm, 60);
                // Those from `threshold` on hold, of `count` none.
                let least = levels.get(threshold as usize).copied();
                let (_, came) =
                    carry_out(&rules, |level| oracle(least.is_some_and(|least| level >= f64::from(least))));
                let found = came.all.good.map(|rung| rules.ladder.value(rung) as u32);
                assert_eq!((found, came.stop), (least, Some(Stop::Found)), "{count} {threshold}");
                let below = came.all.bad.map(|rung| rules.ladder.value(rung) as u32);
                let expected = (threshold as usize).checked_sub(1).map(|at| levels[at]);
                assert_eq!(below, expected, "{count} {threshold}");
                let looks =
                    came.trials - [came.all.good, came.all.bad].iter().flatten().count() * confirm as usize;
                assert!(
                    looks <= (f64::from(count) + 1.0).log2().ceil() as usize,
                    "{count} {threshold}: {looks}"
                );
            }
        }
    }
}

#[test]
fn a_demand_goes_by_what_came_through_where_too_few_were_saturated() {
    let ladder = Ladder::levels((1..=16).collect(), 1000.0);
    let rules = Rules::asked(ladder, 0, 60);
    // Each instance does 90 a second: 12 are needed.
    let (history, came) = carry_out(&rules, |level| {
        let overload = (level * 90.0 < 1000.0).then_some(level * 90.0);
        Told { overload, ..oracle(level * 90.0 >= 1000.0) }
    });
    assert_eq!(came.all.good.map(|rung| rules.ladder.value(rung) as u32), Some(12));
    let tried: Vec<u32> = history.iter().map(|one| rules.ladder.value(one.0) as u32).collect();
    assert_eq!(tried, [9, 12, 11]);
}

#[test]
fn doublings_are_rungs_and_every_rung_is_found_by_what_it_stands_for() {
    for tolerance in [0.01, 0.02, 0.05, 0.1, 0.5, 1.0] {
        let ladder = Ladder::loads(120.0, tolerance);
        let doubling = ladder.doubling().unwrap();
        assert_eq!([doubling, 2 * doubling, 0].map(|rung| ladder.value(rung)), [240.0, 480.0, 120.0]);
        let (easiest, hardest) = ladder.ends();
        for rung in easiest..hardest {
            assert_eq!(ladder.rung(ladder.value(rung)), Some(rung), "{tolerance}");
            let step = ladder.value(rung + 1) / ladder.value(rung);
            assert!(step > 1.0 && step <= (1.0 + tolerance) * 1.005, "{tolerance}: {step}");
        }
    }
    assert_eq!(Ladder::loads(100.0, 0.1).value(4), 141.0);
    assert_eq!(Ladder::loads(100.0, 0.1).rung(150.0), None);
}

#[test]
fn a_search_begins_to_narrow_at_what_came_through_the_first_saturated_trial() {
    let system = System { holds: vec![777.0], capacity: 777.0, noise: 0.0, wrong: 0.0 };
    let mut random = Pcg64::seed_from_u64(1);
    let rules = Rules { confirm: 0, ..loads(100.0, 0.05) };
    let (history, came) = carry_out(&rules, |load| system.trial(load, &mut random));
    let tried: Vec<f64> = history.iter().map(|one| rules.ladder.value(one.0)).collect();
    assert_eq!(tried, [100.0, 200.0, 400.0, 800.0, 763.9]);
    assert_eq!((came.stop, came.saved), (Some(Stop::Found), 195));
    // Also where it began too high.
    let rules = Rules { confirm: 0, ..loads(9_000.0, 0.05) };
    let (history, _) = carry_out(&rules, |load| system.trial(load, &mut random));
    let tried: Vec<f64> = history.iter().map(|one| rules.ladder.value(one.0)).collect();
    assert!(tried.len() <= 3 && tried[1] <= 777.0, "{tried:?}");
}

#[test]
fn bounds_are_confirmed_interleaved_and_at_the_rates_that_were_found() {
    let rules = loads(100.0, 0.05);
    let (history, came) = carry_out(&rules, |load| oracle(load <= 130.0));
    let replayed = replay(&rules, history);
    let confirmed: Vec<i64> =
        replayed.tried.iter().filter(|one| one.purpose == Purpose::Confirm).map(|one| one.rung).collect();
    assert_eq!(confirmed, [5, 6].repeat(6));
    assert_eq!((came.at_good, came.at_bad), (Passed { held: 6, of: 6 }, Passed { held: 0, of: 6 }));
    assert!(came.is_confirmed(&rules) && came.binding == [0]);
    let half = Passed { held: 3, of: 6 };
    let even = Came { at_good: half, ..came.clone() };
    assert!(!even.is_confirmed(&rules), "what holds in half of its trials is none that holds");
    assert!(Came { at_bad: half, ..came.clone() }.is_confirmed(&rules), "and one that does not");
    assert!(!Came { at_bad: Passed { held: 4, of: 6 }, ..came }.is_confirmed(&rules));
}

#[test]
fn a_bound_that_half_of_its_own_trials_speak_against_is_none_and_the_search_goes_on_beside_it() {
    let rules = loads(100.0, 0.05);
    let carry_out = |rules: &Rules| {
        // It held when it was found; of the trials that confirm it half do.
        let mut at_five = [true, false, true, false, false, true, true].into_iter();
        carry_out(rules, |load| {
            oracle(if rules.ladder.rung(load) == Some(5) { at_five.next().unwrap() } else { load < 130.0 })
        })
    };
    let (history, came) = carry_out(&rules);
    assert_eq!((came.all.good, came.all.bad, came.stop), (Some(4), Some(5), Some(Stop::Found)));
    assert_eq!((came.at_good, came.at_bad), (Passed { held: 6, of: 6 }, Passed { held: 3, of: 6 }));
    assert!(came.is_confirmed(&rules) && came.binding == [0], "{came:?}");
    assert_eq!(replay(&rules, history).next, Next::Done(Stop::Found));
    // As benches went about it before, the one that found it decides.
    let before = Rules { alone: 0, ..rules };
    let (history, came) = carry_out(&before);
    assert_eq!((came.all.good, came.at_good), (Some(5), Passed { held: 3, of: 6 }));
    assert!(!came.is_confirmed(&before) && replay(&before, history).next == Next::Done(Stop::Found));
}

#[test]
fn a_wrong_verdict_is_outvoted_by_those_that_confirm() {
    let rules = loads(100.0, 0.05);
    let mut first = true;
    // The first trial of 400 a second is disturbed.
    let (_, came) =
        carry_out(&rules, |load| oracle(load <= 1_000.0 && !(load == 400.0 && std::mem::take(&mut first))));
    let value = |rung: Option<i64>| rules.ladder.value(rung.unwrap());
    assert!(value(came.all.good) <= 1_000.0 && value(came.all.bad) > 1_000.0, "{came:?}");
}

#[test]
fn every_slo_has_its_own_boundary_and_the_one_that_binds_is_named() {
    let system = System { holds: vec![1_000.0, 640.0, f64::MAX], capacity: 1_000.0, noise: 0.0, wrong: 0.0 };
    let mut random = Pcg64::seed_from_u64(1);
    let rules = loads(100.0, 0.05);
    let (_, came) = carry_out(&rules, |load| system.trial(load, &mut random));
    let value = |rung: Option<i64>| rung.map(|rung| rules.ladder.value(rung));
    assert_eq!(came.binding, [1]);
    for (boundary, holds) in came.each.iter().zip([1_000.0, 640.0]) {
        let (good, bad) = (value(boundary.good).unwrap(), value(boundary.bad).unwrap());
        assert!(good <= holds && holds < bad && bad / good <= 1.05, "{boundary:?}");
    }
    assert_eq!(came.each[2].bad, None, "nothing was lost in any trial");
}

#[test]
fn what_more_to_do_holds_is_no_reason_to_look_below_and_has_a_boundary_of_its_own() {
    let rules = Rules { eases: vec![1], ..loads(100.0, 0.05) };
    let of = |dear: f64| {
        carry_out(&rules, |load| {
            let said = [load <= 777.0, load >= dear].map(|held| if held { Said::Held } else { Said::Broken });
            Told { said: Some(said.to_vec()), overload: (load > 777.0).then_some(777.0) }
        })
    };
    let value = |rung: Option<i64>| rules.ladder.value(rung.unwrap());
    let (history, came) = of(530.0);
    assert!(history.iter().all(|one| one.0 >= 0), "nothing is looked for below where it began");
    assert!(value(came.all.good) <= 777.0 && value(came.all.bad) > 777.0 && came.is_confirmed(&rules));
    let (from, below) = (value(came.each[1].good), value(came.each[1].broke));
    assert!(below < 530.0 && 530.0 <= from && from / below <= 1.05, "{below} {from}");
    assert_eq!((came.binding.as_slice(), came.stop), (&[0][..], Some(Stop::Found)));
    // Too dear wherever the other holds.
    let (_, came) = of(2_000.0);
    assert!(value(came.all.good) <= 777.0 && !came.is_confirmed(&rules), "{came:?}");
    assert!(came.each[1].good.is_none() && came.each[1].broke == came.all.good, "{came:?}");
    // What nobody could do more of is no too little.
    let full = Told { said: Some(vec![Said::Held, Said::Broken]), overload: Some(777.0) };
    assert_eq!(rules.weighed(&full), Some(Said::Broken));
    assert_eq!(rules.weighed(&Told { overload: None, ..full }), Some(Said::Held));
}

#[test]
fn a_search_ends_where_nothing_holds_breaks_or_can_be_said_and_where_there_are_no_trials_left() {
    let stop = |rules: &Rules, told: fn(f64) -> Told| carry_out(rules, told).1.stop;
    let rules = loads(1_000.0, 0.1);
    assert_eq!(stop(&rules, |_| oracle(false)), Some(Stop::NothingHolds));
    assert_eq!(stop(&rules, |_| oracle(true)), Some(Stop::NothingBreaks));
    let unsaid = |_| Told { said: Some(vec![Said::Undecided]), overload: None };
    assert_eq!(stop(&rules, unsaid), Some(Stop::NothingSaid));
    let few = Rules { most: 5, ..rules.clone() };
    let (history, came) = carry_out(&few, |load| oracle(load <= 50_000.0));
    assert_eq!((history.len(), came.stop), (5, Some(Stop::MostTrials)));
    assert!(!came.is_confirmed(&few));
}

#[test]
fn what_is_not_to_be_believed_is_tried_again_and_stands_against_its_rung_only_then() {
    let rules = Rules { confirm: 0, ..loads(100.0, 0.1) };
    let (history, came) =
        carry_out(&rules, |load| if load == 200.0 { Told::default() } else { oracle(true) });
    let at = |load: f64| history.iter().filter(|one| rules.ladder.value(one.0) == load).count();
    assert_eq!((at(100.0), at(200.0)), (1, 3));
    assert!(came.all.bad.map(|rung| rules.ladder.value(rung)) == Some(200.0) && came.all.broke.is_none());
}

fn rungs(history: &[(i64, Told)]) -> Vec<i64> {
    history.iter().map(|one| one.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_search_that_is_cut_anywhere_goes_on_as_if_it_had_not_been(
        seed in any::<u64>(), capacity in 20.0..50_000.0_f64, wrong in 0.0..0.2_f64, noise in 0.0..0.05_f64
    ) {
        let rules = loads(100.0, 0.05);
        let system = System { holds: vec![0.8 * capacity, capacity, 1.3 * capacity], capacity, noise, wrong };
        let mut random = Pcg64::seed_from_u64(seed);
        let (history, _) = carry_out(&rules, |load| system.trial(load, &mut random));
        let whole = replay(&rules, history.clone());
        for cut in 0..=history.len() {
            let part = replay(&rules, history[..cut].iter().cloned());
            prop_assert_eq!(&part.tried[..], &whole.tried[..cut]);
            let Next::Round(asks) = &part.next else {
                prop_assert_eq!(cut, history.len());
                continue;
            };
            // Whoever goes on with the round, or what is left of it, makes the trials that were made.
            let planned: Vec<i64> =
                asks.iter().flat_map(|ask| std::iter::repeat_n(ask.rung, ask.trials as usize)).collect();
            prop_assert_eq!(&planned[part.within..], &rungs(&history)[cut..cut + planned.len() - part.within]);
        }
    }

    #[test]
    fn a_search_of_loads_is_exact_where_verdicts_are(capacity in 20.0..1e6_f64, tolerance in 0.01..0.3_f64, hinted in any::<bool>()) {
        let rules = loads(100.0, tolerance);
        let (_, came) = carry_out(&rules, |load| {
            let overload = (hinted && load > 1.01 * capacity).then_some(capacity);
            Told { overload, ..oracle(load <= capacity) }
        });
        let value = |rung: Option<i64>| rules.ladder.value(rung.unwrap());
        prop_assert_eq!(came.stop, Some(Stop::Found));
        let (good, bad) = (value(came.all.good), value(came.all.bad));
        prop_assert!(good <= capacity && capacity < bad && bad / good <= (1.0 + tolerance) * 1.01);
    }
}

#[test]
fn what_nobody_can_believe_ends_a_search_and_breaks_no_slo() {
    let rules = Rules { confirm: 0, most: 12, ..loads(100.0, 0.05) };
    // From 400 a second on the host is too small, and every trial is doubtful.
    let (_, came) =
        carry_out(
            &rules,
            |load| {
                if load < 400.0 { oracle(true) } else { Told { said: None, overload: None } }
            },
        );
    assert!(came.all.bad.is_some() && came.all.broke.is_none(), "{came:?}");
    assert_eq!((came.each[0].bad, came.binding.as_slice()), (None, &[][..]));
}
