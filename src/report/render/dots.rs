//! The figure of the answer in the characters of a terminal: a row a treatment, its trials where they lie, and their middle.

use std::fmt::Write;

use super::line::one_line;
use crate::report::document::{Dot, Figure, Panel, Point, Role, Scale, Series};
use crate::report::number::plain;

/// Columns of a row.
const WIDTH: usize = 50;

/// All panels, one below the other.
pub fn drawn(figure: &Figure) -> String {
    let panels: Vec<String> = figure.panels.iter().map(|panel| one(figure, panel)).collect();
    let marked = |mark: Dot| {
        let series =
            figure.panels.iter().flat_map(|panel| &panel.series).filter(|series| series.role == Role::Trials);
        series.flat_map(|series| &series.points).any(|point| point.mark == mark)
    };
    let legend: Vec<&str> = [
        (true, "┃ median"),
        (marked(Dot::Plain), "● trial"),
        (marked(Dot::Saturated), "○ trial in overload"),
        (marked(Dot::Doubtful), "× doubtful trial"),
        (marked(Dot::AtLeast), "▹ at least so much"),
    ]
    .into_iter()
    .filter(|(there, _)| *there)
    .map(|(_, word)| word)
    .collect();
    format!("{}\n{}\n", panels.join("\n"), legend.join("   "))
}

fn one(figure: &Figure, panel: &Panel) -> String {
    let title = if panel.title.is_empty() {
        panel.y.title()
    } else {
        format!("{}: {}", panel.title, panel.y.title())
    };
    let middles: Vec<(&Series, &Point)> = panel
        .series
        .iter()
        .filter(|series| series.role == Role::Measured)
        .flat_map(|series| series.points.iter().map(move |point| (series, point)))
        .collect();
    let label = |(series, point): &(&Series, &Point)| {
        let place = format!("{} {}", figure.x.name, place(figure, point.x));
        let name = if series.name.is_empty() { place } else { format!("{place}, {}", series.name) };
        one_line(name.trim())
    };
    let labels: Vec<String> = middles.iter().map(label).collect();
    let wide = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
    let most = panel.most().unwrap_or_default();
    let mut text = format!("{}\n", one_line(&title));
    for (label, (series, middle)) in labels.iter().zip(&middles) {
        let value = middle.y.map_or_else(|| "–".to_owned(), plain);
        let row = row(panel, (series, middle), most);
        // Writing to a string cannot fail.
        writeln!(text, "{label:>wide$} │{row} {value}").ok();
    }
    writeln!(text, "{:>wide$} 0{:>WIDTH$}", "", plain(most)).ok();
    text
}

/// The trials of one treatment, and their middle over them.
fn row(panel: &Panel, (series, middle): (&Series, &Point), most: f64) -> String {
    let mut row = vec![' '; WIDTH + 1];
    let at =
        |value: f64| if most > 0.0 { (value / most * WIDTH as f64).round() as usize } else { 0 }.min(WIDTH);
    let own = panel.series.iter().filter(|other| other.role == Role::Trials && other.hue == series.hue);
    let own = own.flat_map(|series| &series.points).filter(|point| (point.x - middle.x).abs() < f64::EPSILON);
    for (point, value) in own.filter_map(|point| Some((point, point.y?))) {
        row[at(value)] = match point.mark {
            Dot::Plain => '●',
            Dot::Saturated => '○',
            Dot::Doubtful => '×',
            Dot::AtLeast => '▹',
        };
    }
    if let Some(value) = middle.y {
        row[at(value)] = '┃';
    }
    row.into_iter().collect()
}

fn place(figure: &Figure, x: f64) -> String {
    match figure.x.scale {
        Scale::Words => figure.x.labels.get(x.round().max(0.0) as usize).cloned().unwrap_or_default(),
        _ => plain_place(x),
    }
}

/// A level is what somebody wrote: `20000` and not `2.00e4`, `4` and not `4.00`.
fn plain_place(x: f64) -> String {
    if x.fract() == 0.0 { format!("{x:.0}") } else { x.to_string() }
}
