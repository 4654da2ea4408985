//! What one treatment is asked to do: the file's values with a treatment's levels put in, typed, defaults filled in.

use std::collections::BTreeMap;

use super::backlog::Backlog;
use super::compose::Compose;
use super::event::Event;
use super::message::Message;
use super::network::Network;
use super::output::Output;
use super::runs::{Command, Container, Ready, Runs, Upkeep};
use super::split::Split;
use super::topic::{OfCluster, Topic};
use super::volume::Volume;
use crate::shape::Shape;
use crate::units::{Bytes, CreditMode, CreditStart, InstanceType, Share, Span};

/// Properties as librdkafka or Kafka name them; a value may hold `${ENV}` references, which stay unresolved until used.
pub type Properties = BTreeMap<String, String>;

/// All that one treatment needs. Two treatments of a run differ in some of these values and in nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The brokers; the same in all treatments of a run.
    pub cluster: Cluster,
    /// The topic of each trial: made anew, or there before.
    pub topic: Topic,
    /// How the names of the run's topics begin, before what bench calls them; the same in all treatments of a run.
    pub topic_prefix: String,
    /// Which of the topic's numbers are the cluster's own defaults.
    pub of_cluster: OfCluster,
    /// What is sent.
    pub workload: Workload,
    /// The groups that read, each of them everything; none means producers alone.
    pub consumers: Vec<Consumers>,
    /// Whether the file gives the groups as a list, be it of one.
    pub fan_out: bool,
    /// What lies there before the consumers are started; none for an empty topic.
    pub backlog: Option<Backlog>,
    /// How far clients and brokers are from one another.
    pub network: Network,
    /// How long each phase lasts.
    pub phases: Phases,
    /// What is done to each trial on purpose while it runs, in the order of the file.
    pub events: Vec<Event>,
    /// How the load's own threads are run.
    pub load: Load,
    /// How instance types are emulated; the same in all treatments of a run.
    pub emulation: Emulation,
}

/// How the load's own threads are run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Before whom the thread that keeps time comes.
    pub priority: Priority,
    /// The cores that pacers, senders and client threads may use, ascending; none for all.
    pub cores: Option<Vec<u32>>,
}

/// Before whom the thread that keeps time comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// It is let in soon, and takes no more than its share: what is measured has the same cores.
    #[default]
    Normal,
    /// Before everything that is not realtime, what is measured included.
    Realtime,
}

impl Priority {
    /// As in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Priority::Normal => "normal",
            Priority::Realtime => "realtime",
        }
    }
}

/// Which brokers a run uses.
#[derive(Clone, Debug, PartialEq)]
pub enum Cluster {
    /// Apache Kafka, started and stopped by bench.
    Kafka {
        /// Version of Apache Kafka, such as `4.3.1`.
        version: String,
        /// How many brokers, at least 1.
        brokers: u32,
        /// The heap of each JVM (`-Xms` and `-Xmx`).
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

/// What is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// How much all fleets together send.
    pub volume: Volume,
    /// Whether the volume grows until an SLO breaks; the same in all treatments of a run.
    pub until_broken: bool,
    /// How the gaps between a producer's messages are drawn.
    pub arrivals: Arrivals,
    /// What each message is like.
    pub message: Message,
    /// Who sends; shares add up to one.
    pub fleets: Vec<Fleet>,
}

/// How the gaps between a producer's messages are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Exponential gaps: independent senders.
    Poisson,
    /// Equal gaps, each producer with a random phase.
    Constant,
    /// Poisson while a producer is on, nothing while it is off; the mean rate is kept, each producer has a random phase.
    Bursts {
        /// How long it is on.
        on: Span,
        /// How long it is off then.
        off: Span,
    },
}

impl Arrivals {
    /// How many times its mean rate a producer sends at while it sends.
    pub fn crowding(self) -> f64 {
        match self {
            Arrivals::Poisson | Arrivals::Constant => 1.0,
            Arrivals::Bursts { on, off } => 1.0 + off.as_secs_f64() / on.as_secs_f64(),
        }
    }
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
    /// Its part of the offered rate.
    pub share: Share,
    /// How that is split among its producers.
    pub split: Split,
    /// The partition that all of its messages go to; none leaves it to the client.
    pub partition: Option<u32>,
    /// librdkafka's properties for its producers.
    pub properties: Properties,
    /// How its producers' transactions go; none for none.
    pub transactions: Option<Transactions>,
}

/// How the transactions of a producer go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transactions {
    /// From the beginning of one to its end.
    pub commit_every: Span,
    /// Share of them that are aborted.
    pub abort: Share,
}

/// One group of the consumers under test.
#[derive(Clone, Debug, PartialEq)]
pub struct Consumers {
    /// Name of the group, unique in the experiment; each trial appends its own suffix.
    pub group: String,
    /// Instances, at least 1.
    pub instances: u32,
    /// Consumers (group members) in each instance, at least 1.
    pub threads: u32,
    /// What each instance is made of; none: a share of the host as it is.
    pub machine: Option<Machine>,
    /// What runs its instances.
    pub runs: Runs,
    /// Whether they are a share group (KIP-932): partitions do not bound how many of them read, and they commit nothing.
    pub shares: bool,
    /// Where they write results, which are then followed too; none: nobody asks for any.
    pub output: Option<Output>,
    /// What the reference consumer does with each message.
    pub work: Work,
    /// librdkafka's properties for its consumers.
    pub properties: Properties,
}

impl Consumers {
    /// The program that runs, where bench starts one that is not the reference consumer.
    pub fn command(&self) -> Option<&Command> {
        match &self.runs {
            Runs::Command(command) => Some(command),
            _ => None,
        }
    }

    /// How each of its instances shows that it is ready, where the file says it.
    pub fn shows_itself(&self) -> Option<&Ready> {
        self.upkeep()?.ready
    }

    /// The containers that run, where bench starts some.
    pub fn container(&self) -> Option<&Container> {
        match &self.runs {
            Runs::Container(container) => Some(container),
            _ => None,
        }
    }

    /// The service of a compose file that runs, where bench scales one.
    pub fn compose(&self) -> Option<&Compose> {
        match &self.runs {
            Runs::Compose(compose) => Some(compose),
            _ => None,
        }
    }

    /// What is said of them, where bench starts them and they are not the reference consumer.
    pub fn upkeep(&self) -> Option<Upkeep<'_>> {
        self.runs.upkeep()
    }

    /// Whether they are deployed already: nothing of them is bench's.
    pub fn is_external(&self) -> bool {
        self.runs == Runs::External
    }

    /// Whether its instances tell what they receive; others are followed by what they commit.
    pub fn tells(&self) -> bool {
        self.runs == Runs::Process
    }
}

impl Workload {
    /// Whether nothing is sent at all.
    pub fn is_silent(&self) -> bool {
        self.volume.messages(0.0, 1.0) == Some(0.0)
            && matches!(&self.volume, Volume::Shape(shape) if *shape == Shape::constant(0.0))
    }
}

impl Settings {
    /// Whether consumers tell nothing themselves, and are followed by what they commit.
    pub fn is_followed(&self) -> bool {
        self.consumers.iter().any(|group| !group.tells())
    }
}

/// An instance type, and how its CPU credits are asked to behave.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// The type, with the prices of the catalogue or of the file's own.
    pub instance: InstanceType,
    /// Its credits; of a type of fixed performance they mean nothing.
    pub credits: CreditPlan,
}

/// How CPU credits are asked to behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditPlan {
    /// What happens when they are spent.
    pub mode: CreditMode,
    /// How many there are at time 0.
    pub start: CreditStart,
    /// Earning and spending are so many times faster, at least 1.
    pub time_scale: u32,
}

/// How instance types are emulated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Emulation {
    /// What one emulated vCPU is of a core of this host.
    pub vcpu: Share,
    /// Whether the kernel enforces it, behind the consumers' own pacing.
    pub cgroups: bool,
    /// Whether an instance that was killed for its memory is started again; else its trial fails.
    pub restart: bool,
}

/// What the reference consumer does with each message: CPU and model, then the disk, then the wait.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Work {
    /// CPU time of the thread, not wall time; with an instance type, of its vCPU.
    pub cpu: Option<Amount>,
    /// Wall time without CPU: a downstream call.
    pub wait: Option<Amount>,
    /// A working set of each instance.
    pub memory: Option<Bytes>,
    /// What is written.
    pub disk: Option<Disk>,
    /// A dense inference.
    pub model: Option<Model>,
}

/// What is written for each message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Bytes.
    pub write: Bytes,
    /// Whether each message waits until they are on the disk.
    pub sync: bool,
}

/// A dense inference for each message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// Layers, at least 1.
    pub layers: u32,
    /// Inputs and outputs of each, at least 1.
    pub width: u32,
    /// Models side by side, at least 1.
    pub count: u32,
}

impl Model {
    /// Bytes of all weights.
    pub fn bytes(&self) -> u64 {
        let layer = u64::from(self.width) * u64::from(self.width) * 4;
        layer.saturating_mul(u64::from(self.layers)).saturating_mul(u64::from(self.count))
    }
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
    /// The window; at least 5 s, and at most 48 h together with warm-up and drain.
    pub measure: Span,
    /// The longest wait for what is still unread after the window.
    pub drain: Span,
}

impl Phases {
    /// Length of warm-up and window together, in seconds: how long messages are due.
    pub fn load_s(&self) -> f64 {
        self.warm_up.as_secs_f64() + self.measure.as_secs_f64()
    }
}
