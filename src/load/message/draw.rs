//! Random numbers without a state: they follow from (seed, producer, sequence) alone, so that a message that waits in line keeps its key and its size, and
//! another machine draws the same.

use rand_pcg::Pcg64Mcg;

/// What is drawn; draws for different purposes are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The key.
    Key,
    /// The size.
    Size,
    /// Which of a file's messages it is.
    Line,
    /// Which of several topics it goes to.
    Topic,
    /// A field of a template, by its place there; no template has as many as 200.
    Field(usize),
}

impl Purpose {
    /// A number of its own, of eight bits.
    const fn number(self) -> u64 {
        match self {
            Purpose::Key => 1,
            Purpose::Size => 2,
            Purpose::Line => 3,
            Purpose::Topic => 4,
            Purpose::Field(place) => 16 + place as u64 % 240,
        }
    }
}

/// An odd number near 2^64 / golden ratio: its multiples are spread evenly (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The random numbers of one message for one purpose.
pub fn draws(seed: u64, producer: u32, sequence: u64, purpose: Purpose) -> Pcg64Mcg {
    let stream = mix(seed ^ mix((u64::from(producer) << 8) | purpose.number()));
    let counted = stream.wrapping_add(sequence.wrapping_mul(GOLDEN));
    let (high, low) = (mix(counted), mix(counted ^ GOLDEN.rotate_left(32)));
    Pcg64Mcg::new((u128::from(high) << 64) | u128::from(low))
}

/// SplitMix64's finalizer: every bit of the input flips each bit of the output with a probability of nearly one half.
const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn neighbours_have_nothing_in_common() {
        let first = |seed, producer, sequence, purpose| draws(seed, producer, sequence, purpose).next_u64();
        let (mut flips, count) = (0, 20_000);
        for sequence in 0..count {
            let one = first(1, 1, sequence, Purpose::Key);
            for other in [
                first(1, 1, sequence + 1, Purpose::Key),
                first(1, 2, sequence, Purpose::Key),
                first(2, 1, sequence, Purpose::Key),
                first(1, 1, sequence, Purpose::Size),
                first(1, 1, sequence, Purpose::Field(4)),
            ] {
                flips += (one ^ other).count_ones();
            }
        }
        let mean = f64::from(flips) / (count as f64 * 5.0);
        assert!((mean - 32.0).abs() < 0.1, "{mean} of 64 bits differ on the average");
    }
}
