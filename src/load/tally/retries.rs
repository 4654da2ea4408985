//! What brokers answer to batches that are sent again for it, once a trial is past its warm-up.

use std::collections::BTreeMap;

use crate::timeline::SECOND_NS;

/// How long an answer must come again and again until it is more than a change of leaders.
const LASTS_NS: u64 = SECOND_NS;

/// Answers, by the broker's code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retries(BTreeMap<i32, Answers>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Answers {
    first: u64,
    last: u64,
    count: u64,
}

impl Retries {
    /// One came at this time, Unix ns.
    pub fn note(&mut self, code: i32, now: u64) {
        self.add(code, Answers { first: now, last: now, count: 1 });
    }

    fn add(&mut self, code: i32, other: Answers) {
        let all = self.0.entry(code).or_insert(Answers { count: 0, ..other });
        all.first = all.first.min(other.first);
        all.last = all.last.max(other.last);
        all.count += other.count;
    }

    /// Those of others too.
    pub fn merge(&mut self, other: &Retries) {
        other.0.iter().for_each(|(code, answers)| self.add(*code, *answers));
    }

    /// The codes of answers that did not pass at once, with how many there were.
    pub fn lasting(&self) -> impl Iterator<Item = (i32, u64)> + '_ {
        let lasts = |answers: &Answers| answers.last - answers.first >= LASTS_NS;
        self.0.iter().filter(move |(_, answers)| lasts(answers)).map(|(code, answers)| (*code, answers.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_comes_again_for_a_second_lasts_whoever_got_it() {
        let (mut one, mut other) = (Retries::default(), Retries::default());
        for ms in [0, 300, 999] {
            one.note(6, ms * 1_000_000); // a leader has changed
            one.note(19, ms * 1_000_000);
        }
        assert_eq!(one.lasting().count(), 0);
        other.note(19, 2 * SECOND_NS);
        one.merge(&other);
        assert_eq!(one.lasting().collect::<Vec<_>>(), [(19, 4)]);
    }
}
