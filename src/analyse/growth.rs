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
            searches.push(Grown { levels, tried: 0, held: None, broken: None, undecided: None });
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
            } else if !ceiling {
                search.held = Some(*volume);
            }
        }
    }
    Some(searches)
}

#[cfg(test)]
mod tests {
    use super::super::Findings;
    use super::*;
    use crate::analyse::{RunVerdict, TrialFindings, judge, run_verdict};
    use crate::record::TreatmentLine;
    use crate::record::testing::{Synthetic, manifest, slo};

    /// Steps at these rates (messages a second), each with what it processed in a quarter second.
    fn findings(steps: &[(&str, u64)]) -> Findings {
        let mut manifest = manifest(&[]);
        manifest.until_broken = true;
        manifest.factors.push("workload.rate".to_owned());
        manifest.slos = vec![slo("processed >= 1k/s")];
        let line = |(rate, _): &(&str, u64)| TreatmentLine {
            slug: (*rate).to_owned(),
            levels: vec!["4".to_owned(), (*rate).to_owned()],
            baseline: false,
        };
        manifest.treatments = steps.iter().map(line).collect();
        let trial = |(rate, processed): &(&str, u64)| {
            let treatment = (*rate).to_owned();
            let trial = Synthetic { treatment, processed: *processed, ..Synthetic::default() };
            let mut record = trial.record();
            record.rebalances = u32::from(*processed == 1); // spoils it
            let judged = judge(&record, &trial.rows(), &trial.latencies());
            TrialFindings::of(&manifest, record, judged)
        };
        Findings::of(&manifest, steps.iter().filter(|step| step.1 > 0).map(trial).collect())
    }

    #[test]
    fn the_greatest_that_held_and_the_least_that_broke_are_told() {
        let findings =
            findings(&[("100/s", 250), ("400/s", 100), ("200/s", 250), ("300/s", 100), ("250/s", 0)]);
        let grown = &findings.grown.as_ref().unwrap()[0];
        assert_eq!((grown.levels.clone(), grown.tried), (vec!["4".to_owned()], 4));
        assert_eq!(grown.held, Rate::per_second(200.0));
        assert_eq!(
            grown.broken,
            Some((Rate::per_second(300.0).unwrap(), vec!["processed >= 1k/s".to_owned()]))
        );
        assert_eq!((grown.undecided, run_verdict(&findings)), (None, RunVerdict::Held));
    }

    #[test]
    fn what_held_above_what_broke_is_not_what_is_told() {
        let findings = findings(&[("100/s", 250), ("200/s", 100), ("400/s", 250)]);
        assert_eq!(findings.grown.unwrap()[0].held, Rate::per_second(100.0));
    }

    #[test]
    fn a_search_that_ends_where_nothing_can_be_said_leaves_the_run_undecided() {
        let unsaid = findings(&[("100/s", 250), ("200/s", 1)]);
        let grown = &unsaid.grown.as_ref().unwrap()[0];
        assert_eq!((grown.held, grown.undecided), (Rate::per_second(100.0), Rate::per_second(200.0)));
        assert_eq!((grown.broken.clone(), run_verdict(&unsaid)), (None, RunVerdict::Undecided));
        assert_eq!(run_verdict(&findings(&[("100/s", 100)])), RunVerdict::Broken);
    }
}
