//! Limits that follow from what was asked.

use super::partitions;
use crate::analyse::doubt::{Doubt, limits};
use crate::analyse::facts::Facts;
use crate::analyse::trend::backlog_trend;
use crate::record::TrialRecord;

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
        Some(-1) => all.push(limits(
            "not_steady",
            "the backlog fell through the window".to_owned(),
            "what the warm-up left was worked off in the window: lengthen `phases.warm_up`",
        )),
        _ => {}
    }
    if let (Some(instances), Some(threads)) = (asked.instances, asked.threads) {
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
    all.extend(partitions::doubts(facts));
    let copies = second_copies(facts.record);
    if copies > 0 {
        all.push(limits(
            "second_copies",
            format!("{copies} deliveries may be second copies, and are in the latencies and rates of the consumers"),
            "a retry's copy or a redelivery cannot be told from a first processing; idempotence avoids the former",
        ).of(copies as f64, 0.0, "deliveries"));
    }
    all
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
