//! Whether two are the same within a margin.

use super::gap::Gap;

/// p of two one-sided t tests on paired differences (Schuirmann 1987): small where the mean lies between −margin and +margin beyond doubt. It is
/// below α exactly where the interval of confidence 1 − 2α lies inside the margin. None of less than two, or of a margin that is not above 0.
pub fn tost(differences: &[f64], margin: f64) -> Option<f64> {
    Gap::paired(differences, 0.0).filter(|_| margin > 0.0).map(|gap| gap.p_within(margin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::mean_interval;

    #[test]
    fn a_test_of_equivalence_agrees_with_the_interval_inside_the_margin() {
        let differences = [0.01, -0.02, 0.015, 0.005, -0.01, 0.02];
        for margin in [0.01, 0.014, 0.02, 0.05] {
            let range = mean_interval(&differences, 0.90).unwrap();
            let inside = range.low > -margin && range.high < margin;
            assert_eq!(tost(&differences, margin).unwrap() < 0.05, inside, "{margin}");
        }
        assert_eq!((tost(&[0.0], 0.1), tost(&[0.0, 0.0], 0.0)), (None, None));
    }
}
