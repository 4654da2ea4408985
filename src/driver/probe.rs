//! Whether the fleets of a plan can write at all: one message through every partition, by each distinct kind of producer, before the first trial.

use super::DriverError;
use super::world::World;
use crate::cluster::Talk;
use crate::load::{Attempt, Bodies, try_out};
use crate::plan::Plan;
use crate::spec::{Client, Fleet, Message, Properties, Settings, Size, Topic};

/// Of sizes that are drawn, the one that is tried: one message in forty is larger.
const DEVIATE: f64 = 2.0;

/// A topic that is tried, with all that is written to it.
struct Case<'a> {
    topic: Topic,
    writers: Vec<Writer<'a>>,
}

/// What of a producer decides whether it can write.
#[derive(Clone, Copy)]
struct Writer<'a> {
    fleet: &'a Fleet,
    message: &'a Message,
    settings: &'a Settings,
}

impl Writer<'_> {
    fn key(&self) -> (Client, &Properties, bool, Option<u32>, u64) {
        let Fleet { client, properties, transactions, partition, .. } = self.fleet;
        (*client, properties, transactions.is_some(), *partition, size(&self.message.size))
    }
}

/// Bytes of the message that is tried.
fn size(size: &Size) -> u64 {
    size.at_deviate(DEVIATE).unwrap_or_else(|| size.largest())
}

/// Topics that differ in more than partitions, each with as many as any treatment has, and the distinct producers that write to them.
fn cases(plan: &Plan) -> Vec<Case<'_>> {
    let mut all: Vec<Case<'_>> = Vec::new();
    for settings in plan.treatments.iter().map(|treatment| &treatment.settings) {
        let topic = &settings.topic;
        let same = |case: &Case<'_>| {
            case.topic.replication == topic.replication && case.topic.config == topic.config
        };
        let at = all.iter().position(same).unwrap_or_else(|| {
            all.push(Case { topic: topic.clone(), writers: Vec::new() });
            all.len() - 1
        });
        let case = &mut all[at];
        case.topic.partitions = case.topic.partitions.max(topic.partitions);
        for fleet in &settings.workload.fleets {
            let writer = Writer { fleet, message: &settings.workload.message, settings };
            if case.writers.iter().all(|known| known.key() != writer.key()) {
                case.writers.push(writer);
            }
        }
    }
    all
}

/// Tries them all; the first that cannot write is told, and what was made for it is taken away.
pub fn try_all(world: &World, plan: &Plan, talk: &mut Talk<'_>) -> Result<(), DriverError> {
    for (number, case) in cases(plan).iter().enumerate() {
        if (talk.stop)() {
            return Ok(());
        }
        let name = format!("{}probe-{number}", world.prefix());
        let tried = world.create_spare_topic(&name, &case.topic).and_then(|()| write(world, &name, case));
        if let (Err(error), true) = (world.remove_spare_topic(&name), tried.is_ok()) {
            (talk.tell)(&format!("{error}; `bench clean` takes it away later"));
        }
        tried?;
    }
    Ok(())
}

fn write(world: &World, name: &str, case: &Case<'_>) -> Result<(), DriverError> {
    let before = world.logged();
    for writer in &case.writers {
        let Writer { fleet, message, settings } = writer;
        let client = world.one_of(fleet, name)?;
        let largest = size(&message.size) as usize;
        let mut bodies = Bodies::new(largest, 1, message.compressibility, 0);
        let partitions = match fleet.partition {
            Some(partition) => vec![partition],
            None => (0..case.topic.partitions).collect(),
        };
        let payload = bodies.take(largest);
        let (blanks, transactions) = (&vec![b' '; largest][..], fleet.transactions.is_some());
        let attempt = Attempt { topic: name, partitions, payload, blanks, transactions };
        try_out(&client, &attempt).map_err(|reason| DriverError::NoWriting {
            fleet: fleet.name.clone(),
            reason: world.redacted(&reason, settings) + &of_the_logs(&before, &world.logged()),
        })?;
    }
    Ok(())
}

/// What a broker of our own has logged as its first error since: it may know more than it tells its clients.
fn of_the_logs(before: &[String], after: &[String]) -> String {
    let new = before.iter().zip(after).filter_map(|(before, after)| after.get(before.len()..));
    let first = new.flat_map(str::lines).find(|line| line.contains("ERROR"));
    first.map(|line| format!("; the broker's log says: {line}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::planned;

    fn plan(rest: &str) -> Plan {
        let text = format!("question: q\n{rest}");
        planned(&text)
    }

    #[test]
    fn each_distinct_producer_writes_once_to_each_distinct_topic_of_as_many_partitions_as_any_has() {
        let plan = plan(
            "workload: {rate: 10/s, fleets: [{name: a, share: 50%, properties: {acks: 1}}, {name: b, share: 50%, properties: {acks: 1}}]}\n\
             consumers: {}\nfactors: {topic.partitions: [1, 8, 4], consumers.instances: [1, 2], workload.message.size: [100B, 1KiB]}\n",
        );
        let cases = cases(&plan);
        assert_eq!(cases.len(), 1);
        assert_eq!((cases[0].topic.partitions, cases[0].writers.len()), (8, 2), "two sizes");
    }

    #[test]
    fn topics_of_other_settings_and_fleets_of_other_properties_are_tried_too() {
        let plan = plan(
            "workload: {rate: 10/s, fleets: [{name: a, share: 50%, properties: {acks: 1}}, {name: b, share: 50%, client: light}]}\n\
             factors: {topic.config.retention.ms: [60000, 600000]}\n",
        );
        let cases = cases(&plan);
        assert_eq!(cases.iter().map(|case| case.writers.len()).collect::<Vec<_>>(), [2, 2]);
    }
}
