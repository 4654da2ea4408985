//! What instances tell that is no count: partitions that moved, and errors.

use serde::{Deserialize, Serialize};

/// One of both, in the order in which they are learned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happening {
    /// Partitions moved.
    Rebalance(Rebalance),
    /// Something went wrong.
    Complaint(Complaint),
}

impl Happening {
    /// When, Unix ns.
    pub fn at_ns(&self) -> u64 {
        match self {
            Happening::Rebalance(one) => one.at_ns,
            Happening::Complaint(one) => one.at_ns,
        }
    }
}

/// Partitions that came to a member or went from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebalance {
    /// When the line arrived, in Unix nanoseconds.
    pub at_ns: u64,
    /// Which instance.
    pub instance: u32,
    /// Which member of it.
    pub thread: u32,
    /// They came; else they went.
    pub came: bool,
    /// Which.
    pub partitions: Vec<i32>,
}

/// An error that an instance told, or a line of it that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// When it came, Unix ns.
    pub at_ns: u64,
    /// In what words.
    pub text: String,
    /// How often.
    pub times: u64,
}
