//! What each client of a treatment is told: bench's defaults, the cluster's properties, its own.

use std::time::Duration;

use crate::consumers;
use crate::spec::{Consumers, Fleet, Properties};

/// Of a fleet's producers, `common` being those of all the cluster's clients; `${ENV}` references unresolved.
pub fn of_producers(common: &Properties, fleet: &Fleet) -> Properties {
    let mut properties = common.clone();
    properties.extend(fleet.properties.clone());
    properties
}

/// librdkafka's default of `session.timeout.ms`, and the brokers' of `group.consumer.session.timeout.ms`.
const SESSION_MS: u64 = 45_000;
/// Brokers look for sessions that have ended a little later.
const MARGIN: Duration = Duration::from_secs(5);

/// What a rebalance may take beyond the session of a member that is gone: the others learn of it by their heartbeats.
pub const REACH: Duration = Duration::from_secs(5);

/// How long a member of a group counts after its last sign, with a margin.
pub fn session(properties: &Properties) -> Duration {
    let set = properties.get("session.timeout.ms").and_then(|text| text.parse().ok());
    Duration::from_millis(set.unwrap_or(SESSION_MS)) + MARGIN
}

/// The session that lies in such a time together with all that comes on top of it; nothing where none does.
pub fn session_in(reach: Duration) -> Duration {
    reach.saturating_sub(MARGIN + REACH)
}

/// Of a group's consumers, before [`consumers::effective_properties`].
pub fn of_consumers(common: &Properties, group: &Consumers) -> Properties {
    let frugal = consumers::FRUGAL.iter().filter(|_| group.machine.is_some());
    let mut properties: Properties =
        frugal.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    properties.extend(common.clone());
    properties.extend(group.properties.clone());
    properties
}
