//! What a plan can be doubted for before anything runs: SLOs that nothing can decide, messages that are too large.

use super::{GOOD, compile};
use kafka_bench::plan::PlanDoubt;

fn doubts(text: &str) -> Vec<PlanDoubt> {
    compile(text, &[]).expect(text).doubts()
}

/// An experiment of 10 messages a second for 30 s, at equal gaps, with this SLO.
fn with_slo(slo: &str, more: &str) -> String {
    format!(
        "question: q\nworkload: {{rate: 10/s, arrivals: constant}}\nconsumers: {{}}\nslos: [\"{slo}\"]\n{more}"
    )
}

#[test]
fn an_slo_that_no_treatment_can_decide_is_a_fault_at_its_place() {
    for (slo, workload, told) in [
        ("p99(ack) < 1s", "{rate: max}", "at `rate: max` a message is due when it is sent"),
        ("max(send_delay) < 1s", "{rate: max}", "write a rate, or ask for `processed`"),
        ("lag_trend <= 1%", "{rate: max}", "at `rate: max` nothing is offered"),
        (
            "p99(ack) < 1s",
            "{rate: 10/s, arrivals: constant}",
            "takes 1000, and about 300 are due in the window",
        ),
        ("p99.9(ack) < 1s", "{rate: 10/s}", "hint: measure for 1"),
        ("p99.99999(ack) < 1s", "{rate: 1M/s}", "percentiles are kept to four decimals"),
        (
            "p99(ack) < 1s",
            "{rate: 10k/s, fleets: [{name: a, properties: {acks: 0}}]}",
            "with `acks: 0` no broker tells when it wrote",
        ),
        (
            "lag_max <= 5",
            "{rate: 10k/s, fleets: [{name: a, properties: {request.required.acks: 0}}]}",
            "nobody knows what is still to be read",
        ),
        ("connect < 1s", "{rate: 10/s}", "write `client: light`"),
        (
            "cluster_cpu_cores < 1",
            "{rate: 10/s}\ncluster: {bootstrap: {servers: \"a:1\"}}",
            "only a broker that bench starts can be watched",
        ),
        ("p50(ack) < 1s", "{rate: 10/s, until: broken}\nphases: {measure: 5s}", ""),
    ] {
        let text = format!("question: q\nconsumers: {{}}\nslos: [\"{slo}\"]\nworkload: {workload}\n");
        if told.is_empty() {
            compile(&text, &[]).unwrap();
            continue;
        }
        let faults = compile(&text, &[]).expect_err(slo);
        assert!(faults.starts_with(&format!("x.yaml:3:8: `{slo}` cannot be decided: ")), "{faults}");
        assert!(faults.contains(told), "{slo}\n{faults}");
    }
    let until = "question: q\nworkload: {rate: 10/s, until: broken}\nslos: [\"p99.9(ack) < 1s\"]\n";
    assert!(compile(until, &[]).unwrap_err().contains("`p99.9(ack) < 1s` cannot be decided"));
}

#[test]
fn an_slo_on_what_a_treatment_never_has_is_told() {
    let of = "instance_types: [{name: own, vcpus: 1, memory: 512MiB}]\nconsumers: {instance_type: own}\nemulation: {vcpu: 1%}";
    for (slo, rest, told) in [
        ("ack_latency_censored <= 0", "workload: {rate: max}", "at `rate: max` a message is due"),
        (
            "acked_msgs_per_s >= 1/s",
            "workload: {rate: 9/s, fleets: [{name: a, properties: {topic.request.required.acks: 0}}]}",
            "with `acks: 0`",
        ),
        ("fairness_jain >= 0.9", "workload: {rate: 9/s}", "one producer has no other"),
        ("producer_slowest >= 90%", "workload: {rate: 9/s}", "one producer has no other"),
        ("credit_knee > 9s", "workload: {rate: 9/s}", "nothing here has CPU credits"),
        ("time_to_drain < 1m", "workload: {rate: 9/s}\nconsumers: {}", "there is no backlog"),
        ("p99(age) < 1m", "workload: {rate: 9/s}\nconsumers: {}", "there is no backlog"),
        ("cost < $1", &format!("workload: {{rate: 9/s}}\n{of}"), "no price of its instance type is known"),
    ] {
        let faults = compile(&format!("question: q\nslos: [\"{slo}\"]\n{rest}\n"), &[]).expect_err(slo);
        assert!(
            faults.contains(&format!("`{slo}` cannot be decided: ")) && faults.contains(told),
            "{faults}"
        );
    }
    let some = "question: q\nworkload: {rate: 9/s}\nslos: [\"lag_max <= 9\"]\nfactors: {who: {all: {consumers: {}}, none: {topic.partitions: 2}}}\n";
    let some = doubts(some);
    assert_eq!(
        (some[0].id, some[0].treatments.join(" ").as_str()),
        ("slo_undecidable", "who=none"),
        "{some:?}"
    );
}

#[test]
fn a_response_that_no_treatment_can_have_is_doubted() {
    let text =
        "question: q\nworkload: {rate: max}\nconsumers: {}\nresponses: [cost, p99(end_to_end), processed]\n";
    let told: Vec<String> = doubts(text).iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("doubt: the response `cost` will be empty: what has no instance type"));
    assert!(told[1].starts_with("doubt: the response `p99(end_to_end)` will be empty: at `rate: max`"));
}

#[test]
fn an_slo_that_only_some_treatments_cannot_decide_is_a_doubt_that_names_them() {
    let some = doubts(&with_slo("p99(ack) < 1s", "factors: {workload.rate: [10/s, max, 100/s]}\n"));
    let of: Vec<_> = some.iter().map(|doubt| (doubt.id, doubt.treatments.join(" "))).collect();
    assert_eq!(of, [("slo_undecidable", "rate=10-s rate=max".to_owned())]);
    assert!(doubts(&with_slo("p99(ack) < 1s", "factors: {workload.rate: [100/s]}\n")).is_empty());
    // The greatest is of any number, and half of 300 are enough for a median.
    assert!(
        doubts(&with_slo("max(ack) < 1s", "")).is_empty()
            && doubts(&with_slo("p50(ack) < 1s", "")).is_empty()
    );
}

#[test]
fn an_slo_that_chance_decides_whether_it_can_be_is_a_doubt() {
    // A thousand are needed and a thousand are due on the average: as often as not there are fewer.
    let text = with_slo("p99(ack) < 1s", "phases: {measure: 100s}\n");
    assert!(doubts(&text).is_empty());
    let poisson = doubts(&text.replace("arrivals: constant", "arrivals: poisson"));
    assert_eq!(poisson[0].id, "slo_perhaps_undecidable");
    assert!(poisson[0].hint.as_ref().unwrap().contains("measure for 110s"), "{poisson:?}");
}

#[test]
fn an_ack_that_some_fleet_does_not_ask_for_is_unknown_from_its_share_on() {
    let with = |slo: &str| {
        format!(
            "question: q\nworkload: {{rate: 10k/s, fleets: [{{name: a, share: 90%}}, {{name: b, share: 10%, properties: {{acks: 0}}}}]}}\nslos: [\"{slo}\"]\n"
        )
    };
    assert!(doubts(&with("p90(ack) < 1s")).is_empty());
    assert!(compile(&with("p95(ack) < 1s"), &[]).unwrap_err().contains("`acks: 0`"));
}

/// The doubt about messages of this size; what else is written comes after.
fn too_large(message: &str, more: &str) -> Option<String> {
    let text = format!("question: q\nworkload: {{rate: 100/s, message: {message}}}\nconsumers: {{}}\n{more}");
    let mut all = doubts(&text).into_iter().filter(|doubt| doubt.id == "message_too_large");
    all.next().map(|doubt| doubt.to_string())
}

#[test]
fn messages_that_are_too_large_are_doubted_with_the_sum() {
    assert_eq!(too_large("{size: 1000000B}", ""), None);
    let told = too_large("{size: 1000000B, keys: {uniform: {count: 99}}}", "").unwrap();
    assert!(
        told.contains(
            "a message is 1000002 bytes (payload with envelope 1000000, key 2), more than `message.max.bytes` (1000000): the producers refuse all of them"
        ),
        "{told}"
    );
    let topic = "topic: {config: {max.message.bytes: 1000}}\n";
    // 1000 = 61 of the batch, 9 of the record and 930.
    assert!(!too_large("{size: 930B}", topic).unwrap_or_default().contains("a message is"));
    let told = too_large("{size: 931B}", topic).unwrap();
    assert!(
        told.contains("a message is 1001 bytes (payload with envelope 931, key 0, record and batch 70)"),
        "{told}"
    );
    assert!(told.contains("more than `max.message.bytes` (1000): the topic would refuse"), "{told}");
    let raised = "factors: {workload.fleets: [[{name: all, properties: {message.max.bytes: 3000000}}]]}\n";
    let told = too_large("{size: 2MB}", raised).unwrap();
    assert!(told.contains("more than Kafka's default of `message.max.bytes` (1048588)"), "{told}");
    let own = format!("{raised}cluster: {{kafka: {{config: {{message.max.bytes: 4000000}}}}}}\n");
    assert_eq!(too_large("{size: 2MB}", &own), None);
}

#[test]
fn of_drawn_sizes_the_share_that_is_too_large_is_told() {
    let table = "{size: {table: [{size: 100B, share: 75%}, {size: 2MiB, share: 25%}]}}";
    assert!(too_large(table, "").unwrap().contains("and 25.0% of them more than `message.max.bytes`"));
    // Half a megabyte and three times e of it: what is due in 40 s reaches beyond, if rarely.
    let rarely = too_large("{size: {log_normal: {median: 100kB, sigma: 0.75}}}", "").unwrap();
    assert!(rarely.contains("and fewer than 0.1%") || rarely.contains("and 0.1%"), "{rarely}");
    assert_eq!(too_large("{size: {log_normal: {median: 1kB, sigma: 0.75}}}", ""), None);
}

#[test]
fn what_compresses_may_be_larger_and_batches_that_outgrow_the_topic_are_doubted() {
    let topic = "topic: {config: {max.message.bytes: 100000}}\n";
    let batches = too_large("{size: 100B}", topic).unwrap();
    assert!(batches.contains("batches of fleet `all` may grow to 1000000 bytes"), "{batches}");
    assert!(batches.contains("write `batch.size: 100000`"), "{batches}");
    let packed = "factors: {workload.fleets: [[{name: all, properties: {compression.type: lz4, batch.size: 150000}}]]}\n";
    let both = format!("{topic}{packed}");
    assert_eq!(too_large("{size: 150kB, compressibility: 50%}", &both), None);
    assert!(
        too_large("{size: 250kB, compressibility: 50%}", &both).unwrap().contains("the topic would refuse")
    );
}

#[test]
fn a_lag_that_may_not_grow_and_may_be_as_large_as_it_likes_is_doubted() {
    let of = |slos: &str| {
        doubts(&format!("question: q\nworkload: {{rate: 100/s}}\nconsumers: {{}}\nslos: [{slos}]\n"))
    };
    let alone = of("\"lag_trend <= 1%\", \"lost <= 0\", \"p50(ack) < 1s\"");
    assert_eq!(alone.iter().map(|doubt| doubt.id).collect::<Vec<_>>(), ["lag_level"]);
    assert!(alone[0].to_string().contains("hint: add a bound of `time_lag_max`"), "{}", alone[0]);
    for level in ["time_lag_max < 1s", "lag_max <= 500", "p99(end_to_end) < 1s", "backlog_end <= 9"] {
        assert!(of(&format!("\"lag_trend <= 1%\", \"{level}\"")).is_empty(), "{level}");
    }
    assert!(!of("\"lag_trend <= 1%\", \"lag_max > 5\"").is_empty(), "a least bounds nothing");
    assert!(of("\"lost <= 0\"").is_empty());
}

#[test]
fn money_is_doubted_where_volume_grows_until_something_breaks_as_who_has_more_to_do_costs_less() {
    let of = |until: &str, slo: &str| {
        let machine = "{instance_type: t3.micro, backend: {process: {work: {cpu: 1ms}}}}";
        let all = doubts(&format!(
            "question: q\nworkload: {{rate: 100/s{until}}}\nconsumers: {machine}\nslos: [\"{slo}\", \"lost <= 0\"]\n"
        ));
        all.iter().any(|doubt| doubt.id == "slo_eases")
    };
    assert!(of(", until: broken", "cost <= $0.2"));
    assert!(!of(", until: broken", "unread <= 9"));
    assert!(!of("", "cost <= $0.2"), "each treatment is judged by itself");
}

#[test]
fn check_tells_doubts_and_is_content_and_plan_keeps_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.yaml"), format!("{GOOD}topic: {{partitions: 1}}\n")).unwrap();
    let bench = |arguments: &[&str]| {
        let set = ["--set", "consumers.instances=3"];
        let program = env!("CARGO_BIN_EXE_bench");
        std::process::Command::new(program)
            .args([arguments, &set].concat())
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    let check = bench(&["check", "x.yaml"]);
    assert_eq!(check.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&check.stderr).starts_with("doubt: more consumers than partitions"));
    for verb in ["check", "plan"] {
        let told: serde_json::Value =
            serde_json::from_slice(&bench(&[verb, "x.yaml", "--json"]).stdout).unwrap();
        assert_eq!(told["doubts"][0]["id"], "idle_instances", "{verb}");
        assert_eq!(told["doubts"][0]["treatments"], serde_json::json!(["base"]));
    }
}
