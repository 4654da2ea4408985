//! The producers of a trial, as clients with all that each of them is told.

use std::sync::Arc;

use rdkafka::ClientConfig;

use super::super::DriverError;
use super::super::subject::Subject;
use super::World;
use crate::load::{Client, ClientSpec, LightConfig, LoadError, LoadSpec};
use crate::spec;

/// librdkafka's own default for `message.timeout.ms`.
const DELIVERY_TIMEOUT_MS: u64 = 300_000;
/// librdkafka's own default for `transaction.timeout.ms`.
const TRANSACTION_TIMEOUT_MS: u64 = 60_000;

impl World {
    /// The fleets of a trial, as clients with their rates; by partition, nothing before `starts` is the trial's.
    pub fn load_spec(&self, subject: &Subject<'_>, starts: &[i64]) -> Result<LoadSpec, DriverError> {
        let settings = &subject.treatment.settings;
        let workload = &settings.workload;
        let mut clients = Vec::new();
        for fleet in &workload.fleets {
            let light = self.light_config(fleet)?;
            for (number, part) in fleet.split.parts(fleet.producers).into_iter().enumerate() {
                let (client, delivery_timeout_ns) =
                    self.client(fleet, light.as_ref(), &subject.name, number)?;
                let share = fleet.share.get() * part;
                let partition = fleet.partition.map(|partition| partition as i32);
                let transactions = fleet.transactions;
                clients.push(ClientSpec { client, share, partition, delivery_timeout_ns, transactions });
            }
        }
        Ok(LoadSpec {
            clients,
            volume: workload.volume.clone(),
            arrivals: workload.arrivals,
            message: workload.message.clone(),
            topics: subject.grown.clone(),
            shares: settings.topic.shares(),
            starts: starts.to_vec(),
            trial: subject.number,
            seed: subject.seed,
            with_dues: !settings.consumers.is_empty(),
            with_seconds: subject.in_time.is_some(),
            load: settings.load.clone(),
        })
    }

    /// One producer of a fleet, by its number and what the fleet's light producers share, and how long a message of it may wait.
    fn client(
        &self,
        fleet: &spec::Fleet,
        light: Option<&Arc<LightConfig>>,
        trial: &str,
        number: usize,
    ) -> Result<(Client, u64), DriverError> {
        let name = format!("bench-{}-{number}", fleet.name);
        if let Some(light) = light {
            return Ok((Client::Light(Arc::clone(light), name), light.delivery_timeout_ns()));
        }
        let mut config = self.load.config_to_send(&name, &fleet.properties)?;
        if fleet.transactions.is_some() {
            // No two at one time may have the same, and no trial is to meet what another left open.
            config.set("transactional.id", format!("{trial}-{}-{number}", fleet.name));
        }
        let timeout_ns = delivery_timeout_ms(&config) * 1_000_000;
        Ok((Client::Librdkafka(config), timeout_ns))
    }

    /// How long a message of any fleet may be on its way.
    pub fn longest_delivery_ms(&self, subject: &Subject<'_>) -> Result<u64, DriverError> {
        let mut longest_ns = 0;
        for fleet in &subject.treatment.settings.workload.fleets {
            let light = self.light_config(fleet)?;
            longest_ns = self.client(fleet, light.as_ref(), &subject.name, 0)?.1.max(longest_ns);
        }
        Ok(longest_ns / 1_000_000)
    }

    /// The first producer of a fleet, in a trial of that name.
    pub fn one_of(&self, fleet: &spec::Fleet, trial: &str) -> Result<Client, DriverError> {
        let light = self.light_config(fleet)?;
        Ok(self.client(fleet, light.as_ref(), trial, 0)?.0)
    }

    /// What a fleet of light producers is told; none for a fleet of others.
    fn light_config(&self, fleet: &spec::Fleet) -> Result<Option<Arc<LightConfig>>, DriverError> {
        if fleet.client != spec::Client::Light {
            return Ok(None);
        }
        let properties = self.load.resolved(&fleet.properties)?;
        let config = LightConfig::read(&self.load.resolved_servers()?, &properties);
        Ok(Some(Arc::new(config.map_err(|reason| LoadError::Client { reason })?)))
    }
}

fn delivery_timeout_ms(config: &ClientConfig) -> u64 {
    // librdkafka takes 0 for "never"; no trial is that long.
    match config.get("message.timeout.ms").and_then(|text| text.parse().ok()) {
        Some(0) => u64::from(u32::MAX),
        Some(set) => set,
        // With transactions librdkafka gives a message no longer than its transaction.
        None if config.get("transactional.id").is_some() => {
            let set = config.get("transaction.timeout.ms").and_then(|text| text.parse().ok());
            set.unwrap_or(TRANSACTION_TIMEOUT_MS)
        }
        None => DELIVERY_TIMEOUT_MS,
    }
}
