//! What a trial tells a search.

use crate::analyse::trial::TrialFindings;
use crate::analyse::verdict::Verdict;
use crate::record::SloLine;
use crate::search::{Said, Told};

/// What a trial says of each SLO, and what came through it where it was saturated; nothing of one that is not to be believed.
pub fn told(slos: &[SloLine], trial: &TrialFindings) -> Told {
    if !trial.is_valid() {
        return Told::default();
    }
    let said = |slo: &SloLine| match Verdict::of_trial(slo, &trial.judged) {
        Verdict::Held => Said::Held,
        Verdict::Broken => Said::Broken,
        Verdict::Undecided => Said::Undecided,
    };
    let consumed = trial.record.asked.instances.is_some();
    let through = if consumed { "processed_msgs_per_s" } else { "acked_msgs_per_s" };
    let overload = (trial.judged.saturated == Some(true)).then(|| trial.metric(through).value());
    Told { said: Some(slos.iter().map(said).collect()), overload: overload.flatten() }
}
