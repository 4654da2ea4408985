//! How high something may be and still be as before.

use crate::stats;

/// Standard deviations of a normal distribution in one median absolute deviation.
const NORMAL: f64 = 1.4826;
/// Of these, so many are still as before; of the middle, this share.
const DEVIATIONS: f64 = 3.0;
const SHARE: f64 = 0.1;

/// The upper end of what is as before: the middle and max(3 × 1.4826 × MAD, 10 %), but at least `least` above the middle, below which nothing matters. None
/// of nothing.
pub fn upper(before: &[f64], least: f64) -> Option<f64> {
    let (middle, mad) = (stats::median(before)?, stats::mad(before)?);
    Some(middle + (DEVIATIONS * NORMAL * mad).max(SHARE * middle).max(least))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_as_wide_as_its_steady_part_was_restless_and_a_tenth_at_least() {
        assert_eq!(upper(&[100.0; 9], 0.0), Some(110.0));
        assert_eq!(upper(&[100.0; 9], 25.0), Some(125.0));
        let restless = [80.0, 90.0, 100.0, 110.0, 120.0];
        assert!((upper(&restless, 0.0).unwrap() - (100.0 + 3.0 * 1.4826 * 10.0)).abs() < 1e-9);
        assert_eq!(upper(&[], 1.0), None);
    }
}
