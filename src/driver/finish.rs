//! From what was seen of a trial to its record.

use std::collections::BTreeMap;

use super::compose::{Consumed, Times, WindowUse, books, rows, window_use};
use super::trial::{DIED, Raw};
use super::{Finished, World};
use crate::consumers::Gathered;
use crate::load::Wire;
use crate::plan::{Plan, PlannedTrial, Treatment};
use crate::record::{Asked, End, Event, FORMAT, Latencies, TrialRecord, WireUse};
use crate::timeline::SECOND_NS;
use crate::units::Latency;

/// What librdkafka calls a message whose time was up.
const TIMED_OUT: &str = "_MSG_TIMED_OUT";

/// Adds everything up. `what` is the trial's name, when it started, and how long it waited for its predecessor's traces.
pub fn finish(
    plan: &Plan,
    planned: &PlannedTrial,
    what: (&str, String, Option<f64>),
    raw: &Raw,
    world: &World,
) -> Finished {
    let (name, started, settle_s) = what;
    let treatment = &plan.treatments[planned.treatment];
    let zero = raw.times.map_or_else(|| world.clock.now(), |times| times.zero);
    let mut record = TrialRecord {
        format: FORMAT,
        trial: name.to_owned(),
        order: planned.order,
        block: planned.block,
        repetition: planned.repetition,
        treatment: treatment.slug.clone(),
        levels: plan.factors.iter().cloned().zip(treatment.levels.iter().cloned()).collect(),
        seed: planned.seed,
        started,
        settle_s,
        topic: raw.topic.clone(),
        group: raw.group.clone(),
        end: end(raw),
        asked: asked(treatment),
        spent_s: raw.spent_s.clone(),
        books: None,
        due_in_window: 0,
        out_of_range: 0,
        negative: 0,
        unattributed_redeliveries: 0,
        host: None,
        consumers: None,
        cluster: None,
        load_cpu_cores: None,
        load_busiest_thread_cores: None,
        load_run_delay: None,
        clock_step_ms: None,
        pacing: None,
        wire: wire_use(raw.wire),
        rebalances: 0,
        deaths: 0,
        broker_errors: BTreeMap::new(),
        failures: BTreeMap::new(),
        watched_s: None,
    };
    let (mut series, mut latencies) = (Vec::new(), Latencies::new());
    if let (Some(times), Some(loaded)) = (&raw.times, &raw.loaded) {
        let commits = raw.commits.as_deref();
        let consumed = raw.gathered.as_ref().zip(commits).map(|(gathered, commits)| Consumed {
            gathered,
            canaries: &raw.canaries,
            commits,
        });
        record.pacing.clone_from(&loaded.pacing);
        record.books = Some(books(loaded, consumed));
        record.broker_errors = with_failures(&loaded.errors, &loaded.failures);
        record.failures.clone_from(&loaded.failures);
        record.watched_s = Some((times.watched - times.zero) as f64 / 1e9);
        series = rows(times, &loaded.counts, raw.gathered.as_ref(), &raw.seen);
        latencies = by_second(times, raw, &mut record);
        record.due_in_window = series.iter().filter(|row| row.phase == "measure").map(|row| row.due).sum();
        put_use(&mut record, window_use(times.window, &raw.seen.readings));
    }
    if let (Some(times), Some(gathered)) = (&raw.times, &raw.gathered) {
        record.negative = gathered.negative();
        record.unattributed_redeliveries = gathered.unattributed_redeliveries();
        // From the moment the group was ready: what happens to it in the run-up happens to the window too.
        let load = raw.ready_ns.unwrap_or(times.zero)..times.window.1;
        record.rebalances = gathered.moves(&load) as u32;
        record.deaths =
            raw.events.iter().filter(|(at, kind, _)| kind == DIED && load.contains(at)).count() as u32;
        for (_, error) in gathered.errors().iter().filter(|(at, _)| load.contains(at)) {
            *record.broker_errors.entry(error.clone()).or_default() += 1;
        }
    }
    let settings = &treatment.settings;
    record.broker_errors = redacted(record.broker_errors, |text| world.redacted(text, settings));
    let mut events = events(raw, zero);
    for event in &mut events {
        event.text = world.redacted(&event.text, settings);
    }
    Finished { record, rows: series, latencies, events }
}

/// Errors that concern no single message, and those that messages failed of; that a client's own patience ended is no broker's error.
fn with_failures(errors: &BTreeMap<String, u64>, failures: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let mut all = errors.clone();
    for (error, count) in failures.iter().filter(|(error, _)| *error != TIMED_OUT) {
        *all.entry(error.clone()).or_default() += count;
    }
    all
}

fn redacted(errors: BTreeMap<String, u64>, redact: impl Fn(&str) -> String) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for (error, count) in errors {
        *all.entry(redact(&error)).or_default() += count;
    }
    all
}

/// What happened, in the order of time, rebalances and errors of consumers included.
fn events(raw: &Raw, zero: u64) -> Vec<Event> {
    let rebalances = raw.gathered.iter().flat_map(Gathered::rebalances).map(|one| {
        let came = if one.came { "came to" } else { "went from" };
        let text = format!(
            "partitions {:?} {came} instance {}, thread {}",
            one.partitions, one.instance, one.thread
        );
        (one.at_ns, "rebalance".to_owned(), text)
    });
    let errors = raw.gathered.iter().flat_map(Gathered::errors);
    let errors = errors.map(|(at, error)| (*at, "consumer_error".to_owned(), error.clone()));
    let mut all: Vec<_> = raw.events.iter().cloned().chain(rebalances).chain(errors).collect();
    all.sort_by_key(|(at, ..)| *at);
    let event = |(at, kind, text): (u64, String, String)| {
        let t_s = (at as i64 - zero as i64) as f64 / 1e9;
        Event { t_s, kind, text, details: BTreeMap::new() }
    };
    all.into_iter().map(event).collect()
}

fn end(raw: &Raw) -> End {
    match (&raw.failure, raw.interrupted) {
        (_, true) => End::Interrupted,
        (Some(reason), false) => End::Failed(reason.clone()),
        (None, false) => End::Completed,
    }
}

fn asked(treatment: &Treatment) -> Asked {
    let settings = &treatment.settings;
    let (consumers, fleets) = (settings.consumers.as_ref(), &settings.workload.fleets);
    Asked {
        rate_msgs_per_s: treatment.window_rate(),
        message_bytes: settings.workload.message.size.mean().round() as u64,
        partitions: settings.topic.partitions,
        instances: consumers.map(|consumers| consumers.instances),
        threads: consumers.map(|consumers| consumers.threads),
        clients: fleets.iter().map(|fleet| (fleet.name.clone(), fleet.client.name().to_owned())).collect(),
        warm_up_s: settings.phases.warm_up.as_secs_f64(),
        measure_s: settings.phases.measure.as_secs_f64(),
        drain_s: settings.phases.drain.as_secs_f64(),
    }
}

/// All histograms, by seconds since the start of the window, which lies on a whole second.
fn by_second(times: &Times, raw: &Raw, record: &mut TrialRecord) -> Latencies {
    let mut latencies = Latencies::new();
    let start = (times.window.0 / SECOND_NS) as i64;
    let mut add = |latency: Latency, seconds: &crate::books::BySecond| {
        record.out_of_range += seconds.out_of_range();
        for (second, histogram) in seconds.iter() {
            latencies.add(second as i64 - start, latency, histogram);
        }
    };
    for (latency, seconds) in raw.loaded.iter().flat_map(|loaded| &loaded.latencies) {
        add(*latency, seconds);
    }
    // At `rate: max` a message is due when it is sent: what counts from due would look like a latency and be a service time.
    let from_due = record.asked.rate_msgs_per_s.is_some();
    let consumed = raw.gathered.iter().flat_map(Gathered::latencies);
    for (latency, seconds) in consumed.filter(|(latency, _)| from_due || !Latency::COLUMNS.contains(latency))
    {
        add(*latency, seconds);
    }
    // What instances and histograms that could not be read add to that.
    let elsewhere = raw.gathered.as_ref().map_or(0, Gathered::out_of_range_elsewhere);
    record.out_of_range += elsewhere;
    latencies
}

/// What went over the wire between two readings.
fn wire_use(readings: [Option<(u64, Wire)>; 2]) -> Option<WireUse> {
    let [Some((from, before)), Some((to, after))] = readings else { return None };
    let since = |of: fn(&Wire) -> u64| of(&after).saturating_sub(of(&before));
    (to > from).then(|| WireUse {
        seconds: (to - from) as f64 / 1e9,
        requests: since(|wire| wire.requests),
        batches: since(|wire| wire.batches),
        records: since(|wire| wire.records),
        bytes: since(|wire| wire.bytes),
    })
}

fn put_use(record: &mut TrialRecord, used: WindowUse) {
    record.host = used.host;
    record.consumers = used.consumers;
    record.cluster = used.cluster;
    record.load_cpu_cores = used.load_cpu_cores;
    record.load_busiest_thread_cores = used.load_busiest_thread_cores;
    record.load_run_delay = used.load_run_delay;
    record.clock_step_ms = used.clock_step_ms;
}
