//! What librdkafka's codes mean.

use rdkafka::bindings::rd_kafka_message_t;
use rdkafka::config::ClientConfig;
use rdkafka::types::RDKafkaRespErr;

use crate::load::send::Handed;
use crate::load::tally::Fate;

/// What became of a message that was handed over.
pub fn handed_over(code: RDKafkaRespErr) -> Handed {
    match code {
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => Handed::Taken,
        RDKafkaRespErr::RD_KAFKA_RESP_ERR__QUEUE_FULL => Handed::Full,
        other => Handed::Refused(other as i32),
    }
}

/// What became of a message that is reported, of a topic whose first partition has this number.
pub fn fate(message: &rd_kafka_message_t, first: u32) -> Fate {
    match message.err {
        // With `acks: 0`, and where the broker has seen a retried batch before, there is no offset to book.
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR if message.offset < 0 => Fate::Untold,
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => {
            Fate::Acked { partition: first + message.partition as u32, offset: message.offset }
        }
        RDKafkaRespErr::RD_KAFKA_RESP_ERR__PURGE_QUEUE
        | RDKafkaRespErr::RD_KAFKA_RESP_ERR__PURGE_INFLIGHT => Fate::Unknown,
        error => Fate::Failed(error as i32),
    }
}

/// Whether a client is told of what it has sent.
pub fn awaits_acks(config: &ClientConfig) -> bool {
    ["acks", "request.required.acks"].iter().all(|name| config.get(name) != Some("0"))
}

/// Whether an error says no more than that a connection is gone on which nothing was awaited, as is known where a client has nothing in its hands: brokers
/// end idle ones, and so does what balances load before them. librdkafka tells so only where it was the last one; that none can be made again it tells too.
pub fn is_idle_loss(code: RDKafkaRespErr, text: &str, in_hand: i64) -> bool {
    let gone = match code {
        RDKafkaRespErr::RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN => true,
        // Soon after it came up it is an answer: the broker wants a client to say who it is.
        RDKafkaRespErr::RD_KAFKA_RESP_ERR__TRANSPORT => {
            text.contains("in state UP") && !text.contains("verify that security.protocol")
        }
        _ => false,
    };
    gone && in_hand <= 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_is_lost_with_nothing_in_hand_is_no_error() {
        let (down, transport) = (
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__TRANSPORT,
        );
        let lost = "localhost:9092/1: Disconnected (after 61000ms in state UP)";
        let refused = "localhost:9092/1: Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms in state CONNECT)";
        let unknown = "localhost:9092/1: Disconnected: verify that security.protocol is correctly configured, broker might require SASL authentication (after 20ms in state UP)";
        assert!(is_idle_loss(down, "1/1 brokers are down", 0) && is_idle_loss(transport, lost, 0));
        assert!(!is_idle_loss(down, "1/1 brokers are down", 1) && !is_idle_loss(transport, lost, 1));
        assert!(!is_idle_loss(transport, refused, 0) && !is_idle_loss(transport, unknown, 0));
        assert!(!is_idle_loss(RDKafkaRespErr::RD_KAFKA_RESP_ERR__AUTHENTICATION, "in state UP", 0));
    }

    #[test]
    fn without_acks_nobody_knows_what_is_in_hand() {
        let mut config = ClientConfig::new();
        assert!(awaits_acks(&config));
        config.set("request.required.acks", "0");
        assert!(!awaits_acks(&config));
    }
}
