//! What one treatment is asked to do: the file's values with a treatment's levels put in, typed, defaults filled in.

use std::collections::BTreeMap;

use crate::units::{Bytes, Rate, Share, Span};

/// Properties as librdkafka or Kafka name them; a value may hold `${ENV}` references, which stay unresolved until used.
pub type Properties = BTreeMap<String, String>;

/// All that one treatment needs. Two treatments of a run differ in some of these values and in nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The brokers; the same in all treatments of a run.
    pub cluster: Cluster,
    /// The topic that each trial gets anew.
    pub topic: Topic,
    /// What is sent.
    pub workload: Workload,
    /// Who reads; none means producers alone.
    pub consumers: Option<Consumers>,
    /// How long each phase lasts.
    pub phases: Phases,
}

/// Which brokers a run uses.
#[derive(Clone, Debug, PartialEq)]
pub enum Cluster {
    /// Apache Kafka, started and stopped by bench.
    Kafka {
        /// Version of Apache Kafka, such as `4.3.1`.
        version: String,
        /// The JVM's heap (`-Xms` and `-Xmx`).
        heap: Bytes,
        /// Broker settings that go over bench's own.
        config: Properties,
    },
    /// A cluster that is there already.
    Bootstrap {
        /// `host:port`, several separated by commas.
        servers: String,
        /// librdkafka's properties for every client of the run.
        properties: Properties,
    },
}

/// The topic of a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// Number of partitions, at least 1.
    pub partitions: u32,
    /// Replicas of each partition, at least 1.
    pub replication: u16,
    /// Kafka's topic settings.
    pub config: Properties,
}

/// What is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// How much all fleets together send.
    pub volume: Volume,
    /// How the gaps between a producer's messages are drawn.
    pub arrivals: Arrivals,
    /// What each message is like.
    pub message: Message,
    /// Who sends; shares add up to one.
    pub fleets: Vec<Fleet>,
}

/// How much is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Volume {
    /// As much as is offered, whatever becomes of it: open loop.
    Rate(Rate),
    /// As much as the clients' queues take: closed by them.
    Max,
}

impl Volume {
    /// What is offered; none where the queues decide.
    pub const fn rate(self) -> Option<Rate> {
        match self {
            Volume::Rate(rate) => Some(rate),
            Volume::Max => None,
        }
    }
}

/// How the gaps between a producer's messages are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Exponential gaps: independent senders.
    Poisson,
    /// Equal gaps, each producer with a random phase.
    Constant,
}

/// What each message is like.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Bytes of the payload, envelope included.
    pub size: Bytes,
    /// Share of the payload that a compressor can take away.
    pub compressibility: Share,
}

/// What a producer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// librdkafka.
    Librdkafka,
    /// Bench's own, thousands of which are carried by one thread.
    Light,
}

impl Client {
    /// Fleets of more producers than this are light under `client: auto`: a host with as many of librdkafka's measures its own threads.
    pub const MOST_HEAVY: u32 = 50;

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Client::Librdkafka => "librdkafka",
            Client::Light => "light",
        }
    }
}

/// Producers that share a description.
#[derive(Clone, Debug, PartialEq)]
pub struct Fleet {
    /// Its name, unique in the workload.
    pub name: String,
    /// Kafka clients in it, at least 1.
    pub producers: u32,
    /// What each of them is.
    pub client: Client,
    /// Its part of the offered rate; split evenly among its producers.
    pub share: Share,
    /// librdkafka's properties for its producers.
    pub properties: Properties,
}

/// The consumers under test.
#[derive(Clone, Debug, PartialEq)]
pub struct Consumers {
    /// Name of the group; each trial appends its own suffix.
    pub group: String,
    /// Instances, at least 1.
    pub instances: u32,
    /// Consumers (group members) in each instance, at least 1.
    pub threads: u32,
    /// What the reference consumer does with each message.
    pub work: Work,
    /// librdkafka's properties for its consumers.
    pub properties: Properties,
}

/// What the reference consumer does with each message: first CPU, then the wait.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Work {
    /// CPU time of the thread, not wall time.
    pub cpu: Option<Amount>,
    /// Wall time without CPU: a downstream call.
    pub wait: Option<Amount>,
}

/// A time, fixed or drawn anew for each message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// Always the same.
    Fixed(Span),
    /// Exponentially distributed.
    Exponential {
        /// Mean of the distribution.
        mean: Span,
    },
    /// Log-normally distributed.
    LogNormal {
        /// Median of the distribution, e^mu.
        median: Span,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
}

/// How long each phase lasts; all are multiples of 250 ms, the grid on which everything is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phases {
    /// An unrecorded trial of the treatment with the greatest load, before the first.
    pub prepare: Span,
    /// Load that is sent and recorded, but kept out of the window.
    pub warm_up: Span,
    /// The window; at least 5 s.
    pub measure: Span,
    /// The longest wait for what is still unread after the window.
    pub drain: Span,
}
