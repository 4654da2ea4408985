//! A plan that grows by what its trials show: from records to how each volume ended, and to the trials that follow from it.

use super::manifest::treatment_lines;
use super::{DriverError, World};
use crate::analyse::{Findings, told};
use crate::plan::{Plan, PlannedTrial};
use crate::record::{End, Folder, Manifest, PlanRow, SloLine};

/// Adds the next round to a growing plan; false where nothing is to be added, or not yet.
pub fn extend(plan: &mut Plan, findings: &Findings) -> bool {
    if plan.growth.is_none() {
        return false;
    }
    let slos: Vec<SloLine> = plan.slos.iter().map(SloLine::from).collect();
    let ended = |order: u32, slug: &str| {
        let trial = findings.trial(order).filter(|trial| trial.record.treatment == slug)?;
        (trial.record.end != End::Interrupted).then(|| told(&slos, trial))
    };
    plan.grow(ended)
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
