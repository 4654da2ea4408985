//! What is drawn on a panel's ground: steps, bars, dots, lines.

use std::fmt::Write;

use super::canvas::{Anchor, Canvas, shape, short, width};
use super::plot::{LEFT, Plot, RIGHT, Taken, step};
use super::style::hue;
use crate::report::document::{Dot, Drawing, Figure, Panel, Point, Role, Series};

/// How far dots of trials at the same place stand apart.
const APART: f64 = 6.0;

/// All series of a panel.
pub fn draw(canvas: &mut Canvas, figure: &Figure, panel: &Panel, plot: &Plot) {
    let hues = panel.hues();
    hatched(canvas, panel, plot);
    for series in &panel.series {
        let class = hue(series.hue);
        // Beside one another, so that dots of several hues at one place are all seen.
        let lane = hues.iter().position(|one| *one == series.hue).unwrap_or_default();
        let aside = if figure.drawing == Drawing::Dots {
            (lane as f64 - (hues.len() as f64 - 1.0) / 2.0) * 5.0
        } else {
            0.0
        };
        match (figure.drawing, series.role) {
            (Drawing::Course, _) => steps(canvas, series, plot, step(figure), &class),
            (_, Role::Ideal) => canvas.polyline(&places(series, plot), &format!("i {class}")),
            (_, Role::Staircase) => stairs(canvas, series, plot, &class),
            (_, Role::Front) => canvas.polyline(&places(series, plot), "pf"),
            (_, Role::Trials) => trials(canvas, series, plot, (&class, aside)),
            (Drawing::Lines, Role::Measured) => lines(canvas, series, plot, &class),
            (Drawing::Bars | Drawing::Dots, Role::Measured) => medians(canvas, series, plot, (&class, aside)),
            (Drawing::Scatter, Role::Measured) => {}
        }
    }
    if figure.drawing == Drawing::Scatter {
        scatter(canvas, panel, plot);
    }
}

/// Places of what is known.
fn places(series: &Series, plot: &Plot) -> Vec<(f64, f64)> {
    series.points.iter().filter_map(|point| Some(plot.at(point.x, point.y?))).collect()
}

/// Points without a gap between them, each with what is known.
fn runs(points: &[Point]) -> impl Iterator<Item = Vec<(&Point, f64)>> {
    let runs = points.split(|point| point.y.is_none()).filter(|run| !run.is_empty());
    runs.map(|run| run.iter().filter_map(|point| Some((point, point.y?))).collect())
}

/// Each value lasts until the next place.
fn steps(canvas: &mut Canvas, series: &Series, plot: &Plot, step: f64, class: &str) {
    let mut path = String::new();
    for run in runs(&series.points) {
        let mut drawn: Option<String> = None;
        for (point, value) in run {
            let (x, y) = plot.at(point.x, value);
            // In whole pixels: a page has thirty of these.
            let (end, y) = (short(plot.at(point.x + step, value).0.round()), short(y.round()));
            // Writing to a string cannot fail.
            match &drawn {
                None => write!(path, "M{},{y}H{end}", short(x.round())).ok(),
                Some(before) if *before == y => {
                    path.truncate(path.rfind('H').unwrap_or(path.len()));
                    write!(path, "H{end}").ok()
                }
                Some(_) => write!(path, "V{y}H{end}").ok(),
            };
            drawn = Some(y);
        }
    }
    canvas.path(&path, &format!("l {class}"));
}

fn stairs(canvas: &mut Canvas, series: &Series, plot: &Plot, class: &str) {
    let mut corners: Vec<(f64, f64)> = Vec::new();
    for (x, y) in places(series, plot) {
        if let Some((_, before)) = corners.last().copied() {
            corners.push((x, before));
        }
        corners.push((x, y));
    }
    canvas.polyline(&corners, &format!("st {class}"));
}

/// A dot a trial.
fn trials(canvas: &mut Canvas, series: &Series, plot: &Plot, (class, aside): (&str, f64)) {
    for (at, point) in series.points.iter().enumerate() {
        let Some(value) = point.y else { continue };
        let same = |other: &&Point| (other.x - point.x).abs() < f64::EPSILON;
        let (of, own) =
            (series.points.iter().filter(same).count(), series.points[..at].iter().filter(same).count());
        let off = aside + (own as f64 - (of as f64 - 1.0) / 2.0) * APART.min(24.0 / of as f64);
        let (x, y) = plot.at(point.x, value);
        dot(canvas, (x + off, y), (point, series.hue), class);
    }
}

/// One dot; what must be known of it is seen without a colour.
pub fn dot(canvas: &mut Canvas, (x, y): (f64, f64), (point, hue): (&Point, usize), class: &str) {
    let (open, close) = match point.trial {
        Some(order) => (format!("<a href=\"#t{order}\"><title>trial {order}</title>"), "</a>"),
        None => (String::new(), ""),
    };
    let mark = match point.mark {
        Dot::Plain => format!("<path class=\"d {class}\" d=\"{}\"/>", shape(hue, (x, y), 3.2)),
        Dot::Saturated => format!("<path class=\"d o {class}\" d=\"{}\"/>", shape(hue, (x, y), 3.2)),
        Dot::Doubtful => {
            format!("<path class=\"d {class}\" d=\"M{},{}l7,7m-7,0l7,-7\"/>", short(x - 3.5), short(y - 3.5))
        }
        Dot::AtLeast => format!(
            "<path class=\"d o {class}\" d=\"{}\"/><path class=\"w {class}\" d=\"M{},{}v-9m-3,3l3,-3l3,3\"/>",
            shape(hue, (x, y), 3.2),
            short(x),
            short(y - 4.0)
        ),
    };
    canvas.put(format_args!("{open}{mark}{close}"));
}

/// A bar at each middle, with what lies around it, joined where there is one for each place. Where nothing is known that is said: it is not nothing.
fn medians(canvas: &mut Canvas, series: &Series, plot: &Plot, (class, aside): (&str, f64)) {
    for point in series.points.iter().filter(|point| point.y.is_none()) {
        let (x, _) = plot.at(point.x, 0.0);
        canvas.write((x + aside, plot.bottom() - 6.0), Anchor::Middle, "soft", "no data");
    }
    for run in runs(&series.points) {
        let line: Vec<(f64, f64)> =
            run.iter().map(|(point, value)| plot.at(point.x, *value)).map(|(x, y)| (x + aside, y)).collect();
        if line.len() > 1 {
            canvas.polyline(&line, &format!("thin {class}"));
        }
        for ((point, _), (x, y)) in run.iter().zip(line) {
            let ends = point.interval.and_then(|around| around.ends());
            if let Some((low, high)) = ends {
                let [low, high] = [low, high].map(|end| plot.at(point.x, end).1);
                canvas.line((x, low), (x, high), &format!("w {class}"));
            }
            canvas.line((x - 8.0, y), (x + 8.0, y), &format!("m {class}"));
        }
    }
}

fn lines(canvas: &mut Canvas, series: &Series, plot: &Plot, class: &str) {
    for run in runs(&series.points) {
        let line: Vec<(f64, f64)> = run.iter().map(|(point, value)| plot.at(point.x, *value)).collect();
        canvas.of(&series.of, |canvas| canvas.polyline(&line, &format!("l {class}")));
    }
}

/// Above the part of a curve that is only known to be so high at least, up to the head of the panel. Of several curves the lowest begins it.
fn hatched(canvas: &mut Canvas, panel: &Panel, plot: &Plot) {
    let mut lines = String::new();
    let bounded: Vec<(f64, Vec<(f64, f64)>)> = panel
        .series
        .iter()
        .filter_map(|series| Some((plot.at(series.beyond?.0, 0.0).0, places(series, plot))))
        .collect();
    let Some(from) = bounded.iter().map(|(from, _)| *from).reduce(f64::min) else { return };
    let mut x = from;
    while x <= RIGHT {
        let known = bounded.iter().filter(|(from, _)| *from <= x).filter_map(|(_, line)| height(line, x));
        if let Some(lowest) = known.reduce(f64::max) {
            // Writing to a string cannot fail.
            write!(lines, "M{},{}V{}", short(x), short(lowest), short(plot.top())).ok();
        }
        x += 5.0;
    }
    canvas.path(&lines, "hatch");
}

/// How high a line is at a place, between two of its points; none beyond its ends.
fn height(line: &[(f64, f64)], x: f64) -> Option<f64> {
    let after = line.iter().position(|(at, _)| *at >= x)?;
    let (right, below) = line[after];
    let Some((left, above)) = after.checked_sub(1).map(|before| line[before]) else { return Some(below) };
    let part = if right > left { (x - left) / (right - left) } else { 1.0 };
    Some(above + (below - above) * part)
}

/// Dots with their names beside them: those of the front first, then what is left has the room that it finds. What finds none is told in the table.
fn scatter(canvas: &mut Canvas, panel: &Panel, plot: &Plot) {
    let of = |role| panel.series.iter().filter(move |series: &&Series| series.role == role);
    let front: Vec<(f64, f64)> = of(Role::Front).flat_map(|series| places(series, plot)).collect();
    let mut named: Vec<((f64, f64), &Series)> = Vec::new();
    for series in of(Role::Measured) {
        for point in &series.points {
            let Some(value) = point.y else { continue };
            let at = plot.at(point.x, value);
            canvas.of(&series.of, |canvas| dot(canvas, at, (point, series.hue), &hue(series.hue)));
            named.push((at, series));
        }
    }
    let mut taken = Taken::default();
    // No word covers a dot.
    for ((x, y), _) in &named {
        taken.take(x - 4.0, y + 4.0, "o");
    }
    named.sort_by_key(|(at, _)| !front.contains(at));
    for ((x, y), series) in named {
        let wide = width(&series.name);
        let lines = [0.0, -14.0, 14.0].map(|off| y + 4.0 + off);
        let room = |line: &f64| *line > plot.top() + 10.0 && *line < plot.bottom();
        let sides = [(Anchor::Start, x + 9.0, x + 9.0), (Anchor::End, x - 9.0, x - 9.0 - wide)];
        let free = lines.into_iter().filter(room).flat_map(|line| sides.map(|side| (line, side)));
        let mut free = free.filter(|(_, (_, _, left))| *left > LEFT && left + wide < RIGHT);
        if let Some((line, (anchor, at, _))) =
            free.find(|(line, (_, _, left))| taken.take(*left, *line, &series.name))
        {
            canvas.write((at, line), anchor, "soft", &series.name);
        }
    }
}
