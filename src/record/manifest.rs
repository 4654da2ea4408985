//! `manifest.json`: what a run met and was asked, once for all its trials.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::pacing::Pacing;
use super::scraped::ScrapedLine;
use crate::spec::scrape::{Kind, metric_of};
use crate::spec::{Comparison, Metric, Overrides, Response, Slo};
use crate::units::Prices;

/// What a run met and was asked. Secrets are in none of it: properties keep their `${ENV}` references.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the format of the whole folder.
    pub format: u32,
    /// Version of bench.
    pub bench_version: String,
    /// Commit that bench was built from; null where unknown.
    pub git_id: Option<String>,
    /// The experiment file's stem.
    pub experiment: String,
    /// The question that the report answers.
    pub question: String,
    /// The machine that bench ran on.
    pub host: Host,
    /// The brokers.
    pub cluster: Brokers,
    /// Effective topic configuration by treatment, as the cluster told it.
    pub topics: BTreeMap<String, BTreeMap<String, String>>,
    /// Effective client configuration: by treatment and client, librdkafka's properties that shape what is measured, and all that were set.
    pub clients: BTreeMap<String, BTreeMap<String, String>>,
    /// The images that consumers were containers of; empty where none were.
    #[serde(default)]
    pub images: Vec<ImageLine>,
    /// Version of librdkafka.
    pub librdkafka_version: String,
    /// What the threads that keep time asked of the kernel, and what they got, by treatment; none at `rate: max`.
    #[serde(default)]
    pub pacing: BTreeMap<String, Pacing>,
    /// The experiment with defaults and overrides filled in.
    pub configuration: serde_json::Value,
    /// Everything drawn follows from it.
    pub seed: u64,
    /// Trials of each treatment.
    pub repetitions: u32,
    /// Length of the unrecorded trial before the first.
    pub prepare_s: f64,
    /// Names of the factors, in the file's order.
    pub factors: Vec<String>,
    /// The last of them is one whose levels were searched for: volume that grew until an SLO broke.
    #[serde(default)]
    pub until_broken: bool,
    /// What each combination of the other factors was searched for, the last factor being what was searched; null where nothing was.
    #[serde(default)]
    pub search: Option<SearchLine>,
    /// All treatments, in the plan's order.
    pub treatments: Vec<TreatmentLine>,
    /// What the experiment is about, the first before all; empty where the file did not say.
    #[serde(default)]
    pub responses: Vec<ResponseLine>,
    /// What must hold.
    pub slos: Vec<SloLine>,
    /// What was read from the pages of others; empty where nothing was.
    #[serde(default)]
    pub scraped: Vec<ScrapedLine>,
    /// Prices of all that the treatments use; empty in manifests of before there were any.
    #[serde(default)]
    pub prices: Prices,
    /// What numbers without a unit in their name are in.
    pub units: BTreeMap<String, String>,
    /// Unix time of the monotonic clock's zero, in ns: the one anchor of all due times.
    pub anchor_unix_ns: i64,
    /// When the run began (RFC 3339, UTC).
    pub started: String,
    /// When its last trial was saved; null until then, written last.
    pub finished: Option<String>,
    /// The bench that made tables and reports of it; null until then, and in manifests of before it was written down.
    #[serde(default)]
    pub reports_by: Option<Build>,
    /// Each time it was gone on with: in what it differed from the first.
    #[serde(default)]
    pub resumed: Vec<Resumption>,
}

/// An image, by what tells it from any other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageLine {
    /// As the file names it, or the file that it was built by.
    pub name: String,
    /// Whether it was built for this run.
    pub built: bool,
    /// Its id: the digest of its configuration.
    pub id: String,
    /// Its digest in a registry; null of one that was in none.
    pub digest: Option<String>,
    /// The engine that ran it, with its version.
    pub engine: String,
}

/// A bench, as far as it can be told from others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// Its version.
    pub bench_version: String,
    /// Commit that it was built from; null where unknown.
    pub git_id: Option<String>,
}

impl Build {
    /// This one.
    pub fn this() -> Self {
        Build {
            bench_version: env!("CARGO_PKG_VERSION").to_owned(),
            git_id: option_env!("BENCH_GIT_ID").filter(|id| !id.is_empty()).map(str::to_owned),
        }
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bench {}", self.bench_version)?;
        self.git_id.as_ref().map_or(Ok(()), |id| write!(f, " ({id})"))
    }
}

/// A run that was gone on with. All its trials from then on were made so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resumption {
    /// When (RFC 3339, UTC).
    pub started: String,
    /// Version of bench.
    pub bench_version: String,
    /// Commit that bench was built from; null where unknown.
    pub git_id: Option<String>,
    /// The machine.
    pub host: Host,
    /// The brokers.
    pub cluster: Brokers,
    /// Version of librdkafka.
    pub librdkafka_version: String,
    /// The anchor of its due times.
    pub anchor_unix_ns: i64,
    /// Whether anything that may change a number differs from what the run began with: bench, librdkafka, machine, or the brokers' versions.
    pub differs: bool,
    /// Repetitions that were added to those that the run had until then: a further look at it.
    #[serde(default)]
    pub added_repetitions: u32,
}

impl Manifest {
    /// The metric of that name, one of the pages that were read or one of bench's own, as a column or as a file writes it.
    pub fn metric(&self, name: &str) -> Option<Metric> {
        let scraped = || self.scraped.iter().find(|line| line.name == name);
        Metric::written(name).or_else(|| Some(metric_of(name, Kind::named(&scraped()?.kind)?)))
    }

    /// All metrics of the pages that were read, each name once, in the order of the file.
    pub fn scraped_metrics(&self) -> Vec<Metric> {
        let mut all: Vec<Metric> = Vec::new();
        for line in &self.scraped {
            if !all.iter().any(|known| known.name == line.name) {
                all.extend(self.metric(&line.name));
            }
        }
        all
    }

    /// What was put over the experiment file, secrets masked.
    pub fn overrides(&self) -> Overrides {
        let asked = &self.configuration["overrides"];
        let set = asked["set"].as_array().into_iter().flatten();
        Overrides {
            set: set.filter_map(|set| Some(set.as_str()?.to_owned())).collect(),
            repetitions: asked["repetitions"].as_u64().and_then(|count| u32::try_from(count).ok()),
            seed: asked["seed"].as_u64(),
        }
    }

    /// This run, gone on with in what `now` tells.
    #[must_use]
    pub fn resumed_by(mut self, now: Manifest) -> Manifest {
        let same = (&self.bench_version, &self.git_id, &self.host, &self.librdkafka_version)
            == (&now.bench_version, &now.git_id, &now.host, &now.librdkafka_version)
            && self.cluster.versions == now.cluster.versions
            && self.cluster.count == now.cluster.count;
        self.resumed.push(Resumption {
            started: now.started,
            bench_version: now.bench_version,
            git_id: now.git_id,
            host: now.host,
            cluster: now.cluster,
            librdkafka_version: now.librdkafka_version,
            anchor_unix_ns: now.anchor_unix_ns,
            differs: !same,
            added_repetitions: now.repetitions.saturating_sub(self.repetitions),
        });
        self.repetitions = self.repetitions.max(now.repetitions);
        if let (Some(own), Some(now)) = (&mut self.search, now.search) {
            own.confirm = own.confirm.max(now.confirm);
        }
        self.finished = None;
        self.reports_by = None;
        self
    }

    /// The bench that made tables and reports of it, as far as it is known: where it is not written down, the last that ran trials.
    pub fn written_by(&self) -> Build {
        let of = |version: &String, id: &Option<String>| Build {
            bench_version: version.clone(),
            git_id: id.clone(),
        };
        let last = self.resumed.last().map(|last| of(&last.bench_version, &last.git_id));
        self.reports_by.clone().or(last).unwrap_or_else(|| of(&self.bench_version, &self.git_id))
    }

    /// Whether the last factor is one whose levels followed from trials.
    pub const fn is_searched(&self) -> bool {
        self.until_broken || self.search.is_some()
    }

    /// The units of every record, for `units`.
    pub fn usual_units() -> BTreeMap<String, String> {
        [
            ("latency.hlog", "ns; Interval_Max in ms"),
            ("time", "seconds since time 0 of the trial, the start of its warm-up"),
            ("due, sent, acked, …", "messages"),
            ("suffix _s, _ms, _mib", "seconds, milliseconds, 2^20 bytes"),
        ]
        .into_iter()
        .map(|(of, unit)| (of.to_owned(), unit.to_owned()))
        .collect()
    }
}

/// The machine that bench ran on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Kernel and its version.
    pub kernel: String,
    /// Cores that bench may use.
    pub cores: u32,
    /// Model of its CPU.
    pub cpu_model: String,
    /// Its memory, in MiB.
    pub memory_mib: u64,
}

/// The brokers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brokers {
    /// Whether bench started them.
    pub started_by_bench: bool,
    /// Their version, each distinct one once; empty where they did not tell.
    pub versions: Vec<String>,
    /// How many.
    pub count: u32,
    /// The cluster's id; null where it did not tell.
    pub id: Option<String>,
}

/// What was searched for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchLine {
    /// `capacity` or `demand`.
    pub kind: String,
    /// The path of what was searched.
    pub of: String,
    /// Of a capacity: where each search began.
    pub from_msgs_per_s: Option<f64>,
    /// Of a capacity: how far apart its bounds may lie.
    pub tolerance_percent: Option<f64>,
    /// Of a demand: the numbers of instances that were allowed.
    #[serde(default)]
    pub levels: Vec<u32>,
    /// Trials that confirm either bound.
    pub confirm: u32,
    /// Of so many trials that confirm a rung on, it is weighed by those alone; none in records of benches that always weighed all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone_from: Option<u32>,
    /// Trials of each search at most.
    pub max_trials: u32,
}

/// One treatment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreatmentLine {
    /// Its name in folders and tables.
    pub slug: String,
    /// The level's label of each factor, in the order of `factors`.
    pub levels: Vec<String>,
    /// Whether it is the one thread over all partitions that the others have to beat; it has the label `baseline` where the others have levels of consumers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub baseline: bool,
}

/// A metric that the experiment is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseLine {
    /// As written.
    pub text: String,
    /// The metric's name, as its column's.
    pub metric: String,
}

impl From<&Response> for ResponseLine {
    fn from(response: &Response) -> Self {
        ResponseLine { text: response.text.clone(), metric: response.metric.name.clone() }
    }
}

/// One SLO, by the metric's name, so that it is judged from records alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SloLine {
    /// The line as written.
    pub text: String,
    /// The metric's name, as its column's.
    pub metric: String,
    /// `<`, `<=`, `>` or `>=`.
    pub comparison: String,
    /// In the metric's unit.
    pub bound: f64,
}

impl SloLine {
    /// How the metric is compared; none for a sign of a later format.
    pub fn comparison(&self) -> Option<Comparison> {
        match self.comparison.as_str() {
            "<" => Some(Comparison::Below),
            "<=" => Some(Comparison::AtMost),
            ">" => Some(Comparison::Above),
            ">=" => Some(Comparison::AtLeast),
            _ => None,
        }
    }
}

impl From<&Slo> for SloLine {
    fn from(slo: &Slo) -> Self {
        let comparison = match slo.comparison {
            Comparison::Below => "<",
            Comparison::AtMost => "<=",
            Comparison::Above => ">",
            Comparison::AtLeast => ">=",
        };
        let metric = slo.metric.name.clone();
        SloLine { text: slo.text.clone(), metric, comparison: comparison.to_owned(), bound: slo.bound }
    }
}
