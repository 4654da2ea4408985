//! From the sender's thread to the shard's: messages through a ring of bytes, a bell that is rung only for a sleeper, and room in each queue.

mod bell;
mod parcel;
mod room;

pub use bell::Bell;
pub use parcel::{Parcel, Receiving, Sending, parcels};
pub use room::Room;
