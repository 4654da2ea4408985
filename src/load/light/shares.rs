//! Asks about a share group, over the wire of the light producers: librdkafka knows none of these requests.

use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::protocol::StrBytes;
use tokio::runtime::Runtime;

use super::config::LightConfig;
use super::releases::{dial, spoken_by};
use super::wire::{self, Ready, exchange};
use crate::books::Topics;
use crate::cluster::{Described, ShareOffsets};
use crate::load::words::error_words;

/// Why nothing is told of a share group.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// The brokers know no such groups.
    #[error("the brokers tell nothing of share groups (KIP-932): Kafka does from 4.2 on")]
    Unknown,
    /// Nobody answered, or the answer was no.
    #[error("{0}")]
    Refused(String),
}

impl From<String> for ShareError {
    fn from(words: String) -> Self {
        ShareError::Refused(words)
    }
}

/// Asks the coordinator of one share group, on one connection that is kept.
#[derive(Debug)]
pub struct ShareAsker {
    config: LightConfig,
    group: String,
    client: StrBytes,
    runtime: Runtime,
    coordinator: Option<Coordinator>,
}

#[derive(Debug)]
struct Coordinator {
    link: Ready,
    /// In which offsets are asked for.
    offsets: i16,
}

impl ShareAsker {
    /// Nothing is asked yet.
    pub(in crate::load) fn new(config: LightConfig, group: &str) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(ShareAsker {
            config,
            group: group.to_owned(),
            client: StrBytes::from_static_str("bench-control"),
            runtime: runtime.map_err(|error| error.to_string())?,
            coordinator: None,
        })
    }

    /// The group, with the partitions of these topics by their numbers; none where there is none of that name.
    pub fn describe(&mut self, topics: &Topics, within: Duration) -> Result<Option<Described>, ShareError> {
        let (client, group) = (self.client.clone(), self.group.clone());
        let ask = |request: &mut Vec<u8>, _| wire::describe_share(request, &client, &group);
        self.ask(within, ask, |frame, _| wire::read_described(frame, topics))
    }

    /// Where the group begins in the partitions of these topics, by their numbers.
    pub fn offsets(&mut self, topics: &Topics, within: Duration) -> Result<ShareOffsets, ShareError> {
        let (client, group) = (self.client.clone(), self.group.clone());
        let ask = |request: &mut Vec<u8>, version| wire::share_offsets(request, version, &client, &group);
        self.ask(within, ask, |frame, version| wire::read_offsets(frame, version, topics))
    }

    /// Has the group begin where its topics do, as long as nothing is done yet; by default it begins where somebody fetches first, and passes over what was sent before.
    pub fn begin_at_the_start(&mut self, within: Duration) -> Result<(), ShareError> {
        self.set_begin(Some("earliest"), within)
    }

    /// Takes that setting away.
    pub fn forget_begin(&mut self, within: Duration) -> Result<(), ShareError> {
        self.set_begin(None, within)
    }

    fn set_begin(&mut self, begin: Option<&'static str>, within: Duration) -> Result<(), ShareError> {
        let (client, group) = (self.client.clone(), self.group.clone());
        let ask = |request: &mut Vec<u8>, _| wire::set_share_begin(request, &client, &group, begin);
        self.ask(within, ask, |frame, _| wire::read_share_set(frame))
    }

    /// One question and its answer. Whatever is wrong, the coordinator is looked for again next time: it may be another by then.
    fn ask<T>(
        &mut self,
        within: Duration,
        question: impl FnOnce(&mut Vec<u8>, i16) -> bool,
        read: impl FnOnce(&[u8], i16) -> Option<Result<T, i16>>,
    ) -> Result<T, ShareError> {
        let known = self.coordinator.take();
        let all = async {
            let mut coordinator = match known {
                Some(known) => known,
                None => find(&self.config, &self.client, &self.group).await?,
            };
            let mut request = Vec::new();
            question(&mut request, coordinator.offsets);
            let frame = exchange(&mut coordinator.link.stream, &request).await?;
            match read(&frame, coordinator.offsets) {
                Some(Ok(answer)) => Ok((answer, coordinator)),
                Some(Err(code)) => Err(ShareError::Refused(error_words(code.into()))),
                None => Err(ShareError::Refused("the broker's answer cannot be read".to_owned())),
            }
        };
        // Dialling wants a set of its own.
        let local = tokio::task::LocalSet::new();
        let ended = local.block_on(&self.runtime, async { tokio::time::timeout(within, all).await });
        let (answer, coordinator) = ended.unwrap_or_else(|_| Err("no answer in time".to_owned().into()))?;
        self.coordinator = Some(coordinator);
        Ok(answer)
    }
}

/// A connection to whoever coordinates the group, who must know what share groups are.
async fn find(config: &LightConfig, client: &StrBytes, group: &str) -> Result<Coordinator, ShareError> {
    let mut first = dial(config, config.servers.clone(), client).await?;
    let offsets = wire::offsets_version(&spoken_by(&mut first, client).await?).ok_or(ShareError::Unknown)?;
    let mut request = Vec::new();
    wire::find_coordinator(&mut request, client, group);
    let frame = exchange(&mut first.stream, &request).await?;
    let at = match wire::read_coordinator(&frame) {
        Some(Ok(at)) => at,
        Some(Err(code)) => return Err(format!("no coordinator: {}", error_words(code.into())).into()),
        None => return Err("the broker's answer cannot be read".to_owned().into()),
    };
    if *first.address == at {
        return Ok(Coordinator { link: first, offsets });
    }
    Ok(Coordinator { link: dial(config, vec![Arc::new(at)], client).await?, offsets })
}
