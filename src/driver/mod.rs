//! Carries a plan out.
mod shutdown;
pub use shutdown::Shutdown;
