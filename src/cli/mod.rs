//! The command line.

pub mod check;
pub mod plan;
pub mod schema;
