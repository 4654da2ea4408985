//! What a fleet is asked to do: who sends, by which client, how much of what, to where.

use std::sync::Arc;

use rdkafka::config::ClientConfig;

use super::light::LightConfig;
use crate::books::Topics;
use crate::spec::{Arrivals, Load, Message, Transactions, Volume};

/// Which client a producer is.
#[derive(Clone, Debug)]
pub enum Client {
    /// librdkafka, with its configuration, secrets resolved.
    Librdkafka(ClientConfig),
    /// Bench's own, with what its fleet shares and its `client.id`.
    Light(Arc<LightConfig>, String),
}

/// One producer to be.
#[derive(Clone, Debug)]
pub struct ClientSpec {
    /// What sends.
    pub client: Client,
    /// Its part of all that is offered, above 0; those of all clients add up to one. At `rate: max` it takes what its queue takes.
    pub share: f64,
    /// Where all of its messages go; `None` leaves it to the client's partitioner.
    pub partition: Option<i32>,
    /// How long a message may wait before it is refused.
    pub delivery_timeout_ns: u64,
    /// How its transactions go; none for none.
    pub transactions: Option<Transactions>,
}

impl ClientSpec {
    /// Whether it is one of librdkafka's.
    pub fn is_librdkafka(&self) -> bool {
        matches!(self.client, Client::Librdkafka(_))
    }

    /// Its `client.id`.
    pub fn id(&self) -> String {
        match &self.client {
            Client::Librdkafka(config) => config.get("client.id").unwrap_or_default().to_owned(),
            Client::Light(_, name) => name.clone(),
        }
    }
}

/// What the fleet sends, to where.
#[derive(Clone, Debug)]
pub struct LoadSpec {
    /// The producers, numbered as they stand here.
    pub clients: Vec<ClientSpec>,
    /// How much all of them send.
    pub volume: Volume,
    /// How gaps are drawn.
    pub arrivals: Arrivals,
    /// What each message is like.
    pub message: Message,
    /// The topics.
    pub topics: Topics,
    /// By topic, its part of the messages, one together.
    pub shares: Vec<f64>,
    /// By partition, the offset before which nothing is the trial's; 0 where there is none.
    pub starts: Vec<i64>,
    /// Number of the trial, for the envelope.
    pub trial: u64,
    /// The schedule follows from it.
    pub seed: u64,
    /// Whether the ledger will be asked for due times: they take memory by the message.
    pub with_dues: bool,
    /// Whether it will be asked in which seconds messages were due in each partition, where it knows due times.
    pub with_seconds: bool,
    /// How its own threads are run.
    pub load: Load,
}
