//! The topics of a run, and the groups that read them: made and taken away, or left as they were found.

use std::time::{Duration, SystemTime};

use super::super::DriverError;
use super::super::clients;
use super::super::subject::Subject;
use super::World;
use crate::cluster::Place;
use crate::spec::{Consumers, Properties, Reconfigured, Reset, Topic};

impl World {
    /// Makes the trial's topic, noted first with its groups so that `bench clean` finds them whatever happens. One that was there is left as it is.
    pub fn create_topic(&self, subject: &Subject<'_>, topic: &Topic) -> Result<(), DriverError> {
        let groups = self.own_groups(subject);
        if topic.existing.is_some() {
            return Ok(self.entry().add_groups(&groups)?);
        }
        self.entry().add_topic(&subject.topic, &groups)?;
        Ok(self.admin.create_topic(&subject.topic, topic)?)
    }

    /// The full name of a further group of such a pipeline in this trial, by its number among its groups, from 2 on.
    pub fn group_beside(&self, subject: &Subject<'_>, group: &Consumers, number: usize) -> String {
        format!("{}-{number}", self.group(subject, group))
    }

    /// All groups of a trial that are bench's own, by their full names: those too that are only made while it runs.
    fn own_groups(&self, subject: &Subject<'_>) -> Vec<String> {
        let settings = &subject.treatment.settings;
        let own = settings.consumers.iter().filter(|group| !group.is_external());
        let names = own.flat_map(|group| {
            let besides = 2..settings.read_beside(&group.group) + 2;
            let besides = besides.map(|number| self.group_beside(subject, group, number));
            std::iter::once(self.group(subject, group)).chain(besides)
        });
        names.collect()
    }

    /// By partition, the offset before which nothing is the trial's; empty of a topic of its own.
    pub fn starts(&self, subject: &Subject<'_>) -> Result<Vec<i64>, DriverError> {
        let topic = &subject.treatment.settings.topic;
        if topic.existing.is_none() {
            return Ok(Vec::new());
        }
        Ok(self.admin.offsets(&subject.topic, topic.partitions, Place::End)?)
    }

    /// Puts a group where it is to begin on a topic that was there: one of bench's own at its end, unless the file says otherwise; a deployed one only where
    /// the file says so.
    pub fn put_group(&self, subject: &Subject<'_>, group: &Consumers) -> Result<(), DriverError> {
        let topic = &subject.treatment.settings.topic;
        let Some(existing) = &topic.existing else { return Ok(()) };
        let reset = match existing.reset {
            None if group.is_external() => return Ok(()),
            None => Reset::Latest,
            Some(reset) => reset,
        };
        let place = match reset {
            Reset::Earliest => Place::Beginning,
            Reset::Latest => Place::End,
            Reset::At(_) | Reset::Ago(_) => {
                reset.moment_ms(SystemTime::now()).map_or(Place::Beginning, Place::Moment)
            }
        };
        let name = self.group(subject, group);
        // Nobody has ever been in one of bench's own.
        let members = if group.is_external() { self.described(subject, &name)?.members.len() } else { 0 };
        if members > 0 {
            return Err(DriverError::NotReset { group: name, members });
        }
        let offsets = self.admin.offsets(&subject.topic, topic.partitions, place)?;
        Ok(self.admin.commit(&name, &subject.topic, &offsets)?)
    }

    /// Takes topic and groups away, each whatever became of the others; members that were lost leave a group only when their sessions end, which is waited
    /// for as long as `wait` says so, asked with the time that went by and how long a session lasts. What is left is told, and stays known to `bench clean`.
    /// A topic that was there and deployed groups stay.
    pub fn remove_topic(
        &self,
        subject: &Subject<'_>,
        wait: &dyn Fn(Duration, Duration) -> bool,
    ) -> Vec<DriverError> {
        let settings = &subject.treatment.settings;
        let is_own = settings.topic.existing.is_none();
        let mut left: Vec<DriverError> = Vec::new();
        if is_own {
            left.extend(self.admin.delete_topic(&subject.topic).err().map(DriverError::from));
        }
        let own = settings.consumers.iter().filter(|group| !group.is_external());
        let sessions =
            own.map(|group| clients::session(&clients::of_consumers(&self.consumers.properties, group)));
        let longest = sessions.fold(Duration::ZERO, Duration::max);
        for group in self.own_groups(subject) {
            let gone = self.admin.delete_group(&group, &|waited| wait(waited, longest));
            left.extend(gone.err().map(DriverError::from));
        }
        if left.is_empty() {
            let forgotten = if is_own {
                self.entry().remove_topic(&subject.topic)
            } else {
                self.entry().remove_groups(&self.own_groups(subject))
            };
            left.extend(forgotten.err().map(DriverError::from));
        }
        left
    }

    /// A group's commits, by partition.
    pub fn commits(&self, subject: &Subject<'_>, group: &str) -> Result<Vec<Option<i64>>, DriverError> {
        Ok(self.admin.committed(group, &subject.topic, subject.treatment.settings.most_partitions())?)
    }

    /// What several groups of one pipeline have committed, by partition: whichever has come furthest.
    pub fn commits_of_all<'b>(
        &self,
        subject: &Subject<'_>,
        groups: impl Iterator<Item = &'b String>,
    ) -> Result<Vec<Option<i64>>, DriverError> {
        groups
            .map(|group| self.commits(subject, group))
            .try_fold(Vec::new(), |all, own| Ok(furthest(all, &own?)))
    }

    /// Puts a group that is to read beside another where that one has committed.
    pub fn begin_beside(&self, subject: &Subject<'_>, (of, group): (&str, &str)) -> Result<(), DriverError> {
        let commits = self.commits(subject, of)?;
        let offsets: Vec<i64> = commits.into_iter().map(Option::unwrap_or_default).collect();
        Ok(self.admin.commit(group, &subject.topic, &offsets)?)
    }

    /// Adds partitions to a trial's topic, so that it has as many.
    pub fn grow_topic(&self, subject: &Subject<'_>, partitions: u32) -> Result<(), DriverError> {
        Ok(self.admin.grow_topic(&subject.topic, partitions)?)
    }

    /// Changes settings of a trial's topic and of all brokers that bench started.
    pub fn reconfigure(&self, subject: &Subject<'_>, change: &Reconfigured) -> Result<(), DriverError> {
        if !change.topic.is_empty() {
            self.admin.configure_topic(&subject.topic, &change.topic)?;
        }
        if !change.brokers.is_empty() {
            self.own_ids().try_for_each(|id| self.admin.configure_broker(id, &change.brokers))?;
        }
        Ok(())
    }

    /// Gives those settings back what they had before: those of the topic what it was made with, those of brokers what they were started with.
    pub fn configure_as_before(
        &self,
        subject: &Subject<'_>,
        change: &Reconfigured,
    ) -> Result<(), DriverError> {
        let made = &subject.treatment.settings.topic.config;
        let mut done = Ok(());
        if !change.topic.is_empty() {
            done = done.and(self.admin.configure_topic_as_made(&subject.topic, &change.topic, made));
        }
        for id in self.own_ids().filter(|_| !change.brokers.is_empty()) {
            done = done.and(self.admin.configure_broker_as_started(id, &change.brokers));
        }
        Ok(done?)
    }

    /// The settings of a trial's topic as the cluster applies them.
    pub fn topic_config(&self, topic: &str) -> Result<Properties, DriverError> {
        Ok(self.admin.topic_config(topic)?)
    }

    /// Makes a topic that no trial is about, noted first with the groups that will read it.
    pub fn create_spare_topic(
        &self,
        name: &str,
        topic: &Topic,
        groups: &[String],
    ) -> Result<(), DriverError> {
        self.entry().add_topic(name, groups)?;
        Ok(self.admin.create_topic(name, topic)?)
    }

    /// Takes such a topic and its groups away, each whatever becomes of the others; the first that stays is told.
    pub fn remove_spare_topic(&self, name: &str, groups: &[String]) -> Result<(), DriverError> {
        let topic = self.admin.delete_topic(name);
        // Whoever read has left.
        let groups = groups.iter().map(|group| self.admin.delete_group(group, &|_| false));
        groups.collect::<Vec<_>>().into_iter().fold(topic, Result::and)?;
        Ok(self.entry().remove_topic(name)?)
    }
}

/// Of two groups' commits, by partition, the further one; `None` is less than any.
pub fn furthest(mut all: Vec<Option<i64>>, own: &[Option<i64>]) -> Vec<Option<i64>> {
    all.resize(all.len().max(own.len()), None);
    all.iter_mut().zip(own).for_each(|(all, own)| *all = (*all).max(*own));
    all
}
