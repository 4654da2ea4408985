//! Clients that librdkafka would not make, and what the environment lacks, are told by `bench check`.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::process::{Command, Output};

fn bench(text: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.yaml"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command.args([&arguments[..1], &["x.yaml"], &arguments[1..]].concat()).current_dir(folder.path());
    command.envs(environment.iter().copied()).env_remove("BENCH_UNSET").output().unwrap()
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What `bench check` tells of this file, which it must find faulty.
fn faults(text: &str) -> String {
    let output = bench(text, &["check"], &[]);
    assert_eq!(output.status.code(), Some(2), "{text}\n{}", told(&output));
    told(&output)
}

#[test]
fn librdkafka_judges_each_combination_as_the_clients_will_be_made() {
    let file = |more: &str| format!("question: q\n{more}\n");
    let consumers = |properties: &str| {
        faults(&file(&format!(
            "workload: {{rate: 9/s}}\nconsumers:\n  group: orders\n  properties: {{{properties}}}"
        )))
    };
    let fleet =
        |fleet: &str| faults(&file(&format!("workload:\n  rate: 9/s\n  fleets: [{{name: a, {fleet}}}]")));
    for (faults, at, words) in [
        (
            consumers("max.poll.interval.ms: 6000"),
            "x.yaml:5:",
            "librdkafka refuses the consumers of group `orders`: `max.poll.interval.ms`must be >= `session.timeout.ms` (`session.timeout.ms` is `45000` by default)",
        ),
        (
            consumers("group.protocol: consumer, session.timeout.ms: 6000"),
            "x.yaml:5:62",
            "`session.timeout.ms` is not supported for `group.protocol=consumer`",
        ),
        (
            consumers("group.protocol: consumer, heartbeat.interval.ms: 600"),
            "x.yaml:5:",
            "`heartbeat.interval.ms` is not supported",
        ),
        (
            fleet("properties: {enable.idempotence: true, acks: 1}"),
            "x.yaml:4:",
            "librdkafka refuses the producers of fleet `a`: `acks` must be set to `all` when `enable.idempotence` is true",
        ),
        (
            fleet("transactions: {}, properties: {request.required.acks: 1}"),
            "x.yaml:4:",
            "`acks` must be set to `all`",
        ),
        (
            fleet("properties: {linger.ms: 900, message.timeout.ms: 800}"),
            "x.yaml:4:",
            "`message.timeout.ms` must be greater than `linger.ms`",
        ),
        (
            fleet("client: light, properties: {enable.idempotence: true, acks: 1}"),
            "x.yaml:4:",
            "the light client refuses the producers of fleet `a`: `enable.idempotence` needs `acks: all`",
        ),
        (
            faults(&file(
                "workload: {rate: 9/s}\ncluster: {bootstrap: {servers: \"a:1\", properties: {security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.username: u}}}",
            )),
            "x.yaml:3:",
            "librdkafka refuses the clients of the cluster: ",
        ),
        (
            faults(&file(
                "workload: {rate: 9/s}\nconsumers: {}\nfactors: {consumers.properties.session.timeout.ms: [6000, 400000]}",
            )),
            "x.yaml:4:",
            "`max.poll.interval.ms` is `300000` by default",
        ),
    ] {
        assert!(faults.starts_with(at) && faults.contains(words), "{at} {words}\n{faults}");
    }
}

#[test]
fn a_combination_is_judged_with_what_bench_adds_and_with_the_environments_values() {
    // Bench's own heartbeat is left out where the group's protocol refuses it.
    let new = "question: q\nworkload: {rate: 9/s}\nconsumers: {properties: {group.protocol: consumer}}\n";
    assert_eq!(bench(new, &["check"], &[]).status.code(), Some(0));
    let from =
        "question: q\nworkload: {rate: 9/s}\nconsumers: {properties: {max.poll.interval.ms: \"${POLL}\"}}\n";
    assert_eq!(bench(from, &["check"], &[("POLL", "60000")]).status.code(), Some(0));
    let output = bench(from, &["check"], &[("POLL", "600")]);
    assert!(told(&output).contains("librdkafka refuses"), "{}", told(&output));
}

#[test]
fn a_variable_that_is_not_set_is_told_by_check_and_doubted_by_plan() {
    for rest in [
        "cluster: {bootstrap: {servers: \"a:1\", properties: {sasl.password: \"${BENCH_UNSET}\"}}}",
        "cluster: {bootstrap: {servers: \"${BENCH_UNSET}\"}}",
        "topic: {config: {retention.ms: \"${BENCH_UNSET}\"}}",
    ] {
        let text = format!("question: q\nworkload: {{rate: 9/s}}\n{rest}\n");
        let told_by_check = faults(&text);
        assert!(told_by_check.starts_with("x.yaml:3:"), "{told_by_check}");
        assert!(told_by_check.contains("the environment has no `BENCH_UNSET`"), "{told_by_check}");
        let plan = bench(&text, &["plan"], &[]);
        assert_eq!(plan.status.code(), Some(0));
        assert!(
            told(&plan).contains("doubt: ") && told(&plan).contains("no `BENCH_UNSET`"),
            "{}",
            told(&plan)
        );
    }
}

#[test]
fn a_secret_on_the_command_line_is_not_said_again() {
    let text = "question: q\nworkload: {rate: 9/s}\nconsumers: {}\n";
    for set in [
        "consumers.propertees.sasl.password=hunter2",
        "consumers.properties.sasl.pasword.x=hunter2",
        "consumers.properties={security.protocol: ssl, ssl.key.pem: hunter2}",
        "consumers={propertis: {sasl.password: hunter2}}",
        "consumers.properties={ssl.key.password: hunter2, group.protocol: hunter}",
        "cluster.bootstrap.properties.sasl.password=hunter2",
    ] {
        let output = bench(text, &["check", "--set", set], &[]);
        assert_eq!(output.status.code(), Some(2), "{set}");
        assert!(!told(&output).contains("hunter2"), "{set}\n{}", told(&output));
    }
}

#[test]
fn a_property_has_one_value_whichever_of_its_names_is_written() {
    for (properties, told) in [
        ("linger.ms: 0, queue.buffering.max.ms: 9", "`queue.buffering.max.ms` and `linger.ms` are two names"),
        (
            "acks: 1, topic.request.required.acks: all",
            "`topic.request.required.acks` and `acks` are two names",
        ),
        ("topic.auto.offset.reset: latest", "`topic.auto.offset.reset` is set by bench itself"),
        ("auto.commit.enable: true", "`auto.commit.enable` is set by bench itself"),
        ("delivery.report.only.error: true", "`delivery.report.only.error` is set by bench itself"),
        ("test.mock.num.brokers: 1", "`test.mock.num.brokers` is set by bench itself"),
    ] {
        let fleet = format!("fleets: [{{name: a, properties: {{{properties}}}}}]");
        let faults = faults(&format!("question: q\nworkload: {{rate: 9/s, {fleet}}}\n"));
        assert!(faults.contains(told), "{properties}\n{faults}");
    }
    // What a topic is told are Kafka's own names.
    let topic = "question: q\nworkload: {rate: 9/s}\ntopic: {config: {compression.type: lz4}}\n";
    assert_eq!(bench(topic, &["check"], &[]).status.code(), Some(0));
}

#[test]
fn a_fleets_property_replaces_that_of_all_clients_under_any_of_its_names() {
    let with = |common: &str, own: &str| {
        let text = format!(
            "question: q\ncluster: {{bootstrap: {{servers: \"a:1\", properties: {{{common}}}}}}}\n\
             workload: {{rate: 9/s, fleets: [{{name: a, properties: {{{own}, enable.idempotence: true}}}}]}}\n"
        );
        bench(&text, &["check"], &[])
    };
    for _ in 0..8 {
        let passes = with("acks: 1", "request.required.acks: all");
        assert_eq!(passes.status.code(), Some(0), "{}", told(&passes));
        assert_eq!(with("request.required.acks: all", "acks: 1").status.code(), Some(2));
    }
}

#[test]
fn a_value_of_the_environment_is_judged_as_one_in_the_file() {
    let text =
        "question: q\nworkload: {rate: 9/s, fleets: [{name: a, properties: {linger.ms: \"${LINGER}\"}}]}\n";
    assert_eq!(bench(text, &["check"], &[("LINGER", "7")]).status.code(), Some(0));
    let wrong = bench(text, &["check"], &[("LINGER", "notanumber")]);
    assert_eq!(wrong.status.code(), Some(2), "{}", told(&wrong));
    assert!(told(&wrong).contains("librdkafka refuses the producers of fleet `a`: "), "{}", told(&wrong));
    assert!(told(&wrong).contains("linger.ms"), "{}", told(&wrong));
}

#[test]
fn a_login_by_token_is_taken_from_librdkafkas_clients_and_told_where_the_light_client_has_none() {
    let file = |client: &str| {
        format!(
            "question: q\ncluster:\n  bootstrap:\n    servers: a:1\n    properties:\n      security.protocol: SASL_SSL\n      \
             sasl.mechanism: OAUTHBEARER\n      sasl.oauthbearer.method: oidc\n      sasl.oauthbearer.client.id: bench\n      \
             sasl.oauthbearer.client.secret: \"${{BENCH_SECRET}}\"\n      sasl.oauthbearer.token.endpoint.url: https://a/token\n\
             workload: {{rate: 9/s, fleets: [{{name: a, client: {client}}}]}}\n"
        )
    };
    let checked = bench(&file("librdkafka"), &["check"], &[("BENCH_SECRET", "s")]);
    assert_eq!(checked.status.code(), Some(0), "{}", told(&checked));
    let light = faults(&file("light"));
    for (place, name) in [("x.yaml:7:", "sasl.mechanism"), ("x.yaml:8:", "sasl.oauthbearer.method")] {
        assert!(light.contains(place), "{light}");
        assert!(
            light.contains(&format!("does not log in by OAUTHBEARER, which `{name}` is about")),
            "{light}"
        );
    }
    assert!(light.contains("hint: write `client: librdkafka`"), "{light}");
}
