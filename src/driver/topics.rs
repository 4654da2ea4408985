//! Whether the cluster would make the topics of a plan: asked before the first trial, each distinct one once.

use std::collections::BTreeMap;

use super::DriverError;
use crate::cluster::{Admin, ClusterError};
use crate::plan::Plan;
use crate::spec::Topic;

/// A topic that the cluster would not make, or an image that cannot be had, because of what the file asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedTopic {
    /// What is wrong, in the words of whoever refused it.
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
        if !settings.topic.is_own() {
            continue;
        }
        if settings.of_cluster.partitions {
            settings.topic.partitions = partitions.saturating_mul(settings.topic.count);
        }
        if settings.of_cluster.replication {
            settings.topic.replication = replication;
        }
    }
    Ok(())
}

/// Whether the plan leaves any number of a topic to the cluster.
pub fn leaves_to_cluster(plan: &Plan) -> bool {
    let of_cluster = |settings: &crate::spec::Settings| {
        let numbers = settings.of_cluster.partitions || settings.of_cluster.replication;
        numbers && settings.topic.is_own()
    };
    plan.treatments.iter().any(|treatment| of_cluster(&treatment.settings))
}

/// Puts the topics in that are there already, as they are; those that are not are told all at once.
pub fn put_existing(plan: &mut Plan, admin: &Admin) -> Result<(), DriverError> {
    if plan.treatments.iter().all(|treatment| treatment.settings.topic.is_own()) {
        return Ok(());
    }
    let there = admin.all_topics()?;
    let mut missing: BTreeMap<String, RefusedTopic> = BTreeMap::new();
    for settings in plan.treatments.iter_mut().map(|treatment| &mut treatment.settings) {
        let topic = &mut settings.topic;
        if let Some(pattern) = &topic.pattern {
            topic.existing = pattern.found(there.keys().cloned());
            if topic.existing.is_empty() {
                let what = format!("the cluster has no topic whose name matches `{}`", pattern.text);
                let about = vec![("pattern".to_owned(), pattern.text.clone())];
                missing.insert(pattern.text.clone(), RefusedTopic { what, about });
            }
        }
        for existing in &mut topic.existing {
            let name = &existing.name;
            let counts = match there.get(name) {
                // A partition has no leader yet.
                Some(None) => admin.existing(name)?,
                known => known.copied().flatten(),
            };
            if let Some((partitions, replication)) = counts {
                (existing.partitions, existing.replication) = (partitions, Some(replication));
            } else {
                let what = format!("the cluster has no topic `{name}`");
                let about = vec![("existing".to_owned(), name.clone())];
                missing.insert(name.clone(), RefusedTopic { what, about });
            }
        }
        if !topic.existing.is_empty() {
            topic.partitions = topic.existing.iter().map(|one| one.partitions).sum();
            topic.replication = topic.existing.iter().filter_map(|one| one.replication).max().unwrap_or(1);
        }
    }
    let missing: Vec<RefusedTopic> = missing.into_values().collect();
    if missing.is_empty() { Ok(()) } else { Err(DriverError::Topics(missing)) }
}

/// Tries the topic of every treatment, as one of this name. What the file asks for wrongly is told all at once; anything else that is in the way is told alone.
pub fn try_all(plan: &Plan, admin: &Admin, name: &str) -> Result<(), DriverError> {
    let mut tried: Vec<&Topic> = Vec::new();
    let mut refused: Vec<RefusedTopic> = Vec::new();
    for treatment in &plan.treatments {
        let topic = &treatment.settings.topic;
        if !topic.is_own() || tried.contains(&topic) {
            continue;
        }
        tried.push(topic);
        if let Some(reason) = refusal(admin, name, topic)? {
            let what = format!("the cluster refuses the topic of `{}`: {reason}", treatment.slug);
            refused.push(RefusedTopic { what, about: about(topic, &reason) });
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(DriverError::Topics(refused)) }
}

/// Why the cluster would not make a topic for what the file asks of it; none where it would. Anything else that is in the way is an error.
pub fn refusal(admin: &Admin, name: &str, topic: &Topic) -> Result<Option<String>, DriverError> {
    match admin.try_topic(name, topic) {
        Ok(()) => Ok(None),
        Err(ClusterError::Topic { reason, of_the_file: true }) => Ok(Some(reason)),
        Err(error) => Err(error.into()),
    }
}

/// The settings that a broker names, then what it may mean without naming it.
fn about(topic: &Topic, words: &str) -> Vec<(String, String)> {
    let named = topic.config.iter().filter(|(name, _)| words.contains(name.as_str()));
    let mut all: Vec<(String, String)> = named.map(|(name, value)| (name.clone(), value.clone())).collect();
    // `retention.ms` is part of `local.retention.ms`.
    all.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut counts =
        [("partitions", topic.of_each().to_string()), ("replication", topic.replication.to_string())];
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
        let config = config.into_iter().collect();
        let topic = Topic { partitions: 4, replication: 3, config, ..Topic::default() };
        let first = |words: &str| about(&topic, words).remove(0).0;
        assert_eq!(first("Invalid value 5 for configuration local.retention.ms"), "local.retention.ms");
        assert_eq!(first("Unable to replicate the partition 3 time(s)"), "replication");
        assert_eq!(first("Excessively large number of partitions per request."), "partitions");
    }
}
