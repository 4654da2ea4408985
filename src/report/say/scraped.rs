//! What consumers, brokers and hosts tell of themselves on pages that the user named.

use super::rows::{columns, row};
use crate::analyse::{Findings, of};
use crate::record::{Manifest, ScrapedLine};
use crate::report::document::{Cell, Column, Section, Table};
use crate::spec::scrape::Kind;

/// None where no page was read.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: &str) -> Option<Section> {
    let metrics = manifest.scraped_metrics();
    metrics.first()?;
    let mut section = Section::new("scraped", format!("What others say of themselves{emulated}"));
    let rows = findings.treatments.iter().map(|treatment| {
        row(manifest, treatment, metrics.iter().map(|metric| Cell::Summary(of(metric, treatment))))
    });
    let further = metrics.iter().map(|metric| Column {
        metric: Some(metric.name.clone()),
        ..Column::new(metric.name.clone(), Some(metric.unit), metric.meaning.clone())
    });
    let rows = rows.collect();
    section.table(Table { id: "scraped", columns: columns(manifest, further), rows });
    section.list(manifest.scraped.iter().map(line));
    section.say(["Bench only repeats what these pages say. Units are theirs; a dash is a number of which more than a tenth of the window was not read."]);
    Some(section)
}

/// `served: rate of http_requests_total{code="200"}, from http://localhost:9404/metrics every 1000 ms.`
fn line(line: &ScrapedLine) -> String {
    let made = match Kind::named(&line.kind) {
        Some(Kind::Rate) => "growth per second of",
        Some(Kind::Gauge) => "mean over the window of",
        Some(Kind::Quantile) => "the greatest in the window of",
        None => "made of",
    };
    format!("`{}`: {made} `{}`, from {} every {} ms.", line.name, line.select, line.url, line.every_ms)
}
