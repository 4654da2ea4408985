//! A search's bounds, chosen again from trials that are drawn again.

use rand::SeedableRng;
use rand_pcg::Pcg64;

use super::boundary::Boundary;
use super::weigh::{Votes, votes};
use super::{Rules, Tried};
use crate::stats::{CONFIDENCE, index};

/// Resamples.
const DRAWS: usize = 2_000;
/// Of fewer trials of a bound its draws say nothing: of one they are all the same.
const FEWEST: u32 = 6;
/// So that the same trials always give the same.
const SEED: u64 = 19;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Again {
    /// The least that holds of 95 % of the draws, and no more than what holds of all trials; none where that share has no such end, or nothing holds.
    pub holds: Option<i64>,
    /// The most that broke, and no less than what broke of all trials; none likewise.
    pub breaks: Option<i64>,
    /// Share of the draws in which both were the same as of all trials.
    pub same: f64,
}

impl Again {
    /// Draws as many trials of each rung as it is weighed by, with replacement, and weighs all of them anew. None where a bound has fewer than six trials.
    pub fn of(rules: &Rules, tried: &[Tried]) -> Option<Self> {
        let votes = votes(rules, tried, |one| rules.weighed(&one.told));
        let chosen = Boundary::of(&votes);
        let few = |rung: &Option<i64>| {
            let of = rung.and_then(|rung| votes.get(&rung));
            of.is_some_and(|own| own.iter().sum::<u32>() < FEWEST)
        };
        if votes.is_empty() || [chosen.good, chosen.bad, chosen.broke].iter().any(few) {
            return None;
        }
        let mut random = Pcg64::seed_from_u64(SEED);
        let (mut holds, mut breaks, mut same) = (Vec::new(), Vec::new(), 0_usize);
        for _ in 0..DRAWS {
            let own = Boundary::of(&drawn(&votes, &mut random));
            same += usize::from((own.good, own.broke) == (chosen.good, chosen.broke));
            // What has no such end lies beyond all that was tried.
            holds.push(own.good.map_or(f64::NEG_INFINITY, |rung| rung as f64));
            breaks.push(own.broke.map_or(f64::INFINITY, |rung| rung as f64));
        }
        let rung = |mut of: Vec<f64>, part: f64| {
            of.sort_by(f64::total_cmp);
            let at = ((DRAWS as f64 * part).floor() as usize).min(DRAWS - 1);
            of.get(at).copied().filter(|rung| rung.is_finite()).map(|rung| rung as i64)
        };
        let tail = (1.0 - CONFIDENCE) / 2.0;
        Some(Again {
            holds: rung(holds, tail).zip(chosen.good).map(|(drawn, found)| drawn.min(found)),
            breaks: rung(breaks, 1.0 - tail).zip(chosen.broke).map(|(drawn, found)| drawn.max(found)),
            same: same as f64 / DRAWS as f64,
        })
    }
}

/// As many trials of each rung, each one of its own.
fn drawn(votes: &Votes, random: &mut Pcg64) -> Votes {
    let again = |(rung, [held, broken, open]): (&i64, &[u32; 3])| {
        let of = (held + broken + open) as usize;
        let mut now = [0; 3];
        for _ in 0..of {
            let at = index(random, of) as u32;
            now[usize::from(at >= *held) + usize::from(at >= held + broken)] += 1;
        }
        (*rung, now)
    };
    votes.iter().map(again).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::{Ladder, Purpose, Said, Told};

    fn of(trials: &[(i64, u32, u32)]) -> Again {
        again(trials).unwrap()
    }

    fn again(trials: &[(i64, u32, u32)]) -> Option<Again> {
        let all: Vec<(i64, [u32; 3])> =
            trials.iter().map(|(rung, held, broken)| (*rung, [*held, *broken, 0])).collect();
        of_all(&all)
    }

    /// Trials that held, that were broken, and of which it cannot be said.
    fn of_all(trials: &[(i64, [u32; 3])]) -> Option<Again> {
        let mut tried = Vec::new();
        for (rung, counts) in trials {
            let said = [Said::Held, Said::Broken, Said::Undecided].into_iter().zip(counts);
            let said = said.flat_map(|(said, count)| std::iter::repeat_n(said, *count as usize));
            tried.extend(said.map(|said| Tried {
                rung: *rung,
                purpose: Purpose::Confirm,
                told: Told { said: Some(vec![said]), overload: None },
            }));
        }
        Again::of(&Rules::asked(Ladder::loads(100.0, 0.1), 6, 60), &tried)
    }

    #[test]
    fn bounds_that_were_tried_once_are_not_drawn_again() {
        assert_eq!(again(&[(0, 1, 0), (4, 7, 0), (5, 0, 1)]), None, "all draws of one trial are that one");
        assert_eq!(again(&[(0, 1, 0), (4, 1, 0), (5, 0, 7)]), None);
        assert_eq!(again(&[]), None);
    }

    #[test]
    fn bounds_at_which_all_trials_agree_are_the_same_in_every_draw() {
        let again = of(&[(0, 1, 0), (4, 7, 0), (5, 0, 7), (8, 0, 1)]);
        assert_eq!(again, Again { holds: Some(4), breaks: Some(5), same: 1.0 });
    }

    #[test]
    fn bounds_that_came_out_either_way_are_wider_and_the_same_trials_give_the_same() {
        let trials = [(0, 1, 0), (3, 1, 0), (4, 4, 3), (5, 1, 6), (8, 0, 1)];
        let again = of(&trials);
        assert_eq!(again.holds, Some(3));
        assert!(again.breaks >= Some(5) && again.same > 0.5 && again.same < 0.95, "{again:?}");
        assert_eq!(of(&trials), again);
    }

    #[test]
    fn the_upper_end_never_lies_below_what_broke_where_something_below_it_cannot_be_said() {
        let again = of_all(&[(0, [7, 0, 0]), (3, [0, 0, 7]), (5, [0, 7, 0])]).unwrap();
        assert_eq!((again.holds, again.breaks), (Some(0), Some(5)));
        assert_eq!(again.same.to_bits(), 1.0_f64.to_bits(), "what can be said comes out alike");
        // What nobody saw broken has no upper end, however often it was tried.
        let open = of_all(&[(0, [7, 0, 0]), (3, [0, 0, 7])]).unwrap();
        assert_eq!((open.holds, open.breaks), (Some(0), None));
        assert_eq!(
            of_all(&[(0, [7, 0, 0]), (3, [0, 0, 7]), (5, [0, 1, 0])]),
            None,
            "one that broke says nothing"
        );
    }

    #[test]
    fn where_nothing_broke_there_is_no_upper_end() {
        let again = of(&[(0, 6, 0), (4, 6, 0)]);
        assert_eq!(again, Again { holds: Some(4), breaks: None, same: 1.0 });
    }
}
