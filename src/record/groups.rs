//! What a trial leaves of each group, where several read the same topic: the trial's record speaks of the first of them.

use serde::{Deserialize, Serialize};

use super::Latencies;
use super::held::Series;
use super::members::MemberTime;
use super::usage::ProcessUse;
use crate::books::Books;

/// One group of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupRecord {
    /// Its name in the experiment.
    pub group: String,
    /// Its name in this trial.
    pub full_name: String,
    /// Its instances.
    pub instances: u32,
    /// Consumers in each of them.
    pub threads: u32,
    /// The trial's books as they are with this group; null where it ended before any could be kept.
    pub books: Option<Books>,
    /// Values that a histogram of the load or of this group could not hold.
    pub out_of_range: u64,
    /// Its latencies that came out negative (clocks) and were counted as zero.
    pub negative: u64,
    /// Its redeliveries that could not be told from first processings.
    pub unattributed_redeliveries: u64,
    /// What its instances used in the window; null where unknown.
    pub consumers: Option<ProcessUse>,
    /// Its rebalances that nobody planned, between time 0 and the window's end.
    pub rebalances: u32,
    /// Its instances that ended on their own, between time 0 and the window's end.
    pub deaths: u32,
    /// How long each of its instances told nothing, one entry each; empty in records that do not tell.
    #[serde(default)]
    pub silences: Vec<Silence>,
    /// What the time of its consumers went to in the window; empty in records that do not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberTime>,
    /// How it was followed, where it says nothing itself; null for a group of the reference consumer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed: Option<Followed>,
    /// Messages of a backlog that it had processed before time 0; null where there was none, and in records that do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processed_before: Option<u64>,
    /// When it had drained the backlog, where that was by time 0 and it tells so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Gone>,
    /// Its committed lag at the window's end, by partition; null where not read.
    pub lag_end: Option<Vec<u64>>,
    /// Messages of unknown fate that were sent until then: the lag of any partition may be so much greater, that of all together too.
    #[serde(default)]
    pub lag_unknown: u64,
    /// The partition that lagged most when its lag was greatest in the window; null where not read.
    pub lag_max: Option<PartitionLag>,
}

/// When no more was left of a backlog than what comes in a quarter second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gone {
    /// The end of a quarter second, in seconds since time 0: 0 or less.
    pub at_s: f64,
    /// Messages of it that were processed until then.
    pub processed: u64,
}

/// How a group was followed that says nothing itself: by what it commits, or, of a share group, by what its coordinator tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Followed {
    /// Where commits were read: `offsets_topic`, each when its record came; `polled`, all partitions in one request; `offsets_topic, polled`, where no record
    /// came of some; `share_group`: there are none, and what is said of commits here is of the offset before which all is done.
    pub by: String,
    /// Of a share group, where its lag is from: `broker`, as that tells it once something is done; `start_offset`, what lies beyond the offset before which all is done, of which
    /// some may be done, too. Null of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_by: Option<String>,
    /// Time between two readings, or of the offsets topic the longest that a record was on its way, by the broker's clock: no `committed_latency` is too
    /// small, each is too great by so much at most.
    pub every_ms: u64,
    /// Messages whose commit a record of the offsets topic told; 0 in records from before it was read.
    #[serde(default)]
    pub told: u64,
    /// Readings that were answered.
    pub readings: u64,
    /// How often the commits of a partition were seen to move.
    pub moves: u64,
    /// How often they were seen to go back: what lies between was processed again, and counts once.
    pub rewinds: u64,
    /// Time between two moves of a partition's commits, the median, in seconds; null where none moved twice. Each latency holds the wait until the next.
    pub commit_interval_s: Option<f64>,
    /// Messages that were seen to be committed: what `processed` counts of this group.
    pub committed: u64,
    /// Messages before the last commit that was read whose acks came too late for a latency: they count as longer than was watched.
    pub late: u64,
    /// Messages that were committed before they were due, as a group does that commits beyond the end of a partition: they count as longer than was watched.
    #[serde(default)]
    pub ahead: u64,
    /// Members of the group when it was ready; null where nobody could tell.
    pub members: Option<u32>,
    /// What came of the results that they write; null where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<Results>,
}

impl Followed {
    /// As it is written of a share group.
    pub const SHARE_GROUP: &'static str = "share_group";

    /// Whether it is a share group: partitions do not bound it, and when a message was done is not known.
    pub fn is_share_group(&self) -> bool {
        self.by == Self::SHARE_GROUP
    }
}

/// What came of the results that consumers write to another topic, each followed back to its message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results {
    /// The topic that they are written to.
    pub topic: String,
    /// By what a result is known to be of its message.
    pub by: String,
    /// Messages of which a result came, each once.
    pub messages: u64,
    /// Acked messages of which none came; null where ids did not tell, or not all messages were read back.
    pub missing: Option<u64>,
    /// Results beyond one for each time that their message was written; null in the same cases.
    pub doubled: Option<u64>,
    /// First results behind that of a later message of the same partition, on the same partition of the output; null in the same cases.
    pub out_of_order: Option<u64>,
    /// Messages on the output that are of none of ours.
    pub unknown: u64,
    /// Messages that have no id.
    pub without_id: u64,
    /// Messages that have the id of another one.
    pub repeated: u64,
    /// Messages that were forgotten before the trial's end, for there were too many: a result of one is of none of ours.
    pub forgotten: u64,
    /// Acked messages that were not read back.
    pub not_read: u64,
    /// Topics of the two that could not be read to their ends.
    #[serde(default)]
    pub not_ended: u64,
}

/// The longest time in the window in which one instance told nothing of itself, though it does so once a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    /// Which one.
    pub instance: u32,
    /// From when, in seconds since time 0.
    pub from_s: f64,
    /// Until when.
    pub to_s: f64,
}

/// How much one partition lagged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionLag {
    /// Which one.
    pub partition: u32,
    /// Acked messages not yet committed.
    pub messages: u64,
}

/// How messages and lag were spread over the partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partitions {
    /// Acked messages of the whole trial, by partition.
    pub acked: Vec<u64>,
    /// The ones acked in the window; empty where it was cut short.
    pub acked_in_window: Vec<u64>,
    /// The (first) group's committed lag at the window's end, by partition; null where not read.
    pub lag_end: Option<Vec<u64>>,
    /// Messages of unknown fate that were sent until then: the lag of any partition may be so much greater, that of all together too.
    #[serde(default)]
    pub lag_unknown: u64,
    /// The partition that lagged most when that lag was greatest in the window; null where not read.
    pub lag_max: Option<PartitionLag>,
}

impl Partitions {
    /// The partition with most messages of the window, the first of equals, and its share in percent; none where there were none.
    pub fn busiest(&self) -> Option<(usize, f64)> {
        let counts = self.acked_in_window.iter().copied().enumerate();
        let all: u64 = self.acked_in_window.iter().sum();
        let (at, most) = counts.reduce(|most, one| if one.1 > most.1 { one } else { most })?;
        (all > 0).then(|| (at, 100.0 * most as f64 / all as f64))
    }
}

/// What was seen of a further group over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupTrace {
    /// Its name in the experiment.
    pub group: String,
    /// The trial's rows as they are with this group.
    pub rows: Series,
    /// Its receive and end-to-end latencies.
    pub latencies: Latencies,
}
