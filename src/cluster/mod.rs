//! The brokers: started by bench or there already, asked and told through one door.

mod admin;
mod artifacts;
mod broker;
mod brokers;
mod cgroups;
pub mod child;
mod clean;
mod clients;
mod configs;
mod described;
mod distance;
mod engine;
#[cfg(test)]
pub mod faked;
mod heard;
mod marked;
mod numbered;
mod offsets_topic;
mod patience;
mod process_group;
mod properties;
mod quorum;
mod registry;
mod release;
mod request;
mod servers;
mod share;
mod stood;
mod talk;
mod topics;
mod work;

use std::path::PathBuf;

pub use admin::{Admin, Met, Place};
pub use artifacts::{cache_folder, state_folder};
pub use broker::{Broker, BrokerFiles, BrokerSpec, Coming, Faces};
pub use brokers::Brokers;
pub use cgroups::remove_group;
pub use clean::{Cleaned, Forget, clean};
pub use clients::{ClientSettings, Kind, default_of, effective, refusal, resolved, wrong_property};
pub use described::{Described, DescribedMember, describe_by};
pub use distance::{Allowance, Carried, Cut, Distance, Held, Profile, Way};
pub use engine::{Engine, EngineError, Image, Service};
pub use heard::{Heard, Weight, certificate_hint, is_refusal};
pub use marked::{RUN, kill_marked, marked};
pub use numbered::{all_of, by_number};
pub use offsets_topic::{Commit, commit};
pub use patience::patience;
pub use process_group::ProcessGroup;
pub use properties::OWN;
pub use quorum::controller;
pub use registry::{RunEntry, known_runs, process_started};
pub use release::{Release, Spoken};
pub use servers::Servers;
pub use share::ShareOffsets;
pub use stood::{NotRestored, Stood, restore_what_is_left};
pub use talk::Talk;
pub use work::work_folder;

/// What went wrong with the brokers.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// A program is not installed.
    #[error("`{program}` is not installed; install `{package}`")]
    Missing {
        /// What was called.
        program: &'static str,
        /// What brings it, on Debian.
        package: &'static str,
    },
    /// `KAFKA_HOME` is no Kafka.
    #[error("no Kafka in `{}`; `KAFKA_HOME` must hold `libs/kafka_2.*.jar`", path.display())]
    NoJars {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Neither `HOME` nor the folder's own variable is set.
    #[error(
        "neither `HOME` nor `{variable}` holds an absolute path; set `HOME`, or `XDG_CACHE_HOME` and `XDG_STATE_HOME`"
    )]
    NoHome {
        /// The folder's own.
        variable: &'static str,
    },
    /// Nothing can be run from where a broker would unpack its codecs.
    #[error(
        "`{}` is mounted `noexec`: a broker there could load no native codec, and batches in zstd, snappy or lz4 would be lost; name another folder with `--work DIR`",
        path.display()
    )]
    NoExec {
        /// The folder, or what there is of it.
        path: PathBuf,
    },
    /// A broker's logs would not fit.
    #[error("`{}` has {has} left, and the broker's logs of one trial take {needs}; name another folder with `--work DIR`", path.display())]
    NoRoom {
        /// The folder, or what there is of it.
        path: PathBuf,
        /// What is free there.
        has: crate::units::Bytes,
        /// What is needed at the least.
        needs: crate::units::Bytes,
    },
    /// Maven did not bring the artifacts.
    #[error("Apache Kafka {version} could not be fetched: {reason}")]
    Fetch {
        /// The version asked for.
        version: String,
        /// Maven's words.
        reason: String,
    },
    /// Somebody asked to stop.
    #[error("stopped while the broker was being fetched or started")]
    Stopped,
    /// A file or folder could not be used.
    #[error("`{}` cannot be used: {source}", path.display())]
    Files {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The broker that bench started is no good.
    #[error("the broker {what}; the last lines of its log:\n{log_tail}")]
    Broker {
        /// What it did.
        what: &'static str,
        /// The end of its log.
        log_tail: String,
    },
    /// A variable that a property refers to is not set.
    #[error("{reason}")]
    Secret {
        /// Which one.
        reason: String,
    },
    /// A client could not be made.
    #[error("a client could not be made: {reason}")]
    Client {
        /// librdkafka's words.
        reason: String,
    },
    /// The cluster would not make a topic.
    #[error("a topic as it is asked for would be refused: {reason}")]
    Topic {
        /// A broker's words.
        reason: String,
        /// Whether what was asked for is at fault, and not who asked or what was in the way.
        of_the_file: bool,
    },
    /// Nobody answers, or nobody lets bench in.
    #[error("no broker at `{servers}` serves bench: {reason}")]
    Unreachable {
        /// Where.
        servers: String,
        /// librdkafka's words.
        reason: String,
    },
    /// The cluster would not.
    #[error("{what}: {reason}")]
    Refused {
        /// What was asked.
        what: String,
        /// Its words.
        reason: String,
    },
}
