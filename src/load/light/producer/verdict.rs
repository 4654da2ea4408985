//! What a broker's error code means for a batch; librdkafka's codes for its own errors.

use crate::load::light::config::Waits;

/// librdkafka's code for a message whose time was up.
pub const TIMED_OUT: i32 = -192;
/// librdkafka's code for a lost connection.
pub const TRANSPORT: i32 = -195;
/// librdkafka's code for a partition that the topic has not.
pub const UNKNOWN_PARTITION: i32 = -190;

/// What is to be done about a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is written.
    Written,
    /// It was written before; where is not told.
    WrittenBefore,
    /// Send it again.
    Again,
    /// Ask who leads the partition, and send it again.
    Moved,
    /// The broker lacks what lies before it, or has forgotten the producer.
    OutOfOrder,
    /// Nothing will help.
    Failed,
}

/// The meaning of an error code of a produce response (Kafka's protocol guide, "Error Codes").
pub fn verdict(code: i16) -> Verdict {
    match code {
        0 => Verdict::Written,
        46 => Verdict::WrittenBefore, // DUPLICATE_SEQUENCE_NUMBER
        // REQUEST_TIMED_OUT, NOT_ENOUGH_REPLICAS (and AFTER_APPEND), BROKER_NOT_AVAILABLE, THROTTLING_QUOTA_EXCEEDED
        7 | 8 | 19 | 20 | 89 => Verdict::Again,
        // UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER, REPLICA_NOT_AVAILABLE, NETWORK_EXCEPTION, KAFKA_STORAGE_ERROR,
        // FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, UNKNOWN_TOPIC_ID
        3 | 5 | 6 | 9 | 13 | 56 | 74 | 75 | 100 => Verdict::Moved,
        // OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, UNKNOWN_PRODUCER_ID
        45 | 47 | 59 => Verdict::OutOfOrder,
        _ => Verdict::Failed,
    }
}

/// Whether a batch of which a broker said so may be written all the same: such codes also come once the leader's log has it, while its replicas are
/// waited for (Kafka's DelayedProduce: leadership lost, replica offline, time up, too few in sync).
pub fn may_be_written(code: i16) -> bool {
    // UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, REQUEST_TIMED_OUT, NETWORK_EXCEPTION, NOT_ENOUGH_REPLICAS_AFTER_APPEND, KAFKA_STORAGE_ERROR
    matches!(code, 3 | 6 | 7 | 13 | 20 | 56)
}

/// How long to wait before the `nth` (from 1) try: doubled each time up to the longest, give or take a fifth (`chance` is any number).
pub fn backoff(nth: u32, waits: Waits, chance: u64) -> u64 {
    let plain = waits.first_ns.saturating_mul(1 << nth.saturating_sub(1).min(20)).min(waits.longest_ns);
    plain / 5 * 4 + chance % (plain / 5 * 2 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_up_to_the_longest_within_a_fifth() {
        for (nth, plain) in [(1, 100_u64), (2, 200), (3, 400), (4, 800), (5, 1000), (60, 1000)] {
            for chance in [0, 7, 12_345, u64::MAX] {
                let wait = backoff(nth, Waits { first_ns: 100, longest_ns: 1000 }, chance);
                assert!((plain * 8 / 10..=plain * 12 / 10).contains(&wait), "{nth}: {wait}");
            }
        }
        assert_eq!(backoff(3, Waits { first_ns: 0, longest_ns: 0 }, 5), 0);
    }
}
