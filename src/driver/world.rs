//! The run's surroundings: brokers, connections, and everything that a trial asks of them.

mod backends;
mod brokers;
mod canaries;
mod containers;
mod distance;
mod producers;
mod programs;
mod redaction;
#[cfg(test)]
mod testing;
mod topic;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::DriverError;
use super::changes;
use super::clients;
use super::emulate;
use super::shares;
use super::subject::Subject;
use super::topics;
use crate::cluster::{
    Admin, Broker, BrokerFiles, BrokerSpec, Brokers, ClientSettings, Distance, RunEntry, Talk, effective,
    resolved, restore_what_is_left,
};
use crate::consumers::emulation::Emulating;
use crate::consumers::emulation::cgroup::{Apart, RunGroup};
use crate::consumers::{self, BackendError, Config};
use crate::load::limits;
use crate::plan::Plan;
use crate::record::Pacing;
use crate::spec::scrape::Target;
use crate::spec::{Cluster, Consumers, Properties, Runs, secrets};
use crate::timeline::Clock;

pub use topic::furthest;

/// What is processed is committed that often, unless `auto.commit.interval.ms` says otherwise.
const COMMIT_INTERVAL_MS: u64 = 1_000;
const COMMIT_INTERVAL: &str = "auto.commit.interval.ms";
/// What of a producer's configuration shapes what is measured.
const PRODUCER: &[&str] = &[
    "acks",
    "batch.num.messages",
    "batch.size",
    "compression.codec",
    "compression.level",
    "enable.idempotence",
    "linger.ms",
    "max.in.flight.requests.per.connection",
    "message.max.bytes",
    "message.send.max.retries",
    "message.timeout.ms",
    "partitioner",
    "queue.buffering.max.kbytes",
    "queue.buffering.max.messages",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "request.timeout.ms",
    "retry.backoff.max.ms",
    "retry.backoff.ms",
    "security.protocol",
    "socket.nagle.disable",
    "socket.receive.buffer.bytes",
    "socket.send.buffer.bytes",
    "sticky.partitioning.linger.ms",
    "topic.metadata.refresh.interval.ms",
];
/// The same of a consumer's.
const CONSUMER: &[&str] = &[
    "check.crcs",
    "fetch.error.backoff.ms",
    "fetch.max.bytes",
    "fetch.message.max.bytes",
    "fetch.min.bytes",
    "fetch.queue.backoff.ms",
    "fetch.wait.max.ms",
    "group.protocol",
    "heartbeat.interval.ms",
    "isolation.level",
    "max.poll.interval.ms",
    "partition.assignment.strategy",
    "queued.max.messages.kbytes",
    "queued.min.messages",
    "security.protocol",
    "session.timeout.ms",
    "socket.nagle.disable",
    "socket.receive.buffer.bytes",
    "socket.send.buffer.bytes",
];

/// Where a run finds what it is made of.
#[derive(Clone, Debug)]
pub struct Places {
    /// Its results folder.
    pub results: PathBuf,
    /// Where a broker of its own keeps its data, in a folder of its own.
    pub work: PathBuf,
    /// The program that instances are started from: bench itself.
    pub program: PathBuf,
}

/// Brokers and connections of one run.
pub struct World {
    /// The clock that all of the run shares.
    pub clock: Clock,
    /// The run's short id.
    run_id: String,
    /// How the names of its topics begin.
    prefix: String,
    /// The program that instances are started from: bench itself.
    pub program: PathBuf,
    /// The results folder, where a trial keeps what it comes to while it runs.
    pub results: PathBuf,
    /// For everything that is not load; shared with those who ask the cluster aside.
    pub admin: Arc<Admin>,
    /// What the kernel gives to the threads that keep time, by treatment.
    pub pacing: BTreeMap<String, Pacing>,
    /// Pages of others, and their addresses with the environment's values in them.
    pub pages: Vec<(Target, String)>,
    brokers: Option<Brokers>,
    /// What stands between them and those who are away.
    pub distance: Distance,
    /// The control group that those have for themselves; after them, since it can be removed only once they are gone.
    apart: Option<Apart>,
    load: ClientSettings,
    consumers: ClientSettings,
    entry: Arc<std::sync::Mutex<RunEntry>>,
    /// The run's control group, where instances are held in some.
    cgroups: Option<Arc<RunGroup>>,
    /// Who runs containers, where there are some.
    held: Option<containers::Held>,
}

impl World {
    /// Starts a broker, or connects to one that is there; the broker's log goes into the results folder.
    pub fn open(
        plan: &mut Plan,
        run_id: &str,
        places: Places,
        talk: &mut Talk<'_>,
    ) -> Result<Self, DriverError> {
        let mut entry = RunEntry::open(run_id)?;
        let opened = World::connect(plan, run_id, &mut entry, places, talk);
        // A broker of its own took its data along; of any other cluster a topic may be left that was to be taken away at once.
        if opened.is_err()
            && entry.is_empty_handed()
            && let Err(error) = entry.finish()
        {
            (talk.tell)(&error.to_string());
        }
        opened
    }

    fn connect(
        plan: &mut Plan,
        run_id: &str,
        entry: &mut RunEntry,
        places: Places,
        talk: &mut Talk<'_>,
    ) -> Result<Self, DriverError> {
        let clock = Clock::anchor();
        limits::provide(plan.needs(plan.brokers()))?;
        let pacing = super::pacing(plan)?;
        let pages = pages(plan)?;
        // Before anything is fetched or started: without the right to limit instances the run would be of something else.
        let note = |folders: &[PathBuf]| Ok(entry.add_cgroups(folders)?);
        let cgroups = emulate::run_group(plan, run_id, note)?.map(Arc::new);
        if plan.treatments.iter().any(|treatment| !treatment.settings.consumers.is_empty()) {
            entry.add_folder(&programs::private_folder(run_id))?;
        }
        let held = containers::hold(plan, talk)?;
        let distance = distance::open(plan, clock)?;
        let mut apart = None;
        let (brokers, servers, properties) = match &plan.cluster {
            Cluster::Kafka { version, brokers, heap, config } => {
                let spec = BrokerSpec { version: version.clone(), heap: *heap, config: resolved(config)? };
                let data = places.work.join(run_id);
                entry.add_folder(&data)?;
                let log = places.results.join("broker.log");
                if let Some(folder) = Apart::folder(Path::new("/"), run_id) {
                    entry.add_cgroups(std::slice::from_ref(&folder))?;
                    apart = Apart::make(folder);
                }
                let files = BrokerFiles { data: &data, log: &log };
                let faces = distance::faces(&distance);
                let own = Brokers::start_behind(spec, (*brokers, &faces), files, talk)?;
                distance::lead(&distance, &own);
                let servers = [own.load_servers(), own.consumer_servers(), own.control_servers()];
                (Some(own), servers, Properties::new())
            }
            Cluster::Bootstrap { servers, properties } => {
                (talk.tell)(&format!("connecting to {servers}"));
                entry.set_cluster(servers, properties)?;
                (None, [(); 3].map(|()| servers.clone()), properties.clone())
            }
        };
        let [load, consumers, control] =
            servers.map(|servers| ClientSettings { servers, properties: properties.clone() });
        let admin = Admin::connect(&control)?;
        let prefix = prefix(plan, run_id);
        if topics::leaves_to_cluster(plan) {
            let name = format!("{prefix}defaults");
            entry.add_topic(&name, &[])?;
            topics::put_defaults(plan, &admin, &name)?;
            match admin.delete_topic(&name) {
                Ok(()) => entry.remove_topic(&name)?,
                Err(error) => (talk.tell)(&format!("{error}; `bench clean` takes it away later")),
            }
        }
        topics::put_existing(plan, &admin)?;
        let name = format!("{prefix}001");
        topics::try_all(plan, &admin, &name)?;
        let broker = brokers.as_ref().and_then(|own| own.each().first()).map(Broker::id);
        changes::try_all(plan, &admin, (&name, broker))?;
        shares::try_all(plan, &admin)?;
        if brokers.is_none() {
            limits::provide(plan.needs(admin.met().brokers.len() as u32))?;
        }
        let entry = Arc::new(std::sync::Mutex::new(entry.clone()));
        Ok(World {
            clock,
            run_id: run_id.to_owned(),
            prefix,
            program: places.program,
            results: places.results,
            admin: Arc::new(admin),
            pacing,
            pages,
            brokers,
            distance,
            apart,
            load,
            consumers,
            entry,
            cgroups,
            held,
        })
    }

    /// The end of a run: a broker of our own goes, and the run is forgotten, unless something of it stays that was not there before: then `bench clean` still knows
    /// it. All that went wrong is given, each whatever became of the others.
    pub fn close(self) -> Vec<DriverError> {
        // It is not there where nothing was put into it; what cannot be removed, nobody else may read.
        std::fs::remove_dir_all(programs::private_folder(&self.run_id)).ok();
        let entry = self.entry().clone();
        let restored = restore_what_is_left(&entry.stood, &self.run_id);
        let mut wrong: Vec<DriverError> =
            restored.err().map(|all| BackendError::NotRestored(all).into()).into_iter().collect();
        drop(self.admin);
        wrong.extend(self.brokers.and_then(|brokers| brokers.stop().err()).map(DriverError::from));
        drop(self.apart);
        if entry.is_empty_handed() && wrong.is_empty() {
            wrong.extend(entry.finish().err().map(DriverError::from));
        }
        wrong
    }

    /// The configuration of each kind of client as librdkafka applies it, by treatment; `${ENV}` references unresolved.
    pub fn client_configurations(&self, plan: &Plan) -> BTreeMap<String, Properties> {
        let mut configurations = BTreeMap::new();
        for treatment in &plan.treatments {
            let settings = &treatment.settings;
            for fleet in &settings.workload.fleets {
                let properties = clients::of_producers(&self.load.properties, fleet);
                let mut effective = secrets::masked_all(&effective(&properties, PRODUCER));
                effective.insert("client".to_owned(), fleet.client.name().to_owned());
                configurations.insert(format!("{}: producer {}", treatment.slug, fleet.name), effective);
            }
            for group in settings.consumers.iter().filter(|group| group.runs == Runs::Process) {
                let properties = clients::of_consumers(&self.consumers.properties, group);
                let which = if settings.fan_out { format!(" {}", group.group) } else { String::new() };
                configurations.insert(
                    format!("{}: consumer{which}", treatment.slug),
                    secrets::masked_all(&effective(&consumers::effective_properties(&properties), CONSUMER)),
                );
            }
        }
        configurations
    }

    /// The run's short id.
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// How the names of this run's topics begin.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A group's full name in this trial; that of a deployed one is the one that it has.
    pub fn group(&self, subject: &Subject<'_>, group: &Consumers) -> String {
        if group.is_external() {
            return group.group.clone();
        }
        format!("{}-{}", group.group, subject.name)
    }

    fn entry(&self) -> std::sync::MutexGuard<'_, RunEntry> {
        self.entry.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// How the instances of a group are emulated; none where they are not.
    pub fn emulating(&self, subject: &Subject<'_>, consumers: &Consumers) -> Option<Emulating> {
        let emulation = subject.treatment.settings.emulation;
        Some(Emulating {
            machine: subject.emulated(consumers.machine.clone()?),
            within: self.cgroups.clone().filter(|_| emulation.cgroups),
            group: consumers.group.clone(),
            prefix: format!("{}-{}", subject.number, consumers.group),
        })
    }

    /// Where a group's consumers connect, and what they are told; how often bench commits for them is none of it.
    pub fn settings_of_consumers(&self, group: &Consumers) -> ClientSettings {
        let mut properties = clients::of_consumers(&self.consumers.properties, group);
        properties.remove(COMMIT_INTERVAL);
        ClientSettings { servers: self.consumers.servers.clone(), properties }
    }

    /// How long after something was done to a member of a group, by its place, the group may still move because of it: a session, and ten seconds.
    pub fn reach(&self, subject: &Subject<'_>, group: usize) -> std::time::Duration {
        let settings = &subject.treatment.settings;
        let Some(group) = settings.consumers.get(group) else { return clients::REACH };
        let mut properties = clients::of_consumers(&self.consumers.properties, group);
        if properties.get("group.protocol").is_some_and(|protocol| protocol == "consumer") {
            // With the new protocol the brokers set the session.
            properties.remove("session.timeout.ms");
            if let Cluster::Kafka { config, .. } = &settings.cluster
                && let Some(set) = config.get("group.consumer.session.timeout.ms")
            {
                properties.insert("session.timeout.ms".to_owned(), set.clone());
            }
        }
        clients::session(&properties) + clients::REACH
    }

    /// What every instance of a group is told; its number is put in by the backend.
    pub fn consumer_config(
        &self,
        subject: &Subject<'_>,
        consumers: &Consumers,
    ) -> Result<Config, DriverError> {
        let mut properties = clients::of_consumers(&self.consumers.properties, consumers);
        // A program that is not ours is told all that is written for it.
        let ours = consumers.tells().then(|| properties.remove(COMMIT_INTERVAL)).flatten();
        let commit_interval_ms = ours.and_then(|text| text.parse().ok());
        Ok(Config {
            servers: self.consumers.servers.clone(),
            group: self.group(subject, consumers),
            topic: subject.topics.clone(),
            trial: subject.number,
            instance: 0,
            slot: None,
            threads: consumers.threads,
            properties,
            work: consumers.work.into(),
            seed: subject.seed,
            clock: self.clock,
            commit_interval_ms: commit_interval_ms.unwrap_or(COMMIT_INTERVAL_MS),
            delivery_ms: self.longest_delivery_ms(subject)?,
            output: None,
            tells_busy: false,
            in_time_ns: None,
            tells_each: false,
            tells_keys: false,
            cgroups: Vec::new(),
            pace: None,
        })
    }
}

fn pages(plan: &Plan) -> Result<Vec<(Target, String)>, DriverError> {
    let with_values = |target: &Target| {
        let url = resolved(&Properties::from([("url".to_owned(), target.url.clone())]))?;
        Ok((target.clone(), url.into_values().next().unwrap_or_default()))
    };
    plan.scrape.iter().map(with_values).collect()
}

/// How the names of a run's topics begin.
fn prefix(plan: &Plan, run_id: &str) -> String {
    let asked = plan.treatments.first().map(|first| first.settings.topic_prefix.as_str());
    format!("{}bench-{run_id}-", asked.unwrap_or_default())
}
