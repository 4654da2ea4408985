//! What a run has come to so far: every trial judged once, and the tables that are made of all.
//!
//! A trial is judged by what its folder says, not by what the driver has in memory: what a report says any later day is what is said now. Series and
//! histograms are dropped with that, so that the thousandth trial takes no longer than the tenth.

use crate::analyse::{self, Findings, TrialFindings};
use crate::record::{Folder, Manifest, Run, SavedTrial, StoreError};

/// What a run has come to so far.
#[derive(Clone, Debug, Default)]
pub struct SoFar {
    findings: Findings,
}

impl SoFar {
    /// Of a run that is gone on with.
    pub fn of(run: &Run) -> Result<Self, StoreError> {
        Ok(SoFar { findings: Findings::from_run(run)? })
    }

    /// What it says, as of the last trial that was added or the last time it was summed up.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Judges a trial that was saved, and puts it with the others.
    pub fn add(&mut self, folder: &Folder, manifest: &Manifest, trial: &str) -> Result<(), StoreError> {
        let read = |trial: &str| TrialFindings::read(manifest, &SavedTrial::load(folder.trial(trial))?);
        let one = read(trial)?;
        let order = one.record.order;
        let mut all = std::mem::take(&mut self.findings).into_trials();
        let at = all.partition_point(|known| known.record.order < order);
        if all.get(at).is_some_and(|known| known.record.order == order) {
            // Done anew: which trial of its treatment a figure shows may be another one now, and only the one shown has kept what it shows.
            for known in all.iter_mut().filter(|known| known.record.treatment == one.record.treatment) {
                *known = read(&known.record.trial)?;
            }
        } else {
            all.insert(at, one);
        }
        self.findings = Findings::of(manifest, all);
        Ok(())
    }

    /// Sums up anew, after the manifest has changed.
    pub fn sum_up(&mut self, manifest: &Manifest) {
        let trials = std::mem::take(&mut self.findings).into_trials();
        self.findings = Findings::of(manifest, trials);
    }

    /// Writes `trials.csv`, `treatments.csv`, `groups.csv` where there are groups, `events.csv` where there are events, and `searches.csv` where something was searched.
    pub fn write_tables(&self, folder: &Folder, manifest: &Manifest) -> Result<(), StoreError> {
        analyse::tables(manifest, &self.findings)
            .iter()
            .try_for_each(|(name, table)| folder.write_table(name, table))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::books::InstanceSecond;
    use crate::record::testing::{Synthetic, manifest};
    use crate::record::{Beside, End, PlanRow};

    /// A folder with a plan of two treatments, and none of its trials.
    fn begun(out: &std::path::Path) -> (Folder, Manifest) {
        let folder = Folder::create(out, "demo", UNIX_EPOCH, "abcd").unwrap();
        let manifest = manifest(&["a", "b"]);
        folder.write_manifest(&manifest).unwrap();
        let row = |order: u32| PlanRow {
            order,
            block: 1,
            treatment: treatment(order).to_owned(),
            repetition: order,
            seed: 7,
        };
        folder.write_plan(&(1..=6).map(row).collect::<Vec<_>>()).unwrap();
        (folder, manifest)
    }

    fn treatment(order: u32) -> &'static str {
        if order.is_multiple_of(2) { "b" } else { "a" }
    }

    /// Saves a trial whose one emulated instance was seen for a second, if it came so far.
    fn save(folder: &Folder, order: u32, end: End) -> String {
        let made = Synthetic {
            order,
            repetition: order,
            treatment: treatment(order).to_owned(),
            processed: 240 + u64::from(order),
            ..Synthetic::default()
        };
        let seconds = [InstanceSecond { used_vcpus: f64::from(order), ..InstanceSecond::default() }];
        let instances = if matches!(end, End::Failed(_)) { &[][..] } else { &seconds[..] };
        let record = crate::record::TrialRecord { end, ..made.record() };
        let beside = Beside { instances, ..Beside::default() };
        folder.save(&record, (&made.latencies(), &made.rows(), &[]), beside).unwrap();
        record.trial
    }

    fn tables(folder: &Folder) -> Vec<String> {
        ["trials.csv", "treatments.csv"]
            .into_iter()
            .map(|name| fs::read_to_string(folder.path().join(name)).unwrap())
            .collect()
    }

    #[test]
    fn what_is_judged_trial_by_trial_is_what_the_whole_run_says() {
        let out = tempfile::tempdir().unwrap();
        let (folder, manifest) = begun(out.path());
        let mut so_far = SoFar::default();
        let failed = || End::Failed("no broker".to_owned());
        // As after a resumption: earlier ones come later, and some are done anew.
        let saved = [
            (1, End::Interrupted),
            (3, failed()),
            (2, End::Completed),
            (5, End::Interrupted),
            (1, failed()),
            (4, End::Completed),
            (3, End::Completed),
            (1, End::Completed),
        ];
        for (order, end) in saved {
            let trial = save(&folder, order, end);
            so_far.add(&folder, &manifest, &trial).unwrap();
            let whole = SoFar::of(&Run::load(folder.path()).unwrap()).unwrap();
            assert_eq!(format!("{so_far:?}"), format!("{whole:?}"), "after {trial}");
            so_far.write_tables(&folder, &manifest).unwrap();
            let by_trial = tables(&folder);
            whole.write_tables(&folder, &manifest).unwrap();
            assert_eq!(by_trial, tables(&folder));
        }
        assert_eq!(so_far.findings().trials().count(), 5);
    }

    #[test]
    fn a_trial_is_read_once_however_many_follow() {
        let out = tempfile::tempdir().unwrap();
        let (folder, manifest) = begun(out.path());
        let mut so_far = SoFar::default();
        for order in 1..=6 {
            let trial = save(&folder, order, End::Completed);
            so_far.add(&folder, &manifest, &trial).unwrap();
            so_far.write_tables(&folder, &manifest).unwrap();
            fs::remove_dir_all(folder.trial(&trial)).unwrap();
        }
        assert_eq!(tables(&folder)[0].lines().count(), 1 + 6);
    }

    #[test]
    fn a_treatment_that_the_plan_has_grown_by_is_there_once_it_is_summed_up() {
        let out = tempfile::tempdir().unwrap();
        let (folder, mut manifest) = begun(out.path());
        let mut so_far = SoFar::default();
        so_far.add(&folder, &manifest, &save(&folder, 1, End::Completed)).unwrap();
        manifest.treatments = crate::record::testing::manifest(&["a", "b", "c"]).treatments;
        so_far.sum_up(&manifest);
        let slugs: Vec<&str> = so_far.findings().treatments.iter().map(|one| one.slug.as_str()).collect();
        assert_eq!(slugs, ["a", "b", "c"]);
        assert_eq!(so_far.findings().trials().count(), 1);
    }
}
