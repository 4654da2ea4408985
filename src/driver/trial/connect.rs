//! The wait for producers that tell when they are connected.

use std::time::{Duration, Instant};

use super::{LOOK, Stage};
use crate::driver::DriverError;
use crate::driver::event::{Event, Watcher};
use crate::load::Fleet;

/// How long light producers may take to connect before the trial goes on without the last of them.
const CONNECTED_WITHIN: Duration = Duration::from_mins(1);

impl Stage<'_> {
    /// Waits for the producers that tell when they are connected; those that are not in time go on trying while their messages wait. False when a
    /// signal came first.
    pub(super) fn await_connected(&mut self, watcher: Watcher<'_>) -> Result<bool, DriverError> {
        let Some(of) = self.fleet.as_ref().map(|fleet| fleet.connected().of).filter(|of| *of > 0) else {
            return Ok(true);
        };
        watcher(&Event::Phase("connect"));
        let begun = Instant::now();
        let deadline = begun + CONNECTED_WITHIN;
        let connected = loop {
            let connected = self.fleet.as_ref().map(Fleet::connected).unwrap_or_default();
            if connected.up == of || connected.hopeless || Instant::now() > deadline {
                break connected;
            }
            if self.shutdown.is_asked() {
                self.raw.interrupted = true;
                return Ok(false);
            }
            watcher(&Event::Connecting { up: connected.up, of });
            self.hear(LOOK)?;
        };
        let trouble = connected.trouble.unwrap_or_default();
        if connected.up == 0 {
            let within = begun.elapsed().as_secs();
            return Err(DriverError::NotConnected { of, within, trouble });
        }
        if connected.up < of {
            self.note("connect", &format!("{} of {of} producers were connected: {trouble}", connected.up));
        }
        self.raw.spent_s.insert("connect".to_owned(), connected.took_ns as f64 / 1e9);
        self.raw.spent_s.insert("connect_worst".to_owned(), connected.worst_ns as f64 / 1e9);
        Ok(true)
    }
}
