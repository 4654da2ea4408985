//! What is done to single instances of a group on purpose.

use std::ops::Range;

use super::{Group, RawGroup};
use crate::consumers::{Act, BackendError};

impl Group<'_> {
    /// Instances that live, as far as is known, and are not on their way out.
    pub fn living(&self) -> Vec<u32> {
        let instances = self.backend.iter().flat_map(|backend| backend.instances());
        let lives = |index: &u32| !self.died.contains(index) && !self.sent_away.contains(index);
        instances.filter(|one| one.stopped_ns.is_none()).map(|one| one.index).filter(lives).collect()
    }

    /// Does something to an instance; whether it lives. One that is sent away is no dead one when it ends.
    pub fn act(&mut self, instance: u32, act: Act) -> bool {
        let done = self.backend.as_mut().is_some_and(|backend| backend.act(instance, act));
        if done && matches!(act, Act::Kill | Act::Stop) {
            self.sent_away.insert(instance);
        }
        done
    }

    /// Starts one more instance.
    pub fn add(&mut self) -> Result<(), BackendError> {
        self.backend.as_mut().ok_or(BackendError::NotDeployed)?.add()
    }

    /// Starts another instance in the place of one that was sent away and has ended.
    pub fn succeed(&mut self, instance: u32) -> Result<(), BackendError> {
        self.backend.as_mut().ok_or(BackendError::NotDeployed)?.succeed(instance)
    }

    /// Whether an instance was heard to end.
    pub fn has_ended(&self, instance: u32) -> bool {
        self.died.contains(&instance)
    }
}

impl RawGroup {
    /// When, in a span of time (Unix ns), others than these instances first learned that partitions move, and how many came to them; of a group that tells
    /// nothing, when its coordinator was seen to have moved them, and how many is not known.
    pub fn first_move(&self, within: Range<u64>, met: &[u32]) -> Result<(Option<u64>, u32), String> {
        match &self.outside {
            None => self.journal.first_move(within, met),
            Some(outside) => {
                Ok((outside.moved.iter().map(|moved| moved.at).find(|at| within.contains(at)), 0))
            }
        }
    }
}
