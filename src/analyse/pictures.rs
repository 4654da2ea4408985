//! What figures show beyond what is judged: the course of trials, and whole distributions of latencies. Read again from the records when a page asks for it.

use std::collections::BTreeMap;

use super::course::Course;
use super::facts::Facts;
use super::findings::Findings;
use super::reading::Reading;
use super::watched::Watched;
use crate::record::{Run, SavedTrial, StoreError};
use crate::units::{Latency, Quantile};

/// So many trials have their course shown; of more nobody reads each.
pub const COURSES: usize = 30;
/// Points of a distribution for each nine.
const PER_NINE: u32 = 8;
/// Nobody has more messages than for so many nines.
const NINES: u32 = 9;

/// What figures show beyond what is judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pictures {
    /// The course of a trial, by its order in the plan; of [`COURSES`] trials at most.
    pub courses: BTreeMap<u32, Course>,
    /// Of each treatment in its order, each latency that its valid trials know, from all their messages together.
    pub distributions: Vec<BTreeMap<Latency, Distribution>>,
}

/// A latency from its least to its greatest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    /// Messages, those that took longer than we watched among them.
    pub n: u64,
    /// Of these, the ones that took longer than we watched.
    pub censored: u64,
    /// Share of messages and their greatest latency in ms, a bound from where they took longer than we watched. It ends where too few lie beyond.
    pub points: Vec<(f64, Reading)>,
}

impl Pictures {
    /// Reads what a run's figures show.
    pub fn of(run: &Run, findings: &Findings) -> Result<Self, StoreError> {
        let mut pictures = Pictures::default();
        let shown = shown(findings);
        let saved: BTreeMap<u32, &SavedTrial> =
            run.trials.iter().map(|saved| (saved.record.order, saved)).collect();
        for treatment in &findings.treatments {
            let mut merged = BTreeMap::<Latency, Watched>::new();
            for trial in &treatment.trials {
                let order = trial.record.order;
                let Some(saved) = saved.get(&order).copied() else { continue };
                let has_course = shown.contains(&order);
                if !has_course && !trial.is_valid() {
                    continue;
                }
                let rows = saved.rows()?;
                if has_course {
                    // At `rate: max` a message is due when it is sent.
                    let delays = match saved.record.asked.rate_msgs_per_s {
                        Some(_) => saved.all_seconds(Latency::SendDelay)?,
                        None => Vec::new(),
                    };
                    let course = Course::of(&saved.record, &rows, &delays, &saved.events()?);
                    pictures.courses.insert(order, course);
                }
                if trial.is_valid() {
                    let latencies = saved.latencies_of_window()?;
                    let facts = Facts::new(&saved.record, &rows, &latencies);
                    for (latency, watched) in facts.latencies {
                        merged.entry(latency).or_default().merge(watched);
                    }
                }
            }
            let distributions = merged.into_iter().map(|(latency, all)| (latency, Distribution::of(&all)));
            pictures.distributions.push(distributions.collect());
        }
        Ok(pictures)
    }
}

/// The first of each treatment, then the second of each, as many as have a place: by their order in the plan. Where something was done on purpose, only the
/// first: what came of it has a figure of its own, with all trials in it.
fn shown(findings: &Findings) -> Vec<u32> {
    let done = findings.trials().any(|trial| !trial.aftermaths.is_empty());
    let most = if done { findings.treatments.len().min(COURSES) } else { COURSES };
    let longest = findings.treatments.iter().map(|one| one.trials.len()).max().unwrap_or_default();
    let nth = |at: usize| findings.treatments.iter().filter_map(move |one| one.trials.get(at));
    (0..longest).flat_map(nth).map(|trial| trial.record.order).take(most).collect()
}

impl Distribution {
    fn of(all: &Watched) -> Self {
        let share = |at: u32| 1.0 - 10_f64.powf(-f64::from(at) / f64::from(PER_NINE));
        let points = (0..=NINES * PER_NINE).map(|at| (share(at), all.read(Quantile::At(share(at)))));
        let points = points.take_while(|(_, read)| read.at_least().is_some()).collect();
        Distribution { n: all.n, censored: all.censored, points }
    }

    /// From which share on only bounds are known, and the first of them; none where all latencies are.
    pub fn beyond(&self) -> Option<(f64, f64)> {
        let first = self.points.iter().find(|(_, read)| !matches!(read, Reading::Value(_)))?;
        Some((first.0, first.1.at_least()?))
    }
}
