//! A baseline in a plan.

use crate::plan::{Plan, compile, planned};
use crate::spec::{Document, Overrides};
use std::path::Path;

const BASE: &str = "question: q\nworkload: {rate: 10/s}\nconsumers: {}\nrepetitions: 3\n";
const FACTORS: &str =
    "factors:\n  topic.partitions: [1, 4]\n  consumers.instances: [1, 2]\n  consumers.threads: [2]\n";

fn baselines(plan: &Plan) -> Vec<&str> {
    plan.treatments.iter().filter(|one| one.is_baseline).map(|one| one.slug.as_str()).collect()
}

fn faults(text: &str) -> String {
    let document = Document::parse(Path::new("x.yaml"), text.to_owned(), &Overrides::default()).unwrap();
    compile(&document).unwrap_err().to_string()
}

#[test]
fn one_thread_over_all_partitions_stands_in_every_block() {
    let plan =
        planned(&format!("{BASE}{FACTORS}baseline: {{ consumers.properties: {{ fetch.min.bytes: 7 }} }}\n"));
    assert_eq!(baselines(&plan), ["baseline,partitions=1", "baseline,partitions=4"]);
    for one in plan.treatments.iter().filter(|one| one.is_baseline) {
        let group = &one.settings.consumers[0];
        assert_eq!((group.instances, group.threads), (1, 1));
        assert_eq!(one.levels[1..], ["baseline", "baseline"]);
        assert!(format!("{:?}", group.properties).contains("fetch.min.bytes"));
    }
    assert_eq!(plan.treatments[5].settings.topic.partitions, 4);
    for block in plan.trials.chunks(plan.treatments.len()) {
        let own = block.iter().filter(|trial| plan.treatments[trial.treatment].is_baseline);
        assert_eq!(own.count(), 2);
    }
    assert!(plan.to_string().contains("in every block: baseline,partitions=1; baseline,partitions=4"));
    assert_eq!(plan.to_json()["treatments"][5]["baseline"], true);
}

#[test]
fn a_baseline_alone_beside_what_is_not_varied_has_a_name_of_its_own() {
    let plan = planned(&format!("{BASE}baseline: {{}}\n"));
    assert_eq!(plan.treatments.iter().map(|one| one.slug.as_str()).collect::<Vec<_>>(), ["base", "baseline"]);
}

#[test]
fn a_baseline_that_is_none_is_told() {
    let of = |baseline: &str| faults(&format!("{BASE}{FACTORS}baseline: {baseline}\n"));
    assert!(of("3").contains("should be a mapping of paths"));
    assert!(of("{ consumers.threads: 2 }").contains("it is one instance of one thread"));
    assert!(of("{ workload.rate: 5/s }").contains("differs in `consumers` alone"));
    assert!(of("{ consumers.instnces: 1 }").contains("names nothing"));
    assert!(of("{ consumers.instance_type: t3.micro }").contains("not of one scale"));
    let alone = "question: q\nworkload: {rate: 10/s}\nbaseline: {}\n";
    assert!(faults(alone).contains("needs consumers"));
    let mixed = "factors:\n  crowd:\n    few: { consumers.instances: 1, workload.rate: 5/s }\n";
    assert!(faults(&format!("{BASE}{mixed}baseline: {{}}\n")).contains("make two factors of it"));
    let search = "question: q\nworkload: {}\nconsumers: {}\nslos: [ \"lost <= 0\" ]\nsearch: { capacity: { from: 10/s } }\nbaseline: {}\n";
    assert!(faults(search).contains("a search has none"));
}
