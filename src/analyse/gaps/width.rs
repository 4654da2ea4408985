//! How finely a trial's metric was read.

use crate::analyse::trial::TrialFindings;
use crate::spec::Metric;

/// No bucket of a histogram of three digits is wider, as a share of what falls into it: 2,048 steps, of which the upper half is used.
const BUCKET: f64 = 1.0 / 1024.0;

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

/// Rates, lags and drains have a column for it, latencies the buckets of their histogram; what a million costs is as wide as the messages.
fn width(metric: &Metric, value: f64, trial: &TrialFindings) -> f64 {
    if metric.latency.is_some() {
        return value * BUCKET;
    }
    if metric.is_money_over_messages() {
        return value * relative_width(trial);
    }
    trial.judged.width(&metric.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Reading;
    use crate::analyse::tests::trial;
    use crate::spec::place;

    #[test]
    fn what_has_a_column_for_its_width_is_as_wide_as_that_says() {
        let mut drained = trial(1, 250, false);
        let told = [
            ("time_to_drain_s", 12.5),
            ("time_to_drain_width_s", 0.25),
            ("requests_per_s", 50.0),
            ("requests_width_per_s", 0.1),
            ("cost_good_msgs_per_s", 990.0),
        ];
        for (name, value) in told {
            drained.judged.metrics[place(name).unwrap()] = Reading::Value(value);
        }
        let read = |name: &str| Read::of(&Metric::written(name).unwrap(), &drained).unwrap();
        assert_eq!(read("time_to_drain_s"), Read { value: 12.5, width: 0.25 });
        assert_eq!(read("requests_per_s"), Read { value: 50.0, width: 0.1 });
        assert_eq!(read("cost_good_msgs_per_s"), Read { value: 990.0, width: 0.0 }, "none is known");
    }
}
