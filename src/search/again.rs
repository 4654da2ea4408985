//! A search's bounds, chosen again from trials that are drawn again.

use rand::SeedableRng;
use rand_pcg::Pcg64;

use super::Tried;
use super::next::votes;
use super::weigh::{Votes, bounds};
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
    /// The least that holds, and the most that breaks, of 95 % of the draws; none where that share has no such end.
    pub holds: Option<i64>,
    /// Likewise.
    pub breaks: Option<i64>,
    /// Share of the draws in which both bounds were the same as of all trials.
    pub same: f64,
}

impl Again {
    /// Draws as many trials of each rung as it had, with replacement, and weighs all of them anew. None where a bound has fewer than six trials.
    pub fn of(tried: &[Tried]) -> Option<Self> {
        let all = |one: &Tried| one.told.all();
        let counts = votes(tried, all);
        let chosen = bounds(&counts);
        let few = |rung: Option<i64>| {
            let of = rung.and_then(|rung| counts.get(&rung));
            of.is_some_and(|(held, not)| held + not < FEWEST)
        };
        if counts.is_empty() || few(chosen.good) || few(chosen.bad) {
            return None;
        }
        let mut random = Pcg64::seed_from_u64(SEED);
        let (mut holds, mut breaks, mut same) = (Vec::new(), Vec::new(), 0_usize);
        for _ in 0..DRAWS {
            let again = drawn(&counts, &mut random);
            let own = bounds(&again);
            same += usize::from(own == chosen);
            // What has no such end lies beyond all that was tried.
            holds.push(own.good.map_or(f64::NEG_INFINITY, |rung| rung as f64));
            breaks.push(own.bad.map_or(f64::INFINITY, |rung| rung as f64));
        }
        let rung = |mut of: Vec<f64>, part: f64| {
            of.sort_by(f64::total_cmp);
            let at = ((DRAWS as f64 * part).floor() as usize).min(DRAWS - 1);
            of.get(at).copied().filter(|rung| rung.is_finite()).map(|rung| rung as i64)
        };
        let tail = (1.0 - CONFIDENCE) / 2.0;
        Some(Again {
            holds: rung(holds, tail),
            breaks: rung(breaks, 1.0 - tail),
            same: same as f64 / DRAWS as f64,
        })
    }
}

/// As many trials of each rung, each one of its own.
fn drawn(counts: &Votes, random: &mut Pcg64) -> Votes {
    let again = |(rung, (held, not)): (&i64, &(u32, u32))| {
        let of = (held + not) as usize;
        let now = (0..of).filter(|_| index(random, of) < *held as usize).count() as u32;
        (*rung, (now, held + not - now))
    };
    counts.iter().map(again).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::{Purpose, Said, Told};

    fn of(trials: &[(i64, u32, u32)]) -> Again {
        again(trials).unwrap()
    }

    fn again(trials: &[(i64, u32, u32)]) -> Option<Again> {
        let mut tried = Vec::new();
        for (rung, held, not) in trials {
            let said = std::iter::repeat_n(Said::Held, *held as usize)
                .chain(std::iter::repeat_n(Said::Broken, *not as usize));
            tried.extend(said.map(|said| Tried {
                rung: *rung,
                purpose: Purpose::Confirm,
                told: Told { said: Some(vec![said]), overload: None },
            }));
        }
        Again::of(&tried)
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
    fn where_nothing_broke_there_is_no_upper_end() {
        let again = of(&[(0, 6, 0), (4, 6, 0)]);
        assert_eq!(again, Again { holds: Some(4), breaks: None, same: 1.0 });
    }
}
