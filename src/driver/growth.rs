//! A plan that grows by what its trials show: from records to how each volume ended, and to the trials that follow from it.

use super::manifest::treatment_lines;
use super::{DriverError, World};
use crate::analyse::{Findings, TreatmentFindings, Verdict};
use crate::plan::{Plan, PlannedTrial, Step};
use crate::record::{End, Folder, Manifest, PlanRow};

/// Adds the next round to a growing plan; false where nothing is to be added, or not yet.
pub fn extend(plan: &mut Plan, findings: &Findings) -> bool {
    let ended = |slug: &str, planned: usize| {
        let treatment = findings.treatments.iter().find(|treatment| treatment.slug == slug)?;
        let ends = treatment.trials.iter().map(|trial| &trial.record.end);
        let ended = ends.filter(|end| **end != End::Interrupted).count();
        (ended >= planned).then(|| step(treatment))
    };
    plan.growth.is_some() && plan.grow(ended)
}

/// How a volume ended, all SLOs together.
fn step(treatment: &TreatmentFindings) -> Step {
    if treatment.valid().next().is_none() {
        Step::Unusable
    } else if treatment.verdicts.contains(&Verdict::Broken) {
        Step::Broken
    } else if treatment.verdicts.contains(&Verdict::Undecided) {
        Step::Undecided
    } else {
        Step::Held
    }
}

/// Whether every trial is done, those too that have not been planned yet.
pub fn is_through(plan: &Plan, findings: &Findings) -> bool {
    let ends: Vec<&End> = findings.trials().map(|trial| &trial.record.end).collect();
    let done = ends.len() == plan.trials.len() && !ends.contains(&&End::Interrupted);
    done && !extend(&mut plan.clone(), findings)
}

/// Writes down what a plan has grown to.
pub fn save(plan: &Plan, world: &World, folder: &Folder, manifest: &mut Manifest) -> Result<(), DriverError> {
    folder.write_plan(&plan_rows(plan))?;
    manifest.treatments = treatment_lines(plan);
    manifest.clients = world.client_configurations(plan);
    Ok(folder.write_manifest(manifest)?)
}

/// The rows of `plan.csv`.
pub fn plan_rows(plan: &Plan) -> Vec<PlanRow> {
    let row = |trial: &PlannedTrial| PlanRow {
        order: trial.order,
        block: trial.block,
        treatment: plan.treatments[trial.treatment].slug.clone(),
        repetition: trial.repetition,
        seed: trial.seed,
    };
    plan.trials.iter().map(row).collect()
}
