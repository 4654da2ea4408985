//! Student's t: the distribution, the interval of a mean, and of a ratio by its logarithms.

use super::Range;
use super::describe::{mean, sd};
use super::special::{beta, solve};

/// What lies below `t` of Student's distribution with `dof` degrees of freedom: `1 − I_{ν/(ν+t²)}(ν/2, ½)/2` for a t above 0.
pub fn cdf(t: f64, dof: f64) -> f64 {
    let tail = beta(dof / (dof + t * t), dof / 2.0, 0.5) / 2.0;
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// The quantile `p` of Student's distribution with `dof` degrees of freedom.
pub fn quantile(p: f64, dof: f64) -> f64 {
    if p > 0.5 {
        return -quantile(1.0 - p, dof);
    }
    let mut low = -1.0;
    while cdf(low, dof) > p && low > -1e15 {
        low *= 2.0;
    }
    solve(low, 0.0, p, |t| cdf(t, dof))
}

/// Interval of the mean: x̄ ± t·s/√n. Of values that come from a normal distribution; none of less than two.
pub fn mean_interval(values: &[f64], confidence: f64) -> Option<Range> {
    let (mean, sd) = (mean(values)?, sd(values)?);
    let t = quantile(f64::midpoint(confidence, 1.0), (values.len() - 1) as f64);
    let half = t * sd / (values.len() as f64).sqrt();
    Some(Range { low: mean - half, high: mean + half })
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, StudentsT};

    use super::*;

    #[test]
    fn students_distribution_is_that_of_the_tables() {
        for (dof, want) in
            [(1.0, 12.706_204_736), (4.0, 2.776_445_105), (9.0, 2.262_157_163), (1000.0, 1.962_339_081)]
        {
            assert!((quantile(0.975, dof) - want).abs() < 1e-8, "{dof}");
            assert!((quantile(0.025, dof) + want).abs() < 1e-8, "{dof}");
        }
        let oracle = StudentsT::new(0.0, 1.0, 7.0).unwrap();
        for t in [-12.0, -2.0, 0.0, 0.3, 5.0] {
            assert!((cdf(t, 7.0) - oracle.cdf(t)).abs() < 1e-12, "{t}");
        }
    }

    #[test]
    fn a_mean_stands_with_its_interval_and_one_value_has_none() {
        let range = mean_interval(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).unwrap();
        assert!((range.low - 1.036_756_8).abs() < 1e-6 && (range.high - 4.963_243_2).abs() < 1e-6);
        assert_eq!(mean_interval(&[1.0], 0.95), None);
    }
}
