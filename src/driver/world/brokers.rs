//! The brokers that bench started, as a run sees them.

use std::path::PathBuf;

use super::super::DriverError;
use super::super::settle::Left;
use super::World;
use crate::books::Topics;
use crate::cluster::{Broker, Brokers, Coming, controller, resolved};
use crate::load::releases;
use crate::spec::Which;

impl World {
    fn own(&self) -> &[Broker] {
        self.brokers.as_ref().map(Brokers::each).unwrap_or_default()
    }

    /// Numbers of the brokers that bench started and that live.
    pub(super) fn own_ids(&self) -> impl Iterator<Item = i32> {
        self.own().iter().filter(|broker| broker.is_alive()).map(Broker::id)
    }

    /// Processes of the brokers that bench started.
    pub fn broker_pids(&self) -> Vec<u32> {
        self.own().iter().map(Broker::pid).collect()
    }

    /// Processes of the brokers that bench started, each in the control group that they have for themselves, if they have one.
    pub fn brokers_apart(&self) -> Vec<u32> {
        let pids = self.broker_pids();
        // One that died and was started again is a new process.
        self.apart.iter().for_each(|apart| pids.iter().for_each(|pid| apart.take_in(*pid)));
        pids
    }

    /// That control group.
    pub fn apart_folder(&self) -> Option<PathBuf> {
        self.apart.as_ref().map(|apart| apart.path().to_owned())
    }

    /// Where the brokers that bench started keep partitions; none where it started none.
    pub fn broker_logs(&self) -> Vec<PathBuf> {
        self.own().iter().map(Broker::logs).collect()
    }

    /// The topics whose files are to be gone before a trial begins.
    pub fn left(&self) -> Left<'_> {
        Left { prefix: self.prefix(), of_trials_only: self.own().iter().any(Broker::deletes_late) }
    }

    /// What each of the brokers that bench started has logged so far.
    pub fn logged(&self) -> Vec<String> {
        let text = |broker: &Broker| std::fs::read(broker.log()).unwrap_or_default();
        self.own().iter().map(|broker| String::from_utf8_lossy(&text(broker)).into_owned()).collect()
    }

    /// The living broker of bench's own that is meant, `pick` of those where it is drawn; or why there is none. One that is `taken`, since something is done
    /// to it already, is not drawn.
    pub fn broker(
        &self,
        (which, pick): (Which, u64),
        topics: &Topics,
        taken: &[i32],
    ) -> Result<&Broker, String> {
        let living: Vec<&Broker> = self.own().iter().filter(|broker| broker.is_alive()).collect();
        let free: Vec<&Broker> =
            living.iter().copied().filter(|broker| !taken.contains(&broker.id())).collect();
        let id = match which {
            Which::Random if free.is_empty() => {
                return Err("no broker lived that nothing was done to".to_owned());
            }
            Which::Random => return Ok(free[(pick % free.len() as u64) as usize]),
            Which::Number(number) => i32::try_from(number).ok(),
            Which::LeaderOf(number) => self.admin.leader(topics.at(number)),
            // All name the same one; who hangs answers late, and is asked only where nobody else says it.
            Which::Controller => {
                free.iter().chain(&living).find_map(|broker| controller(&broker.control_servers()))
            }
        };
        let Some(id) = id else { return Err(format!("nobody says which broker is {which}")) };
        if taken.contains(&id) {
            return Err(format!("something was done to broker {id} already"));
        }
        let found = living.into_iter().find(|broker| broker.id() == id);
        found.ok_or_else(|| format!("broker {id} did not live"))
    }

    /// Kills a broker and starts it again on its ports and data; nobody waits for it.
    pub fn restart_soon(&self, broker: &Broker) -> Result<Coming, DriverError> {
        let own = self.brokers.as_ref().ok_or(DriverError::BrokerGone)?;
        Ok(own.restart_soon(broker)?)
    }

    /// Lets a broker of that number go on that was paused.
    pub fn resume_broker(&self, id: i32) {
        self.own().iter().filter(|broker| broker.id() == id).for_each(Broker::resume);
    }

    /// Whether the brokers that bench started, if any, still run, or at least so many that the cluster can go on.
    pub fn is_up(&self) -> bool {
        self.brokers.as_ref().is_none_or(Brokers::can_go_on)
    }

    /// Numbers of the brokers that bench started and that have died, and how many it started.
    pub fn dead_brokers(&self) -> (Vec<i32>, usize) {
        (self.brokers.as_ref().map(Brokers::dead).unwrap_or_default(), self.own().len())
    }

    /// Starts brokers again that have died while others went on; an error if that was none of them, or if they do not come up.
    pub fn revive(&self) -> Result<(), DriverError> {
        let Some(brokers) = &self.brokers else { return Ok(()) };
        if brokers.can_go_on() {
            return Ok(brokers.start_dead()?);
        }
        let (log, log_tail) = brokers.last_words().unwrap_or_default();
        Err(DriverError::BrokerDied { log, log_tail })
    }

    /// Versions of the brokers, each distinct one once: of those that bench started by their jars, of others, which listen there, by what they say of
    /// themselves. Empty where they do not.
    pub fn broker_versions(&self, brokers: &[(String, u16)]) -> Vec<String> {
        if let Some(own) = self.own().first() {
            return own.version().map(str::to_owned).into_iter().collect();
        }
        let properties = resolved(&self.load.properties).unwrap_or_default();
        let releases = releases(brokers, &properties).unwrap_or_default();
        releases.iter().map(ToString::to_string).collect()
    }
}
