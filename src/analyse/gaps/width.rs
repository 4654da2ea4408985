//! How finely a trial's metric was read.

use crate::analyse::trial::TrialFindings;
use crate::analyse::width;
use crate::record::series::PER_SECOND;
use crate::spec::{Metric, place};

/// No bucket of a histogram of three digits is wider, as a share of what falls into it: 2,048 steps, of which the upper half is used.
const BUCKET: f64 = 1.0 / 1024.0;

/// How long a backlog took, and at what rate it went.
const TO_DRAIN: &str = "time_to_drain_s";
const DRAINED: &str = "drained_msgs_per_s";

/// How the names of money over messages end.
const PER_MILLION: &str = "_usd_per_million";

/// What a trial read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Read {
    /// The reading.
    pub value: f64,
    /// How far what was there may lie from it, to either side and in its own unit; 0 where nothing is known of that.
    pub width: f64,
}

impl Read {
    /// A metric of a trial, where its value is known.
    pub fn of(metric: &Metric, trial: &TrialFindings) -> Option<Self> {
        let value = trial.metric(&metric.name).value()?;
        Some(Read { value, width: width(metric, value, trial) })
    }

    /// Its standard uncertainty, as a share of it: all within the width is equally likely, so that is the width over √3 (JCGM 100:2008, 4.3.7).
    pub fn relative(self) -> f64 {
        if self.value > 0.0 { self.width / self.value / 3.0_f64.sqrt() } else { 0.0 }
    }

    /// The same in its own unit.
    pub fn uncertainty(self) -> f64 {
        self.width / 3.0_f64.sqrt()
    }
}

/// How finely the messages were counted that money is divided by, as a share of them; 0 where nothing is known of that.
pub fn relative_width(trial: &TrialFindings) -> f64 {
    let of = |name: &str| trial.metric(name).value();
    let known = of("processed_width_msgs_per_s").zip(of("processed_msgs_per_s"));
    known.filter(|(_, rate)| *rate > 0.0).map_or(0.0, |(width, rate)| width / rate)
}

/// The steps in which it is read whether a backlog is gone, in seconds: quarter seconds, and of a group that is followed from outside its commits.
pub fn drain_step_s(trial: &TrialFindings) -> f64 {
    let commits = trial.record.followed.as_ref().and_then(|followed| followed.commit_interval_s);
    1.0 / f64::from(PER_SECOND) + commits.unwrap_or_default()
}

/// Rates and lags have a column for it, latencies the buckets of their histogram; what a million costs is as wide as the messages, and a drain as its steps.
fn width(metric: &Metric, value: f64, trial: &TrialFindings) -> f64 {
    if metric.latency.is_some() {
        return value * BUCKET;
    }
    if metric.name == TO_DRAIN {
        return drain_step_s(trial);
    }
    if metric.name == DRAINED {
        let took_s = trial.metric(TO_DRAIN).value().filter(|took_s| *took_s > 0.0);
        return took_s.map_or(0.0, |took_s| value * drain_step_s(trial) / took_s);
    }
    if metric.name.ends_with(PER_MILLION) {
        return value * relative_width(trial);
    }
    let known = width::of(&metric.name).filter(|column| place(column).is_some());
    known.and_then(|column| trial.metric(&column).value()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Reading;
    use crate::analyse::tests::trial;

    #[test]
    fn a_drain_is_known_no_finer_than_the_quarter_seconds_in_which_it_is_read() {
        let mut drained = trial(1, 250, false);
        for (name, value) in [(TO_DRAIN, 12.5), (DRAINED, 2_500.0)] {
            drained.judged.metrics[place(name).unwrap()] = Reading::Value(value);
        }
        let read = |name: &str| Read::of(&Metric::written(name).unwrap(), &drained).unwrap();
        assert_eq!(read(TO_DRAIN), Read { value: 12.5, width: 0.25 });
        assert_eq!(read(DRAINED), Read { value: 2_500.0, width: 50.0 });
    }
}
