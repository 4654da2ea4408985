//! The topics of a trial, their partitions numbered through: books are by these numbers, and only where Kafka is spoken to stand its own.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Topics in an order of their own; the partitions of each have the numbers after those of the one before. Of one topic they are Kafka's own. As JSON: the
/// name of one, or `[{"name": "orders", "partitions": 6}, …]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Topics {
    names: Vec<String>,
    /// The number of each one's first partition.
    firsts: Vec<u32>,
    partitions: u32,
    by_name: HashMap<String, usize>,
}

/// As a consumer is told.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    One(String),
    Several(Vec<Named>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    partitions: u32,
}

impl Topics {
    /// One of so many partitions.
    pub fn one(name: impl Into<String>, partitions: u32) -> Self {
        Topics::new([(name.into(), partitions)])
    }

    /// These, each with its number of partitions.
    pub fn new(all: impl IntoIterator<Item = (String, u32)>) -> Self {
        let mut topics = Topics::default();
        for (name, partitions) in all {
            topics.by_name.insert(name.clone(), topics.names.len());
            topics.names.push(name);
            topics.firsts.push(topics.partitions);
            topics.partitions += partitions;
        }
        topics
    }

    /// How many topics there are.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// Whether there is one alone.
    pub fn is_one(&self) -> bool {
        self.names.len() == 1
    }

    /// Partitions of all of them.
    pub fn partitions(&self) -> u32 {
        self.partitions
    }

    /// Partitions of the one that has most.
    pub fn widest(&self) -> u32 {
        self.iter().map(|(_, numbers)| numbers.len() as u32).max().unwrap_or_default()
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Each with the numbers of its partitions.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Range<u32>)> {
        (0..self.count()).map(move |at| (self.names[at].as_str(), self.numbers(at, self.partitions)))
    }

    /// All partitions in the order of their numbers, as Kafka knows them.
    pub fn all(&self) -> impl Iterator<Item = (&str, i32)> {
        self.iter()
            .flat_map(|(name, numbers)| (0..numbers.len() as i32).map(move |partition| (name, partition)))
    }

    /// The numbers of the topic at a place, where `known` partitions are known of in all: the last may have more than it was taken for.
    pub fn numbers(&self, at: usize, known: u32) -> Range<u32> {
        let first = self.firsts.get(at).copied().unwrap_or(known);
        first..self.firsts.get(at + 1).copied().unwrap_or(known).max(first)
    }

    /// The topic and its partition of a number.
    pub fn at(&self, number: u32) -> (&str, i32) {
        let (place, partition) = self.place(number);
        (self.names.get(place).map_or("", String::as_str), partition)
    }

    /// The same, the topic by its place.
    pub fn place(&self, number: u32) -> (usize, i32) {
        let place = self.firsts.partition_point(|first| *first <= number).saturating_sub(1);
        let first = self.firsts.get(place).copied().unwrap_or_default();
        (place, (number - first).cast_signed())
    }

    /// The number of a partition of a topic; none of a topic that is none of these.
    pub fn number(&self, topic: &str, partition: i32) -> Option<u32> {
        let place = *self.by_name.get(topic)?;
        let number = self.firsts[place].checked_add(u32::try_from(partition).ok()?)?;
        self.numbers(place, u32::MAX).contains(&number).then_some(number)
    }

    /// What the numbers stand for, where people read them; none of one topic, whose own they are.
    pub fn legend(&self) -> Option<String> {
        const SHOWN: usize = 8;
        if self.count() < 2 {
            return None;
        }
        let one = |(name, numbers): (&str, Range<u32>)| match numbers.len() {
            0 | 1 => format!("{name} has {}", numbers.start),
            _ => format!("{name} {} to {}", numbers.start, numbers.end - 1),
        };
        let shown: Vec<String> = self.iter().take(SHOWN).map(one).collect();
        let more = if self.count() > SHOWN { ", …" } else { "" };
        Some(format!("partitions are numbered through the topics: {}{more}", shown.join(", ")))
    }

    /// The names with a comma between two of them, which no topic's name holds.
    pub fn joined(&self) -> String {
        self.names.join(",")
    }
}

impl fmt::Display for Topics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.names.as_slice() {
            [one] => f.write_str(one),
            [first, second] => write!(f, "{first} and {second}"),
            [first, .., last] => write!(f, "{first} to {last} ({} topics)", self.count()),
            [] => Ok(()),
        }
    }
}

impl From<Written> for Topics {
    fn from(written: Written) -> Self {
        match written {
            Written::One(name) => Topics::one(name, 0),
            Written::Several(all) => Topics::new(all.into_iter().map(|one| (one.name, one.partitions))),
        }
    }
}

impl From<Topics> for Written {
    fn from(topics: Topics) -> Self {
        if topics.is_one() {
            return Written::One(topics.joined());
        }
        let named = |(name, numbers): (&str, Range<u32>)| Named {
            name: name.to_owned(),
            partitions: numbers.len() as u32,
        };
        Written::Several(topics.iter().map(named).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn several() -> Topics {
        Topics::new([("b", 2), ("a", 1), ("c", 3)].map(|(name, partitions)| (name.to_owned(), partitions)))
    }

    #[test]
    fn each_partition_has_one_number_and_each_number_one_partition() {
        let topics = several();
        assert_eq!((topics.partitions(), topics.widest(), topics.count()), (6, 3, 3));
        for (number, (topic, partition)) in (0..).zip(topics.all()) {
            assert_eq!(topics.at(number), (topic, partition));
            assert_eq!(topics.number(topic, partition), Some(number));
        }
        let all: Vec<_> = topics.all().collect();
        assert_eq!(all, [("b", 0), ("b", 1), ("a", 0), ("c", 0), ("c", 1), ("c", 2)]);
    }

    #[test]
    fn what_is_none_of_them_has_no_number() {
        let topics = several();
        for (topic, partition) in [("d", 0), ("b", 2), ("a", 1), ("c", -1)] {
            assert_eq!(topics.number(topic, partition), None, "{topic} {partition}");
        }
        assert_eq!(Topics::default().number("b", 0), None);
    }

    #[test]
    fn of_one_topic_the_numbers_are_kafkas_own_however_many_it_has() {
        let one = Topics::one("t", 2);
        assert_eq!((one.number("t", 5), one.at(5), one.numbers(0, 6)), (Some(5), ("t", 5), 0..6));
        assert_eq!(
            (one.to_string(), several().to_string()),
            ("t".to_owned(), "b to c (3 topics)".to_owned())
        );
        assert_eq!(one.legend(), None);
        let legend = "partitions are numbered through the topics: b 0 to 1, a has 2, c 3 to 5";
        assert_eq!(several().legend().as_deref(), Some(legend));
    }

    #[test]
    fn a_consumer_is_told_the_name_of_one_topic_and_of_several_their_partitions_too() {
        let json = |topics: &Topics| serde_json::to_string(topics).unwrap();
        assert_eq!(json(&Topics::one("t", 4)), "\"t\"");
        let text = json(&several());
        assert_eq!(
            text,
            r#"[{"name":"b","partitions":2},{"name":"a","partitions":1},{"name":"c","partitions":3}]"#
        );
        assert_eq!(serde_json::from_str::<Topics>(&text).unwrap(), several());
    }
}
