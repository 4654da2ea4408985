//! Asks each broker what it is, over the wire of the light producers, since librdkafka keeps the answer to itself.

use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::protocol::StrBytes;

use super::config::LightConfig;
use super::wire::{self, Address, Dial, Gate, Ready, exchange};
use crate::cluster::Spoken;
use crate::timeline::Clock;

/// What each of the brokers at these addresses says of itself; or the first reason why one does not.
pub fn spoken(
    config: &LightConfig,
    brokers: &[(String, u16)],
    within: Duration,
) -> Result<Vec<Spoken>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let local = tokio::task::LocalSet::new();
    let all = async {
        let mut all = Vec::new();
        for broker in brokers {
            all.push(ask(config, Arc::new(broker.clone())).await?);
        }
        Ok(all)
    };
    let ended = local.block_on(&runtime, async { tokio::time::timeout(within, all).await });
    runtime.shutdown_background(); // a name that is being looked up is waited for by nobody
    ended.unwrap_or_else(|_| Err("no answer in time".to_owned()))
}

async fn ask(config: &LightConfig, broker: Address) -> Result<Spoken, String> {
    let client = StrBytes::from_static_str("bench-control");
    spoken_by(&mut dial(config, vec![broker], &client).await?, &client).await
}

/// A connection to any of the brokers at these addresses.
pub(super) async fn dial(
    config: &LightConfig,
    addresses: Vec<Address>,
    client: &StrBytes,
) -> Result<Ready, String> {
    let dial = Dial {
        gate: Gate::default(),
        clock: Clock::anchor(),
        addresses,
        client: client.clone(),
        within: config.connect_within,
        socket: config.socket,
        tls: config.tls.clone(),
        login: config.login.clone(),
    };
    dial.connect().await.map_err(|hindrance| hindrance.words)
}

/// What the broker at the other end says of itself.
pub(super) async fn spoken_by(link: &mut Ready, client: &StrBytes) -> Result<Spoken, String> {
    let mut version = wire::first_api_versions();
    loop {
        let mut request = Vec::new();
        wire::api_versions(&mut request, version, client);
        let frame = exchange(&mut link.stream, &request).await?;
        match wire::read_spoken(&frame, version) {
            Some(spoken) => return Ok(spoken),
            None if version > 0 => version = 0,
            None => return Err("the broker's versions cannot be read".to_owned()),
        }
    }
}
