//! What one of many comparisons may risk.

use crate::analyse::evidence::risk_of;

/// How many comparisons share one error, and at which look at the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// How many they are.
    pub among: usize,
    /// Which look it is, from 1, of those at which a treatment had trials enough to be told apart.
    pub look: usize,
}

impl Default for Share {
    fn default() -> Self {
        Share::ALONE
    }
}

impl Share {
    /// One comparison, at the first look.
    pub const ALONE: Share = Share { among: 1, look: 1 };

    /// How often at most chance alone may tell two apart in one of them: what the look may risk, shared by all (Bonferroni).
    pub fn level(self) -> f64 {
        risk_of(self.look) / self.among.max(1) as f64
    }

    /// What all of them may risk together at this look: `3.2 %`.
    pub fn risk(self) -> String {
        percent(risk_of(self.look))
    }

    /// `at 3.2 % for 4 comparisons`.
    pub fn told(self) -> String {
        match self.among {
            0 | 1 => format!("at {}", self.risk()),
            among => format!("at {} for {among} comparisons", self.risk()),
        }
    }
}

/// Of a probability, without noughts at its end: `3.2 %`, `0.45 %`.
pub fn percent(part: f64) -> String {
    let text = format!("{:.4}", part * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
