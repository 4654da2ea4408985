//! Whether differences lie to one side, by their ranks.

use super::normal;

/// Up to so many the distribution is counted; beyond it the normal approximation is as good.
const EXACT: usize = 60;

/// Two-sided p of Wilcoxon's signed-rank test (1945). Differences of 0 are left out, equal ones share their mean rank; up to 60 the distribution is
/// counted out, also with ties. It is 1 of nothing. Of 5 pairs or less it cannot come below 5 %.
pub fn wilcoxon(differences: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = differences.iter().copied().filter(|value| *value != 0.0).collect();
    sorted.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let ranks = doubled_ranks(&sorted);
    let total: usize = ranks.iter().sum();
    let above: usize =
        sorted.iter().zip(&ranks).filter(|(value, _)| **value > 0.0).map(|(_, rank)| rank).sum();
    let least = above.min(total - above);
    if ranks.is_empty() {
        return 1.0;
    }
    if ranks.len() <= EXACT {
        // How many of the 2ⁿ signs come to each sum.
        let mut ways = vec![0.0; total + 1];
        ways[0] = 1.0;
        for rank in &ranks {
            for sum in (*rank..=total).rev() {
                ways[sum] += ways[sum - rank];
            }
        }
        let tail: f64 = ways[..=least].iter().sum();
        return (2.0 * tail / 2.0_f64.powi(ranks.len() as i32)).min(1.0);
    }
    let squares: f64 = ranks.iter().map(|rank| (*rank as f64 / 2.0).powi(2)).sum();
    let z = (least as f64 / 2.0 + 0.5 - total as f64 / 4.0) / (squares / 4.0).sqrt();
    (2.0 * normal::cdf(z)).min(1.0)
}

/// Twice the rank of each absolute value, so that shared ranks are whole; the values are sorted by it.
fn doubled_ranks(sorted: &[f64]) -> Vec<usize> {
    let mut ranks = Vec::with_capacity(sorted.len());
    for equal in sorted.chunk_by(|a, b| a.abs().total_cmp(&b.abs()).is_eq()) {
        let before = ranks.len();
        ranks.extend(std::iter::repeat_n(2 * before + 1 + equal.len(), equal.len()));
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_samples_have_their_exact_probability() {
        assert!((wilcoxon(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]) - 2.0 / 64.0).abs() < 1e-12);
        assert!((wilcoxon(&[1.0, 2.0, 3.0, 4.0, 5.0]) - 2.0 / 32.0).abs() < 1e-12);
        // R: wilcox.test(c(1.83,0.50,1.62,2.48,1.68,1.88,1.55,3.06,1.30) - c(.878,.647,.598,2.05,1.06,1.29,1.06,3.14,1.29)): p = 0.03906
        let differences = [0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01];
        assert!((wilcoxon(&differences) - 0.039_062_5).abs() < 1e-9);
        assert!((wilcoxon(&[]) - 1.0).abs() < 1e-12 && (wilcoxon(&[0.0, 0.0]) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn ties_share_their_rank() {
        // Ranks 1.5, 1.5, 3: of the eight signs those of sum 0 or 1.5 below: 1 + 2, doubled 6 of 8.
        assert!((wilcoxon(&[1.0, -1.0, 2.0]) - 6.0 / 8.0).abs() < 1e-12);
    }

    #[test]
    fn many_agree_with_the_count() {
        let mut values: Vec<f64> =
            (1..=60_u32).map(|i| if i % 5 < 2 { -f64::from(i) } else { f64::from(i) }).collect();
        let counted = wilcoxon(&values);
        values.push(0.5); // one more, of the least rank
        assert!((wilcoxon(&values) - counted).abs() < 0.01, "{counted} {}", wilcoxon(&values));
    }
}
