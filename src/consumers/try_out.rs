//! Tries whether a group's consumer may read at all: it joins a group of its own name's kind, and fetches from every partition of a topic.

use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;

use super::config::effective_properties;
use crate::cluster::{ClientSettings, ClusterError, Heard};
use crate::spec::Properties;

/// A group that has not come together by then may still do so in a trial, which waits longer and says who lacks what: only a refusal is told here. By default
/// a cluster lets a new group wait for 3 s.
const WITHIN: Duration = Duration::from_secs(8);
/// How long news are waited for at once.
const LOOK: Duration = Duration::from_millis(20);

#[derive(Default)]
struct Reader {
    /// Rights that are missing: of the whole cluster, whoever says it.
    denied: Heard,
    /// All else, which may be one server's alone.
    heard: Heard,
}

impl ClientContext for Reader {
    fn error(&self, error: KafkaError, reason: &str) {
        let is_right = matches!(
            error.rdkafka_error_code(),
            Some(
                RDKafkaErrorCode::GroupAuthorizationFailed
                    | RDKafkaErrorCode::TopicAuthorizationFailed
                    | RDKafkaErrorCode::ClusterAuthorizationFailed
            )
        );
        let heard = if is_right { &self.denied } else { &self.heard };
        heard.note_error(&error, reason);
    }

    fn log(&self, _: RDKafkaLogLevel, facility: &str, line: &str) {
        self.heard.note_log(facility, line);
    }
}

impl ConsumerContext for Reader {}

/// Reads this topic as a member of this group, with the properties of a group's consumers; the first reason why it may not, in the broker's words. `stop`
/// tells when nobody wants to know any more.
pub fn try_out(
    settings: &ClientSettings,
    (group, topic): (&str, &str),
    stop: &dyn Fn() -> bool,
) -> Result<Option<String>, ClusterError> {
    let own = ClientSettings {
        servers: settings.servers.clone(),
        properties: effective_properties(&settings.properties),
    };
    let mut config: ClientConfig = own.config("bench-probe", &Properties::new())?;
    // The end of a partition shows that it may be read, also where no message of it counts: those of a transaction that was given up.
    config.set("group.id", group).set("enable.partition.eof", "true");
    let failed = |error: KafkaError| own.client_error(&error);
    let reader: BaseConsumer<Reader> =
        Heard::loud(&config).create_with_context(Reader::default()).map_err(failed)?;
    reader.subscribe(&[topic]).map_err(failed)?;
    let deadline = Instant::now() + WITHIN;
    while Instant::now() < deadline && !stop() {
        if let Some(Ok(_) | Err(KafkaError::PartitionEOF(_))) = reader.poll(LOOK) {
            return Ok(None);
        }
        if let Some(words) = reader.context().denied.refusal() {
            return Ok(Some(own.redacted(&words)));
        }
    }
    Ok(reader.context().heard.refusal().map(|words| own.redacted(&words)))
}
