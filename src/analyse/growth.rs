//! What a growing volume came to: for each combination of the other factors, the greatest that held and the least that did not.

use super::verdict::Verdict;
use crate::record::Manifest;
use crate::units::Rate;

/// One search.
#[derive(Clone, Debug, PartialEq)]
pub struct Grown {
    /// The levels of the other factors.
    pub levels: Vec<String>,
    /// Volumes that were tried.
    pub tried: usize,
    /// The greatest volume at which every SLO held, with none below it at which one did not.
    pub held: Option<Rate>,
    /// The least volume at which an SLO was broken, and which: their texts.
    pub broken: Option<(Rate, Vec<String>)>,
    /// The least volume at which it cannot be said, where that lies below what was broken.
    pub undecided: Option<Rate>,
    /// The greatest above one at which not all held, or of which it cannot be said, at which all did.
    pub again: Option<Rate>,
}

/// One treatment of a search.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tried<'a> {
    /// The level's label of each factor, the volume last.
    pub(super) levels: &'a [String],
    /// Trials that were saved.
    pub(super) trials: usize,
    /// On each SLO.
    pub(super) verdicts: &'a [Verdict],
}

/// All searches of a run, in the plan's order; none where volume did not grow.
pub(super) fn grown(manifest: &Manifest, treatments: &[Tried<'_>]) -> Option<Vec<Grown>> {
    if !manifest.until_broken {
        return None;
    }
    let mut searches: Vec<Grown> = Vec::new();
    let mut steps: Vec<(Rate, &Tried<'_>)> = Vec::new();
    for treatment in treatments {
        let (volume, others) = treatment.levels.split_last()?;
        steps.push((volume.parse().ok()?, treatment));
        if searches.iter().all(|search| search.levels != others) {
            let levels = others.to_vec();
            searches.push(Grown { levels, tried: 0, held: None, broken: None, undecided: None, again: None });
        }
    }
    steps.sort_by(|one, other| one.0.as_per_second().total_cmp(&other.0.as_per_second()));
    for search in &mut searches {
        for (volume, step) in steps.iter().filter(|(_, step)| step.levels.starts_with(&search.levels)) {
            if step.trials == 0 {
                continue; // planned, and not run yet
            }
            search.tried += 1;
            let ceiling = search.broken.is_some() || search.undecided.is_some();
            if step.verdicts.contains(&Verdict::Broken) {
                let broken = manifest.slos.iter().zip(step.verdicts);
                let texts = broken.filter(|(_, verdict)| **verdict == Verdict::Broken);
                search.broken.get_or_insert((*volume, texts.map(|(slo, _)| slo.text.clone()).collect()));
            } else if step.verdicts.contains(&Verdict::Undecided) {
                if search.broken.is_none() {
                    search.undecided.get_or_insert(*volume);
                }
            } else if ceiling {
                search.again = Some(*volume);
            } else {
                search.held = Some(*volume);
            }
        }
    }
    Some(searches)
}
