//! What a search came to.

use std::collections::BTreeMap;

use super::next::{believed, votes};
use super::replay::Replayed;
use super::weigh::{Bounds, bounds};
use super::{Next, Purpose, Rules, Said, Stop, Tried};

/// How many trials held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Those.
    pub held: u32,
    /// Of so many that are to be believed.
    pub of: u32,
}

/// Where holding turns into breaking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// The hardest rung that was tried and holds more often than not.
    pub good: Option<i64>,
    /// The easiest above it that was tried and does not.
    pub bad: Option<i64>,
    /// The easiest above `good` that half or more of its trials broke: `bad` itself, or a harder one where it cannot be said of `bad`. None where none did.
    pub broke: Option<i64>,
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Came {
    /// Of all SLOs together.
    pub all: Boundary,
    /// Trials that held at `all.good`; with confirmations, of those alone.
    pub at_good: Passed,
    /// At `all.broke`, or where nothing broke at `all.bad`, likewise.
    pub at_bad: Passed,
    /// Of each SLO by itself.
    pub each: Vec<Boundary>,
    /// Those that bind: whose own boundary that of all is. In the order of the SLOs.
    pub binding: Vec<usize>,
    /// Why it ended; none where it has not.
    pub stop: Option<Stop>,
    /// Trials that were made.
    pub trials: usize,
    /// Trials that may have been made and were not needed.
    pub saved: usize,
}

impl Came {
    /// Of a search as far as it has come.
    pub fn of(rules: &Rules, replayed: &Replayed) -> Self {
        let tried = &replayed.tried;
        let slos = tried.iter().find_map(|one| one.told.said.as_ref()).map_or(0, Vec::len);
        let all = boundary(tried, bounds(&votes(tried, |one| one.told.all())), |one| one.told.all());
        // A search goes on as if what nobody can believe had broken; nobody says of an SLO that it had.
        let of = |slo: usize| {
            let said = |one: &Tried| one.told.said.as_ref()?.get(slo).copied();
            boundary(tried, bounds(&believed(tried, said)), said)
        };
        let each: Vec<Boundary> = (0..slos).map(of).collect();
        let stop = match replayed.next {
            Next::Done(stop) => Some(stop),
            Next::Round(_) => None,
        };
        let passed = |rung: Option<i64>| rung.map_or(Passed::default(), |rung| passed(rules, tried, rung));
        Came {
            at_good: passed(all.good),
            at_bad: passed(all.broke.or(all.bad)),
            binding: binding(tried, &all, &each),
            all,
            each,
            stop,
            trials: tried.len(),
            saved: stop.map_or(0, |_| rules.most.saturating_sub(tried.len())),
        }
    }

    /// Whether both bounds that there are were confirmed: tried often enough, the one holding in more than half of its trials, the other in fewer.
    pub fn is_confirmed(&self, rules: &Rules) -> bool {
        let enough = |bound: Option<i64>, passed: Passed, held: bool| {
            let so = if held { 2 * passed.held > passed.of } else { 2 * passed.held < passed.of };
            bound.is_none() || passed.of >= rules.confirm && so
        };
        rules.confirm > 0
            && enough(self.all.good, self.at_good, true)
            && self.all.broke == self.all.bad
            && enough(self.all.bad, self.at_bad, false)
    }
}

fn boundary(tried: &[Tried], own: Bounds, said: impl Fn(&Tried) -> Option<Said>) -> Boundary {
    let mut above: BTreeMap<i64, (u32, u32)> = BTreeMap::new();
    for one in tried.iter().filter(|one| own.good.is_none_or(|good| one.rung > good)) {
        if let Some(said) = said(one) {
            let (broken, of) = above.entry(one.rung).or_default();
            *broken += u32::from(said == Said::Broken);
            *of += 1;
        }
    }
    let broke = above.into_iter().find(|(_, (broken, of))| 2 * broken >= *of).map(|(rung, _)| rung);
    Boundary { good: own.good, bad: own.bad, broke }
}

fn passed(rules: &Rules, tried: &[Tried], rung: i64) -> Passed {
    let counts = |one: &&Tried| one.rung == rung && (rules.confirm == 0 || one.purpose == Purpose::Confirm);
    let said: Vec<Said> = tried.iter().filter(counts).filter_map(|one| one.told.all()).collect();
    let held = said.iter().filter(|said| **said == Said::Held).count() as u32;
    Passed { held, of: said.len() as u32 }
}

/// The SLOs that break where all together do; where none does by itself, the one that was missed there most often.
fn binding(tried: &[Tried], all: &Boundary, each: &[Boundary]) -> Vec<usize> {
    let Some(bad) = all.broke.or(all.bad) else { return Vec::new() };
    let own: Vec<usize> =
        (0..each.len()).filter(|slo| each[*slo].broke.is_some_and(|own| own <= bad)).collect();
    if !own.is_empty() {
        return own;
    }
    let broke = |slo: usize| {
        let is = |one: &&Tried| {
            let said = one.told.said.as_ref().and_then(|said| said.get(slo));
            one.rung == bad && said.is_some_and(|said| *said != Said::Held)
        };
        tried.iter().filter(is).count()
    };
    let most = (0..each.len()).map(broke).max().unwrap_or_default();
    (0..each.len()).filter(|slo| most > 0 && broke(*slo) == most).take(1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Told;

    #[test]
    fn what_cannot_be_said_of_one_rung_takes_nothing_away_from_a_harder_one_that_broke() {
        let tried: Vec<Tried> = [(0, Said::Held), (3, Said::Undecided), (5, Said::Broken), (5, Said::Broken)]
            .map(|(rung, said)| Tried {
                rung,
                purpose: Purpose::Probe,
                told: Told { said: Some(vec![said]), overload: None },
            })
            .to_vec();
        let all = |tried: &[Tried]| {
            boundary(tried, bounds(&votes(tried, |one| one.told.all())), |one| one.told.all())
        };
        assert_eq!(all(&tried), Boundary { good: Some(0), bad: Some(3), broke: Some(5) });
        assert_eq!(all(&tried[..2]).broke, None, "and of itself it says nothing");
        assert_eq!(binding(&tried, &all(&tried), &[all(&tried)]), [0]);
    }
}
