//! What boxes are filled in from.

use crate::analyse::{Findings, TreatmentFindings, TrialFindings, treatments_table, trials_table};
use crate::plan::{self, Treatment};
use crate::record::{Manifest, Run, TrialRecord};

/// A run, its findings, and what its file asks for.
pub(super) struct Seen<'a> {
    pub(super) run: &'a Run,
    pub(super) manifest: &'a Manifest,
    pub(super) findings: &'a Findings,
    /// What the treatments of the file ask for; empty where this bench cannot read the file any more.
    pub(super) asked: Vec<Treatment>,
    trials: Vec<Vec<String>>,
    treatments: Vec<Vec<String>>,
}

impl<'a> Seen<'a> {
    pub(super) fn of(run: &'a Run, findings: &'a Findings) -> Self {
        let document = run.experiment();
        let plan = document.and_then(|document| plan::compile(&document).ok());
        let asked = plan.map(|plan| plan.treatments).unwrap_or_default();
        let manifest = &run.manifest;
        let (trials, treatments) = (trials_table(manifest, findings), treatments_table(manifest, findings));
        Seen { run, manifest, findings, asked, trials, treatments }
    }

    pub(super) fn trials(&self) -> impl Iterator<Item = &'a TrialFindings> + Clone {
        self.findings.trials()
    }

    pub(super) fn records(&self) -> impl Iterator<Item = &'a TrialRecord> + Clone {
        self.trials().map(|trial| &trial.record)
    }

    pub(super) fn valid(&self) -> impl Iterator<Item = &'a TrialFindings> + Clone {
        self.trials().filter(|trial| trial.is_valid())
    }

    /// The trial with the greatest of these, and what it is; none where one of the valid trials has none, or there are none.
    pub(super) fn worst(&self, of: impl Fn(&TrialFindings) -> Option<f64>) -> Option<(f64, &'a str)> {
        let all: Option<Vec<(f64, &str)>> =
            self.valid().map(|trial| Some((of(trial)?, trial.record.trial.as_str()))).collect();
        all?.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Whether all valid trials, of which there are some, have a value of a metric.
    pub(super) fn has(&self, metric: &str) -> bool {
        let mut all = self.valid().peekable();
        all.peek().is_some() && all.all(|trial| trial.metric(metric).value().is_some())
    }

    /// Whether anybody consumed.
    pub(super) fn consumed(&self) -> bool {
        self.records().any(|record| record.asked.instances.is_some())
    }

    /// Whether any instance was emulated.
    pub(super) fn emulated(&self) -> bool {
        self.records().any(|record| !record.emulated.is_empty())
    }

    /// Whether messages were due at times of their own.
    pub(super) fn is_open(&self) -> bool {
        self.records().all(|record| record.asked.rate_msgs_per_s.is_some())
    }

    /// What each valid trial has in a column of `trials.csv`.
    pub(super) fn of_trials(&self, column: &str) -> Vec<String> {
        let outcomes = cells(&self.trials, "outcome");
        let own = cells(&self.trials, column).into_iter().zip(outcomes);
        own.filter(|(_, outcome)| outcome == "valid").map(|(cell, _)| cell).collect()
    }

    /// What each treatment has in a column of `treatments.csv`, where it has anything.
    pub(super) fn of_treatments(&self, column: &str) -> Vec<String> {
        let mut all = cells(&self.treatments, column);
        all.retain(|cell| !cell.is_empty());
        all
    }

    /// Fewest valid trials of a treatment that was tried.
    pub(super) fn fewest(&self) -> Option<(usize, &'a str)> {
        let tried = self.meant().0.into_iter().filter(|one| !one.trials.is_empty());
        tried.map(|one| (one.valid().count(), one.slug.as_str())).min()
    }

    /// The treatments that the run is told by, and in words where those lie: all of them; of searches, which try each value as often as they must, the bounds.
    pub(super) fn meant(&self) -> (Vec<&'a TreatmentFindings>, &'static str) {
        let findings = self.findings;
        match &findings.searched {
            Some(all) => {
                (all.iter().flat_map(|one| findings.bounds_of(one)).collect(), " at the bounds of searches")
            }
            None => (findings.treatments.iter().collect(), ""),
        }
    }
}

/// A column without its head; nothing where there is none of that name.
fn cells(rows: &[Vec<String>], column: &str) -> Vec<String> {
    let Some((header, rows)) = rows.split_first() else { return Vec::new() };
    let at = header.iter().position(|name| name == column);
    at.map(|at| rows.iter().filter_map(|row| row.get(at).cloned()).collect()).unwrap_or_default()
}

/// `a, b and 3 more`.
pub(super) fn some(all: &[String], most: usize) -> String {
    let told = all.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > most { format!("{told} and {} more", all.len() - most) } else { told }
}
