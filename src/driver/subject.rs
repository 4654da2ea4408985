//! What one trial is about.

use crate::plan::Treatment;

/// What a trial is about.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The treatment.
    pub treatment: &'a Treatment,
    /// Its topic; the group's name ends in it too.
    pub topic: String,
    /// Number of the trial, for the envelope.
    pub number: u64,
    /// The schedule follows from it.
    pub seed: u64,
    /// Leave topic and group.
    pub keep: bool,
}
