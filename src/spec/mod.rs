//! What was written: the experiment file, read into a tree that keeps places, and checked in full.

mod alias;
mod backend;
mod backlog;
mod baseline;
mod columns;
mod compose;
mod document;
mod event;
mod factors;
mod files;
mod form;
mod key;
pub mod light;
mod machine;
mod message;
mod metric;
mod network;
mod output;
mod path;
mod read;
pub mod recorded;
mod runs;
pub mod scrape;
mod search;
pub mod secrets;
mod set;
mod settings;
mod slo;
mod split;
mod topic;
mod volume;

pub use alias::canonical;
pub use backlog::Backlog;
pub use baseline::BASELINE;
pub use columns::is_column;
pub use compose::{Compose, PROPERTIES_INSIDE, Patch, RUN_LABEL, TOPICS_INSIDE, VARIABLES};
pub use document::{DEFAULT_SEED, Document, Experiment, GROWN, Overrides, Response};
pub use event::{Deed, Event, How, Reconfigured, Upgrade, When, Which, Whom};
pub use factors::{Factor, Level};
pub use files::COPIES;
pub use form::EXPERIMENT;
pub use key::{Form, Key};
pub use message::{
    Column, Content, EnvelopePlace, Field, FieldKind, Framing, Header, HeaderValue, Keys, Lines, Message,
    NoLines, Order, Size, Template, TemplatePart,
};
pub use metric::{Better, Metric, PROMISED, PROMISED_COSTS, Part, Unit, metrics, place};
pub use network::{ANOTHER_ZONE, Border, Link, MEASURED, NEAR, Network, Role};
pub use output::{Id, Output};
pub use path::{did_you_mean, short_names};
pub use runs::{Command, Container, Ready, Runs, Source, StopSignal, Upkeep};
pub use search::Search;
pub use settings::{
    Amount, Arrivals, Client, Cluster, Consumers, CreditPlan, Disk, Emulation, Fleet, Load, Machine, Model,
    Phases, Priority, Properties, Settings, Transactions, Work, Workload,
};
pub use slo::{Comparison, Slo};
pub use split::Split;
pub use topic::{Existing, OfCluster, Pattern, Reset, Topic};
pub use volume::Volume;
