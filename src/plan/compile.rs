//! From what was written to what will happen: the cross product of the levels, in shuffled blocks.

use std::collections::BTreeSet;

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::crossed::Crossed;
use super::growth::Growth;
use super::{Plan, PlannedTrial, Treatment, baseline, machines, slos};
use crate::catalogue;
use crate::fault::{Fault, Faults};
use crate::spec::{BASELINE, Client, Document, Experiment, Level, Settings, Volume, short_names};

/// More treatments than this are a slip: at half a minute each they would run for a working day.
const MOST_TREATMENTS: usize = 1000;
/// Beyond this a report could not be read and a run would take weeks.
const MOST_TRIALS: usize = 10_000;
/// File names end at 255 bytes; a trial's folder and topic put more around the slug.
const LONGEST_SLUG: usize = 100;

/// The plan of a file, or all that is wrong with it.
pub fn compile(document: &Document) -> Result<Plan, Faults> {
    let mut faults = Vec::new();
    let types = document.instance_types(catalogue::types(), &mut faults);
    let experiment = document.experiment(&types, &mut faults);
    let mut treatments = Vec::new();
    if let Some(mut crossed) = cross(document, &experiment, &mut faults) {
        crossed.extend(baseline::all(&experiment));
        let all = |auto| {
            let mut faults = Vec::new();
            let settings = |one: &Crossed<'_>| document.settings(&one.puts, (auto, &types), &mut faults);
            let settings: Vec<Option<Settings>> = crossed.iter().map(settings).collect();
            (settings, faults)
        };
        // What `auto` is follows from the file alone and is the same in all treatments: else a factor would change the client with the crowd.
        let (mut settings, mut wrong) = all(Client::Librdkafka);
        if settings.iter().flatten().any(has_a_crowd) {
            (settings, wrong) = all(Client::Light);
        }
        faults.extend(wrong);
        let puts: Vec<Vec<&Level>> = crossed.iter().map(|one| one.puts.clone()).collect();
        faults.extend(document.idle_credits(&puts, &types));
        let slugs = slugs(&experiment, &crossed);
        for ((Crossed { labels, is_baseline, .. }, slug), settings) in
            crossed.into_iter().zip(slugs).zip(settings)
        {
            if let Some(settings) = settings {
                let levels = labels.into_iter().map(str::to_owned).collect();
                treatments.push(Treatment { slug, levels, is_baseline, settings });
            }
        }
        faults.extend(baseline::unlike(document, &treatments));
    }
    let mut factors: Vec<String> = experiment.factors.iter().map(|factor| factor.name.clone()).collect();
    let growth = growing(document, &experiment, (&mut treatments, &mut factors), &mut faults);
    let first = growth.as_ref().map_or(experiment.repetitions, Growth::first);
    let prices =
        machines::prices(document, &treatments, (&experiment.prices, experiment.priced), &mut faults);
    faults.extend(slos::faults(document, &experiment.slos, &treatments, &prices));
    // A host that does not say how many cores it has is taken to have enough.
    let cores = std::thread::available_parallelism().map_or(usize::MAX, std::num::NonZero::get);
    faults.extend(machines::too_much(document, &treatments, cores));
    let prefixes: BTreeSet<&str> =
        treatments.iter().map(|treatment| treatment.settings.topic_prefix.as_str()).collect();
    if prefixes.len() > 1 {
        let what = "`topic.prefix` must be the same for all trials of a run".to_owned();
        let about = prefixes.last().map(|prefix| ("prefix".to_owned(), (*prefix).to_owned()));
        faults.push(document.about_fault(about.as_slice(), what));
    }
    let shared =
        treatments.first().map(|first| (first.settings.cluster.clone(), first.settings.phases.prepare));
    let (Some((cluster, prepare)), true) = (shared, faults.is_empty()) else {
        return Err(document.faults(faults));
    };
    Ok(Plan {
        experiment: document.stem(),
        trials: trials(treatments.len(), first, experiment.seed),
        question: experiment.question,
        cluster,
        factors,
        treatments,
        responses: experiment.responses,
        slos: experiment.slos,
        scrape: experiment.scrape,
        prices,
        repetitions: experiment.repetitions,
        seed: experiment.seed,
        prepare,
        growth,
    })
}

/// The plan of an experiment that is written in a test.
#[cfg(test)]
pub fn planned(text: &str) -> Plan {
    use crate::spec::Overrides;
    let file = std::path::Path::new("x.yaml");
    compile(&Document::parse(file, text.to_owned(), &Overrides::default()).unwrap()).unwrap()
}

/// The searches, where there are any: what is searched is one more factor, and where each begins its first level.
fn growing(
    document: &Document,
    experiment: &Experiment,
    (treatments, factors): (&mut [Treatment], &mut Vec<String>),
    faults: &mut Vec<Fault>,
) -> Option<Growth> {
    let until = treatments.iter().any(|treatment| treatment.settings.workload.until_broken);
    if experiment.search.is_none() && !until {
        return None;
    }
    let has_rate = |one: &Treatment| matches!(one.settings.workload.volume, Volume::Rate(_));
    if !until && !treatments.iter().all(has_rate) {
        let hint = Some("write a `rate`".to_owned());
        let what = "a search needs a `rate`, not a `shape` and not `max`".to_owned();
        faults.push(document.key_fault(&["search.demand", "search"], what, hint));
    }
    let asked = (experiment.search.clone(), experiment.slos.as_slice());
    let growth = Growth::begin(asked, treatments, factors, experiment.repetitions);
    if let Some((least, most)) = growth.too_few() {
        let keys = ["search.capacity.max_trials", "search.demand.max_trials", "repetitions", "search"];
        let what = format!("{most} trials are too few to find and confirm what a search looks for");
        let hint = format!(
            "write `max_trials: {least}` or more, or fewer `repetitions`, each of which confirms either bound once more"
        );
        faults.push(document.key_fault(&keys, what, Some(hint)));
    }
    Some(growth)
}

fn has_a_crowd(settings: &Settings) -> bool {
    settings.workload.fleets.iter().any(|fleet| fleet.producers > Client::MOST_HEAVY)
}

/// All combinations, the first factor varying slowest.
fn cross<'a>(
    document: &Document,
    experiment: &'a Experiment,
    faults: &mut Vec<Fault>,
) -> Option<Vec<Crossed<'a>>> {
    let sizes = experiment.factors.iter().map(|factor| factor.levels.len());
    let count = sizes.fold(1, usize::saturating_mul);
    let trials = count.saturating_mul(experiment.repetitions as usize);
    if count > MOST_TREATMENTS || trials > MOST_TRIALS {
        let what = format!(
            "the factors make {count} treatments and {trials} trials, more than {MOST_TREATMENTS} and {MOST_TRIALS}"
        );
        let hint = Some("leave levels or repetitions away".to_owned());
        let many = if count > 1 { ["factors", "repetitions"] } else { ["repetitions", "factors"] };
        faults.push(document.key_fault(&many, what, hint));
        return None;
    }
    let mut crossed = vec![Crossed::default()];
    for factor in &experiment.factors {
        let with = |one: &Crossed<'a>| {
            let one = one.clone();
            factor.levels.iter().map(move |level| one.with(level))
        };
        crossed = crossed.iter().flat_map(with).collect();
    }
    Some(crossed)
}

/// Names that a file may have, each once: `partitions=1,instances=2`.
fn slugs(experiment: &Experiment, crossed: &[Crossed<'_>]) -> Vec<String> {
    let factors: Vec<&str> = experiment.factors.iter().map(|factor| factor.name.as_str()).collect();
    let names: Vec<String> = short_names(&factors).into_iter().map(plain).collect();
    let mut taken = BTreeSet::new();
    crossed
        .iter()
        .map(|one| {
            let mut parts: Vec<String> = one.is_baseline.then(|| BASELINE.to_owned()).into_iter().collect();
            // What it stands in the place of has no level there.
            let own =
                names.iter().zip(&one.labels).filter(|(_, label)| !one.is_baseline || **label != BASELINE);
            parts.extend(own.map(|(name, label)| format!("{name}={}", plain(label))));
            // A name that begins with `-` is an option to other programs, and a formula in a table.
            let mut slug = parts.join(",").trim_start_matches('-').to_owned();
            if slug.is_empty() {
                "base".clone_into(&mut slug);
            }
            slug.truncate(LONGEST_SLUG); // ASCII by now
            let mut unique = slug.clone();
            let mut number = 2;
            while !taken.insert(unique.to_lowercase()) {
                unique = format!("{slug}-{number}");
                number += 1;
            }
            unique
        })
        .collect()
}

/// A text as a part of a name: what a file cannot be called is one `-`, and none at the end.
fn plain(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let mut parts = text.split(|c| !is_plain(c)).filter(|part| !part.is_empty());
    let name = parts.next().map(|first| parts.fold(first.to_owned(), |name, part| name + "-" + part));
    name.unwrap_or_else(|| "_".to_owned())
}

/// Blocks of one trial of each treatment, each block shuffled. More repetitions only add blocks at the end.
fn trials(treatments: usize, repetitions: u32, seed: u64) -> Vec<PlannedTrial> {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut trials = Vec::new();
    for block in 1..=repetitions {
        // 53 bits: JSON's readers hold numbers as doubles.
        let seed = random.next_u64() >> 11;
        let mut order: Vec<usize> = (0..treatments).collect();
        order.shuffle(&mut random);
        for treatment in order {
            let order = trials.len() as u32 + 1;
            trials.push(PlannedTrial { order, block, treatment, repetition: block, seed });
        }
    }
    trials
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Overrides;
    use proptest::prelude::*;
    use std::path::Path;

    fn plan(text: &str) -> Plan {
        compile(&Document::parse(Path::new("x.yaml"), text.to_owned(), &Overrides::default()).unwrap())
            .unwrap()
    }

    fn crossed(partitions: u32, instances: u32, repetitions: u32, seed: u64) -> Plan {
        let list = |count: u32| (1..=count).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
        plan(&format!(
            "question: q\nworkload: {{rate: 10/s}}\nconsumers: {{}}\nrepetitions: {repetitions}\nseed: {seed}\n\
             factors:\n  topic.partitions: [{}]\n  consumers.instances: [{}]\n",
            list(partitions),
            list(instances)
        ))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn the_plan_is_the_full_cross_product_and_each_block_has_each_treatment_once(
            partitions in 1..5_u32, instances in 1..5_u32, repetitions in 1..4_u32, seed in any::<u64>()
        ) {
            let plan = crossed(partitions, instances, repetitions, seed);
            let all: BTreeSet<(u32, u32)> = plan.treatments.iter()
                .map(|t| (t.settings.topic.partitions, t.settings.consumers[0].instances)).collect();
            prop_assert_eq!(all.len() as u32, partitions * instances);
            prop_assert_eq!(plan.treatments.len(), all.len());
            for (index, block) in plan.trials.chunks(all.len()).enumerate() {
                let once: BTreeSet<usize> = block.iter().map(|trial| trial.treatment).collect();
                prop_assert_eq!(once.len(), all.len());
                let alike = |trial: &PlannedTrial| trial.block == index as u32 + 1 && trial.seed == block[0].seed;
                prop_assert!(block.iter().all(alike));
            }
            prop_assert_eq!(plan.trials.len(), all.len() * repetitions as usize);
        }

        #[test]
        fn the_same_seed_gives_the_same_order_and_more_repetitions_only_add(seed in any::<u64>()) {
            let (few, many) = (crossed(3, 3, 2, seed), crossed(3, 3, 3, seed));
            prop_assert_eq!(&few.trials[..], &crossed(3, 3, 2, seed).trials[..]);
            prop_assert_eq!(&few.trials[..], &many.trials[..few.trials.len()]);
        }
    }

    #[test]
    fn treatments_are_named_after_their_levels() {
        let slugs: Vec<String> = crossed(2, 2, 1, 1).treatments.into_iter().map(|t| t.slug).collect();
        assert_eq!(slugs[..2], ["partitions=1,instances=1", "partitions=1,instances=2"]);
        assert_eq!(plan("question: q\nworkload: {rate: 1/s}").treatments[0].slug, "base");
    }

    #[test]
    fn the_prepare_trial_is_that_of_the_greatest_load() {
        let plan = crossed(3, 2, 1, 1);
        assert_eq!(plan.treatments[plan.prepare_treatment()].slug, "partitions=3,instances=2");
    }

    #[test]
    fn a_named_level_sets_several_fields() {
        let plan = plan(
            "question: q\nworkload: {rate: 1/s}\nfactors:\n  crowd:\n    one heavy: {workload.fleets: [{name: a}], workload.rate: 5/s}\n    \
             many light: {workload.fleets.all.producers: 9}\n",
        );
        assert_eq!(plan.treatments[0].settings.workload.fleets[0].name, "a");
        assert_eq!(plan.treatments[1].settings.workload.fleets[0].producers, 9);
        assert_eq!(plan.treatments[1].slug, "crowd=many-light");
    }
}
