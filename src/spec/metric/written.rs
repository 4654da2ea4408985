//! Names of metrics as a file writes them.

use super::{Metric, Unit, metrics, place, table};
use crate::units::{Latency, Quantile};

/// What a file may write for these columns, where leaving the unit out would not give it.
const ALSO: [(&str, &str); 2] =
    [("cost", "cost_credit_aware_usd_per_million"), ("credit_knee", "credit_knee_s")];

/// The metric of that name: a column's, one without its unit, or `p99(ack)`.
pub(super) fn read(text: &str) -> Option<Metric> {
    let text = text.trim();
    let found = |name: &str| place(name).map(|at| metrics()[at].clone());
    if let Some(of) = text.strip_prefix("p").and_then(|rest| rest.strip_suffix("(age)")) {
        return found(&format!("age_p{of}_ms"));
    }
    if let Some((quantile, latency)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        return Some(table::quantile(read_latency(latency.trim())?, read_quantile(quantile.trim())?));
    }
    let also = || ALSO.iter().find(|(short, _)| *short == text).and_then(|(_, name)| found(name));
    // Of rates the one of messages is meant: `processed` is no number of bytes.
    let without = |unit: Unit| found(&format!("{text}{}", unit.suffix()));
    let units =
        [Unit::MessagesPerSecond, Unit::RequestsPerSecond, Unit::Messages, Unit::Millis, Unit::Percent];
    let more = [
        Unit::Mib,
        Unit::Cores,
        Unit::SecondsPerMillion,
        Unit::Seconds,
        Unit::UsdPerMillion,
        Unit::UsdPerHour,
        Unit::MibPerSecond,
        Unit::Usd,
    ];
    found(text)
        .or_else(also)
        .or_else(|| units.into_iter().chain(more).filter(|unit| !unit.suffix().is_empty()).find_map(without))
        .or_else(|| column(text))
}

/// A percentile that is no column, written as if it were one: `ack_latency_p95_ms`.
fn column(name: &str) -> Option<Metric> {
    let (latency, quantile) = name.strip_suffix("_ms").unwrap_or(name).rsplit_once("_p")?;
    Some(table::quantile(Latency::from_name(latency)?, read_quantile(&format!("p{quantile}"))?))
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
        "committed" => Latency::Committed,
        "output" => Latency::Output,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_named_as_its_column_or_without_the_unit() {
        for (written, name) in [
            ("processed", "processed_msgs_per_s"),
            ("processed_mib_per_s", "processed_mib_per_s"),
            ("requests", "requests_per_s"),
            ("lag_trend", "lag_trend_percent"),
            ("lag_max", "lag_max_messages"),
            ("time_lag_max", "time_lag_max_ms"),
            ("consumers_rss_max", "consumers_rss_max_mib"),
            ("cluster_cpu_s_per_million", "cluster_cpu_s_per_million"),
            ("load_cpu_cores", "load_cpu_cores"),
            ("acked", "acked"),
            ("oom_kills", "oom_kills"),
            ("p99(ack)", "ack_latency_p99_ms"),
            ("p99.9( end_to_end )", "end_to_end_latency_p99_9_ms"),
            ("ack_latency_p95_ms", "ack_latency_p95_ms"),
            ("max(send_delay)", "send_delay_max_ms"),
            ("p99(age)", "age_p99_ms"),
            ("time_to_drain", "time_to_drain_s"),
            ("drained", "drained_msgs_per_s"),
            ("cost", "cost_credit_aware_usd_per_million"),
            ("cost_sticker", "cost_sticker_usd_per_million"),
            ("cost_instances", "cost_instances_usd_per_hour"),
            ("credit_knee", "credit_knee_s"),
            ("wire", "wire_mib_per_s"),
            ("fetched", "fetched_mib_per_s"),
            ("cost_settlement", "cost_settlement_usd"),
            ("cost_minimum", "cost_minimum_usd"),
            ("crossing", "crossing_usd_per_million"),
        ] {
            assert_eq!(read(written).map(|metric| metric.name).as_deref(), Some(name), "{written}");
        }
        for written in ["p99", "p100(ack)", "p99(acks)", "speed", "", "_ms"] {
            assert_eq!(read(written), None, "{written}");
        }
    }
}
