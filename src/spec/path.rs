//! Dotted paths to places of the format, and what was meant by what comes near.

use strsim::damerau_levenshtein;

use super::form::{AMOUNT, EXPERIMENT};
use super::key::{Form, Key};

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
    let nothing = || NoPath { what: "names nothing", hint: nearest_path(path) };
    while !rest.is_empty() {
        let (head, tail) = match form {
            Form::Properties | Form::Factors | Form::Paths | Form::Prices(_) => (rest, ""),
            _ => rest.split_once('.').unwrap_or((rest, "")),
        };
        form = match mapping_of(form) {
            Form::Keys(keys) | Form::OneOf(keys) | Form::All(keys) => {
                keys.iter().find(|key| key.name == head).ok_or_else(nothing)?.form
            }
            Form::Named(keys) => Form::Keys(keys), // the head is an item's name
            Form::Items(Form::Keys(keys)) => Form::Keys(keys), // the same of events
            Form::Groups(keys) => {
                if let Some(key) = keys.iter().find(|key| key.name == head) {
                    key.form
                } else {
                    // The head is a group's name; alone, or before what no group has, it is a slip.
                    let next = tail.split('.').next().unwrap_or_default();
                    keys.iter().find(|key| key.name == next).ok_or_else(nothing)?;
                    Form::Keys(keys)
                }
            }
            Form::Properties | Form::Factors | Form::Paths | Form::Prices(_) => Form::Text,
            Form::Amount => {
                Form::Keys(AMOUNT.iter().find(|kind| kind.name == head).ok_or_else(nothing)?.inside())
            }
            Form::Later => {
                return Err(NoPath { what: "is not built yet", hint: None });
            }
            _ => return Err(nothing()),
        };
        steps.push(head.to_owned());
        rest = tail;
    }
    match form {
        Form::Later => Err(NoPath { what: "is not built yet", hint: None }),
        _ if steps.is_empty() || path.ends_with('.') => Err(nothing()),
        _ => Ok(steps),
    }
}

/// Of several forms the one that has keys.
fn mapping_of(form: Form) -> Form {
    let has_keys =
        |form: &&Form| matches!(form, Form::Keys(_) | Form::OneOf(_) | Form::All(_) | Form::Named(_));
    match form {
        Form::Any(forms) => forms.iter().find(has_keys).copied().unwrap_or(form),
        Form::OneOrList(keys, _) => Form::Keys(keys),
        _ => form,
    }
}

/// Short names of paths, for tables and slugs: the last key of each, that of a property whole; of several that end alike as many keys as tell them
/// apart: `orders.instances`, `audit.instances`.
pub fn short_names<S: AsRef<str>>(paths: &[S]) -> Vec<&str> {
    let keys = |path: &str| steps(path).unwrap_or_else(|_| vec![path.to_owned()]);
    // Where the name of so many keys begins: each takes a dot with it.
    let begin = |path: &str, keys: &[String], last: usize| {
        let long: usize = keys.iter().rev().take(last).map(|key| key.len() + 1).sum();
        (path.len() + 1).saturating_sub(long)
    };
    let all: Vec<(&str, Vec<String>)> =
        paths.iter().map(|path| (path.as_ref(), keys(path.as_ref()))).collect();
    let name = |(path, keys): &(&'_ str, Vec<String>)| {
        let is_told = |last: &usize| {
            let own = &path[begin(path, keys, *last)..];
            let alike = |(other, keys): &&(&str, Vec<String>)| other[begin(other, keys, *last)..] == *own;
            all.iter().filter(alike).count() <= 1
        };
        let last = (1..keys.len()).find(is_told).unwrap_or(keys.len());
        begin(path, keys, last)
    };
    let begins: Vec<usize> = all.iter().map(name).collect();
    paths.iter().zip(begins).map(|(path, begin)| &path.as_ref()[begin..]).collect()
}

/// What of all that is known comes near enough to have been meant.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = known
        .into_iter()
        .map(|name| (damerau_levenshtein(written, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len().max(written.len()) / 4)
        .min_by_key(|(distance, _)| *distance);
    near.map(|(_, name)| name)
}

/// "did you mean `…`?" for what comes near enough, else the list of what is known.
pub fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(name) = nearest(written, known.clone()) {
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
        let path = if under.is_empty() { key.name.to_owned() } else { format!("{under}.{}", key.name) };
        match mapping_of(key.form) {
            Form::Keys(keys)
            | Form::OneOf(keys)
            | Form::All(keys)
            | Form::OneOrList(keys, _)
            | Form::Groups(keys) => {
                collect_paths(&path, keys, paths);
            }
            Form::Later | Form::Factors | Form::Paths => continue,
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
        assert_eq!(steps("topic.config.retention.ms").unwrap(), ["topic", "config", "retention.ms"]);
        assert_eq!(
            steps("workload.fleets.all.properties.linger.ms").unwrap(),
            ["workload", "fleets", "all", "properties", "linger.ms"]
        );
        assert_eq!(steps("events.swap.upgrade.boot").unwrap(), ["events", "swap", "upgrade", "boot"]);
        assert!(steps("events.swap.upgrade.boots").is_err());
        assert_eq!(short_names(&["consumers.properties.max.poll.interval.ms"]), ["max.poll.interval.ms"]);
    }

    #[test]
    fn a_path_leads_into_a_distribution() {
        let path = "consumers.backend.process.work.wait.exponential.mean";
        assert_eq!(steps(path).unwrap().last().unwrap(), "mean");
        assert!(steps("consumers.backend.process.work.wait.exponential.median").is_err());
    }

    #[test]
    fn a_path_that_names_nothing_is_told_what_it_could_have_been() {
        let hint = |path| steps(path).unwrap_err().hint;
        assert_eq!(hint("topic.partition").as_deref(), Some("did you mean `topic.partitions`?"));
        assert_eq!(hint("instances").as_deref(), Some("did you mean `consumers.instances`?"));
        assert_eq!(steps("consumers.backend.hook").unwrap_err().what, "is not built yet");
        assert!(steps("").is_err() && steps("topic.").is_err() && steps("topic.partitions.x").is_err());
    }

    #[test]
    fn paths_are_named_by_as_little_as_tells_them_apart() {
        let of = |paths: [&str; 3]| short_names(&paths).join(" ");
        assert_eq!(of(["topic.partitions", "consumers.instances", "crowd"]), "partitions instances crowd");
        let dotted = ["topic.partitions", "workload.fleets.all.properties.linger.ms", "crowd"];
        assert_eq!(of(dotted), "partitions linger.ms crowd");
        assert_eq!(
            of(["consumers.orders.instances", "topic.partitions", "consumers.audit.instances"]),
            "orders.instances partitions audit.instances"
        );
        let twice = ["topic.partitions", "topic.partitions", "crowd"];
        assert_eq!(
            of(twice),
            "topic.partitions topic.partitions crowd",
            "what is one path is not told apart"
        );
        assert_eq!(short_names::<&str>(&[""]), [""]);
    }
}
