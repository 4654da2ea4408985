//! What so many trials can see, and how many it takes.

use super::normal;
use super::order::median_ranks;
use super::student::quantile;

/// The most pairs that are tried.
const MOST: usize = 100_000;

/// The smallest mean difference that a two-sided paired t test of `pairs` with this standard deviation of differences finds with probability
/// `power`: (t₁₋α/₂ + t_power)·s/√n, both of n − 1 degrees of freedom (Cohen 1988, §2.4, by the central t). None of less than two.
pub fn smallest_difference(sd: f64, pairs: usize, confidence: f64, power: f64) -> Option<f64> {
    let dof = pairs.checked_sub(1).filter(|dof| *dof > 0)? as f64;
    Some(reach(dof, f64::midpoint(confidence, 1.0), power) * sd / (pairs as f64).sqrt())
}

/// So many standard errors from nothing a difference must lie to be found with probability `power` by a test that takes what lies above the quantile `upper`.
pub(super) fn reach(dof: f64, upper: f64, power: f64) -> f64 {
    quantile(upper, dof) + quantile(power, dof)
}

/// The least pairs that find this difference with probability `power`; none where even very many do not.
pub fn pairs_for_difference(sd: f64, difference: f64, confidence: f64, power: f64) -> Option<usize> {
    least(|pairs| Some(smallest_difference(sd, pairs, confidence, power)? <= difference))
}

/// The least values from which on the median has an interval by order statistics that on the average reaches no further than this to either side: the upper end is the
/// u-th of n normal values, which on the average lies at Φ⁻¹((u − 3/8)/(n + 1/4)) (Blom 1958); of more than 200 z·s·√(π/2n). None of what scatters without end.
pub fn values_for_median(sd: f64, half_width: f64, confidence: f64) -> Option<usize> {
    const COUNTED: usize = 200;
    let reaches = |n: &usize| {
        let high = median_ranks(*n, confidence)?.high as f64;
        Some(sd * normal::quantile((high - 0.375) / (*n as f64 + 0.25)))
    };
    // Whole ranks make a step back where one more value takes them one further out: enough is what stays enough.
    let short = (1..=COUNTED).rev().find(|n| reaches(n).is_none_or(|reach| reach > half_width));
    let few = short.map(|n| n + 1).filter(|n| *n <= COUNTED);
    few.or_else(|| {
        let z = normal::quantile(f64::midpoint(confidence, 1.0));
        let many = ((z * sd / half_width).powi(2) * std::f64::consts::FRAC_PI_2).ceil();
        (many <= MOST as f64).then_some((many as usize).max(COUNTED + 1))
    })
}

/// The least number from 2 on that is enough; enough stays enough.
pub(super) fn least(is_enough: impl Fn(usize) -> Option<bool>) -> Option<usize> {
    let enough = |n: usize| is_enough(n) == Some(true);
    let (mut low, mut high) = (1, 2);
    while !enough(high) {
        if high >= MOST {
            return None;
        }
        low = high;
        high *= 2;
    }
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if enough(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wanted_width_of_a_median_names_its_trials() {
        // A mean would take 13: t of 12 degrees of freedom, 2.179 × 0.08 ÷ √13 = 0.0483.
        let median = values_for_median(0.08, 0.05, 0.95);
        assert!(median > Some(13) && median < Some(40), "{median:?}");
        assert_eq!(values_for_median(0.0, 0.05, 0.95), Some(6), "fewer have no interval");
        assert_eq!(values_for_median(1.0, 0.0, 0.95), None);
        // z = 1.959964, s = 1, w = 0.1: 1.959964² · 100 · π/2 = 603.4.
        assert_eq!(values_for_median(1.0, 0.1, 0.95), Some(604));
    }

    #[test]
    fn more_pairs_see_smaller_differences() {
        // G*Power: dz = 1.0, two-sided 5 %, power 80 % needs 10 pairs; dz = 0.5 needs 34.
        assert_eq!(pairs_for_difference(1.0, 1.0, 0.95, 0.8), Some(10));
        assert_eq!(pairs_for_difference(1.0, 0.5, 0.95, 0.8), Some(34));
        assert!(smallest_difference(1.0, 6, 0.95, 0.8) > smallest_difference(1.0, 12, 0.95, 0.8));
        assert_eq!(smallest_difference(1.0, 1, 0.95, 0.8), None);
    }
}
