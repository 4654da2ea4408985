//! Which rung comes next.

use super::boundary::{Boundary, eased};
use super::weigh::{Bounds, bounds, votes};
use super::{Ask, Ladder, Next, Purpose, Rules, Said, Stop, Tried};

/// A rung without a trial to be believed is tried that often: what spoils a trial may be gone in the next.
const TRIES: u32 = 3;
/// Above where the first SLO breaks, the boundaries of others are looked for this many doublings far.
const BEYOND: i64 = 3;

/// What is next after these trials.
pub fn next(rules: &Rules, tried: &[Tried]) -> Next {
    let asks = match wanted(rules, tried) {
        Ok(asks) => asks,
        Err(stop) => return Next::Done(stop),
    };
    let more: u32 = asks.iter().map(|ask| ask.trials).sum();
    if tried.len() + more as usize > rules.most { Next::Done(Stop::MostTrials) } else { Next::Round(asks) }
}

fn wanted(rules: &Rules, tried: &[Tried]) -> Result<Vec<Ask>, Stop> {
    let probe = |rung| Ok(vec![Ask { rung, trials: rules.probes, purpose: Purpose::Probe }]);
    if tried.is_empty() {
        return probe(rules.ladder.start());
    }
    if let Some(rung) = tried.iter().map(|one| one.rung).find(|rung| again(rules, tried, *rung)) {
        return probe(rung);
    }
    let all = bounds(&votes(rules, tried, |one| rules.weighed(&one.told)));
    let hint = hint(&rules.ladder, tried);
    match between(rules, tried, all, hint)? {
        Some(rung) => probe(rung),
        None => match confirmations(rules, tried, all) {
            asks if !asks.is_empty() => Ok(asks),
            _ if rules.each => others(rules, tried, all, hint).map_or(Err(Stop::Found), probe),
            _ => Err(Stop::Found),
        },
    }
}

/// Whether a rung has no trial to be believed yet, and may still get one.
fn again(rules: &Rules, tried: &[Tried], rung: i64) -> bool {
    let own = || tried.iter().filter(|one| one.rung == rung);
    own().all(|one| one.told.said.is_none()) && (own().count() as u32) < TRIES * rules.probes
}

/// What the first trial that was saturated would have been enough for.
fn hint(ladder: &Ladder, tried: &[Tried]) -> Option<i64> {
    let first = tried.iter().find_map(|one| Some((one.rung, one.told.overload?)));
    first.and_then(|(rung, overload)| ladder.sustained(rung, overload))
}

/// The next rung to be tried on the way to two neighbours; none where they are found.
fn between(
    rules: &Rules,
    tried: &[Tried],
    Bounds { good, bad }: Bounds,
    hint: Option<i64>,
) -> Result<Option<i64>, Stop> {
    let ladder = &rules.ladder;
    let (easiest, hardest) = ladder.ends();
    let Some(doubling) = ladder.doubling() else {
        return Ok(inside(good.unwrap_or(easiest - 1), bad.unwrap_or(hardest + 1), hint));
    };
    match (good, bad) {
        (Some(good), Some(bad)) => Ok(inside(good, bad, hint)),
        (Some(good), None) if good >= hardest => Err(Stop::NothingBreaks),
        (Some(good), None) => Ok(Some((good + doubling).min(hardest))),
        (None, Some(bad)) => {
            // Only what broke says that less may hold; what cannot be said at all, less of it will not say either.
            let is_broken = |one: &Tried| rules.weighed(&one.told) == Some(Said::Broken);
            let broke = tried.iter().any(|one| one.rung == bad && is_broken(one));
            if !broke {
                return Err(Stop::NothingSaid);
            }
            if bad <= easiest {
                return Err(Stop::NothingHolds);
            }
            let below = match hint {
                Some(hint) if hint < bad => hint,
                Some(hint) => bad - (hint - bad + 1).min(doubling),
                None => bad - doubling,
            };
            Ok(Some(below.max(easiest)))
        }
        (None, None) => Ok(Some(ladder.start())),
    }
}

/// Between two rungs: away from the hint by steps that double, else half way; none where there is none between them.
fn inside(good: i64, bad: i64, hint: Option<i64>) -> Option<i64> {
    if bad - good < 2 {
        return None;
    }
    let half = (good + bad).div_euclid(2);
    Some(match hint {
        Some(hint) if hint > good && hint < bad => hint,
        Some(hint) if hint <= good => half.min(good + (good - hint) + 1),
        Some(hint) => half.max(bad - (hint - bad) - 1),
        None => half,
    })
}

/// One more trial of each bound that is not confirmed yet.
fn confirmations(rules: &Rules, tried: &[Tried], all: Bounds) -> Vec<Ask> {
    let confirmed = |rung: i64| {
        let is =
            |one: &&Tried| one.rung == rung && one.purpose == Purpose::Confirm && one.told.said.is_some();
        tried.iter().filter(is).count() as u32
    };
    let bounds = [all.good, all.bad].into_iter().flatten();
    let open = bounds.filter(|rung| confirmed(*rung) < rules.confirm);
    open.map(|rung| Ask { rung, trials: 1, purpose: Purpose::Confirm }).collect()
}

/// The next rung on the way to the boundary of an SLO that is not the first to break; none where all are found that can be.
fn others(rules: &Rules, tried: &[Tried], all: Bounds, hint: Option<i64>) -> Option<i64> {
    let slos = tried.iter().find_map(|one| one.told.said.as_ref()).map_or(0, Vec::len);
    if let Some(rung) = rules.eases.iter().find_map(|slo| {
        let Boundary { good, bad, .. } = eased(rules, tried, *slo, all.good);
        inside(bad?, good?, None)
    }) {
        return Some(rung);
    }
    let hard = (0..slos).filter(|slo| !rules.eases.contains(slo));
    let own: Vec<Bounds> = hard.map(|slo| of_slo(rules, tried, slo)).collect();
    let (easiest, hardest) = rules.ladder.ends();
    let Some(doubling) = rules.ladder.doubling() else {
        let found =
            |own: &Bounds| inside(own.good.unwrap_or(easiest - 1), own.bad.unwrap_or(hardest + 1), hint);
        return own.iter().find_map(found);
    };
    if let Some(rung) = own.iter().find_map(|own| inside(own.good?, own.bad?, hint)) {
        return Some(rung);
    }
    // What is saturated says no more of those that held when it is offered more.
    let tops = tried.iter().map(|one| one.rung).max()?;
    let furthest = hardest.min(all.bad? + BEYOND * doubling);
    let open = own.iter().any(|own| own.bad.is_none()) && hint.is_none() && tops < furthest;
    open.then(|| (tops + doubling).min(furthest))
}

/// The bounds of one SLO.
fn of_slo(rules: &Rules, tried: &[Tried], slo: usize) -> Bounds {
    bounds(&votes(rules, tried, |one| one.told.said.as_ref()?.get(slo).copied()))
}
