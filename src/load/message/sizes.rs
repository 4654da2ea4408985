//! The size of each message, fixed or drawn.

use rand_distr::weighted::WeightedAliasIndex;
use rand_distr::{Distribution, StandardNormal};

use super::draw::{Purpose, draws};
use crate::spec::Size;

/// Draws sizes.
#[derive(Debug)]
pub struct SizeDraw {
    rule: Rule,
    seed: u64,
}

#[derive(Debug)]
enum Rule {
    Fixed(usize),
    Deviate(Size),
    Table(WeightedAliasIndex<f64>, Vec<usize>),
}

impl SizeDraw {
    /// For one workload.
    pub fn new(size: &Size, seed: u64) -> Self {
        let rule = match size {
            Size::Fixed(size) => Rule::Fixed(size.get() as usize),
            Size::Normal { .. } | Size::LogNormal { .. } => Rule::Deviate(size.clone()),
            Size::Table(rows) => {
                let weights = rows.iter().map(|(_, share)| share.get()).collect();
                let sizes = rows.iter().map(|(size, _)| size.get() as usize).collect();
                // Fails only without a row or where all shares are 0, and they add up to 100%.
                WeightedAliasIndex::new(weights)
                    .map_or(Rule::Fixed(size.largest() as usize), |table| Rule::Table(table, sizes))
            }
        };
        SizeDraw { rule, seed }
    }

    /// Bytes of a message, envelope included.
    pub fn size(&self, producer: u32, sequence: u64) -> usize {
        let drawn = || draws(self.seed, producer, sequence, Purpose::Size);
        match &self.rule {
            Rule::Fixed(size) => *size,
            Rule::Deviate(size) => {
                size.at_deviate(StandardNormal.sample(&mut drawn())).unwrap_or_default() as usize
            }
            Rule::Table(table, sizes) => sizes[table.sample(&mut drawn())],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Bytes, Share};

    fn drawn(size: &Size) -> Vec<f64> {
        let draw = SizeDraw::new(size, 5);
        let mut drawn: Vec<f64> = (0..200_000).map(|n| draw.size(n % 11, u64::from(n / 11)) as f64).collect();
        drawn.sort_by(f64::total_cmp);
        drawn
    }

    fn mean(drawn: &[f64]) -> f64 {
        drawn.iter().sum::<f64>() / drawn.len() as f64
    }

    #[test]
    fn drawn_sizes_have_the_distribution_that_was_asked_for() {
        let kib = Bytes::new(1024);
        let normal = Size::Normal { mean: kib, sd: Bytes::new(200) };
        let sizes = drawn(&normal);
        let spread = (sizes.iter().map(|size| (size - 1024.0).powi(2)).sum::<f64>() / 2e5).sqrt();
        assert!((mean(&sizes) / normal.mean() - 1.0).abs() < 0.005 && (spread / 200.0 - 1.0).abs() < 0.01);
        let log_normal = Size::LogNormal { median: kib, sigma: 0.5 };
        let sizes = drawn(&log_normal);
        assert!((mean(&sizes) / log_normal.mean() - 1.0).abs() < 0.005);
        // One standard deviation above the median of a normal lies 84.13% of it.
        let (middle, upper) = (sizes[100_000], sizes[168_268]);
        assert!((middle / 1024.0 - 1.0).abs() < 0.01 && (upper / middle / 0.5_f64.exp() - 1.0).abs() < 0.01);
        let share = |part| Share::new(part).unwrap();
        let table = Size::Table(vec![(Bytes::new(100), share(0.9)), (Bytes::new(10_000), share(0.1))]);
        let sizes = drawn(&table);
        assert!((mean(&sizes) / 1_090.0 - 1.0).abs() < 0.02, "{}", mean(&sizes));
        assert!(sizes.iter().all(|size| [100.0, 10_000.0].contains(size)));
    }

    #[test]
    fn no_message_is_smaller_than_its_envelope() {
        let wild = Size::Normal { mean: Size::LEAST, sd: Bytes::new(500) };
        let sizes = drawn(&wild);
        assert_eq!(sizes[0] as u64, 36);
        assert!((mean(&sizes) / wild.mean() - 1.0).abs() < 0.01);
    }
}
