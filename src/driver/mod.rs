//! Makes it happen: carries a plan out, trial by trial, saves each, and tells whoever listens. It prints nothing.

mod available;
mod changes;
mod clients;
mod combinations;
mod compose;
mod distance;
mod emulate;
mod event;
mod events;
mod finish;
mod group;
mod growth;
mod injected;
mod journal;
mod lags;
mod manifest;
mod pacing;
mod probe;
mod raw;
mod rows;
mod seconds;
mod settle;
mod shares;
mod shutdown;
mod so_far;
mod subject;
#[cfg(test)]
mod testing;
mod ticker;
mod times;
mod topics;
mod traces;
mod trial;
mod watch;
mod world;

use std::borrow::Cow;

pub use combinations::{Refused, refused};
pub use emulate::check_rights;
pub use event::{Event, Tick, Watcher};
pub use growth::{extend, is_through, plan_rows, save as save_growth};
pub use journal::{Journal, Journaled};
pub use manifest::manifest;
pub use pacing::pacing;
pub use probe::try_all as try_clients;
pub use shares::forget_begin;
pub use shutdown::Shutdown;
pub use so_far::SoFar;
pub use subject::Subject;
pub use topics::RefusedTopic;
pub use world::{Places, World};

use crate::analyse::TrialFindings;
use crate::plan::{Plan, PlannedTrial, Treatment};
use crate::record::{Folder, Manifest, StoreError, TrialRecord};
use crate::spec::{Phases, Volume};
use crate::units::{Rate, Span};

/// Why a run, or a trial of it, could not go on.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// The brokers.
    #[error(transparent)]
    Cluster(#[from] crate::cluster::ClusterError),
    /// Topics that the cluster would not make, or images that cannot be had, because of what the file asks for.
    #[error("{}", .0.iter().map(|one| one.what.as_str()).collect::<Vec<_>>().join("\n"))]
    Topics(Vec<RefusedTopic>),
    /// The fleets.
    #[error(transparent)]
    Load(#[from] crate::load::LoadError),
    /// The results folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What stands between clients and brokers.
    #[error("the proxy between clients and brokers could not be started")]
    Distance {
        /// The operating system's words.
        source: std::io::Error,
    },
    /// The consumers.
    #[error(transparent)]
    Consumers(#[from] crate::consumers::BackendError),
    /// The cluster makes no topic, or lets a group not read it, for reasons that are not the file's.
    #[error("{reason}; the run ends here, and `bench run --resume` goes on with it")]
    Denied {
        /// The topic or the group, and the broker's words.
        reason: String,
    },
    /// An instance ended before the trial began.
    #[error("{reason}")]
    InstanceDied {
        /// Which one, and its last words.
        reason: String,
    },
    /// No producer could connect.
    #[error("none of the {of} producers was connected within {within} s: {trouble}")]
    NotConnected {
        /// How many tried.
        of: u32,
        /// Seconds they were given.
        within: u64,
        /// The last reason.
        trouble: String,
    },
    /// The kernel killed an instance for its memory.
    #[error("{reason}")]
    OutOfMemory {
        /// Which one, and what it had.
        reason: String,
    },
    /// The group did not come together.
    #[error("the group `{group}` was not ready within {within} s; the assignment as it stood:\n{assignment}")]
    NotReady {
        /// Its name in the experiment.
        group: String,
        /// Seconds it was given.
        within: u64,
        /// Who had which partitions.
        assignment: String,
    },
    /// A group that is to begin elsewhere has members.
    #[error(
        "the group `{group}` cannot be put elsewhere while it has members ({members}): stop them, or leave `reset` out"
    )]
    NotReset {
        /// Its name on the cluster.
        group: String,
        /// How many there are.
        members: usize,
    },
    /// A fleet cannot write to the cluster.
    #[error("fleet `{fleet}` cannot write to this cluster: {reason}")]
    NoWriting {
        /// Its name in the experiment.
        fleet: String,
        /// The first reason that mattered, in the broker's words where it has any.
        reason: String,
    },
    /// A group may not read from the cluster.
    #[error("group `{group}` cannot read from this cluster: {reason}")]
    NoReading {
        /// Its name in the experiment.
        group: String,
        /// The first reason, in the broker's words.
        reason: String,
    },
    /// A group is of another type than the file says.
    #[error("the group `{group}` is a share group (KIP-932): write `group_type: share` under `consumers`")]
    ShareGroup {
        /// Its full name.
        group: String,
    },
    /// The canaries were not acked.
    #[error("a canary could not be sent through each of the {partitions} partitions: {reason}")]
    Canary {
        /// How many.
        partitions: u32,
        /// The first reason that mattered.
        reason: String,
    },
    /// The broker that bench started died while a trial ran.
    #[error("the broker died")]
    BrokerGone,
    /// The broker that bench started is gone.
    #[error("the broker died; see `{log}` in the results folder, which ends:\n{log_tail}")]
    BrokerDied {
        /// Its name.
        log: String,
        /// The last lines of its log.
        log_tail: String,
    },
}

/// How a run is to go.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Leave topics and groups.
    pub keep: bool,
    /// Whoever asks to stop.
    pub shutdown: Shutdown,
}

/// Where a run is kept as it goes.
#[derive(Debug)]
pub struct Kept<'a> {
    /// Its folder.
    pub folder: &'a Folder,
    /// It learns what topics really were.
    pub manifest: &'a mut Manifest,
    /// What its trials have shown.
    pub so_far: &'a mut SoFar,
}

/// Runs the trials of `todo` in their order; each is saved as it ends, and the manifest learns what topics really were. A growing plan is extended by what
/// they show, and goes on. Ends early, without an error, when asked to stop.
pub fn run(
    plan: &mut Plan,
    todo: &[PlannedTrial],
    world: &mut World,
    options: &Options,
    watcher: Watcher<'_>,
    mut kept: Kept<'_>,
) -> Result<(), DriverError> {
    prepare(plan, world, options, watcher);
    let mut todo = todo.to_vec();
    loop {
        trials(plan, &todo, world, options, watcher, &mut kept)?;
        let Kept { folder, manifest, so_far } = &mut kept;
        let known = plan.trials.len();
        if options.shutdown.is_asked() || !extend(plan, so_far.findings()) {
            return Ok(());
        }
        todo = plan.trials[known..].to_vec();
        save_growth(plan, world, folder, manifest)?;
        so_far.sum_up(manifest);
    }
}

fn trials(
    plan: &Plan,
    todo: &[PlannedTrial],
    world: &mut World,
    options: &Options,
    watcher: Watcher<'_>,
    Kept { folder, manifest, so_far }: &mut Kept<'_>,
) -> Result<(), DriverError> {
    for planned in todo {
        if options.shutdown.is_asked() {
            return Ok(());
        }
        world.revive()?;
        let treatment = &plan.treatments[planned.treatment];
        let name = crate::record::trial_name(planned.order, &treatment.slug, planned.repetition);
        watcher(&Event::TrialBegins { order: planned.order, of: plan.trials.len() as u32, name: &name });
        let logs = world.broker_logs();
        let settle_s = (!logs.is_empty()).then(|| settle::settle(&logs, world.left(), &options.shutdown));
        if options.shutdown.is_asked() {
            return Ok(());
        }
        let started = humantime::format_rfc3339_millis(std::time::SystemTime::now()).to_string();
        let subject = Subject {
            tells_busy: plan.has_events(),
            in_time: plan.in_time(treatment),
            ..subject(world, treatment, planned.order, planned.seed, options.keep)
        };
        let raw = trial::run(world, &subject, &options.shutdown, watcher);
        if !raw.topic_config.is_empty() && !manifest.topics.contains_key(&treatment.slug) {
            manifest.topics.insert(treatment.slug.clone(), raw.topic_config.clone());
            folder.write_manifest(manifest)?;
        }
        let unreadable = |why| StoreError::Malformed { path: world.results.clone(), why };
        let begun = Begun { name: &name, started, settle_s };
        let redact = |text: &str| world.redacted(text, &treatment.settings);
        let finished = finish::finish(plan, planned, begun, &raw, redact);
        let Finished { record, producers } = &finished.map_err(unreadable)?;
        folder.save_with(record, producers, |draft| {
            traces::write(&raw, record, draft)?;
            traces::outputs(&raw, draft)?;
            let events = events::events(&raw, world.clock.now(), &redact).map_err(unreadable)?;
            draft.events(events.map(|event| event.map(Cow::Owned)))?;
            draft.instances(traces::instances(&raw).map_err(unreadable)?)?;
            draft.scraped(traces::scraped(&raw, &redact))?;
            draft.gaps(traces::gaps(&raw).into_iter().map(|gap| Ok(Cow::Owned(gap))))?;
            draft.in_time(available::seconds(&raw).into_iter().map(|second| Ok(Cow::Owned(second))))
        })?;
        so_far.add(folder, manifest, &name)?;
        if let Some(TrialFindings { record, judged, .. }) = so_far.findings().trial(planned.order) {
            watcher(&Event::TrialEnds { record, judged });
        }
        so_far.write_tables(folder, manifest)?;
        world.revive()?;
        if let Some(reason) = raw.failure.filter(|_| raw.denied && !raw.interrupted) {
            return Err(DriverError::Denied { reason });
        }
    }
    Ok(())
}

fn subject<'a>(world: &World, treatment: &'a Treatment, order: u32, seed: u64, keep: bool) -> Subject<'a> {
    let name = format!("{}{order:03}", world.prefix());
    let topic = &treatment.settings.topic;
    let of = |most| subject::topics((topic, most), &name);
    let (topics, grown) = (of(topic.partitions), of(treatment.settings.most_partitions()));
    // Others may run on a topic that was there before: their trials have numbers too.
    let run = if topic.is_own() { 0 } else { u64::from_str_radix(world.run_id(), 16).unwrap_or_default() };
    let number = (run << 32) | u64::from(order);
    let tells_busy = !treatment.settings.events.is_empty();
    Subject { treatment, name, topics, grown, number, seed, tells_busy, in_time: None, keep }
}

/// An unrecorded trial of the treatment with the greatest load: a JVM's first minute is not its tenth.
fn prepare(plan: &Plan, world: &World, options: &Options, watcher: Watcher<'_>) {
    if plan.prepare == Span::ZERO || options.shutdown.is_asked() {
        return;
    }
    let mut treatment = plan.treatments[plan.prepare_treatment()].clone();
    // At its mean rate: a shape's first seconds may be its quietest.
    if let Some(rate) = treatment.mean_rate().and_then(Rate::per_second) {
        treatment.settings.workload.volume = Volume::Rate(rate);
    }
    // They are timed for another window, and nobody looks.
    treatment.settings.events.clear();
    treatment.settings.phases = Phases {
        warm_up: Span::ZERO,
        measure: plan.prepare,
        drain: Span::from_secs(1),
        ..treatment.settings.phases
    };
    watcher(&Event::TrialBegins { order: 0, of: plan.trials.len() as u32, name: &treatment.slug });
    let subject = subject(world, &treatment, 0, plan.seed, false);
    let raw = trial::run(world, &subject, &options.shutdown, watcher);
    if let Some(failure) = raw.failure {
        watcher(&Event::Trouble(&format!("prepare failed: {failure}")));
    }
}

/// What is known of a trial beside what was seen of it.
#[derive(Debug)]
struct Begun<'a> {
    name: &'a str,
    /// When it began to deploy (RFC 3339, UTC).
    started: String,
    /// How long it waited for what the trial before had left.
    settle_s: Option<f64>,
}

/// What a finished trial is on disk.
#[derive(Debug)]
struct Finished {
    record: TrialRecord,
    producers: Vec<crate::record::ProducerRow>,
}
