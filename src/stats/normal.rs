//! The normal distribution.

use super::special::solve;

/// Φ(z): what lies below `z` of a standard normal. By its series below 3 (Marsaglia 2004, J. Stat. Software 11(4)), beyond by the continued
/// fraction of the tail (Abramowitz & Stegun 26.2.14).
pub fn cdf(z: f64) -> f64 {
    if z < 0.0 {
        return upper(-z);
    }
    1.0 - upper(z)
}

/// What lies above a `z` of at least 0.
fn upper(z: f64) -> f64 {
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if z < 3.0 {
        let (mut sum, mut term, mut odd) = (z, z, 1.0);
        while term.abs() > 1e-18 {
            odd += 2.0;
            term *= z * z / odd;
            sum += term;
        }
        return 0.5 - density * sum;
    }
    let mut fraction = z;
    for k in (1..=100).rev() {
        fraction = z + f64::from(k) / fraction;
    }
    density / fraction
}

/// Φ⁻¹(p) of a `p` between 0 and 1, both excluded; else infinite.
pub fn quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    // The tail below keeps its digits; the one above is its mirror.
    if p > 0.5 { -solve(-40.0, 0.0, 1.0 - p, cdf) } else { solve(-40.0, 0.0, p, cdf) }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, Normal};

    use super::*;

    #[test]
    fn the_normal_distribution_is_that_of_the_tables() {
        assert!((quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-12);
        assert!((quantile(0.025) + 1.959_963_984_540_054).abs() < 1e-12);
        assert!((cdf(1.0) - 0.841_344_746_068_542_9).abs() < 1e-14);
        let oracle = Normal::standard();
        for z in [-8.0, -3.5, -3.0, -0.1, 0.0, 0.7, 2.9, 3.1, 6.0] {
            assert!((cdf(z) - oracle.cdf(z)).abs() < 1e-11, "{z}");
        }
        assert!(cdf(-8.0) > 6.2e-16 && cdf(-8.0) < 6.3e-16, "its tail keeps its digits");
        assert!(quantile(0.0).is_infinite() && quantile(1.0).is_infinite());
    }
}
