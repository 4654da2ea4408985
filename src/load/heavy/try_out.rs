//! Tries whether one of librdkafka's producers can write, and if not, why.
//!
//! It does not ask the hot path's own producer: that has no time for words.
#![expect(unsafe_code, reason = "a failed message's sentence has no safe wrapper")]

use std::ffi::CStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::bindings as rd;
use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;

use super::codes::awaits_acks;
use crate::cluster::Heard;
use crate::load::attempt::{Attempt, Refusal, Said};
use crate::load::light::{Verdict, verdict};

/// How long news are waited for at once.
const LOOK: Duration = Duration::from_millis(20);
/// How long it is asked for the words of an error that librdkafka would rather try again.
const WHY_WITHIN: Duration = Duration::from_secs(5);
/// Between two such questions.
const PAUSE: Duration = Duration::from_millis(200);

/// Codes of connections that were lost or not made: another may be.
const CONNECTIONS: [RDKafkaErrorCode; 4] = [
    RDKafkaErrorCode::BrokerTransportFailure,
    RDKafkaErrorCode::AllBrokersDown,
    RDKafkaErrorCode::Resolve,
    RDKafkaErrorCode::OperationTimedOut,
];

/// What a producer was told.
#[derive(Default)]
struct Answers {
    heard: Heard,
    /// Of each message that is told of, why it was not written; none of one that was.
    told: Mutex<Vec<Option<Refusal>>>,
}

impl ClientContext for Answers {
    fn error(&self, error: KafkaError, reason: &str) {
        self.heard.note_error(&error, reason);
    }

    fn log(&self, _: RDKafkaLogLevel, facility: &str, line: &str) {
        self.heard.note_log(facility, line);
    }
}

impl ProducerContext for Answers {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let refusal = result.as_ref().err().map(|(error, message)| refusal(error, message));
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.push(refusal);
    }
}

/// Why a message was not written.
fn refusal(error: &KafkaError, message: &BorrowedMessage<'_>) -> Refusal {
    let code = error.rdkafka_error_code();
    let late = matches!(
        code,
        Some(
            RDKafkaErrorCode::MessageTimedOut
                | RDKafkaErrorCode::PurgeQueue
                | RDKafkaErrorCode::PurgeInflight
        )
    );
    // SAFETY: the message lives as long as the report that it is borrowed from; its sentence is copied.
    let sentence = unsafe {
        let text = rd::rd_kafka_message_produce_errstr(message.ptr());
        if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    };
    let name = code.map_or_else(|| error.to_string(), |code| code.to_string());
    let words =
        if sentence.is_empty() || name.contains(&sentence) { name } else { format!("{sentence} ({name})") };
    let moves = code.is_some_and(|code| {
        let number = code as i32;
        CONNECTIONS.contains(&code)
            || i16::try_from(number).is_ok_and(|number| verdict(number) == Verdict::Moved)
    });
    let said = match (late, moves) {
        (true, _) => Said::Nothing,
        (_, true) => Said::Trouble,
        _ => Said::Why,
    };
    Refusal { said, words }
}

/// Writes; else why it could not.
pub fn try_out(config: &ClientConfig, attempt: &Attempt<'_>, within: Duration) -> Result<(), String> {
    let own = as_asked(config, within);
    let Err(refusal) = once(&own, attempt, within) else { return Ok(()) };
    Err(refusal.or(Said::Nothing, || why(&own, attempt)).words)
}

/// Why it gets no ack; `None` where it gets one and no broker had refused it before.
pub fn why_not(config: &ClientConfig, attempt: &Attempt<'_>) -> Option<Refusal> {
    why(&as_asked(config, WHY_WITHIN), attempt)
}

/// The fleet's own client, which is asked to be quick about it.
fn as_asked(config: &ClientConfig, within: Duration) -> ClientConfig {
    let mut own = config.clone();
    own.set("linger.ms", "0").set("message.timeout.ms", within.as_millis().to_string());
    if !awaits_acks(&own) {
        own.set("acks", "1"); // else nobody would tell why
    }
    own
}

/// An error that is tried again until time is up: asked by a client that tries nothing again.
fn why(config: &ClientConfig, attempt: &Attempt<'_>) -> Option<Refusal> {
    let mut asking = config.clone();
    for name in ["enable.idempotence", "enable.gapless.guarantee", "transactional.id"] {
        if asking.get(name).is_some_and(|set| name == "transactional.id" || set.trim() == "true") {
            asking.set("acks", "all");
        }
        asking.remove(name);
    }
    asking.set("message.send.max.retries", "0");
    let attempt = Attempt { transactions: false, ..attempt.clone() };
    let deadline = Instant::now() + WHY_WITHIN;
    let mut last = Refusal::silence();
    while Instant::now() < deadline {
        match once(&asking, &attempt, WHY_WITHIN) {
            // What a broker said before is why it took so long.
            Ok(()) => return (last.said == Said::Why).then_some(last),
            Err(refusal) if refusal.said > last.said => {}
            Err(refusal) => last = refusal,
        }
        std::thread::sleep(PAUSE);
    }
    Some(last)
}

fn once(config: &ClientConfig, attempt: &Attempt<'_>, within: Duration) -> Result<(), Refusal> {
    let failed = |error: KafkaError| Refusal::why(error.to_string());
    let producer: BaseProducer<Answers> =
        Heard::loud(config).create_with_context(Answers::default()).map_err(failed)?;
    let answers = producer.context();
    let of_transaction = |error: KafkaError| {
        producer.poll(LOOK);
        let heard = answers.heard.reason().map(|heard| format!("; {heard}")).unwrap_or_default();
        Refusal::why(format!("{error}{heard}"))
    };
    if attempt.transactions {
        producer.init_transactions(within).map_err(of_transaction)?;
        producer.begin_transaction().map_err(of_transaction)?;
    }
    let deadline = Instant::now() + within;
    let mut sent = 0;
    for (number, payload) in attempt.messages() {
        let (topic, partition) = attempt.topics.at(number);
        let mut record = BaseRecord::<(), [u8]>::to(topic).partition(partition).payload(payload);
        while let Err((error, back)) = producer.send(record) {
            record = match error.rdkafka_error_code() {
                // What the client itself does not take, the plan has told already.
                Some(RDKafkaErrorCode::MessageSizeTooLarge) => back.payload(&payload[..1]),
                Some(RDKafkaErrorCode::QueueFull) => back,
                _ => return Err(failed(error)),
            };
            producer.poll(LOOK);
        }
        sent += 1;
    }
    loop {
        producer.poll(LOOK);
        let told = answers.told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(refusal) = told.iter().find_map(Clone::clone) {
            // A message that was never sent knows less of why than the connection.
            return Err(refusal.or(Said::Trouble, || Some(Refusal::late(&answers.heard))));
        }
        if told.len() == sent {
            break;
        }
        if answers.heard.is_settled() || Instant::now() > deadline + LOOK * 10 {
            return Err(Refusal::late(&answers.heard));
        }
    }
    if attempt.transactions {
        producer.abort_transaction(within).map_err(of_transaction)?;
    }
    Ok(())
}
