//! What is known of containers before there are any.

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
    pub(super) fn upkeep(&self) -> spec::Upkeep<'_> {
        match self {
            ContainerKind::Images { container, .. } => container.upkeep(),
            ContainerKind::Service { compose, .. } => compose.upkeep(),
        }
    }
}
