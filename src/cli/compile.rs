//! From a file to its plan, with all faults: those that the format knows, and those that only librdkafka does.

use std::path::Path;

use crate::cluster::wrong_property;
use crate::fault::{Fault, Faults};
use crate::plan::{self, Plan};
use crate::spec::{Cluster, Document, Overrides, Properties, Settings};

/// The file and its plan.
pub fn compile(file: &Path, overrides: &Overrides) -> Result<(Document, Plan), Faults> {
    let document = Document::load(file, overrides)?;
    let plan = plan::compile(&document)?;
    let mut faults = Vec::new();
    for treatment in &plan.treatments {
        for properties in of_librdkafka(&treatment.settings) {
            faults.extend(wrong(&document, properties));
        }
    }
    if faults.is_empty() { Ok((document, plan)) } else { Err(document.faults(faults)) }
}

fn of_librdkafka(settings: &Settings) -> Vec<&Properties> {
    let mut all: Vec<&Properties> = settings.workload.fleets.iter().map(|fleet| &fleet.properties).collect();
    all.extend(settings.consumers.iter().map(|consumers| &consumers.properties));
    if let Cluster::Bootstrap { properties, .. } = &settings.cluster {
        all.push(properties);
    }
    all
}

fn wrong<'a>(document: &'a Document, properties: &'a Properties) -> impl Iterator<Item = Fault> + 'a {
    properties.iter().filter_map(|(name, value)| {
        let what = wrong_property(name, value)?;
        Some(document.property_fault(name, value, what))
    })
}
