//! What bench notes of a message while a client has it: librdkafka keeps 64 bits for each. When it was handed over; and where its payload has no envelope
//! that says when it was due, both in one.

use std::ffi::c_void;
use std::ptr;

use super::RawProducer;
use crate::envelope::Envelope;
use crate::load::send::Outgoing;

/// Bits of what lies between due and handed over.
const BITS: u32 = 16;
/// Bits of its leading digits; the others are their exponent.
const DIGITS: u32 = 11;

/// Whose the messages of a client are that say it not themselves.
#[derive(Clone, Copy, Debug)]
pub struct Unmarked {
    /// The producer's number.
    pub producer: u32,
    /// No message is due before, Unix ns, and none later than 78 hours after.
    pub from: u64,
}

/// What a report says of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Noted {
    /// Whose it is.
    pub(super) producer: u32,
    /// When it was due, Unix ns.
    pub(super) due: u64,
    /// When it was handed over, Unix ns.
    pub(super) stamp: u64,
}

impl RawProducer {
    /// The number that goes with a message.
    pub(super) fn note(&self, message: &Outgoing<'_>) -> *mut c_void {
        let number = match self.unmarked {
            None => message.stamp,
            Some(unmarked) => pack(
                message.due - unmarked.from.min(message.due),
                message.stamp - message.due.min(message.stamp),
            ),
        };
        ptr::without_provenance_mut(number as usize)
    }

    /// What the number of a message says, or its envelope.
    pub(super) fn noted(&self, payload: &[u8], note: *mut c_void) -> Option<Noted> {
        let number = note.addr() as u64;
        match self.unmarked {
            None => {
                let Envelope { producer, due, .. } = Envelope::read(payload)?;
                Some(Noted { producer, due, stamp: number })
            }
            Some(unmarked) => {
                let (since, waited) = unpack(number);
                let due = unmarked.from + since;
                Some(Noted { producer: unmarked.producer, due, stamp: due + waited })
            }
        }
    }
}

/// The first to the nanosecond, up to 78 hours; the second in twelve leading bits, cut: too small by less than one in 2,048, so that a time that is counted
/// from a message's stamp is too long by that part of what the message waited before.
const fn pack(since: u64, waited: u64) -> u64 {
    const MOST: u64 = (1 << (u64::BITS - BITS)) - 1;
    let length = u64::BITS - waited.leading_zeros();
    let short = if length <= DIGITS {
        waited
    } else {
        let shift = length - DIGITS - 1;
        let exponent = shift as u64 + 1;
        if exponent >= 1 << (BITS - DIGITS) {
            (1 << BITS) - 1
        } else {
            exponent << DIGITS | (waited >> shift) & ((1 << DIGITS) - 1)
        }
    };
    (if since < MOST { since } else { MOST }) << BITS | short
}

const fn unpack(number: u64) -> (u64, u64) {
    let short = number & ((1 << BITS) - 1);
    let (exponent, digits) = (short >> DIGITS, short & ((1 << DIGITS) - 1));
    let waited = if exponent == 0 { digits } else { (1 << DIGITS | digits) << (exponent - 1) };
    (number >> BITS, waited)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn due_times_are_kept_to_the_nanosecond_and_waits_to_one_in_two_thousand(
            since in 0..1_u64 << 48, waited in 0..3_600_000_000_000_u64, bits in 0..42_u32,
        ) {
            let waited = waited >> bits;
            let (kept, about) = unpack(pack(since, waited));
            prop_assert_eq!(kept, since);
            prop_assert!(about <= waited && waited - about <= waited / 2_048, "{} {}", waited, about);
        }
    }

    #[test]
    fn what_was_handed_over_at_once_or_soon_is_exact_and_nothing_wraps() {
        for waited in [0, 1, 2_047, 2_048, 4_095] {
            assert_eq!(unpack(pack(7, waited)), (7, waited));
        }
        let (since, waited) = unpack(pack(u64::MAX, u64::MAX));
        assert_eq!(since, (1 << 48) - 1);
        assert!(waited > 4_000_000_000_000, "more than an hour: {waited}");
    }
}
