//! A treatment's verdict from all its trials, and how often such a verdict is wrong.

use super::looks::{MOST_TRIALS, risk_of};
use crate::analyse::verdict::Verdict;
use crate::record::Manifest;
use crate::stats::{Range, Sign, clopper_pearson};

/// The fewest trials that a verdict with an error rate takes: six that agree are seen of an even coin in 3.1 % of cases, five in 6.3 %.
const FEWEST: usize = 6;

/// What the trials of a treatment say of one SLO.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// What they come to.
    pub verdict: Verdict,
    /// Trials in which it held.
    pub held: usize,
    /// Trials in which it was broken.
    pub broken: usize,
    /// Trials that do not decide it.
    pub undecided: usize,
    /// How often at most such a verdict would be given, at the look that gave it, of a treatment whose trials hold and break it alike; none of less than six
    /// trials, which have no error rate.
    pub risk: Option<f64>,
    /// Two-sided p of the sign test at that look, each trial that does not decide counted against the greater side; none where there is no error rate.
    pub p: Option<f64>,
    /// Looks at which there were six trials or more: those that could be wrong.
    pub looks: usize,
}

impl Decision {
    /// Of no trial.
    const NONE: Decision = Decision {
        verdict: Verdict::Undecided,
        held: 0,
        broken: 0,
        undecided: 0,
        risk: None,
        p: None,
        looks: 0,
    };

    /// From the verdicts of a treatment's usable trials, each with the look that it was made for, as `part_of` has it.
    ///
    /// With six trials or more it is the sign test: held where so many hold it that fair coins fall so, to either side, no more often than this look may
    /// be wrong. That is the same as to ask whether the interval of the median lies on one side of the bound. A trial that does not decide counts against
    /// either. With fewer all must agree, and nobody knows how often that is wrong; such a look gives no error rate, and so takes nothing of it.
    ///
    /// What a look has given stands as long as all trials since agree with it, so that trials which agree with a verdict never undo it. As none is given that
    /// no look gave, all looks together are wrong no more often than their risks come to.
    pub fn of(trials: impl IntoIterator<Item = (usize, Verdict)>) -> Self {
        let mut trials: Vec<(usize, Verdict)> = trials.into_iter().collect();
        trials.sort_by_key(|(part, _)| *part);
        trials.chunk_by(|one, next| one.0 == next.0).fold(Decision::NONE, Decision::with)
    }

    /// At one look more, with the trials that were made for it.
    fn with(self, made: &[(usize, Verdict)]) -> Self {
        let count = |verdict: Verdict| made.iter().filter(|(_, own)| *own == verdict).count();
        let counted = Decision {
            held: self.held + count(Verdict::Held),
            broken: self.broken + count(Verdict::Broken),
            undecided: self.undecided + count(Verdict::Undecided),
            ..self
        };
        let now = counted.judged();
        let stood = self.risk.is_some() && self.verdict != Verdict::Undecided;
        if stood && now.verdict == Verdict::Undecided && count(self.verdict) == made.len() {
            return Decision { verdict: self.verdict, risk: self.risk, p: self.p, ..now };
        }
        now
    }

    /// What all its trials come to at one look more.
    fn judged(self) -> Self {
        let (n, held) = (self.n(), self.held >= self.broken);
        let (side, most) = if held { (Verdict::Held, self.held) } else { (Verdict::Broken, self.broken) };
        if n < FEWEST {
            let verdict = if n > 0 && most == n { side } else { Verdict::Undecided };
            return Decision { verdict, risk: None, p: None, ..self };
        }
        let looks = self.looks + 1;
        let (p, risk) = (p_of(most, n), risk_of(looks));
        let verdict = if 2 * most > n && p <= risk { side } else { Verdict::Undecided };
        Decision { verdict, risk: Some(risk), p: Some(p), looks, ..self }
    }

    /// Trials that would decide it at the next look, did more come out as those that there are; none of what is decided, where as many hold as break, or where no
    /// number up to 10,000 would.
    pub fn needed(&self) -> Option<usize> {
        let (n, most) = (self.n(), self.held.max(self.broken));
        if self.verdict != Verdict::Undecided || 2 * most <= n {
            return None;
        }
        let risk = risk_of(self.looks + 1);
        let decides = |of: &usize| {
            let agree = of * most / n;
            2 * agree > *of && p_of(agree, *of) <= risk
        };
        ((n + 1).max(FEWEST)..=MOST_TRIALS).find(decides)
    }

    /// Trials that it is of.
    pub fn n(&self) -> usize {
        self.held + self.broken + self.undecided
    }

    /// Which share of the treatment's trials holds it: Clopper's and Pearson's 95 %, those that do not decide counted as broken below and as held above.
    pub fn share(&self) -> Range {
        let n = self.n() as u64;
        let of = |held: usize| clopper_pearson(held as u64, n, crate::stats::CONFIDENCE);
        Range { low: of(self.held).low, high: of(self.held + self.undecided).high }
    }
}

/// Trials of a treatment that would decide one of its SLOs at the next look at this run; none as [`Decision::needed`] has none, and none of a value that a search
/// tried: how often is the search's to choose, and nobody can ask for more of one.
pub fn to_decide(manifest: &Manifest, of: &Decision) -> Option<usize> {
    of.needed().filter(|_| manifest.search.is_none() && !manifest.until_broken)
}

/// Two-sided p of so many that agree, of all.
fn p_of(agree: usize, of: usize) -> f64 {
    Sign::of(agree as u64, (of - agree) as u64).p
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64;

    use super::*;
    use crate::analyse::evidence::RISK;
    use crate::record::testing::{manifest, search};

    fn of(held: usize, broken: usize, undecided: usize) -> Decision {
        seen(&[(held, broken, undecided)])
    }

    /// Look by look, how many trials more held, broke and did not decide it.
    fn seen(looks: &[(usize, usize, usize)]) -> Decision {
        let made = looks.iter().enumerate().flat_map(|(part, (held, broken, undecided))| {
            let all = [(Verdict::Held, *held), (Verdict::Broken, *broken), (Verdict::Undecided, *undecided)];
            all.into_iter().flat_map(move |(verdict, count)| std::iter::repeat_n((part, verdict), count))
        });
        Decision::of(made)
    }

    #[test]
    fn few_trials_must_agree_and_have_no_error_rate() {
        assert_eq!((of(3, 0, 0).verdict, of(3, 0, 0).risk), (Verdict::Held, None));
        assert_eq!((of(0, 5, 0).verdict, of(0, 5, 0).risk), (Verdict::Broken, None));
        assert_eq!(of(4, 1, 0).verdict, Verdict::Undecided);
        assert_eq!(of(4, 0, 1).verdict, Verdict::Undecided);
        assert_eq!(of(0, 0, 0).verdict, Verdict::Undecided);
    }

    #[test]
    fn from_six_trials_on_a_verdict_is_wrong_no_more_often_than_it_says() {
        let six = of(6, 0, 0);
        assert_eq!(six.verdict, Verdict::Held);
        assert!(six.p.unwrap() <= six.risk.unwrap() && six.risk.unwrap() <= RISK);
        assert_eq!(of(5, 1, 0).verdict, Verdict::Undecided);
        assert_eq!(of(11, 1, 0).verdict, Verdict::Held, "one of twelve may differ");
        assert_eq!(of(1, 11, 0).verdict, Verdict::Broken);
        assert_eq!(of(9, 0, 3).verdict, Verdict::Undecided, "what does not decide counts against either");
        let share = of(11, 1, 0).share();
        assert!(share.low > 0.6 && share.low < 0.63 && share.high > 0.99, "{share:?}");
    }

    #[test]
    fn what_is_undecided_says_how_many_trials_would_tell_did_they_come_out_alike() {
        assert_eq!((of(6, 0, 0).needed(), of(3, 3, 0).needed()), (None, None));
        let needed = of(5, 1, 0).needed().unwrap();
        let alike = |n: usize| {
            let held = n * 5 / 6;
            seen(&[(5, 1, 0), (held - 5, n - held - 1, 0)])
        };
        assert_eq!(alike(needed).verdict, Verdict::Held, "{needed}");
        assert!((7..needed).all(|n| alike(n).verdict == Verdict::Undecided), "{needed}");
        assert!(of(4, 3, 0).needed().unwrap() > 100);
    }

    #[test]
    fn of_a_value_that_a_search_tried_nobody_is_told_how_many_trials_would_decide_it() {
        let mut manifest = manifest(&["a"]);
        assert_eq!(to_decide(&manifest, &of(5, 1, 0)), of(5, 1, 0).needed());
        manifest.until_broken = true;
        assert_eq!(to_decide(&manifest, &of(5, 1, 0)), None);
        manifest.until_broken = false;
        manifest.search = Some(search());
        assert_eq!(to_decide(&manifest, &of(5, 1, 0)), None);
    }

    #[test]
    fn what_three_held_six_that_agree_hold_with_the_error_rate_of_a_first_look() {
        let three = seen(&[(3, 0, 0)]);
        assert_eq!((three.verdict, three.risk, three.looks), (Verdict::Held, None, 0));
        let six = seen(&[(3, 0, 0), (3, 0, 0)]);
        assert_eq!((six.verdict, six.risk, six.looks), (Verdict::Held, Some(risk_of(1)), 1));
    }

    #[test]
    fn trials_that_agree_with_a_verdict_never_undo_it() {
        let seven = seen(&[(6, 0, 0), (1, 0, 0)]);
        assert!(p_of(7, 7) > risk_of(2), "by themselves they are too few for a second look");
        assert_eq!((seven.verdict, seven.risk, seven.looks), (Verdict::Held, Some(risk_of(1)), 2));
        for (held, broken) in (0..=14).flat_map(|held| (0..=14 - held).map(move |broken| (held, broken))) {
            let before = of(held, broken, 0).verdict;
            for more in 1..9 {
                let after = match before {
                    Verdict::Held => seen(&[(held, broken, 0), (more, 0, 0)]),
                    Verdict::Broken => seen(&[(held, broken, 0), (0, more, 0)]),
                    Verdict::Undecided => continue,
                };
                assert_eq!(after.verdict, before, "{held} held and {broken} broke it, and {more} more");
            }
        }
    }

    #[test]
    fn a_trial_that_disagrees_puts_a_verdict_to_the_test_of_the_later_look() {
        let undecided = [[(3, 0, 0), (2, 1, 0)], [(6, 0, 0), (1, 1, 0)], [(6, 0, 0), (0, 0, 1)]];
        assert!(undecided.iter().all(|looks| seen(looks).verdict == Verdict::Undecided));
        let told = seen(&[(6, 0, 0), (8, 1, 0)]);
        assert_eq!((told.verdict, told.risk, told.p), (Verdict::Held, Some(risk_of(2)), Some(p_of(14, 15))));
    }

    #[test]
    fn blocks_that_are_added_until_a_verdict_comes_are_paid_for() {
        let mut random = Pcg64::seed_from_u64(3);
        let (runs, looks) = (2_000, 5);
        let (mut paid, mut unpaid) = (0, 0);
        for _ in 0..runs {
            let mut trials = Vec::new();
            let (mut wrong, mut wrong_unpaid) = (false, false);
            for look in 0..looks {
                for _ in 0..6 {
                    let holds = random.next_u64() & 1 == 0;
                    trials.push((look, if holds { Verdict::Held } else { Verdict::Broken }));
                }
                wrong |= Decision::of(trials.iter().copied()).verdict != Verdict::Undecided;
                let held = trials.iter().filter(|(_, verdict)| *verdict == Verdict::Held).count();
                wrong_unpaid |= p_of(held.max(trials.len() - held), trials.len()) <= RISK;
            }
            paid += usize::from(wrong);
            unpaid += usize::from(wrong_unpaid);
        }
        let (paid, unpaid) = (paid as f64 / f64::from(runs), unpaid as f64 / f64::from(runs));
        assert!(paid <= RISK, "{paid}");
        assert!(unpaid > 0.08, "what is not paid for would be wrong far more often: {unpaid}");
    }
}
