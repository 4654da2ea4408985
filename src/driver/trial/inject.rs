//! What is done to a trial on purpose, each when its time comes, and undone again.

mod brokers;

use std::collections::VecDeque;
use std::time::Duration;

use super::Stage;
use crate::cluster::Coming;
use crate::consumers::Act;
use crate::driver::group::Group;
use crate::driver::injected::RawInjected;
use crate::plan::DrawnEvent;
use crate::spec::{Deed, Whom};

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
}

/// An event that was asked for and is not over.
#[derive(Debug, Default)]
struct UnderWay {
    number: usize,
    /// Instances whose end is waited for.
    leaving: Vec<u32>,
    /// Whether another takes the place of each.
    replaced: bool,
    /// When those that were paused go on.
    resume_at: Option<u64>,
    /// A broker that was started again and is waited for.
    coming: Option<Coming>,
}

impl Stage<'_> {
    /// Puts the events of the trial onto its clock, whose time 0 is at `zero`.
    pub(super) fn plan_events(&mut self, zero: u64) {
        let drawn = self.subject.treatment.drawn_events(self.subject.seed);
        let of = |drawn: DrawnEvent| RawInjected {
            planned: zero + drawn.at.as_nanos(),
            instances: Vec::new(),
            broker: None,
            asked: None,
            done: None,
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
        if drawn.event.deed.which().is_none() {
            return own;
        }
        (0..self.groups.len()).map(of).fold(own, Duration::max)
    }

    /// When something is to be done next, Unix ns.
    pub(super) fn next_event(&self) -> Option<u64> {
        let first = self.injector.waiting.front().map(|number| self.raw.injected[*number].planned);
        let resumed = self.injector.under_way.iter().filter_map(|one| one.resume_at);
        resumed.chain(first).min()
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
        let under_way = std::mem::take(&mut self.injector.under_way);
        for one in under_way {
            let is_of_broker = self.raw.injected[one.number].drawn.event.deed.which().is_some();
            let left = if is_of_broker { self.go_on_with_broker(one) } else { self.go_on(one) };
            self.injector.under_way.extend(left);
        }
    }

    fn strike(&mut self, number: usize) {
        let DrawnEvent { event, pick, .. } = self.raw.injected[number].drawn.clone();
        let asked = self.clock.now();
        self.raw.injected[number].asked = Some(asked);
        if let Some(which) = event.deed.which() {
            return self.strike_broker(number, &event, (which, pick));
        }
        let Some(group) = self.groups.get_mut(event.group) else { return };
        let (met, trouble) = match event.deed {
            Deed::Kill(whom) => (hit(group, (whom, pick), Act::Kill), None),
            Deed::Stop(whom) | Deed::Restart(whom) => (hit(group, (whom, pick), Act::Stop), None),
            Deed::Pause(whom, _) => (hit(group, (whom, pick), Act::Pause), None),
            Deed::Scale(instances) => scaled(group, i64::from(instances) - group.living().len() as i64),
            Deed::Add(instances) => scaled(group, i64::from(instances)),
            Deed::Remove(instances) => scaled(group, -i64::from(instances)),
            Deed::KillBroker(_) | Deed::PauseBroker(..) | Deed::RestartBroker(_) => return,
        };
        let leaves =
            matches!(event.deed, Deed::Stop(_) | Deed::Restart(_) | Deed::Scale(_) | Deed::Remove(_));
        let under_way = UnderWay {
            number,
            leaving: if leaves { met.clone() } else { Vec::new() },
            replaced: matches!(event.deed, Deed::Restart(_)),
            resume_at: match event.deed {
                Deed::Pause(_, length) if !met.is_empty() => Some(asked + length.as_nanos()),
                _ => None,
            },
            ..UnderWay::default()
        };
        let trouble = trouble.or_else(|| {
            let nobody = event.deed.whom().is_some() && met.is_empty();
            nobody.then(|| "nobody lived that it could be done to".to_owned())
        });
        let told = if met.is_empty() { String::new() } else { format!(" (instances {met:?})") };
        self.raw.events.push((asked, ASKED.to_owned(), format!("{}: {event}{told}", event.name)));
        let now = self.clock.now();
        let injected = &mut self.raw.injected[number];
        (injected.instances, injected.trouble) = (met, trouble);
        if under_way.leaving.is_empty() {
            injected.done = injected.trouble.is_none().then_some(now);
        }
        if let Some(trouble) = injected.trouble.clone() {
            self.raw.events.push((now, MISSED.to_owned(), format!("{}: {trouble}", event.name)));
        }
        self.watch_again(event.group);
        if !under_way.leaving.is_empty() || under_way.resume_at.is_some() {
            self.injector.under_way.push(under_way);
        }
    }

    /// What is left of an event: none where it is over.
    fn go_on(&mut self, mut one: UnderWay) -> Option<UnderWay> {
        let of = self.raw.injected[one.number].drawn.event.group;
        let group = self.groups.get_mut(of)?;
        if one.resume_at.is_some_and(|at| at <= self.clock.now()) {
            self.bring_back(one.number);
            return None;
        }
        if one.leaving.is_empty() {
            return Some(one);
        }
        let (ended, left) = one.leaving.iter().partition(|instance| group.has_ended(**instance));
        one.leaving = left;
        let ended: Vec<u32> = ended;
        let mut trouble = None;
        for instance in ended.iter().filter(|_| one.replaced) {
            trouble = group.succeed(*instance).err().map(|error| error.to_string()).or(trouble);
        }
        if let Some(trouble) = trouble {
            self.note(MISSED, &format!("{}: {trouble}", self.event_name(one.number)));
            self.raw.injected[one.number].trouble = Some(trouble);
        }
        if one.replaced && !ended.is_empty() {
            self.watch_again(of);
        }
        if !one.leaving.is_empty() {
            return Some(one);
        }
        self.raw.injected[one.number].done = Some(self.clock.now());
        self.note(DONE, &format!("{} is done", self.event_name(one.number)));
        None
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

    /// Brings back all that is still paused: before a trial is torn down, whatever ended it.
    pub(super) fn bring_all_back(&mut self) {
        for one in std::mem::take(&mut self.injector.under_way) {
            if self.raw.injected[one.number].broker.is_some() {
                self.bring_broker_back(one);
            } else if one.resume_at.is_some() {
                self.bring_back(one.number);
            }
        }
    }

    /// Lets those who watch know of instances that are new.
    fn watch_again(&self, group: usize) {
        if let (Some(watchers), Some(of)) = (&self.watchers, self.groups.get(group)) {
            watchers.watch(group, &of.pids());
        }
    }
}

/// Does it to those that are meant and live; gives those that it was done to.
fn hit(group: &mut Group<'_>, (whom, pick): (Whom, u64), act: Act) -> Vec<u32> {
    let living = group.living();
    let meant: Vec<u32> = match whom {
        Whom::All => living,
        Whom::Instance(number) => living.into_iter().filter(|one| *one == number).collect(),
        Whom::Random if living.is_empty() => Vec::new(),
        Whom::Random => vec![living[(pick % living.len() as u64) as usize]],
    };
    meant.into_iter().filter(|instance| group.act(*instance, act)).collect()
}

/// So many instances more, or fewer: the youngest leave, and are given. Or why not all could be started.
fn scaled(group: &mut Group<'_>, by: i64) -> (Vec<u32>, Option<String>) {
    for _ in 0..by {
        if let Err(error) = group.add() {
            return (Vec::new(), Some(error.to_string()));
        }
    }
    let youngest: Vec<u32> = group.living().into_iter().rev().take((-by).max(0) as usize).collect();
    (youngest.into_iter().filter(|instance| group.act(*instance, Act::Stop)).collect(), None)
}
