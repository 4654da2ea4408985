//! What runs the consumers of a group, as the file names it: the one place that knows all kinds.

use super::super::DriverError;
use super::super::subject::Subject;
use super::World;
use super::programs::private_folder;
use crate::cluster::Stood;
use crate::consumers::{Backend, BackendError, External, Process};
use crate::spec::{Consumers, Runs};

impl World {
    /// What runs a group's consumers; nothing is deployed yet.
    pub fn backend(
        &self,
        subject: &Subject<'_>,
        consumers: &Consumers,
    ) -> Result<Box<dyn Backend>, DriverError> {
        let emulating = self.emulating(subject, consumers);
        Ok(match &consumers.runs {
            Runs::External => Box::new(External),
            Runs::Command(command) => {
                let around = self.surroundings(&subject.treatment.settings, consumers);
                Box::new(self.program(command, around).emulating(emulating))
            }
            Runs::Container(_) | Runs::Compose(_) => {
                let around = self.surroundings(&subject.treatment.settings, consumers);
                let containers = self.containers(consumers, around).ok_or(BackendError::NotDeployed)?;
                Box::new(containers.emulating(emulating))
            }
            Runs::Process => {
                let own = Process::new(self.clock).of(self.program.clone());
                Box::new(own.keeping_files_in(private_folder(&self.run_id)).emulating(emulating))
            }
        })
    }

    /// Notes what stands there before consumers change anything of it, so that `bench clean` finds it whatever happens.
    pub fn note_stood(&self, stood: &[Stood]) -> Result<(), DriverError> {
        Ok(self.entry().note_stood(stood)?)
    }
}
