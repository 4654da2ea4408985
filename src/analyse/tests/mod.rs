//! Tests of what records come to as a whole.

mod growth;
