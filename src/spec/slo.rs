//! What must hold, as the file writes it: `p99(end_to_end) < 250ms`, `lag_trend <= 1%`.

use std::fmt;
use std::str::FromStr;

use crate::units::{Latency, NotAQuantity, Quantile, Rate, Span};

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

/// What an SLO may name, for hints.
pub(super) fn grammar() -> String {
    "an SLO is `NAME < BOUND` (or `<=`, `>`, `>=`); names: `p50(L)`, `p99(L)`, `p99.9(L)`, `max(L)` with L one of `send_delay`, `accept_delay`, `ack`, `receive`, `end_to_end`; `lag_trend`, `lag_max`, `time_lag_max`, `processed`, `lost`, `duplicates`, `refused`, `failed`".to_owned()
}

impl Measure {
    /// Whether it speaks of consumers, and so says nothing where there are none.
    pub const fn needs_consumers(self) -> bool {
        !matches!(
            self,
            Measure::Latency(_, Latency::SendDelay | Latency::AcceptDelay | Latency::Ack)
                | Measure::Refused
                | Measure::Failed
        )
    }

    fn read(name: &str) -> Option<Self> {
        Some(match name {
            "lag_trend" => Measure::LagTrend,
            "lag_max" => Measure::LagMax,
            "time_lag_max" => Measure::TimeLagMax,
            "processed" => Measure::Processed,
            "lost" => Measure::Lost,
            "duplicates" => Measure::Duplicates,
            "refused" => Measure::Refused,
            "failed" => Measure::Failed,
            _ => {
                let (quantile, latency) = name.strip_suffix(')')?.split_once('(')?;
                Measure::Latency(read_quantile(quantile.trim())?, read_latency(latency.trim())?)
            }
        })
    }

    /// The bound in the measure's own unit.
    fn read_bound(self, text: &str) -> Result<f64, NotAQuantity> {
        match self {
            Measure::Latency(..) | Measure::TimeLagMax => text.parse::<Span>().map(Span::as_millis_f64),
            Measure::LagTrend => read_percent(text),
            Measure::Processed => text.parse::<Rate>().map(Rate::as_per_second),
            Measure::LagMax | Measure::Lost | Measure::Duplicates | Measure::Refused | Measure::Failed => {
                text.parse::<u64>().map(|count| count as f64).map_err(|_| NotAQuantity {
                    what: format!("`{text}` is not a number of messages"),
                    hint: "write a whole number, such as `0`".to_owned(),
                })
            }
        }
    }
}

fn read_quantile(text: &str) -> Option<Quantile> {
    if text == "max" {
        return Some(Quantile::Max);
    }
    let percent: f64 = text.strip_prefix('p')?.replace('_', ".").parse().ok()?;
    (percent > 0.0 && percent < 100.0).then_some(Quantile::At(percent / 100.0))
}

fn read_latency(text: &str) -> Option<Latency> {
    Some(match text {
        "send_delay" => Latency::SendDelay,
        "accept_delay" => Latency::AcceptDelay,
        "ack" => Latency::Ack,
        "receive" => Latency::Receive,
        "end_to_end" => Latency::EndToEnd,
        _ => return None,
    })
}

/// A trend may be negative (a lag that shrinks) or above 100 %, so it is no share.
fn read_percent(text: &str) -> Result<f64, NotAQuantity> {
    let number = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    number.filter(|percent| percent.is_finite()).ok_or_else(|| NotAQuantity {
        what: format!("`{text}` is not a percentage"),
        hint: "write the trend in percent of the offered rate: `1%`".to_owned(),
    })
}

impl FromStr for Slo {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let no_slo = |what: String| NotAQuantity { what, hint: grammar() };
        let at = text.find(['<', '>']).ok_or_else(|| no_slo(format!("`{text}` compares nothing")))?;
        let (name, rest) = text.split_at(at);
        let (comparison, bound) = match (rest.strip_prefix("<="), rest.strip_prefix(">=")) {
            (Some(bound), _) => (Comparison::AtMost, bound),
            (_, Some(bound)) => (Comparison::AtLeast, bound),
            _ if rest.starts_with('<') => (Comparison::Below, &rest[1..]),
            _ => (Comparison::Above, &rest[1..]),
        };
        let name = name.trim();
        let measure =
            Measure::read(name).ok_or_else(|| no_slo(format!("`{name}` is nothing that an SLO can name")))?;
        let bound = measure.read_bound(bound.trim())?;
        Ok(Slo { text: text.trim().to_owned(), measure, comparison, bound })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_reads_its_bound_in_its_own_unit() {
        for (text, measure, comparison, bound) in [
            (
                "p99(end_to_end) < 250ms",
                Measure::Latency(Quantile::At(0.99), Latency::EndToEnd),
                Comparison::Below,
                250.0,
            ),
            ("max(ack)<=1s", Measure::Latency(Quantile::Max, Latency::Ack), Comparison::AtMost, 1000.0),
            ("lag_trend <= 1%", Measure::LagTrend, Comparison::AtMost, 1.0),
            ("processed >= 1.5k/s", Measure::Processed, Comparison::AtLeast, 1500.0),
            ("lost <= 0", Measure::Lost, Comparison::AtMost, 0.0),
            ("time_lag_max < 2s", Measure::TimeLagMax, Comparison::Below, 2000.0),
        ] {
            let slo: Slo = text.parse().unwrap();
            assert_eq!((slo.measure, slo.comparison, slo.text.as_str()), (measure, comparison, text));
            assert!((slo.bound - bound).abs() < 1e-9, "{text}");
        }
    }

    #[test]
    fn what_is_no_slo_is_told_what_may_be_named() {
        for text in [
            "p99 < 250ms",
            "p99(endtoend) < 1s",
            "p100(ack) < 1s",
            "lag_trend",
            "p99(ack) < 250",
            "lost < 1.5",
            "p99(ack) = 1s",
        ] {
            assert!(text.parse::<Slo>().is_err(), "{text}");
        }
        assert!("p99(end_to_end < 1s".parse::<Slo>().unwrap_err().hint.contains("`end_to_end`"));
    }
}
