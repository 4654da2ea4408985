//! The JSON lines of a reference consumer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::emulation::Worked;
use super::spent::Spent;
use crate::books::OffsetSet;
use crate::books::keyed::Keyed;
use crate::units::Latency;

/// One line of a consumer's output. `thread` names the group member inside of the instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// A member was given these partitions, in addition to those it has; none is possible.
    Assigned {
        /// Which member.
        thread: u32,
        /// The partitions that came.
        partitions: Vec<i32>,
    },
    /// A member gives these partitions up.
    Revoked {
        /// Which member.
        thread: u32,
        /// The partitions that go.
        partitions: Vec<i32>,
    },
    /// A member is in the group and the group is at rest, be it without a partition.
    Joined {
        /// Which member.
        thread: u32,
    },
    /// A canary arrived; written at once.
    Canary {
        /// Its partition.
        partition: i32,
        /// Its offset.
        offset: i64,
    },
    /// What was done since the report before.
    Report(Box<Report>),
    /// Something went wrong; the consumer goes on unless it is fatal.
    Error {
        /// What.
        text: String,
        /// Whether the consumer ends because of it.
        fatal: bool,
        /// When it came last, in Unix nanoseconds; by when the line came where it is not told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_ns: Option<u64>,
        /// How often errors of its kind came since the line before.
        #[serde(default = "once")]
        times: u64,
    },
}

const fn once() -> u64 {
    1
}

/// What was done since the report before. Written once a second, before each commit, when a consumer runs out of work, and at the end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// 0, 1, 2, …
    pub seq: u64,
    /// When the report before was cut, in Unix nanoseconds.
    pub from_ns: u64,
    /// When this one was cut.
    pub at_ns: u64,
    /// Partitions that the instance has.
    pub assignment: Vec<i32>,
    /// Offsets processed for the first time by this instance, by partition; canaries and foreign messages included.
    pub processed: BTreeMap<i32, OffsetSet>,
    /// Those of them that hold messages of others, or of other trials; none in lines that do not tell.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub foreign_offsets: BTreeMap<i32, OffsetSet>,
    /// Received and not yet processed: (partition, offset).
    pub in_hand: Vec<(i32, i64)>,
    /// Receipts of messages, `fresh` ones apart.
    pub received_quarters: ToldQuarters,
    /// Completions of messages, `fresh` ones apart.
    pub processed_quarters: ToldQuarters,
    /// Bytes of the payloads of completed messages, `fresh` ones apart, by the quarter second of completion.
    #[serde(default)]
    pub processed_bytes: ToldQuarters,
    /// Latencies of messages, `fresh` ones apart, by the second of due: HdrHistogram V2 in base64.
    #[serde(with = "by_name")]
    pub latencies: BTreeMap<Latency, BTreeMap<u64, String>>,
    /// Messages processed soon after an assignment, one by one: another instance may have processed them before.
    pub fresh: Vec<Fresh>,
    /// Messages processed for the first time by this instance, since its start; canaries and foreign ones apart.
    pub processed_total: u64,
    /// Deliveries of what this instance had processed already, since its start; canaries apart.
    pub duplicates: u64,
    /// Deliveries whose sequence was below one seen before from the same producer in the same partition, redeliveries apart; since its start.
    pub out_of_order: u64,
    /// Messages without an envelope of this trial, since its start.
    pub foreign: u64,
    /// Latencies that came out negative and were counted as zero, since its start.
    pub negative: u64,
    /// Latencies that no histogram could hold, since its start.
    pub out_of_range: u64,
    /// Time that brokers held its fetches back because of a quota, since its start, in ms; 0 in lines that do not tell.
    #[serde(default)]
    pub throttled_ms: u64,
    /// Bytes that came from brokers since its start, as its sockets count them; counted once a second and in the last report, none in others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched_bytes: Option<u64>,
    /// CPU time of the process, since its start.
    pub cpu_ns: u64,
    /// Work done under a pace, since its start; nothing where none was set.
    #[serde(default)]
    pub worked: Worked,
    /// When messages of each partition were completed, as spans of time in Unix nanoseconds in which they came no more than 100 ms apart; empty where it was
    /// not asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub busy: BTreeMap<i32, Vec<(u64, u64)>>,
    /// The seconds, since 1970, in which messages of each partition were due of which one or more were processed in time; empty where it was not asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub in_time: BTreeMap<i32, OffsetSet>,
    /// Messages with a key that this instance processed for the first time; empty where it was not asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keyed: Vec<Keyed>,
    /// What the time of each member went to, by its thread; empty in lines that do not tell.
    #[serde(default)]
    pub members: Vec<Spent>,
    /// The last one.
    #[serde(rename = "final")]
    pub last: bool,
}

/// Counts by absolute quarter second, without a gap from the first on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldQuarters {
    /// The first quarter second, counted since 1970.
    pub first: u64,
    /// One count for it and for each one after it.
    pub counts: Vec<u64>,
}

impl ToldQuarters {
    /// The quarters that hold something, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        (self.first..).zip(self.counts.iter().copied()).filter(|(_, count)| *count > 0)
    }
}

impl From<&BTreeMap<u64, u64>> for ToldQuarters {
    fn from(counts: &BTreeMap<u64, u64>) -> Self {
        let (Some((first, _)), Some((last, _))) = (counts.first_key_value(), counts.last_key_value()) else {
            return ToldQuarters::default();
        };
        ToldQuarters {
            first: *first,
            counts: (*first..=*last)
                .map(|quarter| counts.get(&quarter).copied().unwrap_or_default())
                .collect(),
        }
    }
}

/// One message with its times, as `[partition, offset, due, received, processed, bytes]`, times in Unix nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "FreshTuple", into = "FreshTuple")]
pub struct Fresh {
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// When it should have gone.
    pub due: u64,
    /// When the consumer got it.
    pub received: u64,
    /// When the consumer was done with it.
    pub processed: u64,
    /// Bytes of its payload.
    pub bytes: u64,
}

type FreshTuple = (i32, i64, u64, u64, u64, u64);

impl Fresh {
    /// Its latencies, with whether they came out negative; those count as zero.
    pub fn latencies(&self) -> [(Latency, u64, bool); 3] {
        let between = |latency, start: u64, end: u64| (latency, end.saturating_sub(start), end < start);
        [
            between(Latency::Receive, self.due, self.received),
            between(Latency::EndToEnd, self.due, self.processed),
            between(Latency::ProcessService, self.received, self.processed),
        ]
    }
}

impl From<FreshTuple> for Fresh {
    fn from((partition, offset, due, received, processed, bytes): FreshTuple) -> Self {
        Fresh { partition, offset, due, received, processed, bytes }
    }
}

impl From<Fresh> for FreshTuple {
    fn from(it: Fresh) -> Self {
        (it.partition, it.offset, it.due, it.received, it.processed, it.bytes)
    }
}

/// Latencies by their names.
mod by_name {
    use super::{BTreeMap, Latency};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    type Seconds = BTreeMap<u64, String>;

    pub(super) fn serialize<S: Serializer>(
        map: &BTreeMap<Latency, Seconds>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let named: BTreeMap<_, _> = map.iter().map(|(latency, seconds)| (latency.name(), seconds)).collect();
        named.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<Latency, Seconds>, D::Error> {
        let named = BTreeMap::<String, Seconds>::deserialize(from)?;
        let known = |(name, seconds): (String, Seconds)| match Latency::from_name(&name) {
            Some(latency) => Ok((latency, seconds)),
            None => Err(D::Error::custom(format!("unknown latency `{name}`"))),
        };
        named.into_iter().map(known).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_back_as_it_was_written() {
        let report = Report {
            seq: 3,
            processed: BTreeMap::from([(0, vec![(1, 4), (6, 9)].into())]),
            in_hand: vec![(0, 9)],
            received_quarters: ToldQuarters { first: 40, counts: vec![1, 0, 2] },
            latencies: BTreeMap::from([(Latency::EndToEnd, BTreeMap::from([(10, "AAAA".to_owned())]))]),
            fresh: vec![(0, 8, 1, 2, 3, 100).into()],
            last: true,
            ..Report::default()
        };
        let lines = [
            Line::Assigned { thread: 1, partitions: vec![0, 3] },
            Line::Revoked { thread: 0, partitions: vec![] },
            Line::Joined { thread: 0 },
            Line::Canary { partition: 2, offset: 0 },
            Line::Report(Box::new(report)),
            Line::Error { text: "no broker".to_owned(), fatal: false, at_ns: Some(5), times: 2 },
        ];
        for line in lines {
            let text = serde_json::to_string(&line).unwrap();
            assert!(!text.contains('\n'));
            assert_eq!(serde_json::from_str::<Line>(&text).unwrap(), line);
        }
    }

    #[test]
    fn the_format_is_what_others_read() {
        let report = Report {
            fresh: vec![(0, 8, 1, 2, 3, 100).into()],
            latencies: BTreeMap::from([(Latency::Receive, BTreeMap::from([(10, "AAAA".to_owned())]))]),
            ..Report::default()
        };
        let json = serde_json::to_value(Line::Report(Box::new(report))).unwrap();
        assert_eq!(json["report"]["fresh"], serde_json::json!([[0, 8, 1, 2, 3, 100]]));
        assert_eq!(json["report"]["final"], false);
        assert_eq!(json["report"]["latencies"]["receive_latency"]["10"], "AAAA");
    }

    #[test]
    fn an_error_without_time_and_count_is_one_of_when_its_line_came() {
        let line: Line = serde_json::from_str(r#"{"error": {"text": "no broker", "fatal": false}}"#).unwrap();
        assert_eq!(line, Line::Error { text: "no broker".to_owned(), fatal: false, at_ns: None, times: 1 });
    }

    #[test]
    fn a_quarter_without_an_event_keeps_its_place() {
        let quarters = ToldQuarters::from(&BTreeMap::from([(7, 2), (9, 1)]));
        assert_eq!(quarters, ToldQuarters { first: 7, counts: vec![2, 0, 1] });
        assert_eq!(quarters.iter().collect::<Vec<_>>(), [(7, 2), (9, 1)]);
        assert_eq!(ToldQuarters::from(&BTreeMap::new()), ToldQuarters::default());
    }
}
