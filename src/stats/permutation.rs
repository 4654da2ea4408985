//! Tests by what chance alone would have done: every way, or many, to have dealt the same numbers out.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::bootstrap::{RESAMPLES, index};
use super::describe::mean;

/// In how many ways n + m things can be dealt out, n to the one and m to the other.
pub fn deals(n: usize, m: usize) -> f64 {
    (1..=n).fold(1.0, |ways, at| ways * (m + at) as f64 / at as f64)
}

/// Up to so many pairs all signs are tried.
const ALL_SIGNS: usize = 14;

/// Two-sided p of the mean of paired differences, by flipping signs (Fisher 1935): all 2ⁿ up to 14 pairs, beyond as many as [`RESAMPLES`] by this
/// seed, the one that was seen among them. It is 1 of nothing.
pub fn paired(differences: &[f64], seed: u64) -> f64 {
    let n = differences.len();
    let seen = differences.iter().sum::<f64>().abs();
    // What differs by rounding alone is as far out.
    let far = |sum: f64| sum.abs() >= seen * (1.0 - 1e-12);
    let flipped = |bits: &dyn Fn(usize) -> bool| {
        differences.iter().enumerate().map(|(i, value)| if bits(i) { -value } else { *value }).sum::<f64>()
    };
    if n <= ALL_SIGNS {
        let all = 1_u32 << n;
        let count = (0..all).filter(|signs| far(flipped(&|i| signs >> i & 1 == 1))).count();
        return count as f64 / f64::from(all);
    }
    let mut random = Pcg64::seed_from_u64(seed);
    let count = (0..RESAMPLES)
        .filter(|_| {
            let signs: Vec<bool> = (0..n).map(|_| random.next_u64() >> 63 == 1).collect();
            far(flipped(&|i| signs[i]))
        })
        .count();
    (count + 1) as f64 / (RESAMPLES + 1) as f64
}

/// Two-sided p of the difference of a statistic between two samples, by dealing their values out anew as often as [`RESAMPLES`] by this seed. The
/// statistic is any one number of a sample; the mean is [`mean`]'s. None where it has no value, or of an empty sample.
pub fn unpaired(a: &[f64], b: &[f64], seed: u64, statistic: impl Fn(&[f64]) -> Option<f64>) -> Option<f64> {
    let difference = |a: &[f64], b: &[f64]| Some((statistic(a)? - statistic(b)?).abs());
    mean(a).and(mean(b))?;
    let seen = difference(a, b)?;
    let mut all = [a, b].concat();
    let mut random = Pcg64::seed_from_u64(seed);
    let mut far = 1;
    for _ in 0..RESAMPLES {
        for at in (1..all.len()).rev() {
            all.swap(at, index(&mut random, at + 1));
        }
        far += usize::from(difference(&all[..a.len()], &all[a.len()..])? >= seen * (1.0 - 1e-12));
    }
    Some(f64::from(u32::try_from(far).ok()?) / (RESAMPLES + 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_pairs_are_counted_out() {
        assert!((paired(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 1) - 2.0 / 64.0).abs() < 1e-12);
        assert!((paired(&[1.0, -1.0], 1) - 1.0).abs() < 1e-12);
        assert!((paired(&[], 1) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn many_pairs_are_drawn_and_agree_with_the_count() {
        let few: Vec<f64> = (0..14_u32).map(|i| f64::from(i * 7 % 11) - 3.5).collect();
        let counted = paired(&few, 1);
        let mut many = few;
        many.push(0.0); // a pair that changes nothing, but one too many to count out
        assert!((paired(&many, 1) - counted).abs() < 0.02);
    }

    #[test]
    fn what_differs_is_told_from_what_does_not() {
        let (low, high) = ([1.0, 1.2, 0.9, 1.1, 1.05, 0.95], [2.0, 2.1, 1.9, 2.2, 2.05, 1.95]);
        assert!(unpaired(&low, &high, 1, mean).unwrap() < 0.01);
        assert!(unpaired(&low, &low, 1, mean).unwrap() > 0.9);
        assert_eq!(unpaired(&low, &[], 1, mean), None);
    }
}
