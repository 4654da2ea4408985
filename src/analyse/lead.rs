//! Whether one treatment is cheaper than another by more than is known of both.

use super::family::Share;
use super::gaps::{Gaps, LEAST, Read};
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
    /// Each of them, in dollars, with its block.
    pub each: Vec<(u32, Read)>,
    /// How far the share that its emulated instances got is from what they should have had, the worst of all, in percent of that.
    pub off_percent: f64,
}

/// How far a treatment is ahead of one that costs as much or more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lead {
    /// By more than the calibration is off, and more than chance alone would hardly do.
    Clear,
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
    /// Chance alone might make the difference.
    Chance,
    /// Too few blocks have both to know how far trials lie apart.
    FewTrials,
}

impl Lead {
    /// Of the first over the second, which is not cheaper: as any two treatments of a run are told apart, block by block by Student's t of logarithms, and
    /// sharing one error with all other comparisons of the report.
    pub fn of(ahead: &Ranked, behind: &Ranked, share: Share) -> Self {
        let percent = (1.0
            - ahead.credit_aware.as_dollars() / behind.credit_aware.as_dollars().max(f64::MIN_POSITIVE))
            * 100.0;
        let off_percent = ahead.off_percent.max(behind.off_percent);
        if percent < TIE_PERCENT || ahead.credit_aware == behind.credit_aware {
            Lead::Tie
        } else if percent < off_percent {
            Lead::NotToldApart(Why::Calibration(off_percent))
        } else {
            let gaps = Gaps::between(&ahead.each, &behind.each);
            match gaps.gap().filter(|_| gaps.blocks.len() >= LEAST) {
                None => Lead::NotToldApart(Why::FewTrials),
                Some(gap) if gap.p() <= share.level() && gap.middle > 0.0 => Lead::Clear,
                Some(_) => Lead::NotToldApart(Why::Chance),
            }
        }
    }

    /// Whether it says which is cheaper.
    pub const fn is_clear(self) -> bool {
        matches!(self, Lead::Clear)
    }

    /// A word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Lead::Clear => "clear",
            Lead::Tie => "tie",
            Lead::NotToldApart(_) => "not_told_apart",
        }
    }
}
