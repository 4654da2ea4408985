//! Programs that are not ours, as a run starts them.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use super::super::DriverError;
use super::super::shares;
use super::super::subject::Subject;
use super::World;
use crate::cluster::Described;
use crate::consumers::{Asked, Program, Surroundings};
use crate::load::ShareAsker;
use crate::record::nameless;
use crate::spec::{Command, Consumers, Settings};

/// Where files lie that only this user may read; noted before it is made, so that `bench clean` finds it.
pub fn private_folder(run_id: &str) -> PathBuf {
    std::env::temp_dir().join(format!("bench-{run_id}"))
}

impl World {
    /// Copies of a program, not started yet.
    pub(super) fn program(&self, command: &Command, around: Surroundings) -> Program {
        Program::new(self.clock, Asked { command: command.clone(), around })
    }

    /// What consumers find that are not ours.
    pub(super) fn surroundings(&self, settings: &Settings, consumers: &Consumers) -> Surroundings {
        let (results, entry) = (self.results.clone(), Arc::clone(&self.entry));
        let note = move |group| {
            let mut entry = entry.lock().unwrap_or_else(PoisonError::into_inner);
            entry.add_process_group(group).map_err(std::io::Error::other)
        };
        Surroundings {
            run: self.run_id.clone(),
            instances: consumers.instances,
            shares: consumers.shares,
            private: private_folder(&self.run_id),
            output: Box::new(move || nameless(&results).map_err(std::io::Error::other)),
            hidden: self.redaction(settings),
            note_group: Box::new(note),
        }
    }

    /// Whoever asks about a share group of that name.
    pub fn share_asker(&self, group: &str) -> Result<ShareAsker, DriverError> {
        shares::asker(&self.admin, group)
    }

    /// A group as its coordinator sees it, with the partitions of the trial's topics.
    pub fn described(&self, subject: &Subject<'_>, group: &str) -> Result<Described, DriverError> {
        Ok(self.admin.described(group, &subject.topics)?)
    }
}
