//! What is done to single containers on purpose.

use std::slice;

use rustix::process::Signal;

use super::Containers;
use crate::cluster::{RUN, child, marked};
use crate::consumers::backend::Act;

impl Containers {
    /// Does it to the living one at that place; false where nobody would do it. At once by a signal, as to any process of this host; by the engine where only that may send one. That one
    /// leaves, by the signal of its own, is the engine's in any case: that takes its time, and is not waited for.
    pub(super) fn act_on(&mut self, place: usize, act: Act) -> bool {
        let contained = &self.running[place];
        let (signal, verb, pids) = match act {
            // Whoever is the first in a container takes all others along.
            Act::Kill => (Signal::KILL, "kill", contained.started.instance.pid.into_iter().collect()),
            Act::Pause => (Signal::STOP, "pause", contained.processes()),
            Act::Resume => (Signal::CONT, "unpause", contained.processes()),
            Act::Stop => return self.ask_to_leave(place),
        };
        // An engine elsewhere tells numbers of its own host's processes.
        let is_ours = |pid| marked(RUN, &self.asked.around.run).contains(&pid);
        let is_here = contained.started.instance.pid.is_some_and(is_ours);
        if is_here && !pids.is_empty() && pids.iter().all(|pid| child::send(*pid, signal)) {
            return true;
        }
        let what = format!("cannot {verb} a container");
        self.asked.engine.ask(&what, &[verb, &contained.id]).is_ok()
    }

    /// Whoever is asked to leave ends on nobody's own accord: none takes its place of itself.
    fn ask_to_leave(&mut self, place: usize) -> bool {
        let grace = self.asked.kind.upkeep().grace.as_duration();
        let own = slice::from_ref(&self.running[place].id);
        let Ok(call) = self.stop(own, grace) else { return false };
        let contained = &mut self.running[place];
        contained.started.leave_place();
        contained.asked_to_end = true;
        self.calls.push(call);
        true
    }
}
