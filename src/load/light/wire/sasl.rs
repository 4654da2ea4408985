//! The login: SASL's PLAIN and SCRAM, inside Kafka's own requests.

use bytes::Bytes;
use kafka_protocol::messages::ResponseHeader;
use kafka_protocol::messages::{
    ApiKey, SaslAuthenticateRequest, SaslAuthenticateResponse, SaslHandshakeRequest, SaslHandshakeResponse,
};
use kafka_protocol::protocol::{Decodable, HeaderVersion, StrBytes};

use super::frame::{Head, write};
use super::scram::{Hash, Scram};
use super::stream::{Stream, exchange};

/// How a login proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// The password itself.
    Plain,
    /// A proof of the password, by this hash.
    Scram(Hash),
}

impl Mechanism {
    /// By its name in SASL, in any case.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "PLAIN" => Some(Mechanism::Plain),
            "SCRAM-SHA-256" => Some(Mechanism::Scram(Hash::Sha256)),
            "SCRAM-SHA-512" => Some(Mechanism::Scram(Hash::Sha512)),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Mechanism::Plain => "PLAIN",
            Mechanism::Scram(Hash::Sha256) => "SCRAM-SHA-256",
            Mechanism::Scram(Hash::Sha512) => "SCRAM-SHA-512",
        }
    }
}

/// Who logs in, and how.
pub struct Login {
    /// How.
    pub mechanism: Mechanism,
    /// Who.
    pub user: String,
    /// The secret.
    pub password: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("mechanism", &self.mechanism).finish_non_exhaustive()
    }
}

/// Logs in on a fresh connection; `version` is that of the second request, which every broker since Kafka 1.0 has.
pub async fn log_in(
    stream: &mut Stream,
    login: &Login,
    client: &StrBytes,
    version: Option<i16>,
) -> Result<(), String> {
    let version = version.ok_or("the broker's login is older than Kafka 1.0")?;
    let mechanism = login.mechanism.name();
    let head = Head { api: ApiKey::SaslHandshake, version: 1, correlation: 1, client: client.clone() };
    let request = SaslHandshakeRequest::default().with_mechanism(StrBytes::from_static_str(mechanism));
    let mut bytes = Vec::new();
    write(&mut bytes, &head, &request);
    let frame = exchange(stream, &bytes).await?;
    let mut body = Bytes::from(frame).split_off(4);
    let answer =
        SaslHandshakeResponse::decode(&mut body, 1).map_err(|_| "the broker's login cannot be read")?;
    if answer.error_code != 0 {
        let offered: Vec<&str> = answer.mechanisms.iter().map(StrBytes::as_str).collect();
        return Err(format!("the broker takes {}, not {mechanism}", offered.join(", ")));
    }
    let mut session = Session { stream, client, version, correlation: 1 };
    match login.mechanism {
        Mechanism::Plain => {
            session.say(format!("\0{}\0{}", login.user, login.password).into_bytes()).await?;
        }
        Mechanism::Scram(hash) => {
            let scram = Scram::new(hash, &login.user);
            let challenge = session.say(scram.first().into_bytes()).await?;
            let (proof, expected) = scram.prove(&challenge, &login.password)?;
            let verdict = session.say(proof.into_bytes()).await?;
            if verdict != expected {
                return Err("the broker does not know the password either".to_owned());
            }
        }
    }
    Ok(())
}

struct Session<'a> {
    stream: &'a mut Stream,
    client: &'a StrBytes,
    version: i16,
    correlation: i32,
}

impl Session<'_> {
    async fn say(&mut self, words: Vec<u8>) -> Result<String, String> {
        self.correlation += 1;
        let head = Head {
            api: ApiKey::SaslAuthenticate,
            version: self.version,
            correlation: self.correlation,
            client: self.client.clone(),
        };
        let request = SaslAuthenticateRequest::default().with_auth_bytes(words.into());
        let mut bytes = Vec::new();
        write(&mut bytes, &head, &request);
        let mut frame = Bytes::from(exchange(self.stream, &bytes).await?);
        let unreadable = |_| "the broker's login cannot be read".to_owned();
        ResponseHeader::decode(&mut frame, SaslAuthenticateResponse::header_version(self.version))
            .map_err(unreadable)?;
        let answer = SaslAuthenticateResponse::decode(&mut frame, self.version).map_err(unreadable)?;
        if answer.error_code != 0 {
            let why = answer.error_message.map(|why| why.to_string()).unwrap_or_default();
            return Err(format!("the login was refused: {why}"));
        }
        Ok(String::from_utf8_lossy(&answer.auth_bytes).into_owned())
    }
}
