//! What an admin client asks that its safe wrapper does not have: put on a queue of its own, and waited for.
#![expect(unsafe_code, reason = "these requests have no safe wrapper")]

use std::ffi::{CStr, c_char};
use std::ptr::null_mut;
use std::time::Duration;

use rdkafka::bindings as rd;
use rdkafka::types::RDKafka;

/// A time as librdkafka takes it, ms.
pub(super) fn millis(span: Duration) -> i32 {
    i32::try_from(span.as_millis()).unwrap_or(i32::MAX)
}

/// Asks by a client's handle and waits for the answer: `ask` gets the options and the queue that it comes to, `read` gets the answer, or null where none came.
/// SAFETY: the handle lives until this returns; `ask` keeps neither of what it gets, and `read` copies what it takes.
pub(super) unsafe fn request<T>(
    client: *mut RDKafka,
    kind: rd::rd_kafka_admin_op_t,
    within: Duration,
    ask: impl FnOnce(*mut rd::rd_kafka_AdminOptions_t, *mut rd::rd_kafka_queue_t),
    read: impl FnOnce(*mut rd::rd_kafka_event_t) -> T,
) -> T {
    // SAFETY: as above; each object is made, used and destroyed here, once, the event last read before it goes.
    unsafe {
        let options = rd::rd_kafka_AdminOptions_new(client, kind);
        rd::rd_kafka_AdminOptions_set_request_timeout(options, millis(within), null_mut(), 0);
        let queue = rd::rd_kafka_queue_new(client);
        ask(options, queue);
        // Its own time-out comes first.
        let event = rd::rd_kafka_queue_poll(queue, millis(within).saturating_add(1_000));
        let answer = read(event);
        if !event.is_null() {
            rd::rd_kafka_event_destroy(event);
        }
        rd::rd_kafka_queue_destroy(queue);
        rd::rd_kafka_AdminOptions_destroy(options);
        answer
    }
}

/// A text of an answer, empty for none. SAFETY: it is null or ends with a zero byte.
pub(super) unsafe fn owned(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: as above.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
