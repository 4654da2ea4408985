//! How far two means lie apart: one t test, for pairs and for samples that are not paired, with what is asked of it.

use super::Range;
use super::describe::{mean, sd};
use super::power::{least, reach};
use super::student::{cdf, quantile};

/// What is known of a difference: its middle, its standard error, and its degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    /// The second mean less the first.
    pub middle: f64,
    /// Its standard error; 0 where nothing varies.
    pub error: f64,
    /// Its degrees of freedom.
    pub dof: f64,
    /// Standard deviation of a difference of one from one, as found or as readings allow: the error of n of each is this over √n.
    sd: f64,
    paired: bool,
}

impl Gap {
    /// Of differences of pairs (Student); none of less than two. `read` is the standard uncertainty that the reading of one difference leaves: where
    /// differences spread less than that, they were read too coarsely to know, and it stands in place of their spread.
    pub fn paired(differences: &[f64], read: f64) -> Option<Self> {
        let (middle, sd, n) = (mean(differences)?, sd(differences)?.max(read), differences.len() as f64);
        Some(Gap { middle, error: sd / n.sqrt(), dof: n - 1.0, sd, paired: true })
    }

    /// Of two samples (Welch 1947, degrees of freedom by Satterthwaite 1946); none where one has less than two. `read` as in [`Gap::paired`], of one of each.
    pub fn welch(a: &[f64], b: &[f64], read: (f64, f64)) -> Option<Self> {
        let (va, vb) = (sd(a)?.max(read.0).powi(2), sd(b)?.max(read.1).powi(2));
        let (na, nb) = (a.len() as f64, b.len() as f64);
        let (ea, eb) = (va / na, vb / nb);
        let below = ea * ea / (na - 1.0) + eb * eb / (nb - 1.0);
        // Of two that do not vary at all the degrees do not matter.
        let dof = if below > 0.0 { (ea + eb).powi(2) / below } else { na + nb - 2.0 };
        let (middle, error) = (mean(b)? - mean(a)?, (ea + eb).sqrt());
        Some(Gap { middle, error, dof, sd: (va + vb).sqrt(), paired: false })
    }

    /// How often chance alone would put it as far from nothing, to either side.
    pub fn p(self) -> f64 {
        if self.error > 0.0 {
            2.0 * cdf(-self.middle.abs() / self.error, self.dof)
        } else {
            f64::from(u8::from(self.middle == 0.0))
        }
    }

    /// p of two one-sided tests (Schuirmann 1987): small where it lies between −margin and +margin beyond doubt. It is below α exactly where the interval
    /// of confidence 1 − 2α lies inside the margin.
    pub fn p_within(self, margin: f64) -> f64 {
        let inside = |room: f64| {
            if self.error > 0.0 {
                cdf(-room / self.error, self.dof)
            } else {
                f64::from(u8::from(room <= 0.0))
            }
        };
        inside(self.middle + margin).max(inside(margin - self.middle))
    }

    /// Its interval, which misses it with probability `level`.
    pub fn interval(self, level: f64) -> Range {
        let half = quantile(1.0 - level / 2.0, self.dof) * self.error;
        Range { low: self.middle - half, high: self.middle + half }
    }

    /// Of logarithms, as a ratio with its interval, which misses it with probability `level`.
    pub fn ratio(self, level: f64) -> (f64, Range) {
        let around = self.interval(level);
        (self.middle.exp(), Range { low: around.low.exp(), high: around.high.exp() })
    }

    /// The smallest that a two-sided test at this level would have found with probability `power` (see [`super::smallest_difference`]).
    pub fn smallest(self, level: f64, power: f64) -> f64 {
        reach(self.dof, 1.0 - level / 2.0, power) * self.error
    }

    /// The least pairs, or values of each sample, that find this difference so; none where even very many do not.
    pub fn needed(self, difference: f64, level: f64, power: f64) -> Option<usize> {
        least(|n| {
            let n = n as f64;
            let dof = if self.paired { n - 1.0 } else { 2.0 * n - 2.0 };
            Some(reach(dof, 1.0 - level / 2.0, power) * self.sd / n.sqrt() <= difference)
        })
    }
}
