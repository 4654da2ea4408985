//! What is drawn on a panel's ground, each number as the data have it.

use super::super::svg::dashes;
use super::axis::{Ground, on_rows};
use super::lanes::Aside;
use super::put;
use super::text::escaped;
use crate::report::document::{Dot, Drawing, Point, Role, Series};

/// A shape for each hue, so that no colour is needed to tell them apart.
const SHAPES: [&str; 6] = ["*", "square*", "triangle*", "diamond*", "pentagon*", "halfcircle*"];
const MARKS: [Dot; 4] = [Dot::Plain, Dot::Saturated, Dot::Doubtful, Dot::AtLeast];

/// One series.
pub fn draw(page: &mut String, ground: &Ground<'_>, series: &Series, aside: &Aside<'_>) {
    let colour = format!("bench{}", series.hue);
    match (ground.figure.drawing, series.role) {
        (Drawing::Course, _) => course(page, ground, series, &colour),
        (_, Role::Ideal) => line(page, ground, series, &format!("{colour}, thin, dashed, opacity=0.8")),
        (_, Role::Staircase) => line(page, ground, series, &format!("{colour}, dotted, const plot")),
        (_, Role::Front) => line(page, ground, series, "gray"),
        (_, Role::Law) => {
            band(page, ground, series, &colour);
            line(
                page,
                ground,
                series,
                &format!("{colour}, dash pattern=on 5pt off 1.5pt on 1.5pt off 1.5pt"),
            );
        }
        (Drawing::Scatter, _) => scatter(page, series, &colour),
        (Drawing::Lines, Role::Trials) if ground.figure.lays_trials_over => {
            line(page, ground, series, &format!("{colour}, very thin, opacity=0.6"));
        }
        (_, Role::Trials) => trials(page, ground, (series, aside), &colour),
        (Drawing::Lines, Role::Measured) => {
            line(page, ground, series, &format!("{colour}, thick{}", pattern(series.hue)));
            if ground.figure.has_levels() {
                let marks = shape(series.hue, 1.8, &format!("fill={colour}"));
                let known = series.points.iter().enumerate();
                let known = known.filter_map(|(at, point)| Some(place(ground, (at, point), point.y?, 0.0)));
                plot(page, &format!("{colour}, only marks, {marks}"), &known.collect::<Vec<_>>());
            }
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
        _ => format!("{colour}, only marks, {}", shape(series.hue, 1.8, &format!("fill={colour}"))),
    };
    put(page, format_args!("\\addlegendimage{{{image}}}\n\\addlegendentry{{{}}}", escaped(&series.name)));
}

fn pattern(hue: usize) -> String {
    let lengths: Vec<&str> = dashes(hue).split_whitespace().collect();
    let pairs = lengths.chunks(2).map(|pair| format!("on {}pt off {}pt", pair[0], pair[pair.len() - 1]));
    let pattern = pairs.collect::<Vec<_>>().join(" ");
    if pattern.is_empty() { pattern } else { format!(", dash pattern={pattern}") }
}

fn shape(hue: usize, size: f64, options: &str) -> String {
    format!("mark={}, mark size={size:.1}pt, mark options={{solid, {options}}}", SHAPES[hue % SHAPES.len()])
}

/// A point as it lies in the picture; on rows so far from its own.
fn place(ground: &Ground<'_>, (at, point): (usize, &Point), value: f64, aside: f64) -> String {
    let x = ground.place(at, point);
    if on_rows(ground.figure) {
        format!("({value},{})", ((point.x + aside) * 1e3).round() / 1e3)
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

/// What lies around a law: along the upper ends, and back along the lower ones.
fn band(page: &mut String, ground: &Ground<'_>, series: &Series, colour: &str) {
    let ends = series.points.iter().enumerate().filter_map(|(at, point)| {
        let (low, high) = point.interval.and_then(|around| around.ends())?;
        Some([low, high].map(|end| place(ground, (at, point), end, 0.0)))
    });
    let (low, high): (Vec<String>, Vec<String>) = ends.map(|[low, high]| (low, high)).unzip();
    let around: Vec<String> = high.into_iter().chain(low.into_iter().rev()).collect();
    if !around.is_empty() {
        put(
            page,
            format_args!(
                "\\addplot[draw=none, fill={colour}, fill opacity=0.16, mark=none, forget plot] coordinates {{{}}} -- cycle;",
                around.join(" ")
            ),
        );
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
fn trials(page: &mut String, ground: &Ground<'_>, (series, aside): (&Series, &Aside<'_>), colour: &str) {
    let offs = aside.dots(series);
    let rows = on_rows(ground.figure);
    // What is as far beside its level is drawn together; on rows all of it is.
    let mut apart: Vec<f64> = if rows { vec![0.0] } else { offs.clone() };
    for off in &mut apart {
        *off = tenths(*off);
    }
    apart.sort_by(f64::total_cmp);
    apart.dedup();
    let size = aside.dot();
    for (off, mark) in apart.into_iter().flat_map(|off| MARKS.map(|mark| (off, mark))) {
        let own = |at: usize| rows || (tenths(offs[at]) - off).abs() < 1e-9;
        let dots = series.points.iter().enumerate().filter(|(at, point)| point.mark == mark && own(*at));
        let places: Vec<String> =
            dots.filter_map(|(at, point)| Some(place(ground, (at, point), point.y?, offs[at]))).collect();
        let drawn = match mark {
            Dot::Plain => shape(series.hue, size, &format!("fill={colour}")),
            Dot::Saturated => shape(series.hue, size, "fill=white"),
            Dot::Doubtful => format!("mark=x, mark size={:.1}pt, mark options={{solid}}", size + 0.7),
            Dot::AtLeast => format!("mark=triangle, mark size={:.1}pt, mark options={{solid}}", size + 0.7),
        };
        plot(page, &format!("{colour}, only marks, {drawn}{}", shift(ground, off)), &places);
    }
}

fn tenths(pt: f64) -> f64 {
    (pt * 10.0).round() / 10.0
}

fn shift(ground: &Ground<'_>, pt: f64) -> String {
    if on_rows(ground.figure) || pt.abs() < 0.05 { String::new() } else { format!(", xshift={pt:.1}pt") }
}

/// A bar at each middle, with what lies around it, joined where there is one for each place.
fn medians(page: &mut String, ground: &Ground<'_>, (series, aside): (&Series, &Aside<'_>), colour: &str) {
    let off = aside.middle();
    let shift = shift(ground, off);
    // What is not known is not nothing.
    for (at, point) in series.points.iter().enumerate().filter(|(_, point)| point.y.is_none()) {
        if aside.has_dots(series, point.x) {
            continue;
        }
        let place = if on_rows(ground.figure) {
            let row = ((point.x + off) * 1e3).round() / 1e3;
            format!("anchor=west] at ({{rel axis cs:0.01,0}}|-{{axis cs:0,{row}}})")
        } else {
            let x = ground.place(at, point);
            format!("anchor=south] at ({{axis cs:{x},1}}|-{{rel axis cs:0,0.01}})")
        };
        put(page, format_args!("\\node[font=\\tiny, text=gray, {place} {{no data}};"));
    }
    let (middle, end) = if on_rows(ground.figure) { ("|", "|") } else { ("-", "-") };
    for run in runs(series) {
        // Through the levels themselves, so that it can be compared with what would be ideal.
        if !on_rows(ground.figure) && run.len() > 1 {
            let line: Vec<String> =
                run.iter().map(|(at, point, value)| place(ground, (*at, point), *value, 0.0)).collect();
            plot(page, &format!("{colour}, very thin, mark=none"), &line);
        }
        let places: Vec<String> =
            run.iter().map(|(at, point, value)| place(ground, (*at, point), *value, off)).collect();
        plot(
            page,
            &format!(
                "{colour}, only marks, mark={middle}, mark size=2.7pt, mark options={{solid, very thick}}{shift}"
            ),
            &places,
        );
        for (at, point, _) in run {
            let ends = point.interval.and_then(|around| around.ends());
            let ends = ends.map(|(low, high)| [low, high].map(|end| place(ground, (at, point), end, off)));
            if let Some(ends) = ends {
                plot(page, &format!("{colour}, thin, mark={end}, mark size=1.5pt{shift}"), &ends);
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
            Dot::Saturated => shape(series.hue, 1.8, "fill=white"),
            Dot::Doubtful => "mark=x, mark size=2.5pt".to_owned(),
            Dot::Plain => shape(series.hue, 1.8, &format!("fill={colour}")),
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
