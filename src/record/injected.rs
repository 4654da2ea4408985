//! What was done to a trial on purpose: its events as they were, and the times in which partitions stood still.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::books::keyed::MovedKeys;
use crate::units::{Money, Prices};

/// Kind and name of what nobody asked for: an instance ended on its own.
pub const DIED: &str = "died";

/// One event of a trial, or the end of an instance that nobody had asked for. Times are in seconds since time 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Injected {
    /// Its name.
    pub event: String,
    /// What was done, in a word: `kill`, `stop`, `pause`, …; `died` of an instance that ended on its own.
    pub kind: String,
    /// The same as a sentence.
    pub what: String,
    /// The group that it was done to, by its name in the experiment.
    pub group: String,
    /// The same by its place in the experiment, from 0.
    #[serde(default)]
    pub group_number: usize,
    /// The instances that it met.
    pub instances: Vec<u32>,
    /// New instances that were started because of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub started: Vec<u32>,
    /// When the first of them was launched, from when on it is paid for; null where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launched_s: Option<f64>,
    /// When the program of the last of them was started; null where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booted_s: Option<f64>,
    /// How long they were paid for beside those whose place they took: 0 where these had left before; null of what replaces nobody, and where it was not
    /// seen to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_s: Option<f64>,
    /// What they are made of, of an upgrade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<String>,
    /// How many partitions the topic had from then on, where some were added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitions: Option<u32>,
    /// What became of the keys of messages, where partitions were added; null where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<MovedKeys>,
    /// The broker that it met, by its number; null of what is done to instances.
    #[serde(default)]
    pub broker: Option<i32>,
    /// When it was to come.
    pub planned_s: f64,
    /// When it was asked for, or an end that nobody asked for was noticed; null where the trial ended before.
    pub asked_s: Option<f64>,
    /// When it was done: of a clean leave, when the process had ended. Null where that was not seen.
    pub done_s: Option<f64>,
    /// When it was taken back, of a pause: at its end, or when the trial was torn down. Null of all else.
    pub undone_s: Option<f64>,
    /// Until when what happens to the group is put down to it: a session and ten seconds after its last act. Null where it was not asked for, and where nobody did.
    pub caused_until_s: Option<f64>,
    /// How long a member of its group that gives no sign counts as living; null where it was done to all groups, and in records of before it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_s: Option<f64>,
    /// When another member first learned that partitions move; null where none did before the next event.
    pub detected_s: Option<f64>,
    /// Partitions that came to another member than the one that had them, until the next event.
    pub moved_partitions: u32,
    /// The same two of each group, where it was done to several; empty in records of before it was written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noticed: Vec<Noticed>,
    /// Why it was not done, or not all of it; null where it was.
    pub trouble: Option<String>,
}

/// What a group noticed of what was done to it and others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Noticed {
    /// The group, by its name in the experiment.
    pub group: String,
    /// See [`Injected`].
    pub detected_s: Option<f64>,
    /// See there, too.
    pub moved_partitions: u32,
}

impl Injected {
    /// The same as it was done to a group, by its name: of several that it was done to one alone is told of in records that do not tell what each noticed.
    pub fn be_of(&mut self, group: &str) {
        let own = self.noticed.iter().find(|noticed| noticed.group == group).cloned();
        if own.is_some() || self.group != group {
            let own = own.unwrap_or_default();
            (self.detected_s, self.moved_partitions) = (own.detected_s, own.moved_partitions);
        }
        group.clone_into(&mut self.group);
    }

    /// Whether it was done to brokers, the topic or the network of all: then it is done to all groups.
    pub fn is_of_all(&self) -> bool {
        let is_cut = self.kind == "partition" && self.instances.is_empty();
        self.is_of_brokers() || is_cut || ["topic", "config", "network"].contains(&self.kind.as_str())
    }

    /// Whether it was done to a broker.
    pub fn is_of_brokers(&self) -> bool {
        self.kind.ends_with("_broker")
    }

    /// Whether partitions need not move because of it.
    pub fn may_go_unnoticed(&self) -> bool {
        self.is_of_all() || self.kind == "exhaust"
    }

    /// Whether somebody gave no sign for less time than a session, so that nobody had to take it for gone.
    pub fn is_within_a_session(&self) -> bool {
        let lasted = self.undone_s.zip(self.asked_s).map(|(undone, asked)| undone - asked);
        let is_over = lasted.zip(self.session_s).is_some_and(|(lasted, session)| lasted < session);
        is_over && ["pause", "partition"].contains(&self.kind.as_str())
    }

    /// What it costs that old and new ran beside each other: the rent of the new ones until the old ones were gone. None of what replaces nobody, and where
    /// no price is known.
    pub fn overlap_cost(&self, prices: &Prices) -> Option<Money> {
        let hour = prices.instances.get(self.instance_type.as_ref()?)?.usd;
        Some(hour.times(self.started.len() as u128, 1).for_seconds(self.overlap_s?))
    }

    /// From when until when what happens is put down to it, in seconds since time 0; none where it was never asked for.
    pub fn caused(&self) -> Option<Range<f64>> {
        Some(self.asked_s?..self.caused_until_s?)
    }
}

/// A time in which no message of a partition was processed: a line of `gaps.csv`, which is there where a trial has events, or an instance died while instances told
/// this because others of the run have some. Completions of a partition that lie no more than 100 ms apart leave none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GapRow {
    /// The group, by its name in the experiment.
    pub group: String,
    /// The partition.
    pub partition: u32,
    /// The last completion before it, in seconds since time 0, or time 0.
    pub from_s: f64,
    /// The first completion after it; empty where none came.
    pub to_s: Option<f64>,
}

/// A second of the window in which messages were due: a line of `in_time.csv`, which is there where a trial has events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InTimeRow {
    /// The group, by its name in the experiment.
    pub group: String,
    /// Which second of the window, from 0 on.
    pub second: u32,
    /// Partitions in which a message was due in it. Of messages that were never acked nobody knows the partition: each stands for one more in which nothing else
    /// was due, as long as there are such.
    pub due: u32,
    /// Those of them in which one of these messages, or more, was processed in time.
    pub in_time: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_has_noticed_what_was_done_to_all_when_it_did_itself() {
        let noticed = |group: &str, detected_s: Option<f64>, moved_partitions: u32| Noticed {
            group: group.to_owned(),
            detected_s,
            moved_partitions,
        };
        let event = Injected {
            kind: "restart_broker".to_owned(),
            group: "orders".to_owned(),
            detected_s: Some(7.0),
            moved_partitions: 2,
            noticed: vec![
                noticed("orders", Some(7.0), 2),
                noticed("bills", Some(9.0), 5),
                noticed("audit", None, 0),
            ],
            ..Injected::default()
        };
        let of = |event: &Injected, group: &str| {
            let mut own = event.clone();
            own.be_of(group);
            assert_eq!(own.group, group);
            (own.detected_s, own.moved_partitions)
        };
        assert_eq!(of(&event, "orders"), (Some(7.0), 2));
        assert_eq!(of(&event, "bills"), (Some(9.0), 5));
        assert_eq!(of(&event, "audit"), (None, 0));
        let older = Injected { noticed: Vec::new(), ..event };
        assert_eq!(of(&older, "orders"), (Some(7.0), 2));
        assert_eq!(of(&older, "bills"), (None, 0), "nobody knows of it");
    }
}
