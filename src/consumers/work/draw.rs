//! A time, fixed or drawn anew for each message.

use rand_distr::{Distribution, Exp, LogNormal};
use rand_pcg::Pcg64;

use super::super::config::AmountConfig;

/// Draws times.
#[derive(Debug)]
pub(super) enum Draw {
    Fixed(u64),
    Exponential(Exp<f64>),
    LogNormal(LogNormal<f64>),
}

impl Draw {
    /// A distribution that cannot be (a mean of zero) is no work at all.
    pub(super) fn new(amount: AmountConfig) -> Self {
        let drawn = match amount {
            AmountConfig::FixedNs(ns) => return Draw::Fixed(ns),
            AmountConfig::Exponential { mean_ns } if mean_ns > 0 => {
                Exp::new(1.0 / mean_ns as f64).ok().map(Draw::Exponential)
            }
            AmountConfig::LogNormal { median_ns, sigma } if median_ns > 0 => {
                LogNormal::new((median_ns as f64).ln(), sigma).ok().map(Draw::LogNormal)
            }
            _ => None,
        };
        drawn.unwrap_or(Draw::Fixed(0))
    }

    /// The next one, in nanoseconds.
    pub(super) fn next(&self, random: &mut Pcg64) -> u64 {
        match self {
            Draw::Fixed(ns) => *ns,
            Draw::Exponential(distribution) => distribution.sample(random) as u64,
            Draw::LogNormal(distribution) => distribution.sample(random) as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(amount: AmountConfig, stream: u128) -> Vec<u64> {
        let (draw, mut random) = (Draw::new(amount), Pcg64::new(11, stream));
        (0..20_000).map(|_| draw.next(&mut random)).collect()
    }

    #[test]
    fn draws_follow_from_seed_and_stream() {
        let amount = AmountConfig::Exponential { mean_ns: 1_000_000_000 };
        assert_eq!(draws(amount, 0), draws(amount, 0));
        assert_ne!(draws(amount, 0), draws(amount, 1));
    }

    #[test]
    fn distributions_have_the_mean_and_the_median_that_were_asked_for() {
        let exponential = draws(AmountConfig::Exponential { mean_ns: 1_000_000 }, 0);
        let mean = exponential.iter().sum::<u64>() as f64 / exponential.len() as f64;
        assert!((mean / 1e6 - 1.0).abs() < 0.05, "{mean}");
        let mut log_normal = draws(AmountConfig::LogNormal { median_ns: 1_000_000, sigma: 0.5 }, 0);
        log_normal.sort_unstable();
        let median = log_normal[log_normal.len() / 2] as f64;
        assert!((median / 1e6 - 1.0).abs() < 0.05, "{median}");
    }

    #[test]
    fn a_mean_of_zero_is_no_work() {
        assert!(draws(AmountConfig::Exponential { mean_ns: 0 }, 0).iter().all(|ns| *ns == 0));
    }
}
