//! The rungs of a search: loads that grow by ratios, or levels that are given.

/// Doublings above where a search begins, at most.
pub const MOST_DOUBLINGS: i64 = 20;
/// Halvings below.
const MOST_HALVINGS: i64 = 6;
/// Loads are told to three digits, where steps are as fine as this to four.
const FINE: f64 = 1.09;

/// The rungs, ascending from easy to hard.
#[derive(Clone, Debug, PartialEq)]
pub enum Ladder {
    /// Loads, in messages a second.
    Loads {
        /// Rung 0.
        from: f64,
        /// Rungs to twice the load, at least 1.
        per_doubling: i64,
    },
    /// Numbers of instances, of which more is easier: rung 0 is the greatest.
    Levels {
        /// Descending, each once.
        levels: Vec<u32>,
        /// What is offered, in messages a second.
        load: f64,
    },
}

impl Ladder {
    /// Loads from `from` on, with steps of `tolerance` (above 0) or a little less, so that doublings are rungs.
    pub fn loads(from: f64, tolerance: f64) -> Self {
        let per_doubling = (2.0_f64.ln() / tolerance.ln_1p() - 1e-9).ceil().max(1.0);
        Ladder::Loads { from, per_doubling: per_doubling as i64 }
    }

    /// Numbers of instances, in any order.
    pub fn levels(mut levels: Vec<u32>, load: f64) -> Self {
        levels.sort_unstable_by(|one, other| other.cmp(one));
        levels.dedup();
        Ladder::Levels { levels, load }
    }

    /// What a rung stands for: messages a second to three or four digits, or a number of instances.
    pub fn value(&self, rung: i64) -> f64 {
        match self {
            Ladder::Loads { from, .. } if rung == 0 => *from,
            Ladder::Loads { from, per_doubling } => {
                let step = 2.0_f64.powf(1.0 / *per_doubling as f64);
                let load = from * 2.0_f64.powf(rung as f64 / *per_doubling as f64);
                // By way of a text, so that it is the number that such a text is read as.
                let text = if step < FINE { format!("{load:.3e}") } else { format!("{load:.2e}") };
                text.parse().unwrap_or(load)
            }
            Ladder::Levels { levels, .. } => usize::try_from(rung)
                .ok()
                .and_then(|at| levels.get(at))
                .map_or(0.0, |level| f64::from(*level)),
        }
    }

    /// The rung that stands for a value that a rung stands for.
    pub fn rung(&self, value: f64) -> Option<i64> {
        match self {
            Ladder::Loads { from, per_doubling } => {
                let near = ((value / from).log2() * *per_doubling as f64).round() as i64;
                let is_it = |rung: &i64| (self.value(*rung) / value - 1.0).abs() < 1e-9;
                (near - 1..=near + 1).find(is_it)
            }
            Ladder::Levels { levels, .. } => {
                let at = levels.iter().position(|level| (f64::from(*level) - value).abs() < 0.5)?;
                i64::try_from(at).ok()
            }
        }
    }

    /// Where a search begins.
    pub fn start(&self) -> i64 {
        match self {
            Ladder::Loads { .. } => 0,
            Ladder::Levels { levels, .. } => (levels.len() as i64 - 1).div_euclid(2),
        }
    }

    /// The easiest and the hardest rung.
    pub fn ends(&self) -> (i64, i64) {
        match self {
            Ladder::Loads { per_doubling, .. } => {
                (-MOST_HALVINGS * per_doubling, MOST_DOUBLINGS * per_doubling)
            }
            Ladder::Levels { levels, .. } => (0, levels.len() as i64 - 1),
        }
    }

    /// Rungs of a doubling; none where all rungs are given, and the way to either end is halved.
    pub(super) fn doubling(&self) -> Option<i64> {
        match self {
            Ladder::Loads { per_doubling, .. } => Some(*per_doubling),
            Ladder::Levels { .. } => None,
        }
    }

    /// The hardest rung that what came through a saturated trial of `rung` would be enough for.
    pub(super) fn sustained(&self, rung: i64, overload: f64) -> Option<i64> {
        if overload <= 0.0 || !overload.is_finite() {
            return None;
        }
        match self {
            Ladder::Loads { from, per_doubling } => {
                Some(((overload / from).log2() * *per_doubling as f64 + 1e-9).floor() as i64)
            }
            Ladder::Levels { levels, load } => {
                let needed = load / (overload / self.value(rung));
                let enough = levels.iter().filter(|level| f64::from(**level) >= needed - 1e-9).count() as i64;
                Some((enough - 1).max(0))
            }
        }
    }
}
