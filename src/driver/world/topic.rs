//! The topics of a run, and the groups that read them: made and taken away, or left as they were found.

use std::time::{Duration, SystemTime};

use super::super::DriverError;
use super::super::clients;
use super::super::subject::Subject;
use super::World;
use crate::cluster::Place;
use crate::spec::{Consumers, Properties, Reset, Topic};

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

    /// The groups of a trial that are bench's own, by their full names.
    fn own_groups(&self, subject: &Subject<'_>) -> Vec<String> {
        let own = subject.treatment.settings.consumers.iter().filter(|group| !group.is_external());
        own.map(|group| self.group(subject, group)).collect()
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
        for group in settings.consumers.iter().filter(|group| !group.is_external()) {
            let session = clients::session(&clients::of_consumers(&self.consumers.properties, group));
            let gone = self.admin.delete_group(&self.group(subject, group), &|waited| wait(waited, session));
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
        Ok(self.admin.committed(group, &subject.topic, subject.treatment.settings.topic.partitions)?)
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
