//! An instance that is not ours, from its start to its end and to whoever takes its place: the same of a program's copies and of containers.

use std::time::Duration;

use super::backend::{BackendError, DeployedInstance, Event, Launch, Said};

/// One that ended at once would do so again and again: another is started in its place after that long.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// One that was started.
#[derive(Debug)]
pub(super) struct Started {
    /// What it is known by.
    pub(super) instance: DeployedInstance,
    /// Its number among equals; of one that took another's place the same.
    pub(super) slot: u32,
    /// What it was to be.
    launch: Launch,
    /// Its end was told.
    told: bool,
    /// Another was started in its place, or none is to be.
    replaced: bool,
}

impl Started {
    pub(super) fn of(instance: DeployedInstance, (launch, slot): (&Launch, u32)) -> Self {
        Started { instance, slot, launch: launch.clone(), told: false, replaced: false }
    }

    /// Whether it was seen to have ended.
    pub(super) fn has_ended(&self) -> bool {
        self.instance.stopped_ns.is_some()
    }

    /// Its end, where that was seen and nobody was told of it yet.
    pub(super) fn tell_end(&mut self) -> Option<Said> {
        let at_ns = self.instance.stopped_ns.filter(|_| !self.told)?;
        self.told = true;
        Some(Said { instance: self.instance.index, at_ns, event: Event::Ended })
    }

    /// Whether another is to be started in its place by now (Unix ns), where those that end are started again.
    pub(super) fn is_due_again(&self, now: u64) -> bool {
        let stopped = self.instance.stopped_ns.filter(|_| !self.replaced);
        stopped.is_some_and(|at| now >= at + RESTART_AFTER.as_nanos() as u64)
    }

    /// Another like it, in its place, at once.
    pub(super) fn again(&self) -> (Launch, u32) {
        (Launch { launched_ns: None, made: None, ..self.launch.clone() }, self.slot)
    }

    /// Nobody takes its place of itself from now on: somebody did, or it is to stay empty.
    pub(super) fn leave_place(&mut self) {
        self.replaced = true;
    }
}

/// The place among these of the one of that index in whose place nobody was started.
pub(super) fn place_to_take<'a>(
    mut all: impl Iterator<Item = &'a Started>,
    instance: u32,
) -> Result<usize, BackendError> {
    let is_free = |one: &Started| one.instance.index == instance && !one.replaced;
    all.position(is_free).ok_or(BackendError::NotDeployed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_once_and_its_place_taken_once_and_not_at_once() {
        let instance =
            DeployedInstance { index: 3, pid: None, launched_ns: 0, started_ns: 5, stopped_ns: None };
        let mut one = Started::of(instance, (&Launch { launched_ns: Some(1), ..Launch::default() }, 2));
        assert!(one.tell_end().is_none() && !one.is_due_again(u64::MAX), "it lives");
        one.instance.stopped_ns = Some(7);
        assert!(!one.is_due_again(7) && one.is_due_again(1_000_000_007));
        let said = one.tell_end().unwrap();
        assert_eq!((said.instance, said.at_ns), (3, 7));
        assert!(one.tell_end().is_none());
        assert_eq!((one.again().0.launched_ns, one.again().1), (None, 2));
        assert_eq!(place_to_take([&one].into_iter(), 3).unwrap(), 0);
        assert!(place_to_take([&one].into_iter(), 2).is_err());
        one.leave_place();
        assert!(!one.is_due_again(u64::MAX) && place_to_take([&one].into_iter(), 3).is_err());
    }
}
