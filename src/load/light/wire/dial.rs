//! From an address to a connection that is ready for requests: TCP, TLS, versions, login; a few at a time, each within its time.

use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::protocol::StrBytes;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::rustls::pki_types::ServerName;

use super::request::{self, Versions};
use super::sasl::{self, Login};
use super::stream::{Stream, exchange};
use super::tls::Tls;
use crate::timeline::Clock;

/// Brokers keep 50 connections that they have not accepted yet; beyond that a connect waits for a second.
const AT_A_TIME: usize = 32;

/// Lets a few connections be made at a time, for all light producers of the process.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    /// An open gate.
    pub fn new() -> Self {
        Gate(Arc::new(Semaphore::new(AT_A_TIME)))
    }
}

/// All that dialling needs.
#[derive(Clone, Debug)]
pub struct Dial {
    /// Who is let through when.
    pub gate: Gate,
    /// Tells how long it took.
    pub clock: Clock,
    /// Where the broker listens.
    pub address: Arc<(String, u16)>,
    /// The client's name.
    pub client: StrBytes,
    /// What it must be done within.
    pub within: Duration,
    /// Options of the socket: no delay, keep-alive.
    pub socket: (bool, bool),
    /// TLS, where it is asked for.
    pub tls: Option<Tls>,
    /// The login, where it is asked for.
    pub login: Option<Arc<Login>>,
}

impl Dial {
    /// The connection, the versions to speak on it, and how long that took since it was let through, in ns; or the reason why not.
    pub async fn connect(self) -> Result<(Stream, Versions, u64), String> {
        let _permit = self.gate.0.acquire().await.map_err(|_| "the run is over".to_owned())?;
        let since = self.clock.now();
        let within = self.within;
        let ready = tokio::time::timeout(within, self.establish()).await;
        let (stream, versions) =
            ready.map_err(|_| format!("no connection within {} s", within.as_secs_f64()))??;
        Ok((stream, versions, self.clock.now().saturating_sub(since)))
    }

    async fn establish(&self) -> Result<(Stream, Versions), String> {
        let (host, port) = &*self.address;
        let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(|error| error.to_string())?;
        let (no_delay, keep_alive) = self.socket;
        stream.set_nodelay(no_delay).map_err(|error| error.to_string())?;
        rustix::net::sockopt::set_socket_keepalive(&stream, keep_alive).map_err(|error| error.to_string())?;
        let mut stream = match &self.tls {
            None => Stream::Plain(stream),
            Some(tls) => {
                let name = ServerName::try_from(host.clone()).map_err(|error| error.to_string())?;
                let stream = tls.0.connect(name, stream).await.map_err(|error| format!("TLS: {error}"))?;
                Stream::Tls(Box::new(stream))
            }
        };
        let mut version = request::first_api_versions();
        let versions = loop {
            let mut bytes = Vec::new();
            request::api_versions(&mut bytes, version, &self.client);
            let frame = exchange(&mut stream, &bytes).await?;
            match request::read_api_versions(&frame, version) {
                Ok(versions) => break versions,
                Err((true, _)) => version = 0,
                Err((false, reason)) => return Err(reason),
            }
        };
        if let Some(login) = &self.login {
            sasl::log_in(&mut stream, login, &self.client, versions.sasl_authenticate).await?;
        }
        Ok((stream, versions))
    }
}
