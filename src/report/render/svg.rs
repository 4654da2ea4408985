//! A figure as SVG: a panel below the other, each with its own axis from nothing upwards. Where nothing is known, nothing is drawn.

use std::fmt::Write;

use super::line::one_line;
use crate::report::document::{Drawing, Figure, Panel, Point};
use crate::report::number::tick;

/// Where panels begin, right of their names and ticks.
const LEFT: f64 = 230.0;
/// How wide a panel is.
const WIDE: f64 = 600.0;
/// Where the first panel begins.
const TOP: f64 = 56.0;
/// How high a panel is.
const HIGH: f64 = 80.0;
/// Between two panels.
const GAP: f64 = 24.0;
/// Below the last: its ticks and what the axis measures.
const FOOT: f64 = 46.0;
/// About so many ticks on an axis, fewer where they would stand too close.
const TICKS: [f64; 2] = [8.0, 3.0];

/// The whole figure.
pub fn svg(figure: &Figure) -> String {
    let x = Scale::of(end(figure), TICKS[0]);
    let bottom = TOP + figure.panels.len() as f64 * (HIGH + GAP) - GAP;
    let (width, height) = (LEFT + WIDE + 20.0, bottom + FOOT);
    let emulated = figure.emulated.as_ref().map(|what| format!(" (emulated: {what})")).unwrap_or_default();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"10\" y=\"20\" font-size=\"13\">{}</text>\n",
        escaped(&format!("{}{emulated}", figure.title))
    );
    for (at, panel) in figure.panels.iter().enumerate() {
        draw(&mut svg, figure.drawing, panel, (TOP + at as f64 * (HIGH + GAP), &x));
    }
    for rule in &figure.rules {
        let at = LEFT + x.part(rule.x) * WIDE;
        put(
            &mut svg,
            format_args!(
                "<line x1=\"{at:.1}\" y1=\"{:.1}\" x2=\"{at:.1}\" y2=\"{bottom:.1}\" stroke=\"firebrick\" stroke-dasharray=\"4 3\"/>\n\
                 <text x=\"{:.1}\" y=\"{:.1}\" fill=\"firebrick\">{} {:.1} {}</text>",
                TOP - 14.0,
                at + 3.0,
                TOP - 6.0,
                escaped(&rule.name),
                rule.x,
                escaped(&figure.x.unit)
            ),
        );
    }
    for value in x.ticks() {
        let at = LEFT + x.part(value) * WIDE;
        let label = tick(value, x.step);
        put(
            &mut svg,
            format_args!(
                "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
                bottom + 15.0
            ),
        );
    }
    let middle = LEFT + WIDE / 2.0;
    let title = escaped(&figure.x.title());
    put(
        &mut svg,
        format_args!(
            "<text x=\"{middle}\" y=\"{:.1}\" text-anchor=\"middle\">{title}</text>\n</svg>",
            bottom + 34.0
        ),
    );
    svg
}

/// Where the common axis ends: a step of a course lasts until the next.
fn end(figure: &Figure) -> f64 {
    let points = figure.panels.iter().flat_map(|panel| &panel.series).flat_map(|series| &series.points);
    let last = points.map(|point| point.x).fold(0.0, f64::max);
    if figure.drawing == Drawing::Course { last + 1.0 } else { last }
}

/// Name, ticks and lines of one panel.
fn draw(svg: &mut String, drawing: Drawing, panel: &Panel, (top, x): (f64, &Scale)) {
    let y = Scale::of(panel.most().unwrap_or_default(), TICKS[1]);
    let (bottom, right) = (top + HIGH, LEFT + WIDE);
    for (at, line) in names(panel).iter().enumerate() {
        let (below, fill) = (top + 12.0 + at as f64 * 14.0, if at == 0 { "black" } else { "gray" });
        put(svg, format_args!("<text x=\"10\" y=\"{below:.1}\" fill=\"{fill}\">{}</text>", escaped(line)));
    }
    for value in y.ticks() {
        let (at, label) = (bottom - y.part(value) * HIGH, tick(value, y.step));
        put(
            svg,
            format_args!(
                "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\" stroke=\"gainsboro\"/>\n\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                LEFT - 6.0,
                at + 4.0
            ),
        );
    }
    for value in x.ticks() {
        let at = LEFT + x.part(value) * WIDE;
        let from = bottom - 4.0;
        put(svg, format_args!("<path d=\"M{at:.1},{from:.1} V{bottom:.1}\" stroke=\"gray\" fill=\"none\"/>"));
    }
    put(
        svg,
        format_args!(
            "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{WIDE}\" height=\"{HIGH}\" fill=\"none\" stroke=\"gray\"/>"
        ),
    );
    let place = |point: &Point, value: f64| (LEFT + x.part(point.x) * WIDE, bottom - y.part(value) * HIGH);
    for series in &panel.series {
        for run in runs(&series.points) {
            match drawing {
                Drawing::Course => steps(svg, &run, &place, WIDE * x.part(1.0)),
                Drawing::Bars => dots(svg, &run, &place),
            }
        }
    }
}

/// What the axis measures, how several became one, and of how many.
fn names(panel: &Panel) -> Vec<String> {
    let mut lines = vec![panel.y.title()];
    lines.extend(panel.together.map(|together| together.name().to_owned()));
    lines.extend(panel.together.and(panel.n()).map(|(least, most)| {
        if least == most { format!("n = {most}") } else { format!("n = {least} to {most}") }
    }));
    lines
}

/// Points without a gap between them, each with what is known.
fn runs(points: &[Point]) -> impl Iterator<Item = Vec<(&Point, f64)>> {
    let runs = points.split(|point| point.y.is_none()).filter(|run| !run.is_empty());
    runs.map(|run| run.iter().filter_map(|point| Some((point, point.y?))).collect())
}

type Place<'a> = &'a dyn Fn(&Point, f64) -> (f64, f64);

/// Each value lasts until the next place.
fn steps(svg: &mut String, run: &[(&Point, f64)], place: Place<'_>, wide: f64) {
    let mut path = String::new();
    for (at, (point, value)) in run.iter().enumerate() {
        let (x, y) = place(point, *value);
        let to = if at == 0 { format!("M{x:.1},{y:.1}") } else { format!(" V{y:.1}") };
        // Writing to a string cannot fail.
        write!(path, "{to} H{:.1}", x + wide).ok();
    }
    put(svg, format_args!("<path d=\"{path}\" fill=\"none\" stroke=\"steelblue\" stroke-width=\"1.5\"/>"));
}

/// A dot a value, joined, with what lies around each.
fn dots(svg: &mut String, run: &[(&Point, f64)], place: Place<'_>) {
    let at: Vec<String> = run
        .iter()
        .map(|(point, value)| place(point, *value))
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    put(svg, format_args!("<polyline points=\"{}\" fill=\"none\" stroke=\"steelblue\"/>", at.join(" ")));
    for (point, value) in run {
        let (x, y) = place(point, *value);
        put(svg, format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\" fill=\"steelblue\"/>"));
    }
}

/// From nothing to a round number.
struct Scale {
    end: f64,
    step: f64,
}

impl Scale {
    /// Whose end is not below this, with about so many ticks.
    fn of(most: f64, ticks: f64) -> Self {
        let most = if most > 0.0 { most } else { 1.0 };
        let power = 10_f64.powf((most / ticks).log10().floor());
        let fits = |times: &f64| most / (times * power) <= ticks;
        let step = power * [1.0, 2.0, 5.0].into_iter().find(|times| fits(times)).unwrap_or(10.0);
        Scale { end: (most / step).ceil() * step, step }
    }

    fn part(&self, value: f64) -> f64 {
        value / self.end
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let step = self.step;
        (0..=(self.end / step).round() as u32).map(move |at| f64::from(at) * step)
    }
}

/// A line of SVG; writing to a string cannot fail.
fn put(svg: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(svg, "{line}").ok();
}

fn escaped(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{Axis, Rule, Series, Together};

    fn figure(values: &[Option<f64>]) -> Figure {
        let point = |(at, y): (usize, &Option<f64>)| Point { x: at as f64, y: *y, n: 2, interval: None };
        Figure {
            id: "credits-001-a-r1".to_owned(),
            title: "001-a<b-r1".to_owned(),
            drawing: Drawing::Course,
            x: Axis::new("time since time 0", "s"),
            panels: vec![Panel {
                y: Axis::new("used", "vCPUs"),
                metric: None,
                together: Some(Together::Sum),
                series: vec![Series {
                    name: String::new(),
                    points: values.iter().enumerate().map(point).collect(),
                }],
            }],
            emulated: Some("2 × t3.micro".to_owned()),
            rules: vec![Rule { x: 1.5, name: "knee".to_owned() }],
        }
    }

    #[test]
    fn a_gap_stays_a_gap() {
        let drawn = |values: &[Option<f64>]| {
            let svg = svg(&figure(values));
            svg.lines().filter(|line| line.contains("steelblue")).map(str::to_owned).collect::<Vec<_>>()
        };
        let whole = drawn(&[Some(1.0), Some(2.0), Some(1.0)]);
        assert!(
            whole.len() == 1 && whole[0].contains("M230.0,96.0 H430.0 V56.0 H630.0 V96.0 H830.0"),
            "{whole:?}"
        );
        let parted = drawn(&[Some(1.0), None, Some(1.0)]);
        assert_eq!(parted.len(), 2, "{parted:?}");
        assert!(parted[1].contains("M630.0,"), "{parted:?}");
    }

    #[test]
    fn axes_have_ticks_units_and_say_how_instances_became_one_line() {
        let svg = svg(&figure(&[Some(0.5), Some(1.9), None]));
        for said in [
            "001-a&lt;b-r1 (emulated: 2 × t3.micro)",
            ">used, vCPUs</text>",
            ">sum over instances</text>",
            ">n = 2</text>",
            ">2</text>",
            ">time since time 0, s</text>",
            ">knee 1.5 s</text>",
        ] {
            assert!(svg.contains(said), "`{said}` is not in:\n{svg}");
        }
    }

    #[test]
    fn ticks_are_round_and_reach_the_greatest() {
        let of = |most, ticks| {
            let scale = Scale::of(most, ticks);
            scale.ticks().map(|value| tick(value, scale.step)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of(0.242, 3.0), "0.0 0.1 0.2 0.3");
        assert_eq!(of(1637.0, 3.0), "0 1000 2000");
        assert_eq!(of(19.0, 8.0), "0 5 10 15 20");
        assert_eq!(of(0.0, 3.0), "0.0 0.5 1.0");
    }
}
