//! Limits that follow from what was asked.

use super::partitions;
use crate::analyse::doubt::{Doubt, limits};
use crate::analyse::facts::Facts;
use crate::analyse::trend::backlog_trend;
use crate::record::{Followed, TrialRecord};

/// Throttle time over the window's length that changes nothing yet.
const LONGEST_THROTTLED: f64 = 0.01;

/// All of them.
pub(super) fn doubts(facts: &Facts<'_>) -> Vec<Doubt> {
    let mut all = Vec::new();
    let asked = &facts.record.asked;
    if facts.is_saturating() {
        all.push(limits(
            "saturating",
            "`rate: max`: each client was handed all that its queue took".to_owned(),
            "throughput is overload throughput, an upper bound; nothing was due before it was sent, so no latency counts from due",
        ));
    }
    if let Some(pacing) = facts.record.pacing.as_ref().filter(|pacing| !pacing.policy.is_given()) {
        all.push(limits(
            "priority_refused",
            format!("the kernel did not give the load the priority that was asked for: {pacing}"),
            "grant CAP_SYS_NICE or a limit of RLIMIT_RTPRIO, or leave `load.priority` at `normal`",
        ));
    }
    match backlog_trend(facts) {
        Some(1) => all.push(limits(
            "saturated",
            "the backlog grew through the window, or messages were given up".to_owned(),
            "throughput is overload throughput, an upper bound; latencies only say how long it was watched",
        )),
        // A backlog that was asked for is to fall.
        Some(-1) if facts.record.backlog.is_none() => all.push(limits(
            "not_steady",
            "the backlog fell through the window".to_owned(),
            "what the warm-up left was worked off in the window: lengthen `phases.warm_up`",
        )),
        _ => {}
    }
    let is_shared = facts.record.followed.as_ref().is_some_and(Followed::is_share_group);
    if let (Some(instances), Some(threads)) = (asked.instances, asked.threads)
        && !is_shared
    {
        let members = u64::from(instances) * u64::from(threads);
        if members > u64::from(asked.partitions) {
            all.push(limits(
                "idle_instances",
                format!(
                    "{members} consumers share {} partition{}",
                    asked.partitions,
                    if asked.partitions == 1 { "" } else { "s" }
                ),
                "a partition has one reader of a group: the others are idle",
            ));
        }
    }
    all.extend(left_out(facts.record));
    all.extend(quota(facts));
    all.extend(partitions::doubts(facts));
    let copies = second_copies(facts.record);
    let foreign = facts.record.books.and_then(|books| books.foreign).filter(|foreign| *foreign > 0);
    if let Some(foreign) = foreign {
        all.push(limits(
            "foreign_messages",
            format!("{foreign} messages of others were read among ours"),
            "they are in no rate and no latency, and took the consumers' and the brokers' time: a topic of the run's own has none",
        ).of(foreign as f64, 0.0, "messages"));
    }
    if copies > 0 {
        all.push(limits(
            "second_copies",
            format!("{copies} deliveries may be second copies, and are in the latencies and rates of the consumers"),
            "a retry's copy or a redelivery cannot be told from a first processing; idempotence avoids the former",
        ).of(copies as f64, 0.0, "deliveries"));
    }
    all
}

/// A cluster that holds its clients back does what it was told to do: how much it could do without is not known. Told for less than a hundredth of the
/// window, it changed no number that is told.
fn quota(facts: &Facts<'_>) -> Option<Doubt> {
    let window = facts.window.as_ref()?;
    let limit_ms = window.seconds * 1e3 * LONGEST_THROTTLED;
    let of = |ms: Option<u64>, whom: &str| {
        let ms = ms.filter(|ms| *ms as f64 > limit_ms)?;
        Some((ms, format!("{whom} for {:.1} s", ms as f64 / 1e3)))
    };
    let told = [of(window.produce_throttled_ms, "producers"), of(window.fetch_throttled_ms, "consumers")];
    let told: Vec<(u64, String)> = told.into_iter().flatten().collect();
    let most = told.iter().map(|(ms, _)| *ms).max()?;
    let whom: Vec<&str> = told.iter().map(|(_, whom)| whom.as_str()).collect();
    Some(
        limits(
            "quota",
            format!("throttled by the cluster's quota: brokers held back {}, all clients added up", whom.join(" and ")),
            "its capacity is the quota's: raise `producer_byte_rate`, `consumer_byte_rate` or `request_percentage`, or say that the quota is what is measured",
        )
        .of(most as f64 / 1e3, limit_ms / 1e3, "s"),
    )
}

/// Consumers without a partition though there are enough for all: of several topics an assignor may give the first partitions of each to the same members.
fn left_out(record: &TrialRecord) -> Option<Doubt> {
    let TrialRecord { topics, members, asked, .. } = record;
    let without = members.iter().filter(|member| member.partitions.is_empty()).count();
    let enough = members.len() <= asked.partitions as usize;
    (!topics.is_empty() && without > 0 && enough).then(|| {
        limits(
            "idle_instances",
            format!("{without} of {} consumers had no partition of {} topics", members.len(), topics.len()),
            "the assignor `range`, which is first by default, gives the first partitions of each topic to the same members: write `partition.assignment.strategy: roundrobin` under `consumers.properties`",
        )
    })
}

/// Deliveries that may be of a message that came before. As many messages as nobody knows the fate of may have come for the first time: with `acks: 0`
/// all do.
fn second_copies(record: &TrialRecord) -> u64 {
    let unacked = record.books.as_ref().map_or(0, |books| {
        let received = books.received_unacked.unwrap_or(0);
        received.saturating_sub(books.in_flight)
    });
    record.unattributed_redeliveries + unacked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::testing::Synthetic;
    use crate::record::{MemberTime, TopicPart};

    #[test]
    fn consumers_without_a_partition_of_several_topics_are_told_where_there_are_enough_for_all() {
        let part =
            |name: &str| TopicPart { name: name.to_owned(), partitions: 1, share: 0.5, replication: None };
        let mut record = Synthetic::default().record();
        record.topics = ["a", "b"].map(part).to_vec();
        record.asked.partitions = 2;
        record.members = [vec![0, 1], Vec::new()]
            .map(|partitions| MemberTime { partitions, ..MemberTime::default() })
            .to_vec();
        let told = |record: &TrialRecord| left_out(record).map(|doubt| doubt.what);
        assert_eq!(told(&record).as_deref(), Some("1 of 2 consumers had no partition of 2 topics"));
        record.topics.clear();
        assert_eq!(told(&record), None, "of one topic the partitions tell");
    }

    #[test]
    fn what_nobody_acks_is_no_second_copy_when_it_comes() {
        let mut record = Synthetic::default().record();
        let mut copies = |in_flight, received_unacked| {
            let books = record.books.as_mut().unwrap();
            (books.in_flight, books.received_unacked) = (in_flight, received_unacked);
            second_copies(&record)
        };
        assert_eq!(copies(500, Some(500)), 0);
        assert_eq!(copies(2, Some(7)), 5);
        assert_eq!((copies(500, Some(0)), copies(500, None)), (0, 0));
    }
}
