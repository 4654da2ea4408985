//! From the tree to settings: defaults filled in, values that only together are wrong told. Single values are judged in `check`, and silently take their default here.

mod backlog;
mod check;
mod consumers;
mod content;
mod credits;
mod events;
mod fleets;
mod load;
mod machine;
mod message;
mod metrics;
mod network;
mod output;
mod prices;
mod properties;
mod runs;
mod scrape;
mod shape;
mod shares;
mod threads;
mod topic;
pub mod tree;

use std::str::FromStr;

pub use check::check;
use consumers::amount;
pub use credits::Credits;
pub use machine::types;
pub use metrics::{responses, slos};
use tree::{Node, Origin};

use super::files::Files;
use super::scrape::Target;
use super::{Client, Cluster, Consumers, Phases, Properties, Settings, canonical, secrets};
use crate::fault::Fault;
use crate::units::{Bytes, InstanceType, Prices, Span};

/// Releases of Apache Kafka that were started by bench, with both clients, groups and transactions.
const TRIED: &[&str] = &["3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "4.0", "4.1", "4.2", "4.3"];
/// The version that a broker of ours has unless the file says otherwise.
const KAFKA_VERSION: &str = "4.3.1";
/// What each broker's JVM has unless the file says otherwise: where it is the only one, and where there are several.
const HEAPS: [Bytes; 2] = [Bytes::new(1 << 30), Bytes::new(512 << 20)];
/// Below this Kafka's JVM does not come up.
const LEAST_HEAP: Bytes = Bytes::new(256 << 20);
/// All is cut on this grid.
const GRID: Span = Span::from_millis(250);
/// A shorter window holds too few readings.
const LEAST_MEASURE: Span = Span::from_secs(5);
/// The longest trial: what is kept for each of its seconds is read again to be judged.
const LONGEST: Span = Span::from_secs(48 * 3_600);

/// A section of the file that may not be there, with the place to name for what it lacks.
#[derive(Clone, Copy)]
struct Section<'a> {
    node: Option<&'a Node>,
    origin: &'a Origin,
}

impl<'a> Section<'a> {
    fn get(self, key: &str) -> Option<&'a Node> {
        self.node?.get(key).map(|entry| &entry.node)
    }

    fn under(self, key: &str) -> Section<'a> {
        match self.node.and_then(|node| node.get(key)) {
            Some(entry) => Section { node: Some(&entry.node), origin: &entry.origin },
            None => Section { node: None, origin: self.origin },
        }
    }

    fn read<T: FromStr>(self, key: &str) -> Option<T> {
        self.get(key)?.text()?.parse().ok()
    }

    fn at_least_one(self, key: &str) -> u32 {
        self.read::<u32>(key).unwrap_or(1).max(1)
    }

    /// Properties of librdkafka, each under the one name that stands for all its names.
    fn properties(self, key: &str) -> Properties {
        let one_name = |(name, value): (String, String)| (canonical(&name).to_owned(), value);
        self.config(key).into_iter().map(one_name).collect()
    }

    /// What Kafka itself is told, names as written.
    fn config(self, key: &str) -> Properties {
        let entries = self.get(key).map(Node::entries).unwrap_or_default();
        let texts =
            entries.iter().filter_map(|entry| Some((entry.key.clone(), entry.node.text()?.to_owned())));
        texts.collect()
    }
}

/// What a workload is read beside.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// What `client: auto` stands for in this run.
    auto: Client,
    /// The properties of all the cluster's clients.
    shared: Section<'a>,
    /// Files that it may name.
    files: &'a Files,
    /// Partitions of the topic that it goes to; none where only the cluster knows.
    partitions: Option<u32>,
    /// Whether there may be several topics.
    several: bool,
}

/// The prices of a file; a table of them is one of `files`, and `types` are the instance types that it may name.
pub fn prices(root: &Node, types: &[InstanceType], files: &Files, faults: &mut Vec<Fault>) -> Prices {
    prices::prices(Section { node: Some(root), origin: &root.origin }, (types, files), faults)
}

/// The pages of others that are read while trials run. `factors` are the names of the columns that the factors have.
pub fn targets(root: &Node, factors: &[&str], faults: &mut Vec<Fault>) -> Vec<Target> {
    scrape::targets(Section { node: Some(root), origin: &root.origin }, factors, faults)
}

/// The settings of one treatment's tree; none where something without a default is missing, which is told. `auto` is what `client: auto` stands for,
/// `types` are the instance types that it may name, `files` the files.
pub fn settings(
    root: &Node,
    stem: &str,
    (auto, types, files): (Client, &[InstanceType], &Files),
    faults: &mut Vec<Fault>,
) -> Option<Settings> {
    let file = Section { node: Some(root), origin: &root.origin };
    let cluster = cluster(file.under("cluster"), faults);
    let topic_section = file.under("topic");
    let (topic, of_cluster) = topic::topic(topic_section, &cluster, faults);
    let phases = phases(file.under("phases"), &cluster, faults);
    let emulation = machine::emulation(file.under("emulation"), faults);
    let (consumers, fan_out) =
        consumers::consumers(file.under("consumers"), stem, (types, emulation), faults);
    machine::constant_rate(file, faults);
    let shared = file.under("cluster").under("bootstrap").under("properties");
    let (partitions, several) = ((!of_cluster.partitions).then_some(topic.partitions), topic.is_several());
    let around = Around { auto, shared, files, partitions, several };
    let mut workload = load::workload(file.under("workload"), around, faults)?;
    shape::check(file.under("workload"), &workload.volume, phases, faults);
    let tells = consumers.iter().any(Consumers::tells);
    output::check(file, (&consumers, &workload, &topic), faults);
    shares::begin_by_themselves(topic_section, (&consumers, &topic), faults);
    content::can_be_told(&workload.message, file.under("workload").under("message"), tells, faults);
    if let Cluster::Bootstrap { properties, .. } = &cluster {
        load::bound_queues(&mut workload, properties);
    } else {
        load::bound_queues(&mut workload, &Properties::new());
    }
    if topic.is_own() && consumers.iter().any(Consumers::is_external) {
        runs::reads_existing(file.under("consumers"), faults);
    }
    if consumers.iter().any(|group| !group.tells()) {
        let of_cluster = match &cluster {
            Cluster::Bootstrap { properties, .. } => properties.get("acks"),
            Cluster::Kafka { .. } => None,
        };
        let acks = workload.fleets.iter().filter_map(|fleet| fleet.properties.get("acks").or(of_cluster));
        runs::acked(file.under("consumers"), acks, faults);
    }
    let backlog = backlog::backlog(file, (&workload, &consumers, &topic), faults);
    let network = network::network(file.under("network"), (&cluster, &consumers), faults);
    let load = threads::threads(file.under("load"));
    let of_all = (&cluster, &topic, of_cluster.partitions);
    let events = events::events(file, (&consumers, phases), of_all, (types, emulation), faults);
    events::brokers::check(file, &cluster, (&topic, of_cluster.partitions, &events), faults);
    network::of_upgrades(file.under("network"), (&network, &events), faults);
    Some(Settings {
        cluster,
        topic,
        topic_prefix: topic::prefix(topic_section, faults),
        of_cluster,
        workload,
        consumers,
        fan_out,
        backlog,
        network,
        phases,
        events,
        load,
        emulation,
    })
}

fn cluster(section: Section<'_>, faults: &mut Vec<Fault>) -> Cluster {
    if let Some(entry) = section.node.and_then(|node| node.get("bootstrap")) {
        let bootstrap = section.under("bootstrap");
        if bootstrap.get("servers").is_none() {
            let hint = Some("write `servers: \"localhost:9092\"`".to_owned());
            faults.push(entry.origin.lack("`cluster.bootstrap` has no `servers`", hint));
        }
        if let Some((node, what)) =
            bootstrap.get("servers").and_then(|node| Some((node, secrets::wrong_reference(node.text()?)?)))
        {
            let hint = Some("write `${NAME}`".to_owned());
            faults.push(node.origin.fault(format!("`servers` {what}"), hint));
        }
        return Cluster::Bootstrap {
            servers: bootstrap.read("servers").unwrap_or_default(),
            properties: bootstrap.properties("properties"),
        };
    }
    let kafka = section.under("kafka");
    let version = kafka.read("version").unwrap_or_else(|| KAFKA_VERSION.to_owned());
    let numbers = version.split('-').next().unwrap_or_default().split('.');
    let is_version =
        numbers.clone().count() == 3 && numbers.into_iter().all(|number| number.parse::<u16>().is_ok());
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    if let Some(node) = kafka.get("version").filter(|_| !is_version || !version.chars().all(plain)) {
        let hint = Some(format!("write all three numbers: `{KAFKA_VERSION}`"));
        faults.push(node.origin.fault(format!("`{version}` is not a version of Apache Kafka"), hint));
    }
    let is_tried =
        TRIED.iter().any(|tried| version.strip_prefix(tried).is_some_and(|rest| rest.starts_with('.')));
    if let Some(node) = kafka.get("version").filter(|_| is_version && !is_tried) {
        let hint = Some(format!("those that were tried are {}", TRIED.join(", ")));
        faults.push(node.origin.fault(format!("bench does not start Apache Kafka {version}"), hint));
    }
    let brokers = kafka.at_least_one("brokers");
    let heap = kafka.read("heap").unwrap_or(HEAPS[usize::from(brokers > 1)]);
    if let Some(node) = kafka.get("heap").filter(|_| heap < LEAST_HEAP) {
        let hint = Some(format!("a broker needs `{LEAST_HEAP}` at least"));
        faults.push(node.origin.fault(format!("a heap of {heap} is too small for Kafka"), hint));
    }
    Cluster::Kafka { version, brokers, heap, config: kafka.config("config") }
}

fn phases(section: Section<'_>, cluster: &Cluster, faults: &mut Vec<Fault>) -> Phases {
    let mut span = |key: &str, default: Span| {
        let Some(span) = section.read::<Span>(key) else {
            return default;
        };
        if let Some(node) = section.get(key).filter(|_| !span.as_nanos().is_multiple_of(GRID.as_nanos())) {
            let hint = Some("phases are cut on quarter seconds: `250ms`, `1.5s`, `30s`".to_owned());
            faults
                .push(node.origin.fault(format!("`phases.{key}` is {span}, not a multiple of {GRID}"), hint));
        }
        span
    };
    let prepare = match cluster {
        Cluster::Kafka { .. } => Span::from_secs(30),
        Cluster::Bootstrap { .. } => Span::ZERO,
    };
    let phases = Phases {
        prepare: span("prepare", prepare),
        warm_up: span("warm_up", Span::from_secs(10)),
        measure: span("measure", Span::from_secs(30)),
        drain: span("drain", Span::from_secs(30)),
    };
    if let Some(node) = section.get("measure").filter(|_| phases.measure < LEAST_MEASURE) {
        let hint = Some(format!("measure for {LEAST_MEASURE} or longer"));
        faults.push(node.origin.fault(format!("a window of {} is too short", phases.measure), hint));
    }
    let of_a_trial = [("warm_up", phases.warm_up), ("measure", phases.measure), ("drain", phases.drain)];
    for of_one in [of_a_trial.as_slice(), &[("prepare", phases.prepare)]] {
        let all = of_one.iter().fold(0_u64, |sum, (_, span)| sum.saturating_add(span.as_nanos()));
        let longest = of_one.iter().max_by_key(|(_, span)| *span);
        let node = longest.and_then(|(key, _)| section.get(key));
        if let Some(node) = node.filter(|_| all > LONGEST.as_nanos()) {
            let (what, hint) = (
                Span::from_nanos(all),
                "a trial lasts 48h at most, warm-up, window and drain together: measure for less, and repeat it with `repetitions`",
            );
            faults.push(node.origin.fault(format!("a trial of {what} is too long"), Some(hint.to_owned())));
        }
    }
    phases
}
