//! The slope of a series whose readings hang together.

use super::Range;
use super::student;

/// A slope with its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// Least squares, in values per unit of time.
    pub slope: f64,
    /// Standard error that allows for readings that hang together.
    pub error: f64,
    /// Readings that say as much without hanging together, less two: at least 1.
    pub dof: f64,
    /// Neighbours that were allowed for.
    pub lags: usize,
    /// Whether so few are left that what wanders cannot be told from what stays: then the error is that of what keeps all of its neighbour, with m − 2.
    pub wanders: bool,
}

impl Slope {
    /// Two-sided interval.
    pub fn interval(&self, confidence: f64) -> Range {
        let half = student::quantile(f64::midpoint(confidence, 1.0), self.dof) * self.error;
        Range { low: self.slope - half, high: self.slope + half }
    }

    /// Whether it is at most the bound: `Some(true)` where it is beyond doubt, `Some(false)` where it is above beyond doubt, each by a one-sided test
    /// at this confidence, else none.
    pub fn is_at_most(&self, bound: f64, confidence: f64) -> Option<bool> {
        let half = student::quantile(confidence, self.dof) * self.error;
        if self.slope + half <= bound {
            Some(true)
        } else if self.slope - half > bound {
            Some(false)
        } else {
            None
        }
    }
}

/// Fewer readings than these, counted without what hangs together, do not tell what wanders from what stays.
const FEW: f64 = 14.0;

/// The least-squares slope of `values` over `times`, with the greatest of two or three errors. That of Newey & West (1987): neighbours up to
/// h = ⌊4(m/100)^{2/9}⌋ away are allowed for with Bartlett's weights, and the sum is scaled by m/(m−2) as others do. The same after the neighbour's share is
/// taken out and put back (prewhitening; Andrews & Monahan 1992). And that of readings which keep a share ρ of their neighbour: s/((1−ρ)·√Σ(t−t̄)²), with
/// ρ = (m·ρ̂ + 2)/(m − 4), since the residuals of a line show too little of it (Marriott & Pope 1954). So many readings say as much as m(1−ρ)/(1+ρ) that do
/// not hang together, and t has two fewer degrees of freedom than that (Wilks 2011, §5.2.4). Where less than 14 are left, a random walk cannot be ruled out.
/// Then in place of the third stands what no ρ exceeds: the slope of a random walk has the variance 6/5·σ²/m, with σ² that of its steps (Durlauf & Phillips
/// 1988). None of less than five readings, or where time stands still. `times` are one after the other, evenly but for gaps.
pub fn slope(times: &[f64], values: &[f64]) -> Option<Slope> {
    let m = times.len();
    if m < 5 || values.len() != m || !times.iter().chain(values).all(|value| value.is_finite()) {
        return None;
    }
    let n = m as f64;
    let (time, level) = (times.iter().sum::<f64>() / n, values.iter().sum::<f64>() / n);
    let squares: f64 = times.iter().map(|t| (t - time).powi(2)).sum();
    if squares <= 0.0 {
        return None;
    }
    let pairs = || times.iter().zip(values);
    let slope = pairs().map(|(t, y)| (t - time) * (y - level)).sum::<f64>() / squares;
    let rest: Vec<f64> = pairs().map(|(t, y)| y - level - slope * (t - time)).collect();
    let scores: Vec<f64> = times.iter().zip(&rest).map(|(t, rest)| (t - time) * rest).collect();
    let lags = (4.0 * (n / 100.0).powf(2.0 / 9.0)).floor() as usize;
    let variance = long_run(&scores, lags).max(prewhitened(&scores, lags)).max(0.0);
    let newey_west = (variance * n / (n - 2.0)).sqrt() / squares;
    let kept = kept(&rest);
    let shaken = rest.windows(2).map(|two| (two[1] - kept * two[0]).powi(2)).sum::<f64>() / (n - 3.0);
    let keeping = (shaken / squares).sqrt() / (1.0 - kept);
    let left = n * (1.0 - kept) / (1.0 + kept);
    // A step is what lies between two neighbours; the slope is over time, and a reading takes so much of it.
    let step = (times[m - 1] - times[0]) / (n - 1.0);
    let steps = rest.windows(2).map(|two| (two[1] - two[0]).powi(2)).sum::<f64>() / (n - 2.0);
    let walk = (1.2 * steps / n).sqrt() / step;
    let wanders = left < FEW;
    let (other, dof) = if wanders { (walk, n - 2.0) } else { (keeping, (left - 2.0).min(n - 2.0)) };
    Some(Slope { slope, error: newey_west.max(other), dof, lags, wanders })
}

/// The share that readings keep of their neighbour, from 0 to 0.99; of what does not vary none.
fn kept(rest: &[f64]) -> f64 {
    let m = rest.len() as f64;
    let squares: f64 = rest.iter().map(|one| one * one).sum();
    let next: f64 = rest.windows(2).map(|two| two[0] * two[1]).sum();
    if squares <= 0.0 { 0.0 } else { ((m * next / squares + 2.0) / (m - 4.0)).clamp(0.0, MOST_KEPT) }
}

/// The greatest share that is taken to be kept.
const MOST_KEPT: f64 = 0.99;

/// The greatest share of a neighbour that is taken out.
const MOST: f64 = 0.98;

fn long_run(scores: &[f64], lags: usize) -> f64 {
    let at = |lag: usize| scores.iter().zip(&scores[lag..]).map(|(a, b)| a * b).sum::<f64>();
    let weighted = |lag: usize| 2.0 * (1.0 - lag as f64 / (lags as f64 + 1.0)) * at(lag);
    at(0) + (1..=lags.min(scores.len() - 1)).map(weighted).sum::<f64>()
}

/// The share is estimated too low by about 4/m after a trend was taken out (Marriott & Pope 1954), which is added.
fn prewhitened(scores: &[f64], lags: usize) -> f64 {
    let squares: f64 = scores.iter().map(|score| score * score).sum();
    let next: f64 = scores.windows(2).map(|two| two[0] * two[1]).sum();
    if squares <= 0.0 {
        return 0.0;
    }
    let share = (next / squares + 4.0 / scores.len() as f64).clamp(-MOST, MOST);
    let rest: Vec<f64> = scores.windows(2).map(|two| two[1] - share * two[0]).collect();
    long_run(&rest, lags) / (1.0 - share).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_has_its_slope_and_no_error() {
        let times: Vec<f64> = (0..40).map(f64::from).collect();
        let line: Vec<f64> = times.iter().map(|t| 3.0 + 2.0 * t).collect();
        let found = slope(&times, &line).unwrap();
        assert!((found.slope - 2.0).abs() < 1e-12 && found.error < 1e-9);
        assert_eq!((found.is_at_most(2.1, 0.95), found.is_at_most(1.9, 0.95)), (Some(true), Some(false)));
    }

    #[test]
    fn the_error_is_that_of_the_formula_by_hand() {
        // m = 6: h = ⌊4·0.06^(2/9)⌋ = 2, weights 2/3 and 1/3.
        let (times, values) = ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 3.0, 2.0, 5.0, 4.0, 6.0]);
        let found = slope(&times, &values).unwrap();
        assert_eq!(found.lags, 2);
        let b = 15.5 / 17.5;
        let u: Vec<f64> =
            times.iter().zip(values).map(|(t, y)| (t - 2.5) * (y - 3.5 - b * (t - 2.5))).collect();
        let gamma = |k: usize| (k..6).map(|i| u[i] * u[i - k]).sum::<f64>();
        let s = gamma(0) + 2.0 * (2.0 / 3.0 * gamma(1) + 1.0 / 3.0 * gamma(2));
        assert!((found.slope - b).abs() < 1e-12);
        assert!((long_run(&u, 2) - s).abs() < 1e-12);
        let greater = s.max(prewhitened(&u, 2));
        let newey_west = (greater * 6.0 / 4.0).sqrt() / 17.5;
        let rest: Vec<f64> = times.iter().zip(values).map(|(t, y)| y - 3.5 - b * (t - 2.5)).collect();
        let steps = rest.windows(2).map(|two| (two[1] - two[0]).powi(2)).sum::<f64>() / 4.0;
        assert!((found.error - newey_west.max((1.2 * steps / 6.0).sqrt())).abs() < 1e-12);
        assert!(found.wanders && (found.dof - 4.0).abs() < 1e-12, "six readings are few");
    }

    #[test]
    fn the_unit_of_time_is_no_matter_of_how_sure_a_slope_is() {
        let wander: Vec<f64> = (0..60).map(|at| f64::from((at / 15) * 20 % 35 + at * 31 % 7)).collect();
        let stay: Vec<f64> = (0..60).map(|at| f64::from(at * 31 % 17)).collect();
        for (values, wanders) in [(wander, true), (stay, false)] {
            let by = |step: f64| {
                let times: Vec<f64> = (0..60).map(|at| f64::from(at) * step).collect();
                let found = slope(&times, &values).unwrap();
                assert_eq!(found.wanders, wanders);
                found.error * step
            };
            assert!((by(1.0) - by(0.25)).abs() < 1e-9);
        }
    }

    #[test]
    fn too_little_says_nothing() {
        assert_eq!(slope(&[1.0, 2.0], &[1.0, 2.0]), None);
        assert_eq!(slope(&[1.0; 8], &[2.0; 8]), None);
        assert_eq!(slope(&[1.0, 2.0, 3.0, 4.0, f64::NAN], &[1.0; 5]), None);
    }
}
