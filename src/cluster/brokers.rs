//! The brokers of one cluster that bench starts: one, or several with one controller quorum.

use std::fs;
use std::path::PathBuf;

use super::ClusterError;
use super::broker::{Broker, BrokerFiles, BrokerSpec, Coming, Faces, tail};
use super::talk::Talk;

/// Running brokers; their data goes when they stop.
#[derive(Debug)]
pub struct Brokers {
    all: Vec<Broker>,
    spec: BrokerSpec,
    data: PathBuf,
}

impl Brokers {
    /// Starts `count` of them, all of one kind. The log of the only one is the one that is named; of several each has its own beside
    /// it, `broker-1.log` for `broker.log`.
    pub fn start(
        spec: BrokerSpec,
        count: u32,
        files: BrokerFiles<'_>,
        talk: &mut Talk<'_>,
    ) -> Result<Self, ClusterError> {
        Brokers::start_behind(spec, (count, &Faces::default()), files, talk)
    }

    /// The same behind these faces: clients are told to go there.
    pub fn start_behind(
        spec: BrokerSpec,
        (count, faces): (u32, &Faces),
        files: BrokerFiles<'_>,
        talk: &mut Talk<'_>,
    ) -> Result<Self, ClusterError> {
        let all = Broker::start_all(&spec, (count, faces), files, talk)?;
        Ok(Brokers { all, spec, data: files.data.to_owned() })
    }

    /// Each of them, by number.
    pub fn each(&self) -> &[Broker] {
        &self.all
    }

    fn servers(&self, of: fn(&Broker) -> String) -> String {
        self.all.iter().map(of).collect::<Vec<_>>().join(",")
    }

    /// Where producers connect.
    pub fn load_servers(&self) -> String {
        self.servers(Broker::load_servers)
    }

    /// Where consumers connect.
    pub fn consumer_servers(&self) -> String {
        self.servers(Broker::consumer_servers)
    }

    /// Where bench itself asks and commands.
    pub fn control_servers(&self) -> String {
        self.servers(Broker::control_servers)
    }

    /// Numbers of those that have died.
    pub fn dead(&self) -> Vec<i32> {
        self.all.iter().filter(|broker| !broker.is_alive()).map(Broker::id).collect()
    }

    /// Whether so many live that the cluster can go on: more than half of them.
    pub fn can_go_on(&self) -> bool {
        (self.all.len() - self.dead().len()) * 2 > self.all.len()
    }

    /// Starts those again that have died, on their ports and data.
    pub fn start_dead(&self) -> Result<(), ClusterError> {
        self.all
            .iter()
            .filter(|broker| !broker.is_alive())
            .try_for_each(|broker| broker.start_again(&self.spec))
    }

    /// Kills one of them, by its number, and starts it again on its ports and data; nobody waits for it.
    pub fn restart_soon(&self, broker: &Broker) -> Result<Coming, ClusterError> {
        broker.kill()?;
        broker.start_soon(&self.spec)
    }

    /// The log of the first that has died, by its name, and how it ends; none where all live.
    pub fn last_words(&self) -> Option<(String, String)> {
        let log = self.all.iter().find(|broker| !broker.is_alive())?.log();
        Some((log.file_name()?.to_string_lossy().into_owned(), tail(log)))
    }

    /// Stops all of them and removes their data.
    pub fn stop(mut self) -> Result<(), ClusterError> {
        let several = self.all.len() > 1;
        // All are stopped, whatever became of the first.
        let stopped: Vec<_> = self.all.drain(..).map(Broker::stop).collect();
        stopped.into_iter().collect::<Result<(), ClusterError>>()?;
        if several {
            let failed = |source| ClusterError::Files { path: self.data.clone(), source };
            fs::remove_dir_all(&self.data).map_err(failed)?;
        }
        Ok(())
    }
}

impl Drop for Brokers {
    fn drop(&mut self) {
        // Each takes its own along; what holds them all is left.
        self.all.clear();
        fs::remove_dir_all(&self.data).ok();
    }
}
