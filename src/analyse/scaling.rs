//! How much more one treatment works off than another, as far as the two may be compared.

use super::evidence::Ratio;
use super::summary::Load;

/// How a factor is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Like with like.
    Equal,
    /// At least: the treatment was not driven to its limit, the baseline was.
    AtLeast,
    /// At most: the baseline was not driven to its limit, the treatment was.
    AtMost,
}

/// Throughput of a treatment over that of the baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaling {
    /// The ratio of the medians.
    pub factor: f64,
    /// How it is to be read.
    pub sign: Sign,
    /// The same within blocks, with its interval; none where like is not compared with like, or of less than three blocks.
    pub ratio: Option<Ratio>,
}

impl Scaling {
    /// Overload over overload, steady over steady; between the two only a bound; none where trials of one treatment disagree.
    pub fn of(treatment: (Option<f64>, Load), baseline: (Option<f64>, Load)) -> Option<Self> {
        let sign = match (treatment.1, baseline.1) {
            (Load::Overload, Load::Overload) | (Load::Steady, Load::Steady) => Sign::Equal,
            (Load::Steady, Load::Overload) => Sign::AtLeast,
            (Load::Overload, Load::Steady) => Sign::AtMost,
            _ => return None,
        };
        let below = baseline.0.filter(|rate| *rate > 0.0)?;
        Some(Scaling { factor: treatment.0? / below, sign, ratio: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_is_compared_with_like_and_else_only_bounded() {
        let of = |treatment, baseline| {
            Scaling::of((Some(300.0), treatment), (Some(100.0), baseline)).map(|scaling| scaling.sign)
        };
        assert_eq!(of(Load::Overload, Load::Overload), Some(Sign::Equal));
        assert_eq!(of(Load::Steady, Load::Steady), Some(Sign::Equal));
        assert_eq!(of(Load::Steady, Load::Overload), Some(Sign::AtLeast));
        assert_eq!(of(Load::Overload, Load::Steady), Some(Sign::AtMost));
        assert_eq!(of(Load::Mixed, Load::Overload), None);
    }
}
