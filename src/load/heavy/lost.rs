//! Connections that librdkafka has lost: it tells of one as an error only where it was the last, and else but logs it.
#![expect(unsafe_code, reason = "the log as events, and how much a client holds, have no safe wrapper")]

use std::ffi::CStr;
use std::ptr;

use rdkafka::bindings as rd;

/// The facility under which librdkafka logs a lost connection.
const FACILITY: &str = "FAIL";
/// Syslog's level of an error; what is one is told as an event of its own.
const ERROR: i32 = 3;

/// Lets a client log by events. SAFETY: `config` must be living.
pub unsafe fn log_by_events(config: *mut rd::rd_kafka_conf_t) {
    // SAFETY: the texts end with a zero byte and are copied; it cannot fail for this property.
    unsafe {
        rd::rd_kafka_conf_set(config, c"log.queue".as_ptr(), c"true".as_ptr(), ptr::null_mut(), 0);
    }
}

/// The text of an event that logs the loss of a connection that was up. SAFETY: `event` must be a living log event.
pub unsafe fn lost_connection(event: *mut rd::rd_kafka_event_t) -> Option<String> {
    let (mut facility, mut text, mut level) = (ptr::null(), ptr::null(), 0);
    // SAFETY: both texts live as long as the event.
    let (facility, text) = unsafe {
        if rd::rd_kafka_event_log(event, &raw mut facility, &raw mut text, &raw mut level) != 0 {
            return None;
        }
        (CStr::from_ptr(facility).to_string_lossy(), CStr::from_ptr(text).to_string_lossy())
    };
    // The thread's name stands before it, which is the broker's.
    let text = text.split_once("]: ").map_or(&*text, |(_, text)| text);
    let lost = facility == FACILITY && level > ERROR && text.contains("in state UP");
    lost.then(|| text.to_owned())
}

/// Messages that a client has and has not told of. SAFETY: both must be living, the queue its main one.
pub unsafe fn in_hand(client: *mut rd::rd_kafka_t, queue: *mut rd::rd_kafka_queue_t) -> i64 {
    // SAFETY: plain calls. The first counts what is still to be told, too.
    unsafe { i64::from(rd::rd_kafka_outq_len(client)) - rd::rd_kafka_queue_length(queue) as i64 }
}
