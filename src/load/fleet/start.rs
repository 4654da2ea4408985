//! Starts a fleet's threads: who sends, who takes reports, who keeps the acks.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use super::Fleet;
use crate::books::{BySecond, Shelves as _};
use crate::load::asked::ClientSpec;
use crate::load::crew::Crew;
use crate::load::hand_over::Scribe;
use crate::load::heavy::{self, AloneClients, HeavyClients};
use crate::load::keepers::Keepers;
use crate::load::message::Messages;
use crate::load::mixed::AllClients;
use crate::load::schedule::{DueTimes, Pacer};
use crate::load::send::{BURST, Lane, Refusals, Saturator, Sender, Sent, Waiting, WaitingLine};
use crate::load::tally::{Acks, LoadCounts};
use crate::load::{LoadError, pacing, threads};
use crate::record::Spool;
use crate::shape::Course;
use crate::timeline::{Clock, QUARTER_NS, quarter_of, second_of};
use crate::units::Latency;

/// How often a thread that has nothing left to do looks whether it may go.
const LOOK: Duration = Duration::from_millis(2);
/// Lines longer than this grow when they must.
const LINE: f64 = 1e6;

/// When a trial sends, and the seconds in which its messages are due.
struct Times<'a> {
    scribe: &'a Scribe,
    clock: Clock,
    zero: u64,
    window: u64,
    end_ns: u64,
    first: u64,
    seconds: usize,
}

impl Times<'_> {
    fn by_second(&self, latency: Latency) -> BySecond {
        BySecond::with_seconds(self.first, self.seconds).onto(self.scribe.shelf(latency))
    }
}

impl Fleet {
    /// Sends what is due from `zero` (Unix ns) to the window's end; counters reach `tail` further. Latencies go to `spool` as their seconds pass.
    pub fn start(
        &mut self,
        clock: Clock,
        zero: u64,
        window: Range<u64>,
        tail_ns: u64,
        spool: Spool,
    ) -> Result<(), LoadError> {
        let end_ns = window.end - zero;
        let quarters = (end_ns + tail_ns).div_ceil(QUARTER_NS) as usize + 1;
        let seconds = (second_of(zero + end_ns) - second_of(zero) + 1) as usize;
        let scribe = Scribe::start(spool.clone())?;
        let times = Times {
            scribe: &scribe,
            clock,
            zero,
            window: window.start,
            end_ns,
            first: second_of(zero),
            seconds,
        };
        let counts =
            LoadCounts::new(quarter_of(zero), quarters).of_producers(self.spec.clients.len(), window);
        let mut crew = Crew::new(LoadCounts { transactions: self.transactions.clone(), ..counts });
        let load = self.spec.load.clone();
        pacing::within(&load, || match self.spec.volume.course(end_ns as f64 / 1e9) {
            Some(course) => self.start_paced(&mut crew, &times, &Arc::new(course)),
            None => self.start_saturating(&mut crew, &times),
        })??;
        self.running = Some(crew);
        self.kept = Some((scribe, spool));
        Ok(())
    }

    fn start_paced(
        &mut self,
        crew: &mut Crew,
        times: &Times<'_>,
        course: &Arc<Course>,
    ) -> Result<(), LoadError> {
        self.keepers = Keepers::start(&self.spec.clients, &self.producers, &crew.counts, self.spec.seed)?;
        if !self.producers.is_empty() {
            let acks = self.acks(crew, times, true)?;
            let (producers, halt) = (self.producers.clone(), Arc::clone(&crew.stop));
            let pipe = self.pipe.try_clone().map_err(|source| LoadError::System { source })?;
            crew.take_reports("load-acks", move || {
                (heavy::run(acks, &producers, &pipe, &halt), Refusals::default())
            })?;
        }
        if let Some(light) = &self.light {
            light.start(|| self.acks(crew, times, true))?;
        }
        let messages = self.messages(1);
        let heavy = HeavyClients(self.producers.clone());
        let clients = match self.light_clients.take() {
            None => AllClients::Heavy(heavy),
            Some(light) => AllClients::Mixed(self.places.clone(), heavy, light),
        };
        let sender = Sender {
            clock: times.clock,
            zero: times.zero,
            trial: self.spec.trial,
            pacer: Pacer::new(self.schedules(course), times.end_ns),
            waiting: Waiting::for_rate(course.peak() * self.spec.arrivals.crowding()),
            lanes: self.lanes(course),
            in_line: 0,
            clients,
            messages,
            counts: Arc::clone(&crew.counts),
            end_schedule: Arc::clone(&crew.end_schedule),
            give_up: Arc::clone(&crew.give_up),
            sent: Sent {
                send_delay: times.by_second(Latency::SendDelay),
                accept_delay: times.by_second(Latency::AcceptDelay),
                refusals: Refusals::default(),
            },
        };
        let load = self.spec.load.clone();
        crew.send(move || (pacing::ask(&load), sender.run()))
    }

    /// Threads that send and take their own reports, each for some of the producers; light ones have others to report to. All are of one kind: there is
    /// but one fleet.
    fn start_saturating(&mut self, crew: &mut Crew, times: &Times<'_>) -> Result<(), LoadError> {
        if let Some(light) = &self.light {
            light.start(|| self.acks(crew, times, false))?;
        }
        if let Some(clients) = self.light_clients.take() {
            let (none, stop) = (self.acks(crew, times, false)?, Arc::clone(&crew.stop));
            let saturator = self.saturator(crew, times, 0..self.places.len(), clients);
            let sending = crew.one_more();
            return crew.take_reports("load-sender", move || {
                let (refusals, _) = saturator.run();
                drop(sending);
                // A thread that is gone has no CPU time to read.
                while !stop.load(Relaxed) {
                    std::thread::sleep(LOOK);
                }
                (none, refusals)
            });
        }
        for group in threads::groups(self.producers.len()) {
            let acks = self.acks(crew, times, false)?;
            let (producers, largest) =
                (&self.producers[group.clone()], self.spec.message.size.largest() as usize);
            let clients = AloneClients::new(producers, largest, acks);
            let saturator = self.saturator(crew, times, group, clients);
            let (sending, stop) = (crew.one_more(), Arc::clone(&crew.stop));
            crew.take_reports("load-sender", move || {
                let (refusals, clients) = saturator.run();
                drop(sending);
                (clients.see_off(&stop), refusals)
            })?;
        }
        Ok(())
    }

    /// Those that were made when the fleet was opened.
    fn messages(&mut self, at_once: usize) -> Messages {
        let made = self.messages.pop();
        made.unwrap_or_else(|| Messages::new(&self.spec.message, self.spec.seed, at_once))
    }

    fn saturator<C>(
        &mut self,
        crew: &Crew,
        times: &Times<'_>,
        group: Range<usize>,
        clients: C,
    ) -> Saturator<C> {
        Saturator {
            clock: times.clock,
            zero: times.zero,
            end: times.zero + times.end_ns,
            trial: self.spec.trial,
            first: group.start as u32,
            sequences: vec![0; group.len()],
            clients,
            partition: self.spec.clients[group.start].partition,
            messages: self.messages(BURST),
            counts: Arc::clone(&crew.counts),
            end_schedule: Arc::clone(&crew.end_schedule),
            refusals: Refusals::default(),
        }
    }

    fn acks(&self, crew: &mut Crew, times: &Times<'_>, from_due: bool) -> Result<Acks, LoadError> {
        let channels = crew.keep_ledger(Arc::clone(&self.ledger), self.spec.with_dues)?;
        let latencies =
            (from_due.then(|| times.by_second(Latency::Ack)), times.by_second(Latency::AckService));
        let load = times.zero..times.zero + times.end_ns;
        let what = (self.spec.with_dues, load);
        let acks = Acks::new(times.clock, Arc::clone(&crew.counts), latencies, channels, what);
        Ok(acks.with_window(times.window))
    }

    fn schedules(&self, course: &Arc<Course>) -> Vec<DueTimes> {
        let schedule = |(producer, client): (usize, &ClientSpec)| {
            DueTimes::new(self.spec.arrivals, course, client.share, self.spec.seed, producer as u32)
        };
        self.spec.clients.iter().enumerate().map(schedule).collect()
    }

    fn lanes(&self, course: &Course) -> Vec<Lane> {
        let lane = |client: &ClientSpec| {
            let longest_s = course.end().min(client.delivery_timeout_ns as f64 / 1e9);
            let most = (course.peak() * longest_s).min(course.total()) * client.share;
            Lane {
                delivery_timeout_ns: client.delivery_timeout_ns,
                line: WaitingLine::with_capacity(most.min(LINE) as usize + 1),
                sequence: 0,
                partition: client.partition,
            }
        };
        self.spec.clients.iter().map(lane).collect()
    }
}
