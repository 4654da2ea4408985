//! Where acks enter: each thread that takes reports, of whichever client, is a reporter, and all of them end in one way.
//!
//! First nobody sends any more. Then the end is told to all at once. Each gives up what its clients still hold, goes on taking reports until every message of
//! the trial has met its fate, a few seconds at most, and hands its acks back. Light producers tell of what they give up while they do so, librdkafka's later.

use std::fmt::{Debug, Formatter};
use std::sync::atomic::{AtomicBool, Ordering::Acquire, Ordering::Release};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::tally::Acks;

/// How long reports of what was given up are waited for: a broker's thread that has no core tells them late.
const LAST_REPORTS: Duration = Duration::from_secs(5);

/// The end of a load, as those hear of it that take reports.
#[derive(Clone, Debug, Default)]
pub struct LoadEnd(Arc<Told>);

#[derive(Default)]
struct Told {
    come: AtomicBool,
    wakes: Mutex<Vec<Box<dyn Fn() + Send + Sync>>>,
}

impl Debug for Told {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Told").field("come", &self.come).finish_non_exhaustive()
    }
}

impl LoadEnd {
    /// How somebody is woken who sleeps until he is woken.
    pub fn wakes(&self, wake: impl Fn() + Send + Sync + 'static) {
        self.0.wakes.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(wake));
    }

    /// Nobody sends any more: all hear of it now.
    pub fn tell(&self) {
        self.0.come.store(true, Release);
        self.0.wakes.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|wake| wake());
    }

    /// Whether it was told.
    pub fn has_come(&self) -> bool {
        self.0.come.load(Acquire)
    }
}

/// What a reporter does after a round of taking reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another round.
    Round,
    /// What its clients hold is given up, so that each message of it is told of; then another round.
    GiveUp,
    /// Its acks are handed back.
    Done,
}

/// One that takes reports.
#[derive(Debug)]
pub struct Reporter {
    /// Where they are booked.
    pub acks: Acks,
    end: LoadEnd,
    /// Until when it waits for the last reports, once it has given up.
    until: Option<Instant>,
}

impl Reporter {
    /// Books into these until that end.
    pub fn new(acks: Acks, end: LoadEnd) -> Self {
        Reporter { acks, end, until: None }
    }

    /// After a round in which something was `heard`, or nothing.
    pub fn after_round(&mut self, heard: bool) -> Next {
        match self.until {
            None if self.end.has_come() => {
                self.until = Some(Instant::now() + LAST_REPORTS);
                Next::GiveUp
            }
            Some(until) if !heard && (self.acks.is_complete() || Instant::now() > until) => Next::Done,
            _ => Next::Round,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::books::BySecond;
    use crate::load::tally::{AckLatencies, Delivery, Fate, LoadCounts, ToLedger};
    use crate::timeline::Clock;

    fn reporter(counts: &Arc<LoadCounts>, end: &LoadEnd) -> Reporter {
        let ((full, _), (_, empty)) = (sync_channel(1), sync_channel(1));
        let latencies = AckLatencies { from_due: None, service: BySecond::with_seconds(0, 1) };
        let ledger = ToLedger { full, empty, with_dues: false };
        let acks = Acks::new(Clock::anchor(), Arc::clone(counts), latencies, ledger, 0..0);
        Reporter::new(acks, end.clone())
    }

    fn told(reporter: &mut Reporter, fate: Fate) {
        reporter.acks.deliver_at(&Delivery { fate, producer: 0, due: 0, stamp: 0 }, 0);
    }

    #[test]
    fn a_reporter_gives_up_once_and_goes_when_every_message_of_the_trial_was_told_of() {
        let counts = Arc::new(LoadCounts::new(0, 1).of_producers(1, 0..1));
        let (end, woken) = (LoadEnd::default(), Arc::new(AtomicU32::new(0)));
        let mark = Arc::clone(&woken);
        end.wakes(move || {
            mark.fetch_add(1, Relaxed);
        });
        let [mut first, mut second] = [(); 2].map(|()| reporter(&counts, &end));
        counts.producers.sent(0, 2);
        assert_eq!([first.after_round(true), first.after_round(false)], [Next::Round; 2]);
        end.tell();
        assert_eq!(woken.load(Relaxed), 1);
        assert_eq!([first.after_round(true), second.after_round(false)], [Next::GiveUp; 2]);
        assert_eq!(first.after_round(false), Next::Round, "nothing was told yet");
        told(&mut first, Fate::Unknown);
        assert_eq!(
            [first.after_round(true), first.after_round(false)],
            [Next::Round; 2],
            "the second's is not"
        );
        told(&mut second, Fate::Unknown);
        assert_eq!(second.after_round(true), Next::Round, "more may come");
        assert_eq!([first.after_round(false), second.after_round(false)], [Next::Done; 2]);
    }

    #[test]
    fn a_report_that_never_comes_is_waited_for_some_seconds_and_no_longer() {
        let counts = Arc::new(LoadCounts::new(0, 1).of_producers(1, 0..1));
        let end = LoadEnd::default();
        let mut reporter = reporter(&counts, &end);
        counts.producers.sent(0, 1);
        end.tell();
        let asked = Instant::now();
        assert_eq!(reporter.after_round(false), Next::GiveUp);
        assert!(reporter.until.is_some_and(|until| until >= asked + LAST_REPORTS));
        assert_eq!(reporter.after_round(false), Next::Round);
        reporter.until = Instant::now().checked_sub(Duration::from_nanos(1));
        assert_eq!([reporter.after_round(true), reporter.after_round(false)], [Next::Round, Next::Done]);
    }
}
