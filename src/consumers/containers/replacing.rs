//! Others in the place of containers that ended: made aside, as those of events are, so that the trial goes on.

use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use super::Containers;
use crate::consumers::BackendError;
use crate::consumers::backend::{Launch, Made};

/// One that is being made in the place of another.
pub(super) struct Replacing {
    /// Where that one is among those that run.
    place: usize,
    launch: Launch,
    made: Arc<Made>,
    making: JoinHandle<Result<(), String>>,
}

impl Containers {
    /// Watches those that are made by now, and has others made in the place of those that ended a while ago. One that cannot be is told, and tried again.
    pub(super) fn replace_ended(&mut self) {
        for done in self.replacing.extract_if(.., |one| one.making.is_finished()).collect::<Vec<_>>() {
            self.take_place(done);
        }
        let restarts = self.asked.kind.upkeep().restart;
        for place in 0..self.running.len() {
            let one = &self.running[place];
            let is_due = one.parted().is_some() && one.started.is_due_again(self.clock.now(), restarts);
            if is_due && self.replacing.iter().all(|one| one.place != place) {
                let begun = self.begin_replacing(place);
                self.missed(place, begun);
            }
        }
    }

    /// Another is being made from now on.
    fn begin_replacing(&mut self, place: usize) -> Result<(), BackendError> {
        let (launch, slot) = self.running[place].started.again();
        let made = Arc::new(Made { slot, made: OnceLock::new() });
        let launch = Launch { made: Some(Arc::clone(&made)), ..launch };
        let slow = self.maker(&[&launch])?;
        let thread = std::thread::Builder::new().name("replacing".to_owned()).spawn(slow);
        let making = thread.map_err(|error| BackendError::NotMade { reason: error.to_string() })?;
        self.made.push(Arc::clone(&made));
        self.replacing.push(Replacing { place, launch, made, making });
        Ok(())
    }

    /// One was made, or could not be.
    fn take_place(&mut self, Replacing { place, launch, made, making }: Replacing) {
        let died = |_| Err("whoever was to make it has died".to_owned());
        let done = making.join().unwrap_or_else(died).map_err(|reason| BackendError::NotMade { reason });
        let done = done.and_then(|()| self.start(&launch, made.slot));
        if done.is_ok() {
            self.running[place].started.leave_place();
        }
        self.made.retain(|one| !Arc::ptr_eq(one, &made));
        self.missed(place, done.map(|_| ()));
    }

    fn missed(&mut self, place: usize, done: Result<(), BackendError>) {
        if let Err(error) = done {
            self.running[place].started.miss(self.clock.now(), &error);
        }
    }

    /// Waits for those that are being made: nobody watches them any more, and they are taken away with the others.
    pub(super) fn await_replacing(&mut self) {
        for one in self.replacing.drain(..) {
            // Of one that could not be made nothing is left.
            one.making.join().ok();
        }
    }
}
