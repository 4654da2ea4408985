//! Every metric, declared once. Its name is its column's; SLOs and responses may leave the unit out of it, or write `p99(ack)` for a percentile.
//!
//! How a metric is read from a record is `analyse`'s matter. That names, units and what a number means stand here, on the floor of what is written, is why
//! an experiment file can name any of them and be told at once of one that there is not.

mod table;
mod unit;
mod written;

use std::sync::LazyLock;

pub use unit::Unit;

use crate::units::{Latency, Quantile};

/// A number derived from a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its column in `trials.csv`; of a percentile that is no column, what the column would be named.
    pub name: String,
    /// A few words for people, without the unit.
    pub label: String,
    /// What it is in.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// How to read it, one sentence.
    pub meaning: String,
    /// Of which latency it tells, and what.
    pub latency: Option<(Latency, Part)>,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// It tells what was the case.
    Neither,
}

/// What a metric tells of a latency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// Messages due in the window.
    Samples,
    /// Of these, the ones whose latency is longer than we watched.
    Censored,
    /// A percentile or the greatest value.
    At(Quantile),
}

/// So many metrics were promised in the order of their columns; those that were added since stand after all others.
pub const PROMISED: usize = table::PROMISED;

/// Behind them, so many of cost.
pub const PROMISED_COSTS: usize = table::PROMISED_COSTS;

/// All metrics that are columns, in the order of their columns.
pub fn metrics() -> &'static [Metric] {
    static ALL: LazyLock<Vec<Metric>> = LazyLock::new(table::all);
    &ALL
}

/// Where a metric stands among [`metrics`].
pub fn place(name: &str) -> Option<usize> {
    static PLACES: LazyLock<std::collections::HashMap<&'static str, usize>> = LazyLock::new(|| {
        metrics().iter().enumerate().map(|(at, metric)| (metric.name.as_str(), at)).collect()
    });
    PLACES.get(name).copied()
}

impl Metric {
    /// The one that is written so: `lost`, `lag_trend`, `load_cpu_cores`, `p99(ack)`, `cost`.
    pub fn written(text: &str) -> Option<Metric> {
        written::read(text)
    }

    /// A percentile or the greatest value of a latency.
    pub fn of_latency(latency: Latency, quantile: Quantile) -> Metric {
        table::quantile(latency, quantile)
    }

    /// The percentile that it is, and of which latency.
    pub fn quantile(&self) -> Option<(Latency, Quantile)> {
        match self.latency? {
            (latency, Part::At(quantile)) => Some((latency, quantile)),
            _ => None,
        }
    }

    /// Whether it is a part of what a trial costs.
    pub fn is_cost(&self) -> bool {
        self.name.starts_with("cost_")
    }

    /// Whether it is what a million messages cost.
    pub fn is_money_over_messages(&self) -> bool {
        self.unit == Unit::UsdPerMillion
    }

    /// Whether each group has its own: a column of `groups.csv`. What was acked or aborted stands there too, since the books of a group are set against it.
    pub fn is_of_group(&self) -> bool {
        let also = self.name == "acked" || self.name == "aborted" || self.name.starts_with("backlog_");
        also || self.needs_consumers()
    }

    /// Whether it speaks of consumers, and so says nothing where there are none.
    pub fn needs_consumers(&self) -> bool {
        OF_CONSUMERS.iter().any(|start| self.name.starts_with(start))
    }
}

/// How the names of metrics begin that only consumers have. A backlog is of producers where nobody reads.
const OF_CONSUMERS: [&str; 21] = [
    "received",
    "duplicates",
    "out_of_order",
    "unread",
    "lost",
    "processed_",
    "receive_latency_",
    "end_to_end_latency_",
    "committed_latency_",
    "output_",
    "lag_",
    "time_lag_",
    "consumers_",
    "fetch_",
    "backlog_written_",
    "time_to_drain_",
    "drained_",
    "age_",
    "detection_",
    "unavailability_",
    "recovery_",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_producers_alone_have_needs_no_consumers_and_is_of_each_group_too() {
        for name in ["acked", "aborted", "backlog_end", "backlog_slope"] {
            let metric = Metric::written(name).unwrap();
            assert!(metric.is_of_group() && !metric.needs_consumers(), "{name}");
        }
        for name in
            ["lag_max", "p99(committed)", "p99(output)", "output_missing", "committed_latency_censored"]
        {
            assert!(Metric::written(name).unwrap().needs_consumers(), "{name}");
        }
        assert_eq!(Metric::written("records_per_batch").unwrap().unit.read("1.5"), Ok(1.5));
    }

    #[test]
    fn each_metric_is_declared_once_and_found_by_its_column() {
        for (at, metric) in metrics().iter().enumerate() {
            assert_eq!(place(&metric.name), Some(at), "{}", metric.name);
            assert_eq!(Metric::written(&metric.name).as_ref(), Some(metric));
            assert!(!metric.label.is_empty() && !metric.meaning.is_empty(), "{}", metric.name);
        }
    }
}
