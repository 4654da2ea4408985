//! A search told again from its trials: what each was for, and what comes next.

use super::next::next;
use super::{Ask, Next, Purpose, Rules, Told, Tried};

/// A search as far as it has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Replayed {
    /// Its trials, in the order in which they were planned.
    pub tried: Vec<Tried>,
    /// What comes after them; of a round that has begun, all of it.
    pub next: Next,
    /// How many of that round were made.
    pub within: usize,
}

/// Tells a search again, from its trials in the order in which they were planned.
pub fn replay(rules: &Rules, trials: impl IntoIterator<Item = (i64, Told)>) -> Replayed {
    let mut trials = trials.into_iter().peekable();
    let mut tried: Vec<Tried> = Vec::new();
    loop {
        let next = next(rules, &tried);
        let Next::Round(asks) = &next else {
            return Replayed { tried, next, within: 0 };
        };
        let planned: u32 = asks.iter().map(|ask| ask.trials).sum();
        let known = tried.len();
        tried.extend(trials.by_ref().take(planned as usize).map(|(rung, told)| {
            let purpose = purpose(asks, rung);
            Tried { rung, purpose, told }
        }));
        let made = tried.len() - known;
        if made < planned as usize {
            return Replayed { tried, next, within: made };
        }
    }
}

fn purpose(asks: &[Ask], rung: i64) -> Purpose {
    asks.iter().find(|ask| ask.rung == rung).map_or(Purpose::Probe, |ask| ask.purpose)
}
