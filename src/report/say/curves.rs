//! How what was measured grows with a factor of numbers, as bars: the eye finds a knee sooner than in a column of digits.

use crate::analyse::{Findings, TreatmentFindings};
use crate::record::Manifest;
use crate::report::document::{Axis, Drawing, Figure, Panel, Point, Section, Series, Together};
use crate::spec::short_names;

/// Fewer levels are no curve.
const LEAST_LEVELS: usize = 3;

/// Metric, name and unit of each curve.
const CURVES: [(&str, &str, &str); 7] = [
    ("cluster_cpu_s_per_million", "broker CPU", "s per million messages"),
    ("requests_per_s", "produce requests", "per second"),
    ("load_cpu_cores", "load", "cores"),
    ("load_rss_max_mib", "load", "MiB"),
    ("send_delay_p99_ms", "send delay p99", "ms"),
    ("ack_latency_p99_ms", "ack p99", "ms"),
    ("end_to_end_latency_p99_ms", "end-to-end p99", "ms"),
];

/// Under a heading that says what was emulated; none where there is no curve.
pub fn section(
    manifest: &Manifest,
    findings: &Findings,
    emulated: &str,
    what: Option<String>,
) -> Option<Section> {
    let mut section = Section::new("curves", format!("Curves{emulated}"));
    section.figure(Figure { emulated: what, ..figure(manifest, findings)? });
    section.say(["Medians of the valid trials, from nothing to the greatest."]);
    Some(section)
}

/// A panel a metric and a point a level; none where the experiment is not one factor of three numbers or more, in rising order.
fn figure(manifest: &Manifest, findings: &Findings) -> Option<Figure> {
    let [factor] = short_names(&manifest.factors)[..] else { return None };
    let labels: Vec<String> =
        findings.treatments.iter().map(|one| one.levels.first().cloned()).collect::<Option<_>>()?;
    let levels: Vec<f64> = labels.iter().map(|label| label.parse().ok()).collect::<Option<_>>()?;
    if levels.len() < LEAST_LEVELS || !levels.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let panels: Vec<Panel> = CURVES.into_iter().filter_map(|curve| panel(findings, &levels, curve)).collect();
    (!panels.is_empty()).then(|| Figure {
        id: "curves".to_owned(),
        title: format!("{}, by {factor}", manifest.experiment),
        drawing: Drawing::Bars,
        x: Axis { labels, ..Axis::new(factor, "") },
        panels,
        ..Figure::default()
    })
}

/// None where no treatment knows the metric.
fn panel(findings: &Findings, levels: &[f64], (metric, name, unit): (&str, &str, &str)) -> Option<Panel> {
    let point = |(x, one): (&f64, &TreatmentFindings)| {
        let of = one.metric(metric).unwrap_or_default();
        Point { x: *x, y: of.median.value(), n: of.n, interval: of.interval(), ..Point::default() }
    };
    let points: Vec<Point> = levels.iter().zip(&findings.treatments).map(point).collect();
    points.iter().any(|point| point.y.is_some()).then(|| Panel {
        y: Axis::new(name, unit),
        metric: Some(metric.to_owned()),
        together: Some(Together::Median),
        series: vec![Series { points, ..Series::default() }],
        ..Panel::default()
    })
}
