//! A made-up manifest and its parts.

use std::collections::BTreeMap;

use super::super::*;
use crate::catalogue::types;
use crate::units::{Price, Prices};

/// A manifest of one factor, `topic.partitions`, with these levels.
pub fn manifest(levels: &[&str]) -> Manifest {
    Manifest {
        format: FORMAT,
        scraped: Vec::new(),
        bench_version: "0.1.0".to_owned(),
        git_id: Some("0123abc".to_owned()),
        experiment: "demo".to_owned(),
        question: "Does throughput grow with partitions?".to_owned(),
        host: Host {
            name: "duff".to_owned(),
            kernel: "Linux 6.12".to_owned(),
            cores: 2,
            cpu_model: "Test CPU".to_owned(),
            memory_mib: 8_192,
        },
        cluster: Brokers {
            started_by_bench: true,
            versions: vec!["4.3.1".to_owned()],
            count: 1,
            id: Some("4L6g3nShT-eMCtK--X86sw".to_owned()),
        },
        topics: BTreeMap::new(),
        clients: BTreeMap::new(),
        images: Vec::new(),
        librdkafka_version: "2.12.1".to_owned(),
        pacing: BTreeMap::new(),
        configuration: serde_json::json!({}),
        seed: 7,
        repetitions: 3,
        prepare_s: 30.0,
        factors: vec!["topic.partitions".to_owned()],
        until_broken: false,
        search: None,
        treatments: levels
            .iter()
            .map(|level| TreatmentLine {
                slug: (*level).to_owned(),
                levels: vec![(*level).to_owned()],
                baseline: false,
            })
            .collect(),
        responses: Vec::new(),
        slos: Vec::new(),
        prices: Prices::default(),
        units: Manifest::usual_units(),
        anchor_unix_ns: 0,
        started: "2026-11-22T23:17:45Z".to_owned(),
        finished: None,
        reports_by: None,
        resumed: Vec::new(),
    }
}

/// A search for a capacity, from 100/s with 10 %, of which 60 trials may be made.
pub fn search() -> SearchLine {
    SearchLine {
        kind: "capacity".to_owned(),
        of: "workload.rate".to_owned(),
        from_msgs_per_s: Some(100.0),
        tolerance_percent: Some(10.0),
        levels: Vec::new(),
        confirm: 6,
        alone_from: Some(6),
        max_trials: 60,
    }
}

/// An SLO as a manifest has it, from its text.
pub fn slo(text: &str) -> SloLine {
    SloLine::from(&text.parse().unwrap())
}

/// A table of the catalogue's prices.
pub fn prices() -> Prices {
    let mut prices = Prices { region: "us-east-1".to_owned(), ..Prices::default() };
    for one in types() {
        let price = |usd| Price { usd, ..Price::default() };
        prices.instances.extend(one.price_per_hour.map(|usd| (one.name.clone(), price(usd))));
        prices.surplus.extend(one.surplus_per_vcpu_hour.map(|usd| (one.name.clone(), price(usd))));
    }
    prices
}

/// The same, gone on with at that time with so many repetitions more: a further look at it.
pub fn looked_again(manifest: &Manifest, added: u32, started: &str) -> Manifest {
    let repetitions = manifest.repetitions + added;
    let now = Manifest { repetitions, started: started.to_owned(), ..manifest.clone() };
    manifest.clone().resumed_by(now)
}
