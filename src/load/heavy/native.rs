//! One librdkafka producer, driven through its raw calls.
//!
//! The safe wrapper makes a C string of the topic for every message and hands out one delivery at a time; the hot path may do neither. Only this file,
//! `inside` and `lost` call librdkafka for the load; its promises are kept here: pointers are freed once, in order, and an event's messages do not outlive the event.
#![expect(
    unsafe_code,
    reason = "librdkafka's batch of deliveries and its copy-in produce call have no safe wrapper"
)]

use std::ffi::{CStr, CString, c_char, c_void};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::{self, NonNull};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rdkafka::bindings as rd;
use rdkafka::config::ClientConfig;
use rdkafka::types::RDKafkaRespErr;

use super::codes::{awaits_acks, fate, handed_over, is_idle_loss};
use super::inside::Inside;
use super::lost::{in_hand, log_by_events, lost_connection};
use super::slots::{FreeSlots, Slots};
use crate::envelope::Envelope;
use crate::load::LoadError;
use crate::load::send::{Handed, Outgoing};
use crate::load::tally::{Delivery, Fate, Transaction, Wire};

/// Leaves the partition to the partitioner.
const UNASSIGNED: i32 = -1;

/// A producer of one topic.
#[derive(Debug)]
pub struct RawProducer {
    client: *mut rd::rd_kafka_t,
    topic: *mut rd::rd_kafka_topic_t,
    queue: *mut rd::rd_kafka_queue_t,
    /// Dropped after the client, whose threads write to it.
    inside: Arc<Inside>,
    /// Dropped after the client, which reads from them.
    slots: OnceLock<Slots>,
    transaction: Option<Arc<Transaction>>,
    awaits_acks: bool,
}

// SAFETY: librdkafka's handles may be used from any thread, several at once; this type hands out nothing else.
unsafe impl Send for RawProducer {}
// SAFETY: as above.
unsafe impl Sync for RawProducer {}

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
    /// Starts a client; it connects on its own. Where it has transactions, messages are taken only while one is open.
    pub fn open(
        config: &ClientConfig,
        topic: &str,
        transaction: Option<Arc<Transaction>>,
    ) -> Result<Self, LoadError> {
        let failed = |reason: String| LoadError::Client { reason };
        let awaits_acks = awaits_acks(config);
        let config = config.create_native_config().map_err(|error| failed(error.to_string()))?;
        let name =
            CString::new(topic).map_err(|_| failed("the topic's name holds a zero byte".to_owned()))?;
        let mut text: [c_char; 512] = [0; 512];
        let inside = Arc::<Inside>::default();
        // SAFETY: `rd_kafka_new` owns the copied configuration once it succeeds, and leaves it to us if it fails.
        unsafe {
            let copy = rd::rd_kafka_conf_dup(config.ptr());
            let events = rd::RD_KAFKA_EVENT_DR | rd::RD_KAFKA_EVENT_ERROR | rd::RD_KAFKA_EVENT_LOG;
            rd::rd_kafka_conf_set_events(copy, events);
            log_by_events(copy);
            inside.listen_to(copy);
            let kind = rd::rd_kafka_type_t::RD_KAFKA_PRODUCER;
            let client = rd::rd_kafka_new(kind, copy, text.as_mut_ptr(), text.len());
            if client.is_null() {
                rd::rd_kafka_conf_destroy(copy);
                return Err(failed(CStr::from_ptr(text.as_ptr()).to_string_lossy().into_owned()));
            }
            rd::rd_kafka_set_log_queue(client, ptr::null_mut()); // to the main one
            let topic = rd::rd_kafka_topic_new(client, name.as_ptr(), ptr::null_mut());
            let queue = rd::rd_kafka_queue_get_main(client);
            Ok(RawProducer { client, topic, queue, inside, slots: OnceLock::new(), transaction, awaits_acks })
        }
    }

    /// Whether messages are sent in transactions.
    pub fn has_transactions(&self) -> bool {
        self.transaction.is_some()
    }

    /// Writes `index` to `pipe` whenever the client has something new to tell.
    pub fn signal_to(&self, pipe: BorrowedFd<'_>, index: u32) {
        let payload = index.to_ne_bytes();
        // SAFETY: librdkafka copies the payload; the descriptor outlives the client (the fleet drops clients first).
        unsafe {
            rd::rd_kafka_queue_io_event_enable(
                self.queue,
                pipe.as_raw_fd(),
                payload.as_ptr().cast(),
                payload.len(),
            );
        }
    }

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

    fn hand_over(&self, message: &mut Outgoing<'_>) -> Handed {
        let key = if message.key.is_empty() { ptr::null() } else { message.key.as_ptr() };
        // SAFETY: with F_COPY the payload is only read during the call; the stamp is a number that is never followed.
        let code = unsafe {
            let failed = rd::rd_kafka_produce(
                self.topic,
                message.partition.unwrap_or(UNASSIGNED),
                rd::RD_KAFKA_MSG_F_COPY,
                message.payload.as_mut_ptr().cast::<c_void>(),
                message.payload.len(),
                key.cast::<c_void>(),
                message.key.len(),
                ptr::without_provenance_mut(message.stamp as usize),
            );
            if failed == 0 { RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR } else { rd::rd_kafka_last_error() }
        };
        handed_over(code)
    }

    /// Slots for payloads of up to so many bytes, for who alone hands messages over; the second time there are none.
    pub fn slots(&self, largest: usize) -> Option<FreeSlots> {
        self.slots.set(Slots::new(largest)?).ok()?;
        self.slots.get().map(Slots::all_free)
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
                    None => message.payload.as_mut_ptr().cast::<c_void>(),
                };
                native.len = message.payload.len();
                native.key = if message.key.is_empty() {
                    ptr::null_mut()
                } else {
                    message.key.as_ptr().cast_mut().cast()
                };
                native.key_len = message.key.len();
                native._private = ptr::without_provenance_mut(message.stamp as usize);
            }
            // SAFETY: as for a single message; the array is as long as is said. Slots live as long as the client, and are not written again before it has
            // reported on what is in them.
            unsafe {
                rd::rd_kafka_produce_batch(
                    self.topic,
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

    /// Tells one event of what the client has to tell, waiting for it for so long; false if there was nothing.
    pub fn listen(&self, listener: &mut impl Listener, wait_ms: i32) -> bool {
        // SAFETY: the event is destroyed after its last use, and what it lends does not leave `listener`.
        unsafe {
            let event = rd::rd_kafka_queue_poll(self.queue, wait_ms);
            match self.inside.take_throttled_ms() {
                0 => {}
                throttled_ms => listener.throttled(throttled_ms),
            }
            if event.is_null() {
                return false;
            }
            match rd::rd_kafka_event_type(event) {
                rd::RD_KAFKA_EVENT_DR => self.inside.written(deliveries(event, listener)),
                rd::RD_KAFKA_EVENT_LOG => {
                    if let Some(text) = lost_connection(event).filter(|_| self.in_hand() > 0) {
                        listener.error(text);
                    }
                }
                rd::RD_KAFKA_EVENT_ERROR => {
                    let text = CStr::from_ptr(rd::rd_kafka_event_error_string(event)).to_string_lossy();
                    if !is_idle_loss(rd::rd_kafka_event_error(event), &text, self.in_hand()) {
                        listener.error(text.into_owned());
                    }
                }
                _ => {}
            }
            rd::rd_kafka_event_destroy(event);
        }
        true
    }

    /// Messages that it has and has not told of; without acks one at the least.
    fn in_hand(&self) -> i64 {
        // SAFETY: both handles live as long as this.
        unsafe { in_hand(self.client, self.queue) + i64::from(!self.awaits_acks) }
    }

    /// What has gone over the wire so far.
    pub fn wire(&self) -> Wire {
        self.inside.wire()
    }

    /// Makes the client ready for transactions, which takes an answer of their coordinator.
    pub fn init_transactions(&self, within: Duration) -> Result<(), String> {
        // SAFETY: a plain call on a living handle; the error is ours to destroy, which `ending` does.
        match unsafe { ending(rd::rd_kafka_init_transactions(self.client, millis(within))) } {
            Ending::Done => Ok(()),
            Ending::Again(error) | Ending::MustAbort(error) | Ending::Fatal(error) => Err(error),
        }
    }

    /// Begins a transaction; never waits.
    pub fn begin_transaction(&self) -> Result<(), String> {
        // SAFETY: as above.
        match unsafe { ending(rd::rd_kafka_begin_transaction(self.client)) } {
            Ending::Done => Ok(()),
            Ending::Again(error) | Ending::MustAbort(error) | Ending::Fatal(error) => Err(error),
        }
    }

    /// Commits the running transaction.
    pub fn commit_transaction(&self, within: Duration) -> Ending {
        // SAFETY: as above.
        unsafe { ending(rd::rd_kafka_commit_transaction(self.client, millis(within))) }
    }

    /// Aborts the running transaction.
    pub fn abort_transaction(&self, within: Duration) -> Ending {
        // SAFETY: as above.
        unsafe { ending(rd::rd_kafka_abort_transaction(self.client, millis(within))) }
    }

    /// Waits until all reports have been taken, by whoever takes them; false if they were not in time.
    pub fn flush(&self, within: Duration) -> bool {
        // SAFETY: a plain call on a living handle.
        unsafe {
            rd::rd_kafka_flush(self.client, millis(within)) == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    /// Gives up all that is queued or in flight; each such message is then told as purged.
    pub fn purge(&self) {
        // SAFETY: a plain call on a living handle; it fails only for unknown flags.
        unsafe {
            rd::rd_kafka_purge(self.client, rd::RD_KAFKA_PURGE_F_QUEUE | rd::RD_KAFKA_PURGE_F_INFLIGHT);
        }
    }
}

/// How an attempt to end a transaction went.
#[derive(Debug)]
pub enum Ending {
    /// It has ended so.
    Done,
    /// Not yet; the call may be made again.
    Again(String),
    /// It can only be aborted.
    MustAbort(String),
    /// The client is beyond repair.
    Fatal(String),
}

/// SAFETY: `error` must be null or a living error, which is destroyed.
unsafe fn ending(error: *mut rd::rd_kafka_error_t) -> Ending {
    if error.is_null() {
        return Ending::Done;
    }
    // SAFETY: it is asked before it is destroyed, once.
    unsafe {
        let text = CStr::from_ptr(rd::rd_kafka_error_string(error)).to_string_lossy().into_owned();
        let ending = if rd::rd_kafka_error_txn_requires_abort(error) != 0 {
            Ending::MustAbort(text)
        } else if rd::rd_kafka_error_is_retriable(error) != 0 {
            Ending::Again(text)
        } else {
            Ending::Fatal(text)
        };
        rd::rd_kafka_error_destroy(error);
        ending
    }
}

fn millis(span: Duration) -> i32 {
    span.as_millis() as i32
}

/// Tells all of them; how many were written. SAFETY: `event` must be a living delivery event.
unsafe fn deliveries(event: *mut rd::rd_kafka_event_t, listener: &mut impl Listener) -> u64 {
    let mut written = 0;
    let mut messages: [*const rd::rd_kafka_message_t; 256] = [ptr::null(); 256];
    loop {
        // SAFETY: the array has the length that is given; its entries live as long as the event.
        let count = unsafe { rd::rd_kafka_event_message_array(event, messages.as_mut_ptr(), messages.len()) };
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
            let envelope = Envelope::read(payload);
            listener.spent(message.payload);
            let Some(envelope) = envelope else {
                continue; // cannot be: we wrote it
            };
            let fate = fate(message);
            written += u64::from(matches!(fate, Fate::Acked { .. } | Fate::Untold));
            listener.delivery(&Delivery {
                fate,
                producer: envelope.producer,
                due: envelope.due,
                stamp: message._private.addr() as u64,
            });
        }
    }
}

impl Drop for RawProducer {
    fn drop(&mut self) {
        // SAFETY: each handle is freed once, the client last.
        unsafe {
            rd::rd_kafka_queue_io_event_enable(self.queue, -1, ptr::null(), 0);
            rd::rd_kafka_queue_destroy(self.queue);
            rd::rd_kafka_topic_destroy(self.topic);
            rd::rd_kafka_destroy(self.client);
        }
    }
}
