//! A broker that was started again while a trial runs: nobody waits for it, and whoever wants to know asks.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::UP_WITHIN;
use crate::cluster::ClusterError;

/// How long an answer is waited for before it is asked for again.
const ANSWER_WITHIN: Duration = Duration::from_millis(200);

/// A broker on its way up.
#[derive(Debug)]
pub struct Coming {
    id: i32,
    halt: Arc<AtomicBool>,
    up: JoinHandle<bool>,
}

impl Coming {
    /// Of the broker of this number that listens there and has its data there.
    pub(super) fn of(id: i32, servers: &str, data: &Path) -> Result<Self, ClusterError> {
        let client = asker(servers)?;
        let halt = Arc::new(AtomicBool::new(false));
        let halted = Arc::clone(&halt);
        let wait = move || {
            let deadline = Instant::now() + UP_WITHIN;
            while Instant::now() < deadline && !halted.load(Relaxed) {
                if is_known(&client, id) {
                    return true;
                }
            }
            false
        };
        let up = std::thread::Builder::new().name("broker-comes".to_owned()).spawn(wait);
        let failed = |source: io::Error| ClusterError::Files { path: data.to_owned(), source };
        Ok(Coming { id, halt, up: up.map_err(failed)? })
    }

    /// Its number.
    pub fn id(&self) -> i32 {
        self.id
    }

    /// Whether nothing more is to be waited for.
    pub fn is_over(&self) -> bool {
        self.up.is_finished()
    }

    /// Whether it came up; waits for that for as long as `wait` says so.
    pub fn is_up(self, wait: &dyn Fn() -> bool) -> bool {
        while !self.up.is_finished() && wait() {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.halt.store(true, Relaxed);
        self.up.join().unwrap_or(false)
    }
}

/// A client that asks a single broker.
pub(super) fn asker(servers: &str) -> Result<BaseConsumer, ClusterError> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", servers).set("log_level", "0").set("reconnect.backoff.ms", "20");
    config.set("reconnect.backoff.max.ms", "50");
    config.create().map_err(|source| ClusterError::Client { reason: source.to_string() })
}

/// Whether it is answered that the broker of this number is there: one of several answers before the others know of it.
pub(super) fn is_known(client: &BaseConsumer, id: i32) -> bool {
    let found = client.fetch_metadata(None, ANSWER_WITHIN);
    found.is_ok_and(|found| found.brokers().iter().any(|broker| broker.id() == id))
}
