//! All trials so far, weighed: what is harder breaks at least as often as what is easier.

use std::collections::{BTreeMap, BTreeSet};

use super::{Purpose, Rules, Said, Tried};
use crate::stats::isotonic;

/// Of a rung: trials that held, that were broken, and of which it cannot be said.
pub type Votes = BTreeMap<i64, [u32; 3]>;

/// Two rungs that were tried, with none between them that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The hardest that holds more often than not; none where none does.
    pub good: Option<i64>,
    /// The easiest that does not; none where all do.
    pub bad: Option<i64>,
}

/// The trials that rungs are weighed by: all of a rung, and once enough of them confirm it, those alone, as what found it is what it was chosen for.
pub fn counting<'a>(rules: &Rules, tried: &'a [Tried]) -> impl Iterator<Item = &'a Tried> + use<'a> {
    let mut confirmed = BTreeMap::new();
    for one in tried.iter().filter(|one| one.purpose == Purpose::Confirm && one.told.said.is_some()) {
        *confirmed.entry(one.rung).or_insert(0) += 1;
    }
    let enough = |(rung, of): (i64, u32)| (rules.alone > 0 && of >= rules.alone).then_some(rung);
    let alone: BTreeSet<i64> = confirmed.into_iter().filter_map(enough).collect();
    tried.iter().filter(move |one| one.purpose == Purpose::Confirm || !alone.contains(&one.rung))
}

/// What trials that are to be believed say, by rung.
pub fn believed(rules: &Rules, tried: &[Tried], said: impl Fn(&Tried) -> Option<Said>) -> Votes {
    let mut votes = Votes::new();
    for one in counting(rules, tried) {
        if let Some(said) = said(one) {
            let [held, broken, open] = votes.entry(one.rung).or_default();
            *match said {
                Said::Held => held,
                Said::Broken => broken,
                Said::Undecided => open,
            } += 1;
        }
    }
    votes
}

/// The same, to go on by. One that no trial to be believed was had of counts as one that does not hold, and is not known to break.
pub fn votes(rules: &Rules, tried: &[Tried], said: impl Fn(&Tried) -> Option<Said>) -> Votes {
    let mut votes = believed(rules, tried, said);
    for one in tried {
        votes.entry(one.rung).or_insert([0, 0, 1]);
    }
    votes
}

/// The easiest rung above `good` that half or more of its trials broke; none where none did.
pub fn broke(votes: &Votes, good: Option<i64>) -> Option<i64> {
    let mut above = votes.iter().filter(|(rung, _)| good.is_none_or(|good| **rung > good));
    above.find(|(_, [held, broken, open])| *broken > 0 && *broken >= held + open).map(|(rung, _)| *rung)
}

/// Where holding turns into breaking, by isotonic regression of the share that broke on the rung, each rung weighed by its trials.
pub fn bounds(votes: &Votes) -> Bounds {
    let (shares, weights): (Vec<f64>, Vec<f64>) = votes
        .values()
        .map(|[held, broken, open]| {
            let (not, of) = (f64::from(broken + open), f64::from(held + broken + open));
            (not / of, of)
        })
        .unzip();
    let fitted = isotonic(&shares, &weights).unwrap_or(shares);
    let good =
        votes.keys().zip(&fitted).filter(|(_, broke)| **broke < 0.5).map(|(rung, _)| *rung).next_back();
    let bad = votes.keys().zip(&fitted).find(|(_, broke)| **broke >= 0.5).map(|(rung, _)| *rung);
    Bounds { good, bad }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::{Ladder, Told};

    #[test]
    fn once_enough_trials_confirm_a_rung_those_that_found_it_are_not_counted_and_no_sooner() {
        let of = |purpose: Purpose, said: Option<Said>| Tried {
            rung: 3,
            purpose,
            told: Told { said: said.map(|said| vec![said]), overload: None },
        };
        let confirm = |said| of(Purpose::Confirm, Some(said));
        let (held, broken) = (Said::Held, Said::Broken);
        let mut tried = vec![of(Purpose::Probe, Some(broken)), of(Purpose::Probe, Some(broken))];
        tried.extend([held, held, held, held, broken].map(confirm));
        // One that is not to be believed confirms nothing.
        tried.push(of(Purpose::Confirm, None));
        let rules = Rules::asked(Ladder::loads(100.0, 0.1), 6, 60);
        let votes = |rules: &Rules, tried: &[Tried]| votes(rules, tried, |one| one.told.all())[&3];
        assert_eq!(votes(&rules, &tried), [4, 3, 0]);
        tried.push(confirm(held));
        assert_eq!(votes(&rules, &tried), [5, 1, 0]);
        assert_eq!(votes(&Rules { alone: 0, ..rules }, &tried), [5, 3, 0], "of records of before");
    }
}
