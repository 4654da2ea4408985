//! What is promised of secrets.

use super::*;

fn lookup(name: &str) -> Option<String> {
    match name {
        "USER" => Some("kim".to_owned()),
        "PASSWORD" => Some("kim-hunter2".to_owned()),
        _ => None,
    }
}

fn told(text: &str, properties: &Properties, lookup: impl Fn(&str) -> Option<String>) -> String {
    Redaction::with(properties, is_secret, lookup).text(text)
}

#[test]
fn a_reference_is_resolved_and_a_missing_one_named() {
    assert_eq!(resolve_with("u=${USER};p=${PASSWORD}", lookup).unwrap(), "u=kim;p=kim-hunter2");
    assert_eq!(resolve_with("no reference", lookup).unwrap(), "no reference");
    assert_eq!(resolve_with("${NOBODY}", lookup).unwrap_err().name, "NOBODY");
}

#[test]
fn a_secret_is_turned_back_into_its_name_wherever_it_shows_up() {
    let properties: Properties = [("sasl.password", "${PASSWORD}"), ("sasl.username", "${USER}")]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    assert_eq!(
        told("login of kim with kim-hunter2 failed", &properties, lookup),
        "login of ${USER} with ${PASSWORD} failed"
    );
}

fn properties(all: &[(&str, &str)]) -> Properties {
    all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn secrets_are_known_by_their_properties_names() {
    for name in [
        "sasl.password",
        "ssl.key.password",
        "ssl.keystore.password",
        "ssl.key.pem",
        "sasl.jaas.config",
        "listener.name.a.plain.sasl.jaas.config",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config",
        "sasl.oauthbearer.assertion.private.key.pem",
        "consumers.properties.sasl.password",
        "My.API.Token",
        "ssl.keystore.key",
        "schema.registry.basic.auth.user.info",
        "MY_API_KEY",
    ] {
        assert!(is_secret(name), "{name}");
        assert_eq!((masked(name, "x").as_str(), masked(name, "${X}").as_str()), ("***", "${X}"), "{name}");
        assert_eq!(masked(name, "x${X}"), "***");
    }
    for name in [
        "linger.ms",
        "sasl.username",
        "ssl.key.location",
        "sasl.oauthbearer.token.endpoint.url",
        "workload.message.keys",
        "sasl.mechanism",
    ] {
        assert!(!is_secret(name), "{name}");
    }
}

#[test]
fn a_password_in_an_address_is_hidden_whatever_the_name() {
    for (text, kept) in [
        ("http://kim:hunter2@h:9404/metrics?a=b", "http://kim:***@h:9404/metrics?a=b"),
        ("pg://kim:a:b@c@h", "pg://kim:***@h"),
        ("pg://kim:x${P}@h/d", "pg://kim:***@h/d"),
        ("pg://kim:${P}@h/d", "pg://kim:${P}@h/d"),
        ("http://h:9404/a@b:c", "http://h:9404/a@b:c"),
        ("http://kim@h", "http://kim@h"),
        ("http://kim:a@h:1,http://kim:b@i", "http://kim:***@h:1,http://kim:***@i"),
        ("a:b@c", "a:b@c"),
    ] {
        assert_eq!((masked("DATABASE", text).as_str(), without_login(text).as_str()), (kept, kept));
    }
}

#[test]
fn nothing_but_secrets_is_taken_out_of_a_text() {
    let lookup = |name: &str| Some(if name == "LINGER" { "5" } else { "hunter2" }.to_owned());
    let of =
        properties(&[("linger.ms", "${LINGER}"), ("sasl.password", "${P}"), ("sasl.username", "${LINGER}")]);
    assert_eq!(
        told("5 of 55 in 0.5 s: hunter2 is wrong", &of, lookup),
        "${LINGER} of 55 in 0.${LINGER} s: ${P} is wrong"
    );
    let plain = properties(&[("sasl.password", "hunter2"), ("linger.ms", "5")]);
    assert_eq!(told("55 hunter2s", &plain, lookup), "55 ***s");
    let both = properties(&[("ssl.key.password", "ab${P}")]);
    assert_eq!(told("abhunter2 hunter2", &both, lookup), "*** ${P}");
}

#[test]
fn what_a_variable_takes_from_the_environment_is_hidden_whatever_its_name_is() {
    let of = properties(&[("DATABASE", "pg://${USER}:${PASSWORD}@h"), ("LEVEL", "debug")]);
    let hidden = Redaction::with(&of, |_| true, lookup).text("debug: pg://kim:kim-hunter2@h");
    assert_eq!(hidden, "debug: pg://kim:${PASSWORD}@h", "three letters are part of any word");
    assert_eq!(told("kim-hunter2", &of, lookup), "${PASSWORD}", "an address has a password, whoever's it is");
    let of = properties(&[("client.rack", "${PASSWORD}")]);
    assert_eq!(told("kim-hunter2", &of, lookup), "kim-hunter2", "a property is known by its name");
}

#[test]
fn of_a_secret_of_several_lines_each_is_hidden_by_itself() {
    let key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkq==\n-----END KEY-----\n";
    let of = properties(&[("ssl.key.pem", "${KEY}")]);
    let lookup = |_: &str| Some(key.to_owned());
    assert_eq!(told("read MIIEvQIBADANBg as a key", &of, lookup), "read ${KEY} as a key");
    assert_eq!(told(key.trim(), &of, lookup), "${KEY}\n${KEY}\nkq==\n${KEY}");
}

#[test]
fn a_secret_of_few_letters_garbles_no_sentence_and_is_hidden_where_it_is_a_value() {
    let said = "a broker says: Invalid username or password; `a` is no key, password=a, \"a\"";
    let lookup = |_: &str| Some("a".to_owned());
    for (written, instead) in [("a", "***"), ("${P}", "${P}")] {
        let of = properties(&[("sasl.password", written)]);
        let told = told(said, &of, lookup);
        assert_eq!(
            told,
            format!(
                "a broker says: Invalid username or password; `{instead}` is no key, password={instead}, \"{instead}\""
            )
        );
    }
    // From four letters on, wherever it stands.
    assert_eq!(told("abcde", &properties(&[("sasl.password", "abcd")]), lookup), "***e");
}

#[test]
fn what_kafka_resolves_itself_is_left_to_it() {
    let text = "${file:/run/s.properties:key} ${USER}";
    assert_eq!(resolve_with(text, lookup).unwrap(), "${file:/run/s.properties:key} kim");
}

#[test]
fn a_broken_reference_is_wrong() {
    assert!(wrong_reference("${PASSWORD").is_some() && wrong_reference("${}").is_some());
    assert!(wrong_reference("${PASSWORD} $5").is_none());
}

/// What is `***` where it is asked for may be said by whoever was told it.
#[test]
fn what_is_masked_as_a_value_is_taken_out_of_every_text() {
    for (property, value) in [
        ("DATABASE", "pg://kim:hunter2@h"),
        ("schema.registry.url", "http://kim:hunter2@h:8081,http://kim:hunter2@i:8081"),
        ("DATABASE", "pg://kim:hun${TER}@h"),
        ("basic.auth.user.info", "kim:hunter2"),
        ("SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO", "kim:hunter2"),
        ("ssl.keystore.key", "hunter2"),
        ("sasl.jaas.config", "PlainLoginModule required username=\"kim\" password=\"hunter2\";"),
    ] {
        let of = properties(&[(property, value)]);
        let lookup = |name: &str| (name == "TER").then(|| "ter2".to_owned());
        assert!(masked(property, value) != value, "{property}");
        let known: [fn(&str) -> bool; 2] = [is_secret, |_| true];
        for hides in known {
            let text = Redaction::with(&of, hides, lookup).text("kim has hunter2, pg://ann:hunter2@h");
            assert_eq!(text, "kim has ***, pg://ann:***@h", "{property}: {value}");
        }
    }
}

#[test]
fn a_password_that_an_address_takes_from_elsewhere_is_turned_back_into_what_it_was_taken_from() {
    let of = properties(&[("registry", "http://${LOGIN}@${HOST}:8081")]);
    let lookup = |name: &str| Some(if name == "LOGIN" { "kim:hunter2" } else { "somewhere" }.to_owned());
    let text = told("http://kim:hunter2@somewhere:8081 says that hunter2 is wrong", &of, lookup);
    assert_eq!(text, "http://${LOGIN}@somewhere:8081 says that *** is wrong");
    let short = properties(&[("registry", "http://kim:a@h")]);
    assert_eq!(told("a host http://kim:a@h", &short, lookup), "a host http://kim:***@h");
}

#[test]
fn whoever_prints_what_is_hidden_prints_no_secret() {
    let of = Redaction::of(&properties(&[("sasl.password", "hunter2")]));
    assert!(!format!("{of:?}").contains("hunter2"));
    let both = of.and(Redaction::of_all(&properties(&[("DATABASE", "pg://kim:swordfish@h")])));
    assert_eq!(both.text("hunter2, swordfish"), "***, ***");
}
