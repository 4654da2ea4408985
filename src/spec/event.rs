//! What is done to a trial on purpose while it runs.

mod broker;
mod cluster;
mod network;
mod upgrade;

use std::fmt;

use super::Amount;
use super::key::{Form, Key, key};
use super::network::{Network, Role};
use crate::units::Span;

use broker::BROKER;
pub use broker::Which;
pub use cluster::Reconfigured;
use cluster::{CONFIG, TOPIC};
use upgrade::{BOOT, Boots, UPGRADE};
pub use upgrade::{How, Upgrade};

const INSTANCE: Key = key(
    "instance",
    Form::Text,
    "Which one: its number, counted from 0 in the order of deployment, `random` (default) or `all`.",
);

/// What stands under `events`.
pub(super) const EVENTS: Key = key(
    "events",
    Form::Items(&Form::Keys(EVENT)),
    "What is done to each trial on purpose while it runs; a factor like any other.",
);

/// What may be said of an event.
const EVENT: &[Key] = &[
    key(
        "at",
        Form::Any(&[
            Form::Span,
            Form::OneOf(&[key(
                "within",
                Form::List(&Form::Span),
                "Two times, between which the seed of the trial draws one.",
            )]),
        ]),
        "When, counted from the start of the warm-up; required, and inside the window.",
    ),
    key("name", Form::Text, "What it is called in tables and figures, default what is done."),
    key("group", Form::Text, "The group that it is done to, default the first."),
    key(
        "kill",
        Form::Keys(&[INSTANCE, BROKER]),
        "SIGKILL: an instance that crashes; or a broker, which stays dead until the trial is over.",
    ),
    key("stop", Form::Keys(&[INSTANCE]), "A clean leave: it finishes, commits and leaves its group."),
    key(
        "pause",
        Form::Keys(&[INSTANCE, BROKER, key("for", Form::Span, "How long; required.")]),
        "SIGSTOP, and SIGCONT later: an instance or a broker that hangs, or collects for long.",
    ),
    key(
        "restart",
        Form::Keys(&[INSTANCE, BROKER, BOOT]),
        "A clean leave, and another instance in its place, launched as soon as it has ended; of a broker SIGKILL, and it is started again at once, on its data.",
    ),
    key(
        "scale",
        Form::Keys(&[key("instances", Form::Count(1), "How many there are afterwards; required."), BOOT]),
        "More instances, or fewer: the youngest leave cleanly.",
    ),
    key(
        "add",
        Form::Keys(&[key("instances", Form::Count(1), "How many more, default 1."), BOOT]),
        "More instances.",
    ),
    key(
        "remove",
        Form::Keys(&[key("instances", Form::Count(1), "How many fewer, default 1.")]),
        "Fewer instances: the youngest leave cleanly.",
    ),
    key(
        "upgrade",
        Form::Keys(UPGRADE),
        "All instances of a group are replaced by others of another type, as many.",
    ),
    network::PARTITION,
    network::DISTANCE,
    TOPIC,
    CONFIG,
    key(
        "exhaust",
        Form::Words(&["credits"]),
        "The CPU credits of all instances of a group are gone, as if they had spent them.",
    ),
];

/// Keys of an event that say what is done.
pub(super) const DEEDS: [&str; 13] = [
    "kill",
    "stop",
    "pause",
    "restart",
    "scale",
    "add",
    "remove",
    "upgrade",
    "exhaust",
    "topic",
    "config",
    "partition",
    "network",
];

/// One thing that is done to a trial on purpose while it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its name, unique in the trial.
    pub name: String,
    /// When.
    pub at: When,
    /// The group that it is done to, by its place in the file.
    pub group: usize,
    /// That group's name.
    pub group_name: String,
    /// What is done.
    pub deed: Deed,
}

/// When an event comes, since time 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At this time.
    At(Span),
    /// At a time between these, drawn by the seed of the trial.
    Within(Span, Span),
}

/// Whom an event meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// One that lives then, drawn by the seed of the trial.
    Random,
    /// All that live then.
    All,
    /// The one of this number.
    Instance(u32),
}

/// What an event does.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// SIGKILL.
    Kill(Whom),
    /// A clean leave.
    Stop(Whom),
    /// SIGSTOP, and SIGCONT after that long.
    Pause(Whom, Span),
    /// A clean leave, and another in its place, which takes so long to boot.
    Restart(Whom, Amount),
    /// So many instances afterwards; a new one takes so long to boot.
    Scale(u32, Amount),
    /// So many more, each of which takes so long to boot.
    Add(u32, Amount),
    /// So many fewer.
    Remove(u32),
    /// SIGKILL of a broker, which stays dead until the trial is over.
    KillBroker(Which),
    /// SIGSTOP of a broker, and SIGCONT after that long.
    PauseBroker(Which, Span),
    /// SIGKILL of a broker, which is started again at once on its data.
    RestartBroker(Which),
    /// All are replaced by others of another type.
    Upgrade(Box<Upgrade>),
    /// The CPU credits of all are gone.
    Exhaust,
    /// The topic has so many partitions afterwards.
    Grow(u32),
    /// Settings are changed.
    Config(Box<Reconfigured>),
    /// Other distances from then on.
    Network(Box<Network>),
    /// Cut off from the brokers for a while.
    Partition {
        /// Who.
        from: Role,
        /// Of consumers these alone; none for all.
        whom: Option<Whom>,
        /// How long.
        length: Span,
    },
}

impl When {
    /// The earliest and the latest that it may be.
    pub const fn span(self) -> (Span, Span) {
        match self {
            When::At(at) => (at, at),
            When::Within(from, to) => (from, to),
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            When::At(at) => write!(f, "at {at}"),
            When::Within(from, to) => write!(f, "at a time between {from} and {to}"),
        }
    }
}

impl Deed {
    /// One word, as it is written.
    pub const fn kind(&self) -> &'static str {
        match self {
            Deed::Kill(_) => "kill",
            Deed::Stop(_) => "stop",
            Deed::Pause(..) => "pause",
            Deed::Restart(..) => "restart",
            Deed::Scale(..) => "scale",
            Deed::Add(..) => "add",
            Deed::Remove(_) => "remove",
            Deed::KillBroker(_) => "kill_broker",
            Deed::PauseBroker(..) => "pause_broker",
            Deed::RestartBroker(_) => "restart_broker",
            Deed::Upgrade(_) => "upgrade",
            Deed::Exhaust => "exhaust",
            Deed::Grow(_) => "topic",
            Deed::Config(_) => "config",
            Deed::Network(_) => "network",
            Deed::Partition { .. } => "partition",
        }
    }

    /// Whom it meets, of those that are met one by one.
    pub const fn whom(&self) -> Option<Whom> {
        match self {
            Deed::Kill(whom) | Deed::Stop(whom) | Deed::Pause(whom, _) | Deed::Restart(whom, _) => {
                Some(*whom)
            }
            Deed::Upgrade(_) | Deed::Exhaust => Some(Whom::All),
            Deed::Partition { whom, .. } => *whom,
            _ => None,
        }
    }

    /// Whether it is done to the brokers, the topic or the network of all, and so to all groups.
    pub const fn is_of_all(&self) -> bool {
        self.which().is_some()
            || matches!(
                self,
                Deed::Grow(_) | Deed::Config(_) | Deed::Network(_) | Deed::Partition { whom: None, .. }
            )
    }

    /// How long a new instance takes from its launch until its program is started; nothing where none comes.
    pub fn boot(&self) -> Amount {
        match self {
            Deed::Restart(_, boot) | Deed::Scale(_, boot) | Deed::Add(_, boot) => *boot,
            Deed::Upgrade(upgrade) => upgrade.boot,
            _ => Amount::Fixed(Span::ZERO),
        }
    }

    /// The broker that it meets, of those that meet one.
    pub const fn which(&self) -> Option<Which> {
        match self {
            Deed::KillBroker(which) | Deed::PauseBroker(which, _) | Deed::RestartBroker(which) => {
                Some(*which)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Whom::Random => f.write_str("an instance, drawn,"),
            Whom::All => f.write_str("all instances"),
            Whom::Instance(number) => write!(f, "instance {number}"),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = &self.group_name;
        match &self.deed {
            Deed::Kill(whom) => write!(f, "{whom} of `{group}` killed (SIGKILL)"),
            Deed::Stop(whom) => write!(f, "{whom} of `{group}` asked to leave (a clean stop)"),
            Deed::Pause(whom, length) => {
                write!(f, "{whom} of `{group}` paused for {length} (SIGSTOP)")
            }
            Deed::Restart(whom, boot) => {
                write!(f, "{whom} of `{group}` stopped and started again{}", Boots(*boot))
            }
            Deed::Scale(instances, boot) => {
                write!(f, "`{group}` scaled to {instances} instances{}", Boots(*boot))
            }
            Deed::Add(instances, boot) => {
                write!(f, "instances added to `{group}`: {instances}{}", Boots(*boot))
            }
            Deed::Remove(instances) => write!(f, "instances taken from `{group}`: {instances}"),
            Deed::KillBroker(which) => write!(f, "{which} killed (SIGKILL)"),
            Deed::PauseBroker(which, length) => write!(f, "{which} paused for {length} (SIGSTOP)"),
            Deed::RestartBroker(which) => write!(f, "{which} killed (SIGKILL) and started again"),
            Deed::Upgrade(upgrade) => write!(f, "all instances of `{group}` {upgrade}"),
            Deed::Exhaust => write!(f, "all instances of `{group}` without their CPU credits"),
            Deed::Grow(partitions) => write!(f, "partitions added to the topic: {partitions} from then on"),
            Deed::Config(change) => change.fmt(f),
            Deed::Network(network) => write!(f, "network changed: {network}"),
            Deed::Partition { whom: Some(whom), length, .. } => {
                write!(f, "{whom} of `{group}` cut off from the brokers for {length}")
            }
            Deed::Partition { from: Role::Brokers, length, .. } => {
                write!(f, "brokers cut off from one another for {length}")
            }
            Deed::Partition { from, length, .. } => {
                write!(f, "all {} cut off from the brokers for {length}", from.name())
            }
        }
    }
}
