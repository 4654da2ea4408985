//! More containers of a service while others of it run: that takes compose its time, and is done aside.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::contained::find;
use crate::cluster::{Engine, EngineError, Service};
use crate::consumers::backend::{Born, Made};
use crate::timeline::Clock;

/// What makes more containers of a service.
pub(super) struct Beside {
    pub(super) engine: Engine,
    pub(super) service: Service,
    pub(super) clock: Clock,
    /// Held meanwhile.
    pub(super) one_at_a_time: Arc<Mutex<()>>,
}

impl Beside {
    /// As many as these, after those that have ended are gone: compose would start them again. What is made and not handed over is taken away.
    pub(super) fn make(
        &self,
        wanted: &[Arc<Made>],
        ended: &[String],
        (patch, hidden): (&Path, &[(String, String)]),
    ) -> Result<(), EngineError> {
        let _alone = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let standing = self.service.ids()?;
        let (gone, before): (Vec<String>, Vec<String>) =
            standing.into_iter().partition(|id| ended.contains(id));
        self.engine.remove(&gone)?;
        let started_ns = self.clock.now();
        let done = self.service.apply_beside(patch, hidden, (before.len() + wanted.len()) as u32);
        let is_new = |id: &String| !before.contains(id);
        let new: Vec<String> = self.service.ids()?.into_iter().filter(is_new).collect();
        let too_few = || self.service.too_few(wanted.len(), new.len());
        let done = done.and_then(|()| if new.len() < wanted.len() { Err(too_few()) } else { Ok(()) });
        let found = |id: &String| find(&self.engine, id.clone(), started_ns);
        let all: Result<Vec<Born>, EngineError> = done.and_then(|()| new.iter().map(found).collect());
        let all = all.inspect_err(|_| {
            // What is left of them now the trial's end tries again, or `bench clean`.
            self.engine.remove(&new).ok();
        })?;
        for (made, born) in wanted.iter().zip(all) {
            // Each is made once.
            made.made.set(born).ok();
        }
        Ok(())
    }
}
