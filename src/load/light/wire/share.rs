//! What is asked about a share group (KIP-932), and what is needed of the answers.

use bytes::Bytes;
use kafka_protocol::messages::describe_share_group_offsets_request::DescribeShareGroupOffsetsRequestGroup;
use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::{
    ApiKey, DescribeShareGroupOffsetsRequest, FindCoordinatorRequest, FindCoordinatorResponse, GroupId,
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, ResponseHeader,
    ShareGroupDescribeRequest, ShareGroupDescribeResponse,
};
use kafka_protocol::protocol::{Decodable, StrBytes};

use super::frame::{Head, write, write_as};
use crate::books::Topics;
use crate::cluster::{Described, DescribedMember, ShareOffsets, Spoken};

/// The last version that asks for one coordinator, of one group.
const FIND_COORDINATOR: i16 = 3;
/// The first that Kafka keeps.
const DESCRIBE: i16 = 1;
/// From version 1 on a broker tells the lag, too (KIP-1226); the request is the same.
const OFFSETS: [i16; 2] = [0, 1];
/// The first version in Kafka's compact encoding.
const SET: i16 = 1;
/// What Kafka calls a group among what has settings.
const OF_GROUP: i8 = 32;
/// The setting that says where a share group begins that has nothing done yet.
const BEGINS: &str = "share.auto.offset.reset";
/// The group is not there.
const GROUP_ID_NOT_FOUND: i16 = 69;

/// The version to ask for offsets in; none where the broker knows no share groups.
pub fn offsets_version(spoken: &Spoken) -> Option<i16> {
    let newest = |api: ApiKey| spoken.newest(api as i16);
    newest(ApiKey::ShareGroupDescribe).filter(|newest| *newest >= DESCRIBE)?;
    let theirs = newest(ApiKey::DescribeShareGroupOffsets)?;
    OFFSETS.into_iter().rfind(|ours| *ours <= theirs)
}

/// Asks where a group's coordinator is.
pub fn find_coordinator(out: &mut Vec<u8>, client: &StrBytes, group: &str) -> bool {
    let request = FindCoordinatorRequest::default().with_key(StrBytes::from_string(group.to_owned()));
    write(out, &head(ApiKey::FindCoordinator, FIND_COORDINATOR, client), &request)
}

/// Host and port of the coordinator, or the broker's error code; `None` where it cannot be read.
pub fn read_coordinator(frame: &[u8]) -> Option<Result<(String, u16), i16>> {
    let mut body = body(frame, ApiKey::FindCoordinator, FIND_COORDINATOR)?;
    let answer = FindCoordinatorResponse::decode(&mut body, FIND_COORDINATOR).ok()?;
    if answer.error_code != 0 {
        return Some(Err(answer.error_code));
    }
    Some(Ok((answer.host.to_string(), u16::try_from(answer.port).ok()?)))
}

/// Asks for the state and the members of a share group.
pub fn describe(out: &mut Vec<u8>, client: &StrBytes, group: &str) -> bool {
    let request = ShareGroupDescribeRequest::default().with_group_ids(vec![id(group)]);
    write(out, &head(ApiKey::ShareGroupDescribe, DESCRIBE, client), &request)
}

/// The group, with the partitions of these topics by their numbers; none where there is none of that name. Else the broker's error code; `None` where it cannot
/// be read.
pub fn read_described(frame: &[u8], topics: &Topics) -> Option<Result<Option<Described>, i16>> {
    let mut body = body(frame, ApiKey::ShareGroupDescribe, DESCRIBE)?;
    let answer = ShareGroupDescribeResponse::decode(&mut body, DESCRIBE).ok()?;
    let group = answer.groups.into_iter().next()?;
    match group.error_code {
        0 => {}
        GROUP_ID_NOT_FOUND => return Some(Ok(None)),
        code => return Some(Err(code)),
    }
    let member = |member: kafka_protocol::messages::share_group_describe_response::Member| {
        let all = member.assignment.topic_partitions.iter();
        let numbers = all.flat_map(|one| {
            one.partitions.iter().filter_map(|at| topics.number(one.topic_name.as_str(), *at))
        });
        let mut partitions: Vec<i32> = numbers.map(u32::cast_signed).collect();
        partitions.sort_unstable();
        let (id, client_id) = (member.member_id.to_string(), member.client_id.to_string());
        DescribedMember { id, client_id, partitions }
    };
    let mut members: Vec<DescribedMember> = group.members.into_iter().map(member).collect();
    members.sort();
    let state = group.group_state.to_string();
    Some(Ok(Some(Described { stable: state == "Stable", state, members })))
}

/// Asks where a share group begins in all of its partitions, in a version that [`offsets_version`] gave.
pub fn offsets(out: &mut Vec<u8>, version: i16, client: &StrBytes, group: &str) -> bool {
    let of = DescribeShareGroupOffsetsRequestGroup::default().with_group_id(id(group)).with_topics(None);
    let request = DescribeShareGroupOffsetsRequest::default().with_groups(vec![of]);
    write_as(out, &head(ApiKey::DescribeShareGroupOffsets, version, client), &request, OFFSETS[0])
}

/// Where a share group begins in the partitions of these topics, by their numbers; else the broker's error code; `None` where it cannot be read.
pub fn read_offsets(frame: &[u8], version: i16, topics: &Topics) -> Option<Result<ShareOffsets, i16>> {
    // Kept by hand: the crate does not know the version with the lag. All arrays, texts and tags are of Kafka's compact kind.
    let body = body(frame, ApiKey::DescribeShareGroupOffsets, OFFSETS[0])?;
    let mut all = ShareOffsets::none(topics.partitions());
    let mut read = Compact(&body);
    read.skip(4)?;
    for _ in 0..read.length()? {
        read.text()?;
        for _ in 0..read.length()? {
            let name = read.text()?.to_owned();
            read.skip(16)?;
            for _ in 0..read.length()? {
                let partition = i32::from_be_bytes(read.bytes()?);
                let start = i64::from_be_bytes(read.bytes()?);
                read.skip(4)?;
                let lag = if version > OFFSETS[0] { i64::from_be_bytes(read.bytes()?) } else { -1 };
                let code = i16::from_be_bytes(read.bytes()?);
                read.text()?;
                read.tags()?;
                if code == 0
                    && let Some(number) = topics.number(&name, partition)
                {
                    all.put(number, start, lag);
                }
            }
            read.tags()?;
        }
        let code = i16::from_be_bytes(read.bytes()?);
        if code != 0 {
            return Some(Err(code));
        }
        read.text()?;
        read.tags()?;
    }
    read.tags()?;
    Some(Ok(all))
}

/// Sets where a share group begins; takes the setting away where none is given.
pub fn set_begin(out: &mut Vec<u8>, client: &StrBytes, group: &str, begin: Option<&'static str>) -> bool {
    let setting = AlterableConfig::default()
        .with_name(StrBytes::from_static_str(BEGINS))
        .with_config_operation(i8::from(begin.is_none())) // 0 sets, 1 takes away
        .with_value(begin.map(StrBytes::from_static_str));
    let of = AlterConfigsResource::default()
        .with_resource_type(OF_GROUP)
        .with_resource_name(StrBytes::from_string(group.to_owned()))
        .with_configs(vec![setting]);
    let request = IncrementalAlterConfigsRequest::default().with_resources(vec![of]);
    write(out, &head(ApiKey::IncrementalAlterConfigs, SET, client), &request)
}

/// Whether it was set; else the broker's error code; `None` where the answer cannot be read.
pub fn read_set(frame: &[u8]) -> Option<Result<(), i16>> {
    let mut body = body(frame, ApiKey::IncrementalAlterConfigs, SET)?;
    let answer = IncrementalAlterConfigsResponse::decode(&mut body, SET).ok()?;
    let code = answer.responses.first()?.error_code;
    Some(if code == 0 { Ok(()) } else { Err(code) })
}

fn head(api: ApiKey, version: i16, client: &StrBytes) -> Head {
    // One is on its way at a time.
    Head { api, version, correlation: 1, client: client.clone() }
}

fn id(group: &str) -> GroupId {
    GroupId(StrBytes::from_string(group.to_owned()))
}

/// What follows the header of an answer.
fn body(frame: &[u8], api: ApiKey, version: i16) -> Option<Bytes> {
    let mut bytes = Bytes::copy_from_slice(frame);
    ResponseHeader::decode(&mut bytes, api.response_header_version(version)).ok()?;
    Some(bytes)
}

/// What is left of a body in Kafka's compact encoding; nothing comes of one that ends too soon.
struct Compact<'a>(&'a [u8]);

impl<'a> Compact<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, left) = self.0.split_at_checked(length)?;
        self.0 = left;
        Some(taken)
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.take(length).map(|_| ())
    }

    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// An unsigned number, seven bits a byte, the least first.
    fn number(&mut self) -> Option<u32> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let [byte] = self.bytes()?;
            number |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// How many elements follow; none of null.
    fn length(&mut self) -> Option<u32> {
        Some(self.number()?.saturating_sub(1))
    }

    /// A text; empty for null.
    fn text(&mut self) -> Option<&'a str> {
        let length = self.length()? as usize;
        str::from_utf8(self.take(length)?).ok()
    }

    fn tags(&mut self) -> Option<()> {
        for _ in 0..self.number()? {
            self.number()?;
            let length = self.number()? as usize;
            self.skip(length)?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::DescribeShareGroupOffsetsResponse;
    use kafka_protocol::messages::describe_share_group_offsets_response::{
        DescribeShareGroupOffsetsResponseGroup as Group,
        DescribeShareGroupOffsetsResponsePartition as Partition,
        DescribeShareGroupOffsetsResponseTopic as Topic,
    };
    use kafka_protocol::messages::{TopicName, share_group_describe_response as described};
    use kafka_protocol::protocol::Encodable;

    fn text(text: &str) -> StrBytes {
        StrBytes::from_string(text.to_owned())
    }

    /// An answer as it comes: the number of its question, no tags, the body.
    fn framed(body: &impl Encodable, version: i16) -> Vec<u8> {
        let mut frame = vec![0, 0, 0, 1, 0];
        body.encode(&mut frame, version).unwrap();
        frame
    }

    fn answer(code: i16) -> Vec<u8> {
        let partition = |(at, start): (i32, i64)| {
            let failed = if at == 2 { 3 } else { 0 };
            Partition::default().with_partition_index(at).with_start_offset(start).with_error_code(failed)
        };
        let all = [(0, 300_000), (1, -1), (2, 7), (9, 5)].map(partition).to_vec();
        let topic = Topic::default().with_topic_name(TopicName(text("orders"))).with_partitions(all);
        let other = Topic::default().with_topic_name(TopicName(text("another")));
        let group = Group::default().with_group_id(id("g")).with_topics(vec![other, topic]);
        let group = group.with_error_code(code);
        framed(&DescribeShareGroupOffsetsResponse::default().with_groups(vec![group]), 0)
    }

    #[test]
    fn start_offsets_are_read_as_the_crate_writes_them() {
        let topics = Topics::one("orders", 3);
        let read = read_offsets(&answer(0), 0, &topics).unwrap().unwrap();
        assert_eq!(read.starts, [Some(300_000), None, None], "not begun, and not told");
        assert_eq!(read.lags, [None; 3]);
        assert_eq!(read_offsets(&answer(16), 0, &topics), Some(Err(16)));
        let whole = answer(0);
        assert!((5..whole.len()).all(|end| read_offsets(&whole[..end], 0, &topics).is_none()), "cut off");
    }

    #[test]
    fn the_lag_that_a_broker_tells_is_read() {
        // One group "g", one topic "t", partition 0: start 10, epoch 2, lag 1234, no error.
        let mut frame = vec![0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 2, b'g', 2, 2, b't'];
        frame.extend([0; 16]);
        frame.extend([2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 2]);
        frame.extend(1_234_i64.to_be_bytes());
        // No error and no words of the partition, its tags, those of the topic; the same of the group; the answer's tags.
        frame.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let read = read_offsets(&frame, 1, &Topics::one("t", 1)).unwrap().unwrap();
        assert_eq!((read.starts, read.lags), (vec![Some(10)], vec![Some(1_234)]));
    }

    #[test]
    fn members_of_a_share_group_may_have_the_same_partitions() {
        let member = |name: &str, partitions: &[i32]| {
            let orders = described::TopicPartitions::default()
                .with_topic_name(TopicName(text("orders")))
                .with_partitions(partitions.to_vec());
            let assignment = described::Assignment::default().with_topic_partitions(vec![orders]);
            described::Member::default()
                .with_member_id(text(name))
                .with_client_id(text("c"))
                .with_assignment(assignment)
        };
        let of = |code: i16| {
            let group = described::DescribedGroup::default()
                .with_error_code(code)
                .with_group_state(text("Stable"))
                .with_members(vec![member("b", &[1, 0]), member("a", &[0]), member("c", &[1])]);
            framed(&ShareGroupDescribeResponse::default().with_groups(vec![group]), DESCRIBE)
        };
        let topics = Topics::one("orders", 2);
        let group = read_described(&of(0), &topics).unwrap().unwrap().unwrap();
        assert!(group.is_ready(2, 3), "three share two partitions: {group}");
        assert_eq!(group.members[1].partitions, [0, 1]);
        assert_eq!(read_described(&of(GROUP_ID_NOT_FOUND), &topics), Some(Ok(None)));
        assert_eq!(read_described(&of(30), &topics), Some(Err(30)));
    }

    #[test]
    fn where_a_group_begins_is_set_or_refused() {
        use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
        let answer = |code: i16| {
            let of =
                AlterConfigsResourceResponse::default().with_error_code(code).with_resource_type(OF_GROUP);
            framed(&IncrementalAlterConfigsResponse::default().with_responses(vec![of]), SET)
        };
        assert_eq!((read_set(&answer(0)), read_set(&answer(30))), (Some(Ok(())), Some(Err(30))));
        assert_eq!(read_set(&framed(&IncrementalAlterConfigsResponse::default(), SET)), None, "of no group");
    }

    #[test]
    fn the_version_is_the_newest_that_both_know() {
        let spoken = |requests: &[(ApiKey, i16)]| Spoken {
            requests: requests.iter().map(|(key, newest)| (*key as i16, *newest)).collect(),
            ..Spoken::default()
        };
        let (describe, offsets) = (ApiKey::ShareGroupDescribe, ApiKey::DescribeShareGroupOffsets);
        assert_eq!(offsets_version(&spoken(&[(describe, 1), (offsets, 0)])), Some(0));
        assert_eq!(offsets_version(&spoken(&[(describe, 2), (offsets, 5)])), Some(1));
        assert_eq!(offsets_version(&spoken(&[(describe, 0), (offsets, 0)])), None, "of Kafka 4.0");
        assert_eq!(offsets_version(&spoken(&[(describe, 1)])), None);
    }
}
