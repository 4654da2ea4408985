//! When one producer's messages are due.
//!
//! A rule, not a clock: the gaps follow from the seed, the producer's number and the rate alone, so that the schedule stands before the first send and
//! nothing that happens later can bend it.

use rand::SeedableRng;
use rand_distr::{Distribution, Exp1, StandardUniform};
use rand_pcg::Pcg64;

use crate::spec::Arrivals;
use crate::units::Rate;

/// The due times of one producer, in nanoseconds since time 0, ascending and without end.
#[derive(Clone, Debug)]
pub struct DueTimes {
    arrivals: Arrivals,
    gap_ns: f64,
    next_ns: f64,
    random: Pcg64,
}

impl DueTimes {
    /// The schedule of producer number `producer` under `seed`.
    pub fn new(arrivals: Arrivals, rate: Rate, seed: u64, producer: u32) -> Self {
        let mut random =
            Pcg64::seed_from_u64(seed ^ (u64::from(producer) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let gap_ns = 1e9 / rate.as_per_second();
        let next_ns = match arrivals {
            Arrivals::Poisson => exponential(&mut random, gap_ns),
            Arrivals::Constant => phase(&mut random) * gap_ns,
        };
        DueTimes { arrivals, gap_ns, next_ns, random }
    }

    /// The next due time, without taking it.
    pub fn peek(&self) -> u64 {
        self.next_ns as u64
    }

    /// Takes the next due time.
    pub fn advance(&mut self) -> u64 {
        let due = self.next_ns as u64;
        self.next_ns += match self.arrivals {
            Arrivals::Poisson => exponential(&mut self.random, self.gap_ns),
            Arrivals::Constant => self.gap_ns,
        };
        due
    }
}

fn exponential(random: &mut Pcg64, mean: f64) -> f64 {
    let unit: f64 = Exp1.sample(random);
    unit * mean
}

fn phase(random: &mut Pcg64) -> f64 {
    StandardUniform.sample(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(arrivals: Arrivals, rate: f64, seed: u64, producer: u32, count: usize) -> Vec<u64> {
        let mut due = DueTimes::new(arrivals, Rate::per_second(rate).unwrap(), seed, producer);
        (0..count).map(|_| due.advance()).collect()
    }

    #[test]
    fn the_schedule_follows_from_seed_and_producer_alone() {
        assert_eq!(times(Arrivals::Poisson, 1e3, 7, 3, 100), times(Arrivals::Poisson, 1e3, 7, 3, 100));
        assert_ne!(times(Arrivals::Poisson, 1e3, 7, 3, 100), times(Arrivals::Poisson, 1e3, 7, 4, 100));
        assert_ne!(times(Arrivals::Poisson, 1e3, 7, 3, 100), times(Arrivals::Poisson, 1e3, 8, 3, 100));
    }

    #[test]
    fn constant_arrivals_have_equal_gaps_and_a_phase_of_their_own() {
        let due = times(Arrivals::Constant, 1e4, 1, 0, 1_000);
        assert!(due.windows(2).all(|pair| (pair[1] - pair[0]).abs_diff(100_000) <= 1));
        assert!(due[0] < 100_000);
        assert_ne!(due[0], times(Arrivals::Constant, 1e4, 1, 1, 1)[0]);
    }

    #[test]
    fn poisson_gaps_have_the_mean_and_the_spread_of_an_exponential() {
        let due = times(Arrivals::Poisson, 1e4, 5, 0, 200_000);
        let gaps: Vec<f64> = due.windows(2).map(|pair| (pair[1] - pair[0]) as f64).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        assert!((mean / 1e5 - 1.0).abs() < 0.01, "mean {mean}");
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.02, "spread {}", variance.sqrt() / mean);
    }
}
