//! What bound a treatment: what bound most of its trials.

use super::candidate::{By, Limit};

/// What bound a treatment.
#[derive(Clone, Debug, PartialEq)]
pub struct TreatmentLimit {
    /// What it was.
    pub by: By,
    /// What was measured in the first trial of which it is true.
    pub evidence: String,
    /// Trials of which it is true.
    pub trials: usize,
    /// Trials that were asked: the valid ones; where there is none, those that were ended by what bound them.
    pub of: usize,
}

impl TreatmentLimit {
    /// Of these trials; none of none. What does not bind more than half of them is not known to bind the treatment.
    pub(in crate::analyse) fn of<'a>(limits: impl IntoIterator<Item = &'a Limit>) -> Option<Self> {
        let all: Vec<&Limit> = limits.into_iter().collect();
        let mut kinds: Vec<(By, Vec<&Limit>)> = Vec::new();
        for limit in &all {
            match kinds.iter_mut().find(|(by, _)| *by == limit.by) {
                Some((_, own)) => own.push(limit),
                None => kinds.push((limit.by, vec![limit])),
            }
        }
        let (by, own) = kinds.iter().max_by_key(|(_, own)| own.len())?;
        if 2 * own.len() > all.len() {
            let evidence = own.first().map(|limit| limit.evidence.clone()).unwrap_or_default();
            return Some(TreatmentLimit { by: *by, evidence, trials: own.len(), of: all.len() });
        }
        let told = kinds.iter().map(|(by, own)| format!("{} in {}", by.told(), own.len()));
        let evidence = format!("of {} trials {}", all.len(), told.collect::<Vec<_>>().join(", "));
        Some(TreatmentLimit { by: By::NotKnown, evidence, trials: 0, of: all.len() })
    }
}
