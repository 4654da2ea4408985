//! What became of the events of a trial while it ran.

use std::ops::Range;

use crate::plan::DrawnEvent;
use crate::spec::Deed;

/// One event of a trial, and what became of it; times in Unix ns.
#[derive(Clone, Debug)]
pub struct RawInjected {
    /// As the plan has it.
    pub drawn: DrawnEvent,
    /// When it was to come.
    pub planned: u64,
    /// The instances that it met.
    pub instances: Vec<u32>,
    /// The broker that it met.
    pub broker: Option<i32>,
    /// When it was asked for; `None` where it never came to that.
    pub asked: Option<u64>,
    /// When it was done; `None` where that was not seen.
    pub done: Option<u64>,
    /// When it was taken back, of a pause.
    pub undone: Option<u64>,
    /// How long after its last act the group may still move because of it, in ns.
    pub reach: u64,
    /// Why it was not done, or not all of it.
    pub trouble: Option<String>,
}

impl RawInjected {
    /// From when until when what happens to the group is put down to it; empty of one that was never asked for.
    pub fn caused(&self) -> Range<u64> {
        let Some(asked) = self.asked else { return 0..0 };
        let is_open = match self.drawn.event.deed {
            Deed::Pause(..) | Deed::PauseBroker(..) => self.undone.is_none(),
            Deed::RestartBroker(_) => self.done.is_none(),
            _ => false,
        };
        // That a broker is back at the end moves nobody any more.
        let undone = self.undone.filter(|_| !matches!(self.drawn.event.deed, Deed::KillBroker(_)));
        let last = [self.done, undone].into_iter().flatten().fold(asked, u64::max);
        asked..if is_open && self.trouble.is_none() { u64::MAX } else { last.saturating_add(self.reach) }
    }

    /// From when until when errors of clients and brokers are put down to it: as long as a broker is dead they go on.
    pub fn excuses(&self) -> Range<u64> {
        let caused = self.caused();
        match self.drawn.event.deed {
            Deed::KillBroker(_) if self.broker.is_some() => caused.start..u64::MAX,
            deed if deed.which().is_some() => caused,
            _ => 0..0,
        }
    }
}
