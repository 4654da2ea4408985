//! Consumers that are a service of somebody's compose file, and what bench puts over that file.

use std::fmt::Write as _;

use super::{Properties, Ready, secrets};
use crate::units::Span;

/// A service of a compose file that is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compose {
    /// The owner's file, from where bench is started; it is never written.
    pub file: String,
    /// The service in it.
    pub service: String,
    /// Whether it says itself which network the service is in.
    pub has_network: bool,
    /// Variables that are set over its own; `${NAME}` as in properties.
    pub env: Properties,
    /// How long its containers may take to end.
    pub grace: Span,
    /// How each of them shows that it is ready; none: its group's coordinator does.
    pub ready: Option<Ready>,
}

/// What of a patch follows from the trial.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    /// Variables with their values; none: the value is handed over outside of the file.
    pub variables: Vec<(String, Option<String>)>,
    /// Labels.
    pub labels: Vec<(String, String)>,
    /// What is mounted.
    pub volumes: Vec<String>,
    /// Limits, as compose calls them.
    pub limits: Vec<(&'static str, String)>,
}

/// The label of a container that names its run.
pub const RUN_LABEL: &str = "kafka-bench.run";
/// Where a container finds the file of properties.
pub const PROPERTIES_INSIDE: &str = "/run/bench/consumer.properties";
/// Where it finds the names of the topics, one a line.
pub const TOPICS_INSIDE: &str = "/run/bench/topics";

/// Names of the variables that every container of a service learns.
pub const VARIABLES: [&str; 8] = [
    "BENCH_RUN",
    "BENCH_GROUP",
    "BENCH_TOPIC",
    "BENCH_TOPICS",
    "BENCH_PARTITIONS",
    "BENCH_SERVERS",
    "BENCH_INSTANCES",
    "BENCH_PROPERTIES",
];

impl Compose {
    /// What is put over the owner's file, as far as it is known before a run: what only a trial knows stands in angles.
    pub fn patched_by_a_plan(&self, memory_mib: Option<u64>, is_emulated: bool) -> String {
        let of_a_trial = |name: &str| match name {
            "BENCH_SERVERS" => None,
            _ => Some("<of the trial>".to_owned()),
        };
        let mut variables: Vec<(String, Option<String>)> =
            VARIABLES.iter().map(|name| ((*name).to_owned(), of_a_trial(name))).collect();
        if is_emulated {
            variables.push(("BENCH_INSTANCE_TYPE".to_owned(), of_a_trial("")));
        }
        variables.extend(self.env.iter().map(|(name, value)| {
            let is_open = !value.contains("${") && secrets::masked(name, value) == *value;
            (name.clone(), is_open.then(|| value.clone()))
        }));
        let quota = ["cpu_period", "cpu_quota"].map(|name| (name, "<of the instance type>".to_owned()));
        let mut limits: Vec<(&str, String)> = quota.into_iter().filter(|_| is_emulated).collect();
        if let Some(mib) = memory_mib {
            limits.extend(["mem_limit", "memswap_limit"].map(|name| (name, (mib << 20).to_string())));
        }
        self.patched(&Patch {
            variables,
            labels: vec![(RUN_LABEL.to_owned(), "<of the run>".to_owned())],
            volumes: [PROPERTIES_INSIDE, TOPICS_INSIDE]
                .map(|path| format!("<of the trial>:{path}:ro,z"))
                .to_vec(),
            limits,
        })
    }

    /// The file that is put over the owner's, which compose merges: what it does not name stays the owner's.
    pub fn patched(&self, patch: &Patch) -> String {
        let mut text = format!("services:\n  {}:\n", self.service);
        let mut line = |at: usize, key: &str, value: &str| {
            // A text takes all that is written to it.
            writeln!(text, "{:at$}{key}: {value}", "").ok();
        };
        if !self.has_network {
            line(4, "network_mode", "host");
        }
        line(4, "restart", "\"no\"");
        for (name, value) in &patch.limits {
            line(4, name, value);
        }
        line(4, "environment", "");
        for (name, value) in &patch.variables {
            line(6, name, value.as_deref().map_or("null".to_owned(), quoted).as_str());
        }
        line(4, "labels", "");
        for (name, value) in &patch.labels {
            line(6, name, &quoted(value));
        }
        let volumes: Vec<String> = patch.volumes.iter().map(|volume| quoted(volume)).collect();
        line(4, "volumes", &format!("[ {} ]", volumes.join(", ")));
        text.lines().map(str::trim_end).fold(String::new(), |all, line| all + line + "\n")
    }
}

/// A text in quotes, as JSON and so YAML reads it; compose would take a `$` for a variable of its own.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text.replace('$', "$$")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_names_what_is_benchs_and_nothing_else() {
        let mut compose = Compose {
            file: "compose.yaml".to_owned(),
            service: "orders".to_owned(),
            has_network: false,
            env: Properties::new(),
            grace: Span::from_secs(10),
            ready: None,
        };
        let patch = Patch {
            variables: vec![("A".to_owned(), Some("1 \"$x\"".to_owned())), ("B".to_owned(), None)],
            labels: vec![("kafka-bench.run".to_owned(), "abcdef".to_owned())],
            volumes: vec!["/a:/b:ro".to_owned(), "/c:/d:ro".to_owned()],
            limits: vec![("cpu_period", "50000".to_owned()), ("mem_limit", "1073741824".to_owned())],
        };
        let expected = "services:\n  orders:\n    network_mode: host\n    restart: \"no\"\n    cpu_period: 50000\n    \
             mem_limit: 1073741824\n    environment:\n      A: \"1 \\\"$$x\\\"\"\n      B: null\n    \
             labels:\n      kafka-bench.run: \"abcdef\"\n    volumes: [ \"/a:/b:ro\", \"/c:/d:ro\" ]\n";
        assert_eq!(compose.patched(&patch), expected);
        compose.has_network = true;
        assert!(!compose.patched(&patch).contains("network_mode"));
        let env = [("DATABASE", "pg://kim:hunter2@h"), ("LEVEL", "debug")];
        compose.env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let planned = compose.patched_by_a_plan(None, false);
        assert!(planned.contains("DATABASE: null\n") && planned.contains("LEVEL: \"debug\"\n"), "{planned}");
    }
}
