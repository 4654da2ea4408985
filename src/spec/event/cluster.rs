//! What is done to the cluster itself: partitions that are added, and settings that are changed.

use std::fmt;

use crate::spec::key::{Form, Key, key};
use crate::spec::{Deed, Properties, Settings};

/// What may be said of a topic that grows.
pub(super) const TOPIC: Key = key(
    "topic",
    Form::All(&[key("partitions", Form::Count(2), "How many partitions it has afterwards.")]),
    "Partitions are added to the trial's topic; clients learn of them when they next ask (`topic.metadata.refresh.interval.ms`, by default every five minutes).",
);

/// What may be said of settings that are changed.
pub(super) const CONFIG: Key = key(
    "config",
    Form::Keys(&[
        key("topic", Form::Properties, "Kafka's settings of the trial's topic."),
        key("brokers", Form::Properties, "Settings of all brokers, of a cluster that bench starts."),
    ]),
    "Settings are changed, and put back when the trial is over.",
);

/// Settings that are changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconfigured {
    /// Of the trial's topic.
    pub topic: Properties,
    /// Of all brokers.
    pub brokers: Properties,
}

impl Settings {
    /// Partitions that the topic ever has: those that are added while a trial runs among them.
    pub fn most_partitions(&self) -> u32 {
        let grown = self.events.iter().filter_map(|event| event.deed.grown_to());
        grown.fold(self.topic.partitions, u32::max)
    }
}

impl Deed {
    /// How many partitions it gives the topic; none of what adds none.
    pub const fn grown_to(&self) -> Option<u32> {
        match self {
            Deed::Grow(partitions) => Some(*partitions),
            _ => None,
        }
    }
}

impl fmt::Display for Reconfigured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |(name, value): (&String, &String)| format!("`{name}` to {value}");
        let of = |what: &str, settings: &Properties| {
            let all: Vec<String> = settings.iter().map(told).collect();
            (!all.is_empty()).then(|| format!("{what} {}", all.join(", ")))
        };
        let parts = [of("of the topic", &self.topic), of("of all brokers", &self.brokers)];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        write!(f, "settings changed: {}", parts.join("; "))
    }
}
