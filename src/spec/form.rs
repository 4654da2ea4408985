//! The format of an experiment file, declared once: what may stand where. Unknown keys, factor paths and the JSON schema all follow from it.

use strsim::damerau_levenshtein;

/// What may stand under a key.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Any text.
    Text,
    /// A whole number of at least this.
    Count(u64),
    /// A number of bytes with its unit.
    Bytes,
    /// A time with its unit.
    Span,
    /// Messages per second.
    Rate,
    /// A percentage.
    Share,
    /// A time, fixed or drawn.
    Amount,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A mapping with some of these keys.
    Keys(&'static [Key]),
    /// A mapping with exactly one of these keys.
    OneOf(&'static [Key]),
    /// A mapping of names that are not ours to texts, numbers or booleans.
    Properties,
    /// A list of mappings, each with a name of its own.
    Named(&'static [Key]),
    /// A list of conditions.
    Slos,
    /// Factors and their levels.
    Factors,
    /// Planned, and a fault until then.
    Later,
}

/// A key of the format.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What may stand under it.
    pub form: Form,
    /// What it is for, in a sentence.
    pub says: &'static str,
}

const fn key(name: &'static str, form: Form, says: &'static str) -> Key {
    Key { name, form, says }
}

const fn later(name: &'static str) -> Key {
    key(name, Form::Later, "Not built yet.")
}

const KAFKA: &[Key] = &[
    key("version", Form::Text, "Version of Apache Kafka, default 4.3.1."),
    key(
        "brokers",
        Form::Count(1),
        "Brokers, default 1; more are not built yet.",
    ),
    key("heap", Form::Bytes, "The JVM's heap, default 1GiB."),
    key(
        "config",
        Form::Properties,
        "Broker settings that go over bench's own.",
    ),
];

const BOOTSTRAP: &[Key] = &[
    key("servers", Form::Text, "`host:port`, several separated by commas."),
    key(
        "properties",
        Form::Properties,
        "librdkafka's properties for every client of the run; `${ENV}` for secrets.",
    ),
];

const TOPIC: &[Key] = &[
    key("partitions", Form::Count(1), "Number of partitions, default 1."),
    key(
        "replication",
        Form::Count(1),
        "Replicas of each partition, default 1.",
    ),
    key("config", Form::Properties, "Kafka's topic settings."),
];

const MESSAGE: &[Key] = &[
    key(
        "size",
        Form::Bytes,
        "Bytes of the payload, envelope included, default 1KiB.",
    ),
    key(
        "compressibility",
        Form::Share,
        "Share of the payload that a compressor can take away, default 0%.",
    ),
    key(
        "keys",
        Form::Words(&["none"]),
        "Keys of the messages; others than `none` are not built yet.",
    ),
    later("envelope"),
];

const FLEET: &[Key] = &[
    key("name", Form::Text, "Its name, unique in the workload."),
    key("producers", Form::Count(1), "Kafka clients in it, default 1."),
    key(
        "share",
        Form::Share,
        "Its part of the offered rate, split evenly among its producers; default 100% for a single fleet.",
    ),
    key(
        "client",
        Form::Words(&["librdkafka", "auto"]),
        "What sends; `light` is not built yet.",
    ),
    key(
        "split",
        Form::Words(&["even"]),
        "How the share is split; others than `even` are not built yet.",
    ),
    key(
        "properties",
        Form::Properties,
        "librdkafka's properties for its producers.",
    ),
    later("partition"),
];

const WORKLOAD: &[Key] = &[
    key("rate", Form::Rate, "Offered by all fleets together."),
    key(
        "arrivals",
        Form::Words(&["poisson", "constant"]),
        "How the gaps between a producer's messages are drawn, default poisson.",
    ),
    key("message", Form::Keys(MESSAGE), "What each message is like."),
    key(
        "fleets",
        Form::Named(FLEET),
        "Who sends; default one fleet `all` of one producer.",
    ),
    later("shape"),
];

const WORK: &[Key] = &[
    key("cpu", Form::Amount, "CPU time of the thread for each message."),
    key(
        "wait",
        Form::Amount,
        "Wall time without CPU for each message: a downstream call.",
    ),
    later("memory"),
    later("disk"),
    later("model"),
];

const BACKEND: &[Key] = &[
    key(
        "process",
        Form::Keys(&[key(
            "work",
            Form::Keys(WORK),
            "What is done with each message, default nothing.",
        )]),
        "Child processes of the reference consumer.",
    ),
    later("external"),
    later("command"),
    later("hook"),
];

const CONSUMERS: &[Key] = &[
    key(
        "group",
        Form::Text,
        "Name of the group, default the file's stem; each trial appends its own suffix.",
    ),
    key("instances", Form::Count(1), "Instances, default 1."),
    key(
        "threads",
        Form::Count(1),
        "Consumers in each instance, default 1.",
    ),
    key(
        "backend",
        Form::OneOf(BACKEND),
        "What runs them, default `process`.",
    ),
    key(
        "properties",
        Form::Properties,
        "librdkafka's properties for its consumers.",
    ),
    later("instance_type"),
    later("credits"),
];

const PHASES: &[Key] = &[
    key(
        "prepare",
        Form::Span,
        "An unrecorded trial before the first; default 30s on a broker that bench starts, else 0s.",
    ),
    key(
        "warm_up",
        Form::Span,
        "Load that is kept out of the window, default 10s.",
    ),
    key("measure", Form::Span, "The window, at least 5s, default 30s."),
    key(
        "drain",
        Form::Span,
        "The longest wait for what is still unread, default 30s.",
    ),
];

/// The keys of an experiment file.
pub const EXPERIMENT: &[Key] = &[
    key(
        "question",
        Form::Text,
        "The question that the report answers; required.",
    ),
    key(
        "cluster",
        Form::OneOf(&[
            key(
                "kafka",
                Form::Keys(KAFKA),
                "Apache Kafka, started and stopped by bench.",
            ),
            key(
                "bootstrap",
                Form::Keys(BOOTSTRAP),
                "A cluster that is there already.",
            ),
        ]),
        "The brokers, default `kafka: {}`; the same in all treatments.",
    ),
    key("topic", Form::Keys(TOPIC), "The topic that each trial gets anew."),
    key("workload", Form::Keys(WORKLOAD), "What is sent; required."),
    key(
        "consumers",
        Form::Keys(CONSUMERS),
        "Who reads; left out: producers alone.",
    ),
    key(
        "factors",
        Form::Factors,
        "What is varied: a path and its levels, or a name and labelled levels that set several paths.",
    ),
    key(
        "phases",
        Form::Keys(PHASES),
        "How long each phase lasts, in multiples of 250ms.",
    ),
    key(
        "repetitions",
        Form::Count(1),
        "Trials of each treatment, default 1.",
    ),
    key(
        "seed",
        Form::Count(0),
        "Everything drawn follows from it, default 1.",
    ),
    key(
        "slos",
        Form::Slos,
        "What must hold, such as `p99(end_to_end) < 250ms`.",
    ),
    later("load"),
    later("emulation"),
    later("prices"),
    later("instance_types"),
];

/// Why a path names nothing that can be set: the rest of a sentence that begins with the path, and a hint.
#[derive(Debug, PartialEq, Eq)]
pub struct NoPath {
    /// Such as "names nothing".
    pub what: &'static str,
    /// What it could have been.
    pub hint: Option<String>,
}

/// The steps of a dotted path, keys of properties kept whole: `topic.config.retention.ms` has three.
pub fn steps(path: &str) -> Result<Vec<String>, NoPath> {
    let mut steps = Vec::new();
    let mut rest = path;
    let mut form = Form::Keys(EXPERIMENT);
    let nothing = || NoPath {
        what: "names nothing",
        hint: nearest_path(path),
    };
    while !rest.is_empty() {
        let (head, tail) = match form {
            Form::Properties | Form::Factors => (rest, ""),
            _ => rest.split_once('.').unwrap_or((rest, "")),
        };
        form = match form {
            Form::Keys(keys) | Form::OneOf(keys) => {
                keys.iter().find(|key| key.name == head).ok_or_else(nothing)?.form
            }
            Form::Named(keys) => Form::Keys(keys), // the head is an item's name
            Form::Properties | Form::Factors => Form::Text,
            Form::Later => {
                return Err(NoPath {
                    what: "is not built yet",
                    hint: None,
                });
            }
            _ => return Err(nothing()),
        };
        steps.push(head.to_owned());
        rest = tail;
    }
    match form {
        Form::Later => Err(NoPath {
            what: "is not built yet",
            hint: None,
        }),
        _ if steps.is_empty() || path.ends_with('.') => Err(nothing()),
        _ => Ok(steps),
    }
}

/// A short name of a path, for slugs: its last key, that of a property whole.
pub fn short_name(path: &str) -> String {
    steps(path)
        .ok()
        .and_then(|mut steps| steps.pop())
        .unwrap_or_else(|| path.to_owned())
}

/// "did you mean `…`?" for what comes near enough, else the list of what is known.
pub fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    let near = known
        .clone()
        .into_iter()
        .map(|name| (damerau_levenshtein(written, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len().max(written.len()) / 4)
        .min_by_key(|(distance, _)| *distance);
    if let Some((_, name)) = near {
        return Some(format!("did you mean `{name}`?"));
    }
    let known: Vec<String> = known.into_iter().map(|name| format!("`{name}`")).collect();
    (!known.is_empty()).then(|| format!("known here: {}", known.join(", ")))
}

fn nearest_path(written: &str) -> Option<String> {
    let mut paths = Vec::new();
    collect_paths("", EXPERIMENT, &mut paths);
    let last = written.rsplit('.').next().unwrap_or(written);
    let same_end = paths.iter().find(|path| path.rsplit('.').next() == Some(last));
    let near = paths
        .iter()
        .map(|path| (damerau_levenshtein(written, path), path))
        .filter(|(distance, path)| *distance <= 1 + path.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, path)| path);
    let found = near.or(same_end)?;
    Some(format!("did you mean `{found}`?"))
}

fn collect_paths(under: &str, keys: &[Key], paths: &mut Vec<String>) {
    for key in keys {
        let path = if under.is_empty() {
            key.name.to_owned()
        } else {
            format!("{under}.{}", key.name)
        };
        match key.form {
            Form::Keys(keys) | Form::OneOf(keys) => collect_paths(&path, keys, paths),
            Form::Later | Form::Factors => continue,
            _ => {}
        }
        paths.push(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_one_step_however_many_dots_it_has() {
        assert_eq!(
            steps("topic.config.retention.ms").unwrap(),
            ["topic", "config", "retention.ms"]
        );
        assert_eq!(
            steps("workload.fleets.all.properties.linger.ms").unwrap(),
            ["workload", "fleets", "all", "properties", "linger.ms"]
        );
        assert_eq!(
            short_name("consumers.properties.max.poll.interval.ms"),
            "max.poll.interval.ms"
        );
    }

    #[test]
    fn a_path_that_names_nothing_is_told_what_it_could_have_been() {
        let hint = |path| steps(path).unwrap_err().hint;
        assert_eq!(
            hint("topic.partition").as_deref(),
            Some("did you mean `topic.partitions`?")
        );
        assert_eq!(
            hint("instances").as_deref(),
            Some("did you mean `consumers.instances`?")
        );
        assert_eq!(steps("workload.shape.ramp").unwrap_err().what, "is not built yet");
        assert!(steps("").is_err() && steps("topic.").is_err() && steps("topic.partitions.x").is_err());
    }
}
