//! What a search came to.

use super::boundary::{Boundary, eased, said};
use super::replay::Replayed;
use super::weigh::{believed, counting, votes};
use super::{Next, Purpose, Rules, Said, Stop, Tried};

/// How many trials held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Those.
    pub held: u32,
    /// Of so many that are to be believed.
    pub of: u32,
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Came {
    /// Of all SLOs together.
    pub all: Boundary,
    /// Trials that held at `all.good`; with confirmations, of those alone.
    pub at_good: Passed,
    /// At `all.broke`, likewise.
    pub at_bad: Passed,
    /// Of each SLO by itself. Of one that eases, from where on it holds what all others hold: `good` is the easiest rung that holds, and what broke lies below.
    pub each: Vec<Boundary>,
    /// Those that bind: whose own boundary that of all is. In the order of the SLOs; none where nobody saw anything broken.
    pub binding: Vec<usize>,
    /// Where nobody saw anything broken: the one that `all.bad` hangs on, as it did not hold there most often.
    pub hangs_on: Option<usize>,
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
        let all = Boundary::of(&votes(rules, tried, |one| rules.weighed(&one.told)));
        // A search goes on as if what nobody can believe had broken; nobody says of an SLO that it had.
        let of = |slo: usize| {
            if rules.eases.contains(&slo) {
                eased(rules, tried, slo, all.good)
            } else {
                Boundary::of(&believed(rules, tried, said(slo)))
            }
        };
        let each: Vec<Boundary> = (0..slos).map(of).collect();
        let stop = match replayed.next {
            Next::Done(stop) => Some(stop),
            Next::Round(_) => None,
        };
        let counts: Vec<&Tried> = counting(rules, tried).collect();
        let passed = |rung: Option<i64>| rung.map_or(Passed::default(), |rung| passed(rules, tried, rung));
        Came {
            at_good: passed(all.good),
            at_bad: passed(all.broke),
            binding: binding(&counts, &all, &hardening(rules, &each)),
            hangs_on: hangs_on(&counts, &all, each.len()),
            all,
            each,
            stop,
            trials: tried.len(),
            saved: stop.map_or(0, |_| rules.most.saturating_sub(tried.len())),
        }
    }

    /// Whether both bounds that there are were confirmed: tried often enough, the one holding in more than half of its trials, the other in half or fewer.
    pub fn is_confirmed(&self, rules: &Rules) -> bool {
        let enough = |bound: Option<i64>, passed: Passed, held: bool| {
            let so = if held { 2 * passed.held > passed.of } else { 2 * passed.held <= passed.of };
            bound.is_none() || passed.of >= rules.confirm && so
        };
        rules.confirm > 0
            && enough(self.all.good, self.at_good, true)
            && self.all.broke == self.all.bad
            && enough(self.all.bad, self.at_bad, false)
    }
}

/// The boundaries of the SLOs that what is harder breaks; none of those that ease, which bind nothing.
fn hardening(rules: &Rules, each: &[Boundary]) -> Vec<Option<Boundary>> {
    (0..).zip(each).map(|(slo, own)| (!rules.eases.contains(&slo)).then_some(*own)).collect()
}

fn passed(rules: &Rules, tried: &[Tried], rung: i64) -> Passed {
    let counts = |one: &&Tried| one.rung == rung && (rules.confirm == 0 || one.purpose == Purpose::Confirm);
    let said: Vec<Said> = tried.iter().filter(counts).filter_map(|one| one.told.all()).collect();
    let held = said.iter().filter(|said| **said == Said::Held).count() as u32;
    Passed { held, of: said.len() as u32 }
}

/// The SLOs that break where all together do; where none does by itself, the one that was broken there most often. Of what nobody saw broken no one can say
/// that it binds.
fn binding(tried: &[&Tried], all: &Boundary, each: &[Option<Boundary>]) -> Vec<usize> {
    let Some(bad) = all.broke else { return Vec::new() };
    let broke = |slo: &usize| each[*slo].and_then(|own| own.broke).is_some_and(|own| own <= bad);
    let own: Vec<usize> = (0..each.len()).filter(broke).collect();
    if !own.is_empty() {
        return own;
    }
    most(tried, bad, each.len(), |said| said == Said::Broken).into_iter().collect()
}

/// The SLO that did not hold most often where it cannot be said whether all do, and none is known to break.
fn hangs_on(tried: &[&Tried], all: &Boundary, slos: usize) -> Option<usize> {
    let open = all.bad.filter(|_| all.broke.is_none())?;
    most(tried, open, slos, |said| said != Said::Held)
}

/// The SLO of which trials of a rung said so most often, the first of equals; none where none did.
fn most(tried: &[&Tried], rung: i64, slos: usize, so: impl Fn(Said) -> bool) -> Option<usize> {
    let count = |slo: &usize| {
        let said = tried.iter().filter(|one| one.rung == rung).filter_map(|one| one.told.said.as_ref());
        said.filter_map(|said| said.get(*slo)).filter(|said| so(**said)).count()
    };
    // Of equals the last is taken.
    (0..slos).rev().max_by_key(count).filter(|slo| count(slo) > 0)
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
        let rules = Rules::asked(crate::search::Ladder::loads(100.0, 0.1), 6, 60);
        let all = |tried: &[Tried]| Boundary::of(&votes(&rules, tried, |one| one.told.all()));
        assert_eq!(all(&tried), Boundary { good: Some(0), bad: Some(3), broke: Some(5) });
        assert_eq!(all(&tried[..2]).broke, None, "and of itself it says nothing");
        let every: Vec<&Tried> = tried.iter().collect();
        assert_eq!(binding(&every, &all(&tried), &[Some(all(&tried))]), [0]);
    }

    #[test]
    fn what_nobody_saw_broken_does_not_bind_and_what_cannot_be_said_is_not_the_one_that_broke() {
        let tried = |rung: i64, said: [Said; 2]| Tried {
            rung,
            purpose: Purpose::Probe,
            told: Told { said: Some(said.to_vec()), overload: None },
        };
        let of = |tried: Vec<Tried>| {
            let next = Next::Done(Stop::Found);
            let rules = Rules::asked(crate::search::Ladder::loads(100.0, 0.1), 0, 60);
            Came::of(&rules, &Replayed { tried, next, within: 0 })
        };
        let (held, open, broken) = (Said::Held, Said::Undecided, Said::Broken);
        let unsaid = of(vec![tried(0, [held, held]), tried(1, [held, open])]);
        assert_eq!((unsaid.all.broke, unsaid.binding.as_slice(), unsaid.hangs_on), (None, &[][..], Some(1)));
        let mixed = of(vec![
            tried(0, [held, held]),
            tried(1, [broken, open]),
            tried(1, [held, open]),
            tried(1, [broken, open]),
            tried(1, [held, held]),
            tried(1, [held, held]),
        ]);
        assert_eq!((mixed.all.broke, mixed.all.bad), (None, Some(1)), "two of five broke");
        assert_eq!(mixed.hangs_on, Some(1));
        // Half of the trials broke, now the one SLO and now the other; of the other it cannot be said more often than the one breaks.
        let split = of(vec![
            tried(0, [held, held]),
            tried(1, [broken, open]),
            tried(1, [open, broken]),
            tried(1, [broken, open]),
            tried(1, [held, open]),
            tried(1, [held, open]),
            tried(1, [held, held]),
        ]);
        assert_eq!((split.all.broke, split.each[0].broke, split.each[1].broke), (Some(1), None, None));
        assert_eq!(
            (split.binding.as_slice(), split.hangs_on),
            (&[0][..], None),
            "broken twice, and the other once"
        );
    }
}
