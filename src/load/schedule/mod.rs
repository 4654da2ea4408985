//! When each message is due, and whose it is. Pure: no clock, no sleep.

mod arrivals;
mod bursts;
mod pacer;

pub use arrivals::DueTimes;
pub use pacer::Pacer;
