//! What bench asks of a cluster and tells it: topics, groups, offsets, and what the run met.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::metadata::{MetadataBroker, MetadataTopic};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use tokio::runtime::Runtime;

use super::clients::resolved;
use super::described::{Described, describe};
use super::heard;
use super::numbered::{all_of, by_number};
use super::offsets_topic::{OFFSETS_TOPIC, partition_of};
use super::topics::{self, How, Wanted};
use super::{ClientSettings, ClusterError};
use crate::books::Topics;
use crate::spec::Topic;

const REQUEST: Duration = Duration::from_secs(20);
/// What is asked while load runs may not hold up who asks.
const SOON: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_millis(50);

/// A connection for everything that is not load.
pub struct Admin {
    settings: ClientSettings,
    pub(super) client: AdminClient<DefaultClientContext>,
    asker: BaseConsumer,
    pub(super) runtime: Runtime,
}

/// A place in the partitions of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The first message that is there.
    Beginning,
    /// The next one that comes.
    End,
    /// The first one at or after this moment, Unix ms.
    Moment(i64),
}

/// Whether a group's coordinator is only not there yet.
fn finds_its_coordinator_later(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::CoordinatorNotAvailable
            | RDKafkaErrorCode::CoordinatorLoadInProgress
            | RDKafkaErrorCode::NotCoordinator
            | RDKafkaErrorCode::WaitingForCoordinator
            | RDKafkaErrorCode::UnknownTopicOrPartition
            | RDKafkaErrorCode::RequestTimedOut
            | RDKafkaErrorCode::OperationTimedOut
            | RDKafkaErrorCode::BrokerTransportFailure
    )
}

/// Partitions and replicas of a topic; `None` where it has none yet, or where one has no leader.
fn counts(topic: &MetadataTopic) -> Option<(u32, u16)> {
    let partitions = topic.partitions();
    let replicas = partitions.first()?.replicas().len();
    partitions
        .iter()
        .all(|one| one.leader() >= 0)
        .then_some((partitions.len() as u32, u16::try_from(replicas).unwrap_or(u16::MAX)))
}

fn not_made(name: &str) -> String {
    format!("topic `{name}` could not be made")
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

    /// How it reaches the cluster.
    pub fn settings(&self) -> &ClientSettings {
        &self.settings
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

    pub(super) fn refused(&self, what: String, reason: &str) -> ClusterError {
        ClusterError::Refused { what, reason: self.settings.redacted(reason) }
    }

    /// Makes a topic, of a name that nobody else has, and waits until every partition has a leader. What may pass is asked again for a while.
    pub fn create_topic(&self, name: &str, topic: &Topic) -> Result<(), ClusterError> {
        self.create_topics(&Topics::one(name, topic.of_each()), topic)
    }

    /// The same of several that are alike: all are asked for before any is waited for.
    pub fn create_topics(&self, topics: &Topics, topic: &Topic) -> Result<(), ClusterError> {
        let topic = &with_references(topic)?;
        topics.names().try_for_each(|name| self.ask_for(&Wanted::of(name, topic)))?;
        let whole = |(partitions, _): (u32, u16)| partitions == topic.of_each();
        topics.names().try_for_each(|name| self.await_whole(name, whole).map(|_| ()))
    }

    /// Partitions and replicas that a topic of this cluster has by default: makes one of this name and looks at it.
    pub fn default_counts(&self, name: &str) -> Result<(u32, u16), ClusterError> {
        let wanted = Wanted { name, partitions: -1, replication: -1, config: &BTreeMap::new() };
        self.ask_for(&wanted)?;
        self.await_whole(name, |(partitions, _)| partitions > 0)
    }

    /// Asks for a topic until it is promised.
    fn ask_for(&self, wanted: &Wanted<'_>) -> Result<(), ClusterError> {
        let deadline = Instant::now() + REQUEST * 2;
        while let Err(refusal) = topics::ask(self.client.inner().native_ptr(), wanted, How::Made, REQUEST) {
            if refusal.is_there() {
                break;
            }
            if !refusal.may_pass() || Instant::now() > deadline {
                return Err(self.refused(not_made(wanted.name), &refusal.words));
            }
            std::thread::sleep(RETRY);
        }
        Ok(())
    }

    /// Waits until a topic is `whole`, by partitions and replicas, and every partition has a leader.
    fn await_whole(
        &self,
        name: &str,
        whole: impl Fn((u32, u16)) -> bool,
    ) -> Result<(u32, u16), ClusterError> {
        let deadline = Instant::now() + REQUEST;
        loop {
            if let Some(counts) = self.counts(name).filter(|counts| whole(*counts)) {
                return Ok(counts);
            }
            if Instant::now() > deadline {
                return Err(self.refused(not_made(name), "its partitions have no leaders"));
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
        counts(metadata.topics().first()?)
    }

    /// The broker that leads a partition now; none where it has no leader, or where nobody says so soon.
    pub fn leader(&self, (topic, partition): (&str, i32)) -> Option<i32> {
        let metadata = self.asker.fetch_metadata(Some(topic), SOON).ok()?;
        let partitions = metadata.topics().first()?.partitions();
        let found = partitions.iter().find(|one| one.id() == partition)?;
        Some(found.leader()).filter(|leader| *leader >= 0)
    }

    /// Partitions and replicas of a topic that should be there, waited for until each partition has a leader; `None` where there is no such topic.
    pub fn existing(&self, name: &str) -> Result<Option<(u32, u16)>, ClusterError> {
        let deadline = Instant::now() + REQUEST;
        while Instant::now() < deadline {
            match self.all_topics()?.remove(name) {
                None => return Ok(None),
                Some(Some(counts)) => return Ok(Some(counts)),
                Some(None) => std::thread::sleep(RETRY),
            }
        }
        Err(self.refused(format!("topic `{name}` cannot be used"), "its partitions have no leaders"))
    }

    /// Takes a topic away; one that is not there is no error.
    pub fn delete_topic(&self, name: &str) -> Result<(), ClusterError> {
        self.delete_topics(&[name])
    }

    /// The same of several; those that stay are told, with the reason of the first.
    pub fn delete_topics(&self, names: &[&str]) -> Result<(), ClusterError> {
        let failed =
            |name: &str, why: String| self.refused(format!("topic `{name}` could not be taken away"), &why);
        let options = AdminOptions::new().operation_timeout(Some(REQUEST)).request_timeout(Some(REQUEST));
        let answer = self.runtime.block_on(self.client.delete_topics(names, &options));
        let results = answer.map_err(|error| failed(&names.join(", "), error.to_string()))?;
        let is_left =
            |(_, code): &(String, RDKafkaErrorCode)| *code != RDKafkaErrorCode::UnknownTopicOrPartition;
        let mut left = results.into_iter().filter_map(Result::err).filter(is_left);
        let Some((name, code)) = left.next() else { return Ok(()) };
        let others = left.fold(String::new(), |all, (name, _)| all + ", nor could `" + &name + "`");
        Err(failed(&name, format!("{code}{others}")))
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
        Ok(self.all_topics()?.into_keys().filter(|name| name.starts_with(prefix)).collect())
    }

    /// All topics by their names, each with its partitions and replicas; `None` of one that has a partition without a leader.
    pub fn all_topics(&self) -> Result<BTreeMap<String, Option<(u32, u16)>>, ClusterError> {
        let metadata = self.asker.fetch_metadata(None, REQUEST);
        let metadata = metadata
            .map_err(|error| self.refused("the topics could not be listed".to_owned(), &error.to_string()))?;
        Ok(metadata.topics().iter().map(|topic| (topic.name().to_owned(), counts(topic))).collect())
    }

    /// A group as its coordinator sees it now, with the partitions of these topics by their numbers.
    pub fn described(&self, group: &str, topics: &Topics) -> Result<Described, ClusterError> {
        describe(self.client.inner().native_ptr(), (group, topics), REQUEST)
            .map_err(|reason| self.refused(format!("the group `{group}` could not be described"), &reason))
    }

    /// A client with that group's id that joins nothing: for reading its commits.
    pub fn group_client(&self, group: &str) -> Result<BaseConsumer, ClusterError> {
        let mut config = self.settings.config("bench-lag", &BTreeMap::new())?;
        config.set("group.id", group);
        config.create().map_err(|error| self.settings.client_error(&error))
    }

    /// Who reads in the group's own name, which may be asked for already, and joins nothing and commits nothing.
    fn aside(&self, client: &str, group: &str) -> Result<ClientConfig, ClusterError> {
        let mut config = self.settings.config(client, &BTreeMap::new())?;
        config
            .set("group.id", group)
            .set("enable.auto.commit", "false")
            .set("isolation.level", "read_committed");
        Ok(config)
    }

    /// A client that is told of each commit of a group as its coordinator writes it down; none where the offsets topic is not there or may not be read.
    pub fn commits_client(&self, group: &str) -> Option<BaseConsumer> {
        let client: BaseConsumer = self.aside("bench-commits", group).ok()?.create().ok()?;
        let metadata = client.fetch_metadata(Some(OFFSETS_TOPIC), REQUEST).ok()?;
        let topic = metadata.topics().iter().find(|topic| topic.error().is_none())?;
        let partition = partition_of(group, topic.partitions().len() as u32)?;
        let mut wanted = TopicPartitionList::with_capacity(1);
        wanted.add_partition_offset(OFFSETS_TOPIC, partition as i32, Offset::End).ok()?;
        client.assign(&wanted).ok()?;
        Some(client)
    }

    /// A client that may be assigned partitions of any topic, in the name of a group that it never joins; it tells when it has come to their ends.
    pub fn reading_client(&self, group: &str) -> Result<BaseConsumer, ClusterError> {
        let mut config = self.aside("bench-results", group)?;
        config.set("enable.partition.eof", "true").set("queued.max.messages.kbytes", "16384");
        config.create().map_err(|error| self.settings.client_error(&error))
    }

    /// By partition, where the next message of a topic will lie; `None` where there is no such topic.
    pub fn ends(&self, topic: &str) -> Result<Option<Vec<i64>>, ClusterError> {
        match self.existing(topic)? {
            Some((partitions, _)) => Ok(Some(self.offsets(&Topics::one(topic, partitions), Place::End)?)),
            None => Ok(None),
        }
    }

    /// Offsets of all partitions of topics at a place in them, by their numbers; one request a broker.
    pub fn offsets(&self, topics: &Topics, place: Place) -> Result<Vec<i64>, ClusterError> {
        let failed =
            |reason: &str| self.refused(format!("the offsets of topic `{topics}` could not be read"), reason);
        let asked = |place: Offset| {
            let mut wanted = all_of(topics);
            wanted.set_all_offsets(place).map_err(|error| failed(&error.to_string()))?;
            let answer = self.asker.offsets_for_times(wanted, REQUEST);
            let answer = answer.map_err(|error| failed(&error.to_string()))?;
            Ok::<Vec<Option<i64>>, ClusterError>(by_number(topics, &answer))
        };
        let found = match place {
            Place::Beginning => asked(Offset::Beginning)?,
            Place::End => asked(Offset::End)?,
            Place::Moment(ms) => {
                // Where nothing is as young as that, the next message will be the first.
                let ends = asked(Offset::End)?;
                let found = asked(Offset::Offset(ms.max(0)))?;
                found.into_iter().zip(ends).map(|(found, end)| found.or(end)).collect()
            }
        };
        let all: Option<Vec<i64>> = found.into_iter().collect();
        all.ok_or_else(|| failed("a partition did not answer"))
    }

    /// Commits offsets of topics for a group that nobody is in, by the numbers of their partitions; none where it has none.
    pub fn commit(&self, group: &str, topics: &Topics, offsets: &[Option<i64>]) -> Result<(), ClusterError> {
        let failed = |error: &rdkafka::error::KafkaError| {
            self.refused(
                format!("the group `{group}` could not be put where it is to begin"),
                &error.to_string(),
            )
        };
        let client = self.group_client(group)?;
        let mut list = TopicPartitionList::with_capacity(offsets.len());
        for ((topic, partition), offset) in topics.all().zip(offsets) {
            let Some(offset) = *offset else { continue };
            list.add_partition_offset(topic, partition, Offset::Offset(offset))
                .map_err(|error| failed(&error))?;
        }
        // On a cluster where no group has ever committed, the topic of the commits is made first.
        let deadline = Instant::now() + REQUEST;
        while let Err(error) = client.commit(&list, CommitMode::Sync) {
            if !error.rdkafka_error_code().is_some_and(finds_its_coordinator_later)
                || Instant::now() > deadline
            {
                return Err(failed(&error));
            }
            std::thread::sleep(RETRY);
        }
        Ok(())
    }

    /// A group's commits, all partitions in one request; `None` where nothing is committed.
    pub fn committed(&self, group: &str, topics: &Topics) -> Result<Vec<Option<i64>>, ClusterError> {
        let client = self.group_client(group)?;
        let answer = client.committed_offsets(all_of(topics), REQUEST);
        let answer = answer.map_err(|error| {
            self.refused(format!("the commits of `{group}` could not be read"), &error.to_string())
        })?;
        Ok(by_number(topics, &answer))
    }
}
