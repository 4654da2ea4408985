//! What an event did in all trials of a treatment.

use super::Aftermath;
use crate::analyse::reading::Reading;
use crate::analyse::summary::Summary;
use crate::analyse::trial::TrialFindings;

/// What one event did in the valid trials of a treatment, each once.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// Its name.
    pub name: &'a str,
    /// Order and aftermath of each trial that counts.
    pub trials: Vec<(u32, &'a Aftermath)>,
}

/// Each event of a treatment's valid trials, in the order in which they first came.
pub fn of_treatment<'a>(valid: impl Iterator<Item = &'a TrialFindings>) -> Vec<Event<'a>> {
    let mut all: Vec<Event<'a>> = Vec::new();
    for trial in valid {
        for one in &trial.aftermaths {
            let (name, own) = (one.injected.event.as_str(), (trial.record.order, one));
            match all.iter_mut().find(|event| event.name == name) {
                Some(event) => event.trials.push(own),
                None => all.push(Event { name, trials: vec![own] }),
            }
        }
    }
    all
}

impl Event<'_> {
    /// What was done, as the file has it.
    pub fn what(&self) -> &str {
        self.trials.first().map_or("", |(_, one)| one.injected.what.as_str())
    }

    /// A number of it over the trials. Where some of them were watched for too short a time, the middle is that of Kaplan and Meier.
    pub fn summary(&self, of: fn(&Aftermath) -> Reading) -> Summary {
        Summary::of_times(self.trials.iter().map(|(_, one)| of(one)))
    }

    /// The same of numbers that are known or not.
    pub fn known(&self, of: fn(&Aftermath) -> Option<f64>) -> Summary {
        Summary::of(self.trials.iter().map(|(_, one)| of(one).into()))
    }

    /// Trials in which a number was not seen to come.
    pub fn censored(&self, of: fn(&Aftermath) -> Reading) -> usize {
        self.trials.iter().filter(|(_, one)| matches!(of(one), Reading::Beyond(_))).count()
    }
}
