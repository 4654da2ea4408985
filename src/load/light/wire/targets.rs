//! Where producers send: topics as a broker is told of them, their partitions by the numbers of the books.

use std::ops::Range;

use kafka_protocol::messages::TopicName;
use kafka_protocol::protocol::StrBytes;

use crate::books::Topics;

/// The topics of all light producers, shared by them.
#[derive(Debug)]
pub struct Targets {
    topics: Topics,
    names: Vec<TopicName>,
}

impl Targets {
    /// These.
    pub fn new(topics: Topics) -> Self {
        let name = |name: &str| TopicName(StrBytes::from_string(name.to_owned()));
        Targets { names: topics.names().map(name).collect(), topics }
    }

    /// Their names.
    pub fn names(&self) -> &[TopicName] {
        &self.names
    }

    /// The numbers of the partitions of the topic at a place, where so many are known of in all.
    pub fn numbers(&self, place: u32, known: u32) -> Range<u32> {
        self.topics.numbers(place as usize, known)
    }

    /// The topic and its partition of a number.
    pub fn at(&self, number: u32) -> (&TopicName, i32) {
        let (place, partition) = self.topics.place(number);
        (&self.names[place], partition)
    }

    /// The number of a partition of a topic; none of one that is none of these.
    pub fn number(&self, topic: &TopicName, partition: i32) -> Option<u32> {
        self.topics.number(topic.as_str(), partition)
    }
}
