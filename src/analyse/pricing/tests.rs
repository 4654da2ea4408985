//! Costs of made-up trials, against sums by hand.

use super::*;
use crate::analyse::{Findings, Reading, TrialFindings, judge, treatments_table, trials_table};
use crate::catalogue::{find, types};
use crate::record::SloLine;
use crate::record::testing::{Synthetic, manifest};
use crate::units::Price;

fn prices() -> Prices {
    let mut prices = Prices { region: "us-east-1".to_owned(), ..Prices::default() };
    for one in types() {
        let price = |usd| Price { usd, ..Price::default() };
        prices.instances.insert(one.name.clone(), price(one.price_per_hour.unwrap()));
        prices.surplus.extend(one.surplus_per_vcpu_hour.map(|usd| (one.name.clone(), price(usd))));
    }
    prices
}

fn emulated(name: &str, mode: CreditMode, used: f64, instances: u32) -> EmulatedGroup {
    let instance = |instance| EmulatedInstance {
        instance,
        up_s: Some(20.0),
        window_up_s: 10.0,
        used_vcpus: Some(used),
        allowed_vcpus: Some(2.0),
        surplus_credits: Some(108.0),
        charged_credits: Some(0.0),
        ..EmulatedInstance::default()
    };
    let burstable = find(name).unwrap().credits.is_some();
    EmulatedGroup {
        group: "g".to_owned(),
        instance_type: find(name).unwrap().clone(),
        credit_mode: burstable.then_some(mode),
        credit_start: burstable.then(|| "cold".to_owned()),
        time_scale: 1,
        vcpu_percent: 10.0,
        enforced_by: "work".to_owned(),
        period_us: None,
        refused: 0,
        instances: (0..instances).map(instance).collect(),
    }
}

/// A steady trial of 1 000 messages a second, or an overloaded one of 400, for 10 s.
fn cost_with(trial: &Synthetic, group: EmulatedGroup, manifest: &Manifest, prices: &Prices) -> Option<Cost> {
    let mut record = trial.record();
    record.emulated = vec![group];
    let judged = judge(&record, &trial.rows(), &trial.latencies());
    Cost::of(&record, &judged, manifest, prices)
}

fn cost(name: &str, mode: CreditMode, used: f64) -> Cost {
    cost_with(&Synthetic::default(), emulated(name, mode, used, 1), &manifest(&["a"]), &prices()).unwrap()
}

#[test]
fn an_hour_of_all_vcpus_in_unlimited_mode_costs_what_aws_says() {
    let hourly = |name| {
        let cost = cost(name, CreditMode::Unlimited, 2.0);
        (cost.instances_per_hour + cost.surplus_per_hour).to_string()
    };
    assert_eq!(
        (hourly("t3.micro"), hourly("t3.medium"), hourly("m5.large")),
        ("0.1004".into(), "0.1216".into(), "0.096".into())
    );
}

#[test]
fn a_million_messages_cost_the_hour_over_its_messages() {
    // 1 000 messages a second are 3.6 million an hour.
    let steady = cost("t3.micro", CreditMode::Unlimited, 2.0);
    assert_eq!((steady.basis, steady.good), (Basis::Offered, 10_000));
    assert_eq!(steady.sticker_per_million(), Money::from_nanos(10_400_000 * 10 / 36 + 1));
    assert_eq!(steady.credit_aware_per_million().to_string(), "0.027888889");
    let standard = cost("t3.micro", CreditMode::Standard, 2.0);
    assert_eq!(standard.credit_aware_per_million(), standard.sticker_per_million());
}

#[test]
fn surplus_is_of_the_full_size_instance_where_that_is_known() {
    let mut group = emulated("t3.micro", CreditMode::Unlimited, 1.07, 1);
    group.instances[0].full_size_vcpus = Some(1.0);
    let cost = cost_with(&Synthetic::default(), group, &manifest(&["a"]), &prices()).unwrap();
    assert_eq!(cost.surplus_per_hour.to_string(), "0.04", "0.8 vCPU above the baseline");
    let mut group = emulated("t3.micro", CreditMode::Unlimited, 2.3, 1);
    group.instances[0].full_size_vcpus = Some(2.01);
    let cost = cost_with(&Synthetic::default(), group, &manifest(&["a"]), &prices()).unwrap();
    assert_eq!(cost.surplus_per_hour.to_string(), "0.09", "there are no more than two vCPUs");
}

#[test]
fn an_overloaded_trial_is_divided_by_what_it_processed_and_says_so() {
    let trial = Synthetic { processed: 100, ..Synthetic::default() };
    let group = emulated("t3.micro", CreditMode::Standard, 0.2, 2);
    let cost = cost_with(&trial, group, &manifest(&["a"]), &prices()).unwrap();
    assert_eq!((cost.basis, cost.good), (Basis::Overload, 4_000));
    assert_eq!(cost.instances_per_hour.to_string(), "0.0208");
    assert_eq!(cost.sticker_per_million().to_string(), "0.014444444");
}

#[test]
fn only_messages_within_the_slo_count_where_latencies_mean_something() {
    let mut manifest = manifest(&["a"]);
    let slo = |metric: &str, bound| SloLine {
        text: String::new(),
        metric: metric.to_owned(),
        comparison: "<".to_owned(),
        bound,
    };
    let good = |manifest: &Manifest| {
        // Latency of all is 4 ms; a fiftieth was refused, and that is not enough to call it saturated.
        let trial = Synthetic { refused: 1, processed: 249, ..Synthetic::default() };
        cost_with(&trial, emulated("t3.micro", CreditMode::Standard, 0.2, 1), manifest, &prices())
            .map(|cost| cost.good)
    };
    assert_eq!(good(&manifest), Some(9_960), "without a bound, all that were processed");
    manifest.slos = vec![slo("end_to_end_latency_p99_ms", 250.0), slo("ack_latency_p99_ms", 1.0)];
    assert_eq!(good(&manifest), Some(9_960));
    manifest.slos.push(slo("end_to_end_latency_max_ms", 3.0));
    assert_eq!(good(&manifest), None, "nothing was good, and nothing is divided by nothing");
}

#[test]
fn what_has_no_price_is_not_included_and_what_has_one_is() {
    let mut manifest = manifest(&["a"]);
    manifest.topics.insert("a".to_owned(), [("retention.ms".to_owned(), "3600000".to_owned())].into());
    let group = || emulated("t3.micro", CreditMode::Standard, 0.2, 1);
    let of = |prices: &Prices| cost_with(&Synthetic::default(), group(), &manifest, prices);
    let plain = of(&prices()).unwrap();
    assert_eq!((plain.brokers_per_hour, plain.storage_per_hour, plain.transfer_per_hour), (None, None, None));
    let price = |usd: &str| Some(Price { usd: usd.parse().unwrap(), ..Price::default() });
    let all = Prices {
        brokers: price("0.21"),
        storage: price("0.1"),
        cross_zone: price("0.01"),
        zone_crossings: Some(2.0),
        cross_region: price("0.02"),
        ..prices()
    };
    let cost = of(&all).unwrap();
    // 1 000 messages a second of 1 KiB are 3.6864 GB an hour.
    assert_eq!(cost.brokers_per_hour.unwrap().to_string(), "0.21");
    assert_eq!(cost.transfer_per_hour.unwrap().to_string(), "0.221184", "4 × 0.036864 and 2 × 0.036864");
    assert_eq!(
        cost.storage_per_hour.unwrap(),
        Money::from_nanos(504_986),
        "3.6864 GB for an hour of a month of 730"
    );
    assert_eq!(
        cost.sticker_per_hour(),
        plain.instances_per_hour + "0.431184".parse().unwrap() + Money::from_nanos(504_986)
    );
    let unknown = Prices { instances: [].into(), ..prices() };
    assert_eq!(of(&unknown), None, "an unknown rent is not zero");
}

#[test]
fn what_a_bill_would_add_is_a_figure_of_its_own() {
    let cost = cost("t3.micro", CreditMode::Unlimited, 2.0);
    assert_eq!(cost.settlement.unwrap().to_string(), "0.09", "108 credits");
    assert_eq!(cost.minimum.unwrap(), Money::from_nanos(115_556), "40 s of rent");
    let mut scaled = emulated("t3.micro", CreditMode::Unlimited, 2.0, 1);
    scaled.time_scale = 60;
    let scaled = cost_with(&Synthetic::default(), scaled, &manifest(&["a"]), &prices()).unwrap();
    assert_eq!(scaled.settlement, None);
    assert_eq!(scaled.surplus_per_hour, cost.surplus_per_hour, "money is not scaled");
}

#[test]
fn idle_money_is_the_rent_of_what_was_allowed_and_not_used() {
    let idle = |used| cost("t3.micro", CreditMode::Unlimited, used).idle_percent.unwrap();
    assert!((idle(0.5) - 75.0).abs() < 1e-9 && idle(2.0).abs() < 1e-9 && idle(2.1).abs() < 1e-9);
}

#[test]
fn without_an_instance_type_there_is_no_cost() {
    let trial = Synthetic::default();
    let judged = judge(&trial.record(), &trial.rows(), &trial.latencies());
    assert_eq!(Cost::of(&trial.record(), &judged, &manifest(&["a"]), &prices()), None);
}

/// One on a t3.micro in unlimited mode, with so many processed a quarter second.
fn found(manifest: &Manifest, repetition: u32, processed: u64) -> TrialFindings {
    let trial = Synthetic { order: repetition, repetition, processed, ..Synthetic::default() };
    let mut record = trial.record();
    record.emulated = vec![emulated("t3.micro", CreditMode::Unlimited, 2.0, 1)];
    let judged = judge(&record, &trial.rows(), &trial.latencies());
    TrialFindings::of(manifest, record, judged)
}

#[test]
fn every_part_of_a_cost_is_a_metric_by_its_name() {
    let mut manifest = manifest(&["a"]);
    manifest.prices = prices();
    let of = |processed: &[u64]| {
        let trials =
            (1..).zip(processed).map(|(repetition, processed)| found(&manifest, repetition, *processed));
        Findings::of(&manifest, trials.collect())
    };
    let findings = of(&[250, 250]);
    let trial = findings.trials().next().unwrap();
    let cost = trial.cost.as_ref().unwrap();
    let name = "cost_credit_aware_usd_per_million";
    let value = Reading::Value(cost.credit_aware_per_million().as_dollars());
    assert_eq!((trial.metric(name), trial.judged.metric(name)), (value, value));
    assert_eq!(trial.metric("cost_brokers_usd_per_hour"), Reading::Empty, "it has no price");
    assert_eq!(trial.metric("credit_knee_s"), Reading::Empty);
    let summary = findings.treatments[0].metric(name).unwrap();
    assert_eq!((summary.n, summary.median), (2, value));
    let exact = cost.credit_aware_per_million().to_string();
    let column = |table: &[Vec<String>], name: &str| {
        let at = table[0].iter().position(|column| column == name).unwrap();
        table[1][at].clone()
    };
    assert_eq!(column(&trials_table(&manifest, &findings), name), exact, "to the nano-dollar");
    assert_eq!(column(&treatments_table(&manifest, &findings), &format!("{name}_median")), exact);
    // A steady trial and an overloaded one: their money has no middle.
    let mixed = of(&[250, 100]);
    assert_eq!(mixed.treatments[0].metric(name).unwrap().n, 0);
}
