//! Names, labels and values of the command line: none is lost in silence, none breaks what it stands in.

use std::path::Path;

use kafka_bench::spec::{Document, Overrides};

use super::{GOOD, compile, faults_with};

const CROWD: &str = "factors:\n  crowd:\n    few: {workload.fleets.all.producers: 2}\n    many: {workload.fleets.all.producers: 20, workload.rate: 2k/s, workload.message: {size: 1KiB}}\n";

#[test]
fn a_value_that_the_levels_of_a_factor_go_over_is_a_fault_that_says_so() {
    let text = format!("{GOOD}{CROWD}");
    for (set, theirs) in [
        ("workload.rate=5/s", "workload.rate"),
        ("workload.fleets.all.producers=7", "workload.fleets.all.producers"),
        ("workload.fleets.all={name: all, producers: 7}", "workload.fleets.all.producers"),
        ("workload.fleets=[{name: all, producers: 7}]", "workload.fleets.all.producers"),
        ("workload={rate: 7/s}", "workload.rate"),
        ("workload.message.size=1MiB", "workload.message"),
        ("workload.message={compressibility: 5%}", "workload.message"),
    ] {
        let faults = compile(&text, &[set]).expect_err(set);
        let what = format!(
            "--set {set}: the factor `crowd` sets `{theirs}`, and its levels would go over the value"
        );
        assert!(faults.contains(&what), "{set}\n{faults}");
        assert!(faults.contains("or set them all: `--set 'factors.crowd={…}'`"), "{set}\n{faults}");
    }
    for set in [
        "workload.fleets=[{name: all, client: librdkafka}]",
        "workload.fleets.all.properties.linger.ms=5",
        "workload.arrivals=constant",
        "factors.crowd={one: {workload.fleets.all.producers: 1}}",
        "factors={}",
    ] {
        compile(&text, &[set]).unwrap_or_else(|faults| panic!("{set}\n{faults}"));
    }
    // What the factors are in the end counts, whatever came first.
    let plain = format!("{GOOD}factors: {{topic.partitions: [1, 2]}}\n");
    for set in ["topic.partitions=4", "topic={partitions: 4}"] {
        assert!(compile(&plain, &[set]).unwrap_err().contains("would go over the value"), "{set}");
        let alone = compile(&plain, &[set, "factors={consumers.instances: [1]}"]).unwrap();
        assert_eq!(alone.treatments[0].settings.topic.partitions, 4);
    }
    let both = compile(&plain, &["factors.topic.partitions=[4]", "topic.partitions=8"]).unwrap_err();
    assert!(both.contains("hint: write `--set 'factors.topic.partitions=[8]'`"), "{both}");
    assert!(compile(&plain, &["topic={config: {retention.ms: 60000}}"]).is_ok());
}

#[test]
fn a_value_below_what_has_no_name_or_that_a_later_one_takes_away_is_a_fault() {
    let shapes = "question: q\nworkload: {shape: [{constant: 9/s}, {sine: {amplitude: 5/s, period: 10s}}]}\n";
    let types = format!("{GOOD}instance_types: [{{name: a, vcpus: 1}}, {{name: b, vcpus: 2}}]\n");
    let list =
        "goes below a list whose items have no names\n    hint: `workload.shape` is a list; set all of it";
    let lost =
        "it goes over `workload.rate`, which was set before it\n    hint: write `--set workload=…` first";
    let varied = format!("{shapes}factors: {{workload.shape.constant: [1/s, 2/s]}}\n");
    for (text, set, told) in [
        (shapes, vec!["workload.shape.constant=2k/s"], list),
        (&varied, vec![], "goes below a list whose items have no names"),
        (&types, vec!["instance_types.c.vcpus=2"], "names no instance type\n    hint: did you mean `a`?"),
        (GOOD, vec!["workload.rate=5k/s", "workload={rate: 1k/s}"], lost),
    ] {
        let faults = compile(text, &set).expect_err(told);
        assert!(faults.contains(told), "{set:?}\n{faults}");
    }
    for (text, set) in [
        (shapes, vec!["workload.shape={constant: 2k/s}", "workload.shape.constant=1k/s"]),
        (&types, vec!["instance_types.b.vcpus=4"]),
        (GOOD, vec!["workload={rate: 1k/s}", "workload.rate=5k/s", "workload.rate=6k/s"]),
    ] {
        compile(text, &set).unwrap_or_else(|faults| panic!("{set:?}\n{faults}"));
    }
}

#[test]
fn names_and_labels_that_cannot_stand_in_a_table_are_faults_with_a_hint() {
    for (factors, told) in [
        (
            "valid: {a: {topic.partitions: 1}}",
            "`valid` is a column of the results already, and cannot name a factor",
        ),
        ("Outcome: {a: {topic.partitions: 1}}", "`Outcome` is a column"),
        ("processed_msgs_per_s: {a: {topic.partitions: 1}}", "`processed_msgs_per_s` is a column"),
        ("acked_median: {a: {topic.partitions: 1}}", "`acked_median` is a column"),
        ("group: {a: {topic.partitions: 1}}", "`group` is a column"),
        ("\" \": {a: {topic.partitions: 1}}", "a factor needs a name of one line"),
        ("crowd: {\"\": {topic.partitions: 1}}", "a level of `crowd` is empty"),
        ("crowd: {\"a\\nb\": {topic.partitions: 1}}", "a level of `crowd` has several lines"),
        (
            "crowd: {a: {topic.partitions: 1, topic.partitions: 2}}",
            "level `a` sets `topic.partitions`, and `topic.partitions` already",
        ),
        (
            "crowd: {a: {topic.partitions: 1, topic: {}}}",
            "level `a` sets `topic`, and `topic.partitions` already",
        ),
        (
            "workload.arrivals: [{bursts: {on: 1s, off: 2s}}, {bursts: {on: 1s, off: 2s}}]",
            "a second level `bursts: {on: 1s, off: 2s}`",
        ),
        (
            "workload.fleets: [[{name: all, properties: {client.rack: aaaaaaaaaaaaaaaaaaaaaaaaaa, acks: 1}}], \
             [{name: all, properties: {client.rack: aaaaaaaaaaaaaaaaaaaaaaaaaa, acks: 0}}]]",
            "a second level `{name: all, properties: {client.rack: aaaaaaaaaaaaaaaaaaaaaa…`",
        ),
    ] {
        let faults = faults_with(&format!("factors: {{{factors}}}"));
        assert!(faults.contains(told) && faults.contains("x.yaml:4:"), "{factors}\n{faults}");
    }
}

#[test]
fn a_mapping_as_a_level_is_called_as_it_is_written() {
    let text = format!(
        "{GOOD}factors: {{workload.arrivals: [poisson, {{bursts: {{on: 1s, off: 3s}}}}], -x|y: {{=1+1: {{topic.partitions: 1}}, 家: {{topic.partitions: 2}}}}}}\n"
    );
    let plan = compile(&text, &[]).unwrap();
    let labels: Vec<&str> = plan.treatments.iter().map(|one| one.levels[0].as_str()).collect();
    assert_eq!(labels, ["poisson", "poisson", "bursts: {on: 1s, off: 3s}", "bursts: {on: 1s, off: 3s}"]);
    let slugs: Vec<&str> = plan.treatments.iter().map(|one| one.slug.as_str()).collect();
    assert_eq!(slugs[1..3], ["arrivals=poisson,-x-y=_", "arrivals=bursts-on-1s-off-3s,-x-y=1-1"]);
}

#[test]
fn mappings_of_several_keys_are_told_apart_as_levels_and_their_secrets_are_hidden() {
    let labels = |factors: &str| -> Vec<String> {
        let plan = compile(&format!("{GOOD}factors: {{{factors}}}\n"), &[]).unwrap();
        plan.treatments.iter().map(|one| one.levels[0].clone()).collect()
    };
    assert_eq!(
        labels(
            "topic.config: [{retention.ms: 60000, segment.ms: 1000}, {retention.ms: 70000, segment.ms: 1000}]"
        ),
        ["retention.ms: 60000, segment.ms: 1000", "retention.ms: 70000, segment.ms: 1000"]
    );
    assert_eq!(
        labels(
            "consumers.properties: [{client.rack: a, sasl.password: \"hunter2, x\"}, {client.rack: \"b: c\", sasl.password: y}]"
        ),
        ["client.rack: a, sasl.password: ***", "client.rack: b: c, sasl.password: ***"]
    );
}

#[test]
fn files_whose_names_differ_in_any_letter_have_folders_of_their_own() {
    let stem = |name: &str| {
        let path = Path::new("some/where").join(name);
        Document::parse(&path, GOOD.to_owned(), &Overrides::default()).unwrap().stem()
    };
    assert_eq!(stem("partitions-x_1.2.yaml"), "partitions-x_1.2");
    let names = [
        "größe.yaml",
        "grösse.yaml",
        "gr-sse.yaml",
        "负载.yaml",
        "重さ.yaml",
        "--.yaml",
        "my test.yaml",
        "my-test.yaml",
    ];
    let stems = names.map(stem);
    for (at, one) in stems.iter().enumerate() {
        assert!(!stems[..at].contains(one), "{stems:?}");
        assert!(one.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)), "{one}");
        assert_eq!(&stem(&format!("{one}.yaml")), one, "a copy under its own name goes on under it");
    }
    let long = ["a", "b"].map(|end| stem(&format!("{}{end}.yaml", "x".repeat(240))));
    assert_eq!(stem(&format!("{}.yaml", long[0])), long[0]);
    assert!(long[0] != long[1] && long.iter().all(|one| one.len() < 120), "{long:?}");
    assert_eq!((stem("..yaml"), stem("...yaml")), ("experiment".to_owned(), "experiment".to_owned()));
}
