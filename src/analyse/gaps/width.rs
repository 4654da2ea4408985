//! How finely a trial's metric was read.

use crate::analyse::trial::TrialFindings;
use crate::spec::{Metric, place};

/// No bucket of a histogram of three digits is wider, as a share of what falls into it: 2,048 steps, of which the upper half is used.
const BUCKET: f64 = 1.0 / 1024.0;

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

/// Rates and lags have a column for it, latencies the buckets of their histogram; what a million costs is as wide as the messages.
fn width(metric: &Metric, value: f64, trial: &TrialFindings) -> f64 {
    if metric.latency.is_some() {
        return value * BUCKET;
    }
    if metric.name.ends_with(PER_MILLION) {
        return value * relative_width(trial);
    }
    let units = ["_msgs_per_s", "_mib_per_s", "_messages"];
    let column =
        units.iter().find_map(|unit| Some(format!("{}_width{unit}", metric.name.strip_suffix(unit)?)));
    let known = column.filter(|column| place(column).is_some());
    known.and_then(|column| trial.metric(&column).value()).unwrap_or(0.0)
}
