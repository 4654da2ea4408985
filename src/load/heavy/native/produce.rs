//! Messages are handed over: one by one, or a burst in one call.

use std::ffi::c_void;
use std::ptr::{self, NonNull};

use rdkafka::bindings as rd;
use rdkafka::types::RDKafkaRespErr;

use super::RawProducer;
use crate::load::heavy::codes::handed_over;
use crate::load::heavy::slots::{FreeSlots, Slots};
use crate::load::send::{Handed, Outgoing};

/// Leaves the partition to the partitioner.
pub(super) const UNASSIGNED: i32 = -1;

impl RawProducer {
    /// Hands one message over; never waits. The bytes are copied.
    pub fn produce(&self, message: &mut Outgoing<'_>) -> Handed {
        let Some(transaction) = &self.transaction else {
            return self.hand_over(message);
        };
        if !transaction.enter() {
            return Handed::Full;
        }
        let handed = self.hand_over(message);
        transaction.leave();
        handed
    }

    fn hand_over(&self, message: &Outgoing<'_>) -> Handed {
        if !message.headers.is_empty() {
            return self.hand_over_with_headers(message);
        }
        let key = if message.key.is_empty() { ptr::null() } else { message.key.as_ptr() };
        // SAFETY: with F_COPY the payload is only read during the call; the stamp is a number that is never followed.
        let code = unsafe {
            let failed = rd::rd_kafka_produce(
                self.topics[message.topic as usize],
                message.partition.unwrap_or(UNASSIGNED),
                rd::RD_KAFKA_MSG_F_COPY,
                message.payload.as_ptr().cast_mut().cast::<c_void>(),
                message.payload.len(),
                key.cast::<c_void>(),
                message.key.len(),
                self.note(message),
            );
            if failed == 0 { RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR } else { rd::rd_kafka_last_error() }
        };
        handed_over(code)
    }

    /// Hands several over, each in a call of its own; after the first for which there is no room, there is none for the rest.
    fn produce_one_by_one(&self, messages: &[Outgoing<'_>], handed: &mut [Handed]) {
        let mut full = false;
        for (message, handed) in messages.iter().zip(handed) {
            *handed = if full { Handed::Full } else { self.hand_over(message) };
            full = *handed == Handed::Full;
        }
    }

    /// Slots for payloads of up to so many bytes, for who alone hands messages over; the second time there are none. `alike` says that one body is as good
    /// as another.
    pub fn slots(&self, largest: usize, alike: bool) -> Option<FreeSlots> {
        if self.topics.len() > 1 {
            return None; // one by one each message is copied anyway
        }
        self.slots.set(Slots::new(largest)?).ok()?;
        self.slots.get().map(|slots| slots.all_free(alike))
    }

    /// Hands several over in one call, which takes librdkafka's locks and reads its clocks once. Never waits. The bytes are copied into slots, where there
    /// are enough, else by librdkafka.
    pub fn produce_all(
        &self,
        messages: &mut [Outgoing<'_>],
        handed: &mut [Handed],
        mut slots: Option<&mut FreeSlots>,
    ) {
        const CHUNK: usize = 64;
        // In one call go messages of one topic, and without headers.
        if self.topics.len() > 1 || messages.iter().any(|message| !message.headers.is_empty()) {
            return self.produce_one_by_one(messages, handed);
        }
        // SAFETY: all fields are numbers and pointers that may be null.
        let mut natives: [rd::rd_kafka_message_t; CHUNK] = unsafe { std::mem::zeroed() };
        for (messages, handed) in messages.chunks_mut(CHUNK).zip(handed.chunks_mut(CHUNK)) {
            let largest = messages.iter().map(|message| message.payload.len()).max().unwrap_or(0);
            let mut in_slots = slots.as_deref_mut().filter(|slots| slots.have(messages.len(), largest));
            let copied = if in_slots.is_some() { 0 } else { rd::RD_KAFKA_MSG_F_COPY };
            for (native, message) in natives.iter_mut().zip(&mut *messages) {
                native.partition = message.partition.unwrap_or(UNASSIGNED);
                native.payload = match &mut in_slots {
                    Some(slots) => slots.put(message.payload).map_or(ptr::null_mut(), NonNull::as_ptr),
                    None => message.payload.as_ptr().cast_mut().cast::<c_void>(),
                };
                native.len = message.payload.len();
                native.key = if message.key.is_empty() {
                    ptr::null_mut()
                } else {
                    message.key.as_ptr().cast_mut().cast()
                };
                native.key_len = message.key.len();
                native._private = self.note(message);
            }
            // SAFETY: as for a single message; the array is as long as is said. Slots live as long as the client, and are not written again before it has
            // reported on what is in them.
            unsafe {
                rd::rd_kafka_produce_batch(
                    self.topics[0],
                    UNASSIGNED,
                    copied | rd::RD_KAFKA_MSG_F_PARTITION,
                    natives.as_mut_ptr(),
                    messages.len() as i32,
                );
            }
            for (native, handed) in natives.iter().zip(handed) {
                *handed = handed_over(native.err);
                if let Some(slots) = in_slots.as_mut().filter(|_| *handed != Handed::Taken) {
                    slots.give_back(native.payload);
                }
            }
        }
    }
}
