//! Names of librdkafka's properties: several have two, and a client that is told both takes either.

/// Another name, and the one that stands for both (librdkafka's CONFIGURATION.md).
const ALIASES: [(&str, &str); 12] = [
    ("request.required.acks", "acks"),
    ("max.in.flight", "max.in.flight.requests.per.connection"),
    ("queue.buffering.max.ms", "linger.ms"),
    ("delivery.timeout.ms", "message.timeout.ms"),
    ("retries", "message.send.max.retries"),
    ("compression.type", "compression.codec"),
    ("max.partition.fetch.bytes", "fetch.message.max.bytes"),
    ("sasl.mechanisms", "sasl.mechanism"),
    ("sasl.oauthbearer.client.credentials.client.id", "sasl.oauthbearer.client.id"),
    ("sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.client.secret"),
    ("metadata.broker.list", "bootstrap.servers"),
    ("auto.commit.enable", "enable.auto.commit"),
];

/// What librdkafka also takes with `topic.` before it; no other property has such a second name.
const OF_TOPICS: [&str; 14] = [
    "acks",
    "auto.commit.interval.ms",
    "auto.offset.reset",
    "compression.codec",
    "compression.level",
    "consume.callback.max.messages",
    "enable.auto.commit",
    "message.timeout.ms",
    "offset.store.method",
    "offset.store.path",
    "offset.store.sync.interval.ms",
    "partitioner",
    "queuing.strategy",
    "request.timeout.ms",
];

/// The one name of a property of librdkafka that stands for all its names.
pub fn canonical(name: &str) -> &str {
    fn of(name: &str) -> &str {
        ALIASES.iter().find(|(other, _)| *other == name).map_or(name, |(_, one)| *one)
    }
    let of_topics = name.strip_prefix("topic.").map(of).filter(|name| OF_TOPICS.contains(name));
    of_topics.unwrap_or_else(|| of(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_property_has_one_name_that_stands_for_all() {
        for (name, one) in [
            ("queue.buffering.max.ms", "linger.ms"),
            ("linger.ms", "linger.ms"),
            ("topic.request.required.acks", "acks"),
            ("topic.auto.offset.reset", "auto.offset.reset"),
            ("topic.auto.commit.enable", "enable.auto.commit"),
            // A property of its own, and none that librdkafka has.
            ("topic.metadata.refresh.interval.ms", "topic.metadata.refresh.interval.ms"),
            ("topic.linger.ms", "topic.linger.ms"),
        ] {
            assert_eq!(canonical(name), one, "{name}");
        }
        assert!(ALIASES.iter().all(|(_, one)| canonical(one) == *one));
    }
}
