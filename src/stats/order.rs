//! Exact intervals of a quantile, by order statistics: whatever the distribution.

use super::binomial::Binomial;
use super::normal;

/// The order statistics that enclose a quantile, counted from 1, and how often they do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranks {
    /// Of the lower end.
    pub low: usize,
    /// Of the upper end.
    pub high: usize,
    /// Probability that the quantile lies between them: at least what was asked.
    pub coverage: f64,
}

/// Ranks that enclose the median of `n` independent values with at least this confidence: the l-th from below and from above, with the greatest l that
/// does, `1 − 2·P(Bin(n, ½) < l)` (Hahn & Meeker, Statistical Intervals, §5.2). At 95 % none of less than 6.
pub fn median_ranks(n: usize, confidence: f64) -> Option<Ranks> {
    let coin = Binomial { n: n as u64, p: 0.5 };
    let coverage = |low: usize| 1.0 - 2.0 * coin.cdf(low as u64 - 1);
    let low = (1..=n / 2).take_while(|low| coverage(*low) >= confidence).last()?;
    Some(Ranks { low, high: n + 1 - low, coverage: coverage(low) })
}

/// Ranks that enclose the quantile `p` of `n` independent values with at least this confidence: of the closest such pairs the one that covers most,
/// `P = Bin(u−1; n, p) − Bin(l−1; n, p)`.
pub fn quantile_ranks(n: usize, p: f64, confidence: f64) -> Option<Ranks> {
    let below = Binomial { n: n as u64, p };
    let cdf: Vec<f64> = (0..n as u64).map(|k| below.cdf(k)).collect();
    let mut best: Option<Ranks> = None;
    let mut high = 1;
    for low in 1..n {
        high = high.max(low + 1);
        while high <= n && cdf[high - 1] - cdf[low - 1] < confidence {
            high += 1;
        }
        if high > n {
            break;
        }
        let ranks = Ranks { low, high, coverage: cdf[high - 1] - cdf[low - 1] };
        let closer = |best: &Ranks| (high - low, -ranks.coverage) < (best.high - best.low, -best.coverage);
        if best.as_ref().is_none_or(closer) {
            best = Some(ranks);
        }
    }
    best
}

/// The same of many values, by the normal approximation: ⌊np − z·√(np(1−p))⌋ and ⌈np + z·√(np(1−p))⌉ + 1. None where a rank falls outside.
pub fn quantile_ranks_of_many(n: usize, p: f64, confidence: f64) -> Option<Ranks> {
    let z = normal::quantile(f64::midpoint(confidence, 1.0));
    let (middle, half) = (n as f64 * p, z * (n as f64 * p * (1.0 - p)).sqrt());
    let (low, high) = ((middle - half).floor(), (middle + half).ceil() + 1.0);
    (low >= 1.0 && high <= n as f64).then_some(Ranks {
        low: low as usize,
        high: high as usize,
        coverage: confidence,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_less_than_six_has_no_interval_and_of_more_the_known_one() {
        for n in 0..=5 {
            assert_eq!(median_ranks(n, 0.95), None, "{n}");
        }
        let known = [(6, 1, 6), (7, 1, 7), (8, 1, 8), (9, 2, 8), (10, 2, 9), (12, 3, 10), (15, 4, 12)];
        for (n, low, high) in known.into_iter().chain([(20, 6, 15), (30, 10, 21)]) {
            let ranks = median_ranks(n, 0.95).unwrap();
            assert_eq!((ranks.low, ranks.high), (low, high), "{n}");
        }
        assert!((median_ranks(6, 0.95).unwrap().coverage - 0.968_75).abs() < 1e-12);
        assert!((median_ranks(10, 0.95).unwrap().coverage - 0.978_516).abs() < 1e-6);
    }

    #[test]
    fn a_quantile_is_enclosed_as_closely_as_its_confidence_allows() {
        let ranks = quantile_ranks(10, 0.5, 0.95).unwrap();
        assert_eq!((ranks.low, ranks.high), (2, 9));
        assert_eq!(quantile_ranks(5, 0.5, 0.95), None);
        // Two-sided with equal tails p99 needs 368 values; the closest pair of ranks may sit higher, and needs less.
        assert_eq!(quantile_ranks(298, 0.99, 0.95), None);
        assert!(quantile_ranks(368, 0.99, 0.95).is_some());
    }

    #[test]
    fn ranks_of_many_are_those_of_the_normal_approximation() {
        let of = |p| quantile_ranks_of_many(10_000, p, 0.95).map(|ranks| (ranks.low, ranks.high));
        assert_eq!((of(0.99), of(0.999), of(0.9999)), (Some((9880, 9921)), Some((9983, 9998)), None));
    }
}
