//! Tests of what records come to as a whole.

mod backlogs;
mod growth;

use super::{TrialFindings, judge};
use crate::record::testing::{Synthetic, manifest};

/// A trial that processed so much in each quarter second; one that is doubtful is so for a rebalance.
pub fn trial(repetition: u32, processed: u64, doubtful: bool) -> TrialFindings {
    let trial = Synthetic { order: repetition, repetition, processed, ..Synthetic::default() };
    let mut record = trial.record();
    record.rebalances = u32::from(doubtful);
    let judged = judge(&record, &trial.rows(), &trial.latencies());
    TrialFindings::of(&manifest(&["a"]), record, judged)
}
