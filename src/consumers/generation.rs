//! Whether a member is in its group, where no callback says so.
#![expect(unsafe_code, reason = "the safe wrapper does not tell a group's generation")]

use rdkafka::bindings as rd;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};

/// Whether the group has given the member a generation (its epoch, in the new protocol). With a partition or without.
pub(super) fn has_generation<C: ConsumerContext>(client: &BaseConsumer<C>) -> bool {
    // SAFETY: the client lives as long as the borrow; what is asked for is destroyed once, after its last use.
    unsafe {
        let group = rd::rd_kafka_consumer_group_metadata(client.client().native_ptr());
        if group.is_null() {
            return false;
        }
        let generation = rd::rd_kafka_consumer_group_metadata_generation_id(group);
        rd::rd_kafka_consumer_group_metadata_destroy(group);
        generation > 0
    }
}
