//! TLS and logins, on a broker with a certificate and users that the test makes itself.

use std::path::Path;
use std::process::Command;

use crate::scram::give_password;
use crate::support::{Cluster, Crowd, books, properties, trouble};

/// A certificate for 127.0.0.1 that vouches for itself, by the tool that every Java has.
fn certificate(folder: &Path) -> (String, String) {
    let [store, pem] = ["store.p12", "ca.pem"].map(|name| folder.join(name).display().to_string());
    let keytool = |arguments: &[&str]| {
        let done = Command::new("keytool")
            .args(arguments)
            .args(["-keystore", &store, "-storepass", "secret"])
            .output();
        let done = done.unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    };
    keytool(&[
        "-genkeypair",
        "-alias",
        "broker",
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-dname",
        "CN=broker",
        "-validity",
        "30",
        "-ext",
        "SAN=IP:127.0.0.1",
        "-storetype",
        "PKCS12",
    ]);
    keytool(&["-exportcert", "-alias", "broker", "-rfc", "-file", &pem]);
    (store, pem)
}

/// A broker whose producers come by TLS and log in, and whose consumers' listener is TLS alone.
fn cluster() -> (Cluster, String) {
    let folder = tempfile::tempdir().unwrap();
    let (store, pem) = certificate(folder.path());
    let scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
    let cluster = Cluster::start_in(
        folder,
        &[
            (
                "listener.security.protocol.map",
                "LOAD:SASL_SSL,CONSUMERS:SSL,CONTROL:PLAINTEXT,CONTROLLER:PLAINTEXT",
            ),
            ("ssl.keystore.location", &store),
            ("ssl.keystore.password", "secret"),
            ("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"),
            (
                "listener.name.load.plain.sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required user_kim=\"secret\";",
            ),
            ("listener.name.load.scram-sha-256.sasl.jaas.config", scram),
            ("listener.name.load.scram-sha-512.sasl.jaas.config", scram),
        ],
    );
    give_password(&cluster.broker.control_servers(), "kim", "secret");
    (cluster, pem)
}

#[test]
fn producers_come_by_tls_and_log_in_and_are_told_what_is_wrong_when_they_may_not() {
    let (cluster, ca) = cluster();
    cluster.create_topic("secure", 2);
    let text = std::fs::read_to_string(&ca).unwrap();
    let crowd = |servers: String, pairs: &[(&str, &str)]| Crowd {
        servers,
        topic: "secure",
        partitions: 2,
        producers: 3,
        rate: 300.0,
        properties: properties(pairs),
        light: true,
    };
    let tls_alone = cluster.broker.consumer_servers();
    let by_name = tls_alone.replace("127.0.0.1", "localhost");
    let with_login = cluster.broker.load_servers();
    let ssl = ("security.protocol", "ssl");
    let login = |mechanism, password| {
        [
            ("security.protocol", "SASL_SSL"),
            ("ssl.ca.location", ca.as_str()),
            ("sasl.mechanism", mechanism),
            ("sasl.username", "kim"),
            ("sasl.password", password),
        ]
    };
    let good = [
        crowd(tls_alone.clone(), &[ssl, ("ssl.ca.location", &ca), ("compression.type", "zstd")]),
        crowd(tls_alone.clone(), &[ssl, ("ssl.ca.pem", &text)]),
        crowd(tls_alone.clone(), &[ssl, ("enable.ssl.certificate.verification", "false"), ("acks", "0")]),
        crowd(
            by_name.clone(),
            &[ssl, ("ssl.ca.pem", &text), ("ssl.endpoint.identification.algorithm", "none")],
        ),
        crowd(with_login.clone(), &login("PLAIN", "secret")),
        crowd(with_login.clone(), &login("SCRAM-SHA-256", "secret")),
        crowd(with_login.clone(), &login("SCRAM-SHA-512", "secret")),
    ];
    let mut written = 0;
    for crowd in good {
        let [due, sent, _, failed, _] = books(&crowd.send(0.5));
        assert!(due > 80 && sent == due && failed == 0, "{:?}", crowd.properties);
        written += due;
    }
    assert_eq!(cluster.read("secure", 2).len() as u64, written);

    for (crowd, word) in [
        (crowd(tls_alone, &[ssl]), "certificate"),
        (crowd(by_name, &[ssl, ("ssl.ca.pem", &text)]), "localhost"),
        (crowd(with_login.clone(), &login("PLAIN", "guess")), "login was refused"),
        (crowd(with_login.clone(), &login("SCRAM-SHA-512", "guess")), "login was refused"),
        (crowd(with_login, &[ssl, ("ssl.ca.pem", &text)]), ""),
    ] {
        let told = trouble(crowd.clients(0), ("secure", 2));
        assert!(told.contains(word), "{told}");
    }
}
