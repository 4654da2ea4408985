//! What bench asks of a cluster and tells it: topics, groups, offsets, and what the run met.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::metadata::MetadataBroker;
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use tokio::runtime::Runtime;

use super::clients::resolved;
use super::described::{Described, describe};
use super::heard;
use super::topics::{self, How, Wanted};
use super::{ClientSettings, ClusterError};
use crate::spec::Topic;

const REQUEST: Duration = Duration::from_secs(20);
const RETRY: Duration = Duration::from_millis(50);

/// A connection for everything that is not load.
pub struct Admin {
    settings: ClientSettings,
    client: AdminClient<DefaultClientContext>,
    asker: BaseConsumer,
    runtime: Runtime,
}

/// A topic whose settings have what the environment says.
fn with_references(topic: &Topic) -> Result<Topic, ClusterError> {
    Ok(Topic { config: resolved(&topic.config)?, ..topic.clone() })
}

/// What a run met, for its manifest.
#[derive(Clone, Debug, Default)]
pub struct Met {
    /// Where each of its brokers listens.
    pub brokers: Vec<(String, u16)>,
    /// The cluster's id; `None` where it gives none.
    pub cluster_id: Option<String>,
}

impl Admin {
    /// Connects; a cluster that does not answer within 20 s, or that will not have this client, is an error.
    pub fn connect(settings: &ClientSettings) -> Result<Self, ClusterError> {
        let config = settings.config("bench-control", &BTreeMap::new())?;
        heard::reach(settings, &config)?;
        let client = config.create().map_err(|error| settings.client_error(&error))?;
        let asker: BaseConsumer = config.create().map_err(|error| settings.client_error(&error))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| ClusterError::Client { reason: error.to_string() })?;
        Ok(Admin { settings: settings.clone(), client, asker, runtime })
    }

    /// Brokers and cluster id.
    pub fn met(&self) -> Met {
        let metadata = self.asker.fetch_metadata(None, REQUEST);
        let at =
            |broker: &MetadataBroker| Some((broker.host().to_owned(), u16::try_from(broker.port()).ok()?));
        let brokers =
            metadata.map_or_else(|_| Vec::new(), |all| all.brokers().iter().filter_map(at).collect());
        Met { brokers, cluster_id: self.asker.client().fetch_cluster_id(REQUEST) }
    }

    fn refused(&self, what: String, reason: &str) -> ClusterError {
        ClusterError::Refused { what, reason: self.settings.redacted(reason) }
    }

    /// Makes a topic, of a name that nobody else has, and waits until every partition has a leader. What may pass is asked again for a while.
    pub fn create_topic(&self, name: &str, topic: &Topic) -> Result<(), ClusterError> {
        let topic = &with_references(topic)?;
        let counts = self.make(&Wanted::of(name, topic), |(partitions, _)| partitions == topic.partitions);
        counts.map(|_| ())
    }

    /// Partitions and replicas that a topic of this cluster has by default: makes one of this name and looks at it.
    pub fn default_counts(&self, name: &str) -> Result<(u32, u16), ClusterError> {
        let wanted = Wanted { name, partitions: -1, replication: -1, config: &BTreeMap::new() };
        self.make(&wanted, |(partitions, _)| partitions > 0)
    }

    /// Makes a topic and waits until it is `whole`, by partitions and replicas, and every partition has a leader.
    fn make(
        &self,
        wanted: &Wanted<'_>,
        whole: impl Fn((u32, u16)) -> bool,
    ) -> Result<(u32, u16), ClusterError> {
        let what = || format!("topic `{}` could not be made", wanted.name);
        let deadline = Instant::now() + REQUEST * 2;
        while let Err(refusal) = topics::ask(self.client.inner().native_ptr(), wanted, How::Made, REQUEST) {
            if refusal.is_there() {
                break;
            }
            if !refusal.may_pass() || Instant::now() > deadline {
                return Err(self.refused(what(), &refusal.words));
            }
            std::thread::sleep(RETRY);
        }
        let deadline = Instant::now() + REQUEST;
        loop {
            if let Some(counts) = self.counts(wanted.name).filter(|counts| whole(*counts)) {
                return Ok(counts);
            }
            if Instant::now() > deadline {
                return Err(self.refused(what(), "its partitions have no leaders"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks the brokers whether they would make a topic of that name; nothing is made.
    pub fn try_topic(&self, name: &str, topic: &Topic) -> Result<(), ClusterError> {
        let topic = with_references(topic)?;
        topics::ask(self.client.inner().native_ptr(), &Wanted::of(name, &topic), How::Tried, REQUEST).map_err(
            |refusal| {
                let of_the_file = refusal.is_of_the_file();
                ClusterError::Topic { reason: self.settings.redacted(&refusal.words), of_the_file }
            },
        )
    }

    /// Partitions and replicas of a topic; `None` where it is not known yet, or where a partition has no leader.
    fn counts(&self, name: &str) -> Option<(u32, u16)> {
        let metadata = self.asker.fetch_metadata(Some(name), REQUEST).ok()?;
        let topic = metadata.topics().first()?;
        let partitions = topic.partitions();
        let replicas = partitions.first()?.replicas().len();
        partitions
            .iter()
            .all(|one| one.leader() >= 0)
            .then_some((partitions.len() as u32, u16::try_from(replicas).unwrap_or(u16::MAX)))
    }

    /// Takes a topic away; one that is not there is no error.
    pub fn delete_topic(&self, name: &str) -> Result<(), ClusterError> {
        let what = || format!("topic `{name}` could not be taken away");
        let options = AdminOptions::new().operation_timeout(Some(REQUEST)).request_timeout(Some(REQUEST));
        let answer = self.runtime.block_on(self.client.delete_topics(&[name], &options));
        let results = answer.map_err(|error| self.refused(what(), &error.to_string()))?;
        match results.into_iter().find_map(Result::err) {
            Some((_, code)) if code != RDKafkaErrorCode::UnknownTopicOrPartition => {
                Err(self.refused(what(), &code.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// Takes a group away; one that is not there is no error. Members of a killed run count until their sessions end: that is waited for as long as `wait`,
    /// asked with the time that went by, says so.
    pub fn delete_group(&self, name: &str, wait: &dyn Fn(Duration) -> bool) -> Result<(), ClusterError> {
        let what = || format!("group `{name}` could not be taken away");
        let options = AdminOptions::new().request_timeout(Some(REQUEST));
        let begun = Instant::now();
        loop {
            let answer = self.runtime.block_on(self.client.delete_groups(&[name], &options));
            let results = answer.map_err(|error| self.refused(what(), &error.to_string()))?;
            match results.into_iter().find_map(Result::err) {
                None | Some((_, RDKafkaErrorCode::GroupIdNotFound)) => return Ok(()),
                Some((_, code @ RDKafkaErrorCode::NonEmptyGroup)) => {
                    let waited = begun.elapsed();
                    if !wait(waited) {
                        let lost = format!(
                            "{code}: members that were lost count until their sessions end, and {} s were waited for",
                            waited.as_secs()
                        );
                        return Err(self.refused(what(), &lost));
                    }
                    std::thread::sleep(RETRY);
                }
                Some((_, code)) => return Err(self.refused(what(), &code.to_string())),
            }
        }
    }

    /// Names of the topics that begin so.
    pub fn topics(&self, prefix: &str) -> Result<Vec<String>, ClusterError> {
        let metadata = self.asker.fetch_metadata(None, REQUEST);
        let metadata = metadata
            .map_err(|error| self.refused("the topics could not be listed".to_owned(), &error.to_string()))?;
        Ok(metadata
            .topics()
            .iter()
            .map(|topic| topic.name().to_owned())
            .filter(|name| name.starts_with(prefix))
            .collect())
    }

    /// The topic's settings as the cluster applies them.
    pub fn topic_config(&self, name: &str) -> Result<BTreeMap<String, String>, ClusterError> {
        let options = AdminOptions::new().request_timeout(Some(REQUEST));
        let answer =
            self.runtime.block_on(self.client.describe_configs([&ResourceSpecifier::Topic(name)], &options));
        let failed = |reason: String| {
            self.refused(format!("the settings of topic `{name}` could not be read"), &reason)
        };
        let resources = answer.map_err(|error| failed(error.to_string()))?;
        let resource = resources.into_iter().next().ok_or_else(|| failed("no answer".to_owned()))?;
        let entries = resource.map_err(|code| failed(code.to_string()))?.entries;
        Ok(entries.into_iter().map(|entry| (entry.name, entry.value.unwrap_or_default())).collect())
    }

    /// A group as its coordinator sees it now, with the partitions of that topic.
    pub fn described(&self, group: &str, topic: &str) -> Result<Described, ClusterError> {
        describe(self.client.inner().native_ptr(), (group, topic), REQUEST)
            .map_err(|reason| self.refused(format!("the group `{group}` could not be described"), &reason))
    }

    /// A client with that group's id that joins nothing: for reading its commits.
    pub fn group_client(&self, group: &str) -> Result<BaseConsumer, ClusterError> {
        let mut config = self.settings.config("bench-lag", &BTreeMap::new())?;
        config.set("group.id", group);
        config.create().map_err(|error| self.settings.client_error(&error))
    }

    /// A group's commits, all partitions in one request; `None` where nothing is committed.
    pub fn committed(
        &self,
        group: &str,
        topic: &str,
        partitions: u32,
    ) -> Result<Vec<Option<i64>>, ClusterError> {
        let client = self.group_client(group)?;
        let mut wanted = TopicPartitionList::with_capacity(partitions as usize);
        for partition in 0..partitions {
            wanted.add_partition(topic, partition as i32);
        }
        let answer = client.committed_offsets(wanted, REQUEST);
        let answer = answer.map_err(|error| {
            self.refused(format!("the commits of `{group}` could not be read"), &error.to_string())
        })?;
        let offset = |partition: u32| match answer.find_partition(topic, partition as i32)?.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        };
        Ok((0..partitions).map(offset).collect())
    }
}
