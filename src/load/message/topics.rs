//! Which topic a message goes to.

use rand::RngExt as _;

use super::draw::{Purpose, draws};
use crate::envelope::Envelope;

/// Topics by their shares of the messages.
#[derive(Clone, Debug)]
pub struct TopicDraw {
    seed: u64,
    /// The share of each with those before it, the last left out; none of one topic, for which nothing is drawn.
    bounds: Vec<f64>,
}

impl TopicDraw {
    /// Of topics with these shares, one together.
    pub fn new(shares: &[f64], seed: u64) -> Self {
        let mut sum = 0.0;
        let mut bounds: Vec<f64> = shares
            .iter()
            .map(|share| {
                sum += share;
                sum
            })
            .collect();
        bounds.pop();
        TopicDraw { seed, bounds }
    }

    /// Whether there is more than one.
    pub fn is_drawn(&self) -> bool {
        !self.bounds.is_empty()
    }

    /// The place of the one that a message goes to.
    pub fn topic(&self, envelope: &Envelope) -> u32 {
        if self.bounds.is_empty() {
            return 0;
        }
        let drawn: f64 = draws(self.seed, envelope.producer, envelope.sequence, Purpose::Topic).random();
        self.bounds.partition_point(|bound| *bound <= drawn) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Kind;

    fn count(shares: &[f64], messages: u64) -> Vec<u64> {
        let draw = TopicDraw::new(shares, 7);
        let mut counts = vec![0; shares.len()];
        for sequence in 0..messages {
            let envelope = Envelope { kind: Kind::Message, trial: 1, producer: 3, sequence, due: 0 };
            let topic = draw.topic(&envelope);
            assert_eq!(topic, draw.topic(&envelope), "one that waits keeps its topic");
            counts[topic as usize] += 1;
        }
        counts
    }

    #[test]
    fn each_topic_gets_its_share_and_none_is_drawn_where_there_is_one() {
        let counts = count(&[0.7, 0.2, 0.1], 100_000);
        for (count, share) in counts.iter().zip([0.7, 0.2, 0.1]) {
            assert!((*count as f64 / 1e5 - share).abs() < 0.005, "{counts:?}");
        }
        assert!(count(&[0.01; 100], 100_000).iter().all(|count| (800..1_200).contains(count)));
        assert!(!TopicDraw::new(&[1.0], 7).is_drawn());
        assert_eq!(count(&[1.0], 10), [10]);
    }
}
