//! What was written: the experiment file, read into a tree that keeps places, and checked in full.

mod document;
mod factors;
mod form;
pub mod light;
mod path;
mod read;
pub mod secrets;
mod settings;
mod slo;

pub use document::{DEFAULT_SEED, Document, Experiment, Overrides};
pub use factors::{Factor, Level};
pub use form::{EXPERIMENT, Form, Key};
pub use path::{did_you_mean, short_name};
pub use settings::{
    Amount, Arrivals, Client, Cluster, Consumers, Fleet, Message, Phases, Properties, Settings, Topic,
    Volume, Work, Workload,
};
pub use slo::{Comparison, Measure, Slo};
