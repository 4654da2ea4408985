//! `kafka-bench`: evidence for scaling questions about Kafka pipelines.
//!
//! One direction: written → planned → done → recorded → judged → said. Modules stand here by floors, lowest first, and import from lower floors only.

// Floor 1: quantities, one thing wrong, how a rate goes over time, one clock, what is on the wire, what numbers may be said to show.
pub mod alike;
pub mod envelope;
pub mod fault;
pub mod shape;
pub mod stats;
pub mod timeline;
pub mod units;
// Floor 2: what is counted, what was written, what instances are made of, where it breaks.
pub mod books;
pub mod catalogue;
pub mod search;
pub mod spec;
// Floor 3: brokers, what will happen.
pub mod cluster;
pub mod plan;
// Floor 4: the consumers under test, what happened.
pub mod consumers;
pub mod record;
// Floor 5: push, watch, think.
pub mod analyse;
pub mod load;
pub mod observe;
// Floor 6: make it happen, say what it means.
pub mod driver;
pub mod report;
// Floor 7: verbs, progress, exit codes.
pub mod cli;
