//! What can hold a pipeline back.

/// What can hold a pipeline back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing: no more was asked for.
    Load,
    /// The consumers' CPU.
    ConsumersCpu,
    /// CPU of consumers whose credits were spent.
    Credits,
    /// A wait without CPU for each message, as for another system: work that the file sets.
    DownstreamWait,
    /// The disk that consumers write to.
    ConsumersDisk,
    /// Partitions that are too few, or that cannot be shared out evenly.
    Partitions,
    /// One partition that gets more than the others.
    HotPartition,
    /// The brokers' CPU.
    BrokerCpu,
    /// The brokers' disk.
    BrokerDisk,
    /// A quota of the cluster.
    Quota,
    /// The client: its queue, its batches, its threads.
    Client,
    /// Memory.
    Memory,
    /// The host that all share.
    Host,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 13] = [
        Kind::Load,
        Kind::ConsumersCpu,
        Kind::Credits,
        Kind::DownstreamWait,
        Kind::ConsumersDisk,
        Kind::Partitions,
        Kind::HotPartition,
        Kind::BrokerCpu,
        Kind::BrokerDisk,
        Kind::Quota,
        Kind::Client,
        Kind::Memory,
        Kind::Host,
    ];

    /// A word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Load => "load",
            Kind::ConsumersCpu => "consumers_cpu",
            Kind::Credits => "credits",
            Kind::DownstreamWait => "downstream_wait",
            Kind::ConsumersDisk => "consumers_disk",
            Kind::Partitions => "partitions",
            Kind::HotPartition => "hot_partition",
            Kind::BrokerCpu => "broker_cpu",
            Kind::BrokerDisk => "broker_disk",
            Kind::Quota => "quota",
            Kind::Client => "client",
            Kind::Memory => "memory",
            Kind::Host => "host",
        }
    }

    /// The same for people.
    pub const fn told(self) -> &'static str {
        match self {
            Kind::Load => "nothing: the load was done",
            Kind::ConsumersCpu => "the consumers' CPU",
            Kind::Credits => "spent credits",
            Kind::DownstreamWait => "the wait that the file sets for each message",
            Kind::ConsumersDisk => "the consumers' disk",
            Kind::Partitions => "partitions",
            Kind::HotPartition => "the hot partition",
            Kind::BrokerCpu => "the brokers' CPU",
            Kind::BrokerDisk => "the brokers' disk",
            Kind::Quota => "the cluster's quota",
            Kind::Client => "the producers' client",
            Kind::Memory => "memory",
            Kind::Host => "the host's CPU",
        }
    }
}
