//! The words of librdkafka's table for an error code: its own below zero, Kafka's above.
#![expect(unsafe_code, reason = "the table of error codes has no safe wrapper")]

use std::ffi::CStr;
use std::ptr;

use rdkafka::bindings as rd;

/// The name of an error code, such as `_MSG_TIMED_OUT`.
pub fn error_name(code: i32) -> String {
    described(code).map_or_else(|| numbered(code), |(name, _)| name)
}

/// Name and sentence of an error code, such as `TOPIC_AUTHORIZATION_FAILED (Broker: Topic authorization failed)`.
pub fn error_words(code: i32) -> String {
    described(code).map_or_else(|| numbered(code), |(name, sentence)| format!("{name} ({sentence})"))
}

fn numbered(code: i32) -> String {
    format!("error {code}")
}

/// Its name and sentence; none of a code that the table does not have.
fn described(code: i32) -> Option<(String, String)> {
    let (mut table, mut length) = (ptr::null(), 0);
    // SAFETY: the table is static, its entries are as many as is told, and its texts end with a zero byte.
    unsafe {
        rd::rd_kafka_get_err_descs(&raw mut table, &raw mut length);
        for index in 0..length {
            let entry = &*table.add(index);
            if entry.code as i32 == code && !entry.name.is_null() && !entry.desc.is_null() {
                let text = |text| CStr::from_ptr(text).to_string_lossy().into_owned();
                return Some((text(entry.name), text(entry.desc)));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_brokers_and_of_clients_have_words_and_unknown_ones_their_number() {
        assert_eq!(error_words(29), "TOPIC_AUTHORIZATION_FAILED (Broker: Topic authorization failed)");
        assert!(error_words(-192).starts_with("_MSG_TIMED_OUT ("));
        assert_eq!(error_words(32_000), "error 32000");
        assert_eq!((error_name(-192), error_name(32_000)), ("_MSG_TIMED_OUT".into(), "error 32000".into()));
    }
}
