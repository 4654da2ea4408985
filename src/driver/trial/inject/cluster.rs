//! What is done to the topic and to settings on purpose, and put back.

use super::aside::Aside;
use super::{DONE, MISSED, OVER, Stage, UnderWay};
use crate::driver::injected::RawInjected;
use crate::driver::trial::LOOK;
use crate::spec::{Deed, Event};

impl Stage<'_> {
    /// Adds partitions, or changes settings, which stay so until the trial is over: asked for aside, and done when the cluster says so.
    pub(super) fn strike_cluster(&mut self, number: usize, event: &Event) {
        self.note_asked(number);
        let (world, turns) = (self.world, (self.clock, &mut self.injector.turns));
        let aside = match &event.deed {
            Deed::Grow(partitions) => Aside::ask(turns, world.to_grow_topic(self.subject, *partitions)),
            Deed::Config(change) => Aside::ask(turns, world.to_reconfigure(self.subject, change)),
            _ => return,
        };
        match aside {
            Ok(aside) => {
                self.injector.under_way.push(UnderWay { number, aside: Some(aside), ..UnderWay::default() });
            }
            Err(trouble) => self.miss(number, trouble),
        }
        self.excuse();
    }

    /// Hears what the cluster says; what is left of the event, none where it has answered.
    pub(super) fn hear_of_cluster(&mut self, mut one: UnderWay) -> Option<UnderWay> {
        if one.awaits_answer() {
            return Some(one);
        }
        match one.aside.take()?.answer() {
            Ok(done) => {
                self.raw.injected[one.number].done = Some(done);
                self.note(DONE, &format!("{} is done", self.event_name(one.number)));
            }
            Err(trouble) => self.miss(one.number, trouble),
        }
        self.excuse();
        None
    }

    /// The trial ends: what the cluster still does is waited for, since only then can it be undone.
    pub(super) fn await_cluster(&mut self, one: UnderWay) {
        let number = one.number;
        self.await_answer(&one);
        if self.hear_of_cluster(one).is_some() {
            self.miss(number, "the trial ended before the cluster had answered".to_owned());
        }
    }

    /// Waits for what an event asks the cluster for, unless all is to end at once.
    pub(super) fn await_answer(&self, one: &UnderWay) {
        while one.awaits_answer() && !self.shutdown.is_urgent() {
            std::thread::sleep(LOOK);
        }
    }

    /// Puts settings back as they were, where an event was to change them: what it did in part is put back too.
    pub(super) fn put_back(&mut self, number: usize) {
        let RawInjected { drawn, asked: Some(_), .. } = &self.raw.injected[number] else { return };
        let Deed::Config(change) = &drawn.event.deed else { return };
        if !self.world.is_up() {
            // They went with the brokers.
            return;
        }
        // Those of brokers go with them where the run ends, and one that is on its way up would be waited for.
        let done = self.world.configure_as_before(self.subject, (change, !self.shutdown.is_asked()));
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
