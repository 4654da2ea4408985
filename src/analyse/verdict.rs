//! Whether what must hold held: in a trial, in a treatment, in the run.

use super::judge::Judged;
use super::reading::Reading;
use crate::record::SloLine;
use crate::spec::{Comparison, Metric};

/// Whether an SLO held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It did.
    Held,
    /// It did not.
    Broken,
    /// Nothing says so, or trials disagree, or there is none.
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

    fn of_group(slo: &SloLine, trial: &Judged) -> Self {
        match decided(slo, trial) {
            Ok(true) => Verdict::Held,
            Ok(false) => Verdict::Broken,
            Err(_) => Verdict::Undecided,
        }
    }
}

/// What a million costs.
const PER_MILLION: [&str; 2] = ["cost_credit_aware_usd_per_million", "cost_sticker_usd_per_million"];

/// Why a trial does not decide an SLO.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Undecided {
    /// Bench's own lateness could have put the latency on the wrong side of the bound.
    SendDelay,
    /// A lag lies above the bound by no more than may have been acked, or may have passed, while it was read.
    LagWidth,
    /// It lies between two ends, since the fate of some messages is not known, and the bound between them.
    UnknownFates,
    /// The bound lies within the error of the slope.
    Slope,
    /// It lies between two ends, since some messages were watched for less time than others took, and the bound between them.
    WatchedShort,
    /// What a million cost is a bound: what is sustained costs as much or more.
    CostIsBound,
    /// It took longer than was watched, which is less than the bound.
    Unwatched,
    /// Too few messages lie beyond the percentile.
    TooFew,
    /// It was not recorded, or does not apply.
    Unknown,
}

impl Undecided {
    /// As a clause: what could not be said of it in a trial.
    pub const fn because(self) -> &'static str {
        match self {
            Undecided::SendDelay => "send delay alone could decide it",
            Undecided::LagWidth => "what was acked, or passed, while the lag was read decides it",
            Undecided::UnknownFates => "messages of unknown fate decide it",
            Undecided::Slope => "the bound lies within the error of the slope",
            Undecided::WatchedShort => "messages that were watched for too short a time decide it",
            Undecided::CostIsBound => {
                "under overload, or while credits last, a million costs at least so much in the long run"
            }
            Undecided::Unwatched => "it took longer than was watched",
            Undecided::TooFew => "too few messages lie beyond the percentile",
            Undecided::Unknown => "it is not known",
        }
    }

    /// Of one trial, of the first group of it that does not decide; none where all do.
    pub fn of_trial(slo: &SloLine, trial: &Judged) -> Option<Self> {
        let mut groups = trial.groups.iter().map(|(_, group)| group);
        let of = |judged: &Judged| decided(slo, judged).err();
        if trial.groups.is_empty() { of(trial) } else { groups.find_map(of) }
    }
}

/// Whether it held. A value that we only know to be beyond a bound decides where the bound alone does, one between two where both decide alike, a latency
/// above the bound where bench's own lateness cannot have put it there, and a lag where the time cannot that it took to be read.
fn decided(slo: &SloLine, trial: &Judged) -> Result<bool, Undecided> {
    let comparison = slo.comparison().ok_or(Undecided::Unknown)?;
    let holds = |value: f64| comparison.holds(value, slo.bound);
    let holds_above = matches!(comparison, Comparison::Above | Comparison::AtLeast);
    let is_bound = trial.cost_is_bound && PER_MILLION.contains(&slo.metric.as_str());
    let reading = trial.metric(&slo.metric);
    let ends = reading.at_least().zip(reading.at_most());
    if let (Some((least, most)), Some(error)) = (ends, trial.slope_error(&slo.metric))
        && holds(least) == holds(most)
        && holds(least - error) != holds(most + error)
    {
        return Err(Undecided::Slope);
    }
    let held = match reading {
        Reading::Value(least) if is_bound && least < slo.bound => return Err(Undecided::CostIsBound),
        Reading::Value(value) => holds(value),
        Reading::Between(least, most) if holds(least) == holds(most) => holds(least),
        Reading::Between(..) if is_latency(&slo.metric) => return Err(Undecided::WatchedShort),
        Reading::Between(..) => return Err(Undecided::UnknownFates),
        // `>=`, as what is beyond the bound is longer than it.
        Reading::Beyond(least) if least >= slo.bound => holds_above,
        Reading::Beyond(_) => return Err(Undecided::Unwatched),
        Reading::TooFew => return Err(Undecided::TooFew),
        Reading::Empty => return Err(Undecided::Unknown),
    };
    if held == holds_above && !trial.is_above_without_send_delay(&slo.metric, slo.bound) {
        return Err(Undecided::SendDelay);
    }
    let width = trial.lag_width(&slo.metric);
    if held == holds_above && reading.at_least().is_some_and(|least| holds(least - width) != held) {
        return Err(Undecided::LagWidth);
    }
    Ok(held)
}

fn is_latency(metric: &str) -> bool {
    Metric::written(metric).is_some_and(|metric| metric.quantile().is_some())
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
    fn a_slope_whose_error_reaches_over_the_bound_decides_nothing() {
        let trial = |wobble: u64| {
            let trial = Synthetic::default();
            let mut rows = trial.rows();
            // A backlog that goes up and down by so much for as long as three readings, and grows by 4 messages a second.
            for (at, row) in rows.iter_mut().enumerate() {
                let level = 1000 + at as u64 + if at % 7 < 3 { wobble } else { 0 };
                (row.backlog_messages, row.unprocessed_messages) = (level, Some(level));
            }
            judge(&trial.record(), &rows, &trial.latencies())
        };
        let of = |trial: &Judged, bound| {
            let slo = slo("lag_slope_msgs_per_s", "<=", bound);
            (Verdict::of_trial(&slo, trial), Undecided::of_trial(&slo, trial))
        };
        let still = trial(0);
        assert_eq!((of(&still, 4.5).0, of(&still, 3.5).0), (Verdict::Held, Verdict::Broken));
        let wild = trial(60);
        assert_eq!(of(&wild, 4.5), (Verdict::Undecided, Some(Undecided::Slope)));
        assert_eq!((of(&wild, 60.0).0, of(&wild, -60.0).0), (Verdict::Held, Verdict::Broken));
        let share = slo("lag_trend_percent", "<", 0.45);
        assert_eq!(Verdict::of_trial(&share, &still), Verdict::Held, "4 of 1000 messages a second");
        assert_eq!(Verdict::of_trial(&share, &wild), Verdict::Undecided);
    }

    #[test]
    fn a_cost_that_is_only_a_bound_breaks_and_never_holds() {
        let mut trial = judged(250);
        let at = crate::spec::place("cost_credit_aware_usd_per_million").unwrap();
        trial.metrics[at] = Reading::Value(0.10);
        let of = |trial: &Judged, comparison, bound| {
            let slo = slo("cost_credit_aware_usd_per_million", comparison, bound);
            (Verdict::of_trial(&slo, trial), Undecided::of_trial(&slo, trial))
        };
        assert_eq!(of(&trial, "<", 0.15), (Verdict::Held, None));
        trial.cost_is_bound = true;
        assert_eq!(of(&trial, "<", 0.15), (Verdict::Undecided, Some(Undecided::CostIsBound)));
        assert_eq!(of(&trial, "<", 0.05), (Verdict::Broken, None));
        assert_eq!(of(&trial, ">", 0.05), (Verdict::Held, None));
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
    fn a_percentile_that_messages_watched_for_too_short_a_time_may_move_is_decided_only_beside_them() {
        let mut trial = judged(250);
        let at = crate::spec::place("ack_latency_p50_ms");
        trial.metrics[at.unwrap()] = Reading::Between(3_000.0, 12_000.0);
        let of = |comparison, bound| {
            let slo = slo("ack_latency_p50_ms", comparison, bound);
            (Verdict::of_trial(&slo, &trial), Undecided::of_trial(&slo, &trial))
        };
        assert_eq!(of("<", 12_500.0), (Verdict::Held, None));
        assert_eq!(of("<", 5_000.0), (Verdict::Undecided, Some(Undecided::WatchedShort)));
    }

    #[test]
    fn a_latency_is_not_decided_by_a_trial_whose_send_delay_could_decide_it() {
        let trial = Synthetic { latency_ns: 20_000_000, ..Synthetic::default() };
        let late = |delay_ms: u64| {
            let mut latencies = trial.latencies();
            for second in 0..10 {
                let mut histogram = crate::record::empty_histogram();
                histogram.record_n(delay_ms * 1_000_000, trial.due * 4).unwrap();
                latencies.add(second, crate::units::Latency::SendDelay, &histogram);
            }
            judge(&trial.record(), &trial.rows(), &latencies)
        };
        let of = |metric: &str, comparison: &str, bound: f64, delay_ms: u64| {
            let (slo, trial) = (slo(metric, comparison, bound), late(delay_ms));
            (Verdict::of_trial(&slo, &trial), Undecided::of_trial(&slo, &trial))
        };
        let p99 = "end_to_end_latency_p99_ms";
        let send_delay = (Verdict::Undecided, Some(Undecided::SendDelay));
        assert_eq!(of(p99, "<", 18.0, 1), (Verdict::Broken, None));
        assert_eq!(of(p99, "<", 18.0, 3), send_delay);
        assert_eq!(of(p99, "<", 22.0, 3), (Verdict::Held, None), "without it, it would hold all the more");
        assert_eq!(of(p99, ">", 18.0, 3), send_delay);
        assert_eq!(of("end_to_end_latency_max_ms", "<=", 18.0, 3), send_delay);
        assert_eq!(
            of("send_delay_p99_ms", "<", 2.0, 3),
            (Verdict::Broken, None),
            "it speaks of nothing else"
        );
    }

    #[test]
    fn a_lag_is_above_a_bound_only_where_the_time_it_took_to_read_cannot_have_put_it_there() {
        let mut trial = judged(250);
        let mut put =
            |name: &str, value| trial.metrics[crate::spec::place(name).unwrap()] = Reading::Value(value);
        put("lag_end_messages", 105.0);
        put("lag_end_width_messages", 10.0);
        put("time_lag_max_ms", 105.0);
        put("time_lag_max_width_ms", 10.0);
        for metric in ["lag_end_messages", "time_lag_max_ms"] {
            let of = |comparison, bound| {
                let slo = slo(metric, comparison, bound);
                (Verdict::of_trial(&slo, &trial), Undecided::of_trial(&slo, &trial))
            };
            assert_eq!(of("<=", 105.0), (Verdict::Held, None), "it is no more than was read");
            assert_eq!(of("<=", 100.0), (Verdict::Undecided, Some(Undecided::LagWidth)), "{metric}");
            assert_eq!(of("<=", 94.0), (Verdict::Broken, None));
            assert_eq!(of(">", 100.0), (Verdict::Undecided, Some(Undecided::LagWidth)));
        }
        let rate = slo("processed_msgs_per_s", ">=", 1000.0);
        assert_eq!(Verdict::of_trial(&rate, &trial), Verdict::Held, "messages are counted");
    }

    #[test]
    fn an_unknown_value_decides_nothing() {
        assert_eq!(Verdict::of_trial(&slo("no_such", "<", 1.0), &judged(250)), Verdict::Undecided);
        assert_eq!(Verdict::of_trial(&slo("lost", "~", 1.0), &judged(250)), Verdict::Undecided);
    }
}
