//! A reference consumer that is started like any program that is not ours: configured by what bench tells every one of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::config::{BadConfig, Config, WorkConfig};
use crate::books::Topics;
use crate::timeline::Clock;

/// Properties that stand in variables of their own.
const APART: [&str; 2] = ["bootstrap.servers", "group.id"];

impl Config {
    /// From the variables that `bench run` sets for programs, which `variable` knows. It knows of no trial: each message is worked on and committed, and counts
    /// as foreign in its own lines. Whoever follows the group tells what is known of it.
    pub fn of_a_program(
        work: WorkConfig,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, BadConfig> {
        let known = |name: &'static str| variable(name).ok_or(BadConfig::Untold { variable: name });
        let instance: u32 =
            variable("BENCH_INSTANCE").and_then(|number| number.parse().ok()).unwrap_or_default();
        let written = serde_json::json!({
            "servers": known("BENCH_SERVERS")?,
            "group": known("BENCH_GROUP")?,
            "topic": topics(&known("BENCH_TOPIC")?, variable("BENCH_PARTITIONS").as_deref())?,
            "trial": 0,
            "instance": instance,
            "threads": 1,
            "properties": variable("BENCH_PROPERTIES").map(properties).transpose()?.unwrap_or_default(),
            "work": work,
            "seed": instance,
            "clock": Clock::anchor(),
        });
        Ok(serde_json::from_value(written)?)
    }
}

/// Of several topics only how many partitions they have together is told: each has as many as any other, or they cannot be numbered.
fn topics(joined: &str, partitions: Option<&str>) -> Result<Topics, BadConfig> {
    let names: Vec<String> = joined.split(',').map(str::to_owned).collect();
    let count = names.len() as u32;
    let together = partitions.and_then(|number| number.parse::<u32>().ok());
    match together.filter(|together| together.is_multiple_of(count)) {
        Some(together) => Ok(Topics::new(names.into_iter().map(|name| (name, together / count)))),
        None if count == 1 => Ok(Topics::one(joined, 0)),
        None => Err(BadConfig::Uneven { topics: count }),
    }
}

/// Those of a file as Java's clients read it, but for what stands in variables.
fn properties(path: String) -> Result<BTreeMap<String, String>, BadConfig> {
    let path = PathBuf::from(path);
    let text = fs::read_to_string(&path).map_err(|source| BadConfig::Unreadable { path, source })?;
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let own = pairs.filter(|(name, _)| !APART.contains(name));
    Ok(own.map(|(name, value)| (name.to_owned(), unescaped(value))).collect())
}

/// A value as it was before `surroundings` wrote it for Java.
fn unescaped(value: &str) -> String {
    let (mut text, mut signs) = (String::new(), value.chars());
    while let Some(sign) = signs.next() {
        text.push(match sign {
            '\\' => match signs.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                other => other.unwrap_or('\\'),
            },
            other => other,
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::surroundings::escaped;
    use super::*;

    fn told<'a>(all: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn what_every_program_is_told_configures_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("g.properties");
        fs::write(
            &file,
            "auto.offset.reset=earliest\nbootstrap.servers=b:1\ngroup.id=g\nsasl.password=a=b\\\\c\n",
        )
        .unwrap();
        let file = file.display().to_string();
        let all = [
            ("BENCH_SERVERS", "b:1"),
            ("BENCH_GROUP", "g"),
            ("BENCH_TOPIC", "t"),
            ("BENCH_PARTITIONS", "3"),
            ("BENCH_INSTANCE", "2"),
            ("BENCH_PROPERTIES", file.as_str()),
        ];
        let config = Config::of_a_program(WorkConfig::default(), told(&all)).unwrap();
        assert_eq!((config.servers.as_str(), config.group.as_str(), config.instance), ("b:1", "g", 2));
        assert_eq!(config.topic.names().collect::<Vec<_>>(), ["t"]);
        let given: Vec<_> =
            config.properties.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(given, [("auto.offset.reset", "earliest"), ("sasl.password", "a=b\\c")]);
    }

    #[test]
    fn what_it_was_not_told_is_named() {
        let error =
            Config::of_a_program(WorkConfig::default(), told(&[("BENCH_SERVERS", "b:1")])).unwrap_err();
        assert!(error.to_string().contains("`BENCH_GROUP`"), "{error}");
    }

    #[test]
    fn several_topics_are_numbered_where_they_are_alike() {
        let of = |partitions| {
            let all = [
                ("BENCH_SERVERS", "b:1"),
                ("BENCH_GROUP", "g"),
                ("BENCH_TOPIC", "a,b"),
                ("BENCH_PARTITIONS", partitions),
            ];
            Config::of_a_program(WorkConfig::default(), told(&all)).map(|config| config.topic)
        };
        let numbered: Vec<_> =
            of("4").unwrap().iter().map(|(name, numbers)| (name.to_owned(), numbers)).collect();
        assert_eq!(numbered, [("a".to_owned(), 0..2), ("b".to_owned(), 2..4)]);
        assert!(of("5").unwrap_err().to_string().contains("2 topics"));
    }

    #[test]
    fn a_value_is_read_as_it_was_before_it_was_written() {
        for value in ["a", " b", "c\\d\ne\r", ""] {
            assert_eq!(unescaped(&escaped(value)), value);
        }
    }
}
