//! What is done to the network between clients and brokers on purpose, and undone again.

use super::{OVER, Stage, UnderWay, meant};
use crate::cluster::Cut;
use crate::driver::distance::RawAway;
use crate::record::Pings;
use crate::spec::{Deed, Event, Network, Whom};

/// Kind of the event that tells what pings took.
const PINGED: &str = "event_pinged";

impl Stage<'_> {
    /// Changes distances, or cuts off whom is meant.
    pub(super) fn strike_network(&mut self, number: usize, event: &Event, pick: u64) {
        self.excuse_until(Some(u64::MAX));
        let mut under_way = UnderWay { number, ..UnderWay::default() };
        let mut trouble = None;
        match &event.deed {
            Deed::Network(network) => self.move_away(&event.name, network),
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

    /// Puts those who are named elsewhere: what is carried and pinged from now on is of there. After the window nobody counts it.
    fn move_away(&mut self, event: &str, network: &Network) {
        let now = self.clock.now();
        let moved = self.world.change_network(self.subject, network);
        if self.raw.times.is_none_or(|times| now >= times.window.1) {
            return;
        }
        for one in moved {
            let carried = self.world.distance.carried(one.role);
            let before = self.raw.away.iter_mut().rev().find(|before| before.role == one.role);
            if let Some(before) = before {
                before.carried[1] = carried;
            }
            self.raw.away.push(RawAway {
                since: Some((event.to_owned(), now)),
                carried: [carried, None],
                ..one
            });
        }
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

    /// How long pings took over each distance, and tells it of those that events have made. Where a trial began counts until the window's end; what came
    /// later is watched for as long as it lasts, which may be short. No cut changes it: pings go through.
    pub(in crate::driver::trial) fn read_all_pings(&mut self) {
        let Some(times) = self.raw.times else { return };
        let now = self.clock.now();
        for at in 0..self.raw.away.len() {
            let RawAway { role, since, .. } = self.raw.away[at].clone();
            let later = self.raw.away[at + 1..].iter().filter(|next| next.role == role);
            let next = later.filter_map(|next| Some(next.since.as_ref()?.1)).min();
            let (from, last) = since.as_ref().map_or(times.window, |(_, from)| (*from, now));
            let took = self.world.distance.pings(role, &(from..next.map_or(last, |next| next.min(last))));
            let pings = Pings::of(took);
            self.raw.away[at].pings = pings;
            if let Some(((event, _), Pings { median_ms, count, .. })) = since.zip(pings) {
                let who = role.name();
                let told = format!("{event}: round trip of the {who} {median_ms:.2} ms by {count} pings");
                self.note(PINGED, &told);
            }
        }
    }
}
