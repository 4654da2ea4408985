//! What is done to the topic and to settings on purpose, and put back.

use super::{DONE, MISSED, OVER, Stage};
use crate::driver::injected::RawInjected;
use crate::spec::{Deed, Event};

impl Stage<'_> {
    /// Adds partitions, or changes settings, which stay so until the trial is over.
    pub(super) fn strike_cluster(&mut self, number: usize, event: &Event) {
        self.note_asked(number);
        let done = match &event.deed {
            Deed::Grow(partitions) => self.world.grow_topic(self.subject, *partitions),
            Deed::Config(change) => self.world.reconfigure(self.subject, change),
            _ => return,
        };
        match done {
            Ok(()) => {
                self.raw.injected[number].done = Some(self.clock.now());
                self.note(DONE, &format!("{} is done", event.name));
            }
            Err(error) => self.miss(number, error.to_string()),
        }
        self.excuse();
    }

    /// Puts settings back as they were, where an event was to change them: what it did in part is put back too.
    pub(super) fn put_back(&mut self, number: usize) {
        let RawInjected { drawn, asked: Some(_), .. } = &self.raw.injected[number] else { return };
        let Deed::Config(change) = &drawn.event.deed else { return };
        if !self.world.is_up() {
            // They went with the brokers.
            return;
        }
        let done = self.world.configure_as_before(self.subject, change);
        let name = self.event_name(number).to_owned();
        match done {
            Ok(()) => {
                self.raw.injected[number].undone = Some(self.clock.now());
                self.note(OVER, &format!("{name} is over"));
            }
            Err(error) => {
                let failure = format!("settings could not be put back that `{name}` had changed: {error}");
                self.note(MISSED, &failure);
                self.raw.failure.get_or_insert(failure);
            }
        }
    }
}
