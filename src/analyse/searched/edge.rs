//! How an SLO is missed one step beyond its boundary: by little, or by much.

use crate::analyse::reading::Reading;
use crate::analyse::summary::Summary;
use crate::analyse::trial::TrialFindings;
use crate::record::SloLine;
use crate::spec::Comparison;

/// Missed by this factor, an SLO has a cliff there: no system is to be run close to it.
const CLIFF: f64 = 2.0;

/// How an SLO is missed one step beyond its boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// By less than a factor of two.
    Smooth,
    /// By a factor of two or more.
    Cliff,
}

impl Edge {
    /// One word, as in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Edge::Smooth => "smooth",
            Edge::Cliff => "cliff",
        }
    }
}

/// By the median of the valid trials there; none where that is not known well enough.
pub fn edge(slo: &SloLine, trials: &[TrialFindings]) -> Option<Edge> {
    let valid = trials.iter().filter(|trial| trial.is_valid());
    let read = Summary::of(valid.map(|trial| trial.metric(&slo.metric))).median;
    let (least, most) = match read {
        Reading::Beyond(least) => (least, f64::INFINITY),
        Reading::Between(least, most) => (least, most),
        _ => (read.value()?, read.value()?),
    };
    let is_cliff = |value: f64| match slo.comparison() {
        Some(Comparison::Below | Comparison::AtMost) => Some(value > 0.0 && value >= CLIFF * slo.bound),
        Some(Comparison::Above | Comparison::AtLeast) => Some(value * CLIFF <= slo.bound),
        None => None,
    };
    match (is_cliff(least)?, is_cliff(most)?) {
        (true, true) => Some(Edge::Cliff),
        (false, false) => Some(Edge::Smooth),
        _ => None,
    }
}
