//! Whether numbers fall into two heaps.

use super::describe::sorted_quantile;

/// The fewest values of which two heaps are told from chance.
pub const FEWEST: usize = 6;
/// What the widest gap is of an even heap of 6, 7, … 40 values in one of 100 samples; beyond 40 the last is more than it need be. Simulated: see the
/// test that makes them again.
const THRESHOLDS: [f64; 35] = [
    3.1510, 2.2912, 1.7756, 1.4960, 1.2760, 1.0719, 0.9887, 0.8817, 0.8079, 0.7118, 0.6433, 0.6111, 0.5495,
    0.5334, 0.4892, 0.4644, 0.4489, 0.4165, 0.4037, 0.3760, 0.3657, 0.3493, 0.3403, 0.3264, 0.3103, 0.2998,
    0.2938, 0.2811, 0.2727, 0.2589, 0.2536, 0.2482, 0.2433, 0.2364, 0.2293,
];

/// Two heaps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Modes {
    /// Values in the lower heap.
    pub below: usize,
    /// Values in the upper heap.
    pub above: usize,
    /// Median of the lower heap.
    pub low: f64,
    /// Median of the upper heap.
    pub high: f64,
}

/// Two heaps, if the values fall into two: the widest gap between neighbours that leaves at least two values and a fifth of all on either side, against
/// what the heaps themselves spread, is wider than in 99 of 100 samples of one even heap (of all single heaps the one with the widest gaps in its
/// middle, as in Hartigan's dip test, 1985). None of less than six.
pub fn modes(values: &[f64]) -> Option<Modes> {
    if values.len() < FEWEST || !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (at, seen) = widest(&sorted)?;
    if seen <= threshold(sorted.len())? {
        return None;
    }
    let middle = |heap: &[f64]| sorted_quantile(heap, 0.5);
    let (low, high) = sorted.split_at(at);
    Some(Modes { below: at, above: sorted.len() - at, low: middle(low)?, high: middle(high)? })
}

/// Where the widest gap ends, and its width over that of the heaps together.
fn widest(sorted: &[f64]) -> Option<(usize, f64)> {
    let n = sorted.len();
    let fewest = (n / 5).max(2);
    let range = sorted.last()? - sorted.first()?;
    let (at, gap) = (fewest..=n.checked_sub(fewest)?)
        .map(|at| (at, sorted[at] - sorted[at - 1]))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    (gap > 0.0).then(|| (at, gap / (range - gap)))
}

fn threshold(n: usize) -> Option<f64> {
    THRESHOLDS.get(n.checked_sub(FEWEST)?).or(THRESHOLDS.last()).copied()
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64;

    use super::*;

    const SAMPLES: usize = 20_000;

    fn simulated(n: usize) -> f64 {
        let mut random = Pcg64::seed_from_u64(n as u64);
        let mut sample = vec![0.0; n];
        let mut seen: Vec<f64> = (0..SAMPLES)
            .filter_map(|_| {
                sample.fill_with(|| random.next_u64() as f64);
                sample.sort_by(f64::total_cmp);
                Some(widest(&sample)?.1)
            })
            .collect();
        seen.sort_by(f64::total_cmp);
        sorted_quantile(&seen, 0.99).unwrap()
    }

    #[test]
    fn thresholds_are_those_of_chance() {
        for n in [FEWEST, 12, 40] {
            let again = simulated(n);
            assert!((again - threshold(n).unwrap()).abs() < 5e-4, "{n}: {again:.4}");
        }
    }

    #[test]
    fn two_heaps_are_seen_and_one_is_not_split() {
        let two = [10.0, 10.1, 9.9, 14.0, 14.1, 13.9, 10.05, 14.05];
        let seen = modes(&two).unwrap();
        assert_eq!((seen.below, seen.above), (4, 4));
        assert!((seen.low - 10.025).abs() < 1e-9 && (seen.high - 14.025).abs() < 1e-9);
        assert_eq!(modes(&[10.0, 10.2, 9.9, 10.4, 9.7, 10.1, 10.3, 9.8]), None);
        assert_eq!(modes(&[10.0, 10.1, 9.9, 14.0, 10.2, 9.8]), None, "one stray trial is no second mode");
        assert_eq!(modes(&[1.0, 1.0, 1.0, 2.0, 2.0]), None, "five are too few");
        assert_eq!(modes(&[5.0; 8]), None);
    }
}
