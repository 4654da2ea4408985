//! The backend `external`: consumers that somebody has deployed already. Nothing of them is changed, and where they run nobody tells.

use std::time::Duration;

use super::backend::{Backend, BackendError, DeployedInstance, Exit, Said};
use super::{Config, Gathered};
use crate::cluster::Stood;

/// Consumers that are there before and after.
#[derive(Clone, Copy, Debug, Default)]
pub struct External;

impl Backend for External {
    fn observe(&self) -> Vec<Stood> {
        Vec::new()
    }

    fn apply(&mut self, _: &Config) -> Result<(), BackendError> {
        Ok(())
    }

    /// They are as many as they are.
    fn scale(&mut self, _: u32, _: &[u32]) -> Result<Vec<u32>, BackendError> {
        Ok(Vec::new())
    }

    /// Their group's coordinator knows.
    fn ready(&self, _: &Gathered) -> bool {
        true
    }

    fn next(&mut self, timeout: Duration) -> Option<Said> {
        std::thread::sleep(timeout);
        None
    }

    fn instances(&self) -> Vec<DeployedInstance> {
        Vec::new()
    }

    fn replace(&mut self, _: u32) -> Result<(), BackendError> {
        Err(BackendError::NotDeployed)
    }

    fn restore(&mut self, _: Duration) -> Vec<Exit> {
        Vec::new()
    }
}
