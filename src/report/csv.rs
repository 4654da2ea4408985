//! Figures as rows: one line a point, so that any program can draw them again.

use crate::analyse::Reading;
use crate::report::document::{Figure, Panel, Point, Scale, Series};

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
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail, and each row has as many cells.
    writer.write_record(COLUMNS).ok();
    for panel in &figure.panels {
        for series in &panel.series {
            for point in &series.points {
                writer.write_record(row(figure, panel, series, point)).ok();
            }
        }
    }
    writer.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn row(figure: &Figure, panel: &Panel, series: &Series, point: &Point) -> [String; 15] {
    let label = match figure.x.scale {
        Scale::Words => figure.x.labels.get(point.x.round().max(0.0) as usize).cloned().unwrap_or_default(),
        _ => String::new(),
    };
    let end = |of: Option<Reading>| {
        of.and_then(Reading::at_least).map_or_else(String::new, |value| value.to_string())
    };
    let is_bound = series.beyond.is_some_and(|(share, _)| point.x >= share);
    [
        figure.id.clone(),
        if panel.title.is_empty() {
            panel.y.name.clone()
        } else {
            format!("{}: {}", panel.title, panel.y.name)
        },
        series.name.clone(),
        series.of.clone(),
        series.role.name().to_owned(),
        point.x.to_string(),
        label,
        figure.x.unit.clone(),
        point.y.map_or_else(String::new, |y| y.to_string()),
        panel.y.unit.clone(),
        end(point.interval.map(|around| around.low)),
        end(point.interval.map(|around| around.high)),
        point.n.to_string(),
        if is_bound { "at_least" } else { point.mark.name() }.to_owned(),
        point.trial.map_or_else(String::new, |trial| trial.to_string()),
    ]
}
