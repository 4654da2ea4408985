//! All that can be doubted by a plan alone.

use std::collections::BTreeMap;

use super::doubt::PlanDoubt;
use super::{Plan, Treatment, machines, slos, too_large};

impl Plan {
    /// All that can be doubted by the plan alone, each once with the treatments that it is about.
    pub fn doubts(&self) -> Vec<PlanDoubt> {
        let mut all = Vec::new();
        let idle: Vec<String> = self.idle().into_iter().map(str::to_owned).collect();
        if !idle.is_empty() {
            let what = "more consumers than partitions, some will be idle".to_owned();
            all.push(PlanDoubt { id: "idle_instances", what, hint: None, treatments: idle });
        }
        all.extend(slos::doubts(&self.slos, &self.treatments, &self.prices));
        all.extend(slos::level(&self.slos, &self.treatments));
        match &self.growth {
            None => all.extend(slos::responses(&self.responses, &self.treatments, &self.prices)),
            Some(growth) if growth.asked.is_none() => {
                all.extend(slos::eased(&self.slos, &self.treatments));
            }
            Some(_) => {}
        }
        all.extend(self.few_injections());
        all.extend(machines::two_scales(&self.treatments));
        all.extend(gathered("short_steady", &self.treatments, Treatment::short_steady));
        all.extend(gathered("message_too_large", &self.treatments, too_large::of));
        all
    }
}

/// Doubts of single treatments as one for each sentence.
fn gathered(
    id: &'static str,
    treatments: &[Treatment],
    of: impl Fn(&Treatment) -> Vec<(String, String)>,
) -> Vec<PlanDoubt> {
    let mut all: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for treatment in treatments {
        for doubt in of(treatment) {
            all.entry(doubt).or_default().push(treatment.slug.clone());
        }
    }
    let doubt = |((what, hint), treatments)| PlanDoubt { id, what, hint: Some(hint), treatments };
    all.into_iter().map(doubt).collect()
}
