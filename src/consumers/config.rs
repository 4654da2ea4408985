//! How a reference consumer is configured: one JSON object, in a file or in the environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::emulation::PaceConfig;
use crate::books::Topics;
use crate::spec::{Amount, Model, Work, secrets};
use crate::timeline::Clock;
use crate::units::Bytes;

/// All that one instance needs to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `host:port`, several separated by commas; `${NAME}` as in properties.
    pub servers: String,
    /// The group that it joins.
    pub group: String,
    /// The topics that it reads: the name of one, or a list of several, each with its `name` and `partitions`.
    pub topic: Topics,
    /// The trial; messages of another one are foreign.
    pub trial: u64,
    /// Which instance it is: 0, 1, 2, …
    pub instance: u32,
    /// Its number among equals, where another had its place before; `instance` if not given.
    #[serde(default)]
    pub slot: Option<u32>,
    /// Group members in it, one thread each.
    pub threads: u32,
    /// librdkafka's properties. `${NAME}` stands for a variable of the instance's own environment.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// What it does with each message.
    #[serde(default)]
    pub work: WorkConfig,
    /// Draws follow from it, the instance and the thread.
    pub seed: u64,
    /// The run's clock.
    pub clock: Clock,
    /// Time between commits.
    #[serde(default = "commit_interval_ms")]
    pub commit_interval_ms: u64,
    /// How long a message may be on its way: for so long is remembered what tells whether messages come in order.
    #[serde(default = "delivery_ms")]
    pub delivery_ms: u64,
    /// Where the lines go; stdout if not given.
    #[serde(default)]
    pub output: Option<PathBuf>,
    /// Whether its reports tell when messages of each partition were completed.
    #[serde(default)]
    pub tells_busy: bool,
    /// How soon after it was due a message must be processed to come in time, in ns: then reports tell in which seconds some of each partition did. Nothing is
    /// told of it where it is not given.
    #[serde(default)]
    pub in_time_ns: Option<u64>,
    /// Whether each message is reported on its own, and not only the first after an assignment: for the first of several groups that process it to count.
    #[serde(default)]
    pub tells_each: bool,
    /// Whether its reports tell the key of each message that has one, for what becomes of the order of each.
    #[serde(default)]
    pub tells_keys: bool,
    /// Files of control groups that it enters before anything else, by writing `0` to them.
    #[serde(default)]
    pub cgroups: Vec<PathBuf>,
    /// Its vCPUs, where they are emulated. Then each line of its stdin is what its work may use from now on, and where that is a socket it writes lines to it
    /// of what it has worked.
    #[serde(default)]
    pub pace: Option<PaceConfig>,
}

/// librdkafka's properties of a reference consumer: bench's defaults, the given ones over them, and over these what the books rest on.
pub fn effective_properties(given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut set = |name: &str, value: &str| all.insert(name.to_owned(), value.to_owned());
    set("auto.offset.reset", "earliest");
    // At the default of a second a consumer that finds 100,000 messages waiting fetches no more until then: six partitions give 600,000 a second at most,
    // however fast they are read (raced: 0.35 times a client that holds ten times as many).
    set("fetch.queue.backoff.ms", "10");
    if given.get("group.protocol").is_none_or(|protocol| protocol != "consumer") {
        // A member learns of a rebalance by its heartbeat: at the default of 3 s a group would take seconds to form. With the new protocol the
        // broker sets the pace, and the property is refused.
        set("heartbeat.interval.ms", "500");
    }
    all.extend(given.clone());
    for name in ["enable.auto.commit", "enable.auto.offset.store"] {
        all.insert(name.to_owned(), "false".to_owned());
    }
    all
}

/// What an emulated instance is given where nothing else is asked for. Its own overhead is not scaled, so it is kept small: once two hundred messages of a partition wait no more are fetched for a tenth of a second; by default a consumer that is behind fetches each message as it
/// comes, for a queue that nobody reads.
pub const FRUGAL: [(&str, &str); 2] = [("queued.min.messages", "200"), ("fetch.queue.backoff.ms", "100")];

fn commit_interval_ms() -> u64 {
    1_000
}

/// librdkafka's own default for `message.timeout.ms`.
fn delivery_ms() -> u64 {
    300_000
}

/// What is done with each message: CPU and model, then memory, then the disk, then the wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkConfig {
    /// CPU time of the thread.
    #[serde(default)]
    pub cpu: Option<AmountConfig>,
    /// Wall time without CPU.
    #[serde(default)]
    pub wait: Option<AmountConfig>,
    /// A working set of the instance, in bytes.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
    /// What is written.
    #[serde(default)]
    pub disk: Option<DiskConfig>,
    /// A dense inference.
    #[serde(default)]
    pub model: Option<ModelConfig>,
}

/// What is written for each message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiskConfig {
    /// Bytes.
    pub write: u64,
    /// Whether each message waits until they are on the disk.
    pub sync: bool,
}

/// A dense inference for each message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Layers, at least 1.
    pub layers: u32,
    /// Inputs and outputs of each, at least 1.
    pub width: u32,
    /// Models side by side, at least 1.
    pub count: u32,
}

/// A time in nanoseconds, fixed or drawn anew for each message.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AmountConfig {
    /// Always the same.
    FixedNs(u64),
    /// Exponentially distributed.
    Exponential {
        /// Mean of the distribution.
        mean_ns: u64,
    },
    /// Log-normally distributed.
    LogNormal {
        /// Median of the distribution.
        median_ns: u64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
}

impl From<Amount> for AmountConfig {
    fn from(amount: Amount) -> Self {
        match amount {
            Amount::Fixed(span) => AmountConfig::FixedNs(span.as_nanos()),
            Amount::Exponential { mean } => AmountConfig::Exponential { mean_ns: mean.as_nanos() },
            Amount::LogNormal { median, sigma } => {
                AmountConfig::LogNormal { median_ns: median.as_nanos(), sigma }
            }
        }
    }
}

impl From<Work> for WorkConfig {
    fn from(work: Work) -> Self {
        let Work { cpu, wait, memory, disk, model } = work;
        WorkConfig {
            cpu: cpu.map(AmountConfig::from),
            wait: wait.map(AmountConfig::from),
            memory_bytes: memory.map(Bytes::get),
            disk: disk.map(|disk| DiskConfig { write: disk.write.get(), sync: disk.sync }),
            model: model.map(|Model { layers, width, count }| ModelConfig { layers, width, count }),
        }
    }
}

/// Why a configuration cannot be used. Values of variables never appear in it.
#[derive(Debug, thiserror::Error)]
pub enum BadConfig {
    /// Neither a file nor a variable that holds it, nor those that bench sets for any program.
    #[error(
        "no configuration: `bench run` starts it with one; else give `--config FILE` or set `{}`, or `{variable}` and whatever else bench tells programs",
        Config::VARIABLE
    )]
    Untold {
        /// Which one of the latter is missing.
        variable: &'static str,
    },
    /// How many partitions each topic has is not told.
    #[error(
        "it was told {topics} topics, and not how many partitions each has: `BENCH_PARTITIONS` is not a multiple of them"
    )]
    Uneven {
        /// How many.
        topics: u32,
    },
    /// The file cannot be read.
    #[error("cannot read `{path}`")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is not what it should be.
    #[error("the configuration is not valid: {0}")]
    Invalid(#[from] serde_json::Error),
    /// A property names a variable that is not set.
    #[error("property `{property}` needs the environment variable `{variable}`, which is not set")]
    NotSet {
        /// The property.
        property: String,
        /// The variable.
        variable: String,
    },
}

impl Config {
    /// The environment variable that holds it where no file is named.
    pub const VARIABLE: &'static str = "BENCH_CONSUMER";

    /// From a file, else from the environment: from the variable that holds it whole, or, with this work, from those that bench sets for any program.
    pub fn load(file: Option<&Path>, work: WorkConfig) -> Result<Self, BadConfig> {
        let variable = |name: &str| std::env::var(name).ok();
        let text = match file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| BadConfig::Unreadable { path: path.to_owned(), source })?,
            None => match variable(Config::VARIABLE) {
                Some(text) => text,
                None => return Config::of_a_program(work, variable),
            },
        };
        Ok(serde_json::from_str(&text)?)
    }

    /// The properties with every `${NAME}` replaced by what `variable` knows.
    pub fn resolved(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<BTreeMap<String, String>, BadConfig> {
        let resolve = |(property, value): (&String, &String)| match secrets::resolve_with(value, &variable) {
            Ok(text) => Ok((property.clone(), text)),
            Err(missing) => Err(BadConfig::NotSet { property: property.clone(), variable: missing.name }),
        };
        self.properties.iter().map(resolve).collect()
    }

    /// The servers with every `${NAME}` replaced.
    pub fn resolved_servers(&self, variable: impl Fn(&str) -> Option<String>) -> Result<String, BadConfig> {
        secrets::resolve_with(&self.servers, variable)
            .map_err(|missing| BadConfig::NotSet { property: "servers".to_owned(), variable: missing.name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Disk;
    use crate::units::Span;

    const SMALLEST: &str =
        r#"{"servers":"b:1","group":"g","topic":"t","trial":7,"instance":0,"threads":1,"seed":1,"clock":5}"#;

    fn config() -> Config {
        serde_json::from_str(SMALLEST).unwrap()
    }

    #[test]
    fn what_is_not_given_has_its_default() {
        assert_eq!(config().commit_interval_ms, 1_000);
        assert_eq!(config().work, WorkConfig::default());
        assert_eq!(config().clock, Clock::from_offset(5));
    }

    #[test]
    fn what_a_driver_writes_an_instance_reads() {
        let work = Work {
            cpu: Some(Amount::Fixed(Span::from_millis(2))),
            wait: Some(Amount::LogNormal { median: Span::from_millis(5), sigma: 0.5 }),
            memory: Some(Bytes::new(1 << 20)),
            disk: Some(Disk { write: Bytes::new(512), sync: true }),
            model: Some(Model { layers: 2, width: 64, count: 3 }),
        };
        let pace = Some(PaceConfig { share: 0.1, allowance: 200_000 });
        let written = Config { work: work.into(), output: Some("lines.jsonl".into()), pace, ..config() };
        let text = serde_json::to_string(&written).unwrap();
        assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), written);
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(serde_json::from_str::<Config>(&SMALLEST.replace("seed", "sead")).is_err());
    }

    #[test]
    fn references_are_replaced_and_a_missing_one_is_told_by_name() {
        let mut config = config();
        config.properties.insert("sasl.password".to_owned(), "a${P}b${P}".to_owned());
        let known = |name: &str| (name == "P").then(|| "x${P}".to_owned());
        assert_eq!(config.resolved(known).unwrap()["sasl.password"], "ax${P}bx${P}");
        config.servers = "${P}:9092".to_owned();
        assert_eq!(config.resolved_servers(known).unwrap(), "x${P}:9092");
        let error = config.resolved(|_| None).unwrap_err().to_string();
        assert!(error.contains("`sasl.password`") && error.contains("`P`"), "{error}");
    }
}
