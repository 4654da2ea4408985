//! How long brokers hold this instance's fetches back because of a quota.
#![expect(
    unsafe_code,
    reason = "librdkafka tells of it by a callback for which the safe wrapper has no place"
)]

use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rdkafka::bindings as rd;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};

/// Of all clients of this process, which are those of one instance, in ms.
static THROTTLED_MS: AtomicU64 = AtomicU64::new(0);

/// Has a client tell when it is held back; it does so while it is polled.
pub(super) fn listen_to<C: ConsumerContext>(client: &BaseConsumer<C>) {
    // SAFETY: the wrapper makes client and configuration in one step, so that the callback can only be put into the living one, which is the client's own
    // and not constant. It is one pointer, set once before the client is subscribed to anything, and read whole by the threads that look whether there is one.
    unsafe {
        let configuration = rd::rd_kafka_conf(client.client().native_ptr()).cast_mut();
        rd::rd_kafka_conf_set_throttle_cb(configuration, Some(on_throttle));
    }
}

/// How long so far, in ms, those of all clients added up.
pub(super) fn throttled_ms() -> u64 {
    THROTTLED_MS.load(Relaxed)
}

unsafe extern "C" fn on_throttle(
    _: *mut rd::rd_kafka_t,
    _: *const c_char,
    _: i32,
    throttled_ms: c_int,
    _: *mut c_void,
) {
    THROTTLED_MS.fetch_add(u64::try_from(throttled_ms).unwrap_or_default(), Relaxed);
}
