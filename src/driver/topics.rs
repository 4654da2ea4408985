//! Whether the cluster would make the topics of a plan: asked before the first trial, each distinct one once.

use super::DriverError;
use crate::cluster::{Admin, ClusterError};
use crate::plan::Plan;
use crate::spec::Topic;

/// A topic that the cluster would not make because of what the file asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedTopic {
    /// What is wrong, in the broker's words.
    pub what: String,
    /// Settings of the file that it may be about, the likeliest first.
    pub about: Vec<(String, String)>,
}

/// Puts the numbers in that the plan leaves to the cluster; `name` is that of a topic which is made to learn them.
pub fn put_defaults(plan: &mut Plan, admin: &Admin, name: &str) -> Result<(), DriverError> {
    if !leaves_to_cluster(plan) {
        return Ok(());
    }
    let (partitions, replication) = admin.default_counts(name)?;
    for settings in plan.treatments.iter_mut().map(|treatment| &mut treatment.settings) {
        if settings.of_cluster.partitions {
            settings.topic.partitions = partitions;
        }
        if settings.of_cluster.replication {
            settings.topic.replication = replication;
        }
    }
    Ok(())
}

/// Whether the plan leaves any number of a topic to the cluster.
pub fn leaves_to_cluster(plan: &Plan) -> bool {
    let of_cluster =
        |settings: &crate::spec::Settings| settings.of_cluster.partitions || settings.of_cluster.replication;
    plan.treatments.iter().any(|treatment| of_cluster(&treatment.settings))
}

/// Tries the topic of every treatment, as one of this name. What the file asks for wrongly is told all at once; anything else that is in the way is told alone.
pub fn try_all(plan: &Plan, admin: &Admin, name: &str) -> Result<(), DriverError> {
    let mut tried: Vec<&Topic> = Vec::new();
    let mut refused: Vec<RefusedTopic> = Vec::new();
    for treatment in &plan.treatments {
        let topic = &treatment.settings.topic;
        if tried.contains(&topic) {
            continue;
        }
        tried.push(topic);
        match admin.try_topic(name, topic) {
            Ok(()) => {}
            Err(ClusterError::Topic { reason, of_the_file: true }) => {
                let what = format!("the cluster refuses the topic of `{}`: {reason}", treatment.slug);
                refused.push(RefusedTopic { what, about: about(topic, &reason) });
            }
            Err(error) => return Err(error.into()),
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(DriverError::Topics(refused)) }
}

/// The settings that a broker names, then what it may mean without naming it.
fn about(topic: &Topic, words: &str) -> Vec<(String, String)> {
    let named = topic.config.iter().filter(|(name, _)| words.contains(name.as_str()));
    let mut all: Vec<(String, String)> = named.map(|(name, value)| (name.clone(), value.clone())).collect();
    // `retention.ms` is part of `local.retention.ms`.
    all.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut counts =
        [("partitions", topic.partitions.to_string()), ("replication", topic.replication.to_string())];
    if words.to_ascii_lowercase().contains("replica") {
        counts.reverse();
    }
    all.extend(counts.map(|(name, count)| (name.to_owned(), count)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_that_a_broker_names_is_what_it_is_about() {
        let config = ["retention.ms", "local.retention.ms"].map(|name| (name.to_owned(), "5".to_owned()));
        let topic = Topic { partitions: 4, replication: 3, config: config.into_iter().collect() };
        let first = |words: &str| about(&topic, words).remove(0).0;
        assert_eq!(first("Invalid value 5 for configuration local.retention.ms"), "local.retention.ms");
        assert_eq!(first("Unable to replicate the partition 3 time(s)"), "replication");
        assert_eq!(first("Excessively large number of partitions per request."), "partitions");
    }
}
