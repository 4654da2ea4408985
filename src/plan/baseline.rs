//! The treatments that the others have to beat: one thread over all partitions, once for each combination of what is not said of consumers.

use super::Treatment;
use super::crossed::Crossed;
use crate::fault::Fault;
use crate::spec::{BASELINE, Document, Experiment, Settings};

/// All of them, the first factor varying slowest; none where the file has no baseline.
pub fn all(experiment: &Experiment) -> Vec<Crossed<'_>> {
    let Some(baseline) = &experiment.baseline else { return Vec::new() };
    let mut all = vec![Crossed { is_baseline: true, ..Crossed::default() }];
    for factor in &experiment.factors {
        if factor.is_of_consumers() {
            for one in &mut all {
                one.labels.push(BASELINE);
            }
        } else {
            all = all.iter().flat_map(|one| factor.levels.iter().map(|level| one.with(level))).collect();
        }
    }
    for one in &mut all {
        one.puts.push(baseline);
    }
    all
}

/// Full-size numbers of an emulated instance and those of a share of this host cannot be set against one another.
pub fn unlike(document: &Document, treatments: &[Treatment]) -> Option<Fault> {
    let is_emulated = |settings: &Settings| settings.consumers.iter().any(|group| group.machine.is_some());
    let any = |is_baseline: bool, emulated: bool| {
        let mut own = treatments.iter().filter(|one| one.is_baseline == is_baseline);
        own.any(|one| is_emulated(&one.settings) == emulated)
    };
    (any(true, false) && any(false, true) || any(true, true) && any(false, false)).then(|| {
        let hint = Some("give both an instance type, or neither: `baseline: { consumers.instance_type: m5.large }`".to_owned());
        let what = "either the `baseline` or what it stands beside has an instance type, and the other has none: their numbers are not of one scale".to_owned();
        document.key_fault(&[BASELINE], what, hint)
    })
}
