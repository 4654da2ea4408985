//! How large each message is.

use crate::envelope;
use crate::units::{Bytes, Share};

/// Standard deviations to both sides at which a distribution is integrated: beyond lies less than one message in 10^18.
const REACH: f64 = 9.0;
/// Steps of that integral.
const STEPS: i32 = 4_000;

/// Bytes of a payload, envelope included: fixed or drawn anew for each message.
#[derive(Clone, Debug, PartialEq)]
pub enum Size {
    /// Always the same.
    Fixed(Bytes),
    /// Normally distributed, cut at [`Size::LEAST`].
    Normal {
        /// Before the cut.
        mean: Bytes,
        /// Standard deviation before the cut.
        sd: Bytes,
    },
    /// Log-normally distributed, cut at [`Size::LEAST`] and [`Size::MOST`].
    LogNormal {
        /// Median, e^mu.
        median: Bytes,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// These sizes, each with its share; shares add up to one.
    Table(Vec<(Bytes, Share)>),
}

impl Size {
    /// No message is smaller: the envelope must find room.
    pub const LEAST: Bytes = Bytes::new(envelope::BYTES as u64);
    /// No message whose size is drawn is larger.
    pub const MOST: Bytes = Bytes::new(16 << 20);

    /// Bytes of a message for a standard normal deviate; none where sizes do not follow one.
    pub fn at_deviate(&self, z: f64) -> Option<u64> {
        let bytes = match self {
            Size::Normal { mean, sd } => mean.get() as f64 + sd.get() as f64 * z,
            Size::LogNormal { median, sigma } => median.get() as f64 * (sigma * z).exp(),
            Size::Fixed(_) | Size::Table(_) => return None,
        };
        Some((bytes.round() as u64).clamp(Size::LEAST.get(), Size::MOST.get()))
    }

    /// Mean bytes of a message, cuts included.
    pub fn mean(&self) -> f64 {
        match self {
            Size::Fixed(size) => size.get() as f64,
            Size::Table(rows) => rows.iter().map(|(size, share)| size.get() as f64 * share.get()).sum(),
            // The trapezoidal rule over deviates; a log-normal's weight lies up to sigma (at most 5) to the right.
            Size::Normal { .. } | Size::LogNormal { .. } => {
                let (mut sum, mut weights) = (0.0, 0.0);
                for step in 0..=STEPS {
                    let z = -REACH + f64::from(step) / f64::from(STEPS) * (2.0 * REACH + 5.0);
                    let weight = (-z * z / 2.0).exp();
                    sum += weight * self.at_deviate(z).unwrap_or_default() as f64;
                    weights += weight;
                }
                sum / weights
            }
        }
    }

    /// Share of the messages that are larger than so many bytes.
    pub fn share_beyond(&self, bytes: u64) -> f64 {
        match self {
            Size::Fixed(size) => f64::from(u8::from(size.get() > bytes)),
            Size::Table(rows) => {
                rows.iter().filter(|(size, _)| size.get() > bytes).map(|(_, share)| share.get()).sum()
            }
            // As for the mean, over all deviates.
            Size::Normal { .. } | Size::LogNormal { .. } => {
                let (mut beyond, mut weights) = (0.0, 0.0);
                for step in 0..=STEPS {
                    let z = -REACH + f64::from(step) / f64::from(STEPS) * 2.0 * REACH;
                    let weight = (-z * z / 2.0).exp();
                    let larger = self.at_deviate(z).is_some_and(|size| size > bytes);
                    beyond += if larger { weight } else { 0.0 };
                    weights += weight;
                }
                beyond / weights
            }
        }
    }

    /// The largest that may be drawn.
    pub fn largest(&self) -> u64 {
        match self {
            Size::Fixed(size) => size.get(),
            Size::Table(rows) => rows.iter().map(|(size, _)| size.get()).max().unwrap_or_default(),
            Size::Normal { .. } | Size::LogNormal { .. } => self.at_deviate(REACH).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_beyond_a_size_is_that_of_the_distribution() {
        let (kib, sd) = (Bytes::new(1024), Bytes::new(100));
        // Beyond the mean lies a half, beyond one standard deviation 15.87 % of a normal distribution.
        let normal = Size::Normal { mean: kib, sd };
        assert!((normal.share_beyond(1024) - 0.5).abs() < 3e-3, "{}", normal.share_beyond(1024));
        assert!((normal.share_beyond(1124) - 0.158_66).abs() < 3e-3, "{}", normal.share_beyond(1124));
        let log_normal = Size::LogNormal { median: kib, sigma: 1.0 };
        assert!((log_normal.share_beyond(2784) - 0.158_66).abs() < 3e-3);
        assert!(Size::Fixed(kib).share_beyond(1023) >= 1.0 && Size::Fixed(kib).share_beyond(1024) <= 0.0);
        let table = Size::Table(vec![(kib, Share::new(0.25).unwrap()), (sd, Share::new(0.75).unwrap())]);
        assert!((table.share_beyond(1000) - 0.25).abs() < 1e-9);
        // What is cut is never beyond the cut.
        let cut = Size::LogNormal { median: Bytes::new(1 << 20), sigma: 5.0 };
        assert!(cut.share_beyond(16 << 20) <= 0.0);
    }

    #[test]
    fn the_mean_of_a_distribution_is_that_of_its_formula_where_nothing_is_cut() {
        let kib = Bytes::new(1024);
        let normal = Size::Normal { mean: kib, sd: Bytes::new(100) };
        assert!((normal.mean() - 1024.0).abs() < 0.1, "{}", normal.mean());
        let log_normal = Size::LogNormal { median: kib, sigma: 0.8 };
        let formula = 1024.0 * (0.8_f64 * 0.8 / 2.0).exp();
        assert!((log_normal.mean() / formula - 1.0).abs() < 1e-4, "{} {formula}", log_normal.mean());
        let table =
            Size::Table(vec![(kib, Share::new(0.25).unwrap()), (Bytes::new(100), Share::new(0.75).unwrap())]);
        assert!((table.mean() - 331.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_cut_is_in_the_mean() {
        // Half of a normal around the least is lifted to it: the mean rises by sd / sqrt(2 pi).
        let cut = Size::Normal { mean: Size::LEAST, sd: Bytes::new(1000) };
        let formula = 36.0 + 1000.0 / std::f64::consts::TAU.sqrt();
        assert!((cut.mean() / formula - 1.0).abs() < 1e-3, "{} {formula}", cut.mean());
        assert_eq!(cut.at_deviate(-3.0), Some(36));
        assert_eq!(Size::LogNormal { median: Bytes::new(1 << 20), sigma: 3.0 }.largest(), 16 << 20);
    }
}
