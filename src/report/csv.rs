//! What a run found as rows: one line a number, so that any program can read it, and one line a point of a figure, so that any can draw it again.

use crate::analyse::versus::{Census, Comparison};
use crate::analyse::{Findings, long_table};
use crate::record::Manifest;
use crate::report::document::{Dot, Figure, Panel, Point, Series};

const COLUMNS: [&str; 15] = [
    "figure",
    "panel",
    "series",
    "treatment",
    "role",
    "x",
    "x_label",
    "x_unit",
    "y",
    "y_unit",
    "low",
    "high",
    "n",
    "mark",
    "trial",
];

/// All points of a figure, the measured and the reckoned ones.
pub fn of_figure(figure: &Figure) -> String {
    let header = COLUMNS.map(str::to_owned);
    let panels =
        figure.panels.iter().flat_map(|panel| panel.series.iter().map(move |series| (panel, series)));
    let rows = panels
        .flat_map(|(panel, series)| series.points.iter().map(move |point| row(figure, panel, series, point)));
    written(std::iter::once(header).chain(rows))
}

/// Columns of comparisons: ratios and means as numbers, so that whoever corrects otherwise can.
const COMPARED: [&str; 17] = [
    "metric",
    "unit",
    "base",
    "other",
    "against",
    "n_base",
    "n_other",
    "paired",
    "base_mean",
    "other_mean",
    "ratio",
    "low",
    "high",
    "p",
    "p_corrected",
    "smallest_seen",
    "verdict",
];

/// Every comparison that was judged, a row each.
pub fn of_comparisons(census: &Census) -> String {
    let row = |one: &Comparison| {
        let numbers =
            [one.means.0, one.means.1, one.ratio.0, one.ratio.1, one.ratio.2, one.p.0, one.p.1, one.smallest];
        let words = [
            one.metric.name.clone(),
            one.metric.unit.symbol().to_owned(),
            one.base.clone(),
            one.other.clone(),
            one.against.to_string(),
            one.n.0.to_string(),
            one.n.1.to_string(),
            one.paired.to_string(),
        ];
        let cells = words.into_iter().chain(numbers.map(|value| value.to_string()));
        cells.chain([one.word().to_owned()]).collect::<Vec<_>>()
    };
    let header = COMPARED.map(str::to_owned).to_vec();
    written(std::iter::once(header).chain(census.judged.iter().map(row)))
}

/// Every metric of every trial.
pub fn of_trials(manifest: &Manifest, findings: &Findings) -> String {
    written(long_table(manifest, findings))
}

fn written<R: AsRef<[String]>>(rows: impl IntoIterator<Item = R>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Writing to memory cannot fail, and each row has as many cells.
        writer.write_record(row.as_ref()).ok();
    }
    writer.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn row(figure: &Figure, panel: &Panel, series: &Series, point: &Point) -> [String; 15] {
    let end = |of: Option<f64>| of.map_or_else(String::new, |value| value.to_string());
    [
        figure.id.clone(),
        panel.titled(&panel.y.name),
        series.name.clone(),
        series.of.clone(),
        series.role.name().to_owned(),
        point.x.to_string(),
        figure.x.word(point.x).unwrap_or_default().to_owned(),
        figure.x.unit.clone(),
        point.y.map_or_else(String::new, |y| y.to_string()),
        panel.y.unit.clone(),
        end(point.interval.and_then(|around| around.low.at_least())),
        end(point.interval.and_then(|around| around.high.furthest())),
        point.n.to_string(),
        if series.is_bound(point) { Dot::AtLeast } else { point.mark }.name().to_owned(),
        point.trial.map_or_else(String::new, |trial| trial.to_string()),
    ]
}
