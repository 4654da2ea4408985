//! A figure for pgfplots: a picture a panel, one below the other, their axes as wide.

use super::super::svg::light;
use super::axis::{self, Ground};
use super::lanes::Aside;
use super::marks;
use super::put;
use crate::report::document::{Drawing, Figure, Panel, Role};

/// All panels.
pub fn pictures(page: &mut String, figure: &Figure) {
    let ground = Ground::of(figure);
    let mut told: Option<Vec<(usize, &str)>> = None;
    for (at, panel) in figure.panels.iter().enumerate() {
        if at > 0 {
            page.push_str("\\par\\medskip\n");
        }
        let names = named(figure, panel);
        // What the panel before it said is not said again.
        let legend = (!names.is_empty() && told.as_ref() != Some(&names)).then_some(&names);
        one(page, &ground, (at, panel), legend.map(Vec::as_slice));
        told = Some(names);
    }
}

fn one(
    page: &mut String,
    ground: &Ground<'_>,
    (at, panel): (usize, &Panel),
    legend: Option<&[(usize, &str)]>,
) {
    page.push_str("\\begin{tikzpicture}\n");
    let mut hues: Vec<usize> = panel.series.iter().map(|series| series.hue).collect();
    hues.sort_unstable();
    hues.dedup();
    for hue in &hues {
        put(
            page,
            format_args!(
                "\\definecolor{{bench{hue}}}{{HTML}}{{{}}}",
                light(*hue).trim_start_matches('#').to_uppercase()
            ),
        );
    }
    let options = axis::options(ground, (at, panel), legend);
    put(page, format_args!("\\begin{{axis}}[{}]", options.join(",\n  ")));
    axis::behind(page, ground, (at, panel));
    for series in &panel.series {
        let lane = hues.iter().position(|hue| *hue == series.hue).unwrap_or_default();
        marks::draw(page, ground, series, &Aside::of(ground.figure, panel, (lane, hues.len())));
        let is_told = legend.is_some_and(|legend| legend.contains(&(series.hue, series.name.as_str())));
        if is_told && series.role == Role::Measured {
            marks::entry(page, ground.figure.drawing, series);
        }
    }
    axis::before(page, ground, panel);
    page.push_str("\\end{axis}\n\\end{tikzpicture}\n");
}

/// What a hue stands for, of each that a legend must tell. A dot of a treatment has its name beside it.
fn named<'a>(figure: &Figure, panel: &'a Panel) -> Vec<(usize, &'a str)> {
    if figure.drawing == Drawing::Scatter {
        return Vec::new();
    }
    let mut names: Vec<(usize, &str)> = Vec::new();
    for series in
        panel.series.iter().filter(|series| series.role == Role::Measured && !series.name.is_empty())
    {
        if !names.contains(&(series.hue, series.name.as_str())) {
            names.push((series.hue, &series.name));
        }
    }
    names
}
