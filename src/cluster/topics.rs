//! Topics made, or only tried, with the brokers' own words where they refuse.
//!
//! The safe wrapper gives a refusal's code alone; the sentence beside it, which says what is wrong with which setting, has to be asked of librdkafka itself.
#![expect(unsafe_code, reason = "a refused topic's sentence has no safe wrapper")]

use std::ffi::CString;
use std::ptr::null_mut;
use std::time::Duration;

use rdkafka::bindings as rd;
use rdkafka::types::{RDKafka, RDKafkaErrorCode, RDKafkaRespErr};

use super::request::{millis, owned, request};
use crate::spec::{Properties, Topic};

/// Whether a topic is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// It is.
    Made,
    /// The brokers only say whether they would make it.
    Tried,
}

/// Why a topic is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: RDKafkaErrorCode,
    /// The broker's sentence, else the code's.
    pub(super) words: String,
}

impl Refusal {
    /// What cannot even be asked.
    pub(super) fn of_bench(words: &str) -> Self {
        Refusal { code: RDKafkaErrorCode::InvalidArgument, words: words.to_owned() }
    }

    /// That nobody answered, or somebody else's question: nothing is known then of what was asked.
    pub(super) fn unanswered(words: &str) -> Self {
        Refusal { code: RDKafkaErrorCode::RequestTimedOut, words: words.to_owned() }
    }

    /// Whether it is there already. By a name that no other run has it is the answer to an earlier try whose own answer was lost.
    pub(super) fn is_there(&self) -> bool {
        self.code == RDKafkaErrorCode::TopicAlreadyExists
    }

    /// Whether the same may be asked again: nobody answered, or not whoever decides just now.
    pub(super) fn may_pass(&self) -> bool {
        matches!(
            self.code,
            RDKafkaErrorCode::RequestTimedOut
                | RDKafkaErrorCode::OperationTimedOut
                | RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::NotController
                | RDKafkaErrorCode::ThrottlingQuotaExceeded
        )
    }

    /// The same of settings that a broker is asked to change while it runs: what it cannot change so it calls an invalid request.
    pub(super) fn is_of_the_settings(&self) -> bool {
        self.is_of_the_file() || self.code == RDKafkaErrorCode::InvalidRequest
    }

    /// Whether what was asked for is at fault, and not who asked or what was in the way.
    pub(super) fn is_of_the_file(&self) -> bool {
        matches!(
            self.code,
            RDKafkaErrorCode::InvalidConfig
                | RDKafkaErrorCode::InvalidPartitions
                | RDKafkaErrorCode::InvalidReplicationFactor
                | RDKafkaErrorCode::InvalidReplicaAssignment
                | RDKafkaErrorCode::PolicyViolation
                | RDKafkaErrorCode::InvalidArgument
        )
    }
}

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    /// -1 for what the cluster has as its default.
    pub(super) partitions: i32,
    /// The same of replicas.
    pub(super) replication: i32,
    pub(super) config: &'a Properties,
}

impl<'a> Wanted<'a> {
    /// One of those that a trial makes anew.
    pub(super) fn of(name: &'a str, topic: &'a Topic) -> Self {
        let (partitions, replication) = (topic.of_each() as i32, i32::from(topic.replication));
        Wanted { name, partitions, replication, config: &topic.config }
    }
}

/// Asks for a topic, by an admin client's handle, and waits for the answer. The handle must live until this returns.
pub(super) fn ask(
    client: *mut RDKafka,
    wanted: &Wanted<'_>,
    how: How,
    within: Duration,
) -> Result<(), Refusal> {
    let text = |text: &str| CString::new(text).map_err(|_| Refusal::of_bench("a setting holds a zero byte"));
    let name = text(wanted.name)?;
    let config = wanted.config.iter().map(|(key, value)| Ok((text(key)?, text(value)?)));
    let config: Vec<(CString, CString)> = config.collect::<Result<_, Refusal>>()?;
    let mut error = [0; 512];
    // SAFETY: the topic is made, used and destroyed here, once; texts outlive the calls, which copy them.
    unsafe {
        let (out, room) = (error.as_mut_ptr(), error.len());
        let mut new =
            rd::rd_kafka_NewTopic_new(name.as_ptr(), wanted.partitions, wanted.replication, out, room);
        if new.is_null() {
            return Err(Refusal::of_bench(&owned(error.as_ptr())));
        }
        for (key, value) in &config {
            rd::rd_kafka_NewTopic_set_config(new, key.as_ptr(), value.as_ptr());
        }
        let answer = request(
            client,
            rd::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_CREATETOPICS,
            within,
            |options, queue| {
                let tried = i32::from(how == How::Tried);
                rd::rd_kafka_AdminOptions_set_operation_timeout(options, millis(within), null_mut(), 0);
                rd::rd_kafka_AdminOptions_set_validate_only(options, tried, null_mut(), 0);
                rd::rd_kafka_CreateTopics(client, &raw mut new, 1, options, queue);
            },
            |event| read(event),
        );
        rd::rd_kafka_NewTopic_destroy(new);
        answer
    }
}

/// SAFETY: the event is null, or the answer to CreateTopics and alive.
unsafe fn read(event: *mut rd::rd_kafka_event_t) -> Result<(), Refusal> {
    if event.is_null() {
        return Err(Refusal::unanswered("no broker answered"));
    }
    // SAFETY: as above; all that is read belongs to the event, and its texts are copied.
    unsafe {
        let whole = rd::rd_kafka_event_error(event);
        if whole != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return Err(refusal(whole, rd::rd_kafka_event_error_string(event)));
        }
        let mut count = 0;
        let result = rd::rd_kafka_event_CreateTopics_result(event);
        if result.is_null() {
            return Err(Refusal::unanswered("the answer was about something else"));
        }
        let topics = rd::rd_kafka_CreateTopics_result_topics(result, &raw mut count);
        for at in 0..count {
            let topic = *topics.add(at);
            let code = rd::rd_kafka_topic_result_error(topic);
            if code != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
                return Err(refusal(code, rd::rd_kafka_topic_result_error_string(topic)));
            }
        }
    }
    Ok(())
}

/// SAFETY: the text is null or ends with a zero byte.
pub(super) unsafe fn refusal(code: RDKafkaRespErr, text: *const std::ffi::c_char) -> Refusal {
    let code = RDKafkaErrorCode::from(code);
    // SAFETY: as above.
    let words = unsafe { owned(text) };
    Refusal { code, words: if words.is_empty() { code.to_string() } else { words } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_for_what_was_asked_is_told_from_what_was_in_the_way() {
        let of = |code| Refusal { code, words: String::new() };
        for code in [RDKafkaErrorCode::InvalidRequest, RDKafkaErrorCode::InvalidConfig] {
            assert!(of(code).is_of_the_settings(), "{code}");
        }
        for code in [
            RDKafkaErrorCode::OperationTimedOut,
            RDKafkaErrorCode::BrokerTransportFailure,
            RDKafkaErrorCode::ClusterAuthorizationFailed,
            RDKafkaErrorCode::NotController,
        ] {
            assert!(!of(code).is_of_the_settings(), "{code}");
        }
        assert!(!Refusal::unanswered("no broker answered").is_of_the_settings());
        assert!(
            !of(RDKafkaErrorCode::InvalidRequest).is_of_the_file(),
            "of a topic it is no word on what it is"
        );
    }
}
