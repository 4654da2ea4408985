//! How evenly producers were served, where there is more than one.

use super::Format;
use super::number::{reading, summary};
use super::tables;
use crate::analyse::Findings;
use crate::record::Manifest;

/// Whether any trial tells.
pub fn any(findings: &Findings) -> bool {
    findings.trials().any(|trial| trial.record.fairness.is_some())
}

/// One row a treatment.
pub fn table(manifest: &Manifest, findings: &Findings, format: Format) -> String {
    let mut rows = vec![tables::header(manifest, &["count", "Jain's index", "slowest %", "fastest %"])];
    rows.extend(findings.treatments.iter().map(|treatment| {
        let metric = |name: &str| tables::metric(treatment, name);
        let producers =
            treatment.trials.iter().filter_map(|trial| Some(trial.record.fairness?.producers)).max();
        let mut row = tables::levels(manifest, treatment);
        row.extend([
            producers.map_or_else(|| "–".to_owned(), |count| count.to_string()),
            summary(metric("fairness_jain")),
            reading(metric("producer_slowest_percent").median),
            reading(metric("producer_fastest_percent").median),
        ]);
        row
    }));
    tables::table(rows, format)
}
