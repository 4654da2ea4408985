//! What is wrong with an experiment file is told all at once, and the committed experiments and schema are right.

use std::fs;
use std::path::{Path, PathBuf};

use kafka_bench::plan::{self, Plan};
use kafka_bench::spec::{Document, Overrides};

fn compile(text: &str, set: &[&str]) -> Result<Plan, String> {
    let overrides =
        Overrides { set: set.iter().map(|&text| text.to_owned()).collect(), ..Overrides::default() };
    Document::parse(Path::new("x.yaml"), text.to_owned(), &overrides)
        .and_then(|document| plan::compile(&document))
        .map_err(|faults| faults.to_string())
}

const GOOD: &str = "question: q\nworkload: {rate: 10/s}\nconsumers: {}\n";

/// Faults of the smallest good file with these lines added.
fn faults_with(lines: &str) -> String {
    compile(&format!("{GOOD}{lines}"), &[]).expect_err(lines)
}

#[test]
fn all_five_faults_of_a_file_are_told_with_place_and_hint() {
    let text = "\
question: Does it scale?
topic: { partitons: 4 }
workload:
  rate: 20k
  message: { size: 20B }
  fleets:
    - { name: a, share: 50% }
    - { name: b, share: 40% }
factors:
  consumers.instance: [1, 2]
";
    insta::assert_snapshot!(compile(text, &[]).unwrap_err(), @r#"
x.yaml:2:10: unknown key `topic.partitons`
    topic: { partitons: 4 }
             ^^^^^^^^^
    hint: did you mean `partitions`?

x.yaml:4:9: `20k` is not a rate
      rate: 20k
            ^^^
    hint: write messages per second: `800/s`, `20k/s`, `1.5M/s`

x.yaml:5:20: a message of 20B is smaller than its envelope of 36 bytes
      message: { size: 20B }
                       ^^^
    hint: write `36B` or more

x.yaml:6:3: shares add up to 90%, not to 100%
      fleets:
      ^^^^^^
    hint: the shares of all fleets add up to 100%

x.yaml:10:3: factor path `consumers.instance` names nothing
      consumers.instance: [1, 2]
      ^^^^^^^^^^^^^^^^^^
    hint: did you mean `consumers.instances`?
"#);
}

#[test]
fn each_kind_of_fault_is_told() {
    for (lines, told) in [
        ("topic: {partitions: 0}", "`topic.partitions` is 0, and must be at least 1"),
        ("topic: {partitions: many}", "`many` is not a whole number"),
        ("topic: {partitions: \"4\"}", "is a text, not a number"),
        ("topic: {replication: 3}", "3 replicas do not fit on 1 broker"),
        ("topic: [1]", "`topic` should be a mapping, found a list"),
        ("topic:", "`topic` has no value"),
        ("topic: {}\ntopic: {}", "`topic` is written twice"),
        ("phases: {warm_up: 1.1s}", "not a multiple of 250ms"),
        ("phases: {measure: 4s}", "a window of 4s is too short"),
        ("phases: {drain: 10}", "`10` has no unit of time"),
        ("cluster: {kafka: {brokers: 3}}", "more than one broker is not built yet"),
        ("cluster: {kafka: {heap: 1MiB}}", "too small for Kafka"),
        ("cluster: {kafka: {version: 4.3}}", "`4.3` is not a version"),
        ("cluster: {kafka: {}, bootstrap: {servers: a}}", "`cluster` has both `kafka` and `bootstrap`"),
        ("cluster: {}", "`cluster` has none of"),
        ("cluster: {bootstrap: {}}", "`cluster.bootstrap` has no `servers`"),
        (
            "cluster: {bootstrap: {servers: a, properties: {group.id: x}}}",
            "`group.id` is set by bench itself",
        ),
        ("cluster: {bootstrap: {servers: a, properties: {sasl.password: \"${X\"}}}", "not closed"),
        ("emulation: {vcpu: 10%}", "`emulation` is not built yet"),
        ("slos: [ \"p99(end) < 1s\" ]", "`p99(end)` is nothing that an SLO can name"),
        ("repetitions: 0", "must be at least 1"),
        ("factors: {topic.partitions: []}", "`topic.partitions` has no levels"),
        ("factors: {topic.partitions: [1, 1]}", "a second level `1`"),
        ("factors: {topic.partitions: [1, 0]}", "`topic.partitions` is 0"),
        ("factors: {cluster.kafka.heap: [1GiB, 2GiB]}", "`cluster` must be the same for all trials"),
        ("factors: {phases.prepare: [1s]}", "`phases.prepare` must be the same"),
        ("factors: {a: {x: {topic.partitions: 1}}, topic.partitions: [1]}", "which another factor sets"),
        ("factors: {workload.fleets.al.producers: [1]}", "names no fleet"),
        ("factors: {seed: [1, 2]}", "`seed` must be the same"),
    ] {
        let faults = faults_with(lines);
        assert!(faults.contains(told), "{lines}\n{faults}");
        assert!(faults.starts_with("x.yaml:"), "{lines}\n{faults}");
    }
    for (workload, told) in [
        ("{}", "`workload` has no `rate`"),
        ("{rate: 1/s, shape: {}}", "has both `rate` and `shape`"),
        ("{rate: 1/s, arrivals: poison}", "did you mean `poisson`?"),
        ("{rate: 1/s, arrivals: {bursts: {on: 1s, off: 1s}}}", "not built yet"),
        ("{rate: 1/s, message: {keys: {uniform: {count: 3}}}}", "not built yet"),
        (
            "{rate: 1/s, message: {size: {normal: {mean: 1KiB, sd: 1B}}}}",
            "a distribution of sizes is not built yet",
        ),
        (
            "{rate: max, fleets: [{name: a, producers: 500}]}",
            "`rate: max` is not built yet for light producers",
        ),
        ("{rate: 1/s, fleets: [{name: a, share: 50%}, {name: a, share: 50%}]}", "a second `a`"),
        ("{rate: 1/s, fleets: [{name: a, split: {zipf: {exponent: 1}}}]}", "not built yet"),
    ] {
        let faults = compile(&format!("question: q\nworkload: {workload}\n"), &[]).expect_err(workload);
        assert!(faults.contains(told), "{workload}\n{faults}");
    }
}

#[test]
fn a_fault_in_a_level_is_told_once_however_many_treatments_have_it() {
    let faults = faults_with("factors: {topic.partitions: [1, none], consumers.instances: [1, 2, 3]}");
    assert_eq!(faults.matches("`none` is not a whole number").count(), 1, "{faults}");
}

#[test]
fn what_the_command_line_sets_wins_and_its_faults_name_it() {
    let plan = compile(GOOD, &["topic.partitions=4", "workload.fleets.all.producers=3"]).unwrap();
    let settings = &plan.treatments[0].settings;
    assert_eq!((settings.topic.partitions, settings.workload.fleets[0].producers), (4, 3));
    let faults = compile(GOOD, &["topic.partitions=0", "topic.partition=1", "nothing"]).unwrap_err();
    for told in [
        "--set topic.partitions: `topic.partitions` is 0",
        "did you mean `topic.partitions`?",
        "--set nothing: ",
    ] {
        assert!(faults.contains(told), "{told}\n{faults}");
    }
    let factors = format!("{GOOD}factors: {{topic.partitions: [1, 2]}}\n");
    assert!(compile(&factors, &["topic.partitions=4"]).unwrap_err().contains("is a factor"));
    let fewer = compile(&factors, &["factors.topic.partitions=[4]"]).unwrap();
    assert_eq!(fewer.treatments[0].settings.topic.partitions, 4);
}

#[test]
fn more_instances_than_partitions_is_no_fault_and_the_plan_says_so() {
    let plan = compile(GOOD, &["consumers.instances=3"]).unwrap();
    assert_eq!(plan.idle(), ["base"]);
    assert!(plan.to_string().contains("some will be idle"));
}

fn experiments() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments")
}

#[test]
fn the_committed_schema_is_the_format() {
    let committed = fs::read_to_string(experiments().join("bench.schema.json")).unwrap();
    assert_eq!(
        committed.trim_end(),
        kafka_bench::cli::schema::text(),
        "run `bench schema > experiments/bench.schema.json`"
    );
}

#[test]
fn the_committed_experiments_have_no_faults_and_fit_the_schema() {
    let schema = serde_json::from_str(&kafka_bench::cli::schema::text()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut files = 0;
    for file in fs::read_dir(experiments()).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        files += 1;
        let document = Document::load(&file, &Overrides::default()).unwrap();
        plan::compile(&document).unwrap_or_else(|faults| panic!("{faults}"));
        let value: serde_json::Value = serde_yaml::from_str(document.source()).unwrap();
        let wrong: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", file.display());
    }
    assert!(files >= 2);
    assert!(!validator.is_valid(&serde_json::json!({ "question": "q", "topic": { "partitons": 1 } })));
}

#[test]
fn the_shipped_experiment_takes_no_more_than_eight_minutes() {
    let document = Document::load(&experiments().join("partitions.yaml"), &Overrides::default()).unwrap();
    let plan = plan::compile(&document).unwrap();
    assert_eq!(plan.trials.len(), 27);
    assert!(plan.budget().longest_s < 450.0, "{:?}", plan.budget());
}

#[test]
fn rate_max_bounds_the_queues_unless_the_file_does_and_leaves_no_shares_to_keep() {
    let queue = |fleet: &str| {
        let text = format!("question: q\nworkload: {{rate: max, fleets: [{{name: a{fleet}}}]}}\n");
        let plan = compile(&text, &[]).unwrap();
        plan.treatments[0].settings.workload.fleets[0].properties.clone()
    };
    assert_eq!(queue("")["queue.buffering.max.kbytes"], "16384");
    let own = queue(", properties: {queue.buffering.max.messages: 7}");
    assert_eq!(own.keys().collect::<Vec<_>>(), ["queue.buffering.max.messages"]);
    let two = "question: q\nworkload: {rate: max, fleets: [{name: a, share: 50%}, {name: b, share: 50%}]}\n";
    assert!(compile(two, &[]).unwrap_err().contains("fleets have no shares"));
    let mixed = "question: q\nworkload: {rate: 5/s}\nfactors: {workload.rate: [5/s, max]}\n";
    let plan = compile(mixed, &[]).unwrap();
    let prepare = &plan.treatments[plan.prepare_treatment()];
    assert_eq!(prepare.slug, "rate=max", "nothing loads more than all that goes");
    assert!(plan.treatments[0].settings.workload.fleets[0].properties.is_empty());
}
