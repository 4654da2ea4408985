//! Volume that grows until an SLO breaks: which to try next, from how those before ended.
//!
//! Doubled as long as all holds; once something does not, halved between the greatest that held and the least above it that did not, until the two lie 10 %
//! apart. Where the first does not hold, halved from there. Each volume is a treatment of its own, with the rate as the level of one more factor, so that
//! every step is recorded, judged and shown as any other.

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::{Plan, PlannedTrial};
use crate::spec::Volume;
use crate::units::Rate;

/// The factor that the volumes are levels of.
pub const GROWN: &str = crate::spec::GROWN;
/// A search is over when its two bounds are not further apart than this.
const CLOSE: f64 = 1.1;
/// Volumes of one search at most: 2^20 times the first would have been reached.
const MOST: usize = 30;
/// A volume without a usable trial is tried that often: what spoils a trial may be gone in the next.
const TRIES: usize = 3;
/// A search does not go below the first volume over this.
const DEEPEST: f64 = 64.0;

/// How a volume ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Every SLO held in every usable trial.
    Held,
    /// An SLO was broken in every usable trial.
    Broken,
    /// Neither can be said: trials disagree, or say too little.
    Undecided,
    /// No trial is to be believed.
    Unusable,
}

/// Searches of a growing plan, one for each combination of the other factors.
#[derive(Clone, Debug, Default)]
pub struct Growth {
    /// Names of the searches, as in slugs; empty without other factors.
    pub(super) names: Vec<String>,
    /// The search that each treatment belongs to.
    pub(super) search: Vec<usize>,
}

impl Growth {
    /// How a step is called in folders.
    pub(super) fn slug(name: &str, rate: Rate) -> String {
        let before = if name.is_empty() { String::new() } else { format!("{name},") };
        let rate: String = rate
            .to_string()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' })
            .collect();
        format!("{before}rate={rate}")
    }
}

impl Plan {
    /// Adds a round of trials, a volume for each search that is not over; none while a treatment of the plan has not ended, and none where all is done. `ended`
    /// tells how a treatment with so many trials planned ended, by its slug. What is added follows from that alone, so that a run that goes on comes to the
    /// same trials.
    pub fn grow(&mut self, ended: impl Fn(&str, usize) -> Option<Step>) -> bool {
        let Some(growth) = self.growth.clone() else { return false };
        let planned = |index: usize| self.trials.iter().filter(|trial| trial.treatment == index).count();
        let steps = self.treatments.iter().enumerate().map(|(index, one)| ended(&one.slug, planned(index)));
        let Some(steps) = steps.collect::<Option<Vec<Step>>>() else { return false };
        let mut round = Vec::new();
        for (search, name) in growth.names.iter().enumerate() {
            let of_search: Vec<usize> =
                (0..steps.len()).filter(|treatment| growth.search[*treatment] == search).collect();
            let again = |index: &&usize| {
                steps[**index] == Step::Unusable && planned(**index) < TRIES * self.repetitions as usize
            };
            if let Some(unusable) = of_search.iter().find(again) {
                round.push(*unusable);
                continue;
            }
            let tried: Vec<(f64, Step)> = of_search
                .iter()
                .filter_map(|index| Some((self.treatments[*index].window_rate()?, steps[*index])))
                .collect();
            let next = next(&tried).and_then(Rate::per_second);
            let (Some(rate), Some(first)) = (next, of_search.first()) else { continue };
            let mut treatment = self.treatments[*first].clone();
            treatment.slug = Growth::slug(name, rate);
            treatment.settings.workload.volume = Volume::Rate(rate);
            if let Some(level) = treatment.levels.last_mut() {
                *level = rate.to_string();
            }
            round.push(self.treatments.len());
            self.treatments.push(treatment);
            self.growth.iter_mut().for_each(|growth| growth.search.push(search));
        }
        self.add(round)
    }

    /// Adds the trials of these treatments, shuffled in blocks.
    fn add(&mut self, mut round: Vec<usize>) -> bool {
        let last = self.trials.last().map_or(0, |trial| trial.block);
        let mut random = Pcg64::seed_from_u64(self.seed ^ u64::from(last));
        for block in last + 1..=last + self.repetitions {
            let seed = random.next_u64() >> 11;
            round.shuffle(&mut random);
            for treatment in &round {
                let before = self.trials.iter().filter(|trial| trial.treatment == *treatment).count();
                let (order, repetition) = (self.trials.len() as u32 + 1, before as u32 + 1);
                self.trials.push(PlannedTrial { order, block, treatment: *treatment, repetition, seed });
            }
        }
        !round.is_empty()
    }
}

/// The next volume of a search, from those tried, the first of them being where it began.
fn next(tried: &[(f64, Step)]) -> Option<f64> {
    let start = tried.first()?.0;
    let failed = tried.iter().filter(|one| one.1 != Step::Held).map(|one| one.0).reduce(f64::min);
    let below = |volume: f64| failed.is_none_or(|failed| volume < failed);
    let held =
        tried.iter().filter(|one| one.1 == Step::Held && below(one.0)).map(|one| one.0).reduce(f64::max);
    let next = match (held, failed) {
        (Some(held), None) => held * 2.0,
        (Some(held), Some(failed)) if failed / held > CLOSE => (held * failed).sqrt(),
        // Only what broke says that less may hold; what cannot be said at all, less of it will not say either.
        (None, Some(failed))
            if tried.contains(&(failed, Step::Broken)) && failed * DEEPEST > start * CLOSE =>
        {
            failed / 2.0
        }
        _ => return None,
    };
    let next = rounded(next);
    let is_new = tried.iter().all(|one| (one.0 / next - 1.0).abs() > 1e-3);
    (tried.len() < MOST && is_new).then_some(next)
}

/// To three digits.
fn rounded(volume: f64) -> f64 {
    // By way of a text, so that it is the number that such a text is read as.
    format!("{volume:.2e}").parse().unwrap_or(volume)
}

#[cfg(test)]
mod tests {
    use super::super::{Treatment, compile};
    use super::*;
    use crate::spec::{Document, Overrides};
    use std::collections::BTreeMap;
    use std::path::Path;

    /// Runs a search against something that holds up to `limit`, and is undecided above `blind`.
    fn search(start: f64, limit: f64, blind: f64) -> Vec<(f64, Step)> {
        let step = |volume: f64| match volume {
            _ if volume > blind => Step::Undecided,
            _ if volume > limit => Step::Broken,
            _ => Step::Held,
        };
        let mut tried = vec![(start, step(start))];
        while let Some(volume) = next(&tried) {
            tried.push((volume, step(volume)));
        }
        tried
    }

    fn bounds(tried: &[(f64, Step)]) -> (f64, f64) {
        let of = |step| tried.iter().filter(move |one| one.1 == step).map(|one| one.0);
        (of(Step::Held).fold(0.0, f64::max), of(Step::Broken).fold(f64::INFINITY, f64::min))
    }

    #[test]
    fn a_search_ends_with_bounds_a_tenth_apart_in_few_steps() {
        for limit in [130.0, 999.0, 1_000.0, 12_345.0, 777_777.0] {
            let tried = search(100.0, limit, f64::INFINITY);
            let (held, broken) = bounds(&tried);
            assert!(held <= limit && limit < broken && broken / held <= 1.1, "{limit}: {tried:?}");
            assert!(tried.len() <= 3 + (limit / 100.0).log2().ceil() as usize + 3, "{tried:?}");
        }
    }

    #[test]
    fn a_search_that_begins_too_high_goes_down_and_one_that_never_holds_ends() {
        let (held, broken) = bounds(&search(1_000.0, 130.0, f64::INFINITY));
        assert!(held <= 130.0 && broken > 130.0 && broken / held <= 1.1);
        let never = search(1_000.0, 0.0, f64::INFINITY);
        assert!(never.len() == 7 && never.iter().all(|one| one.1 == Step::Broken), "{never:?}");
    }

    #[test]
    fn what_cannot_be_said_bounds_a_search_from_above_and_is_not_called_broken() {
        let tried = search(100.0, f64::INFINITY, 1_500.0);
        let (held, broken) = bounds(&tried);
        assert!(held > 1_360.0 && held <= 1_500.0 && broken.is_infinite(), "{tried:?}");
        assert_eq!(search(100.0, f64::INFINITY, 50.0).len(), 1, "nothing is known, up or down");
    }

    const FILE: &str = "question: q\nworkload: {rate: 100/s, until: broken}\nconsumers: {}\nrepetitions: 2\n\
        slos: [\"p99(end_to_end) < 1s\"]\nfactors: {consumers.instances: [1, 2]}\n";

    fn rate(treatment: &Treatment) -> f64 {
        treatment.window_rate().unwrap()
    }

    fn plan() -> Plan {
        compile(&Document::parse(Path::new("x.yaml"), FILE.to_owned(), &Overrides::default()).unwrap())
            .unwrap()
    }

    #[test]
    fn each_combination_of_the_other_factors_is_searched_on_its_own() {
        let mut plan = plan();
        assert_eq!(plan.factors, ["consumers.instances", "workload.rate"]);
        assert_eq!(plan.treatments[1].slug, "instances=2,rate=100-s");
        // One instance holds 100/s and no more, two hold 200/s.
        let ended = |slug: &str, _: usize| {
            let (instances, rate) = slug.split_once(",rate=").unwrap();
            let most = if instances == "instances=1" { 100.0 } else { 200.0 };
            let rate: f64 = rate.strip_suffix("-s").unwrap().parse().unwrap();
            Some(if rate <= most { Step::Held } else { Step::Broken })
        };
        assert!(
            !plan.clone().grow(|slug, n| ended(slug, n).filter(|_| !slug.starts_with("instances=2"))),
            "not yet"
        );
        while plan.grow(ended) {}
        let mut rates: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for treatment in &plan.treatments {
            assert_eq!(treatment.levels[1].parse::<Rate>().ok(), Rate::per_second(rate(treatment)));
            rates.entry(&treatment.levels[0]).or_default().push(rate(treatment));
        }
        assert_eq!(rates["1"][..3], [100.0, 200.0, 141.0]);
        assert_eq!(rates["2"][..4], [100.0, 200.0, 400.0, 283.0]);
        let once: std::collections::BTreeSet<&str> =
            plan.treatments.iter().map(|one| one.slug.as_str()).collect();
        assert_eq!(once.len(), plan.treatments.len());
        assert_eq!(plan.trials.len(), 2 * plan.treatments.len());
        assert!((1..).zip(&plan.trials).all(|(order, trial)| trial.order == order));
        assert!(plan.trials.windows(2).all(|pair| pair[0].block <= pair[1].block));
    }

    #[test]
    fn what_is_added_follows_from_how_the_steps_ended_alone() {
        let (mut one, mut other) = (plan(), plan());
        let ended =
            |slug: &str, _: usize| Some(if slug.ends_with("=100-s") { Step::Held } else { Step::Broken });
        while one.grow(ended) {}
        while other.grow(ended) {}
        assert_eq!(one.trials, other.trials);
    }

    #[test]
    fn a_volume_without_a_usable_trial_is_tried_again_and_bounds_the_search_only_then() {
        let mut plan = plan();
        // The first round is disturbed; 200/s always is.
        let ended = |slug: &str, planned: usize| {
            let spoilt = slug.ends_with("=200-s") || planned == 2 && slug.ends_with("=100-s");
            Some(if spoilt { Step::Unusable } else { Step::Held })
        };
        while plan.grow(ended) {}
        let trials = |slug: &str| {
            let of_it = |trial: &&PlannedTrial| plan.treatments[trial.treatment].slug == slug;
            plan.trials.iter().filter(of_it).map(|trial| trial.repetition).collect::<Vec<_>>()
        };
        assert_eq!(trials("instances=1,rate=100-s"), [1, 2, 3, 4]);
        assert_eq!(trials("instances=1,rate=200-s"), [1, 2, 3, 4, 5, 6]);
        assert!(plan.treatments.iter().all(|one| rate(one) <= 200.0));
        assert!(plan.treatments.iter().any(|one| rate(one) > 180.0 && rate(one) < 200.0));
    }
}
