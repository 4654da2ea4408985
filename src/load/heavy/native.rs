//! One librdkafka producer, driven through its raw calls: started, woken for, ended.
//!
//! The safe wrapper makes a C string of the topic for every message and hands out one delivery at a time; the hot path may do neither. Only the files
//! below this one, `inside` and `lost` call librdkafka for the load; its promises are kept here: pointers are freed once, in order, and an event's messages
//! do not outlive the event.
#![expect(
    unsafe_code,
    reason = "librdkafka's batch of deliveries and its copy-in produce call have no safe wrapper"
)]

mod headers;
mod noted;
mod produce;
mod reports;
mod transactions;

pub use noted::Unmarked;
pub use reports::Listener;
pub use transactions::Ending;

use std::ffi::{CStr, CString, NulError, c_char};
use std::ops::Range;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rdkafka::bindings as rd;
use rdkafka::config::ClientConfig;
use rdkafka::types::RDKafkaRespErr;

use super::codes::awaits_acks;
use super::inside::Inside;
use super::lost::log_by_events;
use super::silence::Silence;
use super::slots::Slots;
use crate::books::Topics;
use crate::cluster::Servers;
use crate::load::LoadError;
use crate::load::tally::{Transaction, Wire};

/// A producer.
#[derive(Debug)]
pub struct RawProducer {
    client: *mut rd::rd_kafka_t,
    /// Its topics, in the order of the books.
    topics: Vec<*mut rd::rd_kafka_topic_t>,
    queue: *mut rd::rd_kafka_queue_t,
    /// Dropped after the client, whose threads write to it.
    inside: Arc<Inside>,
    /// Dropped after the client, which reads from them.
    slots: OnceLock<Slots>,
    transaction: Option<Arc<Transaction>>,
    awaits_acks: bool,
    servers: Servers,
    silence: Silence,
    /// Where payloads have no envelope.
    unmarked: Option<Unmarked>,
}

// SAFETY: librdkafka's handles may be used from any thread, several at once; this type hands out nothing else.
unsafe impl Send for RawProducer {}
// SAFETY: as above.
unsafe impl Sync for RawProducer {}

impl RawProducer {
    /// Starts a client; it connects on its own. Where it has transactions, messages are taken only while one is open. `unmarked` says whose its messages are
    /// where their payloads do not.
    pub fn open(
        config: &ClientConfig,
        topics: &Topics,
        transaction: Option<Arc<Transaction>>,
        unmarked: Option<Unmarked>,
    ) -> Result<Self, LoadError> {
        let failed = |reason: String| LoadError::Client { reason };
        let awaits_acks = awaits_acks(config);
        let servers = Servers::new(config.get("bootstrap.servers").unwrap_or_default());
        let config = config.create_native_config().map_err(|error| failed(error.to_string()))?;
        let named =
            |(name, numbers): (&str, Range<u32>)| CString::new(name).map(|name| (name, numbers.start));
        let named: Result<Vec<(CString, u32)>, NulError> = topics.iter().map(named).collect();
        let named = named.map_err(|_| failed("a topic's name holds a zero byte".to_owned()))?;
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
            let topics = named.iter().map(|(name, first)| of_topic(client, name, *first)).collect();
            let queue = rd::rd_kafka_queue_get_main(client);
            let slots = OnceLock::new();
            Ok(RawProducer {
                client,
                topics,
                queue,
                inside,
                slots,
                transaction,
                awaits_acks,
                servers,
                silence: Silence::default(),
                unmarked,
            })
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

    /// What has gone over the wire so far.
    pub fn wire(&self) -> Wire {
        self.inside.wire()
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

/// A handle of a topic with the number of its first partition, for reports to be told by. SAFETY: the client lives.
unsafe fn of_topic(client: *mut rd::rd_kafka_t, name: &CStr, first: u32) -> *mut rd::rd_kafka_topic_t {
    // SAFETY: the configuration is a copy that the topic takes; the number in it is never followed.
    unsafe {
        let configuration = rd::rd_kafka_default_topic_conf_dup(client);
        rd::rd_kafka_topic_conf_set_opaque(configuration, ptr::without_provenance_mut(first as usize));
        rd::rd_kafka_topic_new(client, name.as_ptr(), configuration)
    }
}

fn millis(span: Duration) -> i32 {
    span.as_millis() as i32
}

impl Drop for RawProducer {
    fn drop(&mut self) {
        // SAFETY: each handle is freed once, the client last.
        unsafe {
            rd::rd_kafka_queue_io_event_enable(self.queue, -1, ptr::null(), 0);
            rd::rd_kafka_queue_destroy(self.queue);
            self.topics.iter().for_each(|topic| rd::rd_kafka_topic_destroy(*topic));
            rd::rd_kafka_destroy(self.client);
        }
    }
}
