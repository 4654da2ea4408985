//! A group as its coordinator describes it: state, members, and who has which partitions.
//!
//! The safe wrapper has no such call that knows groups of both protocols, the classic one and that of KIP-848.
#![expect(unsafe_code, reason = "what describes a group has no safe wrapper")]

use std::collections::BTreeSet;
use std::ffi::CString;
use std::fmt;
use std::time::Duration;

use rdkafka::bindings as rd;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::types::{RDKafka, RDKafkaErrorCode, RDKafkaRespErr};

use super::request::{owned, request};
use crate::books::Topics;

/// A group at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// Whether every member has got what it is to have.
    pub stable: bool,
    /// The state, as Kafka names it: `Stable`, `PreparingRebalance`, …
    pub state: String,
    /// By id, in that order.
    pub members: Vec<DescribedMember>,
}

/// One member of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DescribedMember {
    /// What the coordinator calls it.
    pub id: String,
    /// What its client calls itself.
    pub client_id: String,
    /// The partitions of the topics that were asked for, by their numbers.
    pub partitions: Vec<i32>,
}

impl Described {
    /// One that could not be described, and why.
    pub fn unknown(why: &str) -> Self {
        Described { state: format!("unknown ({why})"), ..Described::default() }
    }

    /// Whether nobody is in it, and nobody on the way into it.
    pub fn is_deserted(&self) -> bool {
        self.members.is_empty() && ["Empty", "Dead"].contains(&self.state.as_str())
    }

    /// Partitions that no member has, of so many.
    pub fn unassigned(&self, partitions: u32) -> Vec<i32> {
        let assigned: BTreeSet<i32> =
            self.members.iter().flat_map(|member| member.partitions.iter().copied()).collect();
        (0..partitions as i32).filter(|partition| !assigned.contains(partition)).collect()
    }

    /// Whether so many members or more share all of the partitions.
    pub fn is_ready(&self, partitions: u32, members: u32) -> bool {
        self.stable && self.members.len() >= members as usize && self.unassigned(partitions).is_empty()
    }

    /// Whether so many members or more have any partition: in a share group each gets some, however few there are, and one that has none yet is still to get them.
    pub fn has_readers(&self, members: u32) -> bool {
        self.members.iter().filter(|member| !member.partitions.is_empty()).count() >= members as usize
    }
}

/// As a sentence for an error.
impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.state.is_empty() { "unknown" } else { &self.state };
        write!(f, "state {state}, {} members", self.members.len())?;
        for member in &self.members {
            write!(f, "\n  {} ({}): partitions {:?}", member.id, member.client_id, member.partitions)?;
        }
        Ok(())
    }
}

/// Describes a group by a consumer's client, with the partitions of these topics; or why not.
pub fn describe_by(
    client: &BaseConsumer,
    (group, topics): (&str, &Topics),
    within: Duration,
) -> Result<Described, String> {
    describe(client.client().native_ptr(), (group, topics), within)
}

/// Describes a group by an admin client's handle, with the partitions of these topics. The handle must live until this returns. A group that is not there is
/// described as one without members.
pub(super) fn describe(
    client: *mut RDKafka,
    (group, topics): (&str, &Topics),
    within: Duration,
) -> Result<Described, String> {
    let name = CString::new(group).map_err(|_| "the group's name holds a zero byte".to_owned())?;
    let mut names = [name.as_ptr()];
    // SAFETY: the name outlives the call, which copies it.
    unsafe {
        request(
            client,
            rd::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
            within,
            |options, queue| {
                rd::rd_kafka_DescribeConsumerGroups(client, names.as_mut_ptr(), names.len(), options, queue);
            },
            |event| read(event, topics),
        )
    }
}

/// SAFETY: the event is null, or the answer to DescribeConsumerGroups and alive.
unsafe fn read(event: *mut rd::rd_kafka_event_t, topics: &Topics) -> Result<Described, String> {
    if event.is_null() {
        return Err("no broker answered".to_owned());
    }
    // SAFETY: as above; all that is read belongs to the event, and its texts are copied.
    unsafe {
        let whole = rd::rd_kafka_event_error(event);
        if whole != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return Err(RDKafkaErrorCode::from(whole).to_string());
        }
        let result = rd::rd_kafka_event_DescribeConsumerGroups_result(event);
        let mut count = 0;
        if result.is_null() {
            return Err("the answer was about something else".to_owned());
        }
        let groups = rd::rd_kafka_DescribeConsumerGroups_result_groups(result, &raw mut count);
        if count == 0 {
            return Err("the answer names no group".to_owned());
        }
        let group = *groups;
        let error = rd::rd_kafka_ConsumerGroupDescription_error(group);
        if !error.is_null() {
            let code = rd::rd_kafka_error_code(error);
            return match RDKafkaErrorCode::from(code) {
                RDKafkaErrorCode::GroupIdNotFound => {
                    Ok(Described { state: "Dead".to_owned(), ..Described::default() })
                }
                code => Err(code.to_string()),
            };
        }
        let state = rd::rd_kafka_ConsumerGroupDescription_state(group);
        let mut members: Vec<DescribedMember> =
            (0..rd::rd_kafka_ConsumerGroupDescription_member_count(group))
                .map(|at| member(rd::rd_kafka_ConsumerGroupDescription_member(group, at), topics))
                .collect();
        members.sort();
        Ok(Described {
            stable: state == rd::rd_kafka_consumer_group_state_t::RD_KAFKA_CONSUMER_GROUP_STATE_STABLE,
            state: owned(rd::rd_kafka_consumer_group_state_name(state)),
            members,
        })
    }
}

/// SAFETY: the member is alive.
unsafe fn member(member: *const rd::rd_kafka_MemberDescription_t, topics: &Topics) -> DescribedMember {
    // SAFETY: as above; lists hold as many elements as they say.
    unsafe {
        let mut partitions = Vec::new();
        let assignment = rd::rd_kafka_MemberDescription_assignment(member);
        let list = if assignment.is_null() {
            std::ptr::null()
        } else {
            rd::rd_kafka_MemberAssignment_partitions(assignment)
        };
        if !list.is_null() {
            for at in 0..usize::try_from((*list).cnt).unwrap_or_default() {
                let one = (*list).elems.add(at);
                let number = topics.number(&owned((*one).topic), (*one).partition);
                partitions.extend(number.map(u32::cast_signed));
            }
        }
        partitions.sort_unstable();
        DescribedMember {
            id: owned(rd::rd_kafka_MemberDescription_consumer_id(member)),
            client_id: owned(rd::rd_kafka_MemberDescription_client_id(member)),
            partitions,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_ready_when_enough_members_share_all_partitions_and_none_waits() {
        let member = |id: &str, partitions: &[i32]| DescribedMember {
            id: id.to_owned(),
            partitions: partitions.to_vec(),
            ..DescribedMember::default()
        };
        let members = vec![member("a", &[0, 2]), member("b", &[1])];
        let group = Described { stable: true, state: "Stable".to_owned(), members };
        assert!(group.is_ready(3, 2) && group.is_ready(3, 1));
        assert!(!group.is_ready(4, 2) && !group.is_ready(3, 3));
        assert_eq!(group.unassigned(5), [3, 4]);
        assert!(!Described { stable: false, ..group.clone() }.is_ready(3, 2));
        let waiting = Described { members: vec![member("a", &[0]), member("b", &[])], ..group };
        assert!(waiting.is_ready(1, 2) && !waiting.has_readers(2), "the second may still get it too");
    }
}
