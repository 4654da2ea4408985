//! Starts a fleet's threads: who sends, who takes reports, who keeps the acks.

use std::ops::Range;
use std::sync::Arc;

use super::Fleet;
use crate::books::{BySecond, Shelves as _};
use crate::load::asked::{ClientSpec, LoadSpec};
use crate::load::crew::{Crew, Left};
use crate::load::hand_over::Scribe;
use crate::load::heavy::{self, AloneClients, HeavyClients};
use crate::load::keepers::Keepers;
use crate::load::message::Messages;
use crate::load::mixed::AllClients;
use crate::load::reporter::Reporter;
use crate::load::schedule::{DueTimes, Pacer};
use crate::load::send::{BURST, Lane, Refusals, Saturator, Sender, Sent, Waiting, WaitingLine};
use crate::load::tally::{AckLatencies, Acks, LiveAcks, LoadCounts};
use crate::load::{LoadError, pacing, threads};
use crate::record::Spool;
use crate::shape::Course;
use crate::timeline::{Clock, QUARTER_NS, quarter_of, second_of};
use crate::units::Latency;

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
        let live_acks = (!self.spec.with_dues).then(|| LiveAcks::new(&window));
        let counts =
            LoadCounts::new(quarter_of(zero), quarters).of_producers(self.spec.clients.len(), window);
        let mut crew = Crew::new(
            LoadCounts { transactions: self.transactions.clone(), live_acks, ..counts },
            self.end.clone(),
        );
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
            let reporter = self.reporter(crew, times, true)?;
            let producers = self.producers.clone();
            let pipe = self.pipe.try_clone().map_err(|source| LoadError::System { source })?;
            crew.report("load-acks", move || {
                let acks = heavy::run(reporter, &producers, &pipe);
                Left { acks: Some(acks), ..Left::default() }
            })?;
        }
        self.start_light(crew, times, true)?;
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
            most_in_line: self.most_waiting,
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
        crew.send(move || Left { sent: Some((pacing::ask(&load), sender.run())), ..Left::default() })
    }

    /// Threads that send and take their own reports, each for some of the producers; light ones have others to report to. All are of one kind: there is
    /// but one fleet.
    fn start_saturating(&mut self, crew: &mut Crew, times: &Times<'_>) -> Result<(), LoadError> {
        self.start_light(crew, times, false)?;
        if let Some(clients) = self.light_clients.take() {
            let saturator = self.saturator(crew, times, 0..self.places.len(), clients);
            return crew.send(move || Left { refusals: saturator.run().0, ..Left::default() });
        }
        for group in threads::groups(self.producers.len()) {
            let reporter = self.reporter(crew, times, false)?;
            let (producers, largest) =
                (&self.producers[group.clone()], self.spec.message.size.largest() as usize);
            let clients = AloneClients::new(producers, largest, self.spec.message.is_made(), reporter);
            let saturator = self.saturator(crew, times, group, clients);
            let sending = crew.one_more();
            crew.report("load-sender", move || {
                let (refusals, clients) = saturator.run();
                drop(sending);
                Left { acks: Some(clients.see_off()), refusals, ..Left::default() }
            })?;
        }
        Ok(())
    }

    /// Light producers' threads run since the fleet was opened: they report from now on.
    fn start_light(&mut self, crew: &mut Crew, times: &Times<'_>, from_due: bool) -> Result<(), LoadError> {
        let Some(mut light) = self.light.take() else { return Ok(()) };
        let started = light.start(|| self.reporter(crew, times, from_due));
        self.light = Some(light);
        crew.take_on(started?);
        Ok(())
    }

    /// Those that were made when the fleet was opened.
    fn messages(&mut self, at_once: usize) -> Messages {
        let made = self.messages.pop();
        let LoadSpec { message, shares, seed, .. } = &self.spec;
        made.unwrap_or_else(|| Messages::new(message, shares, *seed, at_once))
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
            sequences: group.clone().map(|producer| self.sequence_of(producer)).collect(),
            clients,
            partition: self.spec.clients[group.start].partition,
            messages: self.messages(BURST),
            counts: Arc::clone(&crew.counts),
            end_schedule: Arc::clone(&crew.end_schedule),
            refusals: Refusals::default(),
        }
    }

    fn reporter(&self, crew: &mut Crew, times: &Times<'_>, from_due: bool) -> Result<Reporter, LoadError> {
        let ledger = crew.keep_ledger(Arc::clone(&self.ledger), self.spec.with_dues)?;
        let latencies = AckLatencies {
            from_due: from_due.then(|| times.by_second(Latency::Ack)),
            service: times.by_second(Latency::AckService),
        };
        let load = times.zero..times.zero + times.end_ns;
        let acks = Acks::new(times.clock, Arc::clone(&crew.counts), latencies, ledger, load);
        Ok(Reporter::new(acks.with_window(times.window), crew.end.clone()))
    }

    fn schedules(&self, course: &Arc<Course>) -> Vec<DueTimes> {
        let schedule = |(producer, client): (usize, &ClientSpec)| {
            DueTimes::new(self.spec.arrivals, course, client.share, self.spec.seed, producer as u32)
        };
        self.spec.clients.iter().enumerate().map(schedule).collect()
    }

    fn lanes(&self, course: &Course) -> Vec<Lane> {
        let lane = |(producer, client): (usize, &ClientSpec)| {
            let longest_s = course.end().min(client.delivery_timeout_ns as f64 / 1e9);
            let most = (course.peak() * longest_s).min(course.total()) * client.share;
            Lane {
                delivery_timeout_ns: client.delivery_timeout_ns,
                line: WaitingLine::with_capacity(most.min(LINE) as usize + 1),
                sequence: self.sequence_of(producer),
                partition: client.partition,
            }
        };
        self.spec.clients.iter().enumerate().map(lane).collect()
    }
}
