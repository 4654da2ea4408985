//! Commits that nobody waits for, and whose outcome is heard all the same: the safe wrapper asks for none.
#![expect(unsafe_code, reason = "the safe wrapper cannot say where the outcome of a commit is to go")]

use std::ptr;

use rdkafka::bindings as rd;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{IsError as _, KafkaError, KafkaResult};
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaErrorCode;

/// Commits these offsets; an error is that it was not even tried. The outcome comes to the client's `commit_callback` while it is polled.
pub(super) fn commit_and_hear<C: ConsumerContext>(
    client: &BaseConsumer<C>,
    offsets: &TopicPartitionList,
) -> KafkaResult<()> {
    let handle = client.client().native_ptr();
    // SAFETY: client and list live as long as their borrows, and the list is copied. The queue is the client's own; the reference to it is given back once.
    let code = unsafe {
        let queue = rd::rd_kafka_queue_get_consumer(handle);
        if queue.is_null() {
            return Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::UnknownGroup));
        }
        let code = rd::rd_kafka_commit_queue(handle, offsets.ptr(), queue, None, ptr::null_mut());
        rd::rd_kafka_queue_destroy(queue);
        code
    };
    if code.is_error() { Err(KafkaError::ConsumerCommit(code.into())) } else { Ok(()) }
}
