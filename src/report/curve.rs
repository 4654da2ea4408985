//! How what was measured grows with a factor of numbers, as bars: the eye finds a knee sooner than in a column of digits.

use std::fmt::Write;

use super::named::short;
use super::number::plain;
use crate::analyse::{Findings, TreatmentFindings};
use crate::record::Manifest;

/// Fewer levels are no curve.
const LEAST_LEVELS: usize = 3;
/// Columns of the longest bar.
const WIDTH: usize = 50;
/// Eighths of a block, from the left.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Metric and heading of each curve.
const CURVES: [(&str, &str); 7] = [
    ("cluster_cpu_s_per_million", "broker CPU, s per million messages"),
    ("requests_per_s", "produce requests per second"),
    ("load_cpu_cores", "load, cores"),
    ("load_rss_max_mib", "load, MiB"),
    ("send_delay_p99_ms", "send delay p99, ms"),
    ("ack_latency_p99_ms", "ack p99, ms"),
    ("end_to_end_latency_p99_ms", "end-to-end p99, ms"),
];

/// A bar a level and a block a metric, each from nothing to its greatest median; none where the experiment is not one factor of three numbers or more, in
/// rising order.
pub fn curves(manifest: &Manifest, findings: &Findings) -> Option<String> {
    let [factor] = short(&manifest.factors)[..] else { return None };
    let levels: Vec<f64> =
        findings.treatments.iter().map(|one| one.levels.first()?.parse().ok()).collect::<Option<_>>()?;
    if levels.len() < LEAST_LEVELS || !levels.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let blocks: Vec<String> =
        CURVES.into_iter().filter_map(|(name, heading)| block(findings, factor, (name, heading))).collect();
    (!blocks.is_empty()).then(|| blocks.join("\n"))
}

fn block(findings: &Findings, factor: &str, (name, heading): (&str, &str)) -> Option<String> {
    let value = |one: &TreatmentFindings| one.metric(name)?.median.value();
    let values: Vec<Option<f64>> = findings.treatments.iter().map(value).collect();
    let most = values.iter().flatten().copied().reduce(f64::max)?;
    let labels = findings.treatments.iter().map(|one| one.levels.first().map_or("", String::as_str));
    let wide = labels.clone().map(|label| label.chars().count()).max()?;
    let mut text = format!("{heading}, by {factor}\n");
    for (label, value) in labels.zip(&values) {
        let drawn =
            value.map_or_else(|| "–".to_owned(), |value| format!("{} {}", bar(value, most), plain(value)));
        // Writing to a string cannot fail.
        writeln!(text, "{label:>wide$} │{}", drawn.trim_start()).ok();
    }
    Some(text)
}

fn bar(value: f64, most: f64) -> String {
    let eighths = if most > 0.0 { (value / most * (WIDTH * 8) as f64).round() as usize } else { 0 };
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_values_to_the_eighth_of_a_column() {
        assert_eq!(bar(100.0, 100.0), "█".repeat(50));
        assert_eq!(bar(1.0, 100.0), "▌");
        assert_eq!((bar(0.0, 100.0).as_str(), bar(0.0, 0.0).as_str()), ("", ""));
    }
}
