//! The words of librdkafka's table for an error code: its own below zero, Kafka's above.
#![expect(unsafe_code, reason = "the table of error codes has no safe wrapper")]

use std::ffi::CStr;
use std::ptr;

use rdkafka::bindings as rd;

/// Name and sentence of an error code, such as `TOPIC_AUTHORIZATION_FAILED (Broker: Topic authorization failed)`.
pub fn error_words(code: i32) -> String {
    let (mut table, mut length) = (ptr::null(), 0);
    // SAFETY: the table is static, its entries are as many as is told, and its texts end with a zero byte.
    unsafe {
        rd::rd_kafka_get_err_descs(&raw mut table, &raw mut length);
        for index in 0..length {
            let entry = &*table.add(index);
            if entry.code as i32 == code && !entry.name.is_null() && !entry.desc.is_null() {
                let text = |text| CStr::from_ptr(text).to_string_lossy();
                return format!("{} ({})", text(entry.name), text(entry.desc));
            }
        }
    }
    format!("error {code}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_brokers_and_of_clients_have_words_and_unknown_ones_their_number() {
        assert_eq!(error_words(29), "TOPIC_AUTHORIZATION_FAILED (Broker: Topic authorization failed)");
        assert!(error_words(-192).starts_with("_MSG_TIMED_OUT ("));
        assert_eq!(error_words(32_000), "error 32000");
    }
}
