//! What happened: the file format of the results folder. Everything said later is made from this alone.

pub mod series;
mod trial;

pub use trial::{Asked, End, FORMAT, HostUse, ProcessUse, TrialRecord};
