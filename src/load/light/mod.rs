//! Light producers: bench's own client, thousands of whole producers on a thread or two.
//!
//! Written properties → `config`. The sender's messages → `post` → `shard`, where `producer`s gather them into `batch`es and send them over the `wire`.

mod batch;
mod clients;
mod config;
mod fleet;
mod post;
mod producer;
mod releases;
mod shard;
mod shares;
mod try_out;
mod wire;

pub use clients::LightClients;
pub use config::LightConfig;
pub use fleet::{Connected, LightFleet, LightProducer};
pub use producer::{Verdict, verdict};
pub use releases::spoken;
pub use shares::{ShareAsker, ShareError};
pub use try_out::{try_out, why_not};
