//! What is drawn on a panel's ground, each number as the data have it.

use super::super::svg::dashes;
use super::axis::{Ground, on_rows};
use super::put;
use super::text::escaped;
use crate::report::document::{Dot, Drawing, Point, Role, Series};

/// A shape for each hue, so that no colour is needed to tell them apart.
const SHAPES: [&str; 6] = ["*", "square*", "triangle*", "diamond*", "pentagon*", "halfcircle*"];
const MARKS: [Dot; 4] = [Dot::Plain, Dot::Saturated, Dot::Doubtful, Dot::AtLeast];
/// How far hues at one place stand apart, in pt, and on rows in parts of a row.
const APART_PT: f64 = 3.0;
const APART_ROWS: f64 = 0.18;

/// One series.
pub fn draw(page: &mut String, ground: &Ground<'_>, series: &Series, aside: f64) {
    let colour = format!("bench{}", series.hue);
    match (ground.figure.drawing, series.role) {
        (Drawing::Course, _) => course(page, ground, series, &colour),
        (_, Role::Ideal) => line(page, ground, series, &format!("{colour}, thin, dashed, opacity=0.8")),
        (_, Role::Staircase) => line(page, ground, series, &format!("{colour}, dotted, const plot")),
        (_, Role::Front) => line(page, ground, series, "gray"),
        (Drawing::Scatter, _) => scatter(page, series, &colour),
        (_, Role::Trials) => trials(page, ground, (series, aside), &colour),
        (Drawing::Lines, Role::Measured) => {
            line(page, ground, series, &format!("{colour}, thick{}", pattern(series.hue)));
        }
        (Drawing::Bars, Role::Measured) => bars(page, ground, series, &colour),
        (Drawing::Dots, Role::Measured) => medians(page, ground, (series, aside), &colour),
    }
}

/// What stands for a series in the legend.
pub fn entry(page: &mut String, drawing: Drawing, series: &Series) {
    let colour = format!("bench{}", series.hue);
    let image = match drawing {
        Drawing::Course | Drawing::Lines => format!("{colour}, thick{}", pattern(series.hue)),
        _ => format!("{colour}, only marks, {}", shape(series.hue, &format!("fill={colour}"))),
    };
    put(page, format_args!("\\addlegendimage{{{image}}}\n\\addlegendentry{{{}}}", escaped(&series.name)));
}

fn pattern(hue: usize) -> String {
    let lengths: Vec<&str> = dashes(hue).split_whitespace().collect();
    let pairs = lengths.chunks(2).map(|pair| format!("on {}pt off {}pt", pair[0], pair[pair.len() - 1]));
    let pattern = pairs.collect::<Vec<_>>().join(" ");
    if pattern.is_empty() { pattern } else { format!(", dash pattern={pattern}") }
}

fn shape(hue: usize, options: &str) -> String {
    format!("mark={}, mark size=1.8pt, mark options={{solid, {options}}}", SHAPES[hue % SHAPES.len()])
}

/// A point as it lies in the picture.
fn place(ground: &Ground<'_>, (at, point): (usize, &Point), value: f64, aside: f64) -> String {
    let x = ground.place(at, point);
    if on_rows(ground.figure) {
        format!("({value},{})", point.x + aside * APART_ROWS)
    } else {
        format!("({x},{value})")
    }
}

/// Points without a gap between them.
fn runs(series: &Series) -> Vec<Vec<(usize, &Point, f64)>> {
    let mut runs: Vec<Vec<(usize, &Point, f64)>> = vec![Vec::new()];
    for (at, point) in series.points.iter().enumerate() {
        match (point.y, runs.last_mut()) {
            (Some(value), Some(run)) => run.push((at, point, value)),
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

fn plot(page: &mut String, options: &str, places: &[String]) {
    if !places.is_empty() {
        put(page, format_args!("\\addplot[{options}, forget plot] coordinates {{{}}};", places.join(" ")));
    }
}

fn line(page: &mut String, ground: &Ground<'_>, series: &Series, options: &str) {
    for run in runs(series) {
        let places: Vec<String> =
            run.iter().map(|(at, point, value)| place(ground, (*at, point), *value, 0.0)).collect();
        plot(page, &format!("{options}, mark=none"), &places);
    }
}

/// Each value lasts until the next place.
fn course(page: &mut String, ground: &Ground<'_>, series: &Series, colour: &str) {
    for run in runs(series) {
        let mut places: Vec<String> =
            run.iter().map(|(_, point, value)| format!("({},{value})", point.x)).collect();
        places.extend(run.last().map(|(_, point, value)| format!("({},{value})", point.x + ground.step)));
        plot(page, &format!("{colour}{}, const plot, mark=none", pattern(series.hue)), &places);
    }
}

/// A dot a trial; what must be known of it is seen without a colour.
fn trials(page: &mut String, ground: &Ground<'_>, (series, aside): (&Series, f64), colour: &str) {
    let own = among(series);
    let most = own.iter().copied().max().unwrap_or_default();
    for (number, mark) in (0..=most).flat_map(|number| MARKS.map(|mark| (number, mark))) {
        let dots =
            series.points.iter().enumerate().filter(|(at, point)| point.mark == mark && own[*at] == number);
        let places: Vec<String> =
            dots.filter_map(|(at, point)| Some(place(ground, (at, point), point.y?, aside))).collect();
        let drawn = match mark {
            Dot::Plain => shape(series.hue, &format!("fill={colour}")),
            Dot::Saturated => shape(series.hue, "fill=white"),
            Dot::Doubtful => "mark=x, mark size=2.5pt, mark options={solid}".to_owned(),
            Dot::AtLeast => "mark=triangle, mark size=2.5pt, mark options={solid}".to_owned(),
        };
        // Beside one another, so that each is seen.
        let off = (number as f64 - most as f64 / 2.0) * 4.0_f64.min(16.0 / (most + 1) as f64);
        plot(
            page,
            &format!("{colour}, only marks, {drawn}{}", shift(ground, aside * APART_PT + off)),
            &places,
        );
    }
}

/// How many dots before it each one has at its own place.
fn among(series: &Series) -> Vec<usize> {
    let same = |at: usize| {
        let point = &series.points[at];
        series.points[..at].iter().filter(|other| (other.x - point.x).abs() < f64::EPSILON).count()
    };
    (0..series.points.len()).map(same).collect()
}

fn shift(ground: &Ground<'_>, pt: f64) -> String {
    if on_rows(ground.figure) || pt.abs() < f64::EPSILON {
        String::new()
    } else {
        format!(", xshift={pt:.1}pt")
    }
}

/// A bar at each middle, with what lies around it, joined where there is one for each place.
fn medians(page: &mut String, ground: &Ground<'_>, (series, aside): (&Series, f64), colour: &str) {
    let shift = shift(ground, aside * APART_PT);
    let (middle, end) = if on_rows(ground.figure) { ("|", "|") } else { ("-", "-") };
    for run in runs(series) {
        let places: Vec<String> =
            run.iter().map(|(at, point, value)| place(ground, (*at, point), *value, aside)).collect();
        let joined = if on_rows(ground.figure) { "only marks" } else { "thin" };
        plot(
            page,
            &format!(
                "{colour}, {joined}, mark={middle}, mark size=4pt, mark options={{solid, very thick}}{shift}"
            ),
            &places,
        );
        for (at, point, _) in run {
            let ends = point.interval.and_then(|around| around.ends());
            let ends = ends.map(|(low, high)| [low, high].map(|end| place(ground, (at, point), end, aside)));
            if let Some(ends) = ends {
                plot(page, &format!("{colour}, thin, mark={end}, mark size=2pt{shift}"), &ends);
            }
        }
    }
}

fn bars(page: &mut String, ground: &Ground<'_>, series: &Series, colour: &str) {
    let known = series
        .points
        .iter()
        .enumerate()
        .filter_map(|(at, point)| Some(place(ground, (at, point), point.y?, 0.0)));
    plot(page, &format!("draw={colour}, fill={colour}!40"), &known.collect::<Vec<_>>());
}

/// Dots with their names beside them.
fn scatter(page: &mut String, series: &Series, colour: &str) {
    for (point, value) in series.points.iter().filter_map(|point| Some((point, point.y?))) {
        let drawn = match point.mark {
            Dot::AtLeast => "mark=triangle, mark size=2.5pt".to_owned(),
            Dot::Saturated => shape(series.hue, "fill=white"),
            Dot::Doubtful => "mark=x, mark size=2.5pt".to_owned(),
            Dot::Plain => shape(series.hue, &format!("fill={colour}")),
        };
        let at = [format!("({},{value})", point.x)];
        plot(page, &format!("{colour}, only marks, {drawn}"), &at);
        put(
            page,
            format_args!(
                "\\node[font=\\tiny, anchor=west] at (axis cs:{},{value}) {{{}}};",
                point.x,
                escaped(&series.name)
            ),
        );
    }
}
