//! What searches came to: told again from the trials, in the order in which they were planned.

mod at;
mod edge;
mod table;
#[cfg(test)]
pub(super) mod tests;
mod told;

pub use edge::Edge;
pub use table::searches_table;
pub use told::told;

use super::trial::TrialFindings;
use super::verdict::RunVerdict;
use crate::record::{End, Manifest, SearchLine, SloLine};
use crate::search::{Again, Boundary, Came, Ladder, Purpose, Rules, Stop, Told, replay};
use crate::units::Rate;

/// One search.
#[derive(Clone, Debug, PartialEq)]
pub struct Searched {
    /// The levels of the other factors.
    pub levels: Vec<String>,
    /// What was searched.
    pub kind: Aim,
    /// How it went.
    pub rules: Rules,
    /// What it came to; rungs of `rules.ladder`.
    pub came: Came,
    /// What it would have come to by other draws of its trials; none where it has none.
    pub again: Option<Again>,
    /// What each of its trials was made for, by its order in the plan.
    pub purposes: Vec<(u32, Purpose)>,
    /// Each SLO's own edge, in the manifest's order: how it is missed one step beyond its boundary.
    pub edges: Vec<Option<Edge>>,
}

/// What was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// The most load that holds.
    Capacity,
    /// The fewest instances that hold.
    Demand,
}

impl Aim {
    /// As in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Aim::Capacity => "capacity",
            Aim::Demand => "demand",
        }
    }

    /// Of what its rungs are.
    pub const fn unit(self) -> &'static str {
        match self {
            Aim::Capacity => "msgs/s",
            Aim::Demand => "instances",
        }
    }
}

/// One treatment of a run, as a search sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Looked<'a> {
    /// The level's label of each factor, what is searched last.
    pub(super) levels: &'a [String],
    /// Its saved trials.
    pub(super) trials: &'a [TrialFindings],
}

impl Searched {
    /// What a trial was made for, by its order in the plan; none of one that is no trial of this search, or was cut short.
    pub fn purpose(&self, order: u32) -> Option<Purpose> {
        self.purposes.iter().find(|(own, _)| *own == order).map(|(_, purpose)| *purpose)
    }

    /// Whether so many trials that confirm a rung are all that it is weighed by.
    pub const fn is_alone(&self, confirming: usize) -> bool {
        self.rules.alone > 0 && confirming >= self.rules.alone as usize
    }

    /// The value of a rung: messages a second, or instances.
    pub fn value(&self, rung: i64) -> f64 {
        self.rules.ladder.value(rung)
    }

    /// A rung as it is said: `392/s`, `4`.
    pub fn label(&self, rung: i64) -> String {
        let value = self.value(rung);
        match self.kind {
            Aim::Capacity => Rate::per_second(value).map_or_else(String::new, |rate| rate.to_string()),
            Aim::Demand => value.to_string(),
        }
    }

    /// Whether it ended with what was looked for, confirmed; each SLO's own boundary may still be open where no more trials were allowed.
    pub fn is_found(&self) -> bool {
        matches!(self.came.stop, Some(Stop::Found | Stop::MostTrials))
            && self.came.all.good.is_some()
            && self.came.is_confirmed(&self.rules)
    }

    /// What the exit code follows from: held where it was found, broken where nothing that may be tried holds.
    pub fn verdict(&self) -> RunVerdict {
        let all = self.came.all;
        // Too dear wherever all others hold.
        let is_dear = |slo: &usize| {
            self.came.each.get(*slo).is_some_and(|own| own.good.is_none() && own.broke.is_some())
        };
        let nothing = all.good.is_none() && all.broke.is_some() && all.broke == all.bad
            || self.rules.eases.iter().any(is_dear);
        match self.came.stop {
            _ if self.is_found() => RunVerdict::Held,
            Some(Stop::Found | Stop::NothingHolds) if nothing => RunVerdict::Broken,
            _ => RunVerdict::Undecided,
        }
    }
}

/// All searches of a run, in the plan's order; none where nothing was searched.
pub(super) fn searched(manifest: &Manifest, treatments: &[Looked<'_>]) -> Option<Vec<Searched>> {
    let line = manifest.search.as_ref()?;
    let kind = if line.kind == Aim::Demand.name() { Aim::Demand } else { Aim::Capacity };
    let mut all: Vec<&[String]> = Vec::new();
    for treatment in treatments {
        let (_, others) = treatment.levels.split_last()?;
        if !all.contains(&others) {
            all.push(others);
        }
    }
    let own = |others: &&[String]| {
        let is_own = |one: &&Looked<'_>| one.levels.split_last().is_some_and(|(_, its)| its == *others);
        one(manifest, (line, kind), others, &treatments.iter().filter(is_own).collect::<Vec<_>>())
    };
    Some(all.iter().map(own).collect())
}

fn one(
    manifest: &Manifest,
    (line, kind): (&SearchLine, Aim),
    others: &[String],
    treatments: &[&Looked<'_>],
) -> Searched {
    let rules = rules(manifest, (line, kind), treatments);
    let rung = |treatment: &Looked<'_>| {
        let label = treatment.levels.last()?;
        let value = match kind {
            Aim::Capacity => label.parse::<Rate>().ok()?.as_per_second(),
            Aim::Demand => label.parse().ok()?,
        };
        rules.ladder.rung(value)
    };
    let mut history: Vec<(u32, i64, Told)> = Vec::new();
    for treatment in treatments {
        let Some(rung) = rung(treatment) else { continue };
        let ended = treatment.trials.iter().filter(|trial| trial.record.end != End::Interrupted);
        history.extend(ended.map(|trial| (trial.record.order, rung, told(&manifest.slos, trial))));
    }
    history.sort_by_key(|(order, ..)| *order);
    let orders: Vec<u32> = history.iter().map(|(order, ..)| *order).collect();
    let replayed = replay(&rules, history.into_iter().map(|(_, rung, told)| (rung, told)));
    let purposes = replayed.tried.iter().map(|one| one.purpose);
    let purposes: Vec<(u32, Purpose)> = orders.into_iter().zip(purposes).collect();
    let came = Came::of(&rules, &replayed);
    let at = |wanted: i64| treatments.iter().find(|one| rung(one) == Some(wanted)).map(|one| one.trials);
    let edge = |(slo, boundary): (_, &Boundary)| edge::edge(slo, at(boundary.broke?)?);
    let edges = manifest.slos.iter().zip(&came.each).map(edge).collect();
    let again = Again::of(&rules, &replayed.tried);
    Searched { levels: others.to_vec(), kind, rules, came, again, purposes, edges }
}

/// How a search went, by its manifest; the load of a demand is that of its trials.
fn rules(manifest: &Manifest, (line, kind): (&SearchLine, Aim), treatments: &[&Looked<'_>]) -> Rules {
    let ladder = match kind {
        Aim::Capacity => {
            Ladder::loads(line.from_msgs_per_s.unwrap_or(1.0), line.tolerance_percent.unwrap_or(5.0) / 100.0)
        }
        Aim::Demand => {
            let mut trials = treatments.iter().flat_map(|one| one.trials);
            let load = trials.find_map(|trial| trial.record.asked.rate_msgs_per_s);
            Ladder::levels(line.levels.clone(), load.unwrap_or(1.0))
        }
    };
    let asked = Rules::asked(ladder, line.confirm, line.max_trials as usize);
    let eases = |slo: &SloLine| {
        let known = slo.comparison().zip(manifest.metric(&slo.metric));
        known.is_some_and(|(comparison, metric)| comparison.eases(&metric))
    };
    let eases = (0..).zip(&manifest.slos).filter(|(_, slo)| eases(slo)).map(|(at, _)| at).collect();
    Rules { alone: line.alone_from.unwrap_or_default(), eases, ..asked }
}
