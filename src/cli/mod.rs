//! The command line.

pub mod consumer;
