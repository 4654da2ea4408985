//! What is done to a trial on purpose, each when its time comes, and undone again.

mod aside;
mod brokers;
mod cluster;
mod launch;
mod network;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use super::Stage;
use crate::cluster::Coming;
use crate::consumers::Act;
use crate::driver::group::Group;
use crate::driver::injected::RawInjected;
use crate::plan::DrawnEvent;
use crate::spec::{Deed, How, Whom};
use aside::{Aside, Turns};
use launch::Booting;

/// Kinds of the events that tell of it.
const ASKED: &str = "event";
const DONE: &str = "event_done";
const OVER: &str = "event_over";
const MISSED: &str = "event_missed";

/// What is still to be done.
#[derive(Debug, Default)]
pub(super) struct Injector {
    /// In the order of time: numbers of events.
    waiting: VecDeque<usize>,
    under_way: Vec<UnderWay>,
    /// Of those who ask the cluster for something aside: one after the other.
    turns: Turns,
}

/// An event that was asked for and is not over.
#[derive(Debug, Default)]
struct UnderWay {
    number: usize,
    /// Instances whose end is waited for.
    leaving: Vec<u32>,
    /// New instances that are launched and whose programs are not started yet.
    booting: Vec<Booting>,
    /// How many were launched so far.
    launched: u32,
    /// Instances that leave some time after all new ones were started.
    outlived: Vec<u32>,
    /// When they do, once that is known.
    leave_at: Option<u64>,
    /// When those that were paused go on.
    resume_at: Option<u64>,
    /// A broker that was started again and is waited for.
    coming: Option<Coming>,
    /// What the cluster is asked for meanwhile.
    aside: Option<Aside>,
}

impl UnderWay {
    fn is_over(&self) -> bool {
        self.leaving.is_empty()
            && self.booting.is_empty()
            && self.outlived.is_empty()
            && self.resume_at.is_none()
            && self.aside.is_none()
    }

    /// Whether the cluster has not answered yet what it is asked for.
    fn awaits_answer(&self) -> bool {
        self.aside.as_ref().is_some_and(|aside| !aside.is_answered())
    }

    /// Whether what was paused or cut off is to go on by now, or a broker is up again.
    fn is_due(&self, now: u64) -> bool {
        self.resume_at.is_some_and(|at| at <= now) || self.coming.as_ref().is_some_and(Coming::is_over)
    }

    /// When something is to be done for it next, as far as that is a matter of time.
    fn next(&self) -> Option<u64> {
        // Who waits for an answer of the cluster does so after the machine has booted, too.
        let booted = self.booting.iter().filter(|_| self.aside.is_none()).map(|one| one.due);
        booted.chain(self.resume_at).chain(self.leave_at).min()
    }
}

impl Stage<'_> {
    /// Puts the events of the trial onto its clock, whose time 0 is at `zero`.
    pub(super) fn plan_events(&mut self, zero: u64) {
        let drawn = self.subject.treatment.drawn_events(self.subject.seed);
        let of = |drawn: DrawnEvent| RawInjected {
            planned: zero + drawn.at.as_nanos(),
            instances: Vec::new(),
            started: Vec::new(),
            launched: None,
            booted: None,
            broker: None,
            asked: None,
            done: None,
            given_up: None,
            undone: None,
            reach: self.reach(&drawn).as_nanos() as u64,
            trouble: None,
            drawn,
        };
        self.raw.injected = drawn.into_iter().map(of).collect();
        self.injector.waiting = (0..self.raw.injected.len()).collect();
    }

    /// How long after its last act groups may still move because of an event: what is done to a broker is done to all of them.
    fn reach(&self, drawn: &DrawnEvent) -> Duration {
        let of = |group| self.world.reach(self.subject, group);
        let own = of(drawn.event.group);
        if !drawn.event.deed.is_of_all() {
            return own;
        }
        (0..self.groups.len()).map(of).fold(own, Duration::max)
    }

    /// When something is to be done next, Unix ns.
    pub(super) fn next_event(&self) -> Option<u64> {
        let first = self.injector.waiting.front().map(|number| self.raw.injected[*number].planned);
        self.injector.under_way.iter().filter_map(UnderWay::next).chain(first).min()
    }

    /// Does all whose time has come.
    pub(super) fn inject(&mut self) {
        while let Some(number) = self.injector.waiting.front().copied() {
            if self.raw.injected[number].planned > self.clock.now() {
                break;
            }
            self.injector.waiting.pop_front();
            self.strike(number);
        }
        for one in std::mem::take(&mut self.injector.under_way) {
            if one.is_due(self.clock.now()) {
                self.take_back(one);
            } else {
                let left = self.go_on(one);
                self.injector.under_way.extend(left);
            }
        }
    }

    fn strike(&mut self, number: usize) {
        let DrawnEvent { event, pick, .. } = self.raw.injected[number].drawn.clone();
        self.raw.injected[number].asked = Some(self.clock.now());
        if let Some(which) = event.deed.which() {
            return self.strike_broker(number, &event, (which, pick));
        }
        if event.deed.is_of_network() {
            return self.strike_network(number, &event, pick);
        }
        if event.deed.is_of_all() {
            return self.strike_cluster(number, &event);
        }
        let mut one = UnderWay { number, ..UnderWay::default() };
        let met = self.meet(&mut one, (&event, pick));
        let nobody = event.deed.whom().is_some() && met.is_empty();
        self.raw.injected[number].instances = met;
        self.note_asked(number);
        if nobody {
            self.miss(number, "nobody lived that it could be done to".to_owned());
        }
        self.start_booted(&mut one);
        if one.resume_at.is_some() {
            // They stand still; when they go on again is told apart.
            self.raw.injected[number].done = Some(self.clock.now());
        }
        if one.is_over() {
            self.raw.injected[number].ends(self.clock.now());
        } else {
            self.injector.under_way.push(one);
        }
    }

    /// Does the first of an event; gives the instances that it met.
    fn meet(&mut self, one: &mut UnderWay, (event, pick): (&crate::spec::Event, u64)) -> Vec<u32> {
        let now = self.clock.now();
        let Some(group) = self.groups.get_mut(event.group) else { return Vec::new() };
        let has = group.living().len() as u32;
        let mut new = 0;
        let met = match &event.deed {
            Deed::Kill(whom) => hit(group, (*whom, pick), Act::Kill),
            Deed::Stop(whom) | Deed::Restart(whom, _) => hit(group, (*whom, pick), Act::Stop),
            Deed::Pause(whom, length) => {
                let met = hit(group, (*whom, pick), Act::Pause);
                one.resume_at = (!met.is_empty()).then(|| now + length.as_nanos());
                met
            }
            Deed::Scale(instances, _) => {
                new = instances.saturating_sub(has);
                group.shrink(*instances)
            }
            Deed::Add(instances, _) => {
                new = *instances;
                Vec::new()
            }
            Deed::Remove(instances) => group.shrink(has.saturating_sub(*instances)),
            Deed::Upgrade(upgrade) => {
                group.upgrade(self.subject.emulated(upgrade.machine.clone()));
                match upgrade.how {
                    How::Replace => hit(group, (Whom::All, pick), Act::Stop),
                    How::Beside(_) | How::BesideInAnother(_) => {
                        new = has;
                        one.outlived = group.living();
                        one.outlived.clone()
                    }
                }
            }
            Deed::Exhaust => group.living().into_iter().filter(|instance| group.exhaust(*instance)).collect(),
            Deed::KillBroker(_)
            | Deed::PauseBroker(..)
            | Deed::RestartBroker(_)
            | Deed::Grow(_)
            | Deed::Config(_)
            | Deed::Network(_)
            | Deed::Partition { .. } => Vec::new(),
        };
        if matches!(event.deed, Deed::Stop(_) | Deed::Scale(..) | Deed::Remove(_)) || event.deed.replaces() {
            one.leaving.clone_from(&met);
        }
        if matches!(&event.deed, Deed::Upgrade(upgrade) if matches!(upgrade.how, How::BesideInAnother(_))) {
            self.open_beside(event.group);
        }
        (0..new).for_each(|_| self.launch(one, None));
        met
    }

    /// What is left of an event: none where it is over.
    fn go_on(&mut self, mut one: UnderWay) -> Option<UnderWay> {
        let deed = &self.raw.injected[one.number].drawn.event.deed;
        if deed.which().is_some() || deed.is_of_network() {
            // That is over when it is taken back.
            return Some(one);
        }
        if deed.is_of_all() {
            return self.hear_of_cluster(one);
        }
        self.take_leave(&mut one);
        self.start_booted(&mut one);
        self.end_overlap(&mut one);
        if !one.is_over() {
            return Some(one);
        }
        if self.raw.injected[one.number].ends(self.clock.now()) {
            self.note(DONE, &format!("{} is done", self.event_name(one.number)));
        }
        None
    }

    /// Notes that an event was asked for, with the instances that it met.
    fn note_asked(&mut self, number: usize) {
        let RawInjected { drawn, asked, instances, .. } = &self.raw.injected[number];
        let event = &drawn.event;
        let met = if instances.is_empty() { String::new() } else { format!(" (instances {instances:?})") };
        let told = format!("{}: {event}{met}", event.name);
        self.raw.events.extend(asked.map(|at| (at, ASKED.to_owned(), told)));
    }

    /// Notes that something of an event could not be done.
    fn miss(&mut self, number: usize, trouble: String) {
        self.note(MISSED, &format!("{}: {trouble}", self.event_name(number)));
        self.raw.injected[number].trouble = Some(trouble);
    }

    fn event_name(&self, number: usize) -> &str {
        &self.raw.injected[number].drawn.event.name
    }

    /// Lets go on what an event has paused.
    fn bring_back(&mut self, number: usize) {
        let RawInjected { drawn, instances, .. } = self.raw.injected[number].clone();
        if let Some(group) = self.groups.get_mut(drawn.event.group) {
            for instance in &instances {
                // One that was killed meanwhile has nothing to go on with.
                group.act(*instance, Act::Resume);
            }
        }
        self.raw.injected[number].undone = Some(self.clock.now());
        self.note(OVER, &format!("{} is over (instances {instances:?})", drawn.event.name));
    }

    /// Brings back all that is not as it was, and gives up what still boots: before a trial is torn down, whatever ended it.
    pub(super) fn bring_all_back(&mut self) {
        self.world.distance.end();
        for one in std::mem::take(&mut self.injector.under_way) {
            self.take_back(one);
        }
        // Last, on brokers that live again.
        (0..self.raw.injected.len()).for_each(|number| self.put_back(number));
    }

    /// Brings back what an event has paused, cut off or taken away, and gives up what still boots.
    fn take_back(&mut self, one: UnderWay) {
        let deed = &self.raw.injected[one.number].drawn.event.deed;
        if deed.which().is_some() {
            self.bring_broker_back(one);
        } else if deed.is_of_network() {
            self.mend_network(one.number);
        } else if deed.is_of_all() {
            self.await_cluster(one);
        } else if one.resume_at.is_some() {
            self.bring_back(one.number);
        } else {
            self.give_up(one);
        }
    }

    /// Lets those who watch know of instances that are new.
    fn watch_again(&self, group: usize) {
        if let (Some(watchers), Some(of)) = (&self.watchers, self.groups.get(group)) {
            watchers.watch(group, of.watched());
        }
    }
}

/// Does it to those that are meant and live; gives those that it was done to.
fn hit(group: &mut Group<'_>, whom: (Whom, u64), act: Act) -> Vec<u32> {
    meant(group, whom).into_iter().filter(|instance| group.act(*instance, act)).collect()
}

/// Those that are meant, of those that live.
fn meant(group: &Group<'_>, (whom, pick): (Whom, u64)) -> Vec<u32> {
    let living = group.living();
    match whom {
        Whom::All => living,
        Whom::Instance(number) => living.into_iter().filter(|one| *one == number).collect(),
        Whom::Random if living.is_empty() => Vec::new(),
        Whom::Random => vec![living[(pick % living.len() as u64) as usize]],
    }
}
