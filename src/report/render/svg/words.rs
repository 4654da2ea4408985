//! A figure in words, for those who cannot see it: its numbers, or where there are too many, its ends.

use super::scale::percent;
use crate::report::document::{Drawing, Figure, Panel, Point, Role, Scale, Series};
use crate::report::number::{plain, reading};

/// All panels, a sentence for each series.
pub fn told(figure: &Figure) -> String {
    if figure.drawing == Drawing::Course {
        return figure.panels.iter().filter_map(course).collect::<Vec<_>>().join(" ");
    }
    let panels = figure
        .panels
        .iter()
        .flat_map(|panel| panel.series.iter().filter_map(|series| sentence(figure, panel, series)));
    panels.collect::<Vec<_>>().join(" ")
}

/// From where to where each line of a panel goes, and where it ends: a page has thirty of these.
fn course(panel: &Panel) -> Option<String> {
    let line = |series: &Series| {
        let known: Vec<(&Point, f64)> =
            series.points.iter().filter_map(|point| Some((point, point.y?))).collect();
        let name = if series.name.is_empty() { String::new() } else { format!("{} ", series.name) };
        Some(format!("{name}{}", ends(&known)?))
    };
    let lines: Vec<String> = panel.series.iter().filter_map(line).collect();
    (!lines.is_empty()).then(|| format!("{}: {}.", panel.heading(), lines.join("; ")))
}

fn sentence(figure: &Figure, panel: &Panel, series: &Series) -> Option<String> {
    let known: Vec<(&Point, f64)> =
        series.points.iter().filter_map(|point| Some((point, point.y?))).collect();
    known.first()?;
    let numbers = match (figure.drawing, series.role) {
        (_, Role::Trials | Role::Ideal | Role::Staircase | Role::Law) => return None,
        (Drawing::Lines, _) if figure.lays_trials_over => ends(&known)?,
        (Drawing::Lines, _) => nines(series, &known),
        _ => {
            let unit = if figure.drawing == Drawing::Scatter {
                format!(" {}", figure.x.unit)
            } else {
                String::new()
            };
            let at = |(point, y): &(&Point, f64)| {
                format!("{} at {}{unit}", value(series, point, *y), place(figure, point.x))
            };
            known.iter().map(at).collect::<Vec<_>>().join(", ")
        }
    };
    let of = panel.of(series);
    let of = if of.is_empty() { of } else { format!(" of {of}") };
    Some(format!("{}{of}: {numbers}.", panel.y.title()))
}

/// From where to where a line goes, and where it ends.
fn ends(known: &[(&Point, f64)]) -> Option<String> {
    let values = || known.iter().map(|(_, y)| *y);
    let (least, most) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
    Some(format!("{} to {}, then {}", plain(least), plain(most), plain(values().next_back()?)))
}

fn value(series: &Series, point: &Point, y: f64) -> String {
    let sign = if series.is_bound(point) { "> " } else { "" };
    let around =
        point.interval.map(|around| format!(" ({} – {})", reading(around.low), reading(around.high)));
    format!("{sign}{}{}", plain(y), around.unwrap_or_default())
}

/// A place on the common axis, as it is read.
pub fn place(figure: &Figure, x: f64) -> String {
    let number = || if figure.x.scale == Scale::Nines { percent(x) } else { plain(x) };
    figure.x.word(x).map_or_else(number, str::to_owned)
}

/// What is read of a distribution: where it reaches its nines. Of what took longer than we watched only the least that it can be is known.
fn nines(series: &Series, known: &[(&Point, f64)]) -> String {
    let mut told: Vec<String> = Vec::new();
    for share in [0.5, 0.9, 0.99, 0.999, 0.9999] {
        // Points lie at parts of a nine: the one at or right above is meant.
        if let Some((point, y)) = known.iter().find(|(point, _)| point.x >= share - 1e-9) {
            let share = percent(point.x);
            told.push(if series.is_bound(point) {
                format!("{share} % > {}", plain(*y))
            } else {
                format!("{share} % within {}", plain(*y))
            });
        }
    }
    told.join(", ")
}
