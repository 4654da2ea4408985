//! The loop of a shard: empty the ring, hear the connections, call who wants to be called, sleep until the next of these.

use std::future::poll_fn;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};

use super::base::{Base, Board};
use super::signal::Signal;
use super::timers::Timers;
use crate::load::LoadError;
use crate::load::crew::Left;
use crate::load::light::post::{Bell, Parcel, Receiving, Room};
use crate::load::light::producer::{Attention, Producer, Who};
use crate::load::light::wire::{Gate, Targets};
use crate::load::reporter::{LoadEnd, Next, Reporter};
use crate::timeline::Clock;

/// Messages taken from the ring before connections get their turn.
const AT_ONCE: usize = 2048;
/// The loop comes round this often whatever happens, so that an order to stop is heard.
const LONGEST_SLEEP_NS: u64 = 100_000_000;

/// All that a shard is given.
#[derive(Debug)]
pub struct Orders {
    /// The clock that all of the run shares.
    pub clock: Clock,
    /// Lets connects through.
    pub gate: Gate,
    /// Its producers, by their numbers in it.
    pub crew: Vec<Who>,
    /// Where they send.
    pub targets: Arc<Targets>,
    /// Jitter and partitions follow from it.
    pub seed: u64,
    /// Where messages come from.
    pub receiving: Receiving,
    /// Its bell.
    pub bell: Arc<Bell>,
    /// The queues of its producers.
    pub rooms: Arc<[Room]>,
    /// What others may read.
    pub board: Arc<Board>,
    /// Whom it reports as, when the trial begins.
    pub reporter: mpsc::Receiver<Reporter>,
    /// When it ends, though no trial may have begun.
    pub end: LoadEnd,
}

/// Serves until the end.
pub fn run(orders: Orders) -> Result<Left, LoadError> {
    let system = |source| LoadError::System { source };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .thread_name("load-names")
        .build()
        .map_err(system)?;
    let local = tokio::task::LocalSet::new();
    let left = local.block_on(&runtime, async { Shard::new(orders).map_err(system)?.serve().await });
    runtime.shutdown_background(); // a name that is being looked up is waited for by nobody
    left
}

struct Shard {
    base: Base,
    producers: Vec<Producer>,
    timers: Timers,
    receiving: Receiving,
    bell: Arc<Bell>,
    signal: Signal,
    alarm: Signal,
    reporter: mpsc::Receiver<Reporter>,
    end: LoadEnd,
}

impl Shard {
    fn new(orders: Orders) -> std::io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let alarm = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let signal = orders.bell.signal().try_clone_to_owned()?;
        let mut timers = Timers::new(orders.crew.len());
        for seat in 0..orders.crew.len() {
            timers.want(seat as u32, 0);
        }
        let Orders { clock, gate, rooms, board, seed, targets, .. } = orders;
        let producer = |who| Producer::new(who, Arc::clone(&targets), seed);
        let producers = orders.crew.into_iter().map(producer).collect();
        Ok(Shard {
            base: Base::new(clock, gate, rooms, board, seed),
            producers,
            timers,
            receiving: orders.receiving,
            bell: orders.bell,
            signal: Signal::new(signal)?,
            alarm: Signal::new(alarm)?,
            reporter: orders.reporter,
            end: orders.end,
        })
    }

    async fn serve(mut self) -> Result<Left, LoadError> {
        loop {
            if self.base.reporter.is_none()
                && let Ok(reporter) = self.reporter.try_recv()
            {
                self.base.report_as(reporter);
            }
            let taken = self.empty_ring();
            let heard = self.hear();
            if self.after_round(taken > 0 || heard) != Next::Round {
                // That tells of each message at once: nothing is left to be waited for.
                self.give_up();
                return Ok(Left { acks: self.base.reporter.map(|it| it.acks), ..Left::default() });
            }
            let now = self.base.clock.now();
            while let Some(seat) = self.timers.take_due(now) {
                let next = self.producers[seat as usize].advance(now, &mut self.base);
                self.timers.want(seat, next.max(now + 1));
            }
            if taken == AT_ONCE || heard {
                // What was just sent goes out before anything else is looked at.
                tokio::task::yield_now().await;
                continue;
            }
            if let Some(reporter) = &mut self.base.reporter {
                reporter.acks.flush();
            }
            self.sleep(now).await;
        }
    }

    fn after_round(&mut self, heard: bool) -> Next {
        match &mut self.base.reporter {
            Some(reporter) => reporter.after_round(heard),
            None if self.end.has_come() => Next::Done,
            None => Next::Round,
        }
    }

    /// What was put into the ring before the end was told is still found.
    fn give_up(&mut self) {
        while self.empty_ring() > 0 {}
        for producer in &mut self.producers {
            producer.give_up(&mut self.base);
        }
    }

    fn empty_ring(&mut self) -> usize {
        let Shard { producers, base, timers, receiving, .. } = self;
        let mut taken = 0;
        let mut take = |parcel: &Parcel<'_>| {
            let seat = parcel.seat;
            if let Attention::At(at) = producers[seat as usize].take(parcel, base) {
                timers.want(seat, at);
            }
        };
        while taken < AT_ONCE && receiving.next(&mut take).is_some() {
            taken += 1;
        }
        taken
    }

    /// True if there was anything to hear.
    fn hear(&mut self) -> bool {
        let (mut told, mut bytes) = {
            let mut inbox = self.base.inbox.borrow_mut();
            (std::mem::take(&mut inbox.told), std::mem::take(&mut inbox.bytes))
        };
        let now = self.base.clock.now();
        let heard = !told.is_empty();
        for (link, told) in told.drain(..) {
            let producer = &mut self.producers[link.producer as usize];
            producer.hear(link.serial, &told, &bytes, now, &mut self.base);
            // What it heard may let it send, at once.
            self.timers.want(link.producer, now);
        }
        // The memory goes back into use; nobody has told anything meanwhile.
        bytes.clear();
        let mut inbox = self.base.inbox.borrow_mut();
        inbox.told = told;
        inbox.bytes = bytes;
        heard
    }

    async fn sleep(&mut self, now: u64) {
        let until = self.timers.next().min(now + LONGEST_SLEEP_NS);
        self.bell.announce(until);
        if self.receiving.is_empty() {
            let it_value = self.base.clock.mono_at(until.max(now + 1));
            let timer = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value };
            // It cannot fail for a time that is one.
            timerfd_settime(self.alarm.descriptor(), TimerfdTimerFlags::ABSTIME, &timer).ok();
            poll_fn(|context| self.poll_awake(context)).await;
        }
        self.bell.awake();
    }

    fn poll_awake(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut awake = self.signal.poll_fired(context);
        awake |= self.alarm.poll_fired(context);
        let mut inbox = self.base.inbox.borrow_mut();
        awake |= !inbox.told.is_empty();
        if awake {
            return Poll::Ready(());
        }
        inbox.waker = Some(context.waker().clone());
        Poll::Pending
    }
}
