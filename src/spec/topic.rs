//! The topics that a trial writes to.

use std::time::{Duration, SystemTime};

use super::Properties;
use crate::units::{Share, Span};

/// The topic of a trial, or its topics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topic {
    /// Partitions of all of them together, at least 1.
    pub partitions: u32,
    /// Replicas of each partition, at least 1; of topics that were there before the most that any of them has.
    pub replication: u16,
    /// Kafka's topic settings.
    pub config: Properties,
    /// How many the trial has of its own, all alike: each gets as many of the messages.
    pub count: u32,
    /// Those that were there before, which are never made, altered or taken away; none for new ones each trial.
    pub existing: Vec<Existing>,
    /// Of the topics that were there before, those whose names match are used; known once a run has begun.
    pub pattern: Option<Pattern>,
}

/// A topic that was there before the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Existing {
    /// Its name.
    pub name: String,
    /// Its part of the messages.
    pub share: Share,
    /// Where groups begin to read, as the file says; none: groups of bench's own at its end, others are left where they are.
    pub reset: Option<Reset>,
    /// Its partitions; 1 stands for them until the cluster has told.
    pub partitions: u32,
    /// Replicas of each; none until the cluster has told.
    pub replication: Option<u16>,
}

/// Topics that are there before the run, by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The regular expression that a whole name matches.
    pub text: String,
    /// Where groups begin to read on each of them.
    pub reset: Option<Reset>,
}

impl Pattern {
    /// As it is matched with whole names.
    pub fn compiled(text: &str) -> Result<regex::Regex, regex::Error> {
        // By itself first: what closes a bracket that it did not open would be one in these.
        regex::Regex::new(text)?;
        regex::Regex::new(&format!("^(?:{text})$"))
    }

    /// Those of these topics that it means, each with as many of the messages: Kafka's own are none of them.
    pub fn found(&self, names: impl IntoIterator<Item = String>) -> Vec<Existing> {
        let Ok(regex) = Pattern::compiled(&self.text) else { return Vec::new() };
        let mut names: Vec<String> =
            names.into_iter().filter(|name| !name.starts_with("__") && regex.is_match(name)).collect();
        names.sort_unstable();
        let existing = |name| {
            let (share, reset) = (Share::NONE, self.reset);
            Existing { name, share, reset, partitions: 1, replication: None }
        };
        let mut all: Vec<Existing> = names.into_iter().map(existing).collect();
        share_evenly(&mut all);
        all
    }
}

/// Gives each as much as the others.
pub fn share_evenly(all: &mut [Existing]) {
    let share = Share::new(1.0 / all.len().max(1) as f64).unwrap_or(Share::ALL);
    for one in all {
        one.share = share;
    }
}

impl Topic {
    /// Whether a trial makes its topics anew.
    pub fn is_own(&self) -> bool {
        self.existing.is_empty() && self.pattern.is_none()
    }

    /// Whether there may be more than one.
    pub fn is_several(&self) -> bool {
        self.count > 1 || self.existing.len() > 1 || self.pattern.is_some()
    }

    /// Partitions of each of those that a trial makes anew.
    pub fn of_each(&self) -> u32 {
        self.partitions / self.count.max(1)
    }

    /// One of those that a trial makes anew, alone.
    #[must_use]
    pub fn one(&self) -> Self {
        Topic { partitions: self.of_each(), count: 1, ..self.clone() }
    }

    /// Replicas of each partition, where all topics have as many.
    pub fn replicas(&self) -> Option<u16> {
        let mut all = self.existing.iter().map(|one| one.replication);
        let Some(first) = all.next() else { return Some(self.replication) };
        first.filter(|_| all.all(|one| one == first))
    }

    /// By topic, its part of the messages.
    pub fn shares(&self) -> Vec<f64> {
        if self.existing.is_empty() {
            let count = self.count.max(1);
            return vec![1.0 / f64::from(count); count as usize];
        }
        self.existing.iter().map(|one| one.share.get()).collect()
    }
}

/// Where a group begins to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// At the first message that is there.
    Earliest,
    /// At the next one that comes.
    Latest,
    /// At the first one at or after that moment, Unix ms.
    At(i64),
    /// The same, of a moment so long before the trial.
    Ago(Span),
}

impl Reset {
    /// As written: `earliest`, `latest`, a moment in UTC (RFC 3339), or how long ago.
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "earliest" => return Some(Reset::Earliest),
            "latest" => return Some(Reset::Latest),
            _ => {}
        }
        if let Ok(at) = humantime::parse_rfc3339_weak(text) {
            let since = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
            return i64::try_from(since.as_millis()).ok().map(Reset::At);
        }
        text.parse().ok().map(Reset::Ago)
    }

    /// The moment that is meant, Unix ms, where it is one.
    pub fn moment_ms(self, now: SystemTime) -> Option<i64> {
        match self {
            Reset::Earliest | Reset::Latest => None,
            Reset::At(ms) => Some(ms),
            Reset::Ago(span) => {
                let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
                i64::try_from(since.saturating_sub(span.as_duration()).as_millis()).ok()
            }
        }
    }
}

/// Which of a topic's numbers are the cluster's own: 1 stands for each of them until the cluster has told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfCluster {
    /// Its partitions.
    pub partitions: bool,
    /// Its replicas.
    pub replication: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_whole_names_and_none_of_kafkas_own() {
        let pattern = Pattern { text: "orders-.*|__.*".to_owned(), reset: Some(Reset::Latest) };
        let names = ["orders-b", "__consumer_offsets", "my-orders-1", "orders-a", "orders"];
        let found = pattern.found(names.map(str::to_owned));
        let named: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.share.get(), one.reset)).collect();
        assert_eq!(named, [("orders-a", 0.5, Some(Reset::Latest)), ("orders-b", 0.5, Some(Reset::Latest))]);
        assert!(Pattern::compiled("a)|(b").is_err(), "what is no expression by itself");
    }

    #[test]
    fn replicas_are_told_of_all_topics_only_where_they_have_as_many() {
        let existing = |replication| Existing {
            name: "orders".to_owned(),
            share: Share::ALL,
            reset: None,
            partitions: 1,
            replication,
        };
        let of = |all: &[Option<u16>]| {
            let existing = all.iter().copied().map(existing).collect();
            Topic { replication: 7, existing, ..Topic::default() }.replicas()
        };
        assert_eq!(of(&[]), Some(7), "those of its own are alike");
        assert_eq!((of(&[Some(3)]), of(&[Some(3), Some(3)])), (Some(3), Some(3)));
        assert_eq!((of(&[Some(3), Some(1)]), of(&[None]), of(&[Some(3), None])), (None, None, None));
    }

    #[test]
    fn a_group_begins_at_an_end_or_at_a_moment() {
        assert_eq!(Reset::read("earliest"), Some(Reset::Earliest));
        assert_eq!(Reset::read("latest"), Some(Reset::Latest));
        assert_eq!(Reset::read("1970-01-01T00:01:00Z"), Some(Reset::At(60_000)));
        assert_eq!(Reset::read("10m"), Some(Reset::Ago(Span::from_secs(600))));
        assert_eq!((Reset::read("yesterday"), Reset::read("")), (None, None));
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(700);
        assert_eq!(Reset::Ago(Span::from_secs(600)).moment_ms(now), Some(100_000));
        assert_eq!(Reset::Latest.moment_ms(now), None);
    }
}
