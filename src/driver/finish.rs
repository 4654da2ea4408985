//! From what was seen of a trial to its record: what the load left, what each group left, what went wrong; then all of it together.

mod backlog;
mod errors;
mod groups;
mod injected;
mod load;

use std::ops::Range;

use super::compose::wire_use;
use super::distance;
use super::emulate::{self, OOM_KILL};
use super::group::RawGroup;
use super::raw::Raw;
use super::{Begun, Finished};
use crate::plan::{Plan, PlannedTrial, Treatment};
use crate::record::{Asked, EmulatedGroup, End, FORMAT, TopicPart, TrialRecord};
use crate::spec::{Fleet, Size, Topic};
use crate::units::Span;
use load::LoadPart;

/// Adds everything up, or why something cannot be read. What brokers and consumers said is told as `redact` leaves it.
pub fn finish(
    plan: &Plan,
    planned: &PlannedTrial,
    begun: Begun<'_>,
    raw: &Raw,
    redact: impl Fn(&str) -> String,
) -> Result<Finished, String> {
    let treatment = &plan.treatments[planned.treatment];
    let asked = asked(treatment);
    let load = LoadPart::of(raw, asked.rate_msgs_per_s);
    let mut errors = errors::of_load(raw, &load);
    let groups = groups::records(raw, &load, &mut errors)?;
    let lead = groups::lead(&groups, &load);
    // How many there are of deployed consumers is seen, not asked for.
    let message_bytes =
        load.message_bytes(&treatment.settings.workload.message).unwrap_or(asked.message_bytes);
    let is_told = raw.groups.iter().any(|group| group.outside.is_none());
    let in_time_ms = plan.in_time(treatment).filter(|_| is_told).map(Span::as_millis_f64);
    let instances = asked.instances.map(|_| lead.instances);
    let asked = Asked { message_bytes, instances, in_time_ms, ..asked };
    let emulated = raw.groups.iter().filter_map(|group| emulated(raw, group));
    let record = TrialRecord {
        format: FORMAT,
        trial: begun.name.to_owned(),
        order: planned.order,
        block: planned.block,
        repetition: planned.repetition,
        treatment: treatment.slug.clone(),
        levels: plan.factors.iter().cloned().zip(treatment.levels.iter().cloned()).collect(),
        baseline: treatment.is_baseline,
        seed: planned.seed,
        started: begun.started,
        settle_s: begun.settle_s,
        topic: raw.topics.to_string(),
        topics: topics(raw, &treatment.settings.topic),
        group: groups.first().map(|first| first.full_name.clone()),
        end: end(raw),
        messages: load.fingerprint.clone(),
        backlog: backlog::record(raw, treatment, &lead)?,
        asked,
        emulated: emulated.collect::<Result<Vec<_>, _>>()?.concat(),
        network: raw.away.iter().map(|away| distance::record(away, raw.times.as_ref())).collect(),
        spent_s: raw.spent_s.clone(),
        books: lead.books,
        due_in_window: load.due_in_window,
        out_of_range: lead.out_of_range,
        negative: lead.negative,
        unattributed_redeliveries: lead.unattributed_redeliveries,
        host: load.used.host,
        consumers: lead.consumers,
        cluster: load.used.cluster,
        load_cpu_cores: load.used.load_cpu_cores,
        load_busiest_thread_cores: load.used.load_busiest_thread_cores,
        load_run_delay: load.used.load_run_delay,
        load_wait_ms: load.used.load_wait_ms,
        load_rss_max_mib: load.used.load_rss_max_mib,
        clock_step_ms: load.used.clock_step_ms,
        pacing: load.pacing,
        wire: wire_use(raw.wire),
        fetched: groups::fetched(&raw.groups, raw.times.as_ref()),
        rebalances: lead.rebalances,
        deaths: lead.deaths,
        silences: lead.silences.clone(),
        members: lead.members.clone(),
        followed: lead.followed.clone(),
        oom_kills: raw.events.iter().filter(|(_, kind, _)| kind == OOM_KILL).count() as u32,
        broker_errors: errors::told(errors, raw, redact),
        failures: load.failures,
        watched_s: load.watched_s,
        partitions: load.partitions.map(|partitions| groups::with_lags(partitions, &lead)),
        fairness: load.fairness,
        injected: injected::injected(raw)?,
        groups: if treatment.settings.fan_out { groups } else { Vec::new() },
    };
    Ok(Finished { record, producers: load.producers })
}

/// Each of several topics.
fn topics(raw: &Raw, asked: &Topic) -> Vec<TopicPart> {
    if raw.topics.count() < 2 {
        return Vec::new();
    }
    let part = |(at, ((name, numbers), share)): (usize, ((&str, Range<u32>), f64))| TopicPart {
        name: name.to_owned(),
        partitions: numbers.len() as u32,
        share,
        replication: asked.existing.get(at).map_or(Some(asked.replication), |one| one.replication),
    };
    raw.topics.iter().zip(asked.shares()).enumerate().map(part).collect()
}

fn emulated(raw: &Raw, group: &RawGroup) -> Option<Result<Vec<EmulatedGroup>, String>> {
    let (emulation, times) = (group.emulation.as_ref()?, raw.times.as_ref());
    let sums = group.journal.sums(times);
    Some(sums.map(|sums| emulate::record(emulation, &sums, &group.gathered, times)))
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
        replication: settings.topic.replicas(),
        partitions: settings.topic.partitions,
        instances: consumers.map(|consumers| consumers.instances),
        threads: consumers.map(|consumers| consumers.threads),
        producers: Some(fleets.iter().map(|fleet| fleet.producers).sum()),
        clients: fleets.iter().map(|fleet| (fleet.name.clone(), fleet.client.name().to_owned())).collect(),
        transaction_s: transaction_s(fleets),
        warm_up_s: settings.phases.warm_up.as_secs_f64(),
        measure_s: settings.phases.measure.as_secs_f64(),
        drain_s: settings.phases.drain.as_secs_f64(),
        in_time_ms: None,
    }
}

/// How long the transactions of fleets take; none where there are none.
fn transaction_s(fleets: &[Fleet]) -> Option<f64> {
    let each = fleets.iter().filter_map(|fleet| fleet.transactions);
    each.map(|transactions| transactions.commit_every.as_secs_f64()).reduce(f64::max)
}

#[cfg(test)]
mod tests;
