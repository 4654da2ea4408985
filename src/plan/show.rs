//! The plan as people and programs read it.

use std::fmt;

use serde_json::{Value, json};

use super::{Plan, machines, traces, wanted_cores};
use crate::spec::{Cluster, Consumers, GROWN, Machine, Search, Settings};

fn emulated(group: &Consumers, settings: &Settings) -> Option<Value> {
    let Machine { instance, credits } = group.machine.as_ref()?;
    let burstable = instance.credits.is_some();
    Some(json!({
        "group": group.group,
        "instance_type": instance.name,
        "vcpus": instance.vcpus,
        "memory_mib": instance.memory_mib,
        "vcpu_percent": settings.emulation.vcpu.get() * 100.0,
        "credit_mode": burstable.then(|| credits.mode.name()),
        "credit_start": burstable.then(|| credits.start.to_string()),
        "time_scale": burstable.then_some(credits.time_scale),
    }))
}

impl Plan {
    /// `2 treatments, 6 trials`.
    pub fn size(&self) -> String {
        format!("{}, {}", counted(self.treatments.len(), "treatment"), counted(self.trials.len(), "trial"))
    }

    /// The plan for programs.
    pub fn to_json(&self) -> Value {
        let fleet = |fleet: &crate::spec::Fleet| json!({ "name": fleet.name, "producers": fleet.producers, "client": fleet.client.name() });
        let group = |group: &Consumers| json!({ "group": group.group, "instances": group.instances, "threads": group.threads });
        let treatment = |index: usize| {
            let treatment = &self.treatments[index];
            let settings = &treatment.settings;
            json!({
                "slug": treatment.slug,
                "baseline": treatment.is_baseline,
                "levels": self.factors.iter().zip(&treatment.levels).collect::<std::collections::BTreeMap<_, _>>(),
                "rate_msgs_per_s": treatment.window_rate(),
                "peak_msgs_per_s": treatment.peak_rate(),
                "traces": settings.workload.volume.traces().map(traces::to_json).collect::<Vec<_>>(),
                "backlog_messages": settings.backlog.map(|backlog| backlog.messages),
                "message_bytes": settings.workload.message.size.mean(),
                "topics": settings.topic.existing.len().max(settings.topic.count as usize),
                "partitions": if settings.of_cluster.partitions { json!(-1) } else { json!(settings.topic.partitions) },
                "fleets": settings.workload.fleets.iter().map(fleet).collect::<Vec<_>>(),
                "instances": settings.consumers.first().map(|group| group.instances),
                "groups": settings.consumers.iter().map(group).collect::<Vec<_>>(),
                "emulated": settings.consumers.iter().filter_map(|group| emulated(group, settings)).collect::<Vec<_>>(),
                "emulated_cores": wanted_cores(settings),
                "network": settings.network.to_string(),
                "events": treatment.told_events(),
                "warm_up_s": settings.phases.warm_up.as_secs_f64(),
                "measure_s": settings.phases.measure.as_secs_f64(),
                "drain_s": settings.phases.drain.as_secs_f64(),
            })
        };
        let trial = |trial: &super::PlannedTrial| {
            json!({
                "order": trial.order,
                "block": trial.block,
                "repetition": trial.repetition,
                "treatment": self.treatments[trial.treatment].slug,
                "seed": trial.seed,
            })
        };
        json!({
            "experiment": self.experiment,
            "question": self.question,
            "factors": self.factors,
            "treatments": (0..self.treatments.len()).map(treatment).collect::<Vec<_>>(),
            "repetitions": self.repetitions,
            "seed": self.seed,
            "prices": self.prices,
            "prepare_s": self.prepare.as_secs_f64(),
            "prepare_treatment": self.treatments[self.prepare_treatment()].slug,
            "trials": self.trials.iter().map(trial).collect::<Vec<_>>(),
            "responses": self.responses.iter().map(|response| &response.text).collect::<Vec<_>>(),
            "slos": self.slos.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "idle": self.idle(),
            "doubts": self.doubts(),
            "patches": self.patches(),
            "budget": self.budget(),
            "until_broken": self.growth.as_ref().is_some_and(|growth| growth.asked.is_none()),
            "search": self.searched(),
            "needs": self.needs(self.brokers()),
        })
    }
}

impl Plan {
    /// What is put over the compose files of others, each different one once.
    fn patches(&self) -> Vec<String> {
        let groups = self.treatments.iter().flat_map(|treatment| &treatment.settings.consumers);
        let patched = groups.filter_map(|group| {
            let compose = group.compose()?;
            let memory_mib = group.machine.as_ref().and_then(|machine| machine.instance.memory_mib);
            let patch = compose.patched_by_a_plan(memory_mib, group.machine.is_some());
            let added: Vec<String> = patch.lines().map(|line| format!("  + {line}")).collect();
            Some(format!(
                "{} stays as it is; over it goes, for each trial:\n{}",
                compose.file,
                added.join("\n")
            ))
        });
        let all: std::collections::BTreeSet<String> = patched.collect();
        all.into_iter().collect()
    }

    /// What is searched for, for programs; null where nothing is.
    fn searched(&self) -> Value {
        let Some((growth, asked)) =
            self.growth.as_ref().and_then(|growth| Some((growth, growth.asked.as_ref()?)))
        else {
            return Value::Null;
        };
        let (least, most) = growth.trials();
        let time = self.time_of_searches();
        json!({
            "kind": asked.kind(),
            "of": asked.of(),
            "confirm": self.repetitions,
            "trials_least": least,
            "trials_most": most,
            "shortest_s": time.map(|(least, _)| least),
            "longest_s": time.map(|(_, most)| most),
        })
    }

    fn write_searches(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(growth) = &self.growth else { return Ok(()) };
        let (least, most) = growth.trials();
        let in_all = |f: &mut fmt::Formatter<'_>| {
            let (shortest, longest) = self.time_of_searches().unwrap_or_default();
            let (shortest, longest) = (minutes(shortest), minutes(longest));
            writeln!(f, "{:<12}{least} to {most} trials in all, {shortest} to {longest}", "")
        };
        let once = self.repetitions;
        match &growth.asked {
            None => {
                writeln!(
                    f,
                    "grows       {GROWN}, until an SLO breaks, to within 10%; what follows is its first round"
                )
            }
            Some(Search::Capacity { from, tolerance, .. }) => {
                let percent = tolerance * 100.0;
                writeln!(
                    f,
                    "searches    the most {GROWN} that holds, from {from} on, to within {percent:.0}%, each bound tried {once} times more; what follows is its first round"
                )?;
                in_all(f)
            }
            Some(Search::Demand { levels, .. }) => {
                let levels: Vec<String> = levels.iter().map(ToString::to_string).collect();
                writeln!(
                    f,
                    "searches    the fewest consumers.instances that hold, of {}, each bound tried {once} times more; what follows is its first round",
                    levels.join(", ")
                )?;
                in_all(f)
            }
        }
    }
}

fn minutes(seconds: f64) -> String {
    format!("{:.0}m{:02.0}s", (seconds / 60.0).floor(), (seconds % 60.0).floor())
}

fn gib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}

/// `1 trial`, `2 trials`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let budget = self.budget();
        writeln!(f, "{}: {}\n", self.experiment, self.question)?;
        writeln!(f, "treatments  {}", self.treatments.len())?;
        let baselines = self.treatments.iter().filter(|one| one.is_baseline);
        let baselines: Vec<&str> = baselines.map(|one| one.slug.as_str()).collect();
        if !baselines.is_empty() {
            writeln!(
                f,
                "baseline    one thread over all partitions, in every block: {}",
                baselines.join("; ")
            )?;
        }
        writeln!(
            f,
            "trials      {} in {}, shuffled by seed {}",
            self.trials.len(),
            counted(self.trials.last().map_or(0, |trial| trial.block) as usize, "block"),
            self.seed
        )?;
        self.write_searches(f)?;
        let (least, most) = (minutes(budget.shortest_s), minutes(budget.longest_s));
        writeln!(
            f,
            "time        about {least}, and up to {most} if every trial drains for as long as it may"
        )?;
        let mut sends = Vec::new();
        if budget.messages > 0 || budget.at_max == 0 {
            let mib = budget.bytes as f64 / f64::from(1 << 20);
            sends.push(format!("{} messages, {mib:.1} MiB", budget.messages));
        }
        if budget.at_max > 0 {
            sends.push(format!("what the clients' queues take, in {} trials at `rate: max`", budget.at_max));
        }
        writeln!(f, "sends       {}", sends.join(", and "))?;
        for (index, trace) in self.traces().iter().enumerate() {
            writeln!(f, "{:<12}{trace}", if index == 0 { "traces" } else { "" })?;
        }
        for (index, network) in self.told_networks().iter().enumerate() {
            writeln!(f, "{:<12}{network}", if index == 0 { "network" } else { "" })?;
        }
        for (index, event) in self.told_events().iter().enumerate() {
            writeln!(f, "{:<12}{event}", if index == 0 { "events" } else { "" })?;
        }
        for (index, starts) in budget.starts.iter().enumerate() {
            writeln!(f, "{:<12}{starts}", if index == 0 { "starts" } else { "" })?;
        }
        let credits = machines::credits(&self.treatments);
        if !credits.is_empty() {
            writeln!(f, "credits     {}", credits.join("; "))?;
        }
        let needs = self.needs(self.brokers());
        let of_each = match self.cluster {
            Cluster::Kafka { .. } => "",
            Cluster::Bootstrap { .. } => "; more where several brokers lead partitions",
        };
        writeln!(f, "needs       {} open files, {} local ports{of_each}", needs.open_files, needs.ports)?;
        if needs.broker_memory > 0 {
            let each = counted(self.brokers() as usize, "broker");
            writeln!(f, "{:<12}{:.1} GiB of memory for {each}", "", gib(needs.broker_memory))?;
        }
        if self.prepare.as_nanos() > 0 {
            let slug = &self.treatments[self.prepare_treatment()].slug;
            writeln!(f, "prepares    {} with {slug}, unrecorded", self.prepare)?;
        }
        for (index, response) in self.responses.iter().enumerate() {
            writeln!(f, "{:<12}{}", if index == 0 { "is about" } else { "" }, response.text)?;
        }
        for (index, slo) in self.slos.iter().enumerate() {
            writeln!(f, "{:<12}{slo}", if index == 0 { "must hold" } else { "" })?;
        }
        for doubt in self.doubts() {
            writeln!(f, "\n{doubt}")?;
        }
        for patch in self.patches() {
            writeln!(f, "\n{patch}")?;
        }
        writeln!(f, "\norder  block  treatment")?;
        for trial in &self.trials {
            writeln!(f, "{:>5}  {:>5}  {}", trial.order, trial.block, self.treatments[trial.treatment].slug)?;
        }
        Ok(())
    }
}
