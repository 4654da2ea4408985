//! What each client of a treatment is told: bench's defaults, the cluster's properties, its own.

use crate::consumers;
use crate::spec::{Consumers, Fleet, Properties};

/// Of a fleet's producers, `common` being those of all the cluster's clients; `${ENV}` references unresolved.
pub fn of_producers(common: &Properties, fleet: &Fleet) -> Properties {
    let mut properties = common.clone();
    properties.extend(fleet.properties.clone());
    properties
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
