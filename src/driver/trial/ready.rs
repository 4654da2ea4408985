//! Waiting until all groups are ready.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::{LOOK, Stage};
use crate::driver::DriverError;
use crate::driver::group::{Group, READY_WITHIN};

/// What producers without consumers get for connecting.
const CONNECTED: Duration = Duration::from_millis(300);
/// How often it is looked whether a group that does not come together is of another type.
const LOOK_AT_TYPE: Duration = Duration::from_secs(3);

impl Stage<'_> {
    /// False when a signal came first.
    pub(super) fn await_ready(&mut self) -> Result<bool, DriverError> {
        let deadline = Instant::now() + READY_WITHIN;
        let mut looked = Instant::now();
        if self.groups.is_empty() {
            // Nothing tells that producers are connected; what they still lack then is the warm-up's.
            std::thread::sleep(CONNECTED);
            return Ok(true);
        }
        loop {
            self.look_at_broker()?;
            self.hear(LOOK)?;
            let (world, subject) = (self.world, self.subject);
            world.hold(subject, &mut self.groups);
            let late =
                self.groups.iter_mut().find_map(|group| (!group.is_ready(world, subject)).then_some(&*group));
            let Some(late) = late else {
                let by: BTreeSet<String> = self.groups.iter().map(Group::ready_by).collect();
                self.note("ready", &by.into_iter().collect::<Vec<_>>().join("; "));
                self.raw.ready_ns = Some(self.clock.now());
                return Ok(true);
            };
            if self.shutdown.is_asked() {
                self.raw.interrupted = true;
                return Ok(false);
            }
            if let Some(denied) = late.denied(self.clock.now()) {
                self.raw.denied = true;
                return Err(denied);
            }
            if looked.elapsed() > LOOK_AT_TYPE {
                looked = Instant::now();
                if let Some(misnamed) = late.misnamed(world, subject) {
                    return Err(misnamed);
                }
            }
            if Instant::now() > deadline {
                return Err(late.not_ready(&self.subject.topics));
            }
        }
    }
}
