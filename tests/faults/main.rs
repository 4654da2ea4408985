//! What is wrong with an experiment file is told all at once, and the committed experiments and schema are right.

mod backlog;
mod clients;
mod containers;
mod doubts;
mod events;
mod existing;
mod groups;
mod machines;
mod network;
mod outputs;
mod pages;
mod programs;
mod searches;
mod sent;
mod written;

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
        ("topic: {partitions: -2}", "`-2` is not a whole number"),
        ("topic: {prefix: a b}", "no topic's name can begin with `a b`"),
        ("factors: {topic.prefix: [a, b]}", "`topic.prefix` must be the same"),
        (
            "factors: {who: {a: {topic: {prefix: a}}, b: {topic: {prefix: b}}}}",
            "`topic.prefix` must be the same",
        ),
        ("topic: [1]", "`topic` should be a mapping, found a number"),
        ("topic:", "`topic` has no value"),
        ("topic: {}\ntopic: {}", "`topic` is written twice"),
        ("phases: {warm_up: 1.1s}", "not a multiple of 250ms"),
        ("phases: {measure: 4s}", "a window of 4s is too short"),
        ("phases: {measure: 48h}", "a trial of 2days 40s is too long"),
        ("phases: {prepare: 49h}", "a trial of 2days 1h is too long"),
        ("phases: {drain: 10}", "`10` has no unit of time"),
        ("cluster: {kafka: {brokers: 0}}", "must be at least 1"),
        ("cluster: {kafka: {brokers: 10}}", "must be at most 9"),
        ("cluster: {kafka: {brokers: 2}}\ntopic: {replication: 3}", "3 replicas do not fit on 2 brokers"),
        ("cluster: {kafka: {heap: 1MiB}}", "too small for Kafka"),
        ("cluster: {kafka: {version: 4.3}}", "`4.3` is not a version"),
        ("cluster: {kafka: {version: 2.8.2}}", "does not start Apache Kafka 2.8.2"),
        ("cluster: {kafka: {version: 4.30.0}}", "does not start Apache Kafka 4.30.0"),
        ("cluster: {kafka: {}, bootstrap: {servers: a}}", "`cluster` has both `kafka` and `bootstrap`"),
        ("cluster: {}", "`cluster` has none of"),
        ("cluster: {bootstrap: {}}", "`cluster.bootstrap` has no `servers`"),
        (
            "cluster: {bootstrap: {servers: a, properties: {group.id: x}}}",
            "`group.id` is set by bench itself",
        ),
        ("cluster: {bootstrap: {servers: a, properties: {sasl.password: \"${X\"}}}", "not closed"),
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
        ("factors: {consumers.orders.instances: [1]}", "`consumers` is no list: write `consumers.instances`"),
        ("factors: {consumers.instance: [1]}", "did you mean `consumers.instances`?"),
    ] {
        let faults = faults_with(lines);
        assert!(faults.contains(told), "{lines}\n{faults}");
        assert!(faults.starts_with("x.yaml:"), "{lines}\n{faults}");
    }
    for (workload, told) in [
        ("{}", "`workload` has no `rate`"),
        ("{rate: 1/s, shape: {}}", "has both `rate` and `shape`"),
        ("{rate: 1/s, arrivals: poison}", "did you mean `poisson`?"),
        ("{rate: max, until: broken}", "`until: broken` grows a `rate`"),
        ("{rate: max, fleets: [{name: a, producers: 2, split: [60%, 40%]}]}", "there are no shares to split"),
        (
            "{rate: 1/s, fleets: [{name: a, client: light, properties: {linger.sm: 5}}]}",
            "the light client has no `linger.sm`",
        ),
        (
            "{rate: 1/s, fleets: [{name: a, producers: 500, properties: {linger.ms: long}}]}",
            "`long` is nothing that the light client's `linger.ms` can be",
        ),
        ("{rate: 1/s, fleets: [{name: a, client: lihgt}]}", "did you mean `light`?"),
        ("{rate: 1/s, fleets: [{name: a, share: 50%}, {name: a, share: 50%}]}", "a second `a`"),
        (
            "{rate: 1/s, fleets: [{name: a, client: light, transactions: {abort: 10%}}]}",
            "light producers have no transactions",
        ),
        (
            "{rate: max, fleets: [{name: a, transactions: {}}]}",
            "`rate: max` is not built yet for transactions",
        ),
        (
            "{rate: 1/s, fleets: [{name: a, transactions: {commit_every: 2m}}]}",
            "a transaction cannot take 2m",
        ),
        ("{rate: 1/s, fleets: [{name: a, transactions: {abort: 200%}}]}", "is not between 0% and 100%"),
        (
            "{rate: 1/s, fleets: [{name: a, properties: {transactional.id: x}}]}",
            "write `transactions: {}` for the fleet",
        ),
    ] {
        let faults = compile(&format!("question: q\nworkload: {workload}\n"), &[]).expect_err(workload);
        assert!(faults.contains(told), "{workload}\n{faults}");
    }
}

/// What each treatment's first fleet is.
fn clients(plan: &Plan) -> Vec<&'static str> {
    plan.treatments.iter().map(|treatment| treatment.settings.workload.fleets[0].client.name()).collect()
}

#[test]
fn auto_is_one_client_for_all_treatments_and_light_if_any_level_has_a_crowd() {
    let with = |levels: &str| format!("{GOOD}factors: {{workload.fleets.all.producers: [{levels}]}}\n");
    assert_eq!(clients(&compile(&with("1, 50"), &[]).unwrap()), ["librdkafka"; 2]);
    let crowd = compile(&with("1, 51"), &[]).unwrap();
    assert_eq!(clients(&crowd), ["light"; 2]);
    assert!(crowd.to_string().contains("51 light"), "{crowd}");
    assert!(crowd.to_string().contains("312 open files"), "{crowd}");
    // Who names a client gets it, whatever the crowd.
    let heavy = ["workload.fleets=[{ name: all, client: librdkafka }]"];
    assert_eq!(clients(&compile(&with("1, 51"), &heavy).unwrap()), ["librdkafka"; 2]);
}

#[test]
fn a_property_is_held_against_the_light_client_where_auto_makes_it_light() {
    let text = "question: q\nworkload:\n  rate: 10/s\n  fleets: [{name: all, properties: {debug: all}}]\n";
    let crowd = format!("{text}factors: {{workload.fleets.all.producers: [1, 100]}}\n");
    let faults = compile(&crowd, &[]).unwrap_err();
    assert_eq!(faults.matches("the light client has no `debug`").count(), 1, "{faults}");
    assert!(faults.contains("x.yaml:4:"), "{faults}");
}

#[test]
fn what_every_level_replaces_is_no_fault_and_what_one_keeps_is_told_once() {
    let light = "question: q\nworkload:\n  rate: 10/s\n  fleets: [{name: all, client: light, transactions: {}, properties: {debug: all}}]\n";
    let with = |clients: &str| format!("{light}factors: {{workload.fleets.all.client: [{clients}]}}\n");
    compile(&with("librdkafka"), &[]).unwrap();
    let faults = compile(&with("librdkafka, light"), &[]).unwrap_err();
    for told in ["the light client has no `debug`", "light producers have no transactions"] {
        assert_eq!(faults.matches(told).count(), 1, "{faults}");
    }
    // What is wrong by itself is told, whatever its words are.
    let wrong = "question: q\nworkload: {rate: 10/s, message: {size: 20B}}\nfactors: {workload.message.size: [1KiB]}\n";
    assert!(compile(wrong, &[]).unwrap_err().contains("smaller than its envelope"));
}

#[test]
fn volume_grows_by_one_factor_of_its_own_and_until_something_can_break() {
    let growing = "question: q\nworkload: {rate: 10/s, until: broken}\n";
    let faults = |more: &str| compile(&format!("{growing}{more}"), &[]).expect_err(more);
    for none in ["", "slos: []\n"] {
        assert!(faults(none).contains("x.yaml:2:24: `until: broken` needs an SLO that may break"), "{none}");
    }
    let slos = "slos: [\"p90(ack) < 1s\"]\n";
    let rates = faults(&format!("{slos}factors: {{workload.rate: [1/s, 2/s]}}\n"));
    assert!(rates.contains("`workload.rate` grows, and cannot be a factor too"), "{rates}");
    let shape = format!("question: q\nworkload: {{shape: {{constant: 5/s}}, until: broken}}\n{slos}");
    assert!(compile(&shape, &[]).unwrap_err().contains("`until: broken` grows a `rate`, not a `shape`"));
    let until = compile(&format!("{GOOD}{slos}factors: {{workload.until: [broken]}}"), &[]).unwrap_err();
    assert!(until.contains("`workload.until` must be the same"), "{until}");
    let plan = compile(&format!("{growing}{slos}"), &[]).unwrap();
    assert_eq!(plan.treatments[0].slug, "rate=10-s");
    assert!(plan.to_string().contains("until an SLO breaks"));
}

#[test]
fn a_trace_lies_beside_the_experiment_and_its_faults_name_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.yaml");
    fs::write(
        &file,
        "question: q\nworkload: {shape: {trace: {file: day.csv}}}\nphases: {prepare: 0s, warm_up: 0s, measure: 10s}\n",
    )
    .unwrap();
    let plan = |rows: &str| {
        fs::write(folder.path().join("day.csv"), rows).unwrap();
        let document = Document::load(&file, &Overrides::default()).unwrap();
        plan::compile(&document).map(|plan| plan.budget().messages).map_err(|faults| faults.to_string())
    };
    assert_eq!(plan("second,msgs_per_s\n0,100\n4,50\n"), Ok(700));
    let faults = plan("second,msgs_per_s\n0,100\n4,fifty\n").unwrap_err();
    assert!(faults.contains("day.csv:3:3: `fifty` under `msgs_per_s` is not a number"), "{faults}");
    let quoted = plan("second,msgs_per_s\n0,\"1,200\"\n").unwrap_err();
    assert!(quoted.contains("x.yaml:2:34: day.csv:2:3: `1,200` could be 1200 or 1.2"), "{quoted}");
    assert!(quoted.contains("hint: write `1200`, or `1.2`"), "{quoted}");
    let all = plan(&"0,x\n".repeat(12)).unwrap_err();
    let places: Vec<_> = all.match_indices("day.csv:").map(|(at, _)| &all[at + 8..at + 11]).collect();
    assert_eq!(places, ["1:3", "2:3", "3:3", "4:3", "5:3"], "{all}");
}

#[test]
fn a_trace_is_played_from_a_second_faster_and_at_other_rates_and_the_plan_says_so() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("day.csv"), "0;1.000,5\n60;40\n3600;10,0\n").unwrap();
    let plan = |trace: &str| {
        let text = format!(
            "question: q\nworkload: {{shape: {{trace: {{{trace}}}}}}}\nphases: {{prepare: 0s, warm_up: 5s, measure: 15s}}\n"
        );
        let document = Document::parse(&folder.path().join("x.yaml"), text, &Overrides::default()).unwrap();
        plan::compile(&document).map_err(|faults| faults.to_string())
    };
    let played = plan("file: day.csv, from: 1m, scale: 2, speed: 360").unwrap();
    assert_eq!(played.budget().messages, 990, "40/s until 59 / 6 s, then 10/s, twice");
    let said = "day.csv: 3 rows from second 0 to 3600; played from its second 60, rates × 2, 360 times as fast; its last row holds on from 9.83s";
    assert!(played.to_string().contains(&format!("traces      {said}\n")), "{played}");
    assert!(played.draw(200).contains(said), "{}", played.draw(200));
    assert_eq!(played.to_json()["treatments"][0]["traces"][0]["speed"], 360.0);
    for (trace, told) in [
        ("from: 30s", "`trace` has no `file`"),
        ("file: day.csv, from: 2h", "`day.csv` ends at its second 3600, before 2h"),
        ("file: day.csv, from: 30", "`30` has no unit of time"),
        ("file: day.csv, scale: 0", "`0` is not a number from 0.001 to 1000000"),
        ("file: day.csv, speed: -1", "`-1` is not a number from 0.001 to 1000000"),
        ("file: day.csv, sped: 2", "did you mean `speed`?"),
        ("file: night.csv", "`night.csv` cannot be read: "),
    ] {
        let faults = plan(trace).unwrap_err();
        assert!(faults.contains(told), "{trace}\n{faults}");
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
fn the_committed_experiments_have_no_faults_fit_the_schema_and_are_in_the_table_of_questions() {
    let readme = fs::read_to_string(experiments().join("README.md")).unwrap();
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
        let name = file.file_name().unwrap().to_string_lossy();
        assert!(readme.contains(&format!("| [`{name}`]({name}) | ")), "{name} is not in the table");
    }
    assert!(files >= 2);
    assert!(!validator.is_valid(&serde_json::json!({ "question": "q", "topic": { "partitons": 1 } })));
}

#[test]
fn the_shipped_experiment_takes_no_more_than_eight_minutes() {
    let document = Document::load(&experiments().join("partitions.yaml"), &Overrides::default()).unwrap();
    let plan = plan::compile(&document).unwrap();
    assert_eq!(plan.trials.len(), 48);
    assert!(plan.budget().longest_s < 450.0, "{:?}", plan.budget());
}

#[test]
fn rate_max_bounds_the_queues_unless_the_file_does_and_leaves_no_shares_to_keep() {
    let queue = |fleet: &str| {
        let text = format!("question: q\nworkload: {{rate: max, fleets: [{{name: a{fleet}}}]}}\n");
        let plan = compile(&text, &[]).unwrap();
        plan.treatments[0].settings.workload.fleets[0].properties.clone()
    };
    assert_eq!(queue("")["queue.buffering.max.kbytes"], "8192");
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

#[test]
fn cores_are_a_list_of_numbers_and_those_a_host_lacks_are_no_fault_of_the_file() {
    let plan = compile(&format!("{GOOD}load: {{priority: realtime, cores: [4711, 0]}}\n"), &[]).unwrap();
    assert_eq!(plan.treatments[0].settings.load.cores, Some(vec![0, 4711]));
    for (lines, fault) in [
        ("load: {cores: 2}\n", "`load.cores` should be a list"),
        ("load: {cores: []}\n", "`load.cores` is empty"),
        ("load: {cores: [0, -1]}\n", "`-1` is no core"),
        ("load: {cores: [1, 1]}\n", "core 1 is written twice"),
        ("load: {priority: high}\n", "`high` is nothing that `load.priority` can be"),
    ] {
        assert!(faults_with(lines).contains(fault), "{lines}: {}", faults_with(lines));
    }
    let plan = compile(&format!("{GOOD}factors: {{load.priority: [normal, realtime]}}\n"), &[]).unwrap();
    assert_eq!(plan.treatments.len(), 2);
}

#[test]
fn a_reader_that_has_had_enough_is_no_panic() {
    let bench = env!("CARGO_BIN_EXE_bench");
    let mut child = std::process::Command::new(bench)
        .arg("schema")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(141), ""));
}

#[test]
fn a_response_is_a_metric_that_the_experiment_has() {
    let plan =
        compile(&format!("{GOOD}responses: [p99(send_delay), load_cpu_cores, processed]\n"), &[]).unwrap();
    let names: Vec<&str> = plan.responses.iter().map(|response| response.metric.name.as_str()).collect();
    assert_eq!(names, ["send_delay_p99_ms", "load_cpu_cores", "processed_msgs_per_s"]);
    let told = faults_with("responses: [speed, processed, processed_msgs_per_s, {a: 1}]\n");
    for said in [
        "`speed` is no metric",
        "`processed_msgs_per_s` is there already, as `processed`",
        "a mapping is no metric",
    ] {
        assert!(told.contains(said), "`{said}` is not in:\n{told}");
    }
    assert!(faults_with("responses: []\n").contains("`responses` is empty"));
    let alone =
        compile("question: q\nworkload: {rate: 10/s}\nresponses: [p99(end_to_end)]\n", &[]).unwrap_err();
    assert!(alone.contains("`p99(end_to_end)` speaks of consumers, and the experiment has none"), "{alone}");
}
