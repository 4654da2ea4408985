//! An instance that is not ours, from its start to its end and to whoever takes its place: the same of a program's copies and of containers.

use std::error::Error as _;
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
    /// Another is to be started in its place, whatever is said of those that end on their own.
    wanted: bool,
    /// When nobody could be started in its place, Unix ns, where that was tried.
    missed_ns: Option<u64>,
    /// Why not, where nobody was told of it yet.
    untold: Option<String>,
}

impl Started {
    pub(super) fn of(instance: DeployedInstance, (launch, slot): (&Launch, u32)) -> Self {
        Started {
            instance,
            slot,
            launch: launch.clone(),
            told: false,
            replaced: false,
            wanted: false,
            missed_ns: None,
            untold: None,
        }
    }

    /// Whether it was seen to have ended.
    pub(super) fn has_ended(&self) -> bool {
        self.instance.stopped_ns.is_some()
    }

    /// Its end, where that was seen and nobody was told of it yet; after it, why nobody could be started in its place.
    pub(super) fn tell(&mut self) -> Option<Said> {
        let instance = self.instance.index;
        let stopped_ns = self.instance.stopped_ns?;
        if !self.told {
            self.told = true;
            return Some(Said { instance, at_ns: stopped_ns, event: Event::Ended });
        }
        let event = Event::NotReplaced(self.untold.take()?);
        Some(Said { instance, at_ns: self.missed_ns.unwrap_or(stopped_ns), event })
    }

    /// Whether another is to be started in its place by now (Unix ns); `restarts` says whether others are in the places of those that end on their own.
    pub(super) fn is_due_again(&self, now: u64, restarts: bool) -> bool {
        let Some(stopped_ns) = self.instance.stopped_ns.filter(|_| !self.replaced) else { return false };
        match self.missed_ns {
            None if self.wanted => true,
            None => restarts && now >= stopped_ns + RESTART_AFTER.as_nanos() as u64,
            Some(missed_ns) => {
                (restarts || self.wanted) && now >= missed_ns + RESTART_AFTER.as_nanos() as u64
            }
        }
    }

    /// Another is to be started in its place at once.
    pub(super) fn want_another(&mut self) {
        self.wanted = true;
    }

    /// Nobody could be started in its place now (Unix ns), and why: that is told, and tried again a while later.
    pub(super) fn miss(&mut self, now: u64, why: &BackendError) {
        self.missed_ns = Some(now);
        let mut words = why.to_string();
        let mut cause = why.source();
        while let Some(error) = cause {
            words = format!("{words}: {error}");
            cause = error.source();
        }
        self.untold = Some(words);
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
        let mut one = third();
        assert!(one.tell().is_none() && !one.is_due_again(u64::MAX, true), "it lives");
        one.instance.stopped_ns = Some(7);
        assert!(!one.is_due_again(7, true) && one.is_due_again(1_000_000_007, true));
        assert!(!one.is_due_again(1_000_000_007, false), "nobody is to take its place");
        let said = one.tell().unwrap();
        assert_eq!((said.instance, said.at_ns), (3, 7));
        assert!(one.tell().is_none());
        assert_eq!((one.again().0.launched_ns, one.again().1), (None, 2));
        assert_eq!(place_to_take([&one].into_iter(), 3).unwrap(), 0);
        assert!(place_to_take([&one].into_iter(), 2).is_err());
        one.leave_place();
        assert!(!one.is_due_again(u64::MAX, true) && place_to_take([&one].into_iter(), 3).is_err());
    }

    #[test]
    fn a_place_that_nobody_could_take_is_told_each_time_and_tried_again_a_while_later() {
        for (restarts, wanted) in [(true, false), (false, true)] {
            let mut one = third();
            one.instance.stopped_ns = Some(7);
            one.miss(1_000_000_007, &BackendError::NotMade { reason: "no room".to_owned() });
            let said =
                [one.tell(), one.tell(), one.tell()].map(|said| said.map(|said| (said.at_ns, said.event)));
            assert!(
                matches!(&said, [Some((7, Event::Ended)), Some((1_000_000_007, Event::NotReplaced(why))), None] if why == "no room"),
                "{said:?}"
            );
            if wanted {
                one.want_another();
            }
            assert!(!one.is_due_again(2_000_000_006, restarts) && one.is_due_again(2_000_000_007, restarts));
            one.leave_place();
            assert!(!one.is_due_again(u64::MAX, restarts));
        }
        let mut one = third();
        one.instance.stopped_ns = Some(7);
        one.want_another();
        assert!(one.is_due_again(7, false), "somebody asked for another");
    }

    /// One that was launched before its program started.
    fn third() -> Started {
        let instance =
            DeployedInstance { index: 3, pid: None, launched_ns: 0, started_ns: 5, stopped_ns: None };
        Started::of(instance, (&Launch { launched_ns: Some(1), ..Launch::default() }, 2))
    }
}
