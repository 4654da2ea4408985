//! Dots on rows: for factors of words, which no axis can hold.

use super::canvas::{Anchor, Canvas, short, width};
use super::marks::dot;
use super::plot::RIGHT;
use super::scale::Scale;
use super::style::hue;
use crate::report::document::{Figure, Panel, Point, Role};

/// How high the dots of one hue are, and what is between two rows.
const LANE: f64 = 14.0;
const BETWEEN: f64 = 12.0;

/// Panels one below the other; gives where they end.
pub fn draw(canvas: &mut Canvas, figure: &Figure, top: f64) -> f64 {
    let labels = &figure.x.labels;
    let widest = labels.iter().map(|label| width(label)).fold(0.0, f64::max);
    let left = (widest + 22.0).clamp(60.0, 220.0);
    let mut top = top;
    for panel in &figure.panels {
        top = one(canvas, panel, labels, (left, top)) + 10.0;
    }
    top
}

fn one(canvas: &mut Canvas, panel: &Panel, labels: &[String], (left, top): (f64, f64)) -> f64 {
    let points = || panel.series.iter().flat_map(|series| &series.points);
    let high = points().filter_map(|point| point.interval.and_then(|around| around.high.furthest()));
    let values =
        points().filter_map(|point| point.y).chain(high).chain(panel.bounds.iter().map(|bound| bound.x));
    let scale = Scale::of(panel.y.scale, values, 6.0);
    let at = |value: f64| left + scale.part(value) * (RIGHT - left);
    let hues = panel.hues();
    let high = hues.len() as f64 * LANE + BETWEEN;
    canvas.write((left, top + 12.0), Anchor::Start, "name", &panel.heading());
    canvas.write((RIGHT, top + 12.0), Anchor::End, "soft", &panel.made_of());
    let top = top + 20.0;
    let rows = labels.len().max(1);
    let bottom = top + rows as f64 * high;
    for (value, label) in scale.ticks() {
        canvas.line((at(value), top), (at(value), bottom), "g");
        canvas.write((at(value), bottom + 15.0), Anchor::Middle, "soft", &label);
    }
    for row in 0..rows {
        let from = top + row as f64 * high;
        canvas.line((left, from), (RIGHT, from), "g");
        if let Some(label) = labels.get(row) {
            canvas.write(
                (left - 8.0, from + high / 2.0 + 4.0),
                Anchor::End,
                "",
                &shortened(label, left - 14.0),
            );
        }
    }
    let [x, y, wide, tall] = [left, top, RIGHT - left, bottom - top].map(short);
    canvas.put(format_args!("<rect class=\"f\" x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{tall}\"/>"));
    for bound in &panel.bounds {
        canvas.line((at(bound.x), top), (at(bound.x), bottom), "rule");
        canvas.write((at(bound.x) - 4.0, top + 12.0), Anchor::End, "rt", &bound.name);
    }
    for series in panel.series.iter().filter(|series| series.role.is_measured()) {
        let lane = hues.iter().position(|one| *one == series.hue).unwrap_or_default() as f64;
        let class = hue(series.hue);
        for point in &series.points {
            let y = top + point.x * high + BETWEEN / 2.0 + (lane + 0.5) * LANE;
            let Some(value) = point.y else {
                canvas.write((left + 6.0, y + 4.0), Anchor::Start, "soft", "no data");
                continue;
            };
            if series.role == Role::Trials {
                dot(canvas, (at(value), y), (point, series.hue), &class);
            } else {
                middle(canvas, (at(value), y), point, (&class, &at));
            }
        }
    }
    bottom + 28.0
}

fn middle(canvas: &mut Canvas, (x, y): (f64, f64), point: &Point, (class, at): (&str, &dyn Fn(f64) -> f64)) {
    let ends = point.interval.and_then(|around| around.ends());
    if let Some((low, high)) = ends {
        canvas.line((at(low), y), (at(high), y), &format!("w {class}"));
    }
    canvas.line((x, y - 6.0), (x, y + 6.0), &format!("m {class}"));
}

/// Cut where it would reach into what stands on its left; the table has it whole.
fn shortened(text: &str, room: f64) -> String {
    let mut shown = text.to_owned();
    while width(&shown) > room && shown.pop().is_some() {}
    if shown.len() == text.len() { shown } else { format!("{}…", shown.trim_end()) }
}
