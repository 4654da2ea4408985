//! Says what the records mean.
