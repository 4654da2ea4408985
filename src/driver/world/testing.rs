//! Surroundings of a trial without Kafka, for tests.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::World;
use crate::cluster::{Admin, ClientSettings, Distance, RunEntry};
use crate::timeline::Clock;

impl World {
    /// Those of a run on a cluster that answers there, whoever that is, with what stands between it and clients.
    pub fn on(servers: String, clock: Clock, distance: Distance) -> Self {
        let settings = ClientSettings { servers, properties: BTreeMap::new() };
        World {
            clock,
            run_id: "made up".to_owned(),
            prefix: "made-up-".to_owned(),
            program: PathBuf::new(),
            results: PathBuf::new(),
            admin: Arc::new(Admin::connect(&settings).unwrap()),
            pacing: BTreeMap::new(),
            pages: Vec::new(),
            brokers: None,
            distance,
            apart: None,
            load: settings.clone(),
            consumers: settings,
            entry: Arc::new(Mutex::new(RunEntry::default())),
            cgroups: None,
            held: None,
        }
    }
}
