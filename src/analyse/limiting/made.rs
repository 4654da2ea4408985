//! Made-up trials, each with one limit put in, all else at random.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

use super::{Kind, Limit};
use crate::analyse::judge;
use crate::record::series::Row;
use crate::record::testing::{DRAIN, MEASURE, Synthetic, WARM_UP, emulated};
use crate::record::{CpuLimit, Latencies, MemberTime, Partitions, TrialRecord};
use crate::units::CreditMode;

/// A made-up trial.
pub(super) struct Made {
    random: Pcg32,
    pub(super) record: TrialRecord,
    pub(super) rows: Vec<Row>,
}

impl Made {
    /// One that does what it is asked for, with room everywhere.
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Pcg32::seed_from_u64(seed);
        let of = Synthetic { due: random.random_range(100..2_000), ..Synthetic::default() };
        let mut record = of.record();
        let instances = random.random_range(1..6_u32);
        record.asked.instances = Some(instances);
        record.asked.partitions = instances * random.random_range(1..4_u32);
        record.asked.producers = Some(random.random_range(1..20));
        let producers = f64::from(record.asked.producers.unwrap());
        record.wire.as_mut().unwrap().under_way_s = Some(random.random_range(6.0..30.0) * producers);
        record.host.as_mut().unwrap().cpu_percent = random.random_range(5.0..90.0);
        record.cluster.as_mut().unwrap().cpu_cores = random.random_range(0.05..1.2);
        record.consumers.as_mut().unwrap().cpu_cores = random.random_range(0.01..0.1);
        let mut made = Made { random, record, rows: Vec::new() };
        made.flows(of.due as f64, 1.0, 1.0);
        let all = made.record.asked.instances.unwrap();
        made.members((0..all).map(|_| false).collect());
        made.spread(None);
        made
    }

    fn share(&mut self, from: f64, to: f64) -> f64 {
        self.random.random_range(from..to)
    }

    /// Rows in which this part of what is due is acked, and this part of that is processed, quarter by quarter more or less.
    fn flows(&mut self, due: f64, acked: f64, processed: f64) {
        let (mut backlog, mut unacked, mut unread) = (0.0, 0.0_f64, 0.0_f64);
        let throttled = self.record.asked.instances.map(|_| 0);
        // What the host waits for may be anybody's.
        let (io, own_io) = (self.share(0.0, 90.0), self.share(0.0, 40.0));
        self.rows = (0..WARM_UP + MEASURE + DRAIN)
            .map(|at| {
                let load = at < WARM_UP + MEASURE;
                let noise = self.random.random_range(0.9..1.1);
                let due = if load { (due * noise).round() } else { 0.0 };
                // No more than there is.
                let acks = (due * acked).round().min(unacked + due);
                unacked += due - acks;
                let done = if load { (acks * processed).round() } else { 0.0 };
                unread += acks - done;
                backlog += due - done;
                let phase = ["warm_up", "measure", "drain"]
                    [usize::from(at >= WARM_UP) + usize::from(at >= WARM_UP + MEASURE)];
                Row {
                    t_s: at as f64 / 4.0,
                    phase: phase.into(),
                    due: due as u64,
                    sent: due as u64,
                    acked: acks as u64,
                    received: Some(done as u64),
                    processed: done as u64,
                    backlog_messages: backlog as u64,
                    unprocessed_messages: Some(unread as u64),
                    produce_throttled_ms: Some(0),
                    fetch_throttled_ms: throttled,
                    host_io_wait_percent: (at % 4 == 3).then(|| io * self.random.random_range(0.5..1.1)),
                    cluster_io_wait_percent: (at % 4 == 3)
                        .then(|| own_io.min(io) * self.random.random_range(0.5..1.2)),
                    ..Row::default()
                }
            })
            .collect();
        let window = WARM_UP as usize..(WARM_UP + MEASURE) as usize;
        self.record.due_in_window = self.rows[window].iter().map(|row| row.due).sum();
    }

    fn due(&self) -> f64 {
        self.record.due_in_window as f64 / MEASURE as f64
    }

    /// What is acked comes too fast for the consumers.
    pub(super) fn reading_behind(&mut self) {
        let (due, part) = (self.due(), self.share(0.2, 0.9));
        self.flows(due, 1.0, part);
    }

    /// The same by so little that no trial is called saturated for it.
    pub(super) fn reading_a_little_behind(&mut self) {
        let due = self.due();
        self.flows(due, 1.0, 0.985);
    }

    /// What is due comes too fast for producers and brokers.
    pub(super) fn sending_behind(&mut self) {
        let (due, part) = (self.due(), self.share(0.2, 0.9));
        self.flows(due, part, 1.0);
    }

    /// Consumers of one thread each, those that always have something to do, and the others; partitions go around.
    pub(super) fn members(&mut self, full: Vec<bool>) {
        let (partitions, all) = (self.record.asked.partitions, full.len() as u32);
        self.record.asked.instances = Some(all);
        self.record.members = (0..)
            .zip(full)
            .map(|(instance, full)| {
                let over_s = self.share(8.0, 10.0);
                let (idle, starved) = if full {
                    (self.share(0.0, 0.02), self.share(0.0, 0.3))
                } else {
                    (self.share(0.1, 0.95), self.share(0.7, 1.0))
                };
                let partitions: Vec<u32> = (0..partitions).filter(|one| one % all == instance).collect();
                let (idle, starved) = if partitions.is_empty() { (1.0, 1.0) } else { (idle, starved) };
                let own = self.share(0.0, 0.4) * (1.0 - idle) * over_s;
                MemberTime {
                    instance,
                    partitions,
                    over_s,
                    idle_s: idle * over_s,
                    starved_s: starved * over_s,
                    wait_s: (1.0 - idle) * over_s - own,
                    ..MemberTime::default()
                }
            })
            .collect();
    }

    /// Those with time left are as busy as their partitions make them, beside the first, which has one more of them and can do no more.
    fn busy_by_count(&mut self) {
        let most = self.record.members[0].partitions.len() as f64;
        for at in 1..self.record.members.len() {
            let own = self.record.members[at].partitions.len() as f64 / most;
            let busy = self.share(own, 1.0_f64.min(1.4 * own).max(own + 0.01)).min(0.97);
            let member = &mut self.record.members[at];
            member.idle_s = (1.0 - busy) * member.over_s;
            member.wait_s = busy * member.over_s;
        }
    }

    fn all_full(&mut self) {
        let all = self.record.asked.instances.unwrap();
        self.members((0..all).map(|_| true).collect());
    }

    /// Of what all consumers are busy with.
    fn busy_with(&mut self, part: fn(&mut MemberTime) -> Option<&mut f64>) {
        let share = self.share(0.6, 1.0);
        let mut own = 0.0;
        for member in &mut self.record.members {
            let busy = member.over_s - member.idle_s;
            (member.wait_s, member.disk_s) = (0.0, 0.0);
            if let Some(part) = part(member) {
                *part = busy * share;
            } else {
                member.wait_s = busy * (1.0 - share);
            }
            own += member.own_s() / member.over_s;
        }
        self.record.consumers.as_mut().unwrap().cpu_cores = own * self.share(0.85, 1.05);
    }

    /// Messages by partition, evenly but for a hot one.
    pub(super) fn spread(&mut self, hot: Option<(usize, f64)>) {
        let count = self.record.asked.partitions as usize;
        let all = self.due() * MEASURE as f64;
        let even = all / count as f64;
        let acked = (0..count).map(|at| {
            let part = match hot {
                Some((hot, share)) if at == hot => all * share,
                Some((_, share)) => all * (1.0 - share) / (count - 1) as f64,
                None => even,
            };
            (part * self.random.random_range(0.95..1.05)) as u64
        });
        let acked_in_window: Vec<u64> = acked.collect();
        self.record.partitions =
            Some(Partitions { acked: acked_in_window.clone(), acked_in_window, ..Partitions::default() });
    }

    fn emulated(&mut self, allowed: f64, used: f64) {
        let mut group =
            emulated("t3.micro", CreditMode::Standard, used, self.record.asked.instances.unwrap());
        for instance in &mut group.instances {
            instance.allowed_vcpus = Some(allowed);
        }
        self.record.emulated = vec![group];
    }

    /// On either side.
    fn behind(&mut self, sending: bool) {
        if sending {
            self.sending_behind();
        } else {
            self.reading_behind();
        }
    }

    /// A trial that this held back.
    pub(super) fn of(kind: Kind, seed: u64) -> Self {
        let mut made = Made::new(seed);
        let other = made.random.random_range(0..2_u32) == 0;
        match kind {
            Kind::Load => {}
            Kind::ConsumersCpu => {
                made.reading_behind();
                made.all_full();
                made.busy_with(|_| None);
                if other {
                    let (allowed, used) = (made.share(1.0, 2.0), made.share(0.9, 1.0));
                    made.emulated(allowed, used);
                }
            }
            Kind::Credits => {
                made.reading_behind();
                made.all_full();
                made.busy_with(|_| None);
                let allowed = made.share(0.19, 0.6);
                let used = allowed * made.share(0.9, 1.02);
                made.emulated(allowed, used);
            }
            Kind::DownstreamWait => {
                made.reading_behind();
                made.all_full();
                made.busy_with(|member| Some(&mut member.wait_s));
            }
            Kind::ConsumersDisk => {
                made.reading_behind();
                made.all_full();
                made.busy_with(|member| Some(&mut member.disk_s));
            }
            Kind::Partitions => {
                made.reading_behind();
                if other {
                    made.record.asked.partitions = made.random.random_range(1..5);
                    let all = made.record.asked.partitions + made.random.random_range(1..4);
                    made.members((0..all).map(|_| true).collect());
                } else {
                    // One more than can be shared out.
                    let all = made.random.random_range(2..6_u32);
                    made.record.asked.partitions = all * made.random.random_range(1..3) + 1;
                    made.members((0..all).map(|one| one == 0).collect());
                    made.busy_by_count();
                }
                made.spread(None);
            }
            Kind::HotPartition => {
                made.reading_behind();
                let all = made.random.random_range(2..6_u32);
                made.record.asked.partitions = all * made.random.random_range(1..3_u32);
                made.members((0..all).map(|one| one == 1).collect());
                let share = (1.7 / f64::from(made.record.asked.partitions)).max(made.share(0.4, 0.95));
                made.spread(Some((1, share)));
            }
            _ => made.held_back_elsewhere(kind, other),
        }
        made
    }

    /// The same of what is no matter of the consumers alone.
    fn held_back_elsewhere(&mut self, kind: Kind, other: bool) {
        let made = self;
        match kind {
            Kind::BrokerCpu => {
                made.behind(other);
                made.record.host.as_mut().unwrap().cpu_percent = made.share(95.5, 100.0);
                made.record.cluster.as_mut().unwrap().cpu_cores = made.share(1.02, 1.8);
            }
            Kind::BrokerDisk => {
                made.behind(other);
                let waited = made.share(65.0, 100.0);
                for row in &mut made.rows {
                    row.cluster_io_wait_percent = row.cluster_io_wait_percent.map(|_| waited);
                    row.host_io_wait_percent = row.cluster_io_wait_percent;
                }
            }
            Kind::Quota => {
                let ms = made.share(300.0, 900.0) as u64;
                if other {
                    made.sending_behind();
                    made.record.wire.as_mut().unwrap().under_way_s = Some(made.share(0.1, 30.0));
                    made.rows.iter_mut().for_each(|row| row.produce_throttled_ms = Some(ms / 4));
                } else {
                    made.reading_behind();
                    made.rows.iter_mut().for_each(|row| row.fetch_throttled_ms = Some(ms / 4));
                }
            }
            Kind::Client => {
                made.sending_behind();
                if other {
                    let producers = f64::from(made.record.asked.producers.unwrap());
                    let under_way = made.share(0.01, 0.45) * 10.0 * producers;
                    made.record.wire.as_mut().unwrap().under_way_s = Some(under_way);
                } else {
                    made.record.load_busiest_thread_cores = Some(made.share(0.91, 1.0));
                }
            }
            Kind::Memory => {
                if other {
                    made.reading_behind();
                }
                made.emulated(2.0, 0.3);
                made.record.oom_kills = 1;
                let killed = &mut made.record.emulated[0].instances[0];
                (killed.oom_kills, killed.memory_max_mib) = (1, Some(1_023.9));
            }
            Kind::Host => {
                made.behind(other);
                if made.random.random_range(0..2_u32) == 0 {
                    made.record.host.as_mut().unwrap().cpu_percent = made.share(95.5, 100.0);
                    made.record.cluster.as_mut().unwrap().cpu_cores = made.share(0.3, 0.9);
                } else {
                    made.record.host.as_mut().unwrap().limit = Some(CpuLimit {
                        cores: 1.0,
                        periods: 100,
                        throttled_periods: 90,
                        throttled_s: made.random.random_range(0.5..9.0),
                        over_s: 10.0,
                    });
                }
            }
            _ => {}
        }
    }

    pub(super) fn limit(&self) -> Limit {
        judge(&self.record, &self.rows, &Latencies::new()).limit.unwrap()
    }
}
