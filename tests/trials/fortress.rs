//! A broker with a door for each kind of client: logins of every kind, certificates of both sides, and rights that differ.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use kafka_bench::cluster::{Broker, BrokerSpec, Talk};
use kafka_bench::units::Bytes;
use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::messages::delete_acls_request::DeleteAclsFilter;
use kafka_protocol::messages::{CreateAclsRequest, DeleteAclsRequest};
use kafka_protocol::protocol::StrBytes;

use super::scram::give_password;
use super::wire::ask;

/// Who has a password for PLAIN: `of-` and the name.
const USERS: [&str; 5] = ["kim", "mia", "wes", "ria", "lea"];

/// The broker, and where its certificates are.
pub struct Fortress {
    broker: Broker,
    /// The broker's certificate, which vouches for itself.
    pub ca: String,
    /// Of a client that the broker knows: certificate and key.
    pub known: [String; 2],
    /// Of one that it does not know.
    pub stranger: [String; 2],
    _folder: tempfile::TempDir,
}

impl Fortress {
    /// Who logs in.
    pub fn with_login(&self) -> String {
        self.broker.load_servers()
    }

    /// Who comes by TLS and shows a certificate of its own.
    pub fn by_tls(&self) -> String {
        self.broker.consumer_servers()
    }

    /// Whoever comes.
    pub fn open(&self) -> String {
        self.broker.control_servers()
    }
}

/// Users are let in by name and password: `kim` may do nothing, `mia` may make topics, `wes` may write to them too, `ria` may read them too but is no member of a
/// group, `lea` may do all of that until it is taken from her; `sam` logs in by SCRAM, `tom` by a token, `pat` has a certificate: they may do all.
pub fn fortress() -> &'static Fortress {
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
        let [known, stranger] = ["pat", "eve"].map(|name| certificate(folder.path(), name));
        let users: Vec<String> = USERS.iter().map(|user| format!("user_{user}=\"of-{user}\"")).collect();
        let module = |of: &str| format!("org.apache.kafka.common.security.{of} required");
        let config = [
            (
                "listener.security.protocol.map",
                "LOAD:SASL_PLAINTEXT,CONSUMERS:SSL,CONTROL:PLAINTEXT,CONTROLLER:PLAINTEXT",
            ),
            ("ssl.keystore.location", &store),
            ("ssl.keystore.password", "secret"),
            ("ssl.truststore.location", &known[0]),
            ("ssl.truststore.type", "PEM"),
            ("listener.name.consumers.ssl.client.auth", "required"),
            ("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512,OAUTHBEARER"),
            (
                "listener.name.load.plain.sasl.jaas.config",
                &format!("{} {};", module("plain.PlainLoginModule"), users.join(" ")),
            ),
            (
                "listener.name.load.scram-sha-512.sasl.jaas.config",
                &format!("{};", module("scram.ScramLoginModule")),
            ),
            // Without a handler of its own it believes tokens that nobody has signed.
            (
                "listener.name.load.oauthbearer.sasl.jaas.config",
                &format!("{};", module("oauthbearer.OAuthBearerLoginModule")),
            ),
            ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
            ("super.users", "User:ANONYMOUS;User:sam;User:tom;User:CN=pat"),
        ];
        let config = config.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let spec = BrokerSpec { version: "4.3.1".to_owned(), heap: Bytes::new(512 << 20), config };
        let (data, log) = (folder.path().join("data"), folder.path().join("log"));
        let broker = Broker::start(&spec, &data, &log, &mut Talk { tell: &mut |_| (), stop: &|| false });
        let fortress = Fortress { broker: broker.unwrap(), ca, known, stranger, _folder: folder };
        // Operations as Kafka numbers them: 3 to read, 4 to write, 5 to create, 6 to delete, 8 to describe, 10 to describe the settings.
        allow(&fortress.open(), "User:mia", &[5, 6, 8, 10]);
        allow(&fortress.open(), "User:wes", &[4, 5, 6, 8, 10]);
        allow(&fortress.open(), "User:ria", &[3, 4, 5, 6, 8, 10]);
        allow(&fortress.open(), "User:lea", &[3, 4, 5, 6, 8, 10]);
        // These may be members of any group.
        for who in ["User:wes", "User:lea"] {
            grant(&fortress.open(), who, (3, "", &[3, 6, 8]));
        }
        give_password(&fortress.open(), "sam", "of-sam");
        fortress
    })
}

/// A certificate that vouches for itself, and its key, as files.
fn certificate(folder: &Path, name: &str) -> [String; 2] {
    let [certificate, key] =
        ["pem", "key"].map(|end| folder.join(format!("{name}.{end}")).display().to_string());
    let subject = format!("/CN={name}");
    let done = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-days", "30", "-subj", &subject, "-out", &certificate, "-keyout", &key])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    [certificate, key]
}

/// Lets somebody do these to topics whose names begin with `bench-`.
fn allow(servers: &str, who: &'static str, operations: &[i8]) {
    grant(servers, who, (2, "bench-", operations));
}

/// Lets somebody do these to resources of this kind (2: topics, 3: groups) whose names begin so; to all where that is nothing.
fn grant(servers: &str, who: &'static str, (kind, begin, operations): (i8, &'static str, &[i8])) {
    // A name as it is, or the beginning of one.
    let (name, pattern) = if begin.is_empty() { ("*", 3) } else { (begin, 4) };
    let creation = |operation: &i8| {
        AclCreation::default()
            .with_resource_type(kind)
            .with_resource_name(StrBytes::from_static_str(name))
            .with_resource_pattern_type(pattern)
            .with_principal(StrBytes::from_static_str(who))
            .with_host(StrBytes::from_static_str("*"))
            .with_operation(*operation)
            .with_permission_type(3)
    };
    let request = CreateAclsRequest::default().with_creations(operations.iter().map(creation).collect());
    let answer = ask(servers, 3, &request);
    assert!(answer.results.iter().all(|result| result.error_code == 0), "{answer:?}");
}

/// Lets somebody no more read topics whose names begin with `bench-`.
pub fn forbid_reading(servers: &str, who: &'static str) {
    let filter = DeleteAclsFilter::default()
        .with_resource_type_filter(2)
        .with_resource_name_filter(Some(StrBytes::from_static_str("bench-")))
        .with_pattern_type_filter(4)
        .with_principal_filter(Some(StrBytes::from_static_str(who)))
        .with_host_filter(None)
        .with_operation(3)
        .with_permission_type(3);
    let answer = ask(servers, 3, &DeleteAclsRequest::default().with_filters(vec![filter]));
    let taken: usize = answer.filter_results.iter().map(|result| result.matching_acls.len()).sum();
    assert_eq!(taken, 1, "{answer:?}");
}
