//! What must hold, as the file writes it: `p99(end_to_end) < 250ms`, `lag_trend <= 1%`.

use std::fmt;

use crate::units::{Latency, Quantile};

/// One line of `slos:`; one value compared with a bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// The line as written; its name in every report.
    pub text: String,
    /// What is compared.
    pub measure: Measure,
    /// How.
    pub comparison: Comparison,
    /// With what, in the measure's own unit: ms for latencies and time lag, percent for the trend, messages, messages per second.
    pub bound: f64,
}

/// What an SLO may name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// A percentile or the greatest value of a latency, in ms: `p99(end_to_end)`, `max(ack)`.
    Latency(Quantile, Latency),
    /// Slope of the lag over the offered rate, in percent: `lag_trend`.
    LagTrend,
    /// Greatest lag in the window, in messages: `lag_max`.
    LagMax,
    /// Greatest time lag in the window, in ms: `time_lag_max`.
    TimeLagMax,
    /// First completions in the window, in messages per second: `processed`.
    Processed,
    /// Lost messages of the whole trial: `lost`.
    Lost,
    /// Duplicate deliveries of the whole trial: `duplicates`.
    Duplicates,
    /// Refused messages of the whole trial: `refused`.
    Refused,
    /// Failed messages of the whole trial: `failed`.
    Failed,
}

/// How a value is compared with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Whether it holds.
    pub fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Comparison::Below => value < bound,
            Comparison::AtMost => value <= bound,
            Comparison::Above => value > bound,
            Comparison::AtLeast => value >= bound,
        }
    }
}

impl fmt::Display for Slo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
