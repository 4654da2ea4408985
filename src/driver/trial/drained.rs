//! When a group has read all that there is for it.

use std::sync::{Mutex, PoisonError};

use crate::consumers::Gathered;
use crate::load::{AckLedger, SoFar};

/// Whether every acked message was processed, each known by its offset: after a failover there are second copies in the log, which no ack names and which
/// must not stand for messages that are still to be read. Of messages of unknown fate only their number can be waited for. What was aborted nobody is to read.
pub fn has_read_all(group: &Gathered, so_far: SoFar, aborted: u64, ledger: &Mutex<AckLedger>) -> bool {
    let acked = so_far.acked;
    let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
    // What another message took the place of is not there any more.
    let written = (acked + so_far.unknown).saturating_sub(aborted + ledger.overwritten());
    // No more than this can be told without looking at every partition; it is asked a hundred times a second.
    if group.processed() < written {
        return false;
    }
    ledger.booked() >= acked
        && (0..).zip(ledger.readable()).all(|(partition, acked)| group.has_processed(partition, acked))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::consumers::{Event, Line, Report};
    use crate::load::{Ack, AckBatch};

    /// An instance says that it has processed these offsets of partition 0 for the first time.
    fn processed(group: &mut Gathered, instance: u32, offsets: std::ops::Range<i64>) {
        let counts = vec![(offsets.end - offsets.start) as u64];
        let report = Report {
            processed: BTreeMap::from([(0, vec![(offsets.start, offsets.end)].into())]),
            processed_quarters: crate::consumers::ToldQuarters { first: 10, counts },
            ..Report::default()
        };
        group.add(instance, 0, Event::Line(Line::Report(Box::new(report))));
    }

    fn book(ledger: &Mutex<AckLedger>, offsets: impl Iterator<Item = i64>) {
        let mut batch = AckBatch::with_capacity(64, true);
        offsets.for_each(|offset| batch.push(None, Ack { partition: 0, offset, due: 1 }));
        ledger.lock().unwrap().book(&batch);
    }

    #[test]
    fn second_copies_do_not_stand_for_messages_that_are_still_to_be_read() {
        let (mut group, ledger) = (Gathered::default(), Mutex::new(AckLedger::new(1)));
        // Offset 0 is the canary's; 10 to 14 are copies of a batch whose ack got lost, acked at 15 to 19.
        book(&ledger, (1..10).chain(15..20));
        let so_far = SoFar { acked: 14, ..SoFar::default() };
        processed(&mut group, 1, 0..10);
        processed(&mut group, 2, 10..15);
        assert!(group.processed() >= 14);
        assert!(!has_read_all(&group, so_far, 0, &ledger));
        processed(&mut group, 2, 15..20);
        assert!(has_read_all(&group, so_far, 0, &ledger));
    }

    #[test]
    fn acks_that_are_counted_and_not_yet_booked_are_waited_for() {
        let (mut group, ledger) = (Gathered::default(), Mutex::new(AckLedger::new(1)));
        processed(&mut group, 1, 0..20);
        book(&ledger, 1..5);
        let so_far = SoFar { acked: 14, ..SoFar::default() };
        assert!(!has_read_all(&group, so_far, 0, &ledger));
        book(&ledger, 5..15);
        assert!(has_read_all(&group, so_far, 0, &ledger));
    }

    #[test]
    fn messages_whose_places_others_took_are_not_waited_for() {
        let (mut group, ledger) = (Gathered::default(), Mutex::new(AckLedger::new(1)));
        // A leader is lost that alone had 5 to 9: its successor gives these offsets away again.
        book(&ledger, 1..10);
        book(&ledger, 5..12);
        processed(&mut group, 1, 0..11);
        let so_far = SoFar { acked: 16, ..SoFar::default() };
        assert!(!has_read_all(&group, so_far, 0, &ledger));
        processed(&mut group, 1, 11..12);
        assert!(has_read_all(&group, so_far, 0, &ledger));
    }

    #[test]
    fn messages_of_unknown_fate_are_waited_for_by_their_number() {
        let (mut group, ledger) = (Gathered::default(), Mutex::new(AckLedger::new(1)));
        let so_far = SoFar { unknown: 10, ..SoFar::default() };
        processed(&mut group, 1, 0..9);
        assert!(!has_read_all(&group, so_far, 0, &ledger));
        processed(&mut group, 1, 9..10);
        assert!(has_read_all(&group, so_far, 0, &ledger));
    }
}
