//! The consumers under test.
