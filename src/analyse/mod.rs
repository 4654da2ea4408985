//! Records in, findings out; pure.
