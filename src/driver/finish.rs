//! From what was seen of a trial to its record.

use std::collections::BTreeMap;
use std::ops::Range;

use super::compose::{WindowUse, books, is_blind, window_use, wire_use};
use super::emulate::{self, OOM_KILL};
use super::group::RawGroup;
use super::raw::Raw;
use super::rows::rows;
use super::times::Times;
use super::trial::BROKER_DIED;
use super::{Finished, World};
use crate::books::{Fairness, Kinds, fairness};
use crate::load::{Loaded, ProducerCounts};
use crate::plan::{Plan, PlannedTrial, Treatment};
use crate::record::{
    Asked, EmulatedGroup, End, FORMAT, GroupRecord, Partitions, ProducerRow, Scrolled, Silence, TrialRecord,
};
use crate::spec::Size;

/// What librdkafka calls a message whose time was up.
const TIMED_OUT: &str = "_MSG_TIMED_OUT";

/// Adds everything up. `what` is the trial's name, when it started, and how long it waited for its predecessor's traces.
pub fn finish(
    plan: &Plan,
    planned: &PlannedTrial,
    what: (&str, String, Option<f64>),
    raw: &Raw,
    world: &World,
) -> Result<Finished, String> {
    let (name, started, settle_s) = what;
    let treatment = &plan.treatments[planned.treatment];
    let emulated = raw.groups.iter().filter_map(|group| emulated(group, raw.times.as_ref()));
    let record = TrialRecord {
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
        group: None,
        end: end(raw),
        asked: asked(treatment),
        emulated: emulated.collect::<Result<_, _>>()?,
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
        load_wait_ms: None,
        load_rss_max_mib: None,
        clock_step_ms: None,
        pacing: None,
        wire: wire_use(raw.wire),
        rebalances: 0,
        deaths: 0,
        silences: Vec::new(),
        oom_kills: raw.events.iter().filter(|(_, kind, _)| kind == OOM_KILL).count() as u32,
        broker_errors: BTreeMap::new(),
        failures: BTreeMap::new(),
        watched_s: None,
        partitions: None,
        fairness: None,
        groups: Vec::new(),
    };
    let mut finished = Finished { record, producers: Vec::new() };
    if let (Some(times), Some(loaded)) = (&raw.times, &raw.loaded) {
        put_load(&mut finished, times, loaded, raw);
    }
    let settings = &treatment.settings;
    put_groups(&mut finished, raw, settings.fan_out)?;
    for (.., died) in raw.events.iter().filter(|(_, kind, _)| kind == BROKER_DIED) {
        *finished.record.broker_errors.entry(died.clone()).or_default() += 1;
    }
    for (words, messages) in &raw.waiting {
        *finished.record.broker_errors.entry(words.clone()).or_default() += messages;
    }
    let errors = std::mem::take(&mut finished.record.broker_errors);
    finished.record.broker_errors = redacted(errors, |text| world.redacted(text, settings));
    Ok(finished)
}

fn emulated(group: &RawGroup, times: Option<&Times>) -> Option<Result<EmulatedGroup, String>> {
    let emulation = group.emulation.as_ref()?;
    let sums = group.journal.sums(times);
    Some(sums.map(|sums| emulate::record(emulation, &sums, &group.gathered, times)))
}

/// What the load left, and what a trial without consumers is.
fn put_load(finished: &mut Finished, times: &Times, loaded: &Loaded, raw: &Raw) {
    let record = &mut finished.record;
    record.pacing.clone_from(&loaded.pacing);
    record.books = Some(books(loaded, None, &[]));
    record.broker_errors = with_failures(&loaded.errors, &loaded.failures);
    record.failures.clone_from(&loaded.failures);
    record.watched_s = Some((times.watched - times.zero) as f64 / 1e9);
    let acked = loaded.ledger.counts();
    let acked_in_window = raw.acked_in_window.clone();
    record.partitions = Some(Partitions { acked, acked_in_window, ..Partitions::default() });
    if loaded.client_ids.len() > 1 {
        let counts = loaded.counts.producers.read();
        // A producer without acks is not starved: nobody knows what became of its messages.
        if raw.window_is_whole() && loaded.counts.untold.total() == 0 {
            record.fairness = fairness_of(&counts, record.asked.rate_msgs_per_s.is_some());
        }
        finished.producers = producers(loaded, &counts, raw.window_is_whole());
    }
    record.out_of_range += loaded.out_of_range;
    let counted = Scrolled::default();
    let rows = rows(times, loaded, (0, None), &counted).flatten();
    record.due_in_window = rows.filter(|row| row.phase == "measure").map(|row| row.due).sum();
    put_use(record, window_use(times.window, &raw.readings, 0));
}

/// At a rate each offered what was due; at `rate: max` all offered alike, as much as their queues took.
fn fairness_of(counts: &[ProducerCounts], paced: bool) -> Option<Fairness> {
    let acked: u64 = counts.iter().map(|one| one.acked_in_window).sum();
    let even = acked as f64 / counts.len() as f64;
    let offered = |due: u64| if paced { due as f64 } else { even };
    fairness(counts.iter().map(|one| (offered(one.due_in_window), one.acked_in_window)))
}

fn producers(loaded: &Loaded, counts: &[ProducerCounts], window_is_whole: bool) -> Vec<ProducerRow> {
    let row = |(producer, (client_id, counts)): (usize, (&String, &ProducerCounts))| ProducerRow {
        producer: producer as u32,
        client_id: client_id.clone(),
        due: counts.due,
        sent: counts.sent,
        refused: counts.refused,
        acked: counts.acked,
        failed: counts.failed,
        in_flight: counts.unknown,
        due_in_window: window_is_whole.then_some(counts.due_in_window),
        acked_in_window: window_is_whole.then_some(counts.acked_in_window),
    };
    loaded.client_ids.iter().zip(counts).enumerate().map(row).collect()
}

/// The first group's are the trial's; where there is a list, each has its record, and what was seen of the others stands beside.
fn put_groups(finished: &mut Finished, raw: &Raw, fan_out: bool) -> Result<(), String> {
    let mut groups = Vec::with_capacity(raw.groups.len());
    let mut kinds = Kinds::default();
    finished.record.broker_errors.iter().for_each(|(text, count)| kinds.count(text, *count));
    for (number, group) in raw.groups.iter().enumerate() {
        let rebalances = group.journal.count(&under_load(raw), &mut kinds)?;
        let mut record = GroupRecord { rebalances, ..group_record(&finished.record, group, raw, number) };
        if let Some(loaded) = &raw.loaded
            && raw.times.is_some()
        {
            record.books = Some(books(loaded, Some(group), &raw.canaries));
        }
        groups.push(record);
    }
    finished.record.broker_errors = kinds.into_counts();
    if let Some(first) = groups.first() {
        finished.record = finished.record.of_group(first);
    }
    if fan_out {
        finished.record.groups = groups;
    }
    Ok(())
}

/// From the moment the groups were ready: what happens to them in the run-up happens to the window too.
fn under_load(raw: &Raw) -> Range<u64> {
    raw.times.map_or(0..0, |times| raw.ready_ns.unwrap_or(times.zero)..times.window.1)
}

/// All but books, rebalances and histograms.
fn group_record(trial: &TrialRecord, group: &RawGroup, raw: &Raw, number: usize) -> GroupRecord {
    let load = under_load(raw);
    let (instances, threads) = group.asked;
    let used = raw.times.and_then(|times| window_use(times.window, &raw.readings, number).consumers);
    let blind = raw.loaded.as_ref().is_some_and(is_blind);
    let last = group.lags.last.as_ref().filter(|_| !blind);
    GroupRecord {
        group: group.name.clone(),
        full_name: group.full_name.clone(),
        instances,
        threads,
        books: trial.books,
        out_of_range: trial.out_of_range + group.gathered.out_of_range(),
        negative: group.gathered.negative(),
        unattributed_redeliveries: group.gathered.unattributed_redeliveries(),
        consumers: used,
        rebalances: 0,
        deaths: group.deaths.iter().filter(|at| load.contains(at)).count() as u32,
        silences: silences(group, raw.times.as_ref()),
        lag_end: last.map(|(_, by_partition)| by_partition.clone()),
        lag_unknown: last
            .zip(raw.loaded.as_ref())
            .map_or(0, |((at, _), loaded)| loaded.counts.unknown.until(*at)),
        lag_max: group.lags.greatest.filter(|_| !blind),
    }
}

/// Of each instance the longest one that lies in the window, be it in part.
fn silences(group: &RawGroup, times: Option<&Times>) -> Vec<Silence> {
    let Some(times) = times else { return Vec::new() };
    let since_zero = |at: u64| (at as f64 - times.zero as f64) / 1e9;
    let of = |(instance, from, to)| Silence { instance, from_s: since_zero(from), to_s: since_zero(to) };
    group.gathered.silences(times.window).into_iter().map(of).collect()
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

fn end(raw: &Raw) -> End {
    match (&raw.failure, raw.interrupted) {
        (_, true) => End::Interrupted,
        (Some(reason), false) => End::Failed(reason.clone()),
        (None, false) => End::Completed,
    }
}

fn asked(treatment: &Treatment) -> Asked {
    let settings = &treatment.settings;
    let (consumers, fleets) = (settings.consumers.first(), &settings.workload.fleets);
    Asked {
        rate_msgs_per_s: treatment.window_rate(),
        message_bytes: settings.workload.message.size.mean().round() as u64,
        sizes_drawn: !matches!(settings.workload.message.size, Size::Fixed(_)),
        replication: Some(settings.topic.replication),
        partitions: settings.topic.partitions,
        instances: consumers.map(|consumers| consumers.instances),
        threads: consumers.map(|consumers| consumers.threads),
        clients: fleets.iter().map(|fleet| (fleet.name.clone(), fleet.client.name().to_owned())).collect(),
        warm_up_s: settings.phases.warm_up.as_secs_f64(),
        measure_s: settings.phases.measure.as_secs_f64(),
        drain_s: settings.phases.drain.as_secs_f64(),
    }
}

fn put_use(record: &mut TrialRecord, used: WindowUse) {
    record.host = used.host;
    record.consumers = used.consumers;
    record.cluster = used.cluster;
    record.load_cpu_cores = used.load_cpu_cores;
    record.load_busiest_thread_cores = used.load_busiest_thread_cores;
    record.load_run_delay = used.load_run_delay;
    record.load_wait_ms = used.load_wait_ms;
    record.load_rss_max_mib = used.load_rss_max_mib;
    record.clock_step_ms = used.clock_step_ms;
}
