//! Whether the cluster would do what events ask of it: tried before the first trial, so that no trial finds out.

use std::collections::BTreeSet;

use super::DriverError;
use super::topics::{RefusedTopic, refusal};
use crate::cluster::Admin;
use crate::plan::Plan;
use crate::spec::{Deed, Event, Properties, Reconfigured, Topic, Which};

/// Tries all that events change, once each, on a topic of this name, which is not made, and on a broker that bench started, if it did. What the file asks for wrongly
/// is told all at once; anything else that is in the way is told alone.
pub fn try_all(plan: &Plan, admin: &Admin, (name, broker): (&str, Option<i32>)) -> Result<(), DriverError> {
    let mut tried = BTreeSet::new();
    let mut refused = Vec::new();
    for settings in plan.treatments.iter().map(|treatment| &treatment.settings) {
        for event in &settings.events {
            refused.extend(beyond(event, settings.most_partitions(), &settings.topic));
            let Deed::Config(change) = &event.deed else { continue };
            if !tried.insert((settings.topic.config.clone(), change.topic.clone(), change.brokers.clone())) {
                continue;
            }
            refused.extend(of_topic(admin, event, (name, &settings.topic, change))?);
            if let Some(id) = broker {
                refused.extend(of_broker(admin, event, (id, &change.brokers))?);
            }
        }
    }
    let refused = each_once(refused);
    if refused.is_empty() { Ok(()) } else { Err(DriverError::Topics(refused)) }
}

/// Each where it comes first: treatments that have an event in common are refused alike.
fn each_once(all: Vec<RefusedTopic>) -> Vec<RefusedTopic> {
    let mut once: Vec<RefusedTopic> = Vec::new();
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

/// What is wrong with an event now that it is known how many partitions the topic has, where the file leaves that to the cluster.
fn beyond(event: &Event, most: u32, topic: &Topic) -> Option<RefusedTopic> {
    let has = topic.partitions;
    match event.deed {
        Deed::Grow(partitions) if topic.is_own() && partitions <= has => Some(RefusedTopic {
            what: format!(
                "a topic of {has} partitions, which is what the cluster makes, cannot be made one of {partitions} (event `{}`)",
                event.name
            ),
            about: vec![("partitions".to_owned(), partitions.to_string())],
        }),
        ref deed => match deed.which() {
            Some(Which::LeaderOf(partition)) if partition >= most => Some(RefusedTopic {
                what: format!(
                    "there is no partition {partition}: the topic has {most} (event `{}`)",
                    event.name
                ),
                about: vec![("broker".to_owned(), format!("leader-of-{partition}"))],
            }),
            _ => None,
        },
    }
}

/// A topic is tried as it would be after the event.
fn of_topic(
    admin: &Admin,
    event: &Event,
    (name, topic, change): (&str, &Topic, &Reconfigured),
) -> Result<Option<RefusedTopic>, DriverError> {
    if change.topic.is_empty() || !topic.is_own() {
        return Ok(None);
    }
    let mut changed = topic.clone();
    changed.config.extend(change.topic.clone());
    let refused = |reason: String| {
        let what = format!("the cluster refuses what event `{}` sets of the topic: {reason}", event.name);
        RefusedTopic { what, about: about(&change.topic, &reason) }
    };
    Ok(refusal(admin, name, &changed)?.map(refused))
}

/// A broker is asked whether it would take the settings.
fn of_broker(
    admin: &Admin,
    event: &Event,
    (id, settings): (i32, &Properties),
) -> Result<Option<RefusedTopic>, DriverError> {
    if settings.is_empty() {
        return Ok(None);
    }
    let refused = |words: String| {
        let what = format!("event `{}` cannot be done: {words}", event.name);
        RefusedTopic { what, about: about(settings, &words) }
    };
    Ok(admin.try_broker(id, settings)?.map(refused))
}

/// Settings by how likely it is that these words are about them: those last that are named by all messages.
fn about(settings: &Properties, words: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        settings.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    // `retention.ms` is part of `local.retention.ms`.
    all.sort_by_key(|(name, _)| {
        (std::cmp::Reverse(words.matches(name.as_str()).count()), std::cmp::Reverse(name.len()))
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::planned;

    #[test]
    fn the_setting_that_is_named_most_often_is_what_it_is_about() {
        let settings = Properties::from(
            ["num.io.threads", "log.dirs", "retention.ms"].map(|name| (name.to_owned(), "1".to_owned())),
        );
        let words = "settings of broker 1 could not be changed (`log.dirs`, `num.io.threads`, `retention.ms`): Cannot update these configs dynamically: Set(log.dirs)";
        assert_eq!(about(&settings, words)[0].0, "log.dirs");
    }

    #[test]
    fn what_is_refused_in_each_treatment_is_told_once() {
        let of = |what: &str| RefusedTopic { what: what.to_owned(), about: Vec::new() };
        let told = each_once(["a", "b", "a", "c", "b"].map(of).to_vec());
        assert_eq!(told, ["a", "b", "c"].map(of));
    }

    #[test]
    fn events_are_held_against_the_partitions_that_the_cluster_makes() {
        let text = "question: q\nworkload: { rate: 1/s }\ntopic: { partitions: -1 }\ncluster: { kafka: { brokers: 3 } }\nevents:\n\
            - { at: 15s, topic: { partitions: 4 } }\n- { at: 16s, restart: { broker: leader-of-3 } }\n";
        let mut plan = planned(text);
        let told = |plan: &Plan| {
            let settings = &plan.treatments[0].settings;
            let most = settings.most_partitions();
            let all = settings.events.iter().filter_map(|event| beyond(event, most, &settings.topic));
            all.map(|one| one.what).collect::<Vec<_>>()
        };
        plan.treatments[0].settings.topic.partitions = 3;
        assert_eq!(told(&plan), Vec::<String>::new());
        plan.treatments[0].settings.topic.partitions = 6;
        assert_eq!(told(&plan).len(), 1, "it cannot shrink");
        assert!(told(&plan)[0].starts_with("a topic of 6 partitions, which is what the cluster makes"));
        plan.treatments[0].settings.events.remove(0);
        plan.treatments[0].settings.topic.partitions = 3;
        assert_eq!(told(&plan), ["there is no partition 3: the topic has 3 (event `restart_broker`)"]);
    }
}
