//! Where that goes which is heard of a group's instances.

use super::RawGroup;
use crate::consumers::{Event, Said};
use crate::driver::journal::Happened;

/// Kind of the event that tells of an instance in whose place nobody could be started.
const RESTART_FAILED: &str = "restart_failed";

impl RawGroup {
    /// Folds what an instance has said; what none could say is told.
    pub(super) fn add(&mut self, said: Said, happened: &mut Vec<Happened>) {
        let Said { instance, at_ns, event } = said;
        let Event::NotReplaced(why) = event else { return self.gathered.add(instance, at_ns, event) };
        let name = &self.name;
        let what = format!(
            "nobody could be started in the place of instance {instance} of the consumers `{name}`, which is tried again: {why}"
        );
        happened.push((at_ns, RESTART_FAILED.to_owned(), what));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::testing::group;

    #[test]
    fn one_in_whose_place_nobody_could_be_started_is_told_with_the_reason() {
        let (mut raw, mut happened) = (group(&[]), Vec::new());
        raw.add(Said { instance: 2, at_ns: 7, event: Event::Ended }, &mut happened);
        assert!(happened.is_empty() && raw.gathered.ended().eq([2]));
        let event = Event::NotReplaced("no room".to_owned());
        raw.add(Said { instance: 2, at_ns: 9, event }, &mut happened);
        let (at, kind, what) = happened.remove(0);
        assert_eq!((at, kind.as_str()), (9, "restart_failed"));
        assert!(
            what.contains("instance 2 of the consumers `orders`") && what.ends_with(": no room"),
            "{what}"
        );
    }
}
