//! From an address to a connection that is ready for requests: TCP, TLS, versions, login; a few at a time at each address, each within its time. Of several
//! addresses the first that answers serves.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kafka_protocol::protocol::StrBytes;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::rustls::pki_types::ServerName;

use super::request::{self, Versions};
use super::sasl::{self, Login};
use super::stream::{Stream, exchange};
use super::tls::Tls;
use crate::cluster::{Weight, certificate_hint};
use crate::timeline::Clock;

/// Brokers keep 50 connections that they have not accepted yet; beyond that a connect waits for a second.
const AT_A_TIME: usize = 32;
/// How long a server may be silent before the next one is asked too.
const HEAD_START: Duration = Duration::from_millis(250);

/// Where a broker listens: host and port.
pub type Address = Arc<(String, u16)>;

/// Lets a few connections be made at a time to each address, for all light producers of the process: one that does not answer holds up nobody at another.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<Mutex<HashMap<Address, Arc<Semaphore>>>>);

impl Gate {
    fn of(&self, address: &Address) -> Arc<Semaphore> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let semaphore = all.entry(Arc::clone(address)).or_insert_with(|| Arc::new(Semaphore::new(AT_A_TIME)));
        Arc::clone(semaphore)
    }
}

/// Why there is no connection, and how much that says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hindrance {
    /// How much it says.
    pub weight: Weight,
    /// What was told.
    pub words: String,
}

impl Hindrance {
    fn away(words: String) -> Self {
        Hindrance { weight: Weight::Away, words }
    }

    /// By a broker, or by what it is.
    pub fn refused(words: String) -> Self {
        Hindrance { weight: Weight::Refused, words }
    }

    /// The same, with the address that it stood at before its words.
    #[must_use]
    pub fn at(self, address: &Address) -> Self {
        let (host, port) = &**address;
        Hindrance { words: format!("{host}:{port}: {}", self.words), ..self }
    }
}

/// A connection that is ready for requests.
#[derive(Debug)]
pub struct Ready {
    /// The connection.
    pub stream: Stream,
    /// The versions to speak on it.
    pub versions: Versions,
    /// How long it took since it was let through, in ns.
    pub took_ns: u64,
    /// To whom.
    pub address: Address,
}

/// What is asked of a connection's socket.
#[derive(Clone, Copy, Debug)]
pub struct SocketOptions {
    /// What is written goes out at once, however little it is.
    pub no_delay: bool,
    /// The kernel asks whether a silent peer is there.
    pub keep_alive: bool,
}

/// All that dialling needs.
#[derive(Clone, Debug)]
pub struct Dial {
    /// Who is let through when.
    pub gate: Gate,
    /// Tells how long it took.
    pub clock: Clock,
    /// Where brokers listen, any of whom will do: the first is asked first.
    pub addresses: Vec<Address>,
    /// The client's name.
    pub client: StrBytes,
    /// What it must be done within.
    pub within: Duration,
    /// Options of the socket.
    pub socket: SocketOptions,
    /// TLS, where it is asked for.
    pub tls: Option<Tls>,
    /// The login, where it is asked for.
    pub login: Option<Arc<Login>>,
}

impl Dial {
    /// The connection, or the reason that says most why there is none. Must be called within a `LocalSet`.
    pub async fn connect(self) -> Result<Ready, Hindrance> {
        if let [address] = &self.addresses[..] {
            let address = Arc::clone(address);
            return self.reach(address).await;
        }
        let (mut tries, mut left) = (JoinSet::new(), self.addresses.iter().cloned());
        let mut told: Option<Hindrance> = None;
        loop {
            let next = left.next();
            if let Some(address) = next.clone() {
                let reach = self.clone().reach(Arc::clone(&address));
                tries.spawn_local(async move { reach.await.map_err(|one| one.at(&address)) });
            }
            let patience = if next.is_some() { HEAD_START } else { Duration::MAX };
            match tokio::time::timeout(patience, tries.join_next()).await {
                Ok(Some(Ok(Ok(ready)))) => return Ok(ready),
                Ok(Some(Ok(Err(one)))) if told.as_ref().is_none_or(|told| one.weight < told.weight) => {
                    told = Some(one);
                }
                Ok(None) if next.is_none() => break,
                _ => {} // silent, or told already
            }
        }
        Err(told.unwrap_or_else(|| Hindrance::away("no server is named".to_owned())))
    }

    async fn reach(self, address: Address) -> Result<Ready, Hindrance> {
        let gate = self.gate.of(&address);
        let _permit = gate.acquire().await.map_err(|_| Hindrance::away("the run is over".to_owned()))?;
        let since = self.clock.now();
        let ready = tokio::time::timeout(self.within, self.establish(&address)).await;
        let late = |_| Hindrance::away(format!("no connection within {} s", self.within.as_secs_f64()));
        let (stream, versions) = ready.map_err(late)??;
        Ok(Ready { stream, versions, took_ns: self.clock.now().saturating_sub(since), address })
    }

    async fn establish(&self, address: &Address) -> Result<(Stream, Versions), Hindrance> {
        let (host, port) = &**address;
        let away = |error: io::Error| Hindrance::away(error.to_string());
        let no_option = |error: rustix::io::Errno| Hindrance::away(error.to_string());
        let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(away)?;
        let SocketOptions { no_delay, keep_alive } = self.socket;
        stream.set_nodelay(no_delay).map_err(away)?;
        rustix::net::sockopt::set_socket_keepalive(&stream, keep_alive).map_err(no_option)?;
        let mut stream = match &self.tls {
            None => Stream::Plain(stream),
            Some(tls) => {
                let name = ServerName::try_from(host.clone())
                    .map_err(|error| Hindrance::refused(error.to_string()))?;
                let stream = tls.0.connect(name, stream).await.map_err(|error| no_tls(&error))?;
                Stream::Tls(Box::new(stream))
            }
        };
        let mut version = request::first_api_versions();
        let versions = loop {
            let mut bytes = Vec::new();
            request::api_versions(&mut bytes, version, &self.client);
            let frame = exchange(&mut stream, &bytes).await.map_err(|words| self.not_kafka(&words))?;
            match request::read_api_versions(&frame, version) {
                Ok(versions) => break versions,
                Err((true, _)) => version = 0,
                Err((false, reason)) => return Err(Hindrance::refused(reason)),
            }
        };
        if let Some(login) = &self.login {
            let logged_in = sasl::log_in(&mut stream, login, &self.client, versions.sasl_authenticate).await;
            logged_in.map_err(Hindrance::refused)?;
        }
        Ok((stream, versions))
    }

    /// Whoever is there ended the connection at the first question, or answered with something else.
    fn not_kafka(&self, words: &str) -> Hindrance {
        let hint = match certificate_hint(words) {
            Some(hint) => hint,
            None if self.tls.is_none() => ": is this a TLS listener, and `security.protocol` wrong?",
            None => "",
        };
        Hindrance::refused(format!("{words} when it was asked for its versions{hint}"))
    }
}

fn no_tls(error: &io::Error) -> Hindrance {
    let words = error.to_string();
    // What rustls calls bytes that are no TLS, and a listener of Kafka's that takes a greeting for a length hangs up.
    let no_tls = words.contains("corrupt message") || error.kind() == io::ErrorKind::UnexpectedEof;
    let hint = if no_tls { ": is this a plaintext listener, and `security.protocol` wrong?" } else { "" };
    Hindrance::refused(format!("TLS: {words}{hint}"))
}
