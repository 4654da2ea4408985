//! The documented examples of AWS, and what must hold of any load.

use proptest::prelude::*;

use super::super::find;
use super::*;
use crate::units::Money;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

fn account(name: &str, mode: CreditMode, start: CreditStart) -> Account {
    Account::open(Rules::of(find(name).unwrap()).unwrap(), mode, start)
}

/// In thousandths of a credit, exact.
fn milli(credits: Credits) -> u128 {
    assert_eq!(credits.0 % Credits::from_milli(1).0, 0, "{credits:?} is no whole thousandth");
    credits.0 / Credits::from_milli(1).0
}

#[test]
fn aws_example_of_a_t3_nano_in_unlimited_mode_comes_out_to_the_digit() {
    // Hours, utilisation of both vCPUs in thousandths; then balance, surplus and charged in thousandths of a credit.
    let segments: [(u64, u64, [u128; 3]); 7] = [
        (24, 0, [144_000, 0, 0]),
        (12, 25, [144_000, 0, 0]),
        (24, 70, [86_400, 0, 0]),
        (12, 25, [122_400, 0, 0]),
        (5, 1_000, [0, 144_000, 303_600]),
        (13, 50, [0, 144_000, 303_600]),
        (24, 0, [0, 0, 303_600]),
    ];
    let mut nano = account("t3.nano", CreditMode::Unlimited, CreditStart::Cold);
    for (hours, utilisation, after) in segments {
        nano.pass(hours * HOUR, utilisation * 2 * 1_000);
        assert_eq!([nano.balance(), nano.surplus(), nano.charged()].map(milli), after);
    }
}

#[test]
fn an_unlimited_t3_that_starts_cold_and_works_hard_is_billed_when_it_is_stopped() {
    let price: Money = "$0.05".parse().unwrap();
    for (name, hours, surplus, charged, bill) in [
        ("t3.micro", 1, 108, 0, "0.09"),
        ("t3.micro", 4, 288, 144, "0.36"),
        ("t3.medium", 1, 96, 0, "0.08"),
        ("t3.medium", 4, 384, 0, "0.32"),
    ] {
        let mut account = account(name, CreditMode::Unlimited, CreditStart::Cold);
        assert_eq!(account.run(hours * HOUR, u64::MAX), u128::from(hours * HOUR) * 2_000_000);
        assert_eq!((milli(account.surplus()), milli(account.charged())), (surplus * 1_000, charged * 1_000));
        let owed = account.settlement().price(price) + account.charged().price(price);
        assert_eq!(owed.to_string(), bill, "{name} {hours} h");
    }
}

#[test]
fn a_standard_instance_falls_to_its_baseline_when_its_credits_are_spent() {
    for (name, start, empty_after_s, baseline) in [
        ("t3.micro", CreditStart::Full, 9_600, 200_000),
        ("t3.micro", CreditStart::Milli(30_000), 1_000, 200_000),
        ("t3.medium", CreditStart::Full, 21_600, 400_000),
        ("t3.medium", CreditStart::Milli(30_000), 1_125, 400_000),
    ] {
        let whole: u64 = 2_000_000;
        let mut account = account(name, CreditMode::Standard, start);
        // Until the last credit, it is not slowed down at all; that credit alone lasts this long at full speed.
        let last_ms = MINUTE * 1_000_000 / (whole - baseline);
        let first = empty_after_s * 1_000 - last_ms - 1;
        assert_eq!(account.run(first, whole), u128::from(first) * u128::from(whole), "{name} {start}");
        // Ten times that later it is at its baseline (e⁻¹⁰ of a credit is left), and what it got is all its credits and what it earned.
        let rest = account.run(10 * last_ms, whole);
        assert!(account.allowance() - baseline < 100, "{name} {start}: {}", account.allowance());
        let hard = u128::from(last_ms) * u128::from(whole) + u128::from(9 * last_ms * baseline);
        assert!(rest.abs_diff(hard) * 1_000 < hard, "{name} {start}: {rest} of {hard} at a sudden end");
        assert_eq!(account.uncovered(), Credits::NONE);
    }
}

#[test]
fn the_step_that_cloudwatch_shows_is_ours() {
    let mut nano = account("t3.nano", CreditMode::Standard, CreditStart::Milli(2_000));
    nano.pass(5 * MINUTE, 200_000); // one credit
    assert_eq!(milli(nano.balance()), 1_500);
}

#[test]
fn launch_credits_are_spent_first_and_not_counted_in_the_cap() {
    let mut t2 = account("t2.micro", CreditMode::Standard, CreditStart::Cold);
    assert_eq!(milli(t2.balance()), 30_000);
    t2.pass(24 * HOUR, 0);
    assert_eq!(milli(t2.balance()), 30_000 + 144_000);
    t2.pass(10 * MINUTE, 1_000_000);
    assert_eq!((milli(t2.balance()), t2.allowance()), (20_000 + 144_000, 1_000_000));
    for (name, mode) in [("t3.micro", CreditMode::Standard), ("t2.micro", CreditMode::Unlimited)] {
        assert_eq!(account(name, mode, CreditStart::Cold).balance(), Credits::NONE, "{name} gets none");
    }
}

#[test]
fn an_exhausted_instance_has_its_baseline_and_no_more() {
    for (name, baseline) in [("t3.micro", 200_000), ("t3.medium", 400_000)] {
        let mut account = account(name, CreditMode::Standard, CreditStart::Exhausted);
        assert_eq!(account.run(HOUR, u64::MAX), u128::from(HOUR) * baseline);
        assert_eq!(account.balance(), Credits::NONE);
    }
}

#[test]
fn what_credits_cover_can_be_used_and_not_a_nanosecond_more() {
    let begin = account("t3.micro", CreditMode::Standard, CreditStart::Milli(2_000));
    // Two credits of 60 s each, and a fifth of a vCPU for ten seconds.
    assert_eq!(begin.covers(10_000), 122_000_000_000);
    let left = |used_per_ms: u64| {
        let mut account = begin;
        account.pass(10_000, used_per_ms);
        (account.uncovered() == Credits::NONE, account.balance() == Credits::NONE)
    };
    assert_eq!((left(12_200_000), left(12_200_001)), ((true, true), (false, true)));
    assert_eq!(account("t3.micro", CreditMode::Unlimited, CreditStart::Exhausted).covers(1), u64::MAX);
}

fn loads() -> impl Strategy<Value = Vec<(u64, u64)>> {
    proptest::collection::vec((1..10 * HOUR, 0..8_000_001_u64), 1..12)
}

fn modes() -> impl Strategy<Value = CreditMode> {
    prop_oneof![Just(CreditMode::Standard), Just(CreditMode::Unlimited)]
}

fn starts() -> impl Strategy<Value = CreditStart> {
    prop_oneof![
        Just(CreditStart::Cold),
        Just(CreditStart::Full),
        Just(CreditStart::Exhausted),
        (0..5_000_000_u64).prop_map(CreditStart::Milli)
    ]
}

fn names() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("t2.micro"), Just("t3.nano"), Just("t3.micro"), Just("t2.2xlarge"), Just("t4g.xlarge")]
}

proptest! {
    #[test]
    fn balances_stay_between_nothing_and_the_cap_and_money_only_grows(
        name in names(), mode in modes(), start in starts(), loads in loads()
    ) {
        let mut account = account(name, mode, start);
        let (rules, price) = (account.rules, "$0.05".parse::<Money>().unwrap());
        let mut before = Money::ZERO;
        for (ms, used) in loads {
            account.pass(ms, used);
            prop_assert!(account.balance.0 <= rules.cap.0 && account.launch.0 <= rules.launch.0);
            prop_assert!(account.surplus.0 <= rules.cap.0);
            prop_assert!(account.balance.0 == 0 || account.surplus.0 == 0);
            let charged = account.charged().price(price);
            prop_assert!(charged >= before);
            before = charged;
        }
    }

    #[test]
    fn splitting_an_interval_changes_nothing(
        name in names(), mode in modes(), start in starts(), loads in loads(), parts in 2..7_u64
    ) {
        let (mut whole, mut split) = (account(name, mode, start), account(name, mode, start));
        for (ms, used) in loads {
            whole.pass(ms, used);
            (0..parts).for_each(|part| split.pass(ms / parts + u64::from(part < ms % parts), used));
            prop_assert_eq!(whole, split);
        }
    }

    #[test]
    fn many_milliseconds_at_once_are_the_same_milliseconds_one_by_one(
        name in names(), mode in modes(), start in starts(), ms in 1..400_u64, used in 0..3_000_000_u64, cents in 0..40_u64
    ) {
        // Near the places where something runs out.
        let mut account = account(name, mode, start);
        account.balance = Credits(account.balance.0.min(u128::from(cents) * Credits::from_milli(1).0));
        account.launch = Credits(account.launch.0.min(u128::from(cents) * Credits::from_milli(1).0));
        let mut single = account;
        account.pass(ms, used);
        (0..ms).for_each(|_| single.pass(1, used));
        prop_assert_eq!(account, single);
    }

    #[test]
    fn what_is_spent_was_earned_given_lent_or_charged(
        name in names(), mode in modes(), wanted in 0..9_000_000_u64, minutes in 1..90_u64
    ) {
        let mut account = account(name, mode, CreditStart::Exhausted);
        let used = account.run(minutes * MINUTE, wanted) * SPENT_PER_NS;
        let earned = account.rules.earned_per_ms * u128::from(minutes * MINUTE);
        let more = account.surplus.0 + account.charged.0;
        prop_assert!(used + account.balance.0 <= earned + more, "something came from nowhere");
        prop_assert_eq!(account.uncovered(), Credits::NONE);
    }
}
