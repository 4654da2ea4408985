//! What a light producer is told: librdkafka's properties, with librdkafka's defaults, as values.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::batch::{Codec, Partitioner};
use super::wire::{Hostname, Login, Mechanism, SocketOptions, Tls, TlsFiles, Trust, connector};
use crate::spec::light;

/// Kafka brokers keep the last five batches of an idempotent producer; librdkafka never has more in flight.
const IDEMPOTENT_IN_FLIGHT: usize = 5;
/// librdkafka takes 0 for "never".
const NEVER_MS: u64 = u32::MAX as u64;

/// All that producers of one fleet share.
#[derive(Clone, Debug)]
pub struct LightConfig {
    /// Where to begin.
    pub(super) servers: Vec<Arc<(String, u16)>>,
    pub(super) acks: i16,
    pub(super) idempotent: bool,
    pub(super) linger_ns: u64,
    pub(super) batch_bytes: usize,
    pub(super) batch_messages: usize,
    pub(super) message_bytes: usize,
    pub(super) in_flight: usize,
    pub(super) queue_messages: u64,
    pub(super) queue_bytes: u64,
    pub(super) delivery_timeout_ns: u64,
    pub(super) request_timeout_ms: u32,
    pub(super) socket_timeout_ns: u64,
    pub(super) connect_within: Duration,
    pub(super) socket: SocketOptions,
    pub(super) retries: u32,
    pub(super) retry: Waits,
    pub(super) reconnect: Waits,
    /// `None` for never.
    pub(super) refresh_ns: Option<u64>,
    pub(super) codec: Codec,
    pub(super) level: i32,
    pub(super) partitioner: Partitioner,
    pub(super) sticky_ns: u64,
    pub(super) tls: Option<Tls>,
    pub(super) login: Option<Arc<Login>>,
}

/// How long it is waited before something is tried again: each time twice as long, up to the longest.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// The first time, in ns.
    pub first_ns: u64,
    /// The longest, in ns.
    pub longest_ns: u64,
}

impl LightConfig {
    /// From `host:port,…` and properties whose `${ENV}` references are resolved; or what is wrong with them.
    pub fn read(servers: &str, properties: &BTreeMap<String, String>) -> Result<Self, String> {
        for (name, value) in properties {
            if let Some((what, hint)) = light::wrong(name, value, true) {
                return Err([Some(what), hint].into_iter().flatten().collect::<Vec<_>>().join(": "));
            }
        }
        let read = Read(properties);
        let idempotent = read.truth("enable.idempotence", false);
        let acks = read.any(&["acks", "request.required.acks"]).map_or(-1, |acks| acks.parse().unwrap_or(-1));
        if idempotent && acks != -1 {
            return Err("`enable.idempotence` needs `acks: all`".to_owned());
        }
        let mut in_flight =
            read.whole(&["max.in.flight.requests.per.connection", "max.in.flight"], 1_000_000) as usize;
        if idempotent {
            in_flight = in_flight.min(IDEMPOTENT_IN_FLIGHT);
        }
        let timeout = match read.whole(&["message.timeout.ms", "delivery.timeout.ms"], 300_000) {
            0 => NEVER_MS,
            set => set,
        };
        let retry = read.whole(&["retry.backoff.ms"], 100);
        let reconnect = read.whole(&["reconnect.backoff.ms"], 100);
        let refresh = read.any(&["topic.metadata.refresh.interval.ms"]).unwrap_or("300000");
        let protocol = read.any(&["security.protocol"]).unwrap_or("plaintext").to_ascii_lowercase();
        let ms = |ms: u64| ms * 1_000_000;
        Ok(LightConfig {
            servers: addresses(servers)?,
            acks,
            idempotent,
            linger_ns: (read.number(&["linger.ms", "queue.buffering.max.ms"], 5.0) * 1e6) as u64,
            batch_bytes: read.whole(&["batch.size"], 1_000_000) as usize,
            batch_messages: read.whole(&["batch.num.messages"], 10_000) as usize,
            message_bytes: read.whole(&["message.max.bytes"], 1_000_000) as usize,
            in_flight,
            queue_messages: match read.whole(&["queue.buffering.max.messages"], 100_000) {
                0 => u64::MAX,
                set => set,
            },
            queue_bytes: read.whole(&["queue.buffering.max.kbytes"], 1_048_576) * 1024,
            delivery_timeout_ns: ms(timeout),
            request_timeout_ms: read.whole(&["request.timeout.ms"], 30_000) as u32,
            socket_timeout_ns: ms(read.whole(&["socket.timeout.ms"], 60_000)),
            connect_within: Duration::from_millis(
                read.whole(&["socket.connection.setup.timeout.ms"], 30_000),
            ),
            socket: SocketOptions {
                no_delay: read.truth("socket.nagle.disable", true),
                keep_alive: read.truth("socket.keepalive.enable", false),
            },
            retries: read.whole(&["message.send.max.retries", "retries"], i32::MAX as u64) as u32,
            retry: Waits {
                first_ns: ms(retry),
                longest_ns: ms(read.whole(&["retry.backoff.max.ms"], 1000).max(retry)),
            },
            reconnect: Waits {
                first_ns: ms(reconnect),
                longest_ns: ms(read.whole(&["reconnect.backoff.max.ms"], 10_000).max(reconnect)),
            },
            refresh_ns: refresh.parse::<u64>().ok().filter(|set| *set > 0).map(ms),
            codec: read
                .any(&["compression.type", "compression.codec"])
                .and_then(|name| Codec::named(&name.to_ascii_lowercase()))
                .unwrap_or(Codec::None),
            level: read.any(&["compression.level"]).and_then(|level| level.parse().ok()).unwrap_or(-1),
            partitioner: read
                .any(&["partitioner"])
                .and_then(|name| Partitioner::named(&name.to_ascii_lowercase()))
                .unwrap_or(Partitioner::ConsistentRandom),
            sticky_ns: ms(read.whole(&["sticky.partitioning.linger.ms"], 10)),
            tls: if protocol.ends_with("ssl") { Some(read.tls()?) } else { None },
            login: if protocol.starts_with("sasl") { Some(Arc::new(read.login()?)) } else { None },
        })
    }

    /// How long a message may wait in all.
    pub fn delivery_timeout_ns(&self) -> u64 {
        self.delivery_timeout_ns
    }
}

fn addresses(servers: &str) -> Result<Vec<Arc<(String, u16)>>, String> {
    let address = |text: &str| {
        // librdkafka allows `PLAINTEXT://` before an address, and no port.
        let plain = text.split_once("://").map_or(text, |(_, rest)| rest);
        let (host, port) = match plain.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port),
            _ => (plain, "9092"),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = port.parse().map_err(|_| format!("`{text}` is no `host:port`"))?;
        Ok(Arc::new((host.to_owned(), port)))
    };
    servers.split(',').map(str::trim).filter(|text| !text.is_empty()).map(address).collect()
}

struct Read<'a>(&'a BTreeMap<String, String>);

impl<'a> Read<'a> {
    /// The first of these names that is set.
    fn any(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.0.get(*name)).map(String::as_str)
    }

    fn whole(&self, names: &[&str], default: u64) -> u64 {
        self.any(names).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    fn number(&self, names: &[&str], default: f64) -> f64 {
        self.any(names).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    fn truth(&self, name: &str, default: bool) -> bool {
        self.any(&[name])
            .map_or(default, |text| matches!(text.to_ascii_lowercase().as_str(), "true" | "t" | "1"))
    }

    fn text(&self, name: &str) -> Option<String> {
        self.any(&[name]).map(str::to_owned)
    }

    fn tls(&self) -> Result<Tls, String> {
        let files = TlsFiles {
            ca_location: self.text("ssl.ca.location"),
            ca_pem: self.text("ssl.ca.pem"),
            certificate_location: self.text("ssl.certificate.location"),
            certificate_pem: self.text("ssl.certificate.pem"),
            key_location: self.text("ssl.key.location"),
            key_pem: self.text("ssl.key.pem"),
        };
        let trust = if self.truth("enable.ssl.certificate.verification", true) {
            Trust::Verified
        } else {
            Trust::Anything
        };
        let unchecked = self.any(&["ssl.endpoint.identification.algorithm"]) == Some("none");
        let hostname = if unchecked { Hostname::Unchecked } else { Hostname::Checked };
        connector(&files, trust, hostname)
    }

    fn login(&self) -> Result<Login, String> {
        let mechanism = self.any(&["sasl.mechanism", "sasl.mechanisms"]).and_then(Mechanism::named);
        let mechanism = mechanism
            .ok_or("the light client needs `sasl.mechanism`: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")?;
        let (user, password) = (self.text("sasl.username"), self.text("sasl.password"));
        let (Some(user), Some(password)) = (user, password) else {
            return Err("a login needs `sasl.username` and `sasl.password`".to_owned());
        };
        Ok(Login { mechanism, user, password })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(properties: &[(&str, &str)]) -> Result<LightConfig, String> {
        let properties =
            properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        LightConfig::read("a:1, PLAINTEXT://[::1]:2,c", &properties)
    }

    #[test]
    fn without_properties_all_is_as_librdkafka_has_it() {
        let config = config(&[]).unwrap();
        let servers: Vec<_> = config.servers.iter().map(|address| (address.0.as_str(), address.1)).collect();
        assert_eq!(servers, [("a", 1), ("::1", 2), ("c", 9092)]);
        assert_eq!((config.acks, config.idempotent, config.linger_ns), (-1, false, 5_000_000));
        assert_eq!(
            (config.batch_bytes, config.batch_messages, config.in_flight),
            (1_000_000, 10_000, 1_000_000)
        );
        assert_eq!((config.queue_messages, config.queue_bytes), (100_000, 1 << 30));
        assert_eq!(config.delivery_timeout_ns, 300_000_000_000);
        assert_eq!((config.codec, config.partitioner), (Codec::None, Partitioner::ConsistentRandom));
        assert!(config.tls.is_none() && config.login.is_none());
    }

    #[test]
    fn an_idempotent_producer_keeps_to_five_requests_and_to_acks_of_all() {
        assert_eq!(config(&[("enable.idempotence", "true")]).unwrap().in_flight, 5);
        assert!(config(&[("enable.idempotence", "true"), ("acks", "1")]).is_err());
    }

    #[test]
    fn a_login_without_its_parts_is_refused() {
        assert!(config(&[("security.protocol", "SASL_PLAINTEXT")]).is_err());
        let all = [
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism", "SCRAM-SHA-512"),
            ("sasl.username", "u"),
            ("sasl.password", "p"),
        ];
        assert!(config(&all).unwrap().login.is_some());
        assert!(config(&all[..3]).is_err());
    }
}
