//! What one trial leaves behind, raw: facts as they were counted, no judgement. `trial.json` is this, word for word.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::away::Away;
use super::emulated::EmulatedGroup;
use super::groups::{Followed, Gone, GroupRecord, Partitions, Silence};
use super::hlog::Layout;
use super::injected::Injected;
use super::members::MemberTime;
use super::pacing::Pacing;
use super::series::PER_SECOND;
use super::series::quarter;
use super::usage::{Fetched, HostUse, ProcessUse, WireUse};
use crate::books::{Books, Fairness};
use crate::units::Latency;

/// Version of the format of a results folder: of the manifest and of each `trial.json` with what lies beside it. It rises when a bench of before would take
/// something in it for what it is not; what it can pass over (a further key, column or file) raises nothing.
pub const FORMAT: u32 = 1;

/// One trial. Times named `_s` are seconds since time 0 of the trial, the start of the warm-up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialRecord {
    /// Version of the format.
    pub format: u32,
    /// `001-partitions=1,instances=2-r1`: its folder.
    pub trial: String,
    /// 1, 2, 3, … over the whole run.
    pub order: u32,
    /// The block it belongs to.
    pub block: u32,
    /// 1, 2, 3, … among the trials of its treatment.
    pub repetition: u32,
    /// The treatment's slug.
    pub treatment: String,
    /// Factor and level's label, in the plan's order of factors.
    pub levels: Vec<(String, String)>,
    /// Whether its treatment is the one thread over all partitions that the others have to beat.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub baseline: bool,
    /// Its schedule follows from this and the workload.
    pub seed: u64,
    /// When it began to deploy (RFC 3339, UTC).
    pub started: String,
    /// How long it waited for what the trial before had left; null where nothing is known of it.
    pub settle_s: Option<f64>,
    /// Its topic, of several the first and the last; gone when the trial ended, unless it was to be kept.
    #[serde(default)]
    pub topic: String,
    /// Its topics where it has several; all that is told by partition has their partitions one after the other, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<TopicPart>,
    /// Its group; null without consumers.
    #[serde(default)]
    pub group: Option<String>,
    /// How it ended.
    pub end: End,
    /// What it was asked to do, as far as judging needs it.
    pub asked: Asked,
    /// What it sent, as one number; null in records that do not tell, and where nothing was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<Fingerprint>,
    /// What lay there before the consumers were started; null where nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backlog: Option<Backlog>,
    /// How its instances were emulated, by group; none where they were not.
    #[serde(default)]
    pub emulated: Vec<EmulatedGroup>,
    /// How far clients and brokers were from one another; none where all reached the brokers directly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<Away>,
    /// How long each part took, for those who ask where the time went: `deploy`, `ready`, `drain`, `tear_down`.
    pub spent_s: BTreeMap<String, f64>,
    /// The books over the whole trial; null where it ended before any could be kept.
    pub books: Option<Books>,
    /// Messages due in the window.
    pub due_in_window: u64,
    /// Values that a histogram could not hold, all latencies together.
    pub out_of_range: u64,
    /// Latencies that came out negative (clocks) and were counted as zero.
    pub negative: u64,
    /// Redeliveries that could not be told from first processings and are in the latencies of consumers.
    pub unattributed_redeliveries: u64,
    /// Counters of the host at the start and the end of the window; null where not read.
    pub host: Option<HostUse>,
    /// What the consumers used in the window; null where unknown.
    pub consumers: Option<ProcessUse>,
    /// What the brokers that bench started used in the window; null where unknown.
    pub cluster: Option<ProcessUse>,
    /// CPU of pacers, senders and client threads in the window, in cores; null where unknown.
    pub load_cpu_cores: Option<f64>,
    /// CPU of the busiest single thread of the load in the window, in cores.
    pub load_busiest_thread_cores: Option<f64>,
    /// Time that threads of the load were runnable and waited for a core, in seconds per second of the window, the worst thread's.
    pub load_run_delay: Option<f64>,
    /// How long that thread waited each time it wanted a core, in ms, the mean; null where not read.
    #[serde(default)]
    pub load_wait_ms: Option<f64>,
    /// Greatest resident memory of bench's own process in the window, its producers included, in MiB; null where not read.
    #[serde(default)]
    pub load_rss_max_mib: Option<f64>,
    /// Difference between the wall clock and the monotonic one, its greatest change during the trial, in ms; null where not read.
    pub clock_step_ms: Option<f64>,
    /// What the thread that keeps time asked of the kernel, and what it got; null at `rate: max`, and where nothing was sent.
    #[serde(default)]
    pub pacing: Option<Pacing>,
    /// What went over the wire in the window, by what the producers count; null where they were not asked.
    #[serde(default)]
    pub wire: Option<WireUse>,
    /// What all consumers got from brokers in the window, those of all groups together; null where one of them does not tell, as consumers do that are not ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<Fetched>,
    /// Rebalances that nobody planned, between time 0 and the window's end.
    pub rebalances: u32,
    /// Instances that ended on their own between time 0 and the window's end.
    #[serde(default)]
    pub deaths: u32,
    /// How long each instance told nothing in the window, one entry each; empty in records that do not tell.
    #[serde(default)]
    pub silences: Vec<Silence>,
    /// What the time of the consumers went to in the window; empty in records that do not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberTime>,
    /// How the consumers were followed, where they say nothing themselves; null for the reference consumer, and without consumers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed: Option<Followed>,
    /// Instances that the kernel killed for their memory, in the whole trial.
    #[serde(default)]
    pub oom_kills: u32,
    /// Errors that brokers gave while load ran, each once, with its count.
    pub broker_errors: BTreeMap<String, u64>,
    /// Messages that failed after they were sent, by the error's name.
    #[serde(default)]
    pub failures: BTreeMap<String, u64>,
    /// When watching ended, in seconds since time 0: what had not come by then took longer. Null in records of an earlier version.
    #[serde(default)]
    pub watched_s: Option<f64>,
    /// How messages and lag were spread over the partitions; null in records that do not tell.
    #[serde(default)]
    pub partitions: Option<Partitions>,
    /// How evenly producers were served in the window; null where there is one, or in records that do not tell.
    #[serde(default)]
    pub fairness: Option<Fairness>,
    /// What was done to it on purpose, in the order in which it came; none where nothing was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub injected: Vec<Injected>,
    /// Each group, the first one too, where `consumers` is a list. All above speaks of the first; errors are those of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupRecord>,
}

/// One of several topics of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopicPart {
    /// Its name.
    pub name: String,
    /// Its partitions.
    pub partitions: u32,
    /// Its part of the messages, from 0 to 1.
    pub share: f64,
    /// Replicas of each partition; none in records of before it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replication: Option<u16>,
}

/// What a workload sends under a seed: as one number, by which it is known again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// SHA-256 of its first messages, keys, headers and payloads, in hexadecimal.
    pub sha256: String,
    /// How many messages these are.
    pub messages: u64,
    /// Mean bytes of their payloads.
    pub mean_bytes: f64,
}

/// Messages that were written before the consumers were started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backlog {
    /// How many.
    pub messages: u64,
    /// From when the first of them was due to when the last was.
    pub span_s: f64,
    /// How long it took to write them.
    pub written_s: f64,
    /// When the consumers were started, in seconds since time 0: below 0.
    pub started_s: f64,
    /// How old they were when the first group had processed them, or was seen to have committed them: a histogram of nanoseconds, as consumers tell theirs; null
    /// where it cannot be read, and of a share group, of which nobody tells when.
    pub ages: Option<String>,
    /// How many messages the first group had processed, or was seen to have committed, before time 0: they are in no row of the series. Null in records of before
    /// it was written, whose first row holds them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processed_before: Option<u64>,
    /// When the first group had drained it, where that was by time 0 and it tells so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Gone>,
}

impl Backlog {
    /// Messages of it that were left at time 0; none in records that do not tell.
    pub fn left(&self) -> Option<u64> {
        Some(self.messages.saturating_sub(self.processed_before?))
    }
}

/// How a trial ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It went through all its phases.
    Completed,
    /// The environment failed: the reason, as told to the user.
    Failed(String),
    /// A signal ended it; what was measured until then is kept.
    Interrupted,
}

/// What a trial was asked to do, as far as judging needs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// Offered by all fleets together, messages per second, of a shape the mean over the window; null at `rate: max`, where the clients' queues decided.
    pub rate_msgs_per_s: Option<f64>,
    /// Bytes of a message; where sizes are drawn, their mean.
    pub message_bytes: u64,
    /// Whether sizes are drawn.
    #[serde(default)]
    pub sizes_drawn: bool,
    /// Replicas of each partition; null where topics differ, which `topics` then tells, and in records of before it was written.
    #[serde(default)]
    pub replication: Option<u16>,
    /// Partitions of the topic, of several of all together.
    pub partitions: u32,
    /// Instances of the consumers; null without consumers.
    pub instances: Option<u32>,
    /// Consumers in each instance; null without consumers.
    pub threads: Option<u32>,
    /// Producers of all fleets together; null in records of before it was written.
    #[serde(default)]
    pub producers: Option<u32>,
    /// What each fleet's producers are: `librdkafka` or `light`.
    #[serde(default)]
    pub clients: BTreeMap<String, String>,
    /// From the beginning of a transaction to its end, of fleets that send in transactions the longest: until then nobody is to read what is in it. Null where none
    /// does, and in records of before it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_s: Option<f64>,
    /// Length of the warm-up.
    pub warm_up_s: f64,
    /// Length of the window.
    pub measure_s: f64,
    /// The longest wait after the window.
    pub drain_s: f64,
    /// How soon after it was due a message had to be processed to come in time, in ms: what `in_time.csv` is counted by. Null where nothing was to be done to
    /// the trial on purpose, where nobody read or nothing was ever due, and in records of before it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_time_ms: Option<f64>,
}

impl Asked {
    /// The window's rows, as [`quarter`] counts them.
    pub fn window(&self) -> Range<i64> {
        quarter(self.warm_up_s)..quarter(self.warm_up_s + self.measure_s)
    }
}

impl TrialRecord {
    /// In what steps what consumers have done is seen, in seconds: of a group that is followed from outside from one of its commits to the next; 0 of one that tells it.
    pub fn commit_step_s(&self) -> f64 {
        self.followed.as_ref().and_then(|followed| followed.commit_interval_s).unwrap_or_default()
    }

    /// The steps in which it is read whether a backlog is gone, in seconds: quarter seconds, and those of commits.
    pub fn drain_step_s(&self) -> f64 {
        1.0 / f64::from(PER_SECOND) + self.commit_step_s()
    }

    /// Whether anybody tells how long that took each message.
    pub fn tells(&self, latency: Latency) -> bool {
        match &self.followed {
            // Held to a part of a core, a program that is not ours takes longer, and how much of it that is nobody knows.
            Some(_) if !self.emulated.is_empty() => !latency.is_of_consumers(),
            Some(followed) => match latency {
                Latency::Receive | Latency::EndToEnd => false,
                Latency::Committed => !followed.is_share_group(),
                Latency::Output => followed.results.as_ref().is_some_and(|results| results.missing.is_some()),
                _ => true,
            },
            None => !matches!(latency, Latency::Committed | Latency::Output),
        }
    }

    /// What was done on purpose to the group that it speaks of: of several the first.
    pub fn own_events(&self) -> impl Iterator<Item = &Injected> {
        let is_own = |one: &&Injected| self.groups.is_empty() || one.group_number == 0 || one.is_of_all();
        self.injected.iter().filter(is_own)
    }

    /// Partitions that there were at a time, in seconds since time 0: those too that the event which was asked for then has added.
    pub fn partitions_at(&self, at_s: f64) -> u32 {
        let added = self.injected.iter().filter(|one| one.asked_s.is_some_and(|asked| asked <= at_s));
        added.filter_map(|one| one.partitions).fold(self.asked.partitions, u32::max)
    }

    /// Whether somebody was moved by an event in the window and nobody read what was carried from then on, as older versions of bench did not.
    pub fn moved_unread(&self) -> bool {
        let end = self.asked.warm_up_s + self.asked.measure_s;
        let moved = |one: &Injected| one.kind == "network" && one.asked_s.is_some_and(|at| at < end);
        self.injected.iter().any(moved) && self.network.iter().all(|away| away.event.is_none())
    }

    /// The phases that its latencies are laid out by.
    pub(super) const fn layout(&self) -> Layout {
        Layout { warm_up_s: self.asked.warm_up_s, measure_s: self.asked.measure_s }
    }

    /// The record as it would be, were that group the only one.
    #[must_use]
    pub fn of_group(&self, group: &GroupRecord) -> TrialRecord {
        let mut record = self.clone();
        record.group = Some(group.full_name.clone());
        record.asked.instances = Some(group.instances);
        record.asked.threads = Some(group.threads);
        record.books = group.books;
        record.out_of_range = group.out_of_range;
        record.negative = group.negative;
        record.unattributed_redeliveries = group.unattributed_redeliveries;
        record.consumers = group.consumers;
        record.rebalances = group.rebalances;
        record.deaths = group.deaths;
        record.silences.clone_from(&group.silences);
        record.members.clone_from(&group.members);
        record.followed.clone_from(&group.followed);
        if let Some(backlog) = &mut record.backlog {
            (backlog.processed_before, backlog.gone) = (group.processed_before, group.gone);
        }
        if let Some(partitions) = &mut record.partitions {
            partitions.lag_end.clone_from(&group.lag_end);
            partitions.lag_unknown = group.lag_unknown;
            partitions.lag_max = group.lag_max;
        }
        record.injected.retain(|one| one.group == group.group || one.is_of_all());
        record.injected.iter_mut().for_each(|one| one.be_of(&group.group));
        record.groups = Vec::new();
        record
    }
}
