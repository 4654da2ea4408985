//! What stands between the brokers that bench started and those who are away from them.

use super::super::DriverError;
use std::collections::BTreeSet;

use super::super::distance::{Buffers, RawAway, away};
use super::super::group::Group;
use super::super::subject::Subject;
use super::World;
use crate::cluster::{Brokers, Distance, Faces};
use crate::load;
use crate::plan::Plan;
use crate::spec::{Network, Role};
use crate::timeline::Clock;

/// Listens for those who are away in any treatment: for nobody where all reach the brokers directly.
pub(super) fn open(plan: &Plan, clock: Clock) -> Result<Distance, DriverError> {
    let opened = Distance::open(&plan.distant(), plan.brokers(), clock, load::keep_time);
    opened.map_err(|source| DriverError::Distance { source })
}

/// What brokers are to tell those who are away.
pub(super) fn faces(distance: &Distance) -> Faces {
    let mut faces = Faces::default();
    distance.roles().for_each(|role| faces.put(role, distance.ports(role)));
    faces
}

/// Leads to the brokers, once they listen.
pub(super) fn lead(distance: &Distance, brokers: &Brokers) {
    for role in distance.roles() {
        let ports: Vec<u16> = brokers.each().iter().map(|broker| broker.port(role)).collect();
        distance.lead(role, &ports);
    }
}

impl World {
    /// Puts all who are away as far as a trial asks for, and tells how far that is.
    pub fn put_away(&self, subject: &Subject<'_>) -> Vec<RawAway> {
        let all = self.restore_network(subject);
        self.distance.begin();
        all
    }

    /// Puts those who are named as far as they are named, and tells how far that is.
    pub fn change_network(&self, subject: &Subject<'_>, network: &Network) -> Vec<RawAway> {
        let named = self.distance.roles().filter(|role| network.of(*role).is_some());
        self.put(subject, network, named)
    }

    /// Puts every role where its treatment has it, also one that only an event has moved, and tells how far that is.
    pub fn restore_network(&self, subject: &Subject<'_>) -> Vec<RawAway> {
        self.put(subject, &subject.treatment.settings.network, self.distance.roles())
    }

    /// Lets all connections of each instance share what its type's network gives, as soon as there is one that is new.
    pub fn hold(&self, subject: &Subject<'_>, groups: &mut [Group<'_>]) {
        let network = &subject.treatment.settings.network;
        let Some(burst) = network.of(Role::Consumers).and_then(|link| link.instance) else { return };
        let pids: BTreeSet<u32> =
            groups.iter().filter(|group| group.is_emulated()).flat_map(Group::pids).collect();
        if self.distance.held(Role::Consumers) == pids {
            return;
        }
        let held = groups.iter_mut().zip(0..).flat_map(|(group, number)| group.networks(number, burst));
        self.distance.hold(Role::Consumers, held.collect());
    }

    fn put(
        &self,
        subject: &Subject<'_>,
        network: &Network,
        roles: impl Iterator<Item = Role>,
    ) -> Vec<RawAway> {
        let all = away(&subject.treatment.settings, network, roles, Buffers::of_host());
        for one in &all {
            self.distance.set(one.role, one.profile);
        }
        all
    }
}
