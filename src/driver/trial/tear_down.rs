//! The end of a trial, whatever it was.

use std::time::{Duration, Instant};

use super::Stage;
use crate::driver::event::{Event, Watcher};
use crate::driver::watch::Watchers;

/// Members that were killed leave the group only when their sessions end: so long that is waited for.
const GROUP_EMPTIES: Duration = Duration::from_secs(5);

impl Stage<'_> {
    /// Stops and takes away everything that was put up, whatever it was, and reads what can only be read then.
    pub(super) fn tear_down(&mut self, watcher: Watcher<'_>) {
        let start = Instant::now();
        if let Some(fleet) = self.fleet.take() {
            match fleet.finish() {
                Ok(loaded) => self.raw.loaded = loaded,
                Err(error) => self.raw.failure = Some(error.to_string()),
            }
        }
        for group in &mut self.groups {
            self.raw.events.extend(group.stop(self.shutdown.is_urgent()));
            if self.raw.times.is_none() || !self.world.is_up() {
                continue;
            }
            match self.world.commits(self.subject, &group.raw.full_name) {
                Ok(commits) => group.raw.commits = Some(commits),
                Err(error) => {
                    let name = &group.raw.name;
                    let failure =
                        format!("the last commits of the group `{name}` could not be read: {error}");
                    self.raw.failure.get_or_insert(failure);
                }
            }
        }
        let seen = self.watchers.take().map(Watchers::finish).unwrap_or_default();
        self.raw.readings = seen.readings;
        self.raw.groups = std::mem::take(&mut self.groups).into_iter().map(|group| group.raw).collect();
        for (group, lags) in self.raw.groups.iter_mut().zip(seen.lags) {
            group.lags = lags;
        }
        let patience = if self.shutdown.is_urgent() { Duration::ZERO } else { GROUP_EMPTIES };
        if self.topic_made
            && !self.subject.keep
            && self.world.is_up()
            && let Err(error) = self.world.remove_topic(self.subject, patience)
        {
            watcher(&Event::Trouble(&format!("{error}; `bench clean` takes it away later")));
        }
        self.spent("tear_down", start);
    }
}
