//! Whether one treatment is cheaper than another by more than is known of both.

use crate::units::Money;

/// Below this part of the dearer one, in percent, two costs are the same in the four digits that a report shows.
const TIE_PERCENT: f64 = 0.01;

/// What the trials of a treatment cost, all of one basis.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// The treatment.
    pub slug: String,
    /// Median of its valid trials, of a million messages.
    pub credit_aware: Money,
    /// The same at the prices on the label.
    pub sticker: Money,
    /// Of its valid trials the cheapest, with credits.
    pub least: Money,
    /// The dearest.
    pub most: Money,
    /// How many they are.
    pub trials: usize,
    /// How far the share that its emulated instances got is from what they should have had, the worst of all, in percent of that.
    pub off_percent: f64,
}

/// How far a treatment is ahead of one that costs as much or more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lead {
    /// By more than the calibration is off, and more than their trials scatter.
    Clear {
        /// Whether both have several trials; else nobody knows how they scatter.
        spread_known: bool,
    },
    /// Not at all.
    Tie,
    /// By less than what is known of them.
    NotToldApart(Why),
}

/// Why two costs are not told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Why {
    /// The share that emulated instances got is off by so much of what they should have had, in percent: more than the lead.
    Calibration(f64),
    /// The dearest trial of the one costs as much as the cheapest of the other.
    Spread,
}

impl Lead {
    /// Of the first over the second, which is not cheaper.
    pub fn of(ahead: &Ranked, behind: &Ranked) -> Self {
        let percent = (1.0
            - ahead.credit_aware.as_dollars() / behind.credit_aware.as_dollars().max(f64::MIN_POSITIVE))
            * 100.0;
        let spread_known = ahead.trials > 1 && behind.trials > 1;
        let off_percent = ahead.off_percent.max(behind.off_percent);
        if percent < TIE_PERCENT || ahead.credit_aware == behind.credit_aware {
            Lead::Tie
        } else if percent < off_percent {
            Lead::NotToldApart(Why::Calibration(off_percent))
        } else if spread_known && ahead.most >= behind.least {
            Lead::NotToldApart(Why::Spread)
        } else {
            Lead::Clear { spread_known }
        }
    }

    /// Whether it says which is cheaper.
    pub const fn is_clear(self) -> bool {
        matches!(self, Lead::Clear { .. })
    }

    /// A word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Lead::Clear { .. } => "clear",
            Lead::Tie => "tie",
            Lead::NotToldApart(_) => "not_told_apart",
        }
    }
}
