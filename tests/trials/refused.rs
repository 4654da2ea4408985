//! A cluster that will not have a client says so within seconds, in its own words, before the first trial; by both clients.

use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use kafka_bench::cluster::{Broker, BrokerSpec, Talk};
use kafka_bench::units::Bytes;
use kafka_protocol::messages::CreateAclsRequest;
use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::protocol::StrBytes;

use super::support::Desk;
use super::wire::ask;

/// What is told is told within that: starting, connecting, and the patience that is had with a cluster.
const WITHIN: Duration = Duration::from_secs(15);

/// A broker with a door for each kind of client.
struct Fortress {
    broker: Broker,
    /// The certificate that vouches for itself.
    ca: String,
    _folder: tempfile::TempDir,
}

impl Fortress {
    /// Who logs in by a password.
    fn with_login(&self) -> String {
        self.broker.load_servers()
    }

    /// Who comes by TLS.
    fn by_tls(&self) -> String {
        self.broker.consumer_servers()
    }

    /// Whoever comes.
    fn open(&self) -> String {
        self.broker.control_servers()
    }
}

/// Users are let in by name and password; `kim` may do nothing, `mia` may make topics, `wes` may write to them too.
fn fortress() -> &'static Fortress {
    static FORTRESS: OnceLock<Fortress> = OnceLock::new();
    FORTRESS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let [store, ca] = ["store.p12", "ca.pem"].map(|name| folder.path().join(name).display().to_string());
        let keytool = |arguments: &str| {
            let done = Command::new("keytool")
                .args(arguments.split(' '))
                .args(["-alias", "broker", "-keystore", &store, "-storepass", "secret"])
                .output()
                .unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
        };
        keytool(
            "-genkeypair -keyalg EC -groupname secp256r1 -dname CN=broker -validity 30 -ext SAN=IP:127.0.0.1 -storetype PKCS12",
        );
        keytool(&format!("-exportcert -rfc -file {ca}"));
        let config = [
            (
                "listener.security.protocol.map",
                "LOAD:SASL_PLAINTEXT,CONSUMERS:SSL,CONTROL:PLAINTEXT,CONTROLLER:PLAINTEXT",
            ),
            ("ssl.keystore.location", &store),
            ("ssl.keystore.password", "secret"),
            ("sasl.enabled.mechanisms", "PLAIN"),
            (
                "listener.name.load.plain.sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required user_kim=\"of-kim\" user_mia=\"of-mia\" user_wes=\"of-wes\";",
            ),
            ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
            ("super.users", "User:ANONYMOUS"),
        ];
        let config = config.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let spec = BrokerSpec { version: "4.3.1".to_owned(), heap: Bytes::new(512 << 20), config };
        let (data, log) = (folder.path().join("data"), folder.path().join("log"));
        let broker = Broker::start(&spec, &data, &log, &mut Talk { tell: &mut |_| (), stop: &|| false });
        let fortress = Fortress { broker: broker.unwrap(), ca, _folder: folder };
        // Operations as Kafka numbers them: 4 to write, 5 to create, 6 to delete, 8 to describe, 10 to describe the settings.
        allow(&fortress.open(), "User:mia", &[5, 6, 8, 10]);
        allow(&fortress.open(), "User:wes", &[4, 5, 6, 8, 10]);
        fortress
    })
}

/// Lets somebody do these to topics whose names begin with `bench-`.
fn allow(servers: &str, who: &'static str, operations: &[i8]) {
    let creation = |operation: &i8| {
        AclCreation::default()
            .with_resource_type(2)
            .with_resource_name(StrBytes::from_static_str("bench-"))
            .with_resource_pattern_type(4)
            .with_principal(StrBytes::from_static_str(who))
            .with_host(StrBytes::from_static_str("*"))
            .with_operation(*operation)
            .with_permission_type(3)
    };
    let request = CreateAclsRequest::default().with_creations(operations.iter().map(creation).collect());
    let answer = ask(servers, 3, &request);
    assert!(answer.results.iter().all(|result| result.error_code == 0), "{answer:?}");
}

/// What is told of a run that does not come to its first trial, and its exit code.
fn told(servers: &str, properties: &str, rest: &str) -> (Option<i32>, String) {
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
fn load(client: &str, properties: &str, more: &str) -> String {
    format!(
        "workload: {{ rate: 50/s, {more} fleets: [ {{ name: all, client: {client}, properties: {{ {properties} }} }} ] }}\n\
         phases: {{ warm_up: 0s, measure: 5s, drain: 0s }}\n"
    )
}

fn login(user: &str, password: &str) -> String {
    format!(
        "security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.username: {user}, sasl.password: {password}"
    )
}

#[test]
fn a_cluster_that_lets_nobody_of_the_run_in_says_why_before_anything_else_is_tried() {
    let fortress = fortress();
    let localhost = fortress.by_tls().replace("127.0.0.1", "localhost");
    let with_ca = format!("security.protocol: ssl, ssl.ca.location: {}", fortress.ca);
    let other = login("kim", "of-kim").replace("PLAIN,", "SCRAM-SHA-512,");
    for (servers, properties, words) in [
        (fortress.open(), "security.protocol: ssl", "PLAINTEXT broker listener"),
        (fortress.by_tls(), "", "security.protocol"),
        (fortress.with_login(), "", "or a login? see `security.protocol`"),
        (fortress.by_tls(), "security.protocol: ssl", "certificate verify failed"),
        (localhost, &with_ca, "certificate verify failed"),
        (fortress.with_login(), &login("kim", "guess"), "Invalid username or password"),
        (fortress.with_login(), &other, "supported mechanisms: PLAIN"),
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
    let other = "sasl.mechanism: SCRAM-SHA-512";
    let idempotent = "enable.idempotence: true";
    for (client, cases) in [
        (
            "librdkafka",
            [
                (&open, "", "security.protocol: ssl", "PLAINTEXT broker listener"),
                (&with_login, "mia of-mia", wrong, "Invalid username or password"),
                (&with_login, "mia of-mia", other, "supported mechanisms: PLAIN"),
                (&with_login, "mia of-mia", "", "Topic authorization failed"),
                (&with_login, "mia of-mia", idempotent, "Cluster authorization failed"),
            ],
        ),
        (
            "light",
            [
                (&open, "", "security.protocol: ssl", "plaintext listener"),
                (&with_login, "mia of-mia", wrong, "Invalid username or password"),
                (&with_login, "mia of-mia", other, "the broker takes PLAIN, not SCRAM-SHA-512"),
                (&with_login, "mia of-mia", "", "Topic authorization failed"),
                (&with_login, "mia of-mia", idempotent, "Cluster authorization failed"),
            ],
        ),
    ] {
        for (servers, user, properties, words) in cases {
            let common = user.split_once(' ').map(|(user, password)| login(user, password));
            let (code, told) = told(servers, &common.unwrap_or_default(), &load(client, properties, ""));
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
