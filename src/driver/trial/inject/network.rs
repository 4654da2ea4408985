//! What is done to the network between clients and brokers on purpose, and undone again.

use super::{OVER, Stage, UnderWay, meant};
use crate::cluster::Cut;
use crate::record::Pings;
use crate::spec::{Deed, Event, Role, Whom};

/// Kind of the event that tells what pings took.
const PINGED: &str = "event_pinged";

impl Stage<'_> {
    /// Changes distances, or cuts off whom is meant.
    pub(super) fn strike_network(&mut self, number: usize, event: &Event, pick: u64) {
        self.excuse_until(Some(u64::MAX));
        let mut under_way = UnderWay { number, ..UnderWay::default() };
        let mut trouble = None;
        match &event.deed {
            Deed::Network(network) => self.world.change_network(self.subject, network),
            &Deed::Partition { from, whom, length } => {
                under_way.resume_at = Some(self.clock.now() + length.as_nanos());
                match self.cut_off(event.group, whom, pick) {
                    Some((cut, instances)) => {
                        self.world.distance.cut(from, number, cut);
                        self.raw.injected[number].instances = instances;
                    }
                    None => trouble = Some("nobody lived that could be cut off".to_owned()),
                }
            }
            _ => {}
        }
        self.note_asked(number);
        if let Some(trouble) = trouble {
            self.miss(number, trouble);
        } else {
            self.raw.injected[number].done = Some(self.clock.now());
            self.injector.under_way.push(under_way);
        }
        self.excuse();
    }

    /// Whom a partition meets: all of the role, or the processes of those instances.
    fn cut_off(&mut self, group: usize, whom: Option<Whom>, pick: u64) -> Option<(Cut, Vec<u32>)> {
        let Some(whom) = whom else { return Some((Cut::All, Vec::new())) };
        let group = self.groups.get(group)?;
        let instances = meant(group, (whom, pick));
        let pids: Vec<u32> = instances.iter().flat_map(|instance| group.pids_of(*instance)).collect();
        (!pids.is_empty()).then_some((Cut::Of(pids), instances))
    }

    /// Heals what was cut, or puts all where they were.
    pub(super) fn mend_network(&mut self, number: usize) {
        let event = self.raw.injected[number].drawn.event.clone();
        match event.deed {
            Deed::Partition { from, .. } => self.world.distance.heal(from, number),
            _ => {
                self.world.restore_network(self.subject);
            }
        }
        self.raw.injected[number].undone = Some(self.clock.now());
        self.note(OVER, &format!("{} is over", event.name));
        self.excuse();
    }

    /// How long pings took: in the window for as long as the trial's own distance lasted, and after each event that changed it, which is told.
    pub(in crate::driver::trial) fn read_all_pings(&mut self) {
        let Some(times) = self.raw.times else { return };
        let roles: Vec<Role> = self.raw.away.iter().map(|away| away.role).collect();
        for (at, role) in roles.into_iter().enumerate() {
            let changes = self.changes_of(role);
            let end = changes.first().map_or(times.window.1, |(_, first)| times.window.1.min(*first));
            self.raw.away[at].pings = self.world.distance.pings(role, &(times.window.0..end));
            let ends = changes.iter().skip(1).map(|(_, next)| *next).chain([self.clock.now()]);
            for ((number, from), to) in changes.iter().zip(ends) {
                if let Some(pings) = Pings::of(self.world.distance.pings(role, &(*from..to))) {
                    let Pings { median_ms, count, .. } = pings;
                    let name = self.event_name(*number);
                    let told = format!(
                        "{name}: round trip of the {} {median_ms:.2} ms by {count} pings",
                        role.name()
                    );
                    self.note(PINGED, &told);
                }
            }
        }
    }

    /// When something was done to a role's network, with the event's number.
    fn changes_of(&self, role: Role) -> Vec<(usize, u64)> {
        let all = self.raw.injected.iter().enumerate();
        let own = all.filter(|(_, one)| one.drawn.event.deed.moves(role));
        own.filter_map(|(number, one)| Some((number, one.asked?))).collect()
    }
}
