//! What the data chose, chosen again: how often another draw of the same blocks would call the same treatment the cheapest, or leave it on the front.

use std::collections::BTreeMap;

use super::decision::Decision;
use super::looks::part_of;
use crate::analyse::cost::Basis;
use crate::analyse::findings::{Findings, TreatmentFindings};
use crate::analyse::response::COST;
use crate::analyse::summary::Load;
use crate::analyse::verdict::Verdict;
use crate::record::Manifest;
use crate::stats::{RESAMPLES, front, median, resample};

const LATENCY: &str = "end_to_end_latency_p99_ms";
/// The fewest blocks that are drawn from: three can be drawn in ten ways only.
const FEWEST_BLOCKS: usize = 6;
/// So that the same trials always have the same shares.
const SEED: u64 = 19;
/// From this share on a treatment is on the front, and down to one minus it perhaps.
pub const ON_THE_FRONT: f64 = 0.95;

/// How often each treatment came out in resamples of whole blocks; as many of each as there are treatments.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Blocks that were drawn from.
    pub blocks: usize,
    /// Share in which it was the cheapest of those that keep up and hold all SLOs; none of one that has no cost.
    pub cheapest: Vec<Option<f64>>,
    /// Share in which none of the others was both cheaper and faster; none of one without cost or without p99.
    pub front: Vec<Option<f64>>,
}

/// One trial, as far as the choice asks.
struct Drawn {
    cost: Option<f64>,
    p99: Option<f64>,
    verdicts: Vec<Verdict>,
    kept_up: bool,
    /// For which look it was made.
    part: usize,
}

/// The trials of a treatment by their block.
type ByBlock = BTreeMap<u32, Drawn>;

impl Chosen {
    /// Whether there are blocks and costs enough to draw from: without drawing.
    pub fn can_be(manifest: &Manifest, findings: &Findings) -> bool {
        to_draw_from(manifest, findings).is_some()
    }

    /// Of the treatments that can go on at what was offered. Each resample draws as many blocks as there are, with replacement, and does all anew: medians,
    /// whether a treatment kept up, its verdicts by the rule of [`Decision`], and who is the cheapest. None of less than six blocks, or where fewer
    /// than two treatments have a cost.
    pub fn of(manifest: &Manifest, findings: &Findings) -> Option<Self> {
        let (treatments, blocks) = to_draw_from(manifest, findings)?;
        let mut cheapest = vec![0_usize; treatments.len()];
        let mut on_front = vec![0_usize; treatments.len()];
        let (all, of_draw, parts) = (&treatments, &blocks, &parts(&treatments, &blocks));
        resample(blocks.len(), RESAMPLES, SEED, |drawn| {
            let placed = |one: usize| {
                let of = move |(at, part): (&usize, &usize)| Some((*part, all[one].get(&of_draw[*at])?));
                drawn.iter().zip(parts).filter_map(of)
            };
            let trials = |one: usize| placed(one).map(|(_, trial)| trial);
            let of = |one: usize, read: fn(&Drawn) -> Option<f64>| {
                median(&trials(one).filter_map(read).collect::<Vec<_>>())
            };
            let costs: Vec<Option<f64>> =
                (0..treatments.len()).map(|one| of(one, |trial| trial.cost)).collect();
            let holds = |one: usize| {
                trials(one).all(|trial| trial.kept_up)
                    && (0..manifest.slos.len()).all(|slo| {
                        Decision::of(placed(one).map(|(part, trial)| (part, trial.verdicts[slo]))).verdict
                            == Verdict::Held
                    })
            };
            let of_those = (0..treatments.len()).filter(|one| costs[*one].is_some() && holds(*one));
            if let Some(first) = of_those.min_by(|a, b| {
                let cost = |one: &usize| costs[*one].unwrap_or(f64::INFINITY);
                cost(a).total_cmp(&cost(b))
            }) {
                cheapest[first] += 1;
            }
            let points: Vec<(f64, f64)> = (0..treatments.len())
                .map(|one| {
                    let p99 = of(one, |trial| trial.p99);
                    (costs[one].unwrap_or(f64::NAN), p99.unwrap_or(f64::NAN))
                })
                .collect();
            for (count, is_on) in on_front.iter_mut().zip(front(&points)) {
                *count += usize::from(is_on);
            }
            None
        });
        let share = |counts: &[usize], known: &dyn Fn(&Drawn) -> bool| {
            let of = |(one, count): (&ByBlock, &usize)| {
                one.values().any(known).then(|| *count as f64 / RESAMPLES as f64)
            };
            treatments.iter().zip(counts).map(of).collect::<Vec<_>>()
        };
        Some(Chosen {
            blocks: blocks.len(),
            cheapest: share(&cheapest, &|trial| trial.cost.is_some()),
            front: share(&on_front, &|trial| trial.cost.is_some() && trial.p99.is_some()),
        })
    }
}

/// The trials of each treatment by their block, and all blocks; none where a draw of them would say nothing.
fn to_draw_from(manifest: &Manifest, findings: &Findings) -> Option<(Vec<ByBlock>, Vec<u32>)> {
    let treatments: Vec<ByBlock> = findings.treatments.iter().map(|one| by_block(manifest, one)).collect();
    let mut blocks: Vec<u32> = treatments.iter().flat_map(|one| one.keys().copied()).collect();
    blocks.sort_unstable();
    blocks.dedup();
    let priced = treatments.iter().filter(|one| one.values().any(|trial| trial.cost.is_some())).count();
    (blocks.len() >= FEWEST_BLOCKS && priced >= 2).then_some((treatments, blocks))
}

/// For which look each block was made: what is drawn in its place is of that.
fn parts(treatments: &[ByBlock], blocks: &[u32]) -> Vec<usize> {
    let part = |block: &u32| treatments.iter().filter_map(|one| Some(one.get(block)?.part)).max();
    blocks.iter().map(|block| part(block).unwrap_or_default()).collect()
}

/// Its valid trials; costs only where they are of what was offered and can go on.
fn by_block(manifest: &Manifest, one: &TreatmentFindings) -> ByBlock {
    let trials = one.valid().map(|trial| {
        let offered = trial.cost.as_ref().is_some_and(|cost| cost.basis == Basis::Offered);
        let drawn = Drawn {
            cost: trial.metric(COST).value().filter(|_| offered),
            p99: trial.metric(LATENCY).value(),
            verdicts: manifest.slos.iter().map(|slo| Verdict::of_trial(slo, &trial.judged)).collect(),
            kept_up: Load::of([&trial.judged]) == Load::Steady,
            part: part_of(manifest, &trial.record),
        };
        (trial.record.block, drawn)
    });
    trials.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{Cost, Reading, TrialFindings, judge};
    use crate::record::testing::{Synthetic, emulated, manifest, prices};
    use crate::units::CreditMode;

    fn chosen(costs: &[(&str, [f64; 6])]) -> Option<Chosen> {
        let names: Vec<&str> = costs.iter().map(|one| one.0).collect();
        let mut manifest = manifest(&names);
        manifest.prices = prices();
        let at = |name: &str| crate::spec::place(name).unwrap();
        let mut trials = Vec::new();
        for (number, (name, costs)) in (1..).zip(costs) {
            for (block, cost) in (1..).zip(costs) {
                let trial = Synthetic {
                    order: block * 10 + number,
                    repetition: block,
                    treatment: (*name).to_owned(),
                    ..Synthetic::default()
                };
                let mut record = trial.record();
                record.emulated = vec![emulated("m5.large", CreditMode::Standard, 0.5, 1)];
                let judged = judge(&record, &trial.rows(), &trial.latencies());
                let mut one = TrialFindings::of(&manifest, record, judged);
                assert_eq!(one.cost.as_ref().map(|cost: &Cost| cost.basis), Some(Basis::Offered));
                one.judged.metrics[at(COST)] = Reading::Value(*cost);
                one.judged.metrics[at(LATENCY)] = Reading::Value(f64::from(number));
                trials.push(one);
            }
        }
        Chosen::of(&manifest, &Findings::of(&manifest, trials))
    }

    #[test]
    fn a_clear_cheapest_is_always_chosen_and_two_alike_share() {
        let clear = chosen(&[("a", [1.0, 1.1, 0.9, 1.0, 1.05, 0.95]), ("b", [2.0, 2.1, 1.9, 2.0, 2.0, 2.0])]);
        let clear = clear.unwrap();
        assert_eq!((clear.blocks, clear.cheapest), (6, vec![Some(1.0), Some(0.0)]));
        assert_eq!(clear.front, [Some(1.0), Some(0.0)], "the second is dearer and slower");
        let alike =
            chosen(&[("a", [1.0, 1.2, 0.8, 1.1, 0.9, 1.0]), ("b", [1.01, 0.9, 1.1, 0.95, 1.05, 1.0])]);
        let share = alike.unwrap().cheapest[0].unwrap();
        assert!(share > 0.2 && share < 0.9, "{share}");
    }
}
