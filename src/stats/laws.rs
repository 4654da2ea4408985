//! How throughput grows with what is added: in a line, by Amdahl's law, by the universal scalability law.

/// A law of scaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// γN.
    Linear,
    /// γN / (1 + σ(N−1)): a share σ of the work is done one after another (Amdahl 1967).
    Amdahl,
    /// γN / (1 + σ(N−1) + κN(N−1)): and each waits for each (Gunther 2007).
    Usl,
}

impl Law {
    /// All, the simplest first.
    pub const ALL: [Law; 3] = [Law::Linear, Law::Amdahl, Law::Usl];

    /// As it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Law::Linear => "linear",
            Law::Amdahl => "Amdahl",
            Law::Usl => "USL",
        }
    }

    /// Numbers that are fitted.
    pub(super) const fn parameters(self) -> usize {
        match self {
            Law::Linear => 1,
            Law::Amdahl => 2,
            Law::Usl => 3,
        }
    }
}

/// A law with the numbers that fit best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Which.
    pub law: Law,
    /// Throughput of one.
    pub gamma: f64,
    /// Contention, from 0 to 1.
    pub sigma: f64,
    /// Coherency, from 0 on.
    pub kappa: f64,
    /// Sum of squared residuals.
    pub sse: f64,
    /// Share of the variance about the mean that it explains; none where nothing varies.
    pub r2: Option<f64>,
    /// Akaike's criterion for small samples, m·ln(SSE/m) + 2k + 2k(k+1)/(m−k−1), with k the parameters and the variance (Hurvich & Tsai 1989): of two
    /// laws over the same points the one with less is better. None of too few points, or of a perfect fit.
    pub aicc: Option<f64>,
}

impl Fit {
    /// Throughput at size `n`.
    pub fn at(&self, n: f64) -> f64 {
        self.gamma * shape(n, self.sigma, self.kappa)
    }

    /// Speed-up that no size exceeds: 1/σ of Amdahl's law; none where it has no end, and of the USL see [`Fit::peak`].
    pub fn limit(&self) -> Option<f64> {
        (self.law == Law::Amdahl && self.sigma > 0.0).then(|| 1.0 / self.sigma)
    }

    /// Where throughput is greatest: N* = √((1−σ)/κ); none where it only grows.
    pub fn peak(&self) -> Option<f64> {
        (self.kappa > 0.0).then(|| ((1.0 - self.sigma) / self.kappa).sqrt())
    }
}

/// The fewest distinct sizes that a law is fitted to.
pub const FEWEST_SIZES: usize = 4;

/// The law's best fit to (size, throughput) by least squares with σ from 0 to 1 and κ from 0 on; none below four distinct sizes, of a size below 1 or
/// of what is not a number.
fn fit(law: Law, points: &[(f64, f64)]) -> Option<Fit> {
    if distinct(points) < FEWEST_SIZES
        || points.iter().any(|(n, x)| !x.is_finite() || !n.is_finite() || *n < 1.0)
    {
        return None;
    }
    let starts: &[[f64; 2]] = match law {
        Law::Linear => &[[0.0, 0.0]],
        Law::Amdahl => &[[0.0, 0.0], [0.2, 0.0]],
        Law::Usl => &[[0.0, 0.0], [0.05, 1e-3], [0.3, 0.0]],
    };
    let found = starts.iter().map(|start| descend(law.parameters() - 1, *start, points));
    let ([sigma, kappa], sse) = found.min_by(|a, b| a.1.total_cmp(&b.1))?;
    let gamma = gamma([sigma, kappa], points);
    let (m, k) = (points.len() as f64, law.parameters() as f64 + 1.0);
    let mean = points.iter().map(|(_, x)| x).sum::<f64>() / m;
    let total: f64 = points.iter().map(|(_, x)| (x - mean).powi(2)).sum();
    let spare = m - k - 1.0;
    Some(Fit {
        law,
        gamma,
        sigma,
        kappa,
        sse,
        r2: (total > 0.0).then(|| 1.0 - sse / total),
        aicc: (spare > 0.0 && sse > 0.0).then(|| m * (sse / m).ln() + 2.0 * k + 2.0 * k * (k + 1.0) / spare),
    })
}

/// All laws, the simplest first; empty where none can be fitted.
pub fn fits(points: &[(f64, f64)]) -> Vec<Fit> {
    Law::ALL.into_iter().filter_map(|law| fit(law, points)).collect()
}

/// Speed-up that the busiest of `instances` allows when `partitions` equal ones are dealt out: P/⌈P/n⌉; more instances than partitions add nothing.
/// None of nothing.
pub fn staircase(partitions: u64, instances: u64) -> Option<f64> {
    (partitions > 0 && instances > 0).then(|| partitions as f64 / partitions.div_ceil(instances) as f64)
}

fn distinct(points: &[(f64, f64)]) -> usize {
    let mut sizes: Vec<f64> = points.iter().map(|(n, _)| *n).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    sizes.len()
}

fn shape(n: f64, sigma: f64, kappa: f64) -> f64 {
    n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0))
}

/// The scale that fits a shape best: it is linear, so that only the shape is searched for (Golub & Pereyra 1973).
fn gamma([sigma, kappa]: [f64; 2], points: &[(f64, f64)]) -> f64 {
    let (mut over, mut under) = (0.0, 0.0);
    for (n, x) in points {
        let f = shape(*n, sigma, kappa);
        over += x * f;
        under += f * f;
    }
    over / under
}

fn squares(at: [f64; 2], points: &[(f64, f64)]) -> f64 {
    let gamma = gamma(at, points);
    points.iter().map(|(n, x)| (x - gamma * shape(*n, at[0], at[1])).powi(2)).sum()
}

/// Levenberg and Marquardt's descent of the first `free` of σ and κ inside of their bounds.
fn descend(free: usize, start: [f64; 2], points: &[(f64, f64)]) -> ([f64; 2], f64) {
    let (mut at, mut damping) = (start, 1e-3);
    let mut best = squares(at, points);
    for _ in 0..if free == 0 { 0 } else { 200 } {
        let (normal, right) = equations(at, points);
        let moves = |i: usize| {
            i < free && !(at[i] <= 0.0 && right[i] < 0.0 || i == 0 && at[0] >= 1.0 && right[0] > 0.0)
        };
        let diagonal = |i: usize| normal[i][i] * (1.0 + damping);
        let step = match (moves(0), moves(1)) {
            (true, true) => {
                let determinant = diagonal(0) * diagonal(1) - normal[0][1] * normal[0][1];
                [
                    (right[0] * diagonal(1) - right[1] * normal[0][1]) / determinant,
                    (right[1] * diagonal(0) - right[0] * normal[0][1]) / determinant,
                ]
            }
            (true, false) => [right[0] / diagonal(0), 0.0],
            (false, true) => [0.0, right[1] / diagonal(1)],
            (false, false) => break,
        };
        let next = [(at[0] + step[0]).clamp(0.0, 1.0), (at[1] + step[1]).max(0.0)];
        let tried = squares(next, points);
        if tried < best {
            let settled = best - tried <= 1e-15 * best;
            (at, best, damping) = (next, tried, damping / 10.0);
            if settled {
                break;
            }
        } else {
            damping *= 10.0;
            if damping > 1e12 || !tried.is_finite() {
                break;
            }
        }
    }
    (at, best)
}

/// Normal equations of the residuals in σ and κ, what the scale can follow taken out (Kaufman 1975).
fn equations([sigma, kappa]: [f64; 2], points: &[(f64, f64)]) -> ([[f64; 2]; 2], [f64; 2]) {
    let gamma = gamma([sigma, kappa], points);
    let rows: Vec<(f64, [f64; 2], f64)> = points
        .iter()
        .map(|(n, x)| {
            let f = shape(*n, sigma, kappa);
            let slope = -gamma * f * f * (n - 1.0) / n;
            (f, [slope, slope * n], x - gamma * f)
        })
        .collect();
    let under: f64 = rows.iter().map(|(f, ..)| f * f).sum();
    let along = [0, 1].map(|i| rows.iter().map(|(f, d, _)| f * d[i]).sum::<f64>() / under);
    let (mut normal, mut right) = ([[0.0; 2]; 2], [0.0; 2]);
    for (f, d, residual) in &rows {
        let apart = [d[0] - along[0] * f, d[1] - along[1] * f];
        for i in 0..2 {
            right[i] += apart[i] * residual;
            for j in 0..2 {
                normal[i][j] += apart[i] * apart[j];
            }
        }
    }
    (normal, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SPEC SDM91, as in the R package `usl`.
    const SPECSDM91: [(f64, f64); 7] = [
        (1.0, 64.9),
        (18.0, 995.9),
        (36.0, 1652.4),
        (72.0, 1853.2),
        (108.0, 1828.9),
        (144.0, 1775.0),
        (216.0, 1702.2),
    ];

    #[test]
    fn the_golden_vector_is_fitted_to_its_digits() {
        let usl = fit(Law::Usl, &SPECSDM91).unwrap();
        assert!((usl.sigma - 0.027_728_5).abs() < 1e-7, "{usl:?}");
        assert!((usl.kappa - 1.043_65e-4).abs() < 1e-9);
        assert!((usl.gamma - 89.995_2).abs() < 1e-4);
        assert!((usl.sse - 27_453.7).abs() < 0.1);
        assert!((usl.r2.unwrap() - 0.989_56).abs() < 1e-5);
        assert!((usl.peak().unwrap() - 96.52).abs() < 0.01);
        let amdahl = fit(Law::Amdahl, &SPECSDM91).unwrap();
        assert!((amdahl.sigma - 0.073_648_2).abs() < 1e-6 && (amdahl.sse - 131_265.4).abs() < 0.1);
        // m = 7: three numbers for seven points are no better than two, for all that they come closer.
        assert!(
            (usl.aicc.unwrap() - 85.920_4).abs() < 1e-3 && (amdahl.aicc.unwrap() - 82.873_5).abs() < 1e-3
        );
    }

    #[test]
    fn what_follows_a_law_gives_its_numbers_back() {
        let sizes = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0];
        let points = |sigma, kappa| sizes.map(|n| (n, 1000.0 * shape(n, sigma, kappa)));
        let amdahl = fit(Law::Amdahl, &points(0.1, 0.0)).unwrap();
        assert!((amdahl.sigma - 0.1).abs() < 1e-6 && (amdahl.limit().unwrap() - 10.0).abs() < 1e-4);
        assert_eq!((amdahl.kappa, amdahl.peak()), (0.0, None));
        let usl = fit(Law::Usl, &points(0.02, 0.01)).unwrap();
        assert!((usl.sigma - 0.02).abs() < 1e-6 && (usl.kappa - 0.01).abs() < 1e-6);
        assert!((usl.at(4.0) - points(0.02, 0.01)[3].1).abs() < 1e-3);
        // More than linear cannot be told by these laws: they stay on their bound.
        let more = sizes.map(|n| (n, 100.0 * n.powf(1.2)));
        let [linear, amdahl, usl] = fits(&more)[..] else { panic!("three laws") };
        assert_eq!((amdahl.sigma, usl.sigma, usl.kappa), (0.0, 0.0, 0.0));
        assert!((linear.sse - usl.sse).abs() < 1e-6);
    }

    #[test]
    fn three_sizes_are_no_curve_however_often_they_were_tried() {
        let points = [(1.0, 10.0), (2.0, 19.0), (4.0, 35.0), (1.0, 10.1), (2.0, 19.2), (4.0, 35.5)];
        assert!(fits(&points).is_empty());
        assert_eq!(fit(Law::Usl, &[(0.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 4.0)]), None);
    }

    #[test]
    fn partitions_make_a_staircase() {
        let stairs: Vec<f64> = (1..=13).filter_map(|n| staircase(12, n)).collect();
        assert_eq!(stairs, [1.0, 2.0, 3.0, 4.0, 4.0, 6.0, 6.0, 6.0, 6.0, 6.0, 6.0, 12.0, 12.0]);
        assert_eq!((staircase(24, 5), staircase(24, 7)), (Some(4.8), Some(6.0)));
        assert_eq!((staircase(0, 1), staircase(1, 0)), (None, None));
    }
}
