//! Tests of what plans come to as a whole.

mod baseline;
mod prices;
mod scales;
