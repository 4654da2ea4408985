//! Events that change the network between clients and brokers.

use super::super::key::{Form, Key, key};
use super::super::network::{NETWORK, Role};
use super::{Deed, INSTANCE};

/// Another distance from then on.
pub(super) const DISTANCE: Key = key(
    "network",
    Form::Keys(NETWORK),
    "Another distance from then on, of those that are named; what it was before comes back with the next trial.",
);

/// Nothing gets through for a while.
pub(super) const PARTITION: Key = key(
    "partition",
    Form::Keys(&[
        key(
            "from",
            Form::Words(&["producers", "consumers", "brokers"]),
            "Who is cut off from the brokers; of brokers all are, from one another, their quorum of controllers apart; required.",
        ),
        key("to", Form::Words(&["brokers"]), "From whom; required."),
        key("for", Form::Span, "How long; required."),
        Key {
            says: "Of consumers one alone: its number, counted from 0, or `random`; default all, of all groups.",
            ..INSTANCE
        },
    ]),
    "Cut off from the brokers, and healed: no connection ends by it, and nothing gets through.",
);

impl Deed {
    /// Whether it changes how a role reaches the brokers.
    pub fn moves(&self, role: Role) -> bool {
        match self {
            Deed::Network(network) => network.of(role).is_some(),
            Deed::Partition { from, .. } => *from == role,
            _ => false,
        }
    }

    /// Whether it changes the network.
    pub const fn is_of_network(&self) -> bool {
        matches!(self, Deed::Network(_) | Deed::Partition { .. })
    }
}
