//! Messages with headers: librdkafka takes them one by one, each with a list of its own that the client frees.

use std::ffi::c_void;

use rdkafka::bindings as rd;
use rdkafka::types::RDKafkaRespErr;

use super::RawProducer;
use crate::load::heavy::codes::handed_over;
use crate::load::message::each_header;
use crate::load::send::{Handed, Outgoing};

/// Room for so many headers without a further allocation of librdkafka's.
const USUAL: usize = 8;

impl RawProducer {
    /// Hands one message over with its headers. All bytes are copied.
    pub(super) fn hand_over_with_headers(&self, message: &Outgoing<'_>) -> Handed {
        // SAFETY: the list is the client's once it took the message, and ours where it did not; names and values are copied into it with their lengths. All
        // else is read during the call, for which payload and key are copied; the note is a number that is never followed.
        let code = unsafe {
            let headers = rd::rd_kafka_headers_new(USUAL);
            for (name, value) in each_header(message.headers) {
                rd::rd_kafka_header_add(
                    headers,
                    name.as_ptr().cast(),
                    name.len() as isize,
                    value.as_ptr().cast(),
                    value.len() as isize,
                );
            }
            let partition = message.partition.unwrap_or(super::produce::UNASSIGNED);
            let all = [
                argument(rd::rd_kafka_vtype_t::RD_KAFKA_VTYPE_RKT, |u| {
                    u.rkt = self.topics[message.topic as usize];
                }),
                argument(rd::rd_kafka_vtype_t::RD_KAFKA_VTYPE_PARTITION, |u| u.i32_ = partition),
                argument(rd::rd_kafka_vtype_t::RD_KAFKA_VTYPE_MSGFLAGS, |u| u.i = rd::RD_KAFKA_MSG_F_COPY),
                argument(rd::rd_kafka_vtype_t::RD_KAFKA_VTYPE_VALUE, |u| u.mem = memory(message.payload)),
                argument(rd::rd_kafka_vtype_t::RD_KAFKA_VTYPE_OPAQUE, |u| u.ptr = self.note(message)),
                argument(rd::rd_kafka_vtype_t::RD_KAFKA_VTYPE_HEADERS, |u| u.headers = headers),
                argument(rd::rd_kafka_vtype_t::RD_KAFKA_VTYPE_KEY, |u| u.mem = memory(message.key)),
            ];
            // The key comes last: of none nothing is told.
            let count = all.len() - usize::from(message.key.is_empty());
            let error = rd::rd_kafka_produceva(self.client, all.as_ptr(), count);
            if error.is_null() {
                RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR
            } else {
                let code = rd::rd_kafka_error_code(error);
                rd::rd_kafka_error_destroy(error);
                rd::rd_kafka_headers_destroy(headers);
                code
            }
        };
        handed_over(code)
    }
}

fn memory(bytes: &[u8]) -> rd::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 {
    rd::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 {
        ptr: bytes.as_ptr().cast_mut().cast::<c_void>(),
        size: bytes.len(),
    }
}

fn argument(
    vtype: rd::rd_kafka_vtype_t,
    put: impl FnOnce(&mut rd::rd_kafka_vu_s__bindgen_ty_1),
) -> rd::rd_kafka_vu_t {
    // SAFETY: it is a union of numbers and pointers that may be null.
    let mut u: rd::rd_kafka_vu_s__bindgen_ty_1 = unsafe { std::mem::zeroed() };
    put(&mut u);
    rd::rd_kafka_vu_t { vtype, u }
}
