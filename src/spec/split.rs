//! How a fleet's share is split among its producers.

use crate::units::Share;

/// How a fleet's share is split among its producers.
#[derive(Clone, Debug, PartialEq)]
pub enum Split {
    /// All alike.
    Even,
    /// The k-th as 1 / k^exponent.
    Zipf {
        /// At least 0.
        exponent: f64,
    },
    /// One share for each producer, adding up to one.
    Listed(Vec<Share>),
}

impl Split {
    /// The part of each of `producers`; they add up to one.
    pub fn parts(&self, producers: u32) -> Vec<f64> {
        let weights: Vec<f64> = match self {
            Split::Even => vec![1.0; producers as usize],
            Split::Zipf { exponent } => (1..=producers).map(|rank| f64::from(rank).powf(-exponent)).collect(),
            Split::Listed(shares) => shares.iter().map(|share| share.get()).collect(),
        };
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_one_and_follow_the_rule() {
        let listed = Split::Listed([0.7, 0.2, 0.1].map(|part| Share::new(part).unwrap()).to_vec());
        for split in [Split::Even, Split::Zipf { exponent: 1.3 }, listed.clone()] {
            assert!((split.parts(3).iter().sum::<f64>() - 1.0).abs() < 1e-12, "{split:?}");
        }
        let zipf = Split::Zipf { exponent: 2.0 }.parts(3);
        assert!((zipf[0] / zipf[2] - 9.0).abs() < 1e-12 && (zipf[0] / zipf[1] - 4.0).abs() < 1e-12);
        assert!((listed.parts(3)[0] - 0.7).abs() < 1e-12 && (Split::Even.parts(4)[3] - 0.25).abs() < 1e-12);
    }
}
