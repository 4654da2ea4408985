//! Whether what must hold held: in a trial, in a treatment, in the run.

use super::judge::Judged;
use super::reading::Reading;
use crate::record::SloLine;
use crate::spec::Comparison;

/// Whether an SLO held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// In every usable trial.
    Held,
    /// In none.
    Broken,
    /// Trials disagree, or do not say, or there is none.
    Undecided,
}

impl Verdict {
    /// One word, as in `treatments.csv`.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Held => "held",
            Verdict::Broken => "broken",
            Verdict::Undecided => "undecided",
        }
    }

    /// In one trial. Where there are several groups it must hold for each of them: broken by one is broken.
    pub fn of_trial(slo: &SloLine, trial: &Judged) -> Self {
        let groups = trial.groups.iter().map(|(_, group)| Verdict::of_group(slo, group));
        groups.reduce(Verdict::and).unwrap_or_else(|| Verdict::of_group(slo, trial))
    }

    /// Both must hold.
    fn and(self, other: Verdict) -> Verdict {
        match (self, other) {
            (Verdict::Broken, _) | (_, Verdict::Broken) => Verdict::Broken,
            (Verdict::Held, Verdict::Held) => Verdict::Held,
            _ => Verdict::Undecided,
        }
    }

    /// A value that we only know to be beyond a bound decides where the bound alone does, and one between two where both decide alike.
    fn of_group(slo: &SloLine, trial: &Judged) -> Self {
        let Some(comparison) = slo.comparison() else {
            return Verdict::Undecided;
        };
        let from = |holds: bool| if holds { Verdict::Held } else { Verdict::Broken };
        match (trial.metric(&slo.metric), comparison) {
            (Reading::Value(value), _) => from(comparison.holds(value, slo.bound)),
            (Reading::Between(least, most), _) => {
                let [least, most] = [least, most].map(|end| comparison.holds(end, slo.bound));
                if least == most { from(least) } else { Verdict::Undecided }
            }
            // `>=`, as what is beyond the bound is longer than it.
            (Reading::Beyond(least), Comparison::Below | Comparison::AtMost) if least >= slo.bound => {
                Verdict::Broken
            }
            (Reading::Beyond(least), Comparison::Above | Comparison::AtLeast) if least >= slo.bound => {
                Verdict::Held
            }
            _ => Verdict::Undecided,
        }
    }

    /// In a treatment, from its usable trials.
    pub fn of_trials<'a>(slo: &SloLine, usable: impl IntoIterator<Item = &'a Judged>) -> Self {
        let mut all = usable.into_iter().map(|trial| Verdict::of_trial(slo, trial));
        let Some(first) = all.next() else {
            return Verdict::Undecided;
        };
        if all.all(|verdict| verdict == first) { first } else { Verdict::Undecided }
    }
}

/// What a run comes to; the exit code follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunVerdict {
    /// Every SLO held in every treatment, and each treatment has a usable trial.
    Held,
    /// An SLO was broken.
    Broken,
    /// A treatment without a usable trial, or a verdict undecided.
    Undecided,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::judge;
    use crate::record::testing::Synthetic;

    fn slo(metric: &str, comparison: &str, bound: f64) -> SloLine {
        SloLine {
            text: format!("{metric} {comparison} {bound}"),
            metric: metric.to_owned(),
            comparison: comparison.to_owned(),
            bound,
        }
    }

    fn judged(processed: u64) -> Judged {
        let trial = Synthetic { processed, ..Synthetic::default() };
        judge(&trial.record(), &trial.rows(), &trial.latencies())
    }

    #[test]
    fn a_censored_percentile_breaks_a_limit_below_what_was_watched_and_leaves_one_above_undecided() {
        // Watched for 5 s after the window.
        let overloaded = judged(100);
        let of = |bound| Verdict::of_trial(&slo("end_to_end_latency_p99_ms", "<", bound), &overloaded);
        assert_eq!(of(250.0), Verdict::Broken);
        assert_eq!(of(60_000.0), Verdict::Undecided);
    }

    #[test]
    fn what_must_hold_must_hold_for_every_group() {
        let of = |processed: u64, slo: &SloLine| {
            let trial = Synthetic::default();
            let (record, audit) = trial.with_audit(processed);
            let judged = crate::analyse::judge_groups(&record, &trial.rows(), &trial.latencies(), &[audit]);
            Verdict::of_trial(slo, &judged)
        };
        let rate = slo("processed_msgs_per_s", ">=", 1000.0);
        assert_eq!((of(250, &rate), of(100, &rate)), (Verdict::Held, Verdict::Broken));
        // One group holds it, of the other nobody knows.
        let far = slo("end_to_end_latency_p99_ms", "<", 60_000.0);
        assert_eq!(of(100, &far), Verdict::Undecided);
    }

    #[test]
    fn trials_that_disagree_leave_a_treatment_undecided() {
        let slo = slo("processed_msgs_per_s", ">=", 1000.0);
        let (good, bad) = (judged(250), judged(100));
        assert_eq!(Verdict::of_trials(&slo, [&good, &good]), Verdict::Held);
        assert_eq!(Verdict::of_trials(&slo, [&bad, &bad]), Verdict::Broken);
        assert_eq!(Verdict::of_trials(&slo, [&good, &bad]), Verdict::Undecided);
        assert_eq!(Verdict::of_trials(&slo, []), Verdict::Undecided);
    }

    #[test]
    fn what_lies_between_two_ends_is_undecided_only_where_they_disagree() {
        let mut trial = judged(250);
        let at = crate::spec::place("lag_end_messages");
        trial.metrics[at.unwrap()] = Reading::Between(100.0, 110.0);
        let of = |comparison, bound| Verdict::of_trial(&slo("lag_end_messages", comparison, bound), &trial);
        assert_eq!(
            (of("<=", 110.0), of("<=", 99.0), of("<=", 105.0)),
            (Verdict::Held, Verdict::Broken, Verdict::Undecided)
        );
        assert_eq!(
            (of(">", 99.0), of(">", 110.0), of(">", 100.0)),
            (Verdict::Held, Verdict::Broken, Verdict::Undecided)
        );
    }

    #[test]
    fn an_unknown_value_decides_nothing() {
        assert_eq!(Verdict::of_trial(&slo("no_such", "<", 1.0), &judged(250)), Verdict::Undecided);
        assert_eq!(Verdict::of_trial(&slo("lost", "~", 1.0), &judged(250)), Verdict::Undecided);
    }
}
