//! What a run comes to, in one word.

use super::findings::Findings;
use super::growth::Grown;
use super::searched::Searched;
use super::verdict::{RunVerdict, Verdict};

/// What the run comes to: broken goes before undecided. Where volume grew until an SLO broke, one that broke is what was looked for: then it has held if
/// every search ended with a volume that held and one that did not.
pub fn run_verdict(findings: &Findings) -> RunVerdict {
    let worst = |said: &[RunVerdict]| {
        let worst = [RunVerdict::Broken, RunVerdict::Undecided].into_iter().find(|one| said.contains(one));
        if said.is_empty() { RunVerdict::Undecided } else { worst.unwrap_or(RunVerdict::Held) }
    };
    if let Some(searched) = &findings.searched {
        return worst(&searched.iter().map(Searched::verdict).collect::<Vec<_>>());
    }
    if let Some(grown) = &findings.grown {
        let said = |search: &Grown| match (&search.held, &search.broken, search.undecided) {
            (Some(_), Some(_), None) => RunVerdict::Held,
            (None, Some(_), None) => RunVerdict::Broken,
            _ => RunVerdict::Undecided,
        };
        return worst(&grown.iter().map(said).collect::<Vec<_>>());
    }
    let has =
        |verdict: Verdict| findings.treatments.iter().any(|treatment| treatment.verdicts.contains(&verdict));
    if has(Verdict::Broken) {
        RunVerdict::Broken
    } else if has(Verdict::Undecided)
        || findings.treatments.iter().any(|treatment| treatment.valid().next().is_none())
    {
        RunVerdict::Undecided
    } else {
        RunVerdict::Held
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::tests::trial;
    use crate::record::testing::{manifest, slo};

    #[test]
    fn a_treatment_without_a_usable_trial_leaves_the_run_undecided() {
        let of = |levels: &[&str], doubtful| {
            run_verdict(&Findings::of(&manifest(levels), vec![trial(1, 250, doubtful)]))
        };
        assert_eq!(of(&["a"], false), RunVerdict::Held);
        assert_eq!(of(&["a"], true), RunVerdict::Undecided);
        assert_eq!(of(&["a", "b"], false), RunVerdict::Undecided);
    }

    #[test]
    fn a_broken_slo_goes_before_an_undecided_one() {
        let mut manifest = manifest(&["a", "b"]);
        manifest.slos = vec![slo("processed >= 1k/s")];
        let findings = Findings::of(&manifest, vec![trial(1, 100, false)]);
        assert_eq!(findings.treatments[0].verdicts, [Verdict::Broken]);
        assert_eq!(findings.treatments[1].verdicts, [Verdict::Undecided]);
        assert_eq!(run_verdict(&findings), RunVerdict::Broken);
    }
}
