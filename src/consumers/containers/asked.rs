//! What is known of containers before there are any.

use std::time::Duration;

use crate::cluster::{Engine, Image, Service};
use crate::consumers::surroundings::Surroundings;
use crate::spec;

/// What bench knows of containers before they are started.
pub struct AskedContainers {
    /// What they are of.
    pub kind: ContainerKind,
    /// Who runs them.
    pub engine: Engine,
    /// What they find.
    pub around: Surroundings,
}

/// Variables of containers.
#[derive(Default)]
pub(super) struct Variables {
    /// With values that everybody may read.
    pub(super) open: Vec<(String, String)>,
    /// With values that are handed over in the environment of whoever starts them.
    pub(super) hidden: Vec<(String, String)>,
}

/// What containers are of.
pub enum ContainerKind {
    /// An image.
    Images {
        /// As the file says.
        container: spec::Container,
        /// What that came to.
        image: Image,
    },
    /// A service of somebody's compose file.
    Service {
        /// As the file says.
        compose: spec::Compose,
        /// What stood there of it before.
        service: Service,
    },
}

impl ContainerKind {
    pub(super) fn grace(&self) -> Duration {
        match self {
            ContainerKind::Images { container, .. } => container.grace.as_duration(),
            ContainerKind::Service { compose, .. } => compose.grace.as_duration(),
        }
    }

    pub(super) fn env(&self) -> &spec::Properties {
        match self {
            ContainerKind::Images { container, .. } => &container.env,
            ContainerKind::Service { compose, .. } => &compose.env,
        }
    }

    pub(super) fn ready(&self) -> Option<&spec::Ready> {
        match self {
            ContainerKind::Images { container, .. } => container.ready.as_ref(),
            ContainerKind::Service { compose, .. } => compose.ready.as_ref(),
        }
    }

    pub(super) fn restarts(&self) -> bool {
        matches!(self, ContainerKind::Images { container, .. } if container.restart)
    }
}
