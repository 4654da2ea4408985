//! What must hold, as the file writes it: `p99(end_to_end) < 250ms`, `lag_trend <= 1%`.

use std::fmt;
use std::str::FromStr;

use super::metric::Metric;
use super::scrape::{self, Target};
use crate::units::NotAQuantity;

/// One line of `slos:`; one value compared with a bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// The line as written; its name in every report.
    pub text: String,
    /// What is compared.
    pub metric: Metric,
    /// How.
    pub comparison: Comparison,
    /// With what, in the metric's own unit.
    pub bound: f64,
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
    /// Whether less is better.
    pub const fn is_upper(self) -> bool {
        matches!(self, Comparison::Below | Comparison::AtMost)
    }

    /// Whether more to do holds it more often: money over messages that must not be more, as who has more to do costs less a message.
    pub fn eases(self, metric: &Metric) -> bool {
        self.is_upper() && metric.is_money_over_messages()
    }

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

impl Slo {
    /// Whether more to do holds it more often.
    pub fn eases(&self) -> bool {
        self.comparison.eases(&self.metric)
    }
}

impl fmt::Display for Slo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// How metrics are named, for hints.
pub(super) fn names() -> &'static str {
    "names: `p50(L)`, `p99(L)`, `p99.9(L)`, `max(L)` with L one of `send_delay`, `accept_delay`, `ack`, `receive`, `end_to_end`, `committed`; `lag_trend`, `lag_max`, `time_lag_max`, `processed`, `lost`, `duplicates`, `refused`, `failed`, `cost`; or any number's column of `trials.csv`, with or without its unit; or a name of `observe.scrape`"
}

/// What an SLO is, for hints.
pub(super) fn grammar() -> String {
    format!("an SLO is `NAME < BOUND` (or `<=`, `>`, `>=`); {}", names())
}

impl FromStr for Slo {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        Slo::read(text, &[])
    }
}

impl Slo {
    /// Reads a line that may also name a number of these pages.
    pub fn read(text: &str, scrape: &[Target]) -> Result<Self, NotAQuantity> {
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
        let metric = scrape::metric(name, scrape)
            .ok_or_else(|| no_slo(format!("`{name}` is nothing that an SLO can name")))?;
        let bound = metric.unit.read(bound.trim())?;
        Ok(Slo { text: text.trim().to_owned(), metric, comparison, bound })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_reads_its_bound_in_its_own_unit() {
        for (text, metric, comparison, bound) in [
            ("p99(end_to_end) < 250ms", "end_to_end_latency_p99_ms", Comparison::Below, 250.0),
            ("max(ack)<=1s", "ack_latency_max_ms", Comparison::AtMost, 1000.0),
            ("lag_trend <= 1%", "lag_trend_percent", Comparison::AtMost, 1.0),
            ("processed >= 1.5k/s", "processed_msgs_per_s", Comparison::AtLeast, 1500.0),
            ("lost <= 0", "lost", Comparison::AtMost, 0.0),
            ("time_lag_max < 2s", "time_lag_max_ms", Comparison::Below, 2000.0),
            ("cluster_cpu_s_per_million < 12s", "cluster_cpu_s_per_million", Comparison::Below, 12.0),
            ("load_cpu_cores < 0.5", "load_cpu_cores", Comparison::Below, 0.5),
            ("consumers_rss_max < 512MiB", "consumers_rss_max_mib", Comparison::Below, 512.0),
            ("oom_kills <= 0", "oom_kills", Comparison::AtMost, 0.0),
            ("wire_mib_per_s < 10MiB/s", "wire_mib_per_s", Comparison::Below, 10.0),
        ] {
            let slo: Slo = text.parse().unwrap();
            assert_eq!(
                (slo.metric.name.as_str(), slo.comparison, slo.text.as_str()),
                (metric, comparison, text)
            );
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
