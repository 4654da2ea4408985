//! Answers about made-up trials.

use super::*;
use crate::analyse::{TrialFindings, judge};
use crate::record::testing::{Synthetic, emulated, manifest, prices, slo};
use crate::units::CreditMode;

fn slow(name: &str) -> Synthetic {
    Synthetic { latency_ns: 6_000_000, ..steady(name) }
}

fn steady(name: &str) -> Synthetic {
    Synthetic { treatment: name.to_owned(), ..Synthetic::default() }
}

/// Each trial on an instance of the type that its treatment is named for, before the dash; a t3.micro uses so much, and has so many credits.
fn said(trials: &[Synthetic], credits: Option<(f64, f64)>) -> String {
    let mut names: Vec<&str> = trials.iter().map(|trial| trial.treatment.as_str()).collect();
    names.dedup();
    let mut manifest = manifest(&names);
    manifest.prices = prices();
    manifest.prices.instances.remove("t3.large");
    manifest.slos = vec![slo("p50(end_to_end) < 5ms")];
    let found = |trial: &Synthetic| {
        let mut record = trial.record();
        let kind = trial.treatment.split('-').next().unwrap();
        let mut group = emulated(kind, CreditMode::Standard, 0.15, 1);
        if let Some((used, start)) = credits.filter(|_| kind == "t3.micro") {
            let one = &mut group.instances[0];
            one.used_vcpus = Some(used);
            one.balance_start_credits = Some(start);
            one.balance_end_credits = Some(start - (used - 0.2) * 10.0 / 60.0);
        }
        record.emulated = vec![group];
        let judged = judge(&record, &trial.rows(), &trial.latencies());
        TrialFindings::of(&manifest, record, judged)
    };
    answer(&manifest, &Findings::of(&manifest, trials.iter().map(found).collect())).unwrap()
}

#[test]
fn equal_costs_are_told_as_a_tie_and_no_price_moves_them() {
    let told = said(&[steady("t3.medium-a"), steady("t3.medium-b")], None);
    assert_eq!(
        told,
        "Cheapest that holds the SLOs: partitions=t3.medium-a at $0.01156 and partitions=t3.medium-b at $0.01156 per million messages (a tie)."
    );
}

#[test]
fn of_many_alike_three_are_named() {
    let names: Vec<String> = ('a'..='j').map(|one| format!("t3.medium-{one}")).collect();
    let told = said(&names.iter().map(|name| steady(name)).collect::<Vec<_>>(), None);
    let end = "partitions=t3.medium-b at $0.01156, partitions=t3.medium-c at $0.01156 and 7 more at up to $0.01156 per million messages (a tie).";
    assert!(told.ends_with(end), "{told}");
}

#[test]
fn nothing_is_called_the_cheapest_before_three_blocks_tell_so() {
    let blocks = |count: u32| {
        let of =
            |name: &'static str| (1..=count).map(move |repetition| Synthetic { repetition, ..steady(name) });
        said(&of("t3.medium-a").chain(of("m5.large-b")).collect::<Vec<_>>(), None)
    };
    let few = "(not told apart: too few trials to know their spread).";
    assert!(blocks(1).ends_with(few) && blocks(2).ends_with(few), "{}", blocks(2));
    let told = blocks(3);
    assert!(told.contains("56.7 % less than partitions=m5.large-b ($0.02667)."), "{told}");
    assert!(told.contains("No single price changes which is the cheapest"), "{told}");
}

#[test]
fn a_burst_is_told_beside_those_that_hold_and_not_among_them() {
    let told = said(&[steady("t3.micro-a"), steady("t3.medium-b")], Some((0.6, 288.0)));
    assert!(
        told.starts_with("Only partitions=t3.medium-b of those compared by cost holds the SLOs"),
        "{told}"
    );
    let burst = "While credits last, 12h at this use, partitions=t3.micro-a at $0.002889 per million messages: that is no capacity.";
    assert!(told.ends_with(burst), "{told}");
    let alone = said(&[steady("t3.micro-a")], Some((0.6, 288.0)));
    assert!(
        alone.starts_with("No configuration is known that holds the SLOs for longer than its credits last."),
        "{alone}"
    );
}

#[test]
fn that_none_holds_is_said_only_where_each_is_known_not_to() {
    let none = "No configuration holds the SLOs.";
    assert_eq!(said(&[slow("t3.micro-a"), slow("t3.medium-b")], None), none);
    let overloaded = Synthetic { processed: 200, ..steady("t3.medium-b") };
    assert!(said(&[slow("t3.micro-a"), overloaded], None).starts_with(none));
    let undecided = said(&[slow("t3.micro-a"), steady("t3.medium-b"), slow("t3.medium-b")], None);
    assert_eq!(
        undecided,
        "No configuration that holds the SLOs can be compared by cost. Not compared: partitions=t3.medium-b (an SLO is undecided)."
    );
    let unpriced = said(&[steady("t3.micro-a"), steady("t3.large-b")], None);
    assert!(
        unpriced.ends_with("perhaps cheaper: partitions=t3.large-b (no price of it is known)."),
        "{unpriced}"
    );
}

#[test]
fn one_that_would_cost_more_is_not_perhaps_cheaper() {
    let drains = |name: &str| Synthetic { backlog: 9_000, processed: 300, ..steady(name) };
    let dearer = said(&[steady("t3.micro-a"), drains("t3.medium-b")], None);
    assert!(!dearer.contains("perhaps cheaper"), "{dearer}");
    let cheaper = said(&[drains("t3.micro-a"), steady("t3.medium-b")], None);
    assert!(
        cheaper.contains("perhaps cheaper: partitions=t3.micro-a (a backlog was worked off in the window"),
        "{cheaper}"
    );
}
