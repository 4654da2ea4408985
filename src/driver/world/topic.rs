//! The topics of a run, and the groups that read them: made and taken away, or left as they were found.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::super::DriverError;
use super::super::clients;
use super::super::shares;
use super::super::subject::Subject;
use super::World;
use crate::alike::together;
use crate::books::Topics;
use crate::cluster::Place;
use crate::spec::{Consumers, Existing, Properties, Reconfigured, Reset, Topic};

impl World {
    /// Makes the trial's topics, noted first with its groups so that `bench clean` finds them whatever happens. Those that were there are left as they are.
    pub fn create_topics(&self, subject: &Subject<'_>, topic: &Topic) -> Result<(), DriverError> {
        let groups = self.own_groups(subject);
        if !topic.is_own() {
            return Ok(self.entry().add_groups(&groups)?);
        }
        self.entry().add_topics(&subject.topics, &groups)?;
        Ok(self.admin.create_topics(&subject.topics, topic)?)
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
        if subject.treatment.settings.topic.is_own() {
            return Ok(Vec::new());
        }
        Ok(self.admin.offsets(&subject.topics, Place::End)?)
    }

    /// Puts a group where it is to begin on a topic that was there: one of bench's own at its end, unless the file says otherwise; a deployed one only where
    /// the file says so.
    pub fn put_group(&self, subject: &Subject<'_>, group: &Consumers) -> Result<(), DriverError> {
        let name = self.group(subject, group);
        if group.shares {
            return self.put_share_group(subject, group, &name);
        }
        let resets: Vec<(Topics, Place)> = resets(subject, group.is_external());
        if resets.is_empty() {
            return Ok(());
        }
        // Nobody has ever been in one of bench's own.
        let members = if group.is_external() { self.described(subject, &name)?.members.len() } else { 0 };
        if members > 0 {
            return Err(DriverError::NotReset { group: name, members });
        }
        for (topics, place) in resets {
            let offsets = self.admin.offsets(&topics, place)?.into_iter().map(Some).collect::<Vec<_>>();
            self.admin.commit(&name, &topics, &offsets)?;
        }
        Ok(())
    }

    /// Takes groups and topics away, each whatever became of the others; members that were lost leave a group only when their sessions end, which is waited
    /// for as long as `wait` says so, asked with the time that went by and how long a session lasts. What is left is told, and stays known to `bench clean`.
    /// A topic that was there and deployed groups stay.
    pub fn remove_topics(
        &self,
        subject: &Subject<'_>,
        wait: &dyn Fn(Duration, Duration) -> bool,
    ) -> Vec<DriverError> {
        let settings = &subject.treatment.settings;
        let is_own = settings.topic.is_own();
        let mut left: Vec<DriverError> = Vec::new();
        let own = settings.consumers.iter().filter(|group| !group.is_external());
        let sessions =
            own.map(|group| clients::session(&clients::of_consumers(&self.consumers.properties, group)));
        let longest = sessions.fold(Duration::ZERO, Duration::max);
        for group in self.own_groups(subject) {
            let gone = self.admin.delete_group(&group, &|waited| wait(waited, longest));
            left.extend(gone.err().map(DriverError::from));
        }
        // Groups are gone by then: a broker that looks for what a share group had of a topic that is not there any more may not answer.
        if is_own {
            let names: Vec<&str> = subject.topics.names().collect();
            left.extend(self.admin.delete_topics(&names).err().map(DriverError::from));
        }
        left.extend(self.forget_share_groups(subject));
        if left.is_empty() {
            let forgotten = if is_own {
                self.entry().remove_topics(&subject.topics)
            } else {
                self.entry().remove_groups(&self.own_groups(subject))
            };
            left.extend(forgotten.err().map(DriverError::from));
        }
        left
    }

    /// Has a share group of bench's own begin where its own topic does, noted first so that `bench clean` finds it whatever happens.
    fn put_share_group(
        &self,
        subject: &Subject<'_>,
        group: &Consumers,
        name: &str,
    ) -> Result<(), DriverError> {
        if !puts_share_group(subject, group) {
            return Ok(());
        }
        self.entry().add_share_group(name)?;
        shares::begin_at_the_start(&self.admin, name)
    }

    /// Takes that away again; what is left is told.
    fn forget_share_groups(&self, subject: &Subject<'_>) -> Vec<DriverError> {
        let groups = subject.treatment.settings.consumers.iter();
        let forget = |group: &Consumers| -> Result<(), DriverError> {
            let name = self.group(subject, group);
            shares::forget_begin(&self.admin, &name)?;
            Ok(self.entry().remove_share_group(&name)?)
        };
        groups
            .filter(|group| puts_share_group(subject, group))
            .filter_map(|group| forget(group).err())
            .collect()
    }

    /// A group's commits, by partition.
    pub fn commits(&self, subject: &Subject<'_>, group: &str) -> Result<Vec<Option<i64>>, DriverError> {
        Ok(self.admin.committed(group, &subject.grown)?)
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

    /// What puts a group that is to read beside another where that one has committed.
    pub fn to_begin_beside(
        &self,
        subject: &Subject<'_>,
        (of, group): (String, String),
    ) -> impl FnOnce() -> Result<(), String> + Send + use<> {
        let (admin, topics) = (Arc::clone(&self.admin), subject.grown.clone());
        let first = subject.topics.clone();
        move || {
            let commits = admin.committed(&of, &topics).map_err(|error| error.to_string())?;
            // Of one that is added in flight and has no commit nobody knows whether it is there yet: a broker refuses it until it is, which would be waited for. It
            // is read from where the group begins without a commit.
            let begin = |((topic, partition), commit): ((&str, i32), Option<i64>)| {
                commit.or_else(|| first.number(topic, partition).map(|_| 0))
            };
            let offsets: Vec<Option<i64>> = topics.all().zip(commits).map(begin).collect();
            admin.commit(&group, &topics, &offsets).map_err(|error| error.to_string())
        }
    }

    /// What adds partitions to a trial's topic, so that it has as many.
    pub fn to_grow_topic(
        &self,
        subject: &Subject<'_>,
        partitions: u32,
    ) -> impl FnOnce() -> Result<(), String> + Send + use<> {
        let (admin, topics) = (Arc::clone(&self.admin), subject.topics.clone());
        move || {
            let mut grown = topics.names().map(|name| admin.grow_topic(name, partitions));
            grown.try_for_each(|grown| grown).map_err(|error| error.to_string())
        }
    }

    /// What changes settings of a trial's topic and of all brokers that bench started and that live, each whatever becomes of the others; the first that was refused is
    /// told.
    pub fn to_reconfigure(
        &self,
        subject: &Subject<'_>,
        change: &Reconfigured,
    ) -> impl FnOnce() -> Result<(), String> + Send + use<> {
        let (admin, topics, change) = (Arc::clone(&self.admin), subject.topics.clone(), change.clone());
        let brokers: Vec<i32> = self.own_ids().collect();
        move || {
            let of_topics = topics.names().map(|name| admin.configure_topic(name, &change.topic));
            let of_brokers = brokers.into_iter().map(|id| admin.configure_broker(id, &change.brokers));
            // Who hangs keeps nobody else from it.
            of_topics.chain(of_brokers).fold(Ok(()), Result::and).map_err(|error| error.to_string())
        }
    }

    /// Gives those settings back what they had before, each whatever becomes of the others: those of the topic what it was made with, those of brokers, where these
    /// stay, what they were started with.
    pub fn configure_as_before(
        &self,
        subject: &Subject<'_>,
        (change, brokers_stay): (&Reconfigured, bool),
    ) -> Result<(), DriverError> {
        let made = &subject.treatment.settings.topic.config;
        let topics = subject.topics.names();
        let topics = topics.map(|name| self.admin.configure_topic_as_made(name, &change.topic, made));
        let brokers = self.own_ids().filter(|_| brokers_stay);
        let brokers = brokers.map(|id| self.admin.configure_broker_as_started(id, &change.brokers));
        Ok(topics.chain(brokers).fold(Ok(()), Result::and)?)
    }

    /// The settings of a trial's topics as the cluster applies them; of several that were there before those that they share.
    pub fn topic_config(&self, subject: &Subject<'_>) -> Result<Properties, DriverError> {
        // Those of its own are alike.
        let several = if subject.treatment.settings.topic.is_own() { 1 } else { subject.topics.count() };
        let mut names = subject.topics.names().take(several);
        let mut shared =
            names.next().map(|first| self.admin.topic_config(first)).transpose()?.unwrap_or_default();
        for name in names {
            let own = self.admin.topic_config(name)?;
            shared.retain(|key, value| own.get(key) == Some(value));
        }
        Ok(shared)
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

/// Whether bench says where a share group begins: that is a setting of its own, which bench has made only of its own group for its own topic.
fn puts_share_group(subject: &Subject<'_>, group: &Consumers) -> bool {
    group.shares && !group.is_external() && subject.treatment.settings.topic.is_own()
}

/// Topics that were there before, with the place in them where a group is put; those where it is left as it is are none of them.
fn resets(subject: &Subject<'_>, deployed: bool) -> Vec<(Topics, Place)> {
    let now = SystemTime::now();
    let existing = subject.treatment.settings.topic.existing.iter();
    let place = |one: &Existing| match one.reset {
        None if deployed => None,
        None | Some(Reset::Latest) => Some(Place::End),
        Some(Reset::Earliest) => Some(Place::Beginning),
        Some(reset) => Some(reset.moment_ms(now).map_or(Place::Beginning, Place::Moment)),
    };
    let placed = existing.filter_map(|one| Some((place(one)?, (one.name.clone(), one.partitions))));
    together(placed).into_iter().map(|(place, topics)| (Topics::new(topics), place)).collect()
}
