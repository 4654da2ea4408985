//! Whether one scatters more than the other.

use super::describe::{mean, median};
use super::student::cdf;

/// The test of Brown & Forsythe (1974) of two samples: a t test of the absolute deviations from each one's median, pooled. It compares spread whatever
/// the location, and does not need normal values. Two-sided p; none of less than three in one, or where neither scatters.
pub fn brown_forsythe(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() < 3 || b.len() < 3 {
        return None;
    }
    let (a, b) = (deviations(a)?, deviations(b)?);
    let (mean_a, mean_b) = (mean(&a)?, mean(&b)?);
    let squares = |all: &[f64], mean: f64| all.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    let dof = (a.len() + b.len() - 2) as f64;
    let pooled = (squares(&a, mean_a) + squares(&b, mean_b)) / dof;
    let error = (pooled * (1.0 / a.len() as f64 + 1.0 / b.len() as f64)).sqrt();
    (error > 0.0).then(|| 2.0 * cdf(-((mean_a - mean_b) / error).abs(), dof))
}

fn deviations(values: &[f64]) -> Option<Vec<f64>> {
    let middle = median(values)?;
    Some(values.iter().map(|value| (value - middle).abs()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_sample_is_found_wherever_it_lies() {
        let narrow = [10.0, 10.1, 9.9, 10.05, 9.95, 10.02, 9.98, 10.07];
        let wide: Vec<f64> = narrow.iter().map(|value| 500.0 + (value - 10.0) * 20.0).collect();
        let moved: Vec<f64> = narrow.iter().map(|value| value + 500.0).collect();
        assert!(brown_forsythe(&narrow, &wide).unwrap() < 0.01);
        assert!((brown_forsythe(&narrow, &moved).unwrap() - 1.0).abs() < 1e-6);
        assert_eq!(brown_forsythe(&[1.0, 1.0], &narrow), None);
        assert_eq!(brown_forsythe(&[1.0; 4], &[2.0; 4]), None);
    }

    #[test]
    fn the_test_is_that_of_levene_about_medians() {
        // F = t² of the deviations, by hand: deviations 1,0,1 and 4,0,4; means 2/3 and 8/3; pooled variance (2/3 + 32/3)/4.
        let p = brown_forsythe(&[1.0, 2.0, 3.0], &[0.0, 4.0, 8.0]).unwrap();
        let t = 2.0 / ((34.0_f64 / 3.0 / 4.0) * (2.0 / 3.0)).sqrt();
        assert!((p - 2.0 * cdf(-t, 4.0)).abs() < 1e-12);
    }
}
