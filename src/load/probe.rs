//! Whether a client can write at all: one message through each partition, by the fleet's own client and with its own acks, before anything is measured.

use std::time::Duration;

use super::asked::Client;
use super::attempt::Attempt;
use super::heavy;
use super::light;

/// A client that has not written by then will not.
pub const WITHIN: Duration = Duration::from_secs(15);

/// Writes what is to be written; else the first reason that mattered why it cannot be, in the broker's words.
pub fn try_out(client: &Client, attempt: &Attempt<'_>) -> Result<(), String> {
    match client {
        Client::Librdkafka(config) => heavy::try_out(config, attempt, WITHIN),
        Client::Light(config, name) => light::try_out(config, name, attempt, WITHIN),
    }
}
