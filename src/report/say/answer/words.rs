//! Whether what must hold held, in a sentence.

use super::super::claim::{Claim, Evidence};
use super::{NAMED, at};
use crate::analyse::{Findings, TreatmentFindings, Verdict};
use crate::record::Manifest;

/// One sentence on all SLOs; none where there are none, and where volume grew until one broke: that is the answer itself.
pub(super) fn verdicts(manifest: &Manifest, findings: &Findings) -> Option<Claim> {
    let slos = 0..manifest.slos.len();
    let on = slos.flat_map(|slo| {
        findings.treatments.iter().map(move |one| Evidence::Verdict { slo, of: one.slug.clone() })
    });
    text(manifest, findings).map(|text| Claim::new(text, on))
}

fn text(manifest: &Manifest, findings: &Findings) -> Option<String> {
    if manifest.slos.is_empty() || manifest.is_searched() {
        return None;
    }
    let mut parts = Vec::new();
    for (slo_at, slo) in manifest.slos.iter().enumerate() {
        for (verdict, word) in [(Verdict::Broken, "broken"), (Verdict::Undecided, "undecided")] {
            let is = |one: &&TreatmentFindings| {
                one.verdicts.get(slo_at) == Some(&verdict) && one.valid().next().is_some()
            };
            let all: Vec<&TreatmentFindings> = findings.treatments.iter().filter(is).collect();
            if !all.is_empty() {
                parts.push(format!("`{}` is {word}{}", slo.text, with(manifest, findings, &all)));
            }
        }
    }
    if parts.is_empty() {
        let usable = findings.treatments.iter().all(|one| one.valid().next().is_some());
        return usable.then(|| {
            if manifest.slos.len() == 1 { "The SLO held.".to_owned() } else { "All SLOs held.".to_owned() }
        });
    }
    Some(format!("{}.", parts.join("; ")))
}

fn with(manifest: &Manifest, findings: &Findings, all: &[&TreatmentFindings]) -> String {
    if all.len() == findings.treatments.len() {
        return if all.len() == 1 { String::new() } else { " everywhere".to_owned() };
    }
    if all.len() > NAMED {
        return format!(" in {} of {} treatments", all.len(), findings.treatments.len());
    }
    format!(" with {}", all.iter().map(|one| at(manifest, one)).collect::<Vec<_>>().join(", with "))
}
