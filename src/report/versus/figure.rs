//! All sides on one scale: a dot for each trial, and the median of each side.

use super::Compared;
use crate::analyse::TreatmentFindings;
use crate::analyse::versus::Side;
use crate::report::document::{Axis, Drawing, Figure, Panel, Role, Scale, Section, Series, Together};
use crate::report::say::emulated;
use crate::report::say::scaling::{dot, middle, through};
use crate::spec::Metric;

/// Panels of more metrics would not be looked at.
const PANELS: usize = 6;
/// Treatments beside each other, on a page's width.
const MOST: usize = 16;

/// The figure; none where nothing was measured.
pub(super) fn section(compared: &Compared<'_>) -> Option<Section> {
    let (names, cut) = names(compared);
    let panels: Vec<Panel> =
        compared.metrics.iter().filter_map(|metric| panel(compared, metric, &names)).take(PANELS).collect();
    if panels.is_empty() {
        return None;
    }
    let drawn: Vec<&str> = panels.iter().map(|panel| panel.y.name.as_str()).collect();
    let mut notes = vec![
        "A dot is a trial; the bar is the median of the valid ones, of every side on the same scale."
            .to_owned(),
        "Dots stand above their bar.".to_owned(),
        "Hollow: the backlog grew through the window (overload). Crossed: doubtful, and not compared."
            .to_owned(),
    ];
    let series = panels.iter().flat_map(|panel| &panel.series).filter(|one| one.role.is_measured());
    notes.extend(through(series.flat_map(|one| &one.points)));
    if cut > 0 {
        notes.push(format!("{cut} more treatments are in the table."));
    }
    let figure = Figure {
        id: "compared".to_owned(),
        title: format!("{}, side by side", drawn.join(", ")),
        drawing: Drawing::Dots,
        x: Axis { labels: names, scale: Scale::Words, ..Axis::new("treatment", "") },
        panels,
        emulated: compared.sides.first().and_then(|side| emulated::briefly(side.run)),
        notes,
        ..Figure::default()
    };
    let mut section = Section::new("compared", "Side by side");
    section.figure(figure);
    Some(section)
}

/// The treatments along the axis, each once, and how many there is no room for.
fn names(compared: &Compared<'_>) -> (Vec<String>, usize) {
    let mut names: Vec<String> = Vec::new();
    for side in &compared.sides {
        for name in side.treatments().map(|one| named(side, one)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let cut = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    (names, cut)
}

/// A treatment by what it has in common with its twin, so that both stand side by side.
fn named(side: &Side<'_>, one: &TreatmentFindings) -> String {
    let shared = side.shared(one);
    if shared.is_empty() { "all".to_owned() } else { shared }
}

fn panel(compared: &Compared<'_>, metric: &Metric, names: &[String]) -> Option<Panel> {
    let mut series = Vec::new();
    for (at, side) in compared.sides.iter().enumerate() {
        let name = Compared::letter(at);
        let place = |one: &TreatmentFindings| names.iter().position(|name| *name == named(side, one));
        let own: Vec<(f64, &TreatmentFindings)> =
            side.treatments().filter_map(|one| Some((place(one)? as f64, one))).collect();
        let of = |role, points| Series { name: name.clone(), role, hue: at, points, ..Series::default() };
        series.push(of(Role::Measured, own.iter().map(|(x, one)| middle(one, *x, metric)).collect()));
        let dots =
            own.iter().flat_map(|(x, one)| one.trials.iter().filter_map(|trial| dot(trial, *x, metric)));
        series.push(of(Role::Trials, dots.collect()));
    }
    let most = series.iter().flat_map(|one| &one.points).filter_map(|point| point.y).reduce(f64::max)?;
    (most > 0.0).then(|| Panel {
        y: Axis::new(metric.label.clone(), metric.unit.symbol()),
        metric: Some(metric.name.clone()),
        together: Some(Together::Median),
        series,
        ..Panel::default()
    })
}
