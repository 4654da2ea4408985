//! Who got what: the sets of offsets that producers and consumers kept, set against each other and the group's last commits.

use super::OffsetSet;

/// The consumers' side of the books, canaries apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Acked messages that an instance got, each once.
    pub received: u64,
    /// Offsets received for which no producer got an ack.
    pub received_unacked: u64,
    /// Deliveries of an offset beyond its first.
    pub duplicates: u64,
    /// Acked, beyond the group's last commits, received by nobody.
    pub unread: u64,
    /// Acked, before the group's last commits, received by nobody.
    pub lost: u64,
}

/// Audits a trial. `acked`, `canaries` and `commits` have one entry a partition; `received` has one entry an instance, each with one set a partition.
/// `duplicates_within` are redeliveries that the instances saw of what they had got themselves, canaries apart. A partition without a commit counts as
/// committed at its very start.
pub fn audit(
    acked: &[OffsetSet],
    canaries: &[OffsetSet],
    received: &[Vec<OffsetSet>],
    duplicates_within: u64,
    commits: &[Option<i64>],
) -> Audit {
    let mut audit = Audit { duplicates: duplicates_within, ..Audit::default() };
    let partitions = acked.len().max(received.iter().map(Vec::len).max().unwrap_or_default());
    let nothing = OffsetSet::new();
    for partition in 0..partitions {
        let canaries = canaries.get(partition).unwrap_or(&nothing);
        let acked = acked.get(partition).unwrap_or(&nothing).difference(canaries);
        let mut anyone = OffsetSet::new();
        let mut deliveries = 0;
        for instance in received {
            let own = instance.get(partition).unwrap_or(&nothing).difference(canaries);
            deliveries += own.len();
            anyone.union_with(&own);
        }
        let committed = commits.get(partition).copied().flatten().unwrap_or(i64::MIN);
        let missed = acked.difference(&anyone);
        let shared = anyone.intersection_len(&acked);
        audit.received += shared;
        audit.received_unacked += anyone.len() - shared;
        audit.duplicates += deliveries - anyone.len();
        audit.unread += missed.count_from(committed);
        audit.lost += missed.len() - missed.count_from(committed);
    }
    audit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(intervals: &[(i64, i64)]) -> OffsetSet {
        intervals.to_vec().into()
    }

    fn numbers(audit: Audit) -> [u64; 5] {
        [audit.received, audit.received_unacked, audit.duplicates, audit.unread, audit.lost]
    }

    type Intervals = &'static [(i64, i64)];
    struct Case {
        name: &'static str,
        acked: Intervals,
        instances: &'static [Intervals],
        within: u64,
        commit: Option<i64>,
        expected: [u64; 5],
    }

    #[test]
    fn every_acked_message_is_received_unread_or_lost() {
        // The canary of the partition is offset 0.
        let cases = [
            Case {
                name: "all read",
                acked: &[(1, 101)],
                instances: &[&[(0, 101)]],
                within: 0,
                commit: Some(101),
                expected: [100, 0, 0, 0, 0],
            },
            Case {
                name: "killed, and what it had written but not committed redelivered",
                acked: &[(1, 101)],
                instances: &[&[(0, 61)], &[(41, 101)]],
                within: 0,
                commit: Some(101),
                expected: [100, 0, 20, 0, 0],
            },
            Case {
                name: "killed before it wrote anything, and all redelivered",
                acked: &[(1, 101)],
                instances: &[&[], &[(0, 101)]],
                within: 0,
                commit: Some(101),
                expected: [100, 0, 0, 0, 0],
            },
            Case {
                name: "redelivered to the same instance",
                acked: &[(1, 101)],
                instances: &[&[(0, 101)]],
                within: 7,
                commit: Some(101),
                expected: [100, 0, 7, 0, 0],
            },
            Case {
                name: "a hole before the commit is lost, what lies beyond it is unread",
                acked: &[(1, 101)],
                instances: &[&[(0, 31), (36, 81)]],
                within: 0,
                commit: Some(81),
                expected: [75, 0, 0, 20, 5],
            },
            Case {
                name: "received beyond the commit is received",
                acked: &[(1, 101)],
                instances: &[&[(0, 90)]],
                within: 0,
                commit: Some(50),
                expected: [89, 0, 0, 11, 0],
            },
            Case {
                name: "timed out but written",
                acked: &[(1, 50), (53, 101)],
                instances: &[&[(0, 101)]],
                within: 0,
                commit: Some(101),
                expected: [97, 3, 0, 0, 0],
            },
            Case {
                name: "never committed, never read",
                acked: &[(1, 101)],
                instances: &[&[]],
                within: 0,
                commit: None,
                expected: [0, 0, 0, 100, 0],
            },
            Case {
                name: "a canary got twice is nobody's duplicate",
                acked: &[(0, 11)],
                instances: &[&[(0, 11)], &[(0, 1)]],
                within: 0,
                commit: Some(11),
                expected: [10, 0, 0, 0, 0],
            },
        ];
        for case in cases {
            let received: Vec<_> = case.instances.iter().map(|one| vec![set(one)]).collect();
            let audit = audit(&[set(case.acked)], &[set(&[(0, 1)])], &received, case.within, &[case.commit]);
            assert_eq!(numbers(audit), case.expected, "{}", case.name);
            let acked = set(case.acked).difference(&set(&[(0, 1)])).len();
            assert_eq!(acked, audit.received + audit.unread + audit.lost, "{}", case.name);
        }
    }

    #[test]
    fn partitions_are_added_up() {
        let audit = audit(
            &[set(&[(0, 5)]), set(&[(0, 7)])],
            &[],
            &[vec![set(&[(0, 5)])], vec![OffsetSet::new(), set(&[(0, 6)])]],
            0,
            &[Some(5), Some(6)],
        );
        assert_eq!(numbers(audit), [11, 0, 0, 1, 0]);
    }
}
