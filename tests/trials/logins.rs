//! Whole trials of clients that prove who they are: producers of both kinds, consumers, and bench's own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::fortress::fortress;
use crate::refused::{load, login, shown, told};
use crate::support::{Desk, number};
use crate::{books_close, undisturbed};

const BOTH: &str = "{ name: heavy, client: librdkafka, share: 50% }, { name: crowd, client: light, producers: 3, share: 50% }";
const ALONE: &str = "{ name: heavy, client: librdkafka, producers: 2 }";

/// A run with these properties of all clients, in which all that was due is written and read.
fn whole(servers: &str, properties: &str, fleets: &str) -> Desk {
    let cluster = format!("{{ bootstrap: {{ servers: \"{servers}\", properties: {{ {properties} }} }} }}");
    let rest = format!(
        "topic: {{ partitions: 2 }}\nworkload: {{ rate: 200/s, message: {{ size: 100B }}, fleets: [ {fleets} ] }}\n\
         consumers: {{ instances: 1 }}\nphases: {{ warm_up: 1s, measure: 5s, drain: 10s }}\n"
    );
    let desk = Desk::with_cluster(&cluster, &rest);
    let output = desk.run(&[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!([Some(0), Some(4)].contains(&output.status.code()), "{said}");
    let row = desk.trials().remove(0);
    undisturbed(&row);
    books_close(&row);
    assert!(number(&row, "due") > 1_000.0, "{row:?}");
    for column in ["acked", "received"] {
        assert_eq!(row[column], row["due"], "{column}: {row:?}");
    }
    desk
}

/// What the brokers said of themselves to whoever logged in.
fn versions(desk: &Desk) -> serde_json::Value {
    let manifest = std::fs::read(desk.results().join("manifest.json")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&manifest).unwrap()["cluster"]["versions"].take()
}

/// As far as brokers tell it: the last number of a release nobody does.
const RELEASE: &str = "4.3.x";

#[test]
fn both_clients_and_the_consumers_log_in_by_scram() {
    let login = login("sam", "of-sam").replace("PLAIN,", "SCRAM-SHA-512,");
    assert_eq!(versions(&whole(&fortress().with_login(), &login, BOTH)), serde_json::json!([RELEASE]));
}

#[test]
fn both_clients_and_the_consumers_show_their_own_certificate() {
    let fortress = fortress();
    let desk = whole(&fortress.by_tls(), &shown(fortress, &fortress.known), BOTH);
    assert_eq!(versions(&desk), serde_json::json!([RELEASE]));
}

/// A fake of a server of tokens, over plain HTTP: whoever brings the secret gets a token that nobody has signed, for an hour.
struct FakeTokens {
    url: String,
}

const SECRET: &str = "secret-of-tom";

impl FakeTokens {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                answer(client);
            }
        });
        FakeTokens { url }
    }

    /// What clients are told that get their tokens there.
    fn login(&self, secret: &str) -> String {
        format!(
            "security.protocol: SASL_PLAINTEXT, sasl.mechanism: OAUTHBEARER, sasl.oauthbearer.method: oidc, \
             sasl.oauthbearer.client.id: tom, sasl.oauthbearer.client.secret: {secret}, \
             sasl.oauthbearer.token.endpoint.url: \"{}\"",
            self.url
        )
    }
}

/// Answers one request; a client that went away is no matter.
fn answer(mut client: TcpStream) {
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let (mut length, mut may) = (0, false);
    let known = format!("Basic {}", STANDARD.encode(format!("tom:{SECRET}")));
    for line in reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()) {
        let Some((name, value)) = line.split_once(": ") else { continue };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => may = value == known,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap_or_default();
    let asks = String::from_utf8_lossy(&body).contains("grant_type=client_credentials");
    let (status, body) = if may && asks {
        ("200 OK", format!("{{\"access_token\": \"{}\", \"token_type\": \"Bearer\"}}", token()))
    } else {
        ("401 Unauthorized", "{\"error\": \"invalid_client\"}".to_owned())
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n");
    write!(client, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap_or_default();
}

/// For `tom`, from now on for an hour; without a signature.
fn token() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let claims = serde_json::json!({
        "sub": "tom", "iat": now.as_secs(), "exp": (now + Duration::from_hours(1)).as_secs(),
    });
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.", part("{\"alg\":\"none\"}".to_owned()), part(claims.to_string()))
}

#[test]
fn librdkafkas_clients_log_in_by_a_token_that_they_get_by_oidc() {
    whole(&fortress().with_login(), &FakeTokens::start().login(SECRET), ALONE);
}

#[test]
fn a_server_of_tokens_that_gives_none_is_told_before_the_first_trial() {
    let login = FakeTokens::start().login("guess");
    let (code, told) = told(&fortress().with_login(), &login, &load("librdkafka", "", ""));
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("OAUTHBEARER token") && told.contains("invalid_client"), "{told}");
    assert!(!told.contains("guess"), "{told}");
}
