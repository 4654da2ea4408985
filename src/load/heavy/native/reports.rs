//! What a client has to tell is taken: reports in batches, errors, connections that were lost.

use std::ffi::{CStr, c_void};
use std::ptr;

use rdkafka::bindings as rd;

use super::RawProducer;
use super::noted::Noted;
use crate::load::heavy::codes::{fate, is_idle_loss};
use crate::load::heavy::lost::{in_hand, lost_connection};
use crate::load::tally::{Delivery, Fate};
use crate::timeline::Clock;

/// Who listens to a client.
pub trait Listener {
    /// Reports of these messages came in just now.
    fn batch(&mut self);
    /// One of them.
    fn delivery(&mut self, delivery: &Delivery);
    /// The client will not read this payload again.
    fn spent(&mut self, payload: *const c_void);
    /// A broker held the client back for so long.
    fn throttled(&mut self, ms: u64);
    /// Something is wrong with a broker or the client.
    fn error(&mut self, text: String);
}

impl RawProducer {
    /// Tells one event of what the client has to tell, waiting for it for so long; false if there was nothing.
    pub fn listen(&self, listener: &mut impl Listener, wait_ms: i32) -> bool {
        // SAFETY: the event is destroyed after its last use, and what it lends does not leave `listener`.
        unsafe {
            let event = rd::rd_kafka_queue_poll(self.queue, wait_ms);
            self.servers.tell_raw(self.client);
            match self.inside.take_throttled_ms() {
                0 => {}
                throttled_ms => listener.throttled(throttled_ms),
            }
            if event.is_null() {
                let has_messages = || in_hand(self.client, self.queue) > 0;
                if self.silence.is_long(has_messages, || Clock::anchor().now()) {
                    self.servers.may_be_lost();
                }
                return false;
            }
            match rd::rd_kafka_event_type(event) {
                rd::RD_KAFKA_EVENT_DR => {
                    if self.silence.ends() {
                        self.servers.found();
                    }
                    self.inside.written(self.deliveries(event, listener));
                }
                rd::RD_KAFKA_EVENT_LOG => {
                    if let Some(text) = lost_connection(event).filter(|_| self.in_hand() > 0) {
                        listener.error(text);
                    }
                }
                rd::RD_KAFKA_EVENT_ERROR => {
                    let code = rd::rd_kafka_event_error(event);
                    if code == rd::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN {
                        self.servers.lost();
                    }
                    let text = CStr::from_ptr(rd::rd_kafka_event_error_string(event)).to_string_lossy();
                    if !is_idle_loss(code, &text, self.in_hand()) {
                        listener.error(text.into_owned());
                    }
                }
                _ => {}
            }
            rd::rd_kafka_event_destroy(event);
        }
        true
    }

    /// The number of a topic's first partition. SAFETY: it is one of this client's, and alive.
    unsafe fn first_number(&self, topic: *const rd::rd_kafka_topic_t) -> u32 {
        if self.topics.len() == 1 {
            return 0;
        }
        // SAFETY: as above; the number was put there when the topic was made.
        unsafe { rd::rd_kafka_topic_opaque(topic) }.addr() as u32
    }

    /// Messages that it has and has not told of; without acks one at the least.
    fn in_hand(&self) -> i64 {
        // SAFETY: both handles live as long as this.
        unsafe { in_hand(self.client, self.queue) + i64::from(!self.awaits_acks) }
    }

    /// Tells all of them; how many were written. SAFETY: `event` must be a living delivery event.
    unsafe fn deliveries(&self, event: *mut rd::rd_kafka_event_t, listener: &mut impl Listener) -> u64 {
        let mut written = 0;
        let mut messages: [*const rd::rd_kafka_message_t; 256] = [ptr::null(); 256];
        loop {
            // SAFETY: the array has the length that is given; its entries live as long as the event.
            let count =
                unsafe { rd::rd_kafka_event_message_array(event, messages.as_mut_ptr(), messages.len()) };
            if count == 0 {
                return written;
            }
            listener.batch();
            for message in &messages[..count] {
                // SAFETY: librdkafka keeps the payload of a copied message until the event is destroyed.
                let (message, payload) = unsafe {
                    let message = &**message;
                    let bytes = if message.payload.is_null() {
                        &[]
                    } else {
                        std::slice::from_raw_parts(message.payload.cast::<u8>(), message.len)
                    };
                    (message, bytes)
                };
                let noted = self.noted(payload, message._private);
                listener.spent(message.payload);
                let Some(Noted { producer, due, stamp }) = noted else {
                    continue; // cannot be: we wrote it
                };
                // SAFETY: the topic's handle lives as long as the client.
                let fate = fate(message, unsafe { self.first_number(message.rkt) });
                written += u64::from(matches!(fate, Fate::Acked { .. } | Fate::Untold));
                listener.delivery(&Delivery { fate, producer, due, stamp });
            }
        }
    }
}
