//! One clock.
