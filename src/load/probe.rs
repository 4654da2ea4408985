//! Whether a client can write at all: one message through each partition, by the fleet's own client and with its own acks, before anything is measured.

use std::time::Duration;

use super::asked::Client;
use super::attempt::Attempt;
use super::heavy;
use super::light;
use crate::cluster::patience;

/// Why a client gets no ack for what it writes, which it may be told again and again; `None` where it gets one.
pub fn why_not(client: &Client, attempt: &Attempt<'_>) -> Option<String> {
    match client {
        Client::Librdkafka(config) => heavy::why_not(config, attempt),
        Client::Light(config, name) => light::try_out(config, name, attempt, WHY_WITHIN).err(),
    }
}

/// A client that has not written to the one partition of a new topic by then will not.
const WITHIN: Duration = Duration::from_secs(15);
/// The same of one that was connected a moment ago.
const WHY_WITHIN: Duration = Duration::from_secs(5);

/// Writes what is to be written; else the first reason that mattered why it cannot be, in the broker's words.
pub fn try_out(client: &Client, attempt: &Attempt<'_>) -> Result<(), String> {
    let within = patience(WITHIN, attempt.partitions.len());
    match client {
        Client::Librdkafka(config) => heavy::try_out(config, attempt, within),
        Client::Light(config, name) => light::try_out(config, name, attempt, within),
    }
}
