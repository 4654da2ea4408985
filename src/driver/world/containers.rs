//! Containers of images that are not ours, as a run starts them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::DriverError;
use super::super::topics::RefusedTopic;
use super::World;
use crate::cluster::{Engine, EngineError, Image, Service, Talk};
use crate::consumers::{AskedContainers, BackendError, ContainerKind as Kind, Containers, Surroundings};
use crate::plan::Plan;
use crate::spec::{Consumers, Runs, Source};

/// The engine that runs a plan's containers, what they are made of, and what stood there of services before.
#[derive(Clone, Debug, Default)]
pub struct Held {
    engine: Engine,
    images: BTreeMap<Source, Image>,
    services: BTreeMap<(String, String), Service>,
}

/// Finds the engine, every image and every service, before anything else is fetched or started; none where the plan has no containers. What the file asks for
/// and cannot be had is told all at once.
pub fn hold(plan: &Plan, talk: &mut Talk<'_>) -> Result<Option<Held>, DriverError> {
    let groups = || plan.treatments.iter().flat_map(|treatment| &treatment.settings.consumers);
    let sources: BTreeSet<&Source> =
        groups().filter_map(Consumers::container).map(|container| &container.source).collect();
    let services: BTreeSet<(&str, &str)> = groups()
        .filter_map(Consumers::compose)
        .map(|compose| (compose.file.as_str(), compose.service.as_str()))
        .collect();
    if sources.is_empty() && services.is_empty() {
        return Ok(None);
    }
    let engine = Engine::find().map_err(BackendError::from)?;
    let mut refused = Vec::new();
    let mut images = BTreeMap::new();
    for source in sources {
        let (image, about) = match source {
            Source::Image(name) => (engine.image(name, talk.stop), ("image", name.as_str())),
            Source::Build { folder, dockerfile } => {
                (talk.tell)(&format!("building an image of {folder}/{dockerfile}"));
                (engine.build(folder, dockerfile, talk.stop), ("build", folder.as_str()))
            }
        };
        images.extend(or_refused(image, about, &mut refused)?.map(|image| (source.clone(), image)));
    }
    let mut observed = BTreeMap::new();
    for (file, name) in services {
        let service = or_refused(Service::observe(&engine, file, name), ("service", name), &mut refused)?;
        observed.extend(service.map(|service| ((file.to_owned(), name.to_owned()), service)));
    }
    if !refused.is_empty() {
        return Err(DriverError::Topics(refused));
    }
    Ok(Some(Held { engine, images, services: observed }))
}

/// What the file asks for wrongly is kept to be told with all else; what is not the file's fault ends it.
fn or_refused<T>(
    done: Result<T, EngineError>,
    (key, value): (&str, &str),
    refused: &mut Vec<RefusedTopic>,
) -> Result<Option<T>, DriverError> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(error @ EngineError::Refused { of_the_file: true, .. }) => {
            let about = vec![(key.to_owned(), value.to_owned())];
            refused.push(RefusedTopic { what: error.to_string(), about });
            Ok(None)
        }
        Err(error) => Err(BackendError::from(error).into()),
    }
}

impl World {
    /// Containers, not started yet; none of a group that is no containers.
    pub(super) fn containers(&self, consumers: &Consumers, around: Surroundings) -> Option<Containers> {
        let held = self.held.as_ref()?;
        let kind = match &consumers.runs {
            Runs::Container(container) => Kind::Images {
                container: container.clone(),
                image: held.images.get(&container.source)?.clone(),
            },
            Runs::Compose(compose) => {
                let key = (compose.file.clone(), compose.service.clone());
                Kind::Service { compose: compose.clone(), service: held.services.get(&key)?.clone() }
            }
            _ => return None,
        };
        Some(Containers::new(self.clock, AskedContainers { kind, engine: held.engine.clone(), around }))
    }

    /// The images that this run's containers are of.
    pub fn images(&self) -> Vec<Image> {
        self.held.iter().flat_map(|held| held.images.values().cloned()).collect()
    }
}
