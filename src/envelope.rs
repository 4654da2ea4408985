//! What every message carries.

/// Length of the envelope at the head of each payload, in bytes.
pub const BYTES: usize = 36;
