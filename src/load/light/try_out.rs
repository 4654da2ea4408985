//! Tries whether a light producer can write, and if not, why: over the wire as it goes, one question after the other, with the broker's own sentences.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::protocol::StrBytes;

use super::batch::{self, Batch};
use super::config::LightConfig;
use super::producer::{Verdict, verdict};
use super::wire::{
    self, Address, BrokerAt, Dial, Gate, Hindrance, Identity, PartitionAt, ProduceTo, Ready, Targets,
    exchange,
};
use crate::cluster::{Heard, Weight};
use crate::load::attempt::{Attempt, Refusal, Said};
use crate::load::words::error_words;
use crate::timeline::Clock;

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(100);
/// The number of every request: one is on its way at a time.
const NUMBER: i32 = 1;

/// Writes; else why it could not.
pub fn try_out(
    config: &Arc<LightConfig>,
    name: &str,
    attempt: &Attempt<'_>,
    within: Duration,
) -> Result<(), Refusal> {
    write(config, name, attempt, within, &Heard::default())
}

/// Why it gets no ack; `None` where it gets one and no broker had refused it before.
pub fn why_not(
    config: &Arc<LightConfig>,
    name: &str,
    attempt: &Attempt<'_>,
    within: Duration,
) -> Option<Refusal> {
    let told = Heard::default();
    match write(config, name, attempt, within, &told) {
        Err(refusal) => Some(refusal),
        Ok(()) => Some(Refusal::late(&told)).filter(|refusal| refusal.said == Said::Why),
    }
}

/// Writes, and notes what came in the way and may pass.
fn write(
    config: &Arc<LightConfig>,
    name: &str,
    attempt: &Attempt<'_>,
    within: Duration,
    told: &Heard,
) -> Result<(), Refusal> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Refusal::why(error.to_string()))?;
    let scout = Scout {
        config,
        name: StrBytes::from_string(name.to_owned()),
        targets: Targets::new(attempt.topics.clone()),
        clock: Clock::anchor(),
        gate: Gate::default(),
        told: told.clone(),
    };
    let local = tokio::task::LocalSet::new();
    let ended =
        local.block_on(&runtime, async { tokio::time::timeout(within, scout.write_all(attempt)).await });
    runtime.shutdown_background(); // a name that is being looked up is waited for by nobody
    match ended {
        Ok(said) => said.map_err(Refusal::why),
        Err(_) => Err(Refusal::late(told)),
    }
}

struct Scout<'a> {
    config: &'a Arc<LightConfig>,
    name: StrBytes,
    targets: Targets,
    clock: Clock,
    gate: Gate,
    /// What came in the way and may pass.
    told: Heard,
}

/// Why it does not go on.
enum Trouble {
    /// It will not get better.
    Final(String),
    /// It may.
    Passing(Weight, String),
}

impl From<Hindrance> for Trouble {
    fn from(hindrance: Hindrance) -> Self {
        match hindrance.weight {
            Weight::Refused => Trouble::Final(hindrance.words),
            weight => Trouble::Passing(weight, hindrance.words),
        }
    }
}

/// A broker's error code with its words.
fn judged(code: i16, words: String) -> Trouble {
    match verdict(code) {
        Verdict::Again => Trouble::Passing(Weight::Refused, words),
        Verdict::Moved => Trouble::Passing(Weight::Lost, words),
        _ => Trouble::Final(words),
    }
}

impl Scout<'_> {
    async fn write_all(&self, attempt: &Attempt<'_>) -> Result<(), String> {
        let mut left: VecDeque<(u32, &[u8])> = attempt.messages().collect();
        loop {
            match self.write(&mut left).await {
                Ok(()) => return Ok(()),
                Err(Trouble::Final(words)) => return Err(words),
                Err(Trouble::Passing(weight, words)) => self.told.note(weight, &words),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Writes what is left, and takes it away.
    async fn write(&self, left: &mut VecDeque<(u32, &[u8])>) -> Result<(), Trouble> {
        let mut first = self.dial(self.config.servers.clone()).await?;
        let (brokers, partitions) = self.ask_metadata(&mut first).await?;
        let identity = if self.config.idempotent { Some(self.ask_identity(&mut first).await?) } else { None };
        let mut links: BTreeMap<i32, Ready> = BTreeMap::new();
        let mut sequences: BTreeMap<u32, i32> = BTreeMap::new();
        while let Some((partition, payload)) = left.front() {
            let at = partitions.iter().find(|at| at.partition == partition.cast_signed());
            let leader = at.and_then(|at| brokers.iter().find(|broker| broker.id == at.leader));
            let broker = leader.ok_or_else(|| {
                Trouble::Passing(Weight::Lost, format!("partition {partition} has no leader"))
            })?;
            let link = match links.entry(broker.id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let address = Arc::new((broker.host.clone(), broker.port));
                    let dialled = self.dial(vec![Arc::clone(&address)]).await;
                    new.insert(dialled.map_err(|one| one.at(&address))?)
                }
            };
            let sequence = sequences.entry(*partition).or_default();
            let to = (*partition, *payload);
            self.send(link, to, identity.map(|one| (one, *sequence))).await?;
            *sequence += 1;
            left.pop_front();
        }
        Ok(())
    }

    async fn dial(&self, addresses: Vec<Address>) -> Result<Ready, Hindrance> {
        let config = self.config;
        let dial = Dial {
            gate: self.gate.clone(),
            clock: self.clock,
            addresses,
            client: self.name.clone(),
            within: config.connect_within,
            socket: config.socket,
            tls: config.tls.clone(),
            login: config.login.clone(),
        };
        dial.connect().await
    }

    /// Brokers and partitions, each of which has a leader.
    async fn ask_metadata(&self, link: &mut Ready) -> Result<(Vec<BrokerAt>, Vec<PartitionAt>), Trouble> {
        let version = link.versions.metadata;
        let mut request = Vec::new();
        wire::metadata(&mut request, version, (NUMBER, &self.name), &self.targets);
        let (host, port) = &*link.address;
        let frame = exchange(&mut link.stream, &request).await.map_err(|words| {
            let hint = match self.config.login {
                None => ": does it want a login (`security.protocol`)?",
                Some(_) => "",
            };
            Trouble::Final(format!("{host}:{port}: {words} when it was asked for the topic{hint}"))
        })?;
        let unreadable = || Trouble::Final("the broker's metadata cannot be read".to_owned());
        match wire::read_metadata(&frame, version, &self.targets).ok_or_else(unreadable)? {
            (brokers, Ok(partitions)) => Ok((brokers, partitions)),
            (_, Err(code)) => Err(judged(code, error_words(code.into()))),
        }
    }

    async fn ask_identity(&self, link: &mut Ready) -> Result<Identity, Trouble> {
        let told = |words: &str| format!("the brokers give no producer's id: {words}");
        let version = link.versions.init_producer.ok_or_else(|| Trouble::Final(told("they know of none")))?;
        let mut request = Vec::new();
        wire::init_producer(&mut request, version, (NUMBER, &self.name));
        let frame = exchange(&mut link.stream, &request)
            .await
            .map_err(|words| Trouble::Passing(Weight::Lost, words))?;
        match wire::read_identity(&frame, version) {
            Some(Ok(identity)) => Ok(identity),
            // COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE: the ids are not there yet.
            Some(Err(code @ (14 | 15))) => {
                Err(Trouble::Passing(Weight::Lost, told(&error_words(code.into()))))
            }
            Some(Err(code)) => Err(judged(code, told(&error_words(code.into())))),
            None => Err(Trouble::Final(told("the answer cannot be read"))),
        }
    }

    async fn send(
        &self,
        link: &mut Ready,
        (number, payload): (u32, &[u8]),
        identity: Option<(Identity, i32)>,
    ) -> Result<(), Trouble> {
        let (config, version, now) = (self.config, link.versions.produce, self.clock.now());
        let mut batch = Batch::new(0);
        let (payload, entry) =
            (&payload[..payload.len().min(config.message_bytes)], batch::Entry { due: now, stamp: now });
        batch.add(&[], &[], payload, entry);
        batch.sequence = identity.map(|(_, sequence)| sequence);
        let bytes = batch.lend(identity.map(|(one, _)| one), config.codec, config.level);
        // Without acks nobody would tell why.
        let acks = if config.acks == 0 { 1 } else { config.acks };
        let timeout_ms = config.request_timeout_ms.cast_signed();
        let (topic, partition) = self.targets.at(number);
        let to = ProduceTo { topic, partition, acks, timeout_ms };
        let mut request = Vec::new();
        let place = wire::produce(&mut request, version, (NUMBER, &self.name), &to, bytes.len());
        request.splice(place..place, bytes);
        let (host, port) = &*link.address;
        let lost =
            |words| Trouble::Passing(Weight::Lost, format!("{host}:{port}: {words} when a message was sent"));
        let frame = exchange(&mut link.stream, &request).await.map_err(lost)?;
        match wire::read_produced(&frame, version) {
            Some(wire::Produced { code: 0, .. }) => Ok(()),
            Some(wire::Produced { code, .. }) => {
                let sentence = wire::read_refusal(&frame, version).map(|said| format!(": {said}"));
                Err(judged(code, error_words(code.into()) + &sentence.unwrap_or_default()))
            }
            None => Err(Trouble::Final("the broker's answer cannot be read".to_owned())),
        }
    }
}
