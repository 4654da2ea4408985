//! Costs of made-up trials, against sums by hand.

use super::*;
use crate::analyse::{Findings, Reading, TrialFindings, judge, treatments_table, trials_table};
use crate::record::testing::{Synthetic, emulated, manifest, prices};
use crate::record::{Away, CarriedUse, Injected, Latencies, Partitions, SloLine, TopicPart, empty_histogram};
use crate::units::Price;

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

fn slo(metric: &str, bound: f64) -> SloLine {
    SloLine { text: String::new(), metric: metric.to_owned(), comparison: "<".to_owned(), bound }
}

#[test]
fn a_trial_that_held_counts_every_message_that_was_processed() {
    let mut manifest = manifest(&["a"]);
    let good = |manifest: &Manifest| {
        // Latency of all is 4 ms; some were refused, and that is not enough to call it saturated.
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
fn a_bound_that_belongs_to_p50_takes_nobody_away_that_holds_it_and_else_no_more_than_half() {
    // Four of ten are done within 1 ms, the others within 4 ms.
    let mut latencies = Latencies::new();
    for second in -2..10 {
        let mut histogram = empty_histogram();
        histogram.record_n(1_000_000, 400).unwrap();
        histogram.record_n(4_000_000, 600).unwrap();
        latencies.add(second, Latency::EndToEnd, &histogram);
    }
    let good = |slos: &[SloLine]| {
        let trial = Synthetic::default();
        let mut record = trial.record();
        record.emulated = vec![emulated("t3.micro", CreditMode::Standard, 0.2, 1)];
        let judged = judge(&record, &trial.rows(), &latencies);
        let manifest = Manifest { slos: slos.to_vec(), ..manifest(&["a"]) };
        Cost::of(&record, &judged, &manifest, &prices()).unwrap().good
    };
    let p50 = |bound| slo("end_to_end_latency_p50_ms", bound);
    let p99 = |bound| slo("end_to_end_latency_p99_ms", bound);
    assert_eq!(good(&[p50(5.0), p99(5.0)]), 10_000);
    assert_eq!(good(&[p50(2.0)]), 8_000, "4 000 of 8 000 would be within it");
    assert_eq!(good(&[p50(2.0), p99(2.0)]), 4_040, "4 000 of 4 040");
    assert_eq!(
        good(&[p50(5.0), slo("lag_max_messages", 1.0)]),
        10_000,
        "another SLO that broke is another's"
    );
}

#[test]
fn what_crosses_a_border_is_paid_for_as_it_was_carried() {
    let manifest = manifest(&["a"]);
    let price = |usd: &str| Some(Price { usd: usd.parse().unwrap(), ..Price::default() });
    let both = Prices { cross_zone: price("0.01"), cross_region: price("0.02"), ..prices() };
    let paid = |crosses: Option<&str>, prices: &Prices| {
        let trial = Synthetic::default();
        let mut record = trial.record();
        record.emulated = vec![emulated("t3.micro", CreditMode::Standard, 0.2, 1)];
        let carried = CarriedUse {
            seconds: 10.0,
            to_brokers_bytes: 1_000_000,
            from_brokers_bytes: 9_000_000,
            ..CarriedUse::default()
        };
        record.network = vec![
            Away { role: "producers".to_owned(), carried: Some(carried), ..Away::default() },
            Away {
                role: "consumers".to_owned(),
                crosses: crosses.map(str::to_owned),
                carried: Some(carried),
                ..Away::default()
            },
        ];
        let judged = judge(&record, &trial.rows(), &trial.latencies());
        Cost::of(&record, &judged, &manifest, prices).unwrap().transfer_per_hour.map(|paid| paid.to_string())
    };
    // A megabyte a second is 3.6 GB an hour; zones bill both directions.
    assert_eq!(paid(Some("region"), &both).as_deref(), Some("0.072"));
    assert_eq!(paid(Some("zone"), &both).as_deref(), Some("0.072"));
    assert_eq!(paid(None, &both).as_deref(), Some("0"), "who crosses nothing pays nothing");
    assert_eq!(paid(Some("region"), &prices()), None);
    // Who writes how often it crosses is not measured: 7.549 747 2 GB an hour are produced.
    let written = Prices { region_crossings: Some(1.0), cross_zone: None, ..both };
    assert_eq!(paid(Some("region"), &written).as_deref(), Some("0.150994944"));
}

#[test]
fn what_crosses_a_border_is_known_for_a_million_messages_where_no_instance_has_a_price_too() {
    let price = |usd: &str| Some(Price { usd: usd.parse().unwrap(), ..Price::default() });
    let both = Prices { cross_zone: price("0.01"), cross_region: price("0.02"), ..prices() };
    let paid = |crosses: Option<&str>, prices: &Prices| {
        let trial = Synthetic::default();
        let mut record = trial.record();
        let carried = CarriedUse { seconds: 10.0, from_brokers_bytes: 10_000_000, ..CarriedUse::default() };
        record.network = vec![Away {
            role: "consumers".to_owned(),
            crosses: crosses.map(str::to_owned),
            carried: Some(carried),
            ..Away::default()
        }];
        let judged = judge(&record, &trial.rows(), &trial.latencies());
        assert_eq!(Cost::of(&record, &judged, &manifest(&["a"]), prices), None);
        crossing(&record, &judged, prices).map(|paid| paid.to_string())
    };
    // 3.6 GB an hour for 3.6 million messages an hour: a gigabyte for a million.
    assert_eq!(paid(Some("region"), &both).as_deref(), Some("0.02"));
    assert_eq!(paid(Some("zone"), &both).as_deref(), Some("0.02"), "both directions");
    assert_eq!(paid(None, &both).as_deref(), Some("0"));
    assert_eq!(paid(Some("region"), &prices()), None, "what has no price is not known");
}

#[test]
fn who_is_moved_abroad_by_an_event_pays_from_then_on_and_an_older_record_does_not_say_how_much() {
    let manifest = manifest(&["a"]);
    let price = |usd: &str| Some(Price { usd: usd.parse().unwrap(), ..Price::default() });
    let prices = Prices { cross_region: price("0.02"), ..prices() };
    let stretch = |event: Option<&str>, crosses: Option<&str>, seconds: f64, bytes: u64| Away {
        role: "consumers".to_owned(),
        event: event.map(str::to_owned),
        crosses: crosses.map(str::to_owned),
        carried: Some(CarriedUse { seconds, from_brokers_bytes: bytes, ..CarriedUse::default() }),
        ..Away::default()
    };
    let paid = |network: Vec<Away>| {
        let trial = Synthetic::default();
        let mut record = trial.record();
        record.emulated = vec![emulated("t3.micro", CreditMode::Standard, 0.2, 1)];
        record.injected = vec![Injected {
            event: "far".to_owned(),
            kind: "network".to_owned(),
            asked_s: Some(record.asked.warm_up_s + 4.0),
            ..Injected::default()
        }];
        record.network = network;
        let judged = judge(&record, &trial.rows(), &trial.latencies());
        Cost::of(&record, &judged, &manifest, &prices).unwrap().transfer_per_hour.map(|paid| paid.to_string())
    };
    let near = || stretch(None, None, 4.0, 400_000_000);
    // 6 MB in a window of ten seconds are 2.16 GB an hour.
    let far = stretch(Some("far"), Some("region"), 6.0, 6_000_000);
    assert_eq!(paid(vec![near(), far.clone()]).as_deref(), Some("0.0432"));
    let back = stretch(Some("near"), None, 0.0, 0);
    assert_eq!(paid(vec![near(), far, Away { carried: None, ..back }]), None, "the last part is not known");
    assert_eq!(paid(vec![near()]), None, "nobody read what was carried after the event");
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
    // 2 MiB a second on the wire, twice the payload of 1 000 messages of 1 KiB, are 7.549 747 2 GB an hour.
    assert_eq!(cost.brokers_per_hour.unwrap().to_string(), "0.21");
    assert_eq!(
        cost.transfer_per_hour.unwrap().to_string(),
        "0.452984832",
        "4 × 0.075497472 and 2 × 0.075497472"
    );
    assert_eq!(
        cost.storage_per_hour.unwrap(),
        Money::from_nanos(1_034_212),
        "7.549 747 2 GB for an hour of a month of 730"
    );
    assert_eq!(
        cost.sticker_per_hour(),
        plain.instances_per_hour + "0.662984832".parse().unwrap() + Money::from_nanos(1_034_212)
    );
    let unknown = Prices { instances: [].into(), ..prices() };
    assert_eq!(of(&unknown), None, "an unknown rent is not zero");
}

#[test]
fn bytes_are_those_on_the_wire_and_of_the_two_limits_of_a_topic_the_smaller_holds() {
    let kept_gb = |limits: &[(&str, &str)], wire: bool, acked_in_window: Vec<u64>| {
        let mut manifest = manifest(&["a"]);
        let limits = limits.iter().map(|(name, limit)| ((*name).to_owned(), (*limit).to_owned()));
        manifest.topics.insert("a".to_owned(), limits.collect());
        let mut prices = prices();
        prices.put("storage", "$730/GB-month", "", "").unwrap();
        let trial = Synthetic::default();
        let mut record = trial.record();
        record.emulated = vec![emulated("t3.micro", CreditMode::Standard, 0.2, 1)];
        record.wire = record.wire.filter(|_| wire);
        record.partitions = Some(Partitions { acked_in_window, ..Partitions::default() });
        let judged = judge(&record, &trial.rows(), &trial.latencies());
        let cost = Cost::of(&record, &judged, &manifest, &prices).unwrap();
        assert_eq!(cost.of_wire, wire);
        cost.storage_per_hour.map(|money| money.to_string())
    };
    let gb = |text: &str| Some(text.to_owned());
    let hour = ("retention.ms", "3600000");
    assert_eq!(kept_gb(&[hour, ("retention.bytes", "-1")], true, vec![]), gb("7.5497472"));
    assert_eq!(kept_gb(&[hour], false, vec![]), gb("3.6864"), "payloads alone");
    // Four partitions that keep a gigabyte each.
    let gigabyte = ("retention.bytes", "1000000000");
    assert_eq!(kept_gb(&[hour, gigabyte], true, vec![]), gb("4"));
    assert_eq!(kept_gb(&[("retention.ms", "-1"), gigabyte], true, vec![]), gb("4"));
    assert_eq!(kept_gb(&[hour, gigabyte], true, vec![97, 1, 1, 1]), gb("1.226492416"), "one of them is full");
    assert_eq!(kept_gb(&[("retention.ms", "-1"), ("retention.bytes", "-1")], true, vec![]), None, "no end");
    assert_eq!(kept_gb(&[hour, ("cleanup.policy", "compact")], true, vec![]), None);
}

#[test]
fn each_topic_is_kept_in_as_many_replicas_as_it_has_and_an_unknown_number_is_not_one() {
    let kept_gb = |all: Option<u16>, of_each: &[Option<u16>]| {
        let mut manifest = manifest(&["a"]);
        manifest
            .topics
            .insert("a".to_owned(), [("retention.bytes".to_owned(), "1000000000".to_owned())].into());
        let mut prices = prices();
        prices.put("storage", "$730/GB-month", "", "").unwrap();
        let trial = Synthetic::default();
        let mut record = trial.record();
        record.emulated = vec![emulated("t3.micro", CreditMode::Standard, 0.2, 1)];
        record.asked.replication = all;
        let part = |replication: &Option<u16>| TopicPart {
            name: "t".to_owned(),
            partitions: record.asked.partitions / of_each.len() as u32,
            share: 0.5,
            replication: *replication,
        };
        record.topics = of_each.iter().map(part).collect();
        let judged = judge(&record, &trial.rows(), &trial.latencies());
        Cost::of(&record, &judged, &manifest, &prices)
            .unwrap()
            .storage_per_hour
            .map(|money| money.to_string())
    };
    // Four partitions of a gigabyte each.
    assert_eq!(kept_gb(Some(3), &[Some(3), Some(3)]).as_deref(), Some("12"));
    assert_eq!(kept_gb(None, &[Some(3), Some(1)]).as_deref(), Some("8"));
    assert_eq!(kept_gb(None, &[Some(3), None]), None);
    assert_eq!(kept_gb(None, &[]), None);
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
fn the_idle_share_is_of_all_that_is_paid_surplus_included() {
    let idle = |used| cost("t3.micro", CreditMode::Unlimited, used).idle_percent.unwrap();
    // Three quarters of $0.0104, of that and 0.3 vCPU above the baseline at $0.05.
    assert!((idle(0.5) - 100.0 * 0.0078 / 0.0254).abs() < 1e-6, "{}", idle(0.5));
    assert!(idle(2.0).abs() < 1e-9 && idle(2.1).abs() < 1e-9);
    let standard = cost("t3.micro", CreditMode::Standard, 0.5).idle_percent.unwrap();
    assert!((standard - 75.0).abs() < 1e-9, "{standard}");
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

#[test]
fn a_program_that_is_not_ours_is_charged_for_the_part_of_an_instance_that_it_had() {
    let whole = cost("t3.micro", CreditMode::Unlimited, 2.0);
    let trial = Synthetic::default();
    let mut record = trial.record();
    record.emulated = vec![emulated("t3.micro", CreditMode::Unlimited, 2.0, 1)];
    record.followed = Some(crate::record::Followed::default());
    let judged = judge(&record, &trial.rows(), &trial.latencies());
    let part = Cost::of(&record, &judged, &manifest(&["a"]), &prices()).unwrap();
    // One vCPU was a tenth of a core: it did a tenth of what the instance would do.
    assert_eq!(part.instances_per_hour, whole.instances_per_hour.times(1, 10));
    assert_eq!(part.surplus_per_hour, whole.surplus_per_hour.times(1, 10));
    assert_eq!(part.idle_percent, whole.idle_percent);
    assert!(judged.metric("committed_latency_n") == Reading::Empty, "of a slower machine");
}
