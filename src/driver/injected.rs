//! What became of the events of a trial while it ran.

use std::ops::Range;

use crate::plan::DrawnEvent;
use crate::spec::{Deed, How};

/// One event of a trial, and what became of it; times in Unix ns.
#[derive(Clone, Debug)]
pub struct RawInjected {
    /// As the plan has it.
    pub drawn: DrawnEvent,
    /// When it was to come.
    pub planned: u64,
    /// The instances that it met.
    pub instances: Vec<u32>,
    /// New instances that were started because of it.
    pub started: Vec<u32>,
    /// When the first of them was launched, and when the program of the last one was started.
    pub launched: Option<u64>,
    /// See above.
    pub booted: Option<u64>,
    /// The broker that it met.
    pub broker: Option<i32>,
    /// When it was asked for; `None` where it never came to that.
    pub asked: Option<u64>,
    /// When it was done; `None` where that was not seen.
    pub done: Option<u64>,
    /// When it was over though not all of it was done.
    pub given_up: Option<u64>,
    /// When it was taken back, of a pause.
    pub undone: Option<u64>,
    /// How long after its last act the group may still move because of it, in ns.
    pub reach: u64,
    /// Why it was not done, or not all of it.
    pub trouble: Option<String>,
}

/// Partitions of a topic that are there so far, of so many at first.
pub fn partitions_there<'a>(at_first: u32, injected: impl IntoIterator<Item = &'a RawInjected>) -> u32 {
    let done = injected.into_iter().filter(|one| one.done.is_some());
    let added = done.filter_map(|one| one.drawn.event.deed.grown_to());
    added.fold(at_first, u32::max)
}

impl RawInjected {
    /// How long new instances were paid for beside those whose place they took, in ns: not at all where these had left before; none where it was not seen to end.
    pub fn overlap(&self) -> Option<u64> {
        let Deed::Upgrade(upgrade) = &self.drawn.event.deed else { return None };
        match upgrade.how {
            How::Replace => self.done.map(|_| 0),
            How::Beside(_) | How::BesideInAnother(_) => Some(self.done?.saturating_sub(self.launched?)),
        }
    }

    /// Nothing more is to be done for it, from now (Unix ns) on: it is done, unless not all of it could be. Gives whether it is.
    pub fn ends(&mut self, now: u64) -> bool {
        let is_done = self.trouble.is_none();
        *(if is_done { &mut self.done } else { &mut self.given_up }) = Some(now);
        is_done
    }

    /// From when until when what happens to the group is put down to it; empty of one that was never asked for.
    pub fn caused(&self) -> Range<u64> {
        let Some(asked) = self.asked else { return 0..0 };
        let is_open = match &self.drawn.event.deed {
            Deed::Pause(..) | Deed::PauseBroker(..) | Deed::Partition { .. } => self.undone.is_none(),
            Deed::RestartBroker(_)
            | Deed::Grow(_)
            | Deed::Config(_)
            | Deed::Restart(..)
            | Deed::Scale(..)
            | Deed::Add(..)
            | Deed::Upgrade(_) => self.done.is_none(),
            _ => false,
        };
        // That a broker is back at the end, or a setting, or near again, moves nobody any more.
        let is_back_at_the_end =
            matches!(self.drawn.event.deed, Deed::KillBroker(_) | Deed::Config(_) | Deed::Network(_));
        let undone = self.undone.filter(|_| !is_back_at_the_end);
        let last = [self.done, self.given_up, undone].into_iter().flatten().fold(asked, u64::max);
        asked..if is_open && self.trouble.is_none() { u64::MAX } else { last.saturating_add(self.reach) }
    }

    /// From when until when partitions may move because of it: clients learn of new ones when they next ask, however late that is. `handed_out` is when a member was
    /// first given one of them.
    pub fn moves(&self, handed_out: Option<u64>) -> Range<u64> {
        let caused = self.caused();
        let is_open = matches!(self.drawn.event.deed, Deed::Grow(_)) && self.done.is_some();
        let last = handed_out.map_or(u64::MAX, |at| at.saturating_add(self.reach));
        caused.start..if is_open { caused.end.max(last) } else { caused.end }
    }

    /// From when until when errors of clients and brokers are put down to it: as long as a broker is dead they go on.
    pub fn excuses(&self) -> Range<u64> {
        let caused = self.caused();
        match &self.drawn.event.deed {
            Deed::KillBroker(_) if self.broker.is_some() => caused.start..u64::MAX,
            deed if deed.is_of_all() || deed.is_of_network() => caused,
            _ => 0..0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::planned;

    fn raw(events: &str) -> Vec<RawInjected> {
        let text =
            format!("question: q\nworkload: {{ rate: 1/s }}\ntopic: {{ partitions: 2 }}\nevents: {events}\n");
        let plan = planned(&text);
        let of = |drawn: DrawnEvent| RawInjected {
            planned: 0,
            instances: Vec::new(),
            started: Vec::new(),
            launched: None,
            booted: None,
            broker: None,
            asked: Some(100),
            done: None,
            given_up: None,
            undone: None,
            reach: 10,
            trouble: None,
            drawn,
        };
        plan.treatments[0].drawn_events(1).into_iter().map(of).collect()
    }

    #[test]
    fn what_the_cluster_is_asked_for_goes_on_until_it_has_answered() {
        let mut all =
            raw("[{ at: 15s, topic: { partitions: 5 } }, { at: 16s, config: { topic: { a.b: 1 } } }]");
        assert_eq!(partitions_there(2, &all), 2, "nobody says yet that they are there");
        for one in &mut all {
            assert_eq!(one.caused(), 100..u64::MAX);
            one.done = Some(500);
            assert_eq!(one.caused(), 100..510);
        }
        assert_eq!(partitions_there(2, &all), 5);
        (all[1].done, all[1].trouble) = (None, Some("refused".to_owned()));
        assert_eq!(all[1].caused(), 100..110);
    }

    #[test]
    fn a_rebalance_is_put_down_to_added_partitions_until_a_session_after_somebody_has_one_of_them() {
        let mut all =
            raw("[{ at: 15s, topic: { partitions: 5 } }, { at: 16s, config: { topic: { a.b: 1 } } }]");
        for one in &mut all {
            one.done = Some(500);
        }
        let moves = |handed_out: Option<u64>| [all[0].moves(handed_out), all[1].moves(handed_out)];
        assert_eq!(moves(None), [100..u64::MAX, 100..510], "as long as clients have not asked");
        assert_eq!(moves(Some(700)), [100..710, 100..510]);
        assert_eq!(moves(Some(400))[0], 100..510, "it may be given before the cluster says that it is there");
    }

    #[test]
    fn an_event_of_which_something_could_not_be_done_is_not_done_and_is_over_all_the_same() {
        let mut all =
            raw("[{ at: 15s, config: { topic: { a.b: 1 } } }, { at: 16s, config: { topic: { a.b: 2 } } }]");
        all[1].trouble = Some("the group could not be put where the other is".to_owned());
        assert_eq!([all[0].ends(500), all[1].ends(500)], [true, false]);
        assert_eq!([all[0].done, all[1].done], [Some(500), None]);
        assert_eq!(
            [all[0].caused(), all[1].caused()],
            [100..510, 100..510],
            "what it did in part may still move the group"
        );
    }
}
