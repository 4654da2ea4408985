//! The referee's checklist: what a reader of a result may ask for, each with what fulfils it in the records, or what is missing and what would. What the
//! boxes ask for, the notes on method say (§8). None is ticked by itself: whatever stands beside a tick was read from this run.

mod analysis;
mod artefact;
mod design;
mod load;
mod measurement;
mod seen;
mod system;
mod written;

pub use written::{document, json};

use super::say::emulated;
use crate::analyse::Findings;
use crate::record::Run;
use seen::Seen;

/// Boxes that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// A name that stays.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// In the order of the notes.
    pub boxes: Vec<Item>,
}

/// One box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What is asked for.
    pub asks: &'static str,
    /// Whether it is there.
    pub state: State,
}

/// Whether what a box asks for is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is: where, and what it says.
    Fulfilled(String),
    /// It is not, or not all of it.
    Missing {
        /// What there is instead.
        found: String,
        /// What would fulfil it.
        would: String,
    },
    /// This run cannot have it.
    NotOf(String),
    /// The records of a run do not tell.
    Untold(String),
}

impl State {
    /// A word for programs.
    pub const fn name(&self) -> &'static str {
        match self {
            State::Fulfilled(_) => "fulfilled",
            State::Missing { .. } => "missing",
            State::NotOf(_) => "does_not_apply",
            State::Untold(_) => "not_in_the_records",
        }
    }

    fn missing(found: impl Into<String>, would: impl Into<String>) -> Self {
        State::Missing { found: found.into(), would: would.into() }
    }

    /// Fulfilled by what was found, or missing.
    fn if_there(found: Option<String>, missing: impl Into<String>, would: impl Into<String>) -> Self {
        found.map_or_else(|| State::missing(missing, would), State::Fulfilled)
    }
}

const fn item(asks: &'static str, state: State) -> Item {
    Item { asks, state }
}

/// All boxes, filled in from a run.
pub fn checklist(run: &Run, findings: &Findings) -> Vec<Group> {
    let seen = Seen::of(run, findings);
    let group = |id, title, boxes| Group { id, title, boxes };
    vec![
        group("design", "Question and design", design::boxes(&seen)),
        group("load", "Load", load::boxes(&seen)),
        group("system", "System", system::boxes(&seen)),
        group("measurement", "Measurement", measurement::boxes(&seen)),
        group("analysis", "Analysis", analysis::boxes(&seen)),
        group("artefact", "Artefact", artefact::boxes(&seen)),
    ]
}

/// The title of the whole: the run's, with what was emulated.
fn title(run: &Run) -> String {
    format!("Referee's checklist: {}{}", run.manifest.experiment, emulated::title(run))
}

#[cfg(test)]
mod tests;
