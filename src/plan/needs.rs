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
        });
        let at_once = self.most(|settings| {
            producers(settings, Client::Light) + producers(settings, Client::Librdkafka) * TO_FIRST
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
