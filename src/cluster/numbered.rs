//! Partitions of topics as librdkafka lists them, and by the numbers that they have in the books.

use rdkafka::{Offset, TopicPartitionList};

use crate::books::Topics;

/// All partitions of these topics, in the order of their numbers.
pub fn all_of(topics: &Topics) -> TopicPartitionList {
    let mut list = TopicPartitionList::with_capacity(topics.partitions() as usize);
    for (topic, partition) in topics.all() {
        list.add_partition(topic, partition);
    }
    list
}

/// The offsets of an answer, by the numbers of partitions; `None` where it has none.
pub fn by_number(topics: &Topics, answer: &TopicPartitionList) -> Vec<Option<i64>> {
    let mut offsets = vec![None; topics.partitions() as usize];
    for element in answer.elements() {
        let place = topics.number(element.topic(), element.partition()).map(|number| number as usize);
        if let (Some(place), Offset::Offset(offset)) =
            (place.and_then(|place| offsets.get_mut(place)), element.offset())
        {
            *place = Some(offset);
        }
    }
    offsets
}
