//! Which of librdkafka's properties the light client has: their names, kinds and bounds are librdkafka's own (its CONFIGURATION.md).

use super::path::{did_you_mean, nearest};
use super::secrets;

/// What a property may be.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A whole number between these, both included.
    Whole(i64, i64),
    /// A number between these, both included.
    Number(f64, f64),
    /// `true` or `false`.
    Truth,
    /// One of these words, in any case.
    Words(&'static [&'static str]),
    /// Any text.
    Text,
}

const CODECS: &[&str] = &["none", "gzip", "snappy", "lz4", "zstd"];
const MOST: i64 = i32::MAX as i64;
/// As librdkafka reads them.
const TRUTHS: &[&str] = &["true", "t", "1", "false", "f", "0"];

/// What the light client does as librdkafka does.
const KNOWN: &[(&str, Kind)] = &[
    ("acks", Kind::Words(&["all", "-1", "0", "1"])),
    ("request.required.acks", Kind::Words(&["all", "-1", "0", "1"])),
    ("enable.idempotence", Kind::Truth),
    ("linger.ms", Kind::Number(0.0, 900_000.0)),
    ("queue.buffering.max.ms", Kind::Number(0.0, 900_000.0)),
    ("batch.size", Kind::Whole(1, MOST)),
    ("batch.num.messages", Kind::Whole(1, 1_000_000)),
    ("message.max.bytes", Kind::Whole(1000, 1_000_000_000)),
    ("max.in.flight.requests.per.connection", Kind::Whole(1, 1_000_000)),
    ("max.in.flight", Kind::Whole(1, 1_000_000)),
    ("queue.buffering.max.messages", Kind::Whole(0, MOST)),
    ("queue.buffering.max.kbytes", Kind::Whole(1, MOST)),
    ("message.timeout.ms", Kind::Whole(0, MOST)),
    ("delivery.timeout.ms", Kind::Whole(0, MOST)),
    ("request.timeout.ms", Kind::Whole(1, 900_000)),
    ("socket.timeout.ms", Kind::Whole(10, 300_000)),
    ("socket.connection.setup.timeout.ms", Kind::Whole(1000, MOST)),
    ("socket.nagle.disable", Kind::Truth),
    ("socket.keepalive.enable", Kind::Truth),
    ("message.send.max.retries", Kind::Whole(0, MOST)),
    ("retries", Kind::Whole(0, MOST)),
    ("retry.backoff.ms", Kind::Whole(1, 300_000)),
    ("retry.backoff.max.ms", Kind::Whole(1, 300_000)),
    ("reconnect.backoff.ms", Kind::Whole(0, 3_600_000)),
    ("reconnect.backoff.max.ms", Kind::Whole(0, 3_600_000)),
    ("topic.metadata.refresh.interval.ms", Kind::Whole(-1, 3_600_000)),
    ("compression.type", Kind::Words(CODECS)),
    ("compression.codec", Kind::Words(CODECS)),
    ("compression.level", Kind::Whole(-1, 12)),
    (
        "partitioner",
        Kind::Words(&[
            "consistent_random",
            "consistent",
            "murmur2_random",
            "murmur2",
            "random",
            "fnv1a_random",
            "fnv1a",
        ]),
    ),
    ("sticky.partitioning.linger.ms", Kind::Whole(0, 900_000)),
    ("security.protocol", Kind::Words(&["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"])),
    ("sasl.mechanism", Kind::Words(&["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])),
    ("sasl.mechanisms", Kind::Words(&["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])),
    ("sasl.username", Kind::Text),
    ("sasl.password", Kind::Text),
    ("ssl.ca.location", Kind::Text),
    ("ssl.ca.pem", Kind::Text),
    ("ssl.certificate.location", Kind::Text),
    ("ssl.certificate.pem", Kind::Text),
    ("ssl.key.location", Kind::Text),
    ("ssl.key.pem", Kind::Text),
    ("enable.ssl.certificate.verification", Kind::Truth),
    ("ssl.endpoint.identification.algorithm", Kind::Words(&["none", "https"])),
];

/// Properties that change nothing that the light client sends: about logs, and about what it never does.
const IDLE: &[&str] = &[
    "log_level",
    "log.connection.close",
    "log.thread.name",
    "log.queue",
    "enable.metrics.push",
    "allow.auto.create.topics",
    "api.version.request",
    "topic.metadata.refresh.sparse",
    "client.rack",
];

/// How the names of librdkafka's properties for consumers alone begin: on a whole cluster's clients they mean others.
const OF_CONSUMERS: &[&str] = &[
    "fetch.",
    "max.partition.fetch.bytes",
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "max.poll.interval.ms",
    "group.",
    "partition.assignment.strategy",
    "isolation.level",
    "queued.",
    "auto.commit.interval.ms",
    "check.crcs",
    "enable.partition.eof",
    "coordinator.query.interval.ms",
];

/// How the names of what belongs to a login by token begin.
const OF_TOKENS: [&str; 2] = ["sasl.oauthbearer.", "enable.sasl.oauthbearer."];

/// Whether a property asks for a login by token, which the light client has not at all.
fn is_of_tokens(name: &str, value: &str) -> bool {
    let is_mechanism = ["sasl.mechanism", "sasl.mechanisms"].contains(&name);
    OF_TOKENS.iter().any(|begin| name.starts_with(begin))
        || is_mechanism && value.eq_ignore_ascii_case("OAUTHBEARER")
}

/// What is wrong with a property for the light client, and what to write instead; `None` if nothing is. `shared`: it is for all clients of a cluster.
pub fn wrong(name: &str, value: &str, shared: bool) -> Option<(String, Option<String>)> {
    if IDLE.contains(&name) || shared && OF_CONSUMERS.iter().any(|begin| name.starts_with(begin)) {
        return None;
    }
    if is_of_tokens(name, value) {
        let what = format!("the light client does not log in by OAUTHBEARER, which `{name}` is about");
        let hint =
            "write `client: librdkafka`, or log in by PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or a certificate";
        return Some((what, Some(hint.to_owned())));
    }
    let Some((_, kind)) = KNOWN.iter().find(|(known, _)| *known == name) else {
        let what = format!("the light client has no `{name}`");
        let near = nearest(name, KNOWN.iter().map(|(known, _)| *known));
        let hint = near.map_or_else(
            || "`client: librdkafka` has it, if librdkafka does".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return Some((what, Some(hint)));
    };
    if value.contains("${") && secrets::wrong_reference(value).is_none() {
        return None; // the environment's values are judged when they are known
    }
    let between = |least: String, most: String| Some(format!("write a number from {least} to {most}"));
    let hint = match *kind {
        Kind::Whole(least, most) => {
            let fits = value.parse::<i64>().is_ok_and(|number| (least..=most).contains(&number));
            (!fits).then(|| between(least.to_string(), most.to_string()))
        }
        Kind::Number(least, most) => {
            let fits = value.parse::<f64>().is_ok_and(|number| (least..=most).contains(&number));
            (!fits).then(|| between(least.to_string(), most.to_string()))
        }
        Kind::Truth => {
            let fits = TRUTHS.contains(&value.to_ascii_lowercase().as_str());
            (!fits).then(|| Some("write `true` or `false`".to_owned()))
        }
        Kind::Words(words) => {
            let fits = words.iter().any(|word| word.eq_ignore_ascii_case(value));
            (!fits).then(|| did_you_mean(value, words.iter().copied()))
        }
        Kind::Text => None,
    };
    hint.map(|hint| (format!("`{value}` is nothing that the light client's `{name}` can be"), hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_light_client_has_not_is_wrong_and_what_was_meant_is_named() {
        let (what, hint) = wrong("linger.mss", "5", false).unwrap();
        assert_eq!(what, "the light client has no `linger.mss`");
        assert_eq!(hint.unwrap(), "did you mean `linger.ms`?");
        assert!(wrong("sasl.kerberos.keytab", "x", false).unwrap().1.unwrap().contains("client: librdkafka"));
        assert!(wrong("fetch.min.bytes", "1", false).is_some());
        assert!(wrong("fetch.min.bytes", "1", true).is_none());
    }

    #[test]
    fn a_login_by_token_is_librdkafkas_alone_and_the_hint_says_so() {
        for (name, value) in [
            ("sasl.mechanism", "OAUTHBEARER"),
            ("sasl.mechanisms", "oauthbearer"),
            ("sasl.oauthbearer.method", "oidc"),
            ("enable.sasl.oauthbearer.unsecure.jwt", "true"),
        ] {
            let (what, hint) = wrong(name, value, true).unwrap();
            assert!(what.contains("OAUTHBEARER") && what.contains(name), "{what}");
            assert!(hint.unwrap().contains("`client: librdkafka`"));
        }
    }

    #[test]
    fn values_have_librdkafkas_bounds() {
        for (name, value) in [
            ("linger.ms", "0.5"),
            ("acks", "all"),
            ("compression.type", "lz4"),
            ("enable.idempotence", "True"),
            ("sasl.password", "${PASSWORD}"),
            ("batch.size", "${SIZE}"),
            ("security.protocol", "SASL_SSL"),
        ] {
            assert_eq!(wrong(name, value, false), None, "{name}");
        }
        for (name, value) in [
            ("linger.ms", "long"),
            ("linger.ms", "-1"),
            ("acks", "2"),
            ("compression.type", "lz5"),
            ("enable.idempotence", "maybe"),
            ("compression.level", "13"),
            ("batch.size", "0"),
        ] {
            assert!(wrong(name, value, false).is_some(), "{name}");
        }
    }
}
