//! What a plan takes of the host that sends: open files and local ports, at the most.

use serde::Serialize;

use super::Plan;
use crate::spec::{Client, Cluster, Settings};

/// Files that bench itself has open: its own connections, records, pipes of consumers.
const OF_BENCH: u64 = 128;
/// Files of one of librdkafka's producers: pipes between its threads, and connections. Measured.
const OF_LIBRDKAFKA: u64 = 5;
/// Connections of one of librdkafka's producers to the broker that it began with.
const TO_FIRST: u64 = 2;

/// Files of one instance of consumers: two pipes, the socket to its emulator, one more while it starts. Measured.
const OF_INSTANCE: u64 = 4;
/// Files of what follows one group's commits. Measured.
const OF_GROUP: u64 = 12;
/// Connections of one consumer to one broker: the first, the partitions', the group's coordinator.
const OF_MEMBER: u64 = 3;

/// What the host that sends must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Needs {
    /// Files open at one time, connections among them.
    pub open_files: u64,
    /// Local ports for connections to one broker; those of the trial before are not free at once.
    pub ports: u64,
}

impl Plan {
    /// What the plan takes, if so many brokers lead partitions.
    pub fn needs(&self, brokers: u32) -> Needs {
        let open_files = self.most(|settings| {
            let links = u64::from(brokers.min(settings.topic.partitions).max(1));
            producers(settings, Client::Light) * links
                + producers(settings, Client::Librdkafka) * (OF_LIBRDKAFKA + links - 1)
                + instances(settings) * OF_INSTANCE
                + settings.consumers.len() as u64 * OF_GROUP
        });
        let at_once = self.most(|settings| {
            let members = settings.consumers.iter().map(|group| u64::from(group.instances * group.threads));
            producers(settings, Client::Light)
                + producers(settings, Client::Librdkafka) * TO_FIRST
                + members.sum::<u64>() * OF_MEMBER
        });
        let trials = if self.trials.len() > 1 || self.prepare.as_nanos() > 0 { 2 } else { 1 };
        Needs { open_files: open_files + OF_BENCH, ports: at_once * trials }
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

fn producers(settings: &Settings, client: Client) -> u64 {
    let fleets = settings.workload.fleets.iter().filter(|fleet| fleet.client == client);
    fleets.map(|fleet| u64::from(fleet.producers)).sum()
}

fn instances(settings: &Settings) -> u64 {
    settings.consumers.iter().map(|group| u64::from(group.instances)).sum()
}

#[cfg(test)]
mod tests {
    use super::super::compile::planned;
    use super::Needs;

    #[test]
    fn what_a_plan_needs_counts_producers_instances_and_what_follows_their_groups() {
        let needs = |rest: &str| {
            let text = format!("question: q\nphases: {{prepare: 0s, warm_up: 0s, measure: 5s}}\n{rest}\n");
            planned(&text).needs(1)
        };
        let crowd = "workload: {rate: 10/s, fleets: [{name: a, client: light, producers: 2000}]}";
        assert_eq!(needs(crowd), Needs { open_files: 2_128, ports: 2_000 });
        let read = format!("{crowd}\nconsumers: {{instances: 100, threads: 2}}");
        assert_eq!(needs(&read), Needs { open_files: 2_128 + 400 + 12, ports: 2_000 + 600 });
    }
}
