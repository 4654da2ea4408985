//! From a file to its plan, with all faults: those that the format knows, those that only librdkafka does, and those of this environment.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cluster::wrong_property;
use crate::driver;
use crate::fault::{Fault, Faults};
use crate::plan::{self, Plan};
use crate::spec::{Cluster, Document, Overrides, Properties, Settings, secrets};

/// A file, what it comes to, and what this environment lacks for it.
pub struct Compiled {
    pub document: Document,
    pub plan: Plan,
    /// References to variables that are not set here.
    pub unset: Vec<Fault>,
}

/// The file and its plan; what is not set here may be set where it runs.
pub fn compile(file: &Path, overrides: &Overrides) -> Result<Compiled, Faults> {
    let (compiled, faults) = judge(Document::load(file, overrides)?)?;
    if faults.is_empty() { Ok(compiled) } else { Err(compiled.document.faults(faults)) }
}

/// The same of a document that is to run here and now: all that it refers to must be set.
pub fn compile_to_run(document: Document) -> Result<(Document, Plan), Faults> {
    let (Compiled { document, plan, unset }, mut faults) = judge(document)?;
    faults.extend(unset);
    if faults.is_empty() { Ok((document, plan)) } else { Err(document.faults(faults)) }
}

fn judge(document: Document) -> Result<(Compiled, Vec<Fault>), Faults> {
    let plan = plan::compile(&document)?;
    // Each once: treatments differ in few of them, and librdkafka makes a whole configuration to judge one.
    let set: BTreeSet<(&String, &String)> =
        plan.treatments.iter().flat_map(|treatment| of_librdkafka(&treatment.settings)).flatten().collect();
    let wrong = |(name, value): (&String, &String)| {
        Some(document.property_fault(name, value, wrong_property(name, value)?))
    };
    let mut faults: Vec<Fault> = set.iter().copied().filter_map(wrong).collect();
    if faults.is_empty() {
        // A client of wrong properties cannot be made whatever their combination.
        let refused = driver::refused(&plan).into_iter();
        faults.extend(refused.map(|refused| document.about_fault(&refused.about, refused.what)));
    }
    let mut all: BTreeSet<(String, String)> =
        set.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    for treatment in &plan.treatments {
        all.extend(treatment.settings.topic.config.clone());
        for consumers in &treatment.settings.consumers {
            all.extend(consumers.upkeep().iter().flat_map(|_| consumers.properties.clone()));
            all.extend(consumers.upkeep().iter().flat_map(|upkeep| upkeep.env.clone()));
        }
    }
    match &plan.cluster {
        Cluster::Bootstrap { servers, .. } => all.extend([("servers".to_owned(), servers.clone())]),
        Cluster::Kafka { config, .. } => all.extend(config.clone()),
    }
    let unset = all.iter().filter_map(|(name, value)| {
        let variable = secrets::unset(value)?;
        let what = format!("`{name}` takes `${{{variable}}}`, and the environment has no `{variable}`");
        let fault = document.property_fault(name, value, what);
        Some(Fault { hint: Some(format!("set it before: `export {variable}=…`")), ..fault })
    });
    let unset = unset.collect();
    Ok((Compiled { document, plan, unset }, faults))
}

fn of_librdkafka(settings: &Settings) -> Vec<&Properties> {
    let mut all: Vec<&Properties> = settings.workload.fleets.iter().map(|fleet| &fleet.properties).collect();
    // What a program that is not ours is told is for its own client.
    let ours = settings.consumers.iter().filter(|consumers| consumers.tells());
    all.extend(ours.map(|consumers| &consumers.properties));
    if let Cluster::Bootstrap { properties, .. } = &settings.cluster {
        all.push(properties);
    }
    all
}
