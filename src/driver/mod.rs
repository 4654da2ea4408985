//! Carries a plan out.
mod shutdown;
mod settle;
pub use shutdown::Shutdown;
