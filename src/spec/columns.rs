//! Names that the columns of `trials.csv`, `treatments.csv`, `groups.csv` and of a report as CSV have: a factor is a column there too, and may have none of them.

use super::metric::place;

/// Columns that are no metrics; `analyse` has the tables, and a test there holds them against this.
const OTHERS: [&str; 49] = [
    "trial",
    "order",
    "block",
    "repetition",
    "treatment",
    "seed",
    "started",
    "settle_s",
    "measure_s",
    "outcome",
    "doubts",
    "saturated",
    "group",
    "instances",
    "threads",
    "trials",
    "valid",
    "credit_knee_s",
    "credit_knee_predicted_s",
    "emulated_vcpu_percent",
    "credit_mode",
    "credit_start",
    "credit_time_scale",
    "limiting_factor",
    "metric",
    "unit",
    "value",
    "bound",
    "at_least",
    "at_most",
    "scaling_ratio",
    "second_mode",
    "looks",
    "cheapest_share",
    "front_share",
    "settled",
    "settled_cut_s",
    "settled_by",
    "settled_msgs_per_s",
    "drain_forecast_s",
    "drain_s",
    "drain_pace",
    "baseline",
    "producers_rtt_asked_ms",
    "producers_rtt_ms",
    "consumers_rtt_asked_ms",
    "consumers_rtt_ms",
    "brokers_rtt_asked_ms",
    "brokers_rtt_ms",
];
/// What the names of further columns begin with.
const PREFIXES: [&str; 8] =
    ["cost_", "search_", "verdict: ", "held: ", "broken: ", "undecided: ", "verdict p: ", "verdict risk: "];
const SUFFIXES: [&str; 8] = ["_mean_low", "_mean_high", "_median", "_min", "_max", "_low", "_high", "_mean"];

/// Whether a column has this name, in any letters: not every reader tells them apart.
pub fn is_column(name: &str) -> bool {
    let name = name.to_lowercase();
    let bare = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(&name);
    [&name, bare].into_iter().any(|name| place(name).is_some() || OTHERS.contains(&name))
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
