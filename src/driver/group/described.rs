//! A group as its coordinator tells of it, be it one of consumers or a share group, and where it was at the end.

use std::time::{Duration, Instant};

use super::Group;
use crate::cluster::{Described, Place};
use crate::driver::DriverError;
use crate::driver::subject::Subject;
use crate::driver::world::World;

/// How long an answer about a share group may take where nothing else waits.
const ASK_WITHIN: Duration = Duration::from_secs(5);

/// A group that tells nothing itself must have been ready for so long: a member that has just learned what it is to read has not begun to.
const SETTLED: Duration = Duration::from_millis(500);

/// A description, and since when the group is as it says and ready.
#[derive(Debug)]
pub(super) struct LastDescribed {
    pub(super) at: Instant,
    pub(super) group: Described,
    pub(super) ready_since: Option<Instant>,
}

impl LastDescribed {
    pub(super) fn is_settled(&self) -> bool {
        self.ready_since.is_some_and(|since| since.elapsed() >= SETTLED)
    }
}

impl Group<'_> {
    /// As its coordinator sees it now.
    pub(super) fn describe(&mut self, world: &World, subject: &Subject<'_>) -> Described {
        let name = &self.raw.full_name;
        let described = if self.asked.shares {
            self.describe_shares(world, subject)
        } else {
            world.described(subject, name).map_err(|error| error.to_string())
        };
        described.unwrap_or_else(|why| Described::unknown(&why))
    }

    fn describe_shares(&mut self, world: &World, subject: &Subject<'_>) -> Result<Described, String> {
        let name = &self.raw.full_name;
        let asker = match &mut self.asker {
            Some(asker) => asker,
            None => self.asker.insert(world.share_asker(name).map_err(|error| error.to_string())?),
        };
        let described = asker.describe(&subject.topics, ASK_WITHIN).map_err(|error| error.to_string())?;
        described.ok_or_else(|| "there is no share group of that name".to_owned())
    }

    /// The error of a group that nobody is in, where there is a share group of its name with members.
    pub fn misnamed(&self, world: &World, subject: &Subject<'_>) -> Option<DriverError> {
        let is_empty = self.described.as_ref().is_some_and(|last| last.group.members.is_empty());
        if self.asked.shares || !is_empty {
            return None;
        }
        let mut asker = world.share_asker(&self.raw.full_name).ok()?;
        // Brokers that know no such groups have none.
        let described = asker.describe(&subject.topics, ASK_WITHIN).ok()??;
        let group = self.raw.full_name.clone();
        (!described.members.is_empty()).then_some(DriverError::ShareGroup { group })
    }

    /// Its commits after all instances have stopped, by partition; of a share group where it begins.
    pub fn last_commits(
        &self,
        world: &World,
        subject: &Subject<'_>,
    ) -> Result<Vec<Option<i64>>, DriverError> {
        if !self.asked.shares {
            return world.commits_of_all(subject, self.groups());
        }
        let ends = world.admin.offsets(&subject.grown, Place::End)?.into_iter().map(Some);
        let told = world.share_asker(&self.raw.full_name)?.offsets(&subject.grown, ASK_WITHIN);
        let failed = |error: crate::load::ShareError| DriverError::NoReading {
            group: self.raw.name.clone(),
            reason: error.to_string(),
        };
        Ok(told.map_err(failed)?.done_at_last(&ends.collect::<Vec<_>>()))
    }
}
