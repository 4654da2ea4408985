//! What a treatment held and its twin does not: no ratio tells it, and it is worse all the same.

use super::side::{Pair, Side};
use crate::analyse::{TreatmentFindings, Verdict};

/// Something that was so, and is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// What, as a sentence goes on: `broke `lost <= 0`, which held in A`.
    pub what: String,
    /// The treatment.
    pub treatment: String,
    /// Which run the other is of, from 1.
    pub against: usize,
}

/// SLOs of both that held in the one and are broken in the other; messages lost where none were.
pub(super) fn lost((base, other): (&Side<'_>, &Side<'_>), pair: Pair<'_>, against: usize) -> Vec<Lost> {
    let of = |what: String| Lost { what, treatment: pair.other.slug.clone(), against };
    let verdict = |side: &Side<'_>, one: &TreatmentFindings, text: &str| {
        let at = side.run.manifest.slos.iter().position(|slo| slo.text == text)?;
        one.verdicts.get(at).copied()
    };
    let turned = |text: &&str| {
        (verdict(base, pair.base, text), verdict(other, pair.other, text))
            == (Some(Verdict::Held), Some(Verdict::Broken))
    };
    let texts = base.run.manifest.slos.iter().map(|slo| slo.text.as_str());
    let mut all: Vec<Lost> =
        texts.filter(turned).map(|text| of(format!("broke `{text}`, which held in A"))).collect();
    if let (Some(0.0), Some(after)) = (messages(pair.base), messages(pair.other).filter(|after| *after > 0.0))
    {
        all.push(of(format!("lost {after} messages, where A lost none")));
    }
    all
}

/// Messages that its valid trials lost, all together; none where a trial does not tell, or there is none.
fn messages(of: &TreatmentFindings) -> Option<f64> {
    let all: Option<Vec<f64>> = of.valid().map(|trial| trial.metric("lost").value()).collect();
    all.filter(|all| !all.is_empty()).map(|all| all.iter().sum())
}
