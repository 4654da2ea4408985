//! Successes among trials: the distribution, the sign test, the interval of a probability.

use super::Range;
use super::special::{beta, ln_choose, solve};

/// `n` trials that succeed with probability `p` each.
#[derive(Clone, Copy, Debug)]
pub struct Binomial {
    /// Trials.
    pub n: u64,
    /// Probability of a success.
    pub p: f64,
}

impl Binomial {
    /// Probability of exactly `k`.
    pub fn pmf(&self, k: u64) -> f64 {
        if k > self.n {
            return 0.0;
        }
        let power = |base: f64, times: u64| if times == 0 { 0.0 } else { times as f64 * base.ln() };
        (ln_choose(self.n, k) + power(self.p, k) + power(1.0 - self.p, self.n - k)).exp()
    }

    /// Probability of `k` or less: `I_{1−p}(n−k, k+1)`.
    pub fn cdf(&self, k: u64) -> f64 {
        if k >= self.n {
            return 1.0;
        }
        beta(1.0 - self.p, (self.n - k) as f64, k as f64 + 1.0)
    }
}

/// How often of all that decided one side won, and how likely so uneven a count is if neither is favoured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sign {
    /// Times above 0.
    pub above: u64,
    /// Times below 0.
    pub below: u64,
    /// Two-sided.
    pub p: f64,
}

/// The exact two-sided sign test of differences; what is exactly 0 decides nothing (Dixon & Mood 1946). p is 1 where nothing decides.
pub fn sign_test(differences: &[f64]) -> Sign {
    let count = |keep: fn(&f64) -> bool| differences.iter().filter(|value| keep(value)).count() as u64;
    let (above, below) = (count(|value| *value > 0.0), count(|value| *value < 0.0));
    Sign::of(above, below)
}

impl Sign {
    /// Of so many on either side.
    pub fn of(above: u64, below: u64) -> Self {
        let tail = Binomial { n: above + below, p: 0.5 }.cdf(above.min(below));
        Sign { above, below, p: (2.0 * tail).min(1.0) }
    }
}

/// Exact interval of a probability after `successes` of `n`: the probabilities that a one-sided test at (1 − confidence)/2 does not reject on either
/// side (Clopper & Pearson 1934). It covers at least what it says, often more.
pub fn clopper_pearson(successes: u64, n: u64, confidence: f64) -> Range {
    let tail = (1.0 - confidence) / 2.0;
    let (k, rest) = (successes as f64, n.saturating_sub(successes) as f64);
    let low = if successes == 0 { 0.0 } else { solve(0.0, 1.0, tail, |p| beta(p, k, rest + 1.0)) };
    let high = if successes >= n { 1.0 } else { solve(0.0, 1.0, 1.0 - tail, |p| beta(p, k + 1.0, rest)) };
    Range { low, high }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{Binomial as Oracle, Discrete, DiscreteCDF};

    use super::*;

    #[test]
    fn the_distribution_is_that_of_the_library() {
        for (n, p) in [(10, 0.5), (200, 0.03), (37, 0.99)] {
            let (ours, oracle) = (Binomial { n, p }, Oracle::new(p, n).unwrap());
            for k in [0, 1, n / 3, n / 2, n - 1, n] {
                assert!((ours.pmf(k) - oracle.pmf(k)).abs() < 1e-10, "{n} {p} {k}");
                assert!((ours.cdf(k) - oracle.cdf(k)).abs() < 1e-10, "{n} {p} {k}");
            }
        }
    }

    #[test]
    fn a_sign_test_counts_sides_and_leaves_ties_out() {
        let sign = sign_test(&[1.0, 2.0, 0.5, 0.1, 3.0, 0.2, 0.0]);
        assert_eq!((sign.above, sign.below), (6, 0));
        assert!((sign.p - 2.0 / 64.0).abs() < 1e-12);
        assert!((sign_test(&[1.0, -1.0]).p - 1.0).abs() < 1e-12);
        assert!((sign_test(&[]).p - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_interval_of_a_probability_is_the_exact_one() {
        let range = clopper_pearson(0, 6, 0.95);
        assert!(range.low.abs() < 1e-12 && (range.high - 0.459_258_1).abs() < 1e-6);
        let range = clopper_pearson(7, 10, 0.95);
        assert!((range.low - 0.347_547_1).abs() < 1e-6 && (range.high - 0.933_260_2).abs() < 1e-6);
        assert_eq!(clopper_pearson(0, 0, 0.95), Range { low: 0.0, high: 1.0 });
    }
}
