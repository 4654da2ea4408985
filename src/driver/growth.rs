//! A plan that grows by what its trials show: from records to how each volume ended, and to the trials that follow from it.

use super::manifest::treatment_lines;
use super::{DriverError, World};
use crate::analyse::{Findings, TreatmentFindings, Verdict};
use crate::plan::{Plan, PlannedTrial, Step};
use crate::record::{End, Folder, Manifest, PlanRow, Run, StoreError, TrialRecord};

/// Adds the next round to a growing plan; false where nothing is to be added, or not yet.
pub fn extend(plan: &mut Plan, run: &Run) -> Result<bool, StoreError> {
    if plan.growth.is_none() {
        return Ok(false);
    }
    let findings = Findings::from_run(run)?;
    let ended = |slug: &str, planned: usize| {
        let treatment = findings.treatments.iter().find(|treatment| treatment.slug == slug)?;
        let of_it = |record: &&TrialRecord| record.treatment == slug && record.end != End::Interrupted;
        let ended = findings.trials().map(|trial| &trial.record).filter(of_it).count();
        (ended >= planned).then(|| step(treatment))
    };
    Ok(plan.grow(ended))
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
pub fn is_through(plan: &Plan, run: &Run) -> Result<bool, StoreError> {
    Ok(run.is_through() && !extend(&mut plan.clone(), run)?)
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
