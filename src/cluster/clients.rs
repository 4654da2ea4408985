//! How every client of a run is set up: servers and properties, with secrets resolved at the last moment.

use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaConfRes;

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
        for (key, value) in self.resolved(more)? {
            config.set(key, value);
        }
        config.set("bootstrap.servers", &self.servers).set("client.id", client_id);
        Ok(config)
    }

    /// The common properties with `more` over them, secrets resolved.
    pub fn resolved(&self, more: &Properties) -> Result<Properties, ClusterError> {
        let resolve = |(key, value): (&String, &String)| {
            let value = secrets::resolve(value);
            let value = value.map_err(|missing| ClusterError::Secret { reason: missing.to_string() })?;
            Ok((key.clone(), value))
        };
        self.properties.iter().chain(more).map(resolve).collect()
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

/// What librdkafka has against a property, if anything. Values with `${ENV}` references are known only when they are used.
pub fn wrong_property(name: &str, value: &str) -> Option<String> {
    // Paths are opened when they are set, on the machine that runs; a check elsewhere must not need them.
    if value.contains("${") || name.ends_with("location") {
        return None;
    }
    let mut config = ClientConfig::new();
    config.set(name, value);
    let words = match config.create_native_config().err()? {
        KafkaError::ClientConfig(RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN, ..) => {
            return Some(format!("`{name}` is no property of librdkafka"));
        }
        KafkaError::ClientConfig(_, words, ..) => words,
        other => other.to_string(),
    };
    Some(format!("`{name}` cannot be `{value}`: {}", words.trim()))
}

/// Properties of a client as librdkafka applies them: those that shape batches, acknowledgements, fetches and groups, defaults filled in, and over
/// them all that was set, with `${ENV}` references unresolved.
pub fn effective(set: &Properties, names: &[&str]) -> Properties {
    let mut config = ClientConfig::new();
    for (name, value) in
        set.iter().filter(|(name, value)| wrong_property(name, value).is_none() && !value.contains("${"))
    {
        config.set(name, value);
    }
    let mut all = Properties::new();
    if let Ok(native) = config.create_native_config() {
        let known = names.iter().filter_map(|name| Some(((*name).to_owned(), native.get(name).ok()?)));
        all.extend(known);
    }
    all.extend(set.clone());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn librdkafka_itself_judges_its_properties_and_a_secret_is_judged_when_it_is_used() {
        assert_eq!(wrong_property("linger.ms", "5"), None);
        assert_eq!(wrong_property("sasl.password", "${PASSWORD}"), None);
        assert_eq!(
            wrong_property("lingr.ms", "5").as_deref(),
            Some("`lingr.ms` is no property of librdkafka")
        );
        assert!(
            wrong_property("linger.ms", "soon")
                .unwrap()
                .starts_with("`linger.ms` cannot be `soon`: Invalid value")
        );
    }

    #[test]
    fn an_effective_configuration_holds_defaults_and_keeps_references() {
        let set = [("acks", "1"), ("sasl.password", "${PASSWORD}")];
        let set = set.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let all = effective(&set, &["linger.ms", "acks"]);
        assert_eq!((all["acks"].as_str(), all["linger.ms"].as_str()), ("1", "5"));
        assert_eq!(all["sasl.password"], "${PASSWORD}");
    }
}
