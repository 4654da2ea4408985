//! The producer fleets.
