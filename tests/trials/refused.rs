//! A cluster that will not have a client says so within seconds, in its own words, before the first trial; by both clients.

use std::time::{Duration, Instant};

use super::fortress::{Fortress, fortress};
use super::support::Desk;

/// What is told is told within that: starting, connecting, and the patience that is had with a cluster.
const WITHIN: Duration = Duration::from_secs(15);

/// What is told of a run that does not come to its first trial, and its exit code.
pub fn told(servers: &str, properties: &str, rest: &str) -> (Option<i32>, String) {
    let cluster = format!("{{ bootstrap: {{ servers: \"{servers}\", properties: {{ {properties} }} }} }}");
    let desk = Desk::with_cluster(&cluster, rest);
    let begun = Instant::now();
    let output = desk.run(&[]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(begun.elapsed() < WITHIN, "{:?}: {told}", begun.elapsed());
    let trials = std::fs::read_dir(desk.results().join("trials")).map_or(0, Iterator::count);
    assert_eq!(trials, 0, "{told}");
    (output.status.code(), told)
}

/// A load whose one fleet has this client and these properties.
pub fn load(client: &str, properties: &str, more: &str) -> String {
    format!(
        "workload: {{ rate: 50/s, {more} fleets: [ {{ name: all, client: {client}, properties: {{ {properties} }} }} ] }}\n\
         phases: {{ warm_up: 0s, measure: 5s, drain: 0s }}\n"
    )
}

pub fn login(user: &str, password: &str) -> String {
    format!(
        "security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.username: {user}, sasl.password: {password}"
    )
}

/// Who comes by TLS and shows this certificate.
pub fn shown(fortress: &Fortress, [certificate, key]: &[String; 2]) -> String {
    format!(
        "security.protocol: ssl, ssl.ca.location: {}, ssl.certificate.location: {certificate}, ssl.key.location: {key}",
        fortress.ca
    )
}

#[test]
fn a_cluster_that_lets_nobody_of_the_run_in_says_why_before_anything_else_is_tried() {
    let fortress = fortress();
    let localhost = fortress.by_tls().replace("127.0.0.1", "localhost");
    let with_ca = format!("security.protocol: ssl, ssl.ca.location: {}", fortress.ca);
    let other = login("kim", "of-kim").replace("PLAIN,", "SCRAM-SHA-256,");
    let proof = login("sam", "guess").replace("PLAIN,", "SCRAM-SHA-512,");
    let strange = shown(fortress, &fortress.stranger);
    for (servers, properties, words) in [
        (fortress.open(), "security.protocol: ssl", "PLAINTEXT broker listener"),
        (fortress.by_tls(), "", "security.protocol"),
        (fortress.with_login(), "", "or a login? see `security.protocol`"),
        (fortress.by_tls(), "security.protocol: ssl", "certificate verify failed"),
        (localhost, &with_ca, "certificate verify failed"),
        (fortress.with_login(), &login("kim", "guess"), "Invalid username or password"),
        (fortress.with_login(), &other, "supported mechanisms: PLAIN"),
        (fortress.with_login(), &proof, "invalid credentials with SASL mechanism SCRAM-SHA-512"),
        (fortress.by_tls(), &with_ca, "see `ssl.certificate.location`"),
        (fortress.by_tls(), &strange, "see `ssl.certificate.location`"),
    ] {
        let (code, told) = told(&servers, properties, &load("librdkafka", "", ""));
        assert_eq!(code, Some(3), "{told}");
        assert!(told.contains(words), "`{words}` is not in: {told}");
    }
}

#[test]
fn a_fleet_that_a_broker_refuses_is_told_by_name_whatever_its_client() {
    let fortress = fortress();
    let (open, with_login) = (fortress.open(), fortress.with_login());
    let wrong = "sasl.password: guess";
    let other = "sasl.mechanism: SCRAM-SHA-256";
    let proof = "sasl.mechanism: SCRAM-SHA-512, sasl.username: sam";
    let (mia, pat) = (login("mia", "of-mia"), shown(fortress, &fortress.known));
    let own = format!(
        "ssl.certificate.location: {}, ssl.key.location: {}",
        fortress.stranger[0], fortress.stranger[1]
    );
    let by_tls = fortress.by_tls();
    let idempotent = "enable.idempotence: true";
    for (client, mechanism, credentials) in [
        (
            "librdkafka",
            "supported mechanisms: PLAIN",
            "invalid credentials with SASL mechanism SCRAM-SHA-512",
        ),
        ("light", "OAUTHBEARER, not SCRAM-SHA-256", "invalid credentials with SASL mechanism SCRAM-SHA-512"),
    ] {
        let plaintext = if client == "light" { "plaintext listener" } else { "PLAINTEXT broker listener" };
        for (servers, common, properties, words) in [
            (&open, "", "security.protocol: ssl", plaintext),
            (&with_login, &mia, wrong, "Invalid username or password"),
            (&with_login, &mia, other, mechanism),
            (&with_login, &mia, proof, credentials),
            (&with_login, &mia, "", "Topic authorization failed"),
            (&with_login, &mia, idempotent, "Cluster authorization failed"),
            (&by_tls, &pat, &own, "see `ssl.certificate.location`"),
        ] {
            let (code, told) = told(servers, common, &load(client, properties, ""));
            assert_eq!(code, Some(3), "{told}");
            assert!(told.contains("fleet `all` cannot write"), "{told}");
            assert!(told.contains(words), "{client}: `{words}` is not in: {told}");
        }
    }
}

#[test]
fn a_user_who_may_make_no_topic_and_one_without_an_id_for_transactions_are_told() {
    let with_login = fortress().with_login();
    let (code, first) = told(&with_login, &login("kim", "of-kim"), &load("light", "", ""));
    assert_eq!(code, Some(3), "{first}");
    assert!(first.contains("Authorization failed"), "{first}");
    let transactions =
        load("librdkafka", "", "").replace("client:", "transactions: { commit_every: 1s }, client:");
    let (code, second) = told(&with_login, &login("wes", "of-wes"), &transactions);
    assert_eq!(code, Some(3), "{second}");
    assert!(second.contains("Transactional Id authorization failed"), "{second}");
}

#[test]
fn messages_that_the_broker_finds_too_large_are_found_before_the_first_trial() {
    for client in ["librdkafka", "light"] {
        let rest = load(client, "", "message: { size: 3KiB, compressibility: 0% },");
        let rest = format!("topic: {{ config: {{ max.message.bytes: 2000 }} }}\n{rest}");
        let (code, told) = told(&fortress().open(), "", &rest);
        assert_eq!(code, Some(3), "{told}");
        assert!(told.contains("essage size too large"), "{told}");
    }
}

#[test]
fn too_many_partitions_are_refused_in_the_brokers_words_and_not_by_a_code() {
    let (code, told) =
        told(&fortress().open(), "", &format!("topic: {{ partitions: 10001 }}\n{}", load("light", "", "")));
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("Excessively large number of partitions"), "{told}");
}
