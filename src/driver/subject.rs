//! What one trial is about.

use crate::consumers::emulation::EmulatedMachine;
use crate::plan::Treatment;
use crate::spec::Machine;

/// What a trial is about.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The treatment.
    pub treatment: &'a Treatment,
    /// Its own name, unique among all runs: its groups' names end in it, and so is its topic named where it has one of its own.
    pub name: String,
    /// Its topic.
    pub topic: String,
    /// Number of the trial, for the envelope.
    pub number: u64,
    /// The schedule follows from it.
    pub seed: u64,
    /// Leave topic and group.
    pub keep: bool,
}

impl Subject<'_> {
    /// What an instance of a type is emulated on.
    pub fn emulated(&self, machine: Machine) -> EmulatedMachine {
        EmulatedMachine::new(machine, self.treatment.settings.emulation)
    }
}
