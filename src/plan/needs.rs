//! What a plan takes of the host that sends: open files and local ports, at the most, and memory of the brokers that it starts, at the least. A broker that bench
//! starts has the limits that bench has.

use serde::Serialize;

use super::Plan;
use super::machines::stages;
use crate::spec::{Client, Cluster, Consumers, Role, Settings};

/// Files that bench itself has open: its own connections, records, pipes of consumers.
const OF_BENCH: u64 = 128;
/// Files of one of librdkafka's producers: pipes between its threads, and connections. Measured.
const OF_LIBRDKAFKA: u64 = 5;
/// Connections of one of librdkafka's producers to the broker that it began with.
const TO_FIRST: u64 = 2;

/// Files of one instance of consumers: two pipes, the socket to its emulator, one more while it starts. Measured.
const OF_INSTANCE: u64 = 4;
/// Files of what follows one group's commits, and of what is written down of it while it runs. Measured.
const OF_GROUP: u64 = 14;
/// Files of what reads one page of others: its thread's event loop, a connection, and what is written down of it.
const OF_PAGE: u64 = 6;
/// Files of a broker without partitions and connections, 165 when measured, and those of bench's own connections to it.
const OF_BROKER: u64 = 256;
/// Files of a replica of a partition: the log that is written, and another while one is rolled or taken away.
const OF_REPLICA: u64 = 2;
/// Connections of one consumer to one broker: the first, the partitions', the group's coordinator.
const OF_MEMBER: u64 = 3;
/// Connections of one broker to another: one that fetches what it leads, one for all else.
const OF_PAIR: u64 = 2;
/// Files of a connection over a distance: both of its ends are in bench.
const OF_CARRIED: u64 = 2;
/// Files of what carries a role, beside a listener for each broker: a queue of events, a timer, a bell, pings there and back and their listeners.
const OF_ROLE: u64 = 9;

/// Memory of a broker beside its heap, in bytes: a JVM with 512 MiB of heap took 655 MiB. Measured.
const BESIDE_HEAP: u64 = 140 << 20;

/// What the host that sends must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Needs {
    /// Files open at one time in one process, connections among them: in bench, or in a broker that it starts.
    pub open_files: u64,
    /// Local ports for connections to one broker; those of the trial before are not free at once.
    pub ports: u64,
    /// Bytes of memory that all brokers which bench starts take together once their heaps are full; 0 where it starts none.
    pub broker_memory: u64,
}

impl Plan {
    /// What the plan takes, if so many brokers lead partitions.
    pub fn needs(&self, brokers: u32) -> Needs {
        let away = self.distant();
        let open_files = self.most(|settings| {
            let links = leaders(settings, brokers.into());
            producers(settings, Client::Light) * links
                + producers(settings, Client::Librdkafka) * (OF_LIBRDKAFKA + links - 1)
                + instances(settings) * OF_INSTANCE
                + settings.consumers.len() as u64 * OF_GROUP
                + away.iter().map(|role| carried(settings, *role, u64::from(brokers))).sum::<u64>()
        });
        let of_bench = open_files + OF_BENCH + self.scrape.len() as u64 * OF_PAGE;
        let trials = if self.trials.len() > 1 || self.prepare.as_nanos() > 0 { 2 } else { 1 };
        let broker_memory = match self.cluster {
            Cluster::Kafka { brokers, heap, .. } => {
                heap.get().saturating_add(BESIDE_HEAP).saturating_mul(u64::from(brokers))
            }
            Cluster::Bootstrap { .. } => 0,
        };
        let open_files = of_bench.max(self.of_broker());
        Needs { open_files, ports: self.most(connections) * trials, broker_memory }
    }

    /// Files of one of the brokers that bench starts; 0 where it starts none.
    fn of_broker(&self) -> u64 {
        let Cluster::Kafka { brokers, .. } = self.cluster else { return 0 };
        self.most(|settings| {
            let replicas =
                u64::from(settings.most_partitions()) * u64::from(settings.topic.replication.max(1));
            OF_BROKER + replicas.div_ceil(u64::from(brokers.max(1))) * OF_REPLICA + connections(settings)
        })
    }

    /// Brokers that bench starts, else one: how many a cluster has that is there already is known when it answers.
    pub fn brokers(&self) -> u32 {
        match self.cluster {
            Cluster::Kafka { brokers, .. } => brokers,
            Cluster::Bootstrap { .. } => 1,
        }
    }

    /// What the producers of each client come to at most: `5000 light`.
    pub fn clients(&self) -> Vec<(Client, u64)> {
        [Client::Librdkafka, Client::Light]
            .into_iter()
            .map(|client| (client, self.most(|settings| producers(settings, client))))
            .filter(|(_, most)| *most > 0)
            .collect()
    }

    /// The greatest of what the treatments come to.
    fn most(&self, count: impl Fn(&Settings) -> u64) -> u64 {
        self.treatments.iter().map(|treatment| count(&treatment.settings)).max().unwrap_or_default()
    }
}

/// Connections of producers and consumers to one broker.
fn connections(settings: &Settings) -> u64 {
    producers(settings, Client::Light)
        + producers(settings, Client::Librdkafka) * TO_FIRST
        + members(settings) * OF_MEMBER
}

/// Files of what carries the connections of a role that is away.
fn carried(settings: &Settings, role: Role, brokers: u64) -> u64 {
    let leaders = leaders(settings, brokers);
    let connections = match role {
        Role::Producers => {
            producers(settings, Client::Light) * leaders
                + producers(settings, Client::Librdkafka) * (TO_FIRST + leaders - 1)
        }
        Role::Consumers => members(settings) * (OF_MEMBER + leaders - 1),
        Role::Brokers => brokers * brokers.saturating_sub(1) * OF_PAIR,
    };
    connections * OF_CARRIED + OF_ROLE + brokers
}

/// Brokers that lead a partition, of so many.
fn leaders(settings: &Settings, brokers: u64) -> u64 {
    brokers.min(u64::from(settings.most_partitions())).max(1)
}

fn members(settings: &Settings) -> u64 {
    at_most(settings).map(|(group, instances)| instances * u64::from(group.threads)).sum()
}

fn producers(settings: &Settings, client: Client) -> u64 {
    let fleets = settings.workload.fleets.iter().filter(|fleet| fleet.client == client);
    fleets.map(|fleet| u64::from(fleet.producers)).sum()
}

fn instances(settings: &Settings) -> u64 {
    at_most(settings).map(|(_, instances)| instances).sum()
}

/// Each group, and how many instances it has at once at most.
fn at_most(settings: &Settings) -> impl Iterator<Item = (&Consumers, u64)> {
    stages(settings).map(|(group, stages)| {
        let counts = stages.iter().map(|stage| stage.iter().map(|(count, _)| u64::from(*count)).sum::<u64>());
        (group, counts.max().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::super::compile::planned;
    use super::{BESIDE_HEAP, Needs, Role, carried};

    fn needs(rest: &str) -> Needs {
        let text = format!("question: q\nphases: {{prepare: 0s, warm_up: 0s, measure: 5s}}\n{rest}\n");
        planned(&text).needs(1)
    }

    const CROWD: &str = "workload: {rate: 10/s, fleets: [{name: a, client: light, producers: 2000}]}";

    #[test]
    fn what_a_plan_needs_counts_producers_instances_and_what_follows_their_groups() {
        let there = |rest: &str| needs(&format!("cluster: {{bootstrap: {{servers: \"a:1\"}}}}\n{rest}"));
        assert_eq!(there(CROWD), Needs { open_files: 2_128, ports: 2_000, broker_memory: 0 });
        let read = there(&format!("{CROWD}\nconsumers: {{instances: 100, threads: 2}}"));
        assert_eq!(read, Needs { open_files: 2_128 + 400 + 14, ports: 2_000 + 600, broker_memory: 0 });
    }

    #[test]
    fn a_broker_that_bench_starts_needs_its_connections_and_its_logs() {
        let broker_memory = (1 << 30) + BESIDE_HEAP;
        assert_eq!(needs(CROWD), Needs { open_files: 256 + 2 + 2_000, ports: 2_000, broker_memory });
        // Tried: with 2,128 files such a broker died of the lack of them.
        let many = needs(&format!("topic: {{partitions: 400}}\n{CROWD}"));
        assert_eq!(many.open_files, 256 + 800 + 2_000);
        let three = "cluster: {kafka: {brokers: 3}}\ntopic: {partitions: 400, replication: 2}";
        assert_eq!(needs(&format!("{three}\n{CROWD}")).open_files, 256 + 267 * 2 + 2_000);
        let grown =
            format!("topic: {{partitions: 4}}\nevents: [{{at: 4s, topic: {{partitions: 400}}}}]\n{CROWD}");
        assert_eq!(needs(&grown).open_files, many.open_files, "those too that are added");
        let few = "workload: {rate: 10/s}\nconsumers: {instances: 100}";
        assert_eq!(needs(few).open_files, 256 + 2 + 2 + 300, "more than bench's own 547");
        let added = format!(
            "{few}\nevents: [{{at: 4s, add: {{instances: 50}}}}, {{at: 4500ms, scale: {{instances: 20}}}}]"
        );
        assert_eq!(
            needs(&added).open_files,
            128 + 5 + 150 * 4 + 14,
            "bench's own, of those too that are added"
        );
    }

    #[test]
    fn who_is_away_has_both_ends_of_each_connection_in_bench() {
        let files = |rest: &str| needs(&format!("{CROWD}\nconsumers: {{instances: 100}}\n{rest}")).open_files;
        let near = 128 + 2_000 + 100 * 4 + 14;
        // 2,000 light producers, and 100 consumers of three connections each, with what listens and pings.
        assert_eq!(files("network: {producers: near}"), near + 2 * 2_000 + 9 + 1);
        assert_eq!(files("network: {producers: near, consumers: near}"), near + 2 * 2_300 + 2 * (9 + 1));
        let settings = planned(&format!("question: q\n{CROWD}\n")).treatments.remove(0).settings;
        assert_eq!(carried(&settings, Role::Brokers, 3), 6 * 2 * 2 + 9 + 3, "six pairs, one each way");
    }

    #[test]
    fn the_heaps_of_all_brokers_are_added_up_and_a_cluster_that_is_there_takes_none() {
        let needs = |cluster: &str| {
            let rest = "phases: {prepare: 0s, warm_up: 0s, measure: 5s}\nworkload: {rate: 10/s}";
            planned(&format!("question: q\ncluster: {cluster}\n{rest}\n")).needs(1).broker_memory
        };
        assert_eq!(needs("{kafka: {brokers: 3}}"), 3 * ((512 << 20) + BESIDE_HEAP));
        assert_eq!(needs("{kafka: {brokers: 2, heap: 2GiB}}"), 2 * ((2 << 30) + BESIDE_HEAP));
        assert_eq!(needs("{bootstrap: {servers: 'a:1'}}"), 0);
    }
}
