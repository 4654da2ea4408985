//! What each further look at a run may cost: who adds trials until a verdict comes tests more than once.

use crate::record::Manifest;

/// How often at most a verdict is wrong, over all looks together.
pub const RISK: f64 = 0.05;

/// More trials are not advised: whoever needs them asks for too much.
pub const MOST_TRIALS: usize = 10_000;

/// Of that, what the first look takes: enough for six trials that agree (2/64), and no more, so that something is left.
const FIRST: f64 = 0.032;

/// How often a verdict may be wrong at a look, from 1 on: what is left after the first is halved each time, so that however many follow, together they
/// never come to more than [`RISK`] (alpha spending; Lan & DeMets 1983).
pub fn risk_of(look: usize) -> f64 {
    match look {
        0 | 1 => FIRST,
        further => (RISK - FIRST) * 0.5_f64.powi(i32::try_from(further).unwrap_or(i32::MAX) - 1),
    }
}

/// Which look at the run this is: one, and one more for each time that repetitions were added after they had been looked at.
pub fn look(manifest: &Manifest) -> usize {
    1 + manifest.resumed.iter().filter(|one| one.added_repetitions > 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_looks_together_cost_no_more_than_the_risk() {
        let all: f64 = (1..60).map(risk_of).sum();
        assert!(all <= RISK + 1e-12 && all > RISK - 1e-9, "{all}");
        assert!(risk_of(1) >= 2.0 / 64.0, "six that agree are enough at the first");
    }
}
