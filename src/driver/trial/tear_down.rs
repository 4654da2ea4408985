//! The end of a trial, whatever it was.

use std::time::{Duration, Instant};

use super::Stage;
use crate::books::OffsetSet;
use crate::driver::event::{Event, Watcher};
use crate::driver::group::Group;
use crate::driver::watch::Watchers;

/// How long somebody who wants to stop waits for a group whose members were lost.
const LONG_ENOUGH: Duration = Duration::from_secs(5);
/// Kind of the event that tells what is left on the cluster.
const LEFT: &str = "left_behind";

impl Stage<'_> {
    /// Stops and takes away everything that was put up, whatever it was, and reads what can only be read then.
    pub(super) fn tear_down(&mut self, watcher: Watcher<'_>) {
        let start = Instant::now();
        self.hear_doctor(true);
        if let Some(fleet) = self.fleet.take() {
            match fleet.finish() {
                Ok(loaded) => self.raw.loaded = loaded,
                Err(error) => self.raw.failure = Some(error.to_string()),
            }
        }
        self.read_all_pings();
        self.bring_all_back();
        for group in &mut self.groups {
            self.raw.events.extend(group.stop(self.shutdown.is_urgent()));
            if self.raw.times.is_none() || !self.world.is_up() {
                continue;
            }
            match group.last_commits(self.world, self.subject) {
                Ok(commits) => group.raw.commits = Some(commits),
                Err(error) => {
                    let name = &group.raw.name;
                    let failure =
                        format!("the last commits of the group `{name}` could not be read: {error}");
                    self.raw.failure.get_or_insert(failure);
                }
            }
        }
        // All at once: each may take its time.
        self.groups.iter().for_each(Group::end_results_soon);
        let shutdown = self.shutdown;
        self.groups.iter_mut().for_each(|group| group.end_results(&|| shutdown.is_urgent()));
        // What watches writes latencies too.
        let seen = self.watchers.take().map(Watchers::finish).transpose().unwrap_or_else(|error| {
            self.raw.failure.get_or_insert(error.to_string());
            None
        });
        let seen = seen.unwrap_or_default();
        let is_followed = self.groups.iter().any(|group| group.raw.outside.is_some());
        if is_followed && !self.raw.starts.is_empty() && self.raw.times.is_some() && self.world.is_up() {
            // Where another trial would begin; where nobody tells, it stays unknown how many messages of others were passed.
            self.raw.ends = self.world.starts(self.subject).unwrap_or_default();
        }
        for group in &mut self.groups {
            if let Err(error) = group.close() {
                self.raw.failure.get_or_insert(error.to_string());
            }
        }
        self.raw.readings = seen.readings;
        self.raw.scraped = seen.scraped;
        self.raw.groups = std::mem::take(&mut self.groups).into_iter().map(|group| group.raw).collect();
        for (group, lags) in self.raw.groups.iter_mut().zip(seen.lags) {
            group.lags = lags;
        }
        let outside = self.raw.groups.iter_mut().zip(seen.passed);
        let outside = outside.filter_map(|(group, passed)| Some((group.outside.as_mut()?, passed?)));
        // Who leaves since then was asked to.
        let watched = self.raw.times.map_or(0, |times| times.watched);
        for ((outside, passed), mut moved) in outside.zip(seen.moved) {
            moved.retain(|one| one.at <= watched);
            (outside.passed, outside.moved) = (passed, moved);
            let told = outside.moved.iter().map(|one| (one.at, "rebalance".to_owned(), one.what.clone()));
            self.raw.events.extend(told);
        }
        self.put_late_canaries();
        if self.topics_made && !self.subject.keep && self.world.is_up() {
            self.remove(watcher);
        }
        self.spent("tear_down", start);
    }

    /// Canaries that asked why nothing is acked may have been written after all: whoever read them knows where.
    fn put_late_canaries(&mut self) {
        if self.raw.canaries.is_empty() {
            return;
        }
        // Those too that were added meanwhile.
        let partitions = self.subject.grown.partitions();
        self.raw.canaries.resize(partitions as usize, OffsetSet::new());
        for group in &self.raw.groups {
            let seen = group.gathered.canaries(partitions);
            self.raw.canaries.iter_mut().zip(&seen).for_each(|(all, seen)| all.union_with(seen));
        }
    }

    /// Takes topics and groups away, and tells what is left.
    fn remove(&mut self, watcher: Watcher<'_>) {
        let shutdown = self.shutdown;
        let wait = |waited: Duration, session: Duration| {
            waited < session && !shutdown.is_urgent() && (!shutdown.is_asked() || waited < LONG_ENOUGH)
        };
        for error in self.world.remove_topics(self.subject, &wait) {
            self.note(LEFT, &error.to_string());
            watcher(&Event::Trouble(&format!("{error}; `bench clean` takes it away later")));
        }
    }
}
