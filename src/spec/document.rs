//! An experiment file as it was read, with what the command line puts over it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{Files, fingerprint};
use super::metric::Metric;
use super::read::tree::{Entry, Node, Origin, Value, parse};
use super::scrape::{self, Target};
use super::search::{self, Search};
use super::set::Set;
use super::{Client, Factor, Level, Settings, Slo, baseline, canonical, factors, read};
use crate::fault::{Fault, Faults, Kind};
use crate::units::{InstanceType, Prices};

/// Judges what stands under a key and names metrics, which may be of these pages.
type Check = fn(&str, &Entry, &[Target], &mut Vec<Fault>);

/// The seed of a file that names none: fixed, so that two runs of one file follow one schedule.
pub const DEFAULT_SEED: u64 = 1;

/// The factor that growing volumes are levels of.
pub const GROWN: &str = "workload.rate";

/// A group is named by the stem and a trial, and Kafka's names end at 249 bytes.
const LONGEST_STEM: usize = 109;
/// Of these, `-` and eight digits.
const NUMBER: usize = 9;

/// What the command line puts over the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `path=value` of each `--set`, the value in YAML; the last of a path wins.
    pub set: Vec<String>,
    /// Of `--repetitions`.
    pub repetitions: Option<u32>,
    /// Of `--seed`.
    pub seed: Option<u64>,
}

/// An experiment file: a tree with places. It is YAML; whether it is an experiment, `plan::compile` says.
#[derive(Clone, Debug)]
pub struct Document {
    file: PathBuf,
    source: String,
    root: Node,
    faults: Vec<Fault>,
    files: Files,
    set: Vec<Set>,
}

/// A metric that an experiment is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// As written.
    pub text: String,
    /// Which one.
    pub metric: Metric,
}

/// What all treatments of a file share.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// The question that the report answers.
    pub question: String,
    /// What is varied.
    pub factors: Vec<Factor>,
    /// What one thread over all partitions is set to, which all else has to beat; none where nothing has to.
    pub baseline: Option<Level>,
    /// Trials of each treatment; of a search's either bound, once found.
    pub repetitions: u32,
    /// What each treatment is searched for; none where the plan is all there is.
    pub search: Option<Search>,
    /// Everything drawn follows from it.
    pub seed: u64,
    /// What the experiment is about, the first before all; empty where the file does not say.
    pub responses: Vec<Response>,
    /// What must hold.
    pub slos: Vec<Slo>,
    /// Pages of others that are read while trials run.
    pub scrape: Vec<Target>,
    /// Prices over the catalogue's.
    pub prices: Prices,
    /// Whether the file speaks of prices at all: then one that is missing is a fault.
    pub priced: bool,
}

impl Document {
    /// Reads a file.
    pub fn load(file: &Path, overrides: &Overrides) -> Result<Self, Faults> {
        match fs::read_to_string(file) {
            Ok(source) => Document::parse(file, source, overrides),
            Err(error) => {
                let name = file.display().to_string();
                let what = format!("{name}: {error}");
                Err(Faults::new(name, "", vec![Fault { place: None, what, hint: None, kind: Kind::Wrong }]))
            }
        }
    }

    /// Reads a text that was, or might have been, in a file. Files that it names are looked for beside that.
    pub fn parse(file: &Path, source: String, overrides: &Overrides) -> Result<Self, Faults> {
        let faults_of = |source: &str, fault| Faults::new(file.display().to_string(), source, vec![fault]);
        let mut root = parse(&source, None).map_err(|fault| faults_of(&source, fault))?;
        let mut faults = Vec::new();
        let mut set: Vec<Set> = Vec::new();
        for text in &overrides.set {
            set.extend(Set::put(&mut root, text, &set, &mut faults));
        }
        for (key, value) in [("repetitions", overrides.repetitions.map(u64::from)), ("seed", overrides.seed)]
        {
            if let Some(value) = value {
                let origin = Origin::Option(Arc::from(format!("--{key}")));
                let value = Value::Scalar { text: value.to_string(), quoted: false };
                root.set(&[key.to_owned()], &Node { value, origin: origin.clone() }, &origin);
            }
        }
        search::put_into(&mut root, &mut faults);
        let files = Files::beside(file.parent().unwrap_or(Path::new("")));
        Ok(Document { file: file.to_owned(), source, root, faults, files, set })
    }

    /// Looks for the files that it names in another folder: where a run has its copies.
    #[must_use]
    pub fn with_files_in(self, folder: &Path) -> Self {
        Document { files: Files::beside(folder), ..self }
    }

    /// The files that were read for the settings so far: where in a results folder their copies go, and their bytes.
    pub fn files(&self) -> Vec<(String, Arc<[u8]>)> {
        self.files.copies()
    }

    /// The file's text, byte for byte.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Every value of the file with what was set over it, by its dotted path.
    pub fn leaves(&self) -> Vec<(String, String)> {
        let mut leaves = Vec::new();
        self.root.leaves("", &mut leaves);
        leaves
    }

    /// The file's name without its ending, made of letters, digits, `.`, `_` and `-`: it names folders and groups, of which Kafka allows no other. Where one
    /// had to be replaced, or there were too many, a number of the whole name stands at the end: two files must not share a folder.
    pub fn stem(&self) -> String {
        let stem = self.file.file_stem().unwrap_or_default();
        let plain: String = stem
            .to_string_lossy()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' })
            .collect();
        match plain.len() {
            _ if plain.chars().all(|c| c == '.') => "experiment".to_owned(), // and none is no name of a folder either
            1..=LONGEST_STEM if stem.to_str() == Some(&plain) => plain,
            length => {
                let number = fingerprint(stem.as_encoded_bytes());
                format!("{}-{number:08x}", &plain[..length.min(LONGEST_STEM - NUMBER)])
            }
        }
    }

    /// Faults of this file as an error.
    pub fn faults(&self, faults: Vec<Fault>) -> Faults {
        Faults::new(self.file.display().to_string(), self.source.clone(), faults)
    }

    /// A fault at the property of that name and value, wherever it stands.
    pub fn property_fault(&self, name: &str, value: &str, what: String) -> Fault {
        let found = property(&self.root, name, value);
        found.unwrap_or(&self.root).origin.fault(what, None)
    }

    /// A fault at the first of these properties that stands somewhere, else at the whole file.
    pub fn about_fault(&self, about: &[(String, String)], what: String) -> Fault {
        let found = about.iter().find_map(|(name, value)| property(&self.root, name, value));
        found.unwrap_or(&self.root).origin.fault(what, None)
    }

    /// A fault at the first of these keys that the file has (`prices`, `consumers.instances`), else at the whole file.
    pub fn key_fault(&self, keys: &[&str], what: String, hint: Option<String>) -> Fault {
        let find = |path: &str| {
            let mut at: Option<(&Node, &Origin)> = Some((&self.root, &self.root.origin));
            for key in path.split('.') {
                at = at.and_then(|(node, _)| node.get(key)).map(|entry| (&entry.node, &entry.origin));
            }
            at.map(|(_, origin)| origin)
        };
        keys.iter().find_map(|path| find(path)).unwrap_or(&self.root.origin).fault(what, hint)
    }

    /// A fault at this SLO.
    pub fn slo_fault(&self, slo: &Slo, what: String, hint: Option<String>) -> Fault {
        let items = self.root.get("slos").map(|entry| entry.node.items()).unwrap_or_default();
        let found = items.iter().find(|item| item.text().is_some_and(|text| text.trim() == slo.text));
        found.unwrap_or(&self.root).origin.fault(what, hint)
    }

    /// Every instance type that the file may name: its own, and those that need no description.
    pub fn instance_types(&self, known: &[InstanceType], faults: &mut Vec<Fault>) -> Vec<InstanceType> {
        read::types(&self.root, known, faults)
    }

    /// What all treatments share; all that is wrong with the file before levels are put in is told. `types` are the instance types that it may name.
    pub fn experiment(&self, types: &[InstanceType], faults: &mut Vec<Fault>) -> Experiment {
        faults.extend(self.faults.iter().cloned());
        read::check(&self.root, faults);
        let text = |key: &str| self.root.get(key).and_then(|entry| entry.node.text());
        if self.root.get("question").is_none() {
            let hint = Some("write what the report is to answer: `question: Does … ?`".to_owned());
            faults.push(self.root.origin.fault("the experiment has no `question`", hint));
        }
        let factors = factors::read(&self.root, faults);
        faults.extend(self.set.iter().filter_map(|set| set.in_vain(&factors)));
        if !factors.is_empty() {
            // What levels replace is judged too, but what it lacks they may bring.
            let mut of_base = Vec::new();
            read::settings(&self.root, "", (Client::Librdkafka, types, &self.files), &mut of_base);
            faults.extend(of_base.into_iter().filter(|fault| fault.kind != Kind::Lacking));
        }
        let names: Vec<&str> = factors.iter().map(|factor| factor.name.as_str()).collect();
        let scrape = read::targets(&self.root, &names, faults);
        let lists: [(&str, Check); 2] = [("slos", read::slos), ("responses", read::responses)];
        for (key, check) in lists {
            if let Some(entry) = self.root.get(key).filter(|entry| !matches!(entry.node.value, Value::Null)) {
                check(key, entry, &scrape, faults);
            }
        }
        let slos = self.slos((&factors, &scrape), faults);
        self.check_growth(&factors, &slos, faults);
        let search = search::read(&self.root, faults);
        self.check_search(search.as_ref(), &factors, &slos, faults);
        let baseline = baseline::read(&self.root, &factors, faults);
        let usual = if search.is_some() { Search::CONFIRM } else { 1 };
        Experiment {
            question: text("question").unwrap_or_default().trim().to_owned(),
            repetitions: text("repetitions").and_then(|text| text.parse().ok()).unwrap_or(usual),
            search,
            seed: text("seed").and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_SEED),
            responses: self.responses((&factors, &scrape), faults),
            slos,
            scrape,
            prices: read::prices(&self.root, types, &self.files, faults),
            priced: self.root.get("prices").is_some(),
            baseline,
            factors,
        }
    }

    /// Volume that grows needs something to break, and its factor to itself.
    fn check_growth(&self, factors: &[Factor], slos: &[Slo], faults: &mut Vec<Fault>) {
        let until = self.root.get("workload").and_then(|workload| workload.node.get("until"));
        let Some(until) = until.filter(|until| until.node.text() == Some("broken")) else {
            return;
        };
        if slos.is_empty() && self.root.get("slos").is_none_or(|entry| entry.node.items().is_empty()) {
            let hint = Some("write `slos: [ \"p99(ack) < 1s\" ]`".to_owned());
            faults.push(until.origin.fault("`until: broken` needs an SLO that may break", hint));
        }
        if factors.iter().any(|factor| factor.name == GROWN) {
            let hint =
                Some("leave the factor out: the rate as written is where each search begins".to_owned());
            faults.push(until.origin.fault(format!("`{GROWN}` grows, and cannot be a factor too"), hint));
        }
    }

    /// A search needs something to break, its factor to itself, and enough trials of either bound.
    fn check_search(
        &self,
        search: Option<&Search>,
        factors: &[Factor],
        slos: &[Slo],
        faults: &mut Vec<Fault>,
    ) {
        let (Some(search), Some(entry)) = (search, search::entry(&self.root)) else { return };
        let (kind, of) = (search.kind(), search.of());
        if slos.is_empty() && self.root.get("slos").is_none_or(|entry| entry.node.items().is_empty()) {
            let hint = Some("write `slos: [ \"p99(end_to_end) < 1s\", \"lag_trend <= 1%\" ]`".to_owned());
            faults.push(entry.origin.fault(format!("`search.{kind}` needs an SLO that may break"), hint));
        }
        let sets = |factor: &&Factor| factor.levels.iter().flat_map(Level::paths).any(|path| path == of);
        if let Some(factor) = factors.iter().find(sets) {
            let hint = Some(format!("leave it out of `{}`", factor.name));
            faults.push(
                entry.origin.fault(format!("`{of}` is searched for, and cannot be a factor too"), hint),
            );
        }
        if let Some(until) = self.root.get("workload").and_then(|workload| workload.node.get("until")) {
            let hint = Some("keep `search`: `until: broken` is its simple case".to_owned());
            faults.push(until.origin.fault("`until: broken` and `search` are two searches", hint));
        }
        let written = self.root.get("repetitions");
        let few = |text: &str| text.parse::<u32>().is_ok_and(|number| number > 0 && number < Search::CONFIRM);
        if let Some(entry) = written.filter(|entry| entry.node.text().is_some_and(few)) {
            let hint = Some(format!("leave it out, or write {} or more", Search::CONFIRM));
            let what = format!(
                "a search tries either bound {} times at least before it is believed",
                Search::CONFIRM
            );
            faults.push(entry.node.origin.fault(what, hint));
        }
    }

    /// Whether any treatment has consumers.
    fn consumes(&self, factors: &[Factor]) -> bool {
        let sets_consumers = |path: &str| path.starts_with("consumers");
        self.root.get("consumers").is_some()
            || factors.iter().flat_map(|factor| &factor.levels).flat_map(Level::paths).any(sets_consumers)
    }

    fn responses(&self, (factors, scrape): (&[Factor], &[Target]), faults: &mut Vec<Fault>) -> Vec<Response> {
        let mut responses = Vec::new();
        for item in self.root.get("responses").map(|entry| entry.node.items()).unwrap_or_default() {
            let Some((text, metric)) =
                item.text().and_then(|text| Some((text, scrape::metric(text, scrape)?)))
            else {
                continue;
            };
            if metric.needs_consumers() && !self.consumes(factors) {
                let what = format!("`{text}` speaks of consumers, and the experiment has none");
                faults.push(item.origin.fault(what, Some("write `consumers: {}`".to_owned())));
            }
            responses.push(Response { text: text.to_owned(), metric });
        }
        responses
    }

    fn slos(&self, (factors, scrape): (&[Factor], &[Target]), faults: &mut Vec<Fault>) -> Vec<Slo> {
        let consumers = self.consumes(factors);
        let mut slos = Vec::new();
        for item in self.root.get("slos").map(|entry| entry.node.items()).unwrap_or_default() {
            let Some(slo) = item.text().and_then(|text| Slo::read(text, scrape).ok()) else {
                continue;
            };
            if slo.metric.needs_consumers() && !consumers {
                let what = format!("`{slo}` speaks of consumers, and the experiment has none");
                faults.push(item.origin.fault(what, Some("write `consumers: {}`".to_owned())));
            }
            slos.push(slo);
        }
        slos
    }

    /// Credits that no treatment of these has a use for: all instance types that they stand beside have fixed performance.
    pub fn idle_credits(&self, treatments: &[Vec<&Level>], types: &[InstanceType]) -> Vec<Fault> {
        let mut credits = read::Credits::default();
        for levels in treatments {
            credits.look(&self.of(levels), types);
        }
        credits.idle()
    }

    /// The tree of the treatment that has these levels.
    fn of(&self, levels: &[&Level]) -> Node {
        let mut root = self.root.clone();
        for level in levels {
            level.put_into(&mut root);
        }
        root
    }

    /// The settings of the treatment that has these levels, `client: auto` standing for `auto`; none where a fault is told. `types` are the instance
    /// types that it may name.
    pub fn settings(
        &self,
        levels: &[&Level],
        (auto, types): (Client, &[InstanceType]),
        faults: &mut Vec<Fault>,
    ) -> Option<Settings> {
        let root = self.of(levels);
        read::check(&root, faults);
        read::settings(&root, &self.stem(), (auto, types, &self.files), faults)
    }
}

/// The value of a property, in the file's order; a value that only a level of a factor brings is found there.
fn property<'a>(node: &'a Node, name: &str, value: &str) -> Option<&'a Node> {
    let is_it = |key: &str| key == name || canonical(key) == name;
    let named = |key: &str| {
        let below = |end: &&str| key.split_once(*end).is_some_and(|(_, rest)| is_it(rest));
        is_it(key)
            || ["properties.", "config.", "bootstrap."].iter().any(below)
            || key.strip_prefix("topic.") == Some(name)
    };
    let here = node.entries().iter().filter(|entry| named(&entry.key));
    let values = here.flat_map(|entry| std::iter::once(&entry.node).chain(entry.node.items()));
    let mut inside = node.entries().iter().map(|entry| &entry.node).chain(node.items());
    values
        .into_iter()
        .find(|node| node.text() == Some(value))
        .or_else(|| inside.find_map(|node| property(node, name, value)))
}
