//! What a plan will take: time, messages, bytes, clients.

use serde::Serialize;

use super::{Plan, Treatment, wanted_cores};
use crate::spec::{Cluster, Consumers, Message, Settings, Topic};
use crate::units::Bytes;

/// Time that a trial takes beside its phases: topic, consumers, canaries, teardown, settling. An estimate.
const OVERHEAD_S: f64 = 3.0;
/// Time that a broker takes to be formatted and to come up. An estimate.
const BROKER_START_S: f64 = 5.0;

/// What a plan will take at most, by estimate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Budget {
    /// Length of the run if every trial drains for as long as it may.
    pub longest_s: f64,
    /// Length of the run if no trial has anything to drain.
    pub shortest_s: f64,
    /// Messages that will be due, those of the unrecorded trial included, those at `rate: max` not.
    pub messages: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
    /// Trials at `rate: max`, whose messages nobody knows beforehand.
    pub at_max: u32,
    /// Most Kafka clients that send at one time.
    pub producers: u32,
    /// Most processes of consumers at one time.
    pub instances: u32,
    /// Most consumers (threads) at one time.
    pub consumers: u32,
    /// What will be started, in sentences.
    pub starts: Vec<String>,
}

impl Plan {
    /// Index of the treatment with the greatest load: most bytes a second, then most partitions, then most instances.
    pub fn prepare_treatment(&self) -> usize {
        let load = |treatment: &Treatment| {
            let settings = &treatment.settings;
            let bytes =
                treatment.mean_rate().unwrap_or(f64::INFINITY) * settings.workload.message.size.mean();
            let instances: u32 = settings.consumers.iter().map(|group| group.instances).sum();
            (bytes, settings.topic.partitions, instances)
        };
        let mut greatest = 0;
        for (index, treatment) in self.treatments.iter().enumerate() {
            if load(treatment) > load(&self.treatments[greatest]) {
                greatest = index;
            }
        }
        greatest
    }

    /// What the plan will take.
    pub fn budget(&self) -> Budget {
        let (mut shortest_s, mut drain_s, mut messages, mut bytes, mut at_max) =
            (0.0, 0.0, 0.0_f64, 0.0_f64, 0);
        let mut add = |treatment: &Treatment, seconds: f64| {
            let rate = treatment.mean_rate();
            let due = rate.unwrap_or_default() * seconds + treatment.backlog();
            at_max += u32::from(rate.is_none());
            messages += due;
            bytes += due * treatment.settings.workload.message.size.mean();
            shortest_s += seconds + OVERHEAD_S;
        };
        for trial in &self.trials {
            let treatment = &self.treatments[trial.treatment];
            add(treatment, treatment.settings.phases.load_s());
            drain_s += treatment.settings.phases.drain.as_secs_f64();
        }
        let prepared = self.treatments.get(self.prepare_treatment()).filter(|_| self.prepare.as_nanos() > 0);
        if let Some(treatment) = prepared {
            add(treatment, self.prepare.as_secs_f64());
        }
        let mut starts = Vec::new();
        if let Cluster::Kafka { version, brokers, heap, .. } = &self.cluster {
            shortest_s += BROKER_START_S * f64::from(*brokers);
            let brokers = match brokers {
                1 => format!("1 broker, heap {heap}"),
                several => format!("{several} brokers, heap {heap} each"),
            };
            starts.push(format!("Apache Kafka {version}, {brokers}"));
        }
        let most = |count: fn(&Settings) -> u32| {
            self.treatments.iter().map(|treatment| count(&treatment.settings)).max().unwrap_or_default()
        };
        let producers = most(|settings| settings.workload.fleets.iter().map(|fleet| fleet.producers).sum());
        let instances = most(|settings| settings.consumers.iter().map(|group| group.instances).sum());
        let consumers =
            most(|settings| settings.consumers.iter().map(|group| group.instances * group.threads).sum());
        let groups = most(|settings| settings.consumers.len() as u32);
        let clients: Vec<String> =
            self.clients().into_iter().map(|(client, most)| format!("{most} {}", client.name())).collect();
        starts.push(format!("up to {producers} producers in this process: {}", clients.join(", ")));
        let topics = most(|settings| settings.topic.count);
        if topics > 1 {
            let partitions =
                most(|settings| if settings.topic.is_own() { settings.topic.partitions } else { 0 });
            starts.push(format!("up to {topics} topics for each trial, {partitions} partitions together"));
        }
        if let Some(pool) = self.pool() {
            starts.push(format!(
                "{pool} for each thread that sends, made before a trial's load begins: payloads are cut from it"
            ));
        }
        if instances > 0 {
            let groups = if groups > 1 { format!(" in {groups} groups") } else { String::new() };
            starts.push(format!("up to {instances} processes with {consumers} consumers{groups}"));
        }
        let emulated = self.treatments.iter().filter_map(|treatment| wanted_cores(&treatment.settings));
        if let Some(cores) = emulated.reduce(f64::max) {
            starts.push(format!("emulated instances that want up to {cores:.2} cores"));
        }
        Budget {
            longest_s: shortest_s + drain_s,
            shortest_s,
            messages: messages.round() as u64,
            bytes: bytes.round() as u64,
            at_max,
            producers,
            instances,
            consumers,
            starts,
        }
    }

    /// Length of a run whose plan grows, in seconds: with the fewest trials that its searches can end with and nothing to drain, and with the most, all
    /// of which drain for as long as they may. None where the plan is all there is.
    pub fn time_of_searches(&self) -> Option<(f64, f64)> {
        let (least, most) = self.growth.as_ref()?.trials();
        let phases = self.treatments.iter().map(|treatment| treatment.settings.phases);
        let one = |of: &dyn Fn(crate::spec::Phases) -> f64, longer: fn(f64, f64) -> f64| {
            phases.clone().map(of).reduce(longer).unwrap_or_default() + OVERHEAD_S
        };
        let short = one(&|phases| phases.load_s(), f64::min);
        let long = one(&|phases| phases.load_s() + phases.drain.as_secs_f64(), f64::max);
        let planned = self.trials.len() as f64;
        let budget = self.budget();
        let beside = budget.shortest_s - planned * short;
        Some((beside + least as f64 * short, beside + most as f64 * long))
    }

    /// Memory that payloads are cut from, at most; none where it is as little as usual.
    fn pool(&self) -> Option<Bytes> {
        let pool = |treatment: &Treatment| treatment.settings.workload.message.pool_bytes();
        let most = Bytes::new(self.treatments.iter().map(pool).max()?);
        (most > Message::USUAL_POOL).then_some(most)
    }

    /// Slugs of the treatments that have a group of more consumers than can be given partitions: some will be idle, which limits what can be said.
    pub fn idle(&self) -> Vec<&str> {
        let idle = |settings: &Settings| {
            !settings.of_cluster.partitions
                && settings.consumers.iter().filter(|group| !group.shares).any(|group| {
                    u64::from(group.instances) * u64::from(group.threads)
                        > u64::from(readers(&settings.topic, group))
                })
        };
        self.treatments
            .iter()
            .filter(|treatment| idle(&treatment.settings))
            .map(|treatment| treatment.slug.as_str())
            .collect()
    }
}

/// How many of a group's consumers can have a partition each.
fn readers(topic: &Topic, group: &Consumers) -> u32 {
    let is = |key: &str, value: &str| group.properties.get(key).is_some_and(|set| set == value);
    // The assignor that is first by default gives the first partitions of each topic to the same members.
    let by_range = !is("group.protocol", "consumer")
        && group.properties.get("partition.assignment.strategy").is_none_or(|set| set.starts_with("range"));
    if topic.count > 1 && by_range && group.tells() { topic.of_each() } else { topic.partitions }
}

#[cfg(test)]
mod tests {
    use super::super::compile::planned;

    #[test]
    fn of_several_topics_the_usual_assignor_gives_the_first_partitions_to_the_same_consumers() {
        let idle = |consumers: &str| {
            let text = format!(
                "question: q\ntopic: {{count: 4, partitions: 2}}\nworkload: {{rate: 1/s}}\nconsumers: {{instances: 3{consumers}}}\n"
            );
            !planned(&text).idle().is_empty()
        };
        assert!(idle(""));
        assert!(!idle(", properties: {partition.assignment.strategy: roundrobin}"));
        assert!(!idle(", properties: {group.protocol: consumer}"));
    }

    #[test]
    fn of_a_share_group_nobody_is_idle_for_want_of_a_partition() {
        let idle = |more: &str| {
            let text = format!(
                "question: q\ntopic: {{partitions: 2}}\nworkload: {{rate: 1/s}}\nconsumers: {{instances: 3, backend: {{command: {{run: r}}}}{more}}}\n"
            );
            planned(&text).idle().len()
        };
        assert_eq!((idle(""), idle(", group_type: share")), (1, 0));
    }

    #[test]
    fn a_plan_says_what_memory_payloads_are_cut_from_where_it_is_much() {
        let starts = |size: &str| {
            let text = format!("question: q\nworkload: {{rate: max, message: {{size: {size}}}}}\n");
            planned(&text).budget().starts
        };
        let told = |size| starts(size).iter().any(|line| line.contains("payloads"));
        assert!(!told("1KiB") && !told("2MiB"));
        // The largest that may be drawn are 16 MiB.
        let drawn = starts("{log_normal: {median: 1KiB, sigma: 3}}");
        assert!(drawn.iter().any(|line| line.starts_with("32MiB for each thread")), "{drawn:?}");
    }
}
