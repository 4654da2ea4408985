//! What makes one doubt a plan before anything runs: it can be carried out, and may not tell what is asked.

use std::fmt;

use serde::Serialize;

/// A reason to expect less of a run than its file asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanDoubt {
    /// Its name, such as `slo_undecidable`.
    pub id: &'static str,
    /// What is doubted and why, one sentence.
    pub what: String,
    /// What would help.
    pub hint: Option<String>,
    /// Slugs of the treatments that it is about.
    pub treatments: Vec<String>,
}

impl fmt::Display for PlanDoubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "doubt: {}", self.what)?;
        if self.treatments != ["base"] {
            write!(f, ": {}", self.treatments.join(" "))?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\n    hint: {hint}"),
            None => Ok(()),
        }
    }
}
