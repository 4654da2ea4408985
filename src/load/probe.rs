//! Whether a client can write at all: one message through each partition, by the fleet's own client and with its own acks, before anything is measured.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::asked::Client;
use super::attempt::{Attempt, Refusal};
use super::heavy;
use super::light::{self, LightConfig, ShareAsker};
use crate::cluster::{Release, Spoken, patience};

/// Why a client gets no ack for what it writes, which it may be told again and again; `None` where it gets one and no broker had refused it before.
pub fn why_not(client: &Client, attempt: &Attempt<'_>) -> Option<Refusal> {
    match client {
        Client::Librdkafka(config) => heavy::why_not(config, attempt),
        Client::Light(config, name) => light::why_not(config, name, attempt, WHY_WITHIN),
    }
}

/// Within which all brokers of a cluster say what they are.
const SAID_WITHIN: Duration = Duration::from_secs(10);

/// The release of Kafka that each of these brokers is of, each distinct one once, the oldest first; or why one does not say it. Properties are a client's, with
/// the environment's values in them.
pub fn releases(
    brokers: &[(String, u16)],
    properties: &BTreeMap<String, String>,
) -> Result<BTreeSet<Release>, String> {
    let servers: Vec<String> = brokers.iter().map(|(host, port)| format!("{host}:{port}")).collect();
    let config = reaching(&servers.join(","), properties)?;
    let spoken = light::spoken(&config, brokers, SAID_WITHIN)?;
    Ok(spoken.iter().filter_map(Spoken::release).collect())
}

/// Whoever asks about a share group of that name, on these servers. Properties are a client's, with the environment's values in them.
pub fn asker_of_shares(
    (servers, properties): (&str, &BTreeMap<String, String>),
    group: &str,
) -> Result<ShareAsker, String> {
    ShareAsker::new(reaching(servers, properties)?, group)
}

/// Of what a client is told only how it reaches a broker.
fn reaching(servers: &str, properties: &BTreeMap<String, String>) -> Result<LightConfig, String> {
    let reaches = |name: &&String| REACHING.iter().any(|start| name.starts_with(start));
    let properties = properties.iter().filter(|(name, _)| reaches(name));
    let properties = properties.map(|(name, value)| (name.clone(), value.clone())).collect();
    LightConfig::read(servers, &properties)
}

/// How the properties begin by which a client reaches a broker.
const REACHING: [&str; 5] = ["security.", "ssl.", "sasl.", "socket.", "enable.ssl."];

/// A client that has not written to the one partition of a new topic by then will not.
const WITHIN: Duration = Duration::from_secs(15);
/// The same of one that was connected a moment ago.
const WHY_WITHIN: Duration = Duration::from_secs(5);

/// Writes what is to be written; else the first reason that mattered why it cannot be, in the broker's words.
pub fn try_out(client: &Client, attempt: &Attempt<'_>) -> Result<(), String> {
    let within = patience(WITHIN, attempt.partitions.len());
    match client {
        Client::Librdkafka(config) => heavy::try_out(config, attempt, within),
        Client::Light(config, name) => {
            light::try_out(config, name, attempt, within).map_err(|refusal| refusal.words)
        }
    }
}
