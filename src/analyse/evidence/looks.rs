//! What each further look at a run may cost: who adds trials until a verdict comes tests more than once.

use crate::analyse::findings::TreatmentFindings;
use crate::record::{Manifest, Resumption, TrialRecord};

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

/// Each time that repetitions were added after the run had been looked at.
fn further(manifest: &Manifest) -> impl Iterator<Item = &Resumption> {
    manifest.resumed.iter().filter(|one| one.added_repetitions > 0)
}

/// How often the run was looked at: once, and once more for each time that repetitions were added.
pub fn looks(manifest: &Manifest) -> usize {
    1 + further(manifest).count()
}

/// For which look a trial was made, from 0: after how many of the times that repetitions were added it began.
pub fn part_of(manifest: &Manifest, trial: &TrialRecord) -> usize {
    further(manifest).filter(|one| one.started <= trial.started).count()
}

/// Which look this is, from 1, of those that could have told something: at which one of the treatments had so many trials that count. What could tell
/// nothing could not be wrong, and costs nothing.
pub fn look_of<'a>(
    manifest: &Manifest,
    treatments: impl Iterator<Item = &'a TreatmentFindings>,
    fewest: usize,
) -> usize {
    let first = |one: &TreatmentFindings| {
        let mut parts: Vec<usize> = one.valid().map(|trial| part_of(manifest, &trial.record)).collect();
        parts.sort_unstable();
        parts.get(fewest.checked_sub(1)?).copied()
    };
    treatments.filter_map(first).min().map_or(1, |first| looks(manifest).saturating_sub(first).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Findings;
    use crate::analyse::tests::trial;
    use crate::record::testing::{looked_again, manifest};

    #[test]
    fn all_looks_together_cost_no_more_than_the_risk() {
        let all: f64 = (1..60).map(risk_of).sum();
        assert!(all <= RISK + 1e-12 && all > RISK - 1e-9, "{all}");
        assert!(risk_of(1) >= 2.0 / 64.0, "six that agree are enough at the first");
    }

    #[test]
    fn a_look_at_too_few_trials_to_tell_anything_is_not_counted() {
        // Two trials, then one more, then three more: of three it is the second look, of six the first.
        let manifest = looked_again(&looked_again(&manifest(&["a"]), 1, "2026-11-23"), 3, "2026-11-24");
        let on = |day: &str| format!("{day}T00:10:00.000Z");
        let days = ["2026-11-22", "2026-11-22", "2026-11-23", "2026-11-24", "2026-11-24", "2026-11-24"];
        let made = |(repetition, day): (u32, &&str)| {
            let mut one = trial(repetition, 250, false);
            (one.record.treatment, one.record.started) = ("a".to_owned(), on(day));
            one
        };
        let findings = Findings::of(&manifest, (1..).zip(&days).map(made).collect());
        let look = |fewest| look_of(&manifest, findings.all(), fewest);
        assert_eq!((looks(&manifest), look(2), look(3), look(6), look(7)), (3, 3, 2, 1, 1));
    }
}
