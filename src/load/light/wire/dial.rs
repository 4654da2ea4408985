//! From an address to a connection that is ready for requests: TCP, TLS, versions, login; a few at a time, each within its time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use kafka_protocol::protocol::StrBytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

use super::frame;
use super::request::{self, Versions};
use super::sasl::{self, Login};
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

/// A connection, plain or encrypted.
#[derive(Debug)]
pub enum Stream {
    /// As TCP has it.
    Plain(TcpStream),
    /// Inside TLS.
    Tls(Box<TlsStream<TcpStream>>),
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

/// Writes a whole request and reads the frame that answers it.
pub async fn exchange(stream: &mut Stream, request: &[u8]) -> Result<Vec<u8>, String> {
    stream.write_all(request).await.map_err(|error| error.to_string())?;
    stream.flush().await.map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    loop {
        if let Some(range) = frame::first(&bytes)? {
            return Ok(bytes[range].to_vec());
        }
        if stream.read_buf(&mut bytes).await.map_err(|error| error.to_string())? == 0 {
            return Err("the broker closed the connection".to_owned());
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
