//! What was written: the experiment file, read into a tree that keeps places, and checked in full.

pub mod secrets;
mod settings;
mod slo;

pub use settings::{
    Amount, Arrivals, Cluster, Consumers, Fleet, Message, Phases, Properties, Settings, Topic, Work, Workload,
};
pub use slo::{Comparison, Measure, Slo};
