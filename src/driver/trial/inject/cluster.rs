//! What is done to the topic and to settings on purpose, and put back.

use super::{DONE, MISSED, OVER, Stage, UnderWay};
use crate::spec::{Deed, Event};

impl Stage<'_> {
    /// Adds partitions, or changes settings, which stay so until the trial is over.
    pub(super) fn strike_cluster(&mut self, number: usize, event: &Event) {
        self.note_asked(number);
        let done = match &event.deed {
            Deed::Grow(partitions) => self.world.grow_topic(self.subject, *partitions),
            Deed::Config(change) => {
                // What is done in part is put back too.
                self.injector.under_way.push(UnderWay { number, stays: true, ..UnderWay::default() });
                self.world.reconfigure(self.subject, change)
            }
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

    /// Puts settings back as they were.
    pub(super) fn put_back(&mut self, number: usize) {
        let event = self.raw.injected[number].drawn.event.clone();
        let Deed::Config(change) = &event.deed else { return };
        if !self.world.is_up() {
            // They went with the brokers.
            return;
        }
        match self.world.configure_as_before(self.subject, change) {
            Ok(()) => {
                self.raw.injected[number].undone = Some(self.clock.now());
                self.note(OVER, &format!("{} is over", event.name));
            }
            Err(error) => {
                let failure =
                    format!("settings could not be put back that `{}` had changed: {error}", event.name);
                self.note(MISSED, &failure);
                self.raw.failure.get_or_insert(failure);
            }
        }
    }
}
