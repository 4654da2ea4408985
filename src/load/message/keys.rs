//! The key of each message: a rank, from 1 on, as decimal digits.

use rand::RngExt;
use rand_distr::weighted::WeightedAliasIndex;
use rand_distr::{Distribution, Zipf};

use super::draw::{Purpose, draws};
use super::rendered::Rendering;
use crate::spec::{Field, Keys, Message};

/// Up to this many keys a table is drawn from (Walker's alias method): it fits into a core's own cache, and is several times faster than the rejection
/// that is left for more.
const MOST_IN_TABLE: u32 = 1 << 16;

/// Bytes of the longest key that is drawn: as many digits as a rank can have.
const KEY_BYTES: usize = 10;

/// What the key of a message is.
#[derive(Debug)]
pub(super) enum Key {
    /// Drawn, or none.
    Drawn(KeyDraw),
    /// A part of the message.
    Field(Field),
}

impl Key {
    pub(super) fn new(message: &Message, seed: u64) -> Self {
        match &message.key {
            Some(field) => Key::Field(field.clone()),
            None => Key::Drawn(KeyDraw::new(message.keys, seed)),
        }
    }

    /// Puts that of a message behind what is there.
    pub(super) fn put(&mut self, of: &Rendering<'_>, room: &mut Vec<u8>) {
        match self {
            Key::Drawn(draw) => room.extend_from_slice(draw.key(of.envelope.producer, of.envelope.sequence)),
            Key::Field(field) => of.put_field(field, room),
        }
    }
}

/// Draws keys.
#[derive(Debug)]
pub struct KeyDraw {
    rule: Rule,
    seed: u64,
    digits: [u8; KEY_BYTES],
}

#[derive(Debug)]
enum Rule {
    None,
    RoundRobin(u32),
    Uniform(u32),
    Table(WeightedAliasIndex<f64>),
    Zipf(Zipf<f64>),
    Hot(f64, u32),
}

impl KeyDraw {
    /// For one workload.
    pub fn new(keys: Keys, seed: u64) -> Self {
        let rule = match keys {
            Keys::None | Keys::Field => Rule::None,
            Keys::RoundRobin { count } => Rule::RoundRobin(count),
            Keys::Uniform { count } => Rule::Uniform(count),
            Keys::Hot { share, count } => Rule::Hot(share.get(), count),
            Keys::Zipf { count, exponent } => zipf(count, exponent),
        };
        KeyDraw { rule, seed, digits: [0; KEY_BYTES] }
    }

    /// The key of a message; empty for none.
    pub fn key(&mut self, producer: u32, sequence: u64) -> &[u8] {
        match self.rank(producer, sequence) {
            0 => &[],
            rank => decimal(rank, &mut self.digits),
        }
    }

    /// The rank of its key, from 1 on; 0 for none.
    fn rank(&self, producer: u32, sequence: u64) -> u32 {
        let mut random = match self.rule {
            Rule::None => return 0,
            Rule::RoundRobin(count) => return (sequence % u64::from(count)) as u32 + 1,
            _ => draws(self.seed, producer, sequence, Purpose::Key),
        };
        match &self.rule {
            Rule::None | Rule::RoundRobin(_) => 0,
            Rule::Uniform(count) => random.random_range(1..=*count),
            Rule::Table(table) => table.sample(&mut random) as u32 + 1,
            Rule::Zipf(zipf) => zipf.sample(&mut random) as u32,
            Rule::Hot(share, count) => {
                if random.random::<f64>() < *share {
                    1
                } else {
                    random.random_range(2..=*count)
                }
            }
        }
    }
}

fn zipf(count: u32, exponent: f64) -> Rule {
    if count <= MOST_IN_TABLE {
        let weights = (1..=count).map(|rank| f64::from(rank).powf(-exponent)).collect();
        if let Ok(table) = WeightedAliasIndex::new(weights) {
            return Rule::Table(table);
        }
    }
    // Neither can fail: there is at least one key, and the exponent is not negative.
    Zipf::new(f64::from(count), exponent).map_or(Rule::Uniform(count), Rule::Zipf)
}

fn decimal(mut rank: u32, digits: &mut [u8; KEY_BYTES]) -> &[u8] {
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (rank % 10) as u8;
        rank /= 10;
        if rank == 0 {
            return &digits[start..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Share;

    const DRAWS: u64 = 400_000;

    fn counts(keys: Keys, most: usize) -> Vec<f64> {
        let draw = KeyDraw::new(keys, 17);
        let mut counts = vec![0.0; most];
        for sequence in 0..DRAWS {
            counts[draw.rank((sequence % 7) as u32, sequence / 7) as usize - 1] += 1.0;
        }
        counts
    }

    /// Pearson's statistic less its degrees of freedom, in its standard deviations: 4 is one in ten thousand.
    fn misfit(counts: &[f64], weights: &[f64]) -> f64 {
        let sum: f64 = weights.iter().sum();
        let (mut statistic, mut cells, mut rest) = (0.0, 0.0, (0.0, 0.0));
        for (count, weight) in counts.iter().zip(weights) {
            let expected = weight / sum * DRAWS as f64;
            if expected < 10.0 {
                rest = (rest.0 + count, rest.1 + expected); // the rare ones together
                continue;
            }
            statistic += (count - expected).powi(2) / expected;
            cells += 1.0;
        }
        if rest.1 > 10.0 {
            statistic += (rest.0 - rest.1).powi(2) / rest.1;
            cells += 1.0;
        }
        (statistic - (cells - 1.0)) / (2.0 * (cells - 1.0)).sqrt()
    }

    #[test]
    fn drawn_keys_have_their_exact_probabilities() {
        let zipf = |count: u32, exponent: f64| -> Vec<f64> {
            (1..=count).map(|rank| f64::from(rank).powf(-exponent)).collect()
        };
        let mut hot = vec![0.3 / 49.0; 50];
        hot[0] = 0.7;
        for (keys, weights) in [
            (Keys::Uniform { count: 1_000 }, vec![1.0; 1_000]),
            (Keys::Zipf { count: 1_000, exponent: 1.1 }, zipf(1_000, 1.1)),
            (Keys::Zipf { count: 100, exponent: 0.0 }, zipf(100, 0.0)),
            (Keys::Zipf { count: 50_000, exponent: 1.0 }, zipf(50_000, 1.0)),
            (Keys::Zipf { count: 200_000, exponent: 1.0 }, zipf(200_000, 1.0)),
            (Keys::Zipf { count: 200_000, exponent: 1.3 }, zipf(200_000, 1.3)),
            (Keys::Hot { share: Share::new(0.7).unwrap(), count: 50 }, hot),
        ] {
            let misfit = misfit(&counts(keys, weights.len()), &weights);
            assert!(misfit.abs() < 4.0, "{keys:?}: {misfit} standard deviations off");
        }
    }

    #[test]
    fn a_draw_that_is_a_little_off_would_be_noticed() {
        let weights: Vec<f64> = (1..=1_000).map(|rank| f64::from(rank).powf(-1.13)).collect();
        assert!(misfit(&counts(Keys::Zipf { count: 1_000, exponent: 1.1 }, 1_000), &weights) > 10.0);
    }

    #[test]
    fn a_key_is_its_rank_in_decimal_digits_and_follows_from_producer_and_sequence() {
        let mut draw = KeyDraw::new(Keys::RoundRobin { count: 12 }, 1);
        let keys: Vec<String> =
            (9..14).map(|sequence| String::from_utf8(draw.key(3, sequence).to_vec()).unwrap()).collect();
        assert_eq!(keys, ["10", "11", "12", "1", "2"]);
        assert_eq!(decimal(u32::MAX, &mut [0; KEY_BYTES]), b"4294967295");
        let mut drawn = KeyDraw::new(Keys::Zipf { count: 9_999, exponent: 0.5 }, 1);
        let once: Vec<Vec<u8>> = (0..50).map(|sequence| drawn.key(2, sequence).to_vec()).collect();
        let again: Vec<Vec<u8>> = (0..50).rev().map(|sequence| drawn.key(2, sequence).to_vec()).collect();
        assert!(once.iter().eq(again.iter().rev()));
        assert_ne!(once[0], KeyDraw::new(Keys::Zipf { count: 9_999, exponent: 0.5 }, 2).key(2, 0));
        assert_eq!(KeyDraw::new(Keys::None, 1).key(0, 0), b"");
    }
}
