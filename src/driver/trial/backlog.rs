//! What is written before the consumers are started.

use super::Stage;
use crate::driver::DriverError;
use crate::driver::event::{Event, Watcher};
use crate::load::{Written, write_backlog};

impl Stage<'_> {
    /// Writes it, where the file asks for one; false when a signal came first. Canaries lie before it: a group is ready once it has begun to read.
    pub(super) fn write_backlog(&mut self, watcher: Watcher<'_>) -> Result<bool, DriverError> {
        let settings = &self.subject.treatment.settings;
        let Some(backlog) = settings.backlog else { return Ok(true) };
        if !settings.is_followed() {
            self.raw.canaries = self.world.send_canaries(self.subject)?;
        }
        watcher(&Event::Phase("backlog"));
        let spec = self.world.load_spec(self.subject, &self.raw.starts)?;
        let (world, shutdown) = (self.world, self.shutdown);
        let stop = || shutdown.is_asked() || !world.is_up();
        let Some(written) = write_backlog(spec, backlog, (self.clock, &world.results), &stop)? else {
            self.look_at_broker()?;
            self.raw.interrupted = true;
            return Ok(false);
        };
        let Written { messages, took_s, .. } = &written;
        self.note("backlog", &format!("{messages} messages were written in {took_s:.1} s"));
        self.raw.spent_s.insert("backlog".to_owned(), *took_s);
        self.raw.written = Some(written);
        Ok(true)
    }
}
