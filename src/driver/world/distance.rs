//! What stands between the brokers that bench started and those who are away from them.

use std::ops::Range;

use super::super::DriverError;
use super::super::distance::{Buffers, RawAway, away};
use super::super::subject::Subject;
use super::World;
use crate::cluster::{Brokers, Carried, Cut, Distance, Faces};
use crate::load;
use crate::plan::Plan;
use crate::spec::{Network, Role, Settings};
use crate::timeline::Clock;

/// Listens for those who are away in any treatment; none where all reach the brokers directly.
pub(super) fn open(plan: &Plan, clock: Clock) -> Result<Option<Distance>, DriverError> {
    let roles = plan.distant();
    if roles.is_empty() {
        return Ok(None);
    }
    let opened = Distance::open(&roles, plan.brokers(), clock, load::keep_time);
    Ok(Some(opened.map_err(|source| DriverError::Distance { source })?))
}

/// What brokers are to tell those who are away.
pub(super) fn faces(distance: Option<&Distance>) -> Faces {
    let mut faces = Faces::default();
    if let Some(distance) = distance {
        distance.roles().for_each(|role| faces.put(role, distance.ports(role)));
    }
    faces
}

/// Leads to the brokers, once they listen.
pub(super) fn lead(distance: Option<&Distance>, brokers: &Brokers) {
    if let Some(distance) = distance {
        for role in distance.roles() {
            let ports: Vec<u16> = brokers.each().iter().map(|broker| broker.port(role)).collect();
            distance.lead(role, &ports);
        }
    }
}

impl World {
    /// Puts all who are away as far as a trial asks for, and tells how far that is.
    pub fn put_away(&self, subject: &Subject<'_>) -> Vec<RawAway> {
        let Some(distance) = &self.distance else { return Vec::new() };
        let settings = &subject.treatment.settings;
        let all = away(settings, distance.roles(), Buffers::of_host());
        for one in &all {
            distance.set(one.role, one.profile);
        }
        distance.begin();
        all
    }

    /// Puts those who are named as far as they are named.
    pub fn change_network(&self, subject: &Subject<'_>, network: &Network) {
        let Some(distance) = &self.distance else { return };
        let settings = Settings { network: *network, ..subject.treatment.settings.clone() };
        let named = distance.roles().filter(|role| network.of(*role).is_some());
        for one in away(&settings, named, Buffers::of_host()) {
            distance.set(one.role, one.profile);
        }
    }

    /// Puts every role where its treatment has it: also one that only an event has moved.
    pub fn restore_network(&self, subject: &Subject<'_>) {
        let Some(distance) = &self.distance else { return };
        for one in away(&subject.treatment.settings, distance.roles(), Buffers::of_host()) {
            distance.set(one.role, one.profile);
        }
    }

    /// Cuts a role off, or some of it; `number` is what does it.
    pub fn cut_off(&self, role: Role, number: usize, cut: Cut) {
        if let Some(distance) = &self.distance {
            distance.cut(role, number, cut);
        }
    }

    /// Takes back what `number` has cut.
    pub fn heal(&self, role: Role, number: usize) {
        if let Some(distance) = &self.distance {
            distance.heal(role, number);
        }
    }

    /// What has been carried for a role so far.
    pub fn carried(&self, role: Role) -> Option<Carried> {
        self.distance.as_ref()?.carried(role)
    }

    /// How long the pings of a role took that were sent in a span (Unix ns), in ns.
    pub fn pings(&self, role: Role, within: &Range<u64>) -> Vec<u64> {
        self.distance.as_ref().map(|distance| distance.pings(role, within)).unwrap_or_default()
    }
}
