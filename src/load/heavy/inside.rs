//! What a client's own threads tell: each as it starts, each request as it is sent, each time that a broker holds it back.
//!
//! librdkafka's statistics say the same, and all partitions of the topic with it: a megabyte of JSON at a thousand of them, made by a thread of the client
//! and read by the one that stamps acks. Its interceptors cost a few additions a request.
#![expect(unsafe_code, reason = "librdkafka's interceptors are C functions that get a pointer")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rdkafka::bindings as rd;
use rdkafka::types::RDKafkaRespErr;

use crate::load::tally::{Wire, WireCount};

const NAME: &CStr = c"bench";
/// Kafka's key of a produce request.
const PRODUCE: i16 = 0;
const FINE: RDKafkaRespErr = RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR;

/// What one client has done so far: written by its threads, read by anybody, without a lock.
#[derive(Debug, Default)]
pub struct Inside {
    wire: WireCount,
    /// How long brokers held it back since somebody asked, in ms.
    throttled_ms: AtomicU64,
}

impl Inside {
    /// Has a client that is made of this configuration tell it. It must live as long as the client.
    ///
    /// SAFETY: the configuration is one that no client was made of yet.
    pub unsafe fn listen_to(self: &Arc<Self>, configuration: *mut rd::rd_kafka_conf_t) {
        // SAFETY: librdkafka copies the name; the pointer is read by the client's threads, which are gone when the client is.
        unsafe {
            let this = Arc::as_ptr(self).cast_mut().cast::<c_void>();
            rd::rd_kafka_conf_interceptor_add_on_new(configuration, NAME.as_ptr(), Some(on_new), this);
            rd::rd_kafka_conf_set_opaque(configuration, this);
            rd::rd_kafka_conf_set_throttle_cb(configuration, Some(on_throttle));
        }
    }

    /// So many messages of one batch were told to have been written.
    pub fn written(&self, messages: u64) {
        self.wire.batch(messages);
    }

    /// How long brokers held it back since this was asked last, in ms: it is told while somebody listens to the client.
    pub fn take_throttled_ms(&self) -> u64 {
        self.throttled_ms.swap(0, Relaxed)
    }

    /// What has gone over the wire so far.
    pub fn wire(&self) -> Wire {
        // librdkafka puts one batch, of one partition, into each request.
        self.wire.read()
    }
}

/// SAFETY: called by librdkafka while it makes a client, before its threads start; `inside` is an [`Inside`].
unsafe extern "C" fn on_new(
    client: *mut rd::rd_kafka_t,
    _: *const rd::rd_kafka_conf_t,
    inside: *mut c_void,
    _: *mut c_char,
    _: usize,
) -> RDKafkaRespErr {
    // SAFETY: this is the place to add them; the pointer goes on to where it is read as what it is.
    unsafe {
        rd::rd_kafka_interceptor_add_on_thread_start(client, NAME.as_ptr(), Some(on_thread), inside);
        rd::rd_kafka_interceptor_add_on_response_received(client, NAME.as_ptr(), Some(on_response), inside);
        rd::rd_kafka_interceptor_add_on_request_sent(client, NAME.as_ptr(), Some(on_request), inside)
    }
}

/// Gives a thread of the client a name by which its CPU is counted as the load's, whenever it starts.
unsafe extern "C" fn on_thread(
    _: *mut rd::rd_kafka_t,
    kind: rd::rd_kafka_thread_type_t,
    _: *const c_char,
    _: *mut c_void,
) -> RDKafkaRespErr {
    let name = match kind {
        rd::rd_kafka_thread_type_t::RD_KAFKA_THREAD_MAIN => c"load-rdk-main",
        rd::rd_kafka_thread_type_t::RD_KAFKA_THREAD_BROKER => c"load-rdk-broker",
        rd::rd_kafka_thread_type_t::RD_KAFKA_THREAD_BACKGROUND => c"load-rdk-back",
    };
    // A thread without the name is counted as nobody's.
    rustix::thread::set_name(name).ok();
    FINE
}

/// SAFETY: called by a thread of the client; `inside` is an [`Inside`] that outlives it.
unsafe extern "C" fn on_request(
    _: *mut rd::rd_kafka_t,
    _: c_int,
    _: *const c_char,
    _: i32,
    key: i16,
    _: i16,
    _: i32,
    size: usize,
    inside: *mut c_void,
) -> RDKafkaRespErr {
    // SAFETY: see above.
    let inside = unsafe { &*inside.cast::<Inside>() };
    inside.wire.request(size as u64, key == PRODUCE);
    FINE
}

/// SAFETY: called by a thread of the client; `inside` is an [`Inside`] that outlives it.
unsafe extern "C" fn on_response(
    _: *mut rd::rd_kafka_t,
    _: c_int,
    _: *const c_char,
    _: i32,
    key: i16,
    _: i16,
    _: i32,
    _: usize,
    round_trip_us: i64,
    _: RDKafkaRespErr,
    inside: *mut c_void,
) -> RDKafkaRespErr {
    // SAFETY: see above.
    let inside = unsafe { &*inside.cast::<Inside>() };
    // Below 0 it is not known: the request was given up.
    if let (PRODUCE, Ok(us)) = (key, u64::try_from(round_trip_us)) {
        inside.wire.answer(us);
    }
    FINE
}

/// SAFETY: called by whoever listens to the client; `inside` is an [`Inside`] that outlives it.
unsafe extern "C" fn on_throttle(
    _: *mut rd::rd_kafka_t,
    _: *const c_char,
    _: i32,
    throttled_ms: c_int,
    inside: *mut c_void,
) {
    // SAFETY: see above.
    let inside = unsafe { &*inside.cast::<Inside>() };
    inside.throttled_ms.fetch_add(u64::try_from(throttled_ms).unwrap_or_default(), Relaxed);
}
