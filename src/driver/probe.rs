//! Whether the clients of a plan can do anything at all, before the first trial: one message through every partition by each distinct kind of producer, and each
//! distinct group a member that reads there.

use super::DriverError;
use super::world::World;
use crate::books::Topics;
use crate::cluster::{ClientSettings, Talk};
use crate::consumers;
use crate::load::{Attempt, Bodies, try_out};
use crate::plan::Plan;
use crate::spec::{Client, Consumers, Fleet, Message, Properties, Settings, Size, Topic};

/// Of sizes that are drawn, the one that is tried: one message in forty is larger.
const DEVIATE: f64 = 2.0;

/// A topic that is tried, with all that is written to it.
struct Case<'a> {
    topic: Topic,
    writers: Vec<Writer<'a>>,
    readers: Vec<Reader<'a>>,
}

/// A group, of which its name and what its consumers are told decide whether it can read.
#[derive(Clone, Copy)]
struct Reader<'a> {
    group: &'a Consumers,
    settings: &'a Settings,
}

impl Reader<'_> {
    fn key(&self) -> (&str, &Properties) {
        (&self.group.group, &self.group.properties)
    }

    /// As groups are named in a trial: the cluster may let some names pass and others not.
    fn full_name(&self, topic: &str) -> String {
        format!("{}-{topic}", self.group.group)
    }
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
    // What is written to a topic that was there stays: nothing goes there to be tried.
    let settings = plan.treatments.iter().map(|treatment| &treatment.settings);
    for settings in settings.filter(|settings| settings.topic.is_own()) {
        // Of several that are alike one shows what can be done with each.
        let topic = settings.topic.one();
        let same = |case: &Case<'_>| {
            case.topic.replication == topic.replication && case.topic.config == topic.config
        };
        let at = all.iter().position(same).unwrap_or_else(|| {
            all.push(Case { topic: topic.clone(), writers: Vec::new(), readers: Vec::new() });
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
        // What consumers that are not ours can do, they show themselves.
        for group in settings.consumers.iter().filter(|group| group.tells()) {
            let reader = Reader { group, settings };
            if case.readers.iter().all(|known| known.key() != reader.key()) {
                case.readers.push(reader);
            }
        }
    }
    all
}

/// Tries them all; the first that cannot write or may not read is told, and what was made for it is taken away.
pub fn try_all(world: &World, plan: &Plan, talk: &mut Talk<'_>) -> Result<(), DriverError> {
    for (number, case) in cases(plan).iter().enumerate() {
        if (talk.stop)() {
            return Ok(());
        }
        let name = format!("{}probe-{number}", world.prefix());
        let mut groups: Vec<String> = case.readers.iter().map(|reader| reader.full_name(&name)).collect();
        groups.dedup();
        let tried = world
            .create_spare_topic(&name, &case.topic, &groups)
            .and_then(|()| write(world, &name, case))
            .and_then(|()| read(world, &name, case, talk.stop));
        if let (Err(error), true) = (world.remove_spare_topic(&name, &groups), tried.is_ok()) {
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
        let topics = &Topics::one(name, case.topic.partitions);
        let attempt = Attempt { topics, partitions, payload, blanks, transactions };
        try_out(&client, &attempt).map_err(|reason| DriverError::NoWriting {
            fleet: fleet.name.clone(),
            reason: world.redacted(&reason, settings) + &of_the_logs(&before, &world.logged()),
        })?;
    }
    Ok(())
}

fn read(world: &World, name: &str, case: &Case<'_>, stop: &dyn Fn() -> bool) -> Result<(), DriverError> {
    for reader in &case.readers {
        let settings: ClientSettings = world.settings_of_consumers(reader.group);
        let refused = consumers::try_out(&settings, (&reader.full_name(name), name), stop);
        // A client that cannot even be made is that group's too.
        if let Some(reason) = refused.unwrap_or_else(|error| Some(error.to_string())) {
            let reason = world.redacted(&reason, reader.settings);
            return Err(DriverError::NoReading { group: reader.group.group.clone(), reason });
        }
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
        let readers: Vec<String> = cases[0].readers.iter().map(|reader| reader.full_name("t")).collect();
        assert_eq!(readers, ["x-t"], "how many instances there are is nothing to a broker");
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
