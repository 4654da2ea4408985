//! New instances of an event: launched, started when their machines have booted, and old ones that leave for them.

use super::aside::Aside;
use super::{Stage, UnderWay};
use crate::consumers::{Act, BackendError, Launch};
use crate::driver::DriverError;
use crate::spec::{Deed, How};

/// One that is launched and whose program is not started yet.
#[derive(Debug)]
pub(super) struct Booting {
    /// When its program is to be started, Unix ns.
    pub(super) due: u64,
    launch: Launch,
    making: Making,
}

/// How far its backend is, which may take its time before the program can be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Making {
    NotBegun,
    Aside,
    Done,
}

impl UnderWay {
    /// Those that were so far can be started now.
    fn are_made(&mut self, far: Making) {
        let far = self.booting.iter_mut().filter(|one| one.making == far);
        far.for_each(|one| one.making = Making::Done);
    }
}

impl Stage<'_> {
    /// Launches one more instance for an event, in the place of one that has ended where that is said: from now on it is paid for.
    pub(super) fn launch(&mut self, one: &mut UnderWay, place_of: Option<u32>) {
        let now = self.clock.now();
        let injected = &mut self.raw.injected[one.number];
        let due = now + injected.drawn.boot(one.launched).as_nanos();
        if let Some(group) = self.groups.get(injected.drawn.event.group) {
            one.launched += 1;
            injected.launched.get_or_insert(now);
            let (launch, making) = (group.to_launch(place_of, now), Making::NotBegun);
            one.booting.push(Booting { due, launch, making });
        }
    }

    /// Starts the programs of those whose machines have booted.
    pub(super) fn start_booted(&mut self, one: &mut UnderWay) {
        let now = self.clock.now();
        let of = self.raw.injected[one.number].drawn.event.group;
        if !self.may_start(one, of, now) {
            return;
        }
        self.make(one, of, now);
        let is_made = |booting: &mut Booting| booting.making == Making::Done;
        let booted: Vec<Booting> = one.booting.extract_if(.., is_made).collect();
        for Booting { launch, .. } in booted {
            match self.start(of, &launch) {
                Ok(instance) => {
                    let booted = self.clock.now();
                    let injected = &mut self.raw.injected[one.number];
                    injected.started.push(instance);
                    injected.booted = Some(booted);
                }
                Err(error) => self.miss(one.number, error.to_string()),
            }
        }
    }

    fn start(&mut self, of: usize, launch: &Launch) -> Result<u32, DriverError> {
        let group = self.groups.get_mut(of).ok_or(BackendError::NotDeployed)?;
        Ok(group.start(launch)?)
    }

    /// Whether those whose machines have booted may be started. Where they are the first of their group it goes on from where the others are now, and is put
    /// there aside before; if it cannot be, nobody is started in it.
    fn may_start(&mut self, one: &mut UnderWay, of: usize, now: u64) -> bool {
        let Some(group) = self.groups.get_mut(of) else { return true };
        let mut booted = one.booting.iter().filter(|booting| booting.due <= now);
        let Some((before, beside)) = booted.find_map(|booting| group.opens(&booting.launch)) else {
            return true;
        };
        if one.awaits_answer() {
            return false;
        }
        let Some(aside) = one.aside.take() else {
            let begun = self.world.to_begin_beside(self.subject, (before, beside));
            match Aside::ask((self.clock, &mut self.injector.turns), begun) {
                Ok(aside) => one.aside = Some(aside),
                Err(trouble) => self.start_none(one, of, trouble, |_| true),
            }
            return false;
        };
        match aside.answer() {
            Ok(_) => group.opened(),
            Err(trouble) => self.start_none(one, of, trouble, |_| true),
        }
        true
    }

    /// Has those made whose machines have booted, aside where that takes its time, and hears of those that are made by now.
    fn make(&mut self, one: &mut UnderWay, of: usize, now: u64) {
        if one.awaits_answer() {
            return;
        }
        match one.aside.take().map(Aside::answer) {
            None => {}
            Some(Ok(_)) => one.are_made(Making::Aside),
            Some(Err(trouble)) => self.start_none(one, of, trouble, |one| one.making == Making::Aside),
        }
        let is_due = |one: &Booting| one.making == Making::NotBegun && one.due <= now;
        let mut due: Vec<&mut Booting> = one.booting.iter_mut().filter(|one| is_due(one)).collect();
        let Some(group) = self.groups.get_mut(of).filter(|_| !due.is_empty()) else { return };
        let mut launches: Vec<&mut Launch> = due.iter_mut().map(|one| &mut one.launch).collect();
        let slow = group.prepare(&mut launches);
        for one in due {
            one.making = Making::Aside;
        }
        let asked = match slow {
            Ok(None) => return one.are_made(Making::Aside),
            Ok(Some(slow)) => Aside::ask((self.clock, &mut self.injector.turns), slow),
            Err(error) => Err(error.to_string()),
        };
        match asked {
            Ok(aside) => one.aside = Some(aside),
            Err(trouble) => self.start_none(one, of, trouble, |one| one.making == Making::Aside),
        }
    }

    /// Nobody of these who boot can be started.
    fn start_none(
        &mut self,
        one: &mut UnderWay,
        of: usize,
        trouble: String,
        whom: impl Fn(&Booting) -> bool,
    ) {
        let now = self.clock.now();
        self.miss(one.number, trouble);
        if let Some(group) = self.groups.get_mut(of) {
            let none = one.booting.extract_if(.., |booting| whom(booting));
            none.for_each(|booting| group.give_up(booting.launch, now));
        }
    }

    /// From now on new instances are in a group of their own.
    pub(super) fn open_beside(&mut self, of: usize) {
        let (world, subject) = (self.world, self.subject);
        let (Some(group), Some(asked)) =
            (self.groups.get_mut(of), subject.treatment.settings.consumers.get(of))
        else {
            return;
        };
        let name = world.group_beside(subject, asked, group.besides.len() + 2);
        if let (Some(watchers), Ok(client)) = (&self.watchers, world.admin.group_client(&name)) {
            watchers.follow_beside(of, client);
        }
        group.read_beside(name);
    }

    /// Sees who has ended of those whose end is waited for, and launches others in their places where that was asked.
    pub(super) fn take_leave(&mut self, one: &mut UnderWay) {
        let event = &self.raw.injected[one.number].drawn.event;
        let replaces = event.deed.replaces();
        let Some(group) = self.groups.get(event.group) else { return };
        let ended: Vec<u32> = one.leaving.extract_if(.., |instance| group.has_ended(*instance)).collect();
        for instance in ended.into_iter().filter(|_| replaces) {
            self.launch(one, Some(instance));
        }
    }

    /// Asks the old ones to leave once all new ones were started and the overlap is over.
    pub(super) fn end_overlap(&mut self, one: &mut UnderWay) {
        if one.outlived.is_empty() || !one.booting.is_empty() {
            return;
        }
        let now = self.clock.now();
        let injected = &self.raw.injected[one.number];
        if injected.started.is_empty() {
            // Nobody is there who could go on for them.
            one.outlived.clear();
            return;
        }
        let event = &injected.drawn.event;
        let Deed::Upgrade(upgrade) = &event.deed else { return };
        let (How::Beside(overlap) | How::BesideInAnother(overlap)) = upgrade.how else { return };
        if *one.leave_at.get_or_insert(now + overlap.as_nanos()) > now {
            return;
        }
        let of = event.group;
        one.leave_at = None;
        if let Some(group) = self.groups.get_mut(of) {
            let old = std::mem::take(&mut one.outlived);
            one.leaving = old.into_iter().filter(|instance| group.act(*instance, Act::Stop)).collect();
        }
    }

    /// What boots when a trial ends is paid for until then. A group that is being put where others are is there before it is taken away.
    pub(super) fn give_up(&mut self, one: UnderWay) {
        let now = self.clock.now();
        self.await_answer(&one);
        if let Some(group) = self.groups.get_mut(self.raw.injected[one.number].drawn.event.group) {
            one.booting.into_iter().for_each(|booting| group.give_up(booting.launch, now));
        }
    }
}
