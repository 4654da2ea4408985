//! How sure the numbers of a law are: each block is fitted by itself, and Student's t over the blocks, or a bootstrap of them, tells how far their mean may lie.

use super::laws::Law;
use super::{FEWEST_RESAMPLED, Range, bca_of_mean, student};

/// The fewest blocks that intervals are made of.
pub const FEWEST_BLOCKS: usize = 6;

/// Why the numbers of a law have no intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// So many blocks tell them, and that is fewer than six.
    FewBlocks(usize),
    /// The blocks lie so far apart that throughput of one has no upper end.
    NoEnd,
    /// The blocks put this number below 0: what grows faster than in proportion follows none of these laws, and an interval from 0 to 0 would say that it does.
    Below(&'static str),
}

/// What each block says by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct LawRanges {
    /// Of each block 1/γ, σ/γ and κ/γ, by [`inverse`].
    blocks: Vec<[f64; 3]>,
}

impl LawRanges {
    /// Of blocks of (size, throughput); not of less than six blocks that tell the law's numbers.
    ///
    /// Percentiles of resampled blocks would cover 83 to 88 % of the time where there are six, as they do not know how few those are. Here the unit of what is
    /// drawn at random, the block, has one number, and t of the blocks less one, or from ten on BCa with wider quantiles: simulated in `coverage`.
    pub fn of(law: Law, blocks: &[Vec<(f64, f64)>]) -> Result<Self, Withheld> {
        let known: Vec<[f64; 3]> = blocks.iter().filter_map(|block| inverse(law, block)).collect();
        if known.len() < FEWEST_BLOCKS {
            return Err(Withheld::FewBlocks(known.len()));
        }
        Ok(LawRanges { blocks: known })
    }

    /// γ, σ from 0 to 1 and κ from 0 on, at this confidence; or why there is nothing to be said of them.
    pub fn numbers(&self, confidence: f64) -> Result<[Range; 3], Withheld> {
        let gamma = self.around(confidence, |block| block[0]).and_then(inverted).ok_or(Withheld::NoEnd)?;
        let bounded = |at: usize, most: f64, name: &'static str| {
            let range = self.around(confidence, |block| block[at] / block[0]).ok_or(Withheld::NoEnd)?;
            if range.high < 0.0 {
                return Err(Withheld::Below(name));
            }
            Ok(Range { low: range.low.clamp(0.0, most), high: range.high.clamp(0.0, most) })
        };
        Ok([gamma, bounded(1, 1.0, "σ")?, bounded(2, f64::INFINITY, "κ")?])
    }

    /// Where throughput is greatest, N* = √((1−σ)/κ), at this confidence; its upper end is infinite where the blocks leave open whether throughput ever falls.
    /// None of a law that never does, or where no block says so.
    ///
    /// By one over its square, which every block has a number of, also one that grows without end.
    pub fn peak(&self, confidence: f64) -> Option<Range> {
        let range =
            self.around(confidence, |[of_one, contention, coherency]| coherency / (of_one - contention))?;
        let size = |of: f64| if of > 0.0 { of.sqrt().recip() } else { f64::INFINITY };
        (range.high > 0.0).then(|| Range { low: size(range.high), high: size(range.low) })
    }

    /// Throughput at size `n`; none where it has no end there.
    pub fn at(&self, n: f64, confidence: f64) -> Option<Range> {
        let terms = terms(n);
        let one = |block: &[f64; 3]| block.iter().zip(terms).map(|(number, term)| number * term).sum::<f64>();
        inverted(self.around(confidence, |block| one(block) / n)?)
    }

    /// Whether there are blocks enough to draw from: then ends are those of a bootstrap.
    pub fn is_resampled(&self) -> bool {
        self.blocks.len() >= FEWEST_RESAMPLED
    }

    /// Mean ± t·s/√B, and BCa of the blocks where there are ten of them or more; t too where they do not differ, and nothing can be drawn.
    fn around(&self, confidence: f64, of: impl Fn(&[f64; 3]) -> f64) -> Option<Range> {
        let values: Vec<f64> = self.blocks.iter().map(of).collect();
        let range = self.is_resampled().then(|| bca_of_mean(&values, confidence)).flatten();
        let range = range.or_else(|| student::mean_interval(&values, confidence));
        range.filter(|range| range.low.is_finite() && range.high.is_finite())
    }
}

/// One over what lies there; none where that may be nothing.
fn inverted(range: Range) -> Option<Range> {
    (range.low > 0.0).then(|| Range { low: 1.0 / range.high, high: 1.0 / range.low })
}

/// What N/X is a sum of: N/X = 1/γ + σ/γ·(N−1) + κ/γ·N(N−1).
fn terms(n: f64) -> [f64; 3] {
    [1.0, n - 1.0, n * (n - 1.0)]
}

/// 1/γ, σ/γ and κ/γ of one block, without bounds, by least squares of N/X (Gunther 2007), each point weighed by its share and not by its size. None of less
/// sizes than the law has numbers, or of what is not above 0.
pub fn inverse(law: Law, points: &[(f64, f64)]) -> Option<[f64; 3]> {
    let free = law.parameters();
    if !points.iter().all(|(n, x)| *n >= 1.0 && *x > 0.0 && x.is_finite()) {
        return None;
    }
    // Rows of the normal equations, the right side last.
    let mut rows = [[0.0; 4]; 3];
    for (n, x) in points {
        let (y, terms) = (n / x, terms(*n));
        for i in 0..free {
            for j in 0..free {
                rows[i][j] += terms[i] * terms[j] / (y * y);
            }
            rows[i][3] += terms[i] / y;
        }
    }
    let scale: Vec<f64> = (0..free).map(|i| rows[i][i]).collect();
    for i in 0..free {
        // What is left of a row that the others say already is only rounding.
        if rows[i][i] <= 1e-9 * scale[i] {
            return None;
        }
        let pivot = rows[i];
        for (_, row) in rows.iter_mut().enumerate().take(free).filter(|(k, _)| *k != i) {
            let factor = row[i] / pivot[i];
            row.iter_mut().zip(pivot).for_each(|(to, from)| *to -= factor * from);
        }
    }
    let mut found = [0.0; 3];
    for (i, one) in found.iter_mut().enumerate().take(free) {
        *one = rows[i][3] / rows[i][i];
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(sigma: f64, kappa: f64, scale: f64) -> Vec<(f64, f64)> {
        [1.0, 2.0, 4.0, 8.0]
            .map(|n| (n, scale * n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0))))
            .to_vec()
    }

    #[test]
    fn what_follows_a_law_gives_its_numbers_back_block_by_block() {
        let [a, b, c] = inverse(Law::Usl, &block(0.1, 0.01, 500.0)).unwrap();
        assert!((a - 0.002).abs() < 1e-12 && (b / a - 0.1).abs() < 1e-9 && (c / a - 0.01).abs() < 1e-9);
        let [a, b, c] = inverse(Law::Amdahl, &block(0.1, 0.0, 500.0)).unwrap();
        assert!((a - 0.002).abs() < 1e-12 && (b / a - 0.1).abs() < 1e-9 && c == 0.0);
        assert_eq!(inverse(Law::Usl, &block(0.1, 0.0, 500.0)[..2]), None, "two sizes for three numbers");
        assert_eq!(inverse(Law::Linear, &[(1.0, 0.0)]), None);
    }

    #[test]
    fn blocks_that_differ_in_speed_alone_leave_no_doubt_of_the_shape_and_five_tell_nothing() {
        let blocks: Vec<_> = (0..6).map(|at| block(0.1, 0.0, 500.0 + f64::from(at))).collect();
        let ranges = LawRanges::of(Law::Amdahl, &blocks).unwrap();
        let [gamma, sigma, _] = ranges.numbers(0.95).unwrap();
        assert!(gamma.covers(502.5) && gamma.high - gamma.low > 3.0);
        assert!((sigma.low - 0.1).abs() < 1e-9 && (sigma.high - 0.1).abs() < 1e-9);
        let at = ranges.at(8.0, 0.95).unwrap();
        assert!(at.covers(502.5 * 8.0 / 1.7), "{at:?}");
        assert_eq!(LawRanges::of(Law::Amdahl, &blocks[..5]), Err(Withheld::FewBlocks(5)));
    }

    #[test]
    fn where_throughput_is_greatest_has_an_interval_and_no_upper_end_where_it_may_never_fall() {
        // 1/N*² = κ ÷ (1 − σ): 0.008 to 0.012 of 0.8, so N* about 8.94.
        let falling: Vec<_> = (0..6).map(|at| block(0.2, 0.008 + 0.0008 * f64::from(at), 500.0)).collect();
        let peak = LawRanges::of(Law::Usl, &falling).unwrap().peak(0.95).unwrap();
        assert!(peak.covers(8.94) && peak.low > 8.0 && peak.high < 10.0, "{peak:?}");
        let open: Vec<_> = (0..6).map(|at| block(0.2, 0.002 * f64::from(at) - 0.004, 500.0)).collect();
        let peak = LawRanges::of(Law::Usl, &open).unwrap().peak(0.95).unwrap();
        assert!(peak.low > 5.0 && peak.high.is_infinite(), "{peak:?}");
        assert_eq!(LawRanges::of(Law::Amdahl, &falling).unwrap().peak(0.95), None, "it only grows");
    }

    #[test]
    fn from_ten_blocks_on_they_are_resampled_and_ten_that_are_equal_are_not() {
        let blocks = |count: u32, apart: f64| -> Vec<_> {
            // One block in five is far slower than the others.
            let speed = |at: u32| 500.0 - apart * f64::from(at.is_multiple_of(5));
            (0..count).map(|at| block(0.1, 0.0, speed(at))).collect()
        };
        let of = |count, apart| LawRanges::of(Law::Amdahl, &blocks(count, apart)).unwrap();
        let sides = |ranges: &LawRanges| {
            let at = |block: &[f64; 3]| block[0];
            let range = ranges.around(0.95, at).unwrap();
            let middle = ranges.blocks.iter().map(at).sum::<f64>() / ranges.blocks.len() as f64;
            (middle - range.low, range.high - middle)
        };
        let (few, many) = (of(9, 100.0), of(10, 100.0));
        assert!(!few.is_resampled() && many.is_resampled());
        let (below, above) = sides(&few);
        assert!((below - above).abs() < 1e-12, "t is even: {below} {above}");
        let (below, above) = sides(&many);
        assert!(above > 1.2 * below, "what is skewed has a skewed interval: {below} {above}");
        let (below, above) = sides(&of(10, 0.0));
        assert!(below.abs() < 1e-12 && above.abs() < 1e-12, "nothing varies: {below} {above}");
    }

    #[test]
    fn what_grows_faster_than_in_proportion_has_no_interval_and_says_why() {
        let blocks: Vec<_> = (0..6).map(|at| block(-0.05, 0.0, 500.0 + f64::from(at))).collect();
        let ranges = LawRanges::of(Law::Amdahl, &blocks).unwrap();
        assert_eq!(ranges.numbers(0.95), Err(Withheld::Below("σ")));
        let apart: Vec<_> = (0..6).map(|at| block(0.1, 0.0, if at == 0 { 0.1 } else { 500.0 })).collect();
        assert_eq!(LawRanges::of(Law::Linear, &apart).unwrap().numbers(0.95), Err(Withheld::NoEnd));
    }
}
