//! How every client of a run is set up: servers and properties, with secrets resolved at the last moment.

use rdkafka::client::{Client, DefaultClientContext};
use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::types::{RDKafkaConfRes, RDKafkaType};

use super::ClusterError;
use crate::spec::{Properties, secrets};

/// Whether a client has brokers make a topic that is not there, where they do so.
const MAKES_TOPICS: &str = "allow.auto.create.topics";

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
        config.set("bootstrap.servers", self.resolved_servers()?).set("client.id", client_id);
        Ok(config)
    }

    /// The same of one that sends. Unless it is said, no topic is made for it: librdkafka's producers would ask for one that its owner has just taken away.
    pub fn config_to_send(&self, client_id: &str, more: &Properties) -> Result<ClientConfig, ClusterError> {
        let mut config = self.config(client_id, more)?;
        if config.get(MAKES_TOPICS).is_none() {
            config.set(MAKES_TOPICS, "false");
        }
        Ok(config)
    }

    /// Where to connect, with what the environment says.
    pub fn resolved_servers(&self) -> Result<String, ClusterError> {
        resolve(&self.servers)
    }

    /// The common properties with `more` over them, secrets resolved.
    pub fn resolved(&self, more: &Properties) -> Result<Properties, ClusterError> {
        let all = self.properties.iter().chain(more);
        all.map(|(key, value)| Ok((key.clone(), resolve(value)?))).collect()
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

fn resolve(text: &str) -> Result<String, ClusterError> {
    secrets::resolve(text).map_err(|missing| ClusterError::Secret { reason: missing.to_string() })
}

/// Properties with what the environment says.
pub fn resolved(properties: &Properties) -> Result<Properties, ClusterError> {
    properties.iter().map(|(key, value)| Ok((key.clone(), resolve(value)?))).collect()
}

/// Which kind of client librdkafka makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// One that sends.
    Producer,
    /// One that reads, or asks.
    Consumer,
}

/// Why librdkafka makes no client of these resolved properties, in its own words. One that it makes is gone at once: with no server named it has nobody to
/// connect to, and without a login it fetches no token.
pub fn refusal(kind: Kind, properties: &Properties) -> Option<String> {
    let mut config = ClientConfig::new();
    for (name, value) in properties {
        config.set(name, value);
    }
    config.remove("bootstrap.servers").set("log_level", "0");
    if properties.get("sasl.oauthbearer.method").is_some_and(|method| method.eq_ignore_ascii_case("oidc")) {
        let with_login = config.get("security.protocol").map(str::to_ascii_lowercase);
        let without = with_login.as_deref().and_then(|protocol| protocol.strip_prefix("sasl_"));
        if let Some(without) = without.map(str::to_owned) {
            config.set("security.protocol", without);
        }
    }
    let native = match config.create_native_config() {
        Ok(native) => native,
        // Of a single property, which `wrong_property` could not judge without what the environment says.
        Err(KafkaError::ClientConfig(_, words, ..)) => return Some(words),
        Err(error) => return Some(error.to_string()),
    };
    let kind = match kind {
        Kind::Producer => RDKafkaType::RD_KAFKA_PRODUCER,
        Kind::Consumer => RDKafkaType::RD_KAFKA_CONSUMER,
    };
    match Client::new(&config, native, kind, DefaultClientContext) {
        Ok(_) => None,
        Err(KafkaError::ClientCreation(words)) => Some(words),
        Err(error) => Some(error.to_string()),
    }
}

/// librdkafka's default of a property.
pub fn default_of(name: &str) -> Option<String> {
    ClientConfig::new().create_native_config().ok()?.get(name).ok()
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
    let shown = secrets::masked(name, value);
    // What it says may quote the value.
    Some(format!("`{name}` cannot be `{shown}`: {}", words.trim().replace(value, &shown)))
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
    fn whoever_sends_has_no_topic_made_unless_the_file_says_so() {
        let of = |value: Option<&str>| {
            let own = value.map(|value| (MAKES_TOPICS.to_owned(), value.to_owned()));
            let settings =
                ClientSettings { servers: "b:9092".to_owned(), properties: own.into_iter().collect() };
            let config = settings.config_to_send("a", &Properties::new()).unwrap();
            config.get(MAKES_TOPICS).map(str::to_owned)
        };
        assert_eq!((of(None).as_deref(), of(Some("true")).as_deref()), (Some("false"), Some("true")));
    }

    #[test]
    fn a_login_by_token_is_judged_without_asking_anybody_for_a_token() {
        let tokens = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut properties = Properties::new();
        for (name, value) in [
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism", "OAUTHBEARER"),
            ("sasl.oauthbearer.method", "oidc"),
            ("sasl.oauthbearer.client.id", "bench"),
            ("sasl.oauthbearer.client.secret", "s"),
        ] {
            properties.insert(name.to_owned(), value.to_owned());
        }
        let words = refusal(Kind::Producer, &properties).unwrap();
        assert!(words.contains("sasl.oauthbearer.token.endpoint.url"), "{words}");
        let url = format!("http://{}/token", tokens.local_addr().unwrap());
        properties.insert("sasl.oauthbearer.token.endpoint.url".to_owned(), url);
        assert_eq!(refusal(Kind::Producer, &properties), None);
        tokens.set_nonblocking(true).unwrap();
        assert_eq!(tokens.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }

    #[test]
    fn a_combination_is_judged_by_making_a_client_that_is_gone_at_once() {
        let of = |all: &[(&str, &str)]| -> Properties {
            all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
        assert_eq!(refusal(Kind::Producer, &of(&[("acks", "all"), ("enable.idempotence", "true")])), None);
        let words = refusal(Kind::Producer, &of(&[("acks", "1"), ("enable.idempotence", "true")]));
        assert_eq!(words.unwrap(), "`acks` must be set to `all` when `enable.idempotence` is true");
        let short = of(&[("group.id", "g"), ("max.poll.interval.ms", "6000")]);
        assert!(refusal(Kind::Consumer, &short).unwrap().contains("must be >= `session.timeout.ms`"));
        let before = threads();
        let start = std::time::Instant::now();
        for _ in 0..20 {
            assert_eq!(refusal(Kind::Consumer, &of(&[("group.id", "g")])), None);
        }
        // Other tests have threads too, but not two for each of these.
        assert!(threads() < before + 30 && start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
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
