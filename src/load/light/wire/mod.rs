//! What goes over a light producer's connections: dialling, frames, requests and answers, login. It knows nothing of producers or batches.

mod dial;
mod frame;
mod link;
mod outbox;
mod produce;
mod request;
mod sasl;
mod scram;
mod share;
mod stream;
mod targets;
mod tls;

pub use dial::{Address, Dial, Gate, Hindrance, Ready, SocketOptions};
pub use frame::correlation;
pub use link::{Inbox, LinkId, Told, run};
pub use outbox::Outbox;
pub use produce::{ProduceTo, Produced, produce, read_produced, read_refusal};
pub use request::{
    Answer, BrokerAt, Identity, PartitionAt, Versions, api_versions, first_api_versions, init_producer,
    metadata, read_identity, read_metadata, read_spoken,
};
pub use sasl::{Login, Mechanism};
pub use share::{
    describe as describe_share, find_coordinator, offsets as share_offsets, offsets_version,
    read_coordinator, read_described, read_offsets, read_set as read_share_set, set_begin as set_share_begin,
};
pub use stream::exchange;
pub use targets::Targets;
pub use tls::{Hostname, Tls, TlsFiles, Trust, connector};
