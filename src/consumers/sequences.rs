//! The greatest sequence of each producer in a partition: what tells whether a message comes in order.
//!
//! A message comes late by its delivery timeout at most. So what is remembered is bounded by what is active: of a producer that is done nothing is left
//! after two such times, and of a partition that is idle nothing after one. Two maps take turns, so that nothing is searched for what is old.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::envelope::Envelope;

/// Of one partition.
#[derive(Debug, Default)]
pub(super) struct Sequences {
    /// Of the producers heard of since the last turn.
    young: HashMap<u32, u64>,
    /// Of those heard of between that and the turn before.
    old: HashMap<u32, u64>,
    /// When the message was due with which the last turn came, Unix ns. Turns follow the messages, not the clock: a consumer may be far behind.
    turned: u64,
    /// When something came last, Unix ns.
    last: u64,
}

impl Sequences {
    /// Whether a message that came at `now_ns` is in the order of its producer; a message may be on its way for `keep_ns`.
    pub(super) fn in_order(&mut self, envelope: &Envelope, now_ns: u64, keep_ns: u64) -> bool {
        if self.turned == 0 {
            self.turned = envelope.due;
        } else if envelope.due >= self.turned.saturating_add(keep_ns) {
            self.old = std::mem::take(&mut self.young);
            self.turned = envelope.due;
        }
        self.last = now_ns;
        let greatest = match self.young.entry(envelope.producer) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                place.insert(self.old.get(&envelope.producer).copied().unwrap_or(envelope.sequence))
            }
        };
        let in_order = envelope.sequence >= *greatest;
        *greatest = envelope.sequence.max(*greatest);
        in_order
    }

    /// What comes from now on does so in an order of its own.
    pub(super) fn clear(&mut self) {
        *self = Sequences::default();
    }

    /// Forgets all where nothing has come for so long.
    pub(super) fn forget(&mut self, now_ns: u64, keep_ns: u64) {
        if self.turned > 0 && now_ns > self.last.saturating_add(keep_ns) {
            self.clear();
        }
    }

    /// Sequences that are held, and room for more.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.young.capacity() + self.old.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Kind;
    use crate::timeline::SECOND_NS;

    const ZERO: u64 = 1_000 * SECOND_NS;
    const KEEP: u64 = 300 * SECOND_NS;

    fn message(producer: u32, sequence: u64, due_s: u64) -> Envelope {
        Envelope { kind: Kind::Message, trial: 7, producer, sequence, due: ZERO + due_s * SECOND_NS }
    }

    #[test]
    fn a_producer_that_is_done_costs_nothing() {
        let mut sequences = Sequences::default();
        // Each second another producer sends, and never again.
        for second in 0..86_400 {
            assert!(sequences.in_order(&message(second as u32, 5, second), ZERO + second * SECOND_NS, KEEP));
            assert!(sequences.held() < 2_000, "{} after {second} s", sequences.held());
        }
    }

    #[test]
    fn a_partition_that_is_idle_costs_nothing() {
        let mut sequences = Sequences::default();
        for producer in 0..5_000 {
            sequences.in_order(&message(producer, 1, 0), ZERO, KEEP);
        }
        sequences.forget(ZERO + KEEP, KEEP);
        assert!(sequences.held() >= 5_000);
        sequences.forget(ZERO + KEEP + 1, KEEP);
        assert_eq!(sequences.held(), 0);
    }

    #[test]
    fn what_comes_late_by_no_more_than_its_delivery_timeout_is_seen_however_far_the_consumer_is_behind() {
        for (first, others) in [(0, 1), (149, 7), (298, 1), (299, 300)] {
            let mut sequences = Sequences::default();
            let mut in_order = |producer, sequence, second| {
                // Read a day later, at a thousand times the speed.
                let now = ZERO + 86_400 * SECOND_NS + second * SECOND_NS / 1_000;
                sequences.in_order(&message(producer, sequence, second), now, KEEP)
            };
            assert!(in_order(2, 0, 0));
            assert!(in_order(1, 10, first));
            for second in (first..first + 299).step_by(others) {
                assert!(in_order(2, second, second));
            }
            assert!(!in_order(1, 9, first), "first at {first} s, others each {others} s");
            assert!(in_order(1, 10, first));
        }
    }
}
