//! What the kernel of this host gives to the threads that keep time, by treatment: asked once a run, before anything is started.

use std::collections::BTreeMap;

use crate::load::{self, LoadError};
use crate::plan::Plan;
use crate::record::Pacing;
use crate::spec::{Load, Volume};

/// By the treatments' slugs; treatments at `rate: max` have nothing to keep time for, and are not in it.
pub fn pacing(plan: &Plan) -> Result<BTreeMap<String, Pacing>, LoadError> {
    let mut known: Vec<(&Load, Pacing)> = Vec::new();
    let mut all = BTreeMap::new();
    for treatment in &plan.treatments {
        let load = &treatment.settings.load;
        let asked = known.iter().find(|(other, _)| *other == load).map(|(_, pacing)| pacing.clone());
        let pacing = match asked {
            Some(pacing) => pacing,
            None => load::resolve(load)?,
        };
        known.push((load, pacing.clone()));
        if treatment.settings.workload.volume != Volume::Max {
            all.insert(treatment.slug.clone(), pacing);
        }
    }
    Ok(all)
}
