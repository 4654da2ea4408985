//! What one trial is about.

use crate::books::Topics;
use crate::consumers::emulation::EmulatedMachine;
use crate::plan::Treatment;
use crate::spec::{Machine, Topic};
use crate::units::Span;

/// What a trial is about.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The treatment.
    pub treatment: &'a Treatment,
    /// Its own name, unique among all runs: its groups' names end in it, and so is its topic named where it has one of its own.
    pub name: String,
    /// Its topics, as they are when it begins.
    pub topics: Topics,
    /// The same with the partitions that are added while it runs.
    pub grown: Topics,
    /// Number of the trial, for the envelope.
    pub number: u64,
    /// The schedule follows from it.
    pub seed: u64,
    /// Whether instances tell when they processed messages.
    pub tells_busy: bool,
    /// How soon after it was due a message must be processed to come in time; none where nobody asks.
    pub in_time: Option<Span>,
    /// Leave topic and group.
    pub keep: bool,
}

impl Subject<'_> {
    /// What an instance of a type is emulated on.
    pub fn emulated(&self, machine: Machine) -> EmulatedMachine {
        EmulatedMachine::new(machine, self.treatment.settings.emulation)
    }
}

/// The topics of a trial of that name, of which one alone may ever have so many partitions: those that were there before, or its own, whose names begin with that.
pub fn topics((topic, most): (&Topic, u32), name: &str) -> Topics {
    if !topic.is_own() {
        return Topics::new(topic.existing.iter().map(|one| (one.name.clone(), one.partitions)));
    }
    match topic.count {
        0 | 1 => Topics::one(name, most),
        count => Topics::new((0..count).map(|number| (format!("{name}-{number}"), topic.of_each()))),
    }
}
