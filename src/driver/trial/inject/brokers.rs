//! What is done to brokers on purpose, and undone again.

use super::{ASKED, DONE, OVER, Stage, UnderWay};
use crate::spec::{Deed, Which};

impl Stage<'_> {
    /// Meets the broker that is meant.
    pub(super) fn strike_broker(&mut self, number: usize, event: &crate::spec::Event, meant: (Which, u64)) {
        let (world, mut under_way) = (self.world, UnderWay { number, ..UnderWay::default() });
        let found = world.broker(meant, &self.subject.topics, &self.brokers_under_way());
        // To find it takes a while where brokers hang: what is asked is asked now. Errors come before the deed has returned.
        let asked = self.clock.now();
        self.excuse_until(Some(u64::MAX));
        self.raw.injected[number].asked = Some(asked);
        self.raw.injected[number].broker = found.as_ref().ok().map(|broker| broker.id());
        let struck = found.and_then(|broker| {
            match &event.deed {
                Deed::PauseBroker(_, length) => {
                    broker.pause();
                    under_way.resume_at = Some(asked + length.as_nanos());
                }
                Deed::RestartBroker(_) => {
                    let coming = world.restart_soon(broker).map_err(|error| error.to_string())?;
                    under_way.coming = Some(coming);
                }
                _ => {
                    broker.kill().map_err(|error| error.to_string())?;
                    // That it is dead is what was asked for.
                    self.dead.insert(broker.id());
                }
            }
            Ok(broker.id())
        });
        let told = struck.as_ref().map_or_else(|_| String::new(), |id| format!(" (broker {id})"));
        self.raw.events.push((asked, ASKED.to_owned(), format!("{}: {event}{told}", event.name)));
        match struck {
            Ok(_) => {
                self.raw.injected[number].done = under_way.coming.is_none().then(|| self.clock.now());
                self.injector.under_way.push(under_way);
            }
            Err(trouble) => self.miss(number, trouble),
        }
        self.watch_brokers_again();
        self.excuse();
    }

    /// Lets a broker go on that was paused, waits for one that was started again, and starts one that stayed dead.
    pub(super) fn bring_broker_back(&mut self, one: UnderWay) {
        let (number, shutdown) = (one.number, self.shutdown);
        let name = self.event_name(number).to_owned();
        let Some(id) = self.raw.injected[number].broker else { return };
        if let Some(coming) = one.coming {
            let is_up = coming.is_up(&|| !shutdown.is_asked());
            if is_up {
                self.raw.injected[number].done = Some(self.clock.now());
                self.note(DONE, &format!("{name} is done (broker {id} is up again)"));
            } else if !shutdown.is_asked() {
                self.miss(number, stayed_dead(id, None));
            }
        } else {
            if matches!(self.raw.injected[number].drawn.event.deed, Deed::KillBroker(_)) {
                if shutdown.is_asked() {
                    // The run ends, and all brokers with it.
                    return;
                }
                if let Err(error) = self.world.revive() {
                    self.miss(number, stayed_dead(id, Some(&error.to_string())));
                    return;
                }
            } else {
                self.world.resume_broker(id);
            }
            self.raw.injected[number].undone = Some(self.clock.now());
            self.note(OVER, &format!("{name} is over (broker {id})"));
        }
        self.watch_brokers_again();
        self.excuse();
    }

    /// Whether a broker is on its way up that was killed on purpose: then there may be too few for a while.
    pub(in crate::driver::trial) fn awaits_broker(&self) -> bool {
        self.injector.under_way.iter().any(|one| one.coming.is_some())
    }

    /// Lets those who watch know of a broker's new process, which is put where the others are.
    fn watch_brokers_again(&self) {
        if let Some(watchers) = &self.watchers {
            watchers.watch_cluster(&self.world.brokers_apart());
        }
    }

    /// Brokers that something is done to just now.
    fn brokers_under_way(&self) -> Vec<i32> {
        self.injector.under_way.iter().filter_map(|one| self.raw.injected[one.number].broker).collect()
    }

    /// Tells those who count errors until when errors are put down to what was done.
    pub(super) fn excuse(&self) {
        self.excuse_until(self.raw.injected.iter().map(|one| one.excuses().end).max());
    }

    pub(super) fn excuse_until(&self, until: Option<u64>) {
        if let (Some(counts), Some(until)) = (self.fleet.as_ref().and_then(crate::load::Fleet::counts), until)
        {
            counts.excuse_errors_until(until);
        }
    }
}

/// That a broker is not there again, and why, as far as anybody knows.
fn stayed_dead(id: i32, why: Option<&str>) -> String {
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    format!("broker {id} did not come up again{why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_that_stays_dead_is_told_with_the_reason_where_there_is_one() {
        assert_eq!(stayed_dead(2, None), "broker 2 did not come up again");
        assert_eq!(
            stayed_dead(2, Some("its port is taken")),
            "broker 2 did not come up again: its port is taken"
        );
    }
}
