//! Whether the clients of a plan can be made at all: librdkafka judges each combination of properties by making one, before anything is started.

use std::collections::BTreeSet;

use super::clients::{of_consumers, of_producers};
use crate::cluster::{Kind, default_of, refusal, resolved};
use crate::consumers;
use crate::load::LightConfig;
use crate::plan::{Plan, Treatment};
use crate::spec::{Client, Cluster, Properties, canonical, secrets};

/// A combination of properties of which no client can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Who refuses whose clients why: a sentence with librdkafka's own words.
    pub what: String,
    /// Properties of the file that it is about, the likeliest first.
    pub about: Vec<(String, String)>,
}

/// How the names of properties end that are paths.
const FILES: [&str; 3] = ["location", ".file", "keytab"];

/// Something that librdkafka, or the light client, is asked to make.
struct Asked {
    who: String,
    kind: Option<Kind>,
    /// What the file says, `${ENV}` references unresolved.
    set: Properties,
    /// With all that bench adds.
    whole: Properties,
}

/// All combinations of which no client can be made, each once. What the environment lacks cannot be judged, and is told elsewhere.
pub fn refused(plan: &Plan) -> Vec<Refused> {
    let mut tried = BTreeSet::new();
    let mut all = Vec::new();
    for asked in plan.treatments.iter().flat_map(|treatment| asked(&plan.cluster, treatment)) {
        // Files are opened when a client is made, on the machine that runs; a check elsewhere must not need them.
        let is_file = |name: &str| FILES.iter().any(|end| name.ends_with(end));
        let Ok(whole) = resolved(&asked.whole) else { continue };
        let whole: Properties = whole.into_iter().filter(|(name, _)| !is_file(name)).collect();
        if !tried.insert((asked.kind, whole.clone())) {
            continue;
        }
        let words = match asked.kind {
            Some(kind) => refusal(kind, &whole),
            None => LightConfig::read("127.0.0.1:1", &whole).err(),
        };
        all.extend(words.map(|words| tell(&asked, &words)));
    }
    all
}

fn asked(cluster: &Cluster, treatment: &Treatment) -> Vec<Asked> {
    let common = match cluster {
        Cluster::Bootstrap { properties, .. } => properties.clone(),
        Cluster::Kafka { .. } => Properties::new(),
    };
    let settings = &treatment.settings;
    let mut all = vec![Asked {
        who: "the clients of the cluster".to_owned(),
        kind: Some(Kind::Producer),
        set: common.clone(),
        whole: common.clone(),
    }];
    for fleet in &settings.workload.fleets {
        let set = of_producers(&common, fleet);
        let mut whole = set.clone();
        if fleet.transactions.is_some() {
            whole.insert("transactional.id".to_owned(), "bench".to_owned());
        }
        let kind = (fleet.client == Client::Librdkafka).then_some(Kind::Producer);
        all.push(Asked { who: format!("the producers of fleet `{}`", fleet.name), kind, set, whole });
    }
    // What consumers that are not ours are told is for their own client.
    for group in settings.consumers.iter().filter(|group| group.tells()) {
        let mut set = of_consumers(&common, group);
        set.remove("auto.commit.interval.ms"); // bench's own: the client never learns of it
        let mut whole = consumers::effective_properties(&set);
        whole.insert("group.id".to_owned(), group.group.clone());
        let who = format!("the consumers of group `{}`", group.group);
        all.push(Asked { who, kind: Some(Kind::Consumer), set, whole });
    }
    all
}

/// What a sentence that names no property of the file is likely about.
const LIKELY: [&str; 2] = ["sasl.mechanism", "security.protocol"];

fn tell(asked: &Asked, words: &str) -> Refused {
    let named = names_in(words);
    let written = |name: &str| asked.set.get_key_value(canonical(name));
    let pair = |(name, value): (&String, &String)| (name.clone(), value.clone());
    let mut about: Vec<(String, String)> = named.iter().filter_map(|name| written(name)).map(pair).collect();
    about.extend(LIKELY.iter().filter_map(|name| written(name)).map(pair));
    let defaults: Vec<String> = named
        .iter()
        .filter(|name| written(name).is_none())
        .filter_map(|name| match asked.whole.get(canonical(name)) {
            Some(value) => Some(format!("bench sets `{name}` to `{value}`")),
            None => Some(format!(
                "`{name}` is `{}` by default",
                default_of(name).filter(|value| !value.is_empty())?
            )),
        })
        .collect();
    let words = secrets::redact(words.trim().trim_end_matches('.'), &asked.set);
    let by = if asked.kind.is_some() { "librdkafka" } else { "the light client" };
    let beside = if defaults.is_empty() { String::new() } else { format!(" ({})", defaults.join(", ")) };
    Refused { what: format!("{by} refuses {}: {words}{beside}", asked.who), about }
}

/// Properties that a sentence names, in its order: words with dots in them, or between backticks.
fn names_in(words: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c);
    let quoted: Vec<&str> = words.split('`').skip(1).step_by(2).collect();
    let all = words.split(|c| !is_part(c)).map(|word| word.trim_matches('.'));
    let is_name = |word: &&str| word.contains('.') || quoted.contains(word);
    let mut names: Vec<String> = Vec::new();
    for name in all.filter(|word| !word.is_empty()).filter(is_name) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_that_is_not_ours_is_told_is_not_librdkafkas_to_judge() {
        let of = |backend: &str| {
            let text = format!(
                "question: q\nworkload: {{rate: 1/s}}\nconsumers: {{backend: {backend}, properties: {{max.poll.records: 7}}}}\n"
            );
            refused(&crate::plan::planned(&text)).len()
        };
        assert_eq!((of("{process: {}}"), of("{command: {run: x}}")), (1, 0));
    }

    #[test]
    fn properties_are_found_in_librdkafkas_sentences() {
        let names = names_in("`max.poll.interval.ms`must be >= `session.timeout.ms`");
        assert_eq!(names, ["max.poll.interval.ms", "session.timeout.ms"]);
        let names = names_in("`acks` must be set to `all` when `enable.idempotence` is true.");
        assert_eq!(names, ["acks", "all", "enable.idempotence"]);
    }
}
