//! How every client of a run is set up: servers and properties, with secrets resolved at the last moment.

use rdkafka::config::ClientConfig;

use super::ClusterError;
use crate::spec::{Properties, secrets};

/// Where to connect, and how; `${ENV}` references are unresolved here, so that this may be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSettings {
    /// `host:port`, several separated by commas.
    pub servers: String,
    /// librdkafka's properties.
    pub properties: Properties,
}

impl ClientSettings {
    /// A configuration with `more` over the common properties, secrets resolved.
    pub fn config(&self, client_id: &str, more: &Properties) -> Result<ClientConfig, ClusterError> {
        let mut config = ClientConfig::new();
        // librdkafka writes to stderr by itself; what matters comes as errors and events.
        config.set("log_level", "0");
        for (key, value) in self.properties.iter().chain(more) {
            let value = secrets::resolve(value)
                .map_err(|missing| ClusterError::Secret { reason: missing.to_string() })?;
            config.set(key, value);
        }
        config.set("bootstrap.servers", &self.servers).set("client.id", client_id);
        Ok(config)
    }

    /// librdkafka's words without any secret.
    pub fn redacted(&self, text: &str) -> String {
        secrets::redact(text, &self.properties)
    }

    /// A client that could not be made.
    pub fn client_error(&self, error: &rdkafka::error::KafkaError) -> ClusterError {
        ClusterError::Client { reason: self.redacted(&error.to_string()) }
    }
}
