//! What one saved trial says, all of it: the record, whether it is to be believed, what it cost, and when its credits ran out.

use super::cost::Cost;
use super::credits;
use super::judge::{Judged, judge_groups};
use super::knee::{Knee, knee};
use super::outcome::Outcome;
use super::reading::Reading;
use crate::books::InstanceSecond;
use crate::record::{Manifest, SavedTrial, StoreError, TrialRecord};

/// What one saved trial says.
#[derive(Clone, Debug)]
pub struct TrialFindings {
    /// What it left behind.
    pub record: TrialRecord,
    /// Whether it is to be believed, and every metric.
    pub judged: Judged,
    /// What it cost; none where that cannot be said.
    pub cost: Option<Cost>,
    /// When credits ran out in it; none where they lasted.
    pub knee: Option<Knee>,
    /// What its emulated instances did, second by second: kept of the one trial of a treatment that a figure shows, empty in all others.
    pub seconds: Vec<InstanceSecond>,
}

impl TrialFindings {
    /// Judges a trial from its folder.
    pub fn read(manifest: &Manifest, saved: &SavedTrial) -> Result<Self, StoreError> {
        let further = saved.further_groups()?;
        let judged = judge_groups(&saved.record, &saved.rows, &saved.latencies()?, &further);
        let seconds = saved.instances()?;
        let knee = saved.record.emulated.iter().find_map(|group| knee(group, &seconds));
        let whole = TrialFindings::with_knee(manifest, saved.record.clone(), judged, knee);
        Ok(TrialFindings { seconds, ..whole })
    }

    /// Prices one that is judged already.
    pub fn of(manifest: &Manifest, record: TrialRecord, judged: Judged) -> Self {
        TrialFindings::with_knee(manifest, record, judged, None)
    }

    fn with_knee(manifest: &Manifest, record: TrialRecord, mut judged: Judged, knee: Option<Knee>) -> Self {
        let cost = Cost::of(&record, &judged, manifest, &manifest.prices);
        judged.price(cost.as_ref(), knee.as_ref());
        credits::doubt(&record, &mut judged, knee.as_ref());
        TrialFindings { record, judged, cost, knee, seconds: Vec::new() }
    }

    /// Whether it counts.
    pub fn is_valid(&self) -> bool {
        self.judged.outcome == Outcome::Valid
    }

    /// A metric's value by its name.
    pub fn metric(&self, name: &str) -> Reading {
        self.judged.metric(name)
    }
}
