//! Which broker an event meets.

use std::fmt;

use crate::spec::key::{Form, Key, key};

/// What leads a partition, as it is written before the partition's number.
const LEADER_OF: &str = "leader-of-";

/// Where an event says it.
pub(super) const BROKER: Key = key(
    "broker",
    Form::Text,
    "A broker instead of an instance, of a cluster that bench starts: `leader-of-0` (of the trial's topic), `controller`, `random`, or its number, from 1.",
);

/// Which broker an event meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one that leads this partition of the trial's topic then.
    LeaderOf(u32),
    /// The one that is the active controller then.
    Controller,
    /// One that lives then, drawn by the seed of the trial.
    Random,
    /// The one of this number, counted from 1.
    Number(u32),
}

impl Which {
    /// As written; none of anything else.
    pub(in crate::spec) fn read(text: &str) -> Option<Self> {
        match (text, text.strip_prefix(LEADER_OF)) {
            ("controller", _) => Some(Which::Controller),
            ("random", _) => Some(Which::Random),
            (_, Some(partition)) => partition.parse().ok().map(Which::LeaderOf),
            (_, None) => text.parse().ok().map(Which::Number),
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Which::LeaderOf(partition) => write!(f, "the leader of partition {partition}"),
            Which::Controller => f.write_str("the controller"),
            Which::Random => f.write_str("a broker, drawn,"),
            Which::Number(number) => write!(f, "broker {number}"),
        }
    }
}
