//! What no text of a trial may hold that is written down.

use std::iter::once;

use super::World;
use crate::spec::Settings;
use crate::spec::secrets::Redaction;

impl World {
    /// The secrets of all that its clients are told, and its consumers.
    pub fn redaction(&self, settings: &Settings) -> Redaction {
        let fleets = settings.workload.fleets.iter().map(|fleet| &fleet.properties);
        let groups = || settings.consumers.iter();
        let own = groups().filter(|group| group.tells()).map(|group| &group.properties);
        let known = once(&self.load.properties).chain(fleets).chain(own).map(Redaction::of);
        // Whoever is not ours may have properties of its own, of which no name tells what they hold.
        let handed_on = groups().filter(|group| !group.tells()).flat_map(|group| {
            once(&group.properties).chain(group.upkeep().map(|upkeep| upkeep.env)).map(Redaction::of_all)
        });
        known.chain(handed_on).fold(Redaction::default(), Redaction::and)
    }

    /// A text in which no such secret stands.
    pub fn redacted(&self, text: &str, settings: &Settings) -> String {
        self.redaction(settings).text(text)
    }
}
