//! One Apache Kafka broker, started and stopped by bench: KRaft mode, three listeners, a log of its own.

mod coming;
mod faces;
mod java;
mod start;

pub use coming::Coming;
pub use faces::Faces;
pub use start::BrokerFiles;

use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, io};

use java::Java;
use rustix::process::Signal;

use super::properties::{LISTENERS, LOGS, Ports, deletes_late};
use super::{ClusterError, child};
use crate::spec::{Properties, Role};
use crate::units::Bytes;

/// A broker that has not come up by then will not.
const UP_WITHIN: Duration = Duration::from_mins(1);
const PROPERTIES_FILE: &str = "server.properties";
const UNPACKED: &str = "unpacked";
const LOG4J_FILE: &str = "log4j2.properties";
const OLD_LOG4J_FILE: &str = "log4j.properties";

/// What to start.
#[derive(Clone, Debug)]
pub struct BrokerSpec {
    /// Version of Apache Kafka.
    pub version: String,
    /// The JVM's heap.
    pub heap: Bytes,
    /// Settings that go over bench's own.
    pub config: Properties,
}

/// A running broker; its data goes when it stops.
#[derive(Debug)]
pub struct Broker {
    process: Mutex<Child>,
    id: i32,
    version: Option<String>,
    ports: Ports,
    /// Where clients are told to go: its ports, or what stands before them.
    faces: Ports,
    java: Java,
}

impl Broker {
    /// Kills it without a warning and starts it again on the same ports and data.
    pub fn restart(&self, spec: &BrokerSpec) -> Result<(), ClusterError> {
        self.kill()?;
        self.start_again(spec)
    }

    /// Kills it without a warning; its data stays, and it may be started again.
    pub fn kill(&self) -> Result<(), ClusterError> {
        let mut process = self.process();
        let ended = process.kill().and_then(|()| process.wait());
        ended.map_err(|source| self.files(source))?;
        Ok(())
    }

    /// Starts it, once it was killed, on the same ports and data.
    pub fn start_again(&self, spec: &BrokerSpec) -> Result<(), ClusterError> {
        *self.process() = self.java.start_broker(spec.heap)?;
        self.await_up(&|| false)
    }

    /// Starts it, once it was killed, and waits for nothing.
    pub fn start_soon(&self, spec: &BrokerSpec) -> Result<Coming, ClusterError> {
        *self.process() = self.java.start_broker(spec.heap)?;
        Coming::of(self.id, &self.control_servers(), &self.java.data)
    }

    /// Lets it stand still.
    pub fn pause(&self) {
        child::signal(&self.process(), Signal::STOP);
    }

    /// Lets it go on after [`Self::pause`].
    pub fn resume(&self) {
        child::signal(&self.process(), Signal::CONT);
    }

    fn await_up(&self, stop: &dyn Fn() -> bool) -> Result<(), ClusterError> {
        let log = &self.java.log;
        let client = coming::asker(&self.control_servers())?;
        let deadline = Instant::now() + UP_WITHIN;
        while Instant::now() < deadline {
            if stop() {
                return Err(ClusterError::Stopped);
            }
            if !self.is_alive() {
                return Err(ClusterError::Broker { what: "died while it started", log_tail: tail(log) });
            }
            if coming::is_known(&client, self.id) {
                return Ok(());
            }
        }
        Err(ClusterError::Broker { what: "did not come up within a minute", log_tail: tail(log) })
    }

    fn files(&self, source: io::Error) -> ClusterError {
        ClusterError::Files { path: self.java.data.clone(), source }
    }

    /// Its number in the cluster, counted from 1.
    pub fn id(&self) -> i32 {
        self.id
    }

    /// Where producers connect.
    pub fn load_servers(&self) -> String {
        format!("127.0.0.1:{}", self.faces[0])
    }

    /// Where consumers connect.
    pub fn consumer_servers(&self) -> String {
        format!("127.0.0.1:{}", self.faces[1])
    }

    /// Where bench itself asks and commands.
    pub fn control_servers(&self) -> String {
        format!("127.0.0.1:{}", self.ports[2])
    }

    /// The port that it listens on for a role, whatever stands before it.
    pub fn port(&self, role: Role) -> u16 {
        self.ports[LISTENERS[role as usize]]
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process().id()
    }

    /// Whether it looks for files of deleted topics for the first time half a minute after its start, whatever it is told.
    pub fn deletes_late(&self) -> bool {
        self.version().is_some_and(deletes_late)
    }

    /// The version of its jars; `None` where their names do not tell.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    fn process(&self) -> MutexGuard<'_, Child> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where its partitions lie.
    pub fn logs(&self) -> PathBuf {
        self.java.data.join(LOGS)
    }

    /// Where it writes what it has to say.
    pub fn log(&self) -> &Path {
        &self.java.log
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        matches!(self.process().try_wait(), Ok(None))
    }

    /// Stops it and removes its data.
    pub fn stop(self) -> Result<(), ClusterError> {
        // Its data goes anyway: an orderly shutdown would only take time.
        self.kill()?;
        fs::remove_dir_all(&self.java.data).map_err(|source| self.files(source))
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // The last resort of a path that did not stop it.
        if self.is_alive() {
            self.kill().ok();
        }
        fs::remove_dir_all(&self.java.data).ok();
    }
}

/// What went wrong first, as far as the log tells it, and its last lines.
pub fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(20);
    let is_error =
        |line: &&&str| line.contains("ERROR") || line.contains("FATAL") || line.starts_with("Exception");
    let first = lines[..from].iter().find(is_error).map(|line| format!("{line}\n[…]\n"));
    first.unwrap_or_default() + &lines[from..].join("\n")
}
