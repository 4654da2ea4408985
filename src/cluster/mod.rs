//! The Kafka brokers.
