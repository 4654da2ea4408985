//! A plan that grows by what its trials show: a search for each combination of the other factors.
//!
//! Each rung of a search is a treatment of its own, with what is searched as the level of one more factor, so that every step is recorded, judged and shown
//! as any other. `workload.until: broken` is the simple case of a capacity: to 10 %, of all SLOs together, and not confirmed.

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::{Plan, PlannedTrial, Treatment};
use crate::search::{Ladder, Next, Rules, Told, replay};
use crate::spec::{GROWN, Search, Slo, Volume};
use crate::units::Rate;

/// How far apart the bounds of `until: broken` may lie.
const CLOSE: f64 = 0.1;
/// Volumes of `until: broken` at most: 2^20 times the first would have been reached.
const MOST_VOLUMES: u32 = 30;

/// The fewest trials that find and confirm both bounds: two neighbours, one at least of them where all rungs are given.
fn least(rules: &Rules) -> usize {
    let bounds = if matches!(rules.ladder, Ladder::Levels { .. }) { 1 } else { 2 };
    bounds * (rules.probes + rules.confirm) as usize
}

/// Searches of a growing plan, one for each combination of the other factors.
#[derive(Clone, Debug)]
pub struct Growth {
    /// What is searched for; none where volume grows until an SLO breaks.
    pub asked: Option<Search>,
    /// Names of the searches, as in slugs; empty without other factors.
    names: Vec<String>,
    /// How each of them goes.
    rules: Vec<Rules>,
    /// The search that each treatment belongs to.
    search: Vec<usize>,
    /// Its rung.
    rung: Vec<i64>,
}

impl Growth {
    /// Makes of each treatment the first rung of a search, and of what is searched the last factor. Its trials are those that each search begins with.
    pub(super) fn begin(
        (asked, slos): (Option<Search>, &[Slo]),
        treatments: &mut [Treatment],
        factors: &mut Vec<String>,
        repetitions: u32,
    ) -> Self {
        let of = asked.as_ref().map_or(GROWN, Search::of);
        let mut growth =
            Growth { asked, names: Vec::new(), rules: Vec::new(), search: Vec::new(), rung: Vec::new() };
        for (search, treatment) in treatments.iter_mut().enumerate() {
            growth.names.push(if factors.is_empty() { String::new() } else { treatment.slug.clone() });
            let rules = growth.rules_of(treatment, slos, repetitions);
            let rung = rules.ladder.start();
            treatment.levels.push(String::new());
            growth.put(treatment, search, rules.ladder.value(rung));
            growth.rules.push(rules);
            growth.search.push(search);
            growth.rung.push(rung);
        }
        factors.push(of.to_owned());
        growth
    }

    fn rules_of(&self, treatment: &Treatment, slos: &[Slo], repetitions: u32) -> Rules {
        let load = match treatment.settings.workload.volume {
            Volume::Rate(rate) => rate.as_per_second(),
            _ => 1.0, // a fault, and told
        };
        match &self.asked {
            None => Rules {
                ladder: Ladder::loads(load, CLOSE),
                probes: repetitions,
                confirm: 0,
                alone: 0,
                most: (MOST_VOLUMES * repetitions) as usize,
                each: false,
                eases: Vec::new(),
            },
            Some(asked) => {
                let ladder = match asked {
                    Search::Capacity { from, tolerance, .. } => {
                        Ladder::loads(from.as_per_second(), *tolerance)
                    }
                    Search::Demand { levels, .. } => Ladder::levels(levels.clone(), load),
                };
                let eases = (0..).zip(slos).filter(|(_, slo)| slo.eases()).map(|(at, _)| at).collect();
                Rules { eases, ..Rules::asked(ladder, repetitions, asked.max_trials() as usize) }
            }
        }
    }

    /// Of how many trials that confirm a rung on it is weighed by those alone; none where it is always by all of it.
    pub fn alone_from(&self) -> Option<u32> {
        self.rules.first().map(|rules| rules.alone).filter(|alone| *alone > 0)
    }

    /// Weighs as a run did that is gone on with.
    pub fn weigh_as(&mut self, alone_from: Option<u32>) {
        for rules in &mut self.rules {
            rules.alone = alone_from.unwrap_or_default();
        }
    }

    /// Trials that each search begins with.
    pub(super) fn first(&self) -> u32 {
        self.rules.first().map_or(1, |rules| rules.probes)
    }

    /// Trials of all searches: the fewest that one can end with, times their number, and the most.
    pub(super) fn trials(&self) -> (usize, usize) {
        let least = |rules: &Rules| least(rules).min(rules.most);
        (self.rules.iter().map(least).sum(), self.rules.iter().map(|rules| rules.most).sum())
    }

    /// The fewest trials that a search of these can end with, and the most that each may make, where those are fewer: then none can come to its end.
    pub(super) fn too_few(&self) -> Option<(usize, usize)> {
        let needs = self.rules.iter().map(|rules| (least(rules), rules.most));
        needs.filter(|(least, most)| most < least).max()
    }

    /// Makes a treatment that of a value.
    fn put(&self, treatment: &mut Treatment, search: usize, value: f64) {
        let (word, label) = if matches!(self.asked, Some(Search::Demand { .. })) {
            let instances = value.round() as u32;
            if let Some(group) = treatment.settings.consumers.first_mut() {
                group.instances = instances;
            }
            ("instances", instances.to_string())
        } else {
            let Some(rate) = Rate::per_second(value) else { return };
            treatment.settings.workload.volume = Volume::Rate(rate);
            ("rate", rate.to_string())
        };
        let name = &self.names[search];
        let before = if name.is_empty() { String::new() } else { format!("{name},") };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let plain: String = label.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
        treatment.slug = format!("{before}{word}={plain}");
        if let Some(level) = treatment.levels.last_mut() {
            *level = label;
        }
    }
}

impl Plan {
    /// Adds a round of trials, those of each search that is not over; none while a trial of the plan has not ended, and none where all is done. `told` says
    /// what the trial of this order and of the treatment of this slug said. What is added follows from that alone, so that a run that goes on comes to the
    /// same trials.
    pub fn grow(&mut self, told: impl Fn(u32, &str) -> Option<Told>) -> bool {
        let Some(growth) = self.growth.clone() else { return false };
        let mut histories: Vec<Vec<(i64, Told)>> = vec![Vec::new(); growth.names.len()];
        for trial in &self.trials {
            let Some(told) = told(trial.order, &self.treatments[trial.treatment].slug) else { return false };
            histories[growth.search[trial.treatment]].push((growth.rung[trial.treatment], told));
        }
        let mut round = Vec::new();
        for (search, history) in histories.into_iter().enumerate() {
            let Next::Round(asks) = replay(&growth.rules[search], history).next else { continue };
            round.extend(asks.iter().map(|ask| (self.treatment_of(search, ask.rung), ask.trials)));
        }
        self.add(&round)
    }

    /// The treatment of a search's rung, which is made where there is none yet.
    fn treatment_of(&mut self, search: usize, rung: i64) -> usize {
        let Some(growth) = &mut self.growth else { return 0 };
        let own = |at: &usize| growth.search[*at] == search;
        if let Some(known) = (0..self.treatments.len()).find(|at| own(at) && growth.rung[*at] == rung) {
            return known;
        }
        let first = (0..self.treatments.len()).find(own).unwrap_or_default();
        let mut treatment = self.treatments[first].clone();
        growth.put(&mut treatment, search, growth.rules[search].ladder.value(rung));
        growth.search.push(search);
        growth.rung.push(rung);
        self.treatments.push(treatment);
        self.treatments.len() - 1
    }

    /// Adds so many trials of each of these treatments, shuffled in blocks.
    fn add(&mut self, round: &[(usize, u32)]) -> bool {
        let last = self.trials.last().map_or(0, |trial| trial.block);
        let blocks = round.iter().map(|(_, trials)| *trials).max().unwrap_or_default();
        let mut random = Pcg64::seed_from_u64(self.seed ^ u64::from(last));
        for block in 1..=blocks {
            let seed = random.next_u64() >> 11;
            let mut own: Vec<usize> =
                round.iter().filter(|(_, trials)| *trials >= block).map(|(at, _)| *at).collect();
            own.shuffle(&mut random);
            for treatment in own {
                let before = self.trials.iter().filter(|trial| trial.treatment == treatment).count();
                let (order, repetition) = (self.trials.len() as u32 + 1, before as u32 + 1);
                self.trials.push(PlannedTrial { order, block: last + block, treatment, repetition, seed });
            }
        }
        blocks > 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::compile::planned;
    use super::*;
    use crate::search::Said;
    use std::collections::{BTreeMap, BTreeSet};

    const UNTIL: &str = "question: q\nworkload: {rate: 100/s, until: broken}\nconsumers: {}\nrepetitions: 2\n\
        slos: [\"p99(end_to_end) < 1s\"]\nfactors: {consumers.instances: [1, 2]}\n";
    const CAPACITY: &str = "question: q\nworkload: {}\nsearch: {capacity: {from: 100/s}}\nconsumers: {}\n\
        slos: [\"p99(end_to_end) < 1s\"]\nfactors: {consumers.instances: [1, 2]}\n";
    const DEMAND: &str = "question: q\nworkload: {}\nsearch: {demand: {levels: [1, 2, 4, 8]}}\n\
        slos: [\"p99(end_to_end) < 1s\"]\nfactors: {workload.rate: [100/s, 250/s]}\n";

    fn told(holds: bool) -> Told {
        Told { said: Some(vec![if holds { Said::Held } else { Said::Broken }]), overload: None }
    }

    fn number(slug: &str, of: &str) -> f64 {
        let part = slug.split(',').find_map(|part| part.strip_prefix(of)?.strip_prefix('='));
        part.unwrap().trim_end_matches("-s").parse().unwrap()
    }

    /// Each instance does 100 a second.
    fn holds(slug: &str) -> bool {
        number(slug, "rate") <= 100.0 * number(slug, "instances")
    }

    fn values(plan: &Plan) -> BTreeMap<&str, Vec<f64>> {
        let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for treatment in &plan.treatments {
            let value = treatment.levels[1].trim_end_matches("/s").parse().unwrap();
            values.entry(&treatment.levels[0]).or_default().push(value);
        }
        values
    }

    #[test]
    fn each_combination_of_the_other_factors_is_searched_on_its_own() {
        let mut plan = planned(UNTIL);
        assert_eq!(plan.factors, ["consumers.instances", "workload.rate"]);
        assert_eq!(plan.treatments[1].slug, "instances=2,rate=100-s");
        let by_slug = |_: u32, slug: &str| Some(told(holds(slug)));
        let not_yet = |order, slug: &str| by_slug(order, slug).filter(|_| !slug.starts_with("instances=2"));
        assert!(!plan.clone().grow(not_yet), "not yet");
        while plan.grow(|_, slug| Some(told(holds(slug)))) {}
        let values = values(&plan);
        assert_eq!(values["1"][..3], [100.0, 200.0, 141.0]);
        assert_eq!(values["2"][..4], [100.0, 200.0, 400.0, 283.0]);
        let once: BTreeSet<&str> = plan.treatments.iter().map(|one| one.slug.as_str()).collect();
        assert_eq!(once.len(), plan.treatments.len());
        assert_eq!(plan.trials.len(), 2 * plan.treatments.len());
        assert!((1..).zip(&plan.trials).all(|(order, trial)| trial.order == order));
        assert!(plan.trials.windows(2).all(|pair| pair[0].block <= pair[1].block));
        for treatment in &plan.treatments {
            let rate = Rate::per_second(treatment.window_rate().unwrap());
            assert_eq!(treatment.levels[1].parse::<Rate>().ok(), rate);
        }
    }

    #[test]
    fn the_bounds_of_a_capacity_are_confirmed_by_turns_in_blocks_of_all_searches() {
        let mut plan = planned(CAPACITY);
        assert_eq!((plan.trials.len(), plan.repetitions), (2, 6));
        assert_eq!(plan.treatments[0].slug, "instances=1,rate=100-s");
        while plan.grow(|_, slug| Some(told(holds(slug)))) {}
        for instances in ["1", "2"] {
            let trials = |at: usize| plan.trials.iter().filter(|trial| trial.treatment == at).count();
            let own = plan.treatments.iter().enumerate().filter(|(_, one)| one.levels[0] == instances);
            let often: Vec<f64> =
                own.filter(|(at, _)| trials(*at) == 7).map(|(_, one)| one.window_rate().unwrap()).collect();
            let most = 100.0 * instances.parse::<f64>().unwrap();
            assert!(often.contains(&most) && often.len() == 2, "{instances}: {often:?}");
        }
        // No block has a treatment twice, and the last blocks have bounds of both searches.
        for block in 1..=plan.trials.last().unwrap().block {
            let own: Vec<usize> = plan
                .trials
                .iter()
                .filter(|trial| trial.block == block)
                .map(|trial| trial.treatment)
                .collect();
            assert_eq!(own.iter().collect::<BTreeSet<_>>().len(), own.len());
        }
    }

    #[test]
    fn a_run_of_before_is_gone_on_with_by_the_rule_that_it_followed() {
        let mut growth = planned(CAPACITY).growth.unwrap();
        assert_eq!(growth.alone_from(), Some(6));
        growth.weigh_as(None);
        assert_eq!((growth.alone_from(), growth.rules[1].alone), (None, 0));
        assert_eq!(planned(UNTIL).growth.unwrap().alone_from(), None, "where nothing is confirmed");
    }

    #[test]
    fn a_demand_is_searched_for_each_load() {
        let mut plan = planned(DEMAND);
        assert_eq!(plan.factors, ["workload.rate", "consumers.instances"]);
        assert_eq!(plan.treatments[0].slug, "rate=100-s,instances=4");
        while plan.grow(|_, slug| Some(told(holds(slug)))) {}
        let values = values(&plan);
        assert_eq!((&values["100/s"][..], &values["250/s"][..]), (&[4.0, 2.0, 1.0][..], &[4.0, 2.0][..]));
        for treatment in &plan.treatments {
            let instances = treatment.settings.consumers[0].instances;
            assert_eq!(treatment.levels[1], instances.to_string());
        }
    }

    #[test]
    fn what_is_added_follows_from_what_trials_said_alone_wherever_the_run_is_cut() {
        // A trial in five says what is not so.
        let ended = |order: u32, slug: &str| {
            let wrong = order.is_multiple_of(5);
            Some(told(holds(slug) != wrong))
        };
        let mut whole = planned(CAPACITY);
        while whole.grow(ended) {}
        for cut in 0..=whole.trials.len() as u32 {
            let mut part = planned(CAPACITY);
            while part.grow(|order, slug| ended(order, slug).filter(|_| order <= cut)) {}
            assert_eq!(part.trials[..], whole.trials[..part.trials.len()]);
            assert!(part.trials.len() >= cut as usize);
            // Gone on with.
            while part.grow(ended) {}
            assert_eq!(part.trials, whole.trials);
        }
    }

    #[test]
    fn a_volume_without_a_usable_trial_is_tried_again_and_bounds_the_search_only_then() {
        let mut plan = planned(UNTIL);
        // The first round is disturbed; 200/s always is.
        let ended = |order: u32, slug: &str| {
            let spoilt = slug.ends_with("=200-s") || order <= 4;
            Some(if spoilt { Told::default() } else { told(true) })
        };
        while plan.grow(ended) {}
        let trials = |slug: &str| {
            let of_it = |trial: &&PlannedTrial| plan.treatments[trial.treatment].slug == slug;
            plan.trials.iter().filter(of_it).map(|trial| trial.repetition).collect::<Vec<_>>()
        };
        assert_eq!(trials("instances=1,rate=100-s"), [1, 2, 3, 4]);
        assert_eq!(trials("instances=1,rate=200-s"), [1, 2, 3, 4, 5, 6]);
        let rates = || plan.treatments.iter().filter_map(Treatment::window_rate);
        assert!(rates().all(|rate| rate <= 200.0) && rates().any(|rate| rate > 180.0 && rate < 200.0));
    }
}
