//! The consumers under test: what runs them, what they say, and what is made of it.
//!
//! A backend deploys the instances and passes on the lines that they write; `Gathered` adds the lines up. The reference consumer is the other end of
//! those lines, in the same binary: `bench consumer`.

mod backend;
mod commit;
mod config;
mod containers;
mod cuts;
pub mod emulation;
mod external;
mod fetched;
mod gather;
mod generation;
mod happened;
mod ledger;
mod line;
mod live;
mod member;
mod output;
mod own_program;
mod process;
mod program;
mod readiness;
mod reference;
mod sequences;
mod spans;
mod spent;
mod standing;
mod started;
mod surroundings;
mod throttle;
mod told;
mod trouble;
mod try_out;
mod work;

pub use backend::{
    Act, Backend, BackendError, DeployedInstance, Emulated, Event, Exit, Launch, OutOfMemory, Said, Slow,
    Watched,
};
pub use config::{BadConfig, Config, FRUGAL, WorkConfig, effective_properties};
pub use containers::{AskedContainers, ContainerKind, Containers};
pub use external::External;
pub use gather::{Gathered, MemberSpent};
pub use happened::{Complaint, Happening, Rebalance};
pub use line::{Fresh, Line, Report, ToldQuarters};
pub use output::Output;
pub use process::Process;
pub use program::{Asked, Program};
pub use reference::{ConsumerError, envelope_of, run};
pub use spans::{Gap, Spans};
pub use standing::Standing;
pub use surroundings::Surroundings;
pub use trouble::Trouble;
pub use try_out::try_out;
pub use work::{Worker, Workplace};
