//! Made-up trials of known numbers, for the tests of all rooms that read records.

mod manifest;

pub use manifest::{looked_again, manifest, prices, search, slo};

use std::collections::BTreeMap;

use super::series::Row;
use super::*;
use crate::books::Books;
use crate::catalogue::find;
use crate::units::{CreditMode, Latency};

/// A trial of 2 s warm-up, 10 s window and 5 s drain in which things happen at even rates.
#[derive(Clone, Debug)]
pub struct Synthetic {
    pub order: u32,
    pub repetition: u32,
    pub treatment: String,
    pub levels: Vec<(String, String)>,
    pub end: End,
    /// Due each quarter second, until the window's end.
    pub due: u64,
    /// Of these, refused.
    pub refused: u64,
    /// Processed each quarter second of warm-up and window.
    pub processed: u64,
    /// Backlog that is there at time 0.
    pub backlog: u64,
    /// Whether consumers are there.
    pub consumers: bool,
    /// End-to-end latency of all that was processed, in ns.
    pub latency_ns: u64,
    /// Whether the clients' queues decided how much was sent.
    pub max: bool,
}

impl Default for Synthetic {
    fn default() -> Self {
        Synthetic {
            order: 1,
            repetition: 1,
            treatment: "a".to_owned(),
            levels: vec![("topic.partitions".to_owned(), "a".to_owned())],
            end: End::Completed,
            due: 250,
            refused: 0,
            processed: 250,
            backlog: 0,
            consumers: true,
            latency_ns: 4_000_000,
            max: false,
        }
    }
}

pub const WARM_UP: u64 = 8;
pub const MEASURE: u64 = 40;
pub const DRAIN: u64 = 20;

impl Synthetic {
    pub fn planned(order: u32, repetition: u32) -> PlanRow {
        PlanRow { order, block: repetition, treatment: "a".to_owned(), repetition: 1, seed: 7 }
    }

    fn asked(&self) -> Asked {
        Asked {
            rate_msgs_per_s: (!self.max).then_some(self.due as f64 * 4.0),
            message_bytes: 1024,
            sizes_drawn: false,
            replication: Some(1),
            partitions: 4,
            instances: self.consumers.then_some(2),
            threads: self.consumers.then_some(1),
            producers: Some(1),
            clients: BTreeMap::new(),
            transaction_s: None,
            warm_up_s: 2.0,
            measure_s: 10.0,
            drain_s: 5.0,
            in_time_ms: None,
        }
    }

    pub fn record(&self) -> TrialRecord {
        let due = self.due * (WARM_UP + MEASURE);
        let refused = self.refused * (WARM_UP + MEASURE);
        let (sent, processed) = (due - refused, self.done());
        let with = |value: u64| self.consumers.then_some(value);
        TrialRecord {
            format: FORMAT,
            trial: trial_name(self.order, &self.treatment, self.repetition),
            order: self.order,
            block: self.repetition,
            repetition: self.repetition,
            treatment: self.treatment.clone(),
            levels: self.levels.clone(),
            baseline: false,
            seed: 7,
            started: "2026-11-22T23:17:45Z".to_owned(),
            settle_s: Some(0.25),
            topic: String::new(),
            topics: Vec::new(),
            group: None,
            end: self.end.clone(),
            messages: None,
            asked: self.asked(),
            backlog: None,
            emulated: Vec::new(),
            spent_s: BTreeMap::from([("ready".to_owned(), 1.5)]),
            books: Some(Books {
                due,
                sent,
                refused,
                acked: sent,
                failed: 0,
                in_flight: 0,
                received: with(processed),
                received_unacked: with(0),
                duplicates: with(0),
                out_of_order: with(0),
                unread: with(sent - processed),
                lost: with(0),
                aborted: 0,
                received_aborted: with(0),
                foreign: None,
            }),
            due_in_window: self.due * MEASURE,
            out_of_range: 0,
            negative: 0,
            unattributed_redeliveries: 0,
            host: Some(HostUse { cpu_percent: 50.0, steal_percent: 0.0, cores: 2, limit: None }),
            consumers: self.consumers.then_some(ProcessUse {
                cpu_cores: 0.5,
                rss_max_mib: 32.0,
                context_switches_per_s: 100.0,
            }),
            cluster: Some(ProcessUse { cpu_cores: 0.25, rss_max_mib: 400.0, context_switches_per_s: 100.0 }),
            load_cpu_cores: Some(0.25),
            load_busiest_thread_cores: Some(0.25),
            load_run_delay: Some(0.0),
            load_wait_ms: Some(0.02),
            load_rss_max_mib: Some(20.0),
            clock_step_ms: Some(0.0),
            pacing: None,
            wire: Some(WireUse {
                seconds: 10.0,
                requests: 500,
                batches: 500,
                records: 10_000,
                records_squared: None,
                largest_batch: None,
                bytes: 20 << 20,
                under_way_s: Some(1.5),
            }),
            fetched: self.consumers.then_some(Fetched { seconds: 10.0, bytes: f64::from(40 << 20) }),
            rebalances: 0,
            deaths: 0,
            silences: Vec::new(),
            members: Vec::new(),
            followed: None,
            oom_kills: 0,
            broker_errors: BTreeMap::new(),
            failures: BTreeMap::new(),
            watched_s: Some((WARM_UP + MEASURE + DRAIN) as f64 / 4.0),
            partitions: None,
            fairness: None,
            injected: Vec::new(),
            network: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// The same trial read by two groups, `orders` as it is and `audit` that processes so many each quarter second.
    pub fn with_audit(&self, processed: u64) -> (TrialRecord, GroupTrace) {
        let other = Synthetic { processed, ..self.clone() };
        let group = |name: &str, of: &Synthetic| {
            let record = of.record();
            GroupRecord {
                group: name.to_owned(),
                full_name: format!("{name}-topic"),
                instances: 2,
                threads: 1,
                books: record.books,
                out_of_range: 0,
                negative: 0,
                unattributed_redeliveries: 0,
                consumers: record.consumers,
                rebalances: 0,
                deaths: 0,
                silences: Vec::new(),
                members: Vec::new(),
                followed: None,
                processed_before: None,
                gone: None,
                lag_end: Some(vec![0, processed]),
                lag_unknown: 0,
                lag_max: None,
            }
        };
        let mut record = self.record();
        record.groups = vec![group("orders", self), group("audit", &other)];
        let mut latencies = Latencies::new();
        for (second, latency, histogram) in other.latencies().iter() {
            if latency.is_of_consumers() {
                latencies.add_sparse(second, latency, histogram.clone());
            }
        }
        (
            record,
            GroupTrace { group: "audit".to_owned(), rows: other.rows().into_iter().collect(), latencies },
        )
    }

    /// Processed in all: never more than was sent.
    fn done(&self) -> u64 {
        self.taken() * (WARM_UP + MEASURE)
    }

    fn taken(&self) -> u64 {
        self.processed.min(self.due - self.refused)
    }

    /// Up to the end of the drain, in which nothing is processed.
    pub fn rows(&self) -> Vec<Row> {
        let mut backlog = self.backlog;
        (0..WARM_UP + MEASURE + DRAIN)
            .map(|at| {
                let load = at < WARM_UP + MEASURE;
                let if_load = |count: u64| if load { count } else { 0 };
                let (due, processed) = (if_load(self.due), if_load(self.processed));
                backlog = (backlog + due - if_load(self.refused)).saturating_sub(processed);
                let phase = match at {
                    at if at < WARM_UP => "warm_up",
                    at if at < WARM_UP + MEASURE => "measure",
                    _ => "drain",
                };
                Row {
                    t_s: at as f64 / 4.0,
                    phase: phase.into(),
                    due,
                    sent: due - if_load(self.refused),
                    refused: if_load(self.refused),
                    acked: due - if_load(self.refused),
                    received: Some(processed),
                    processed,
                    backlog_messages: backlog,
                    unprocessed_messages: self.consumers.then_some(backlog),
                    lag_messages: (self.consumers && at % 2 == 1).then_some(backlog + 10),
                    time_lag_ms: (self.consumers && at % 2 == 1).then_some(12.5),
                    ..Row::default()
                }
            })
            .collect()
    }

    /// Each second of due has as many values as were processed in a second.
    pub fn latencies(&self) -> Latencies {
        let mut all = Latencies::new();
        for second in -2..10 {
            let of = |value: u64, per_quarter: u64| {
                let mut histogram = empty_histogram();
                histogram.record_n(value, per_quarter * 4).unwrap();
                histogram
            };
            all.add(second, Latency::SendDelay, &of(2_000, self.due));
            all.add(second, Latency::AcceptDelay, &of(1_000, self.due - self.refused));
            all.add(second, Latency::Ack, &of(2_000_000, self.due - self.refused));
            if self.consumers {
                all.add(second, Latency::Receive, &of(self.latency_ns / 2, self.taken()));
                all.add(second, Latency::EndToEnd, &of(self.latency_ns, self.taken()));
            }
        }
        all
    }
}

/// Instances of a type of the catalogue that were up for the whole window and used so much of two vCPUs.
pub fn emulated(name: &str, mode: CreditMode, used_vcpus: f64, instances: u32) -> EmulatedGroup {
    let instance_type = find(name).unwrap().clone();
    let burstable = instance_type.credits.is_some();
    let instance = |instance| EmulatedInstance {
        instance,
        up_s: Some(20.0),
        window_up_s: 10.0,
        used_vcpus: Some(used_vcpus),
        allowed_vcpus: Some(2.0),
        surplus_credits: Some(108.0),
        charged_credits: Some(0.0),
        ..EmulatedInstance::default()
    };
    EmulatedGroup {
        group: "g".to_owned(),
        instance_type,
        credit_mode: burstable.then_some(mode),
        credit_start: burstable.then(|| "cold".to_owned()),
        time_scale: 1,
        vcpu_percent: 10.0,
        enforced_by: "work".to_owned(),
        period_us: None,
        refused: 0,
        instances: (0..instances).map(instance).collect(),
    }
}

/// A thousand messages that were written before, of which no more is known.
pub fn backlog() -> Backlog {
    Backlog {
        messages: 1_000,
        span_s: 10.0,
        written_s: 0.5,
        started_s: -2.0,
        ages: None,
        processed_before: None,
        gone: None,
    }
}
