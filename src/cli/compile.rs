//! From a file to its plan, with all faults: those that the format knows, and those that only librdkafka does.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cluster::wrong_property;
use crate::fault::{Fault, Faults};
use crate::plan::{self, Plan};
use crate::spec::{Cluster, Document, Overrides, Properties, Settings};

/// The file and its plan.
pub fn compile(file: &Path, overrides: &Overrides) -> Result<(Document, Plan), Faults> {
    let document = Document::load(file, overrides)?;
    let plan = plan::compile(&document)?;
    // Each once: treatments differ in few of them, and librdkafka makes a whole configuration to judge one.
    let set: BTreeSet<(&String, &String)> =
        plan.treatments.iter().flat_map(|treatment| of_librdkafka(&treatment.settings)).flatten().collect();
    let wrong = |(name, value): (&String, &String)| {
        Some(document.property_fault(name, value, wrong_property(name, value)?))
    };
    let faults: Vec<Fault> = set.into_iter().filter_map(wrong).collect();
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
