//! What is drawn on a panel's ground: steps, bars, dots, lines.

use std::fmt::Write;

use super::canvas::{Anchor, Canvas, shape, short, width};
use super::lanes::{Lane, beside};
use super::plot::{Plot, Sheet, Taken, step};
use super::style::hue;
use crate::report::document::{Dot, Drawing, Figure, Panel, Point, Role, Series};

/// What is written where nothing is known.
const NO_DATA: &str = "no data";

/// Where things are.
type Places = Vec<(f64, f64)>;

/// All series of a panel.
pub fn draw(canvas: &mut Canvas, figure: &Figure, panel: &Panel, plot: &Plot) {
    if figure.drawing == Drawing::Dots {
        return dots(canvas, panel, plot);
    }
    hatched(canvas, panel, plot);
    if figure.lays_trials_over {
        let drawn = panel.series.iter().flat_map(|series| runs(&series.points));
        let drawn: Vec<(f64, f64)> = drawn
            .flat_map(|run| {
                along(&run.iter().map(|(point, value)| plot.at(point.x, *value)).collect::<Vec<_>>())
            })
            .collect();
        plot.rules(canvas, figure, &drawn);
    }
    for series in &panel.series {
        let class = hue(series.hue);
        match (figure.drawing, series.role) {
            (Drawing::Course, _) => steps(canvas, series, plot, step(figure), &class),
            (Drawing::Lines, Role::Trials) if figure.lays_trials_over => {
                for run in runs(&series.points) {
                    let places = run.iter().map(|(point, value)| plot.at(point.x, *value));
                    // Whole steps are fine enough for a line that is one of many, and a page has hundreds.
                    let line: Vec<(f64, f64)> = places.map(|(x, y)| (x.round(), y.round())).collect();
                    canvas.of(&series.of, |canvas| canvas.polyline(&line, &format!("thin {class}")));
                }
            }
            (Drawing::Lines, Role::Measured) => lines(canvas, (figure, series), plot, &class),
            (Drawing::Bars, Role::Measured) => {
                medians(canvas, series, plot, &Lane::ALONE);
                unknown(canvas, panel, plot, &[]);
            }
            (Drawing::Scatter, Role::Measured) => {}
            _ => guide(canvas, series, plot),
        }
    }
    if figure.drawing == Drawing::Scatter {
        scatter(canvas, panel, plot);
    }
    plot.name_bounds(canvas, panel, &[]);
}

/// Trials and what they say together, each hue in a lane of its own, over what would be ideal; then the names of heights, where nothing is.
fn dots(canvas: &mut Canvas, panel: &Panel, plot: &Plot) {
    let hues = panel.hues();
    let of = |role: Role| panel.series.iter().filter(move |series| series.role == role);
    let most = of(Role::Trials)
        .flat_map(|series| levels(series, plot))
        .map(|(_, own)| beside(&own.iter().map(|(_, y)| *y).collect::<Vec<_>>()));
    let most = most.max().unwrap_or_default();
    let wide = plot.room(&panel.series);
    let lane = |series: &Series| {
        let at = hues.iter().position(|one| *one == series.hue).unwrap_or_default();
        Lane::of(wide, (at, hues.len()), most)
    };
    let mut drawn: Vec<(f64, f64)> = Vec::new();
    for series in panel.series.iter().filter(|series| !series.role.is_measured()) {
        guide(canvas, series, plot);
        drawn.extend(along(&corners(series, plot)));
    }
    for series in of(Role::Trials) {
        drawn.extend(trials(canvas, series, plot, &lane(series)));
    }
    for series in of(Role::Measured) {
        drawn.extend(medians(canvas, series, plot, &lane(series)));
    }
    drawn.extend(unknown(canvas, panel, plot, &drawn));
    plot.name_bounds(canvas, panel, &drawn);
}

/// Where nothing is known that is said: it is not nothing; of trials of which none counts the crosses are there. A line for each series that lacks its middle,
/// one for all where none has any, where no dot is; gives the places that the words take.
fn unknown(canvas: &mut Canvas, panel: &Panel, plot: &Plot, drawn: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let half = width(NO_DATA) / 2.0;
    let Sheet { left, right, .. } = plot.sheet();
    let measured = panel.series.iter().filter(|series| series.role == Role::Measured);
    let points = measured.flat_map(|series| series.points.iter().map(move |point| (series, point)));
    let lacks = |(series, point): &(&Series, &Point)| point.y.is_none() && !panel.has_trials(series, point.x);
    let mut levels: Vec<f64> = points.clone().filter(lacks).map(|(_, point)| point.x).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for level in levels {
        let own = points.clone().filter(|(_, point)| (point.x - level).abs() < f64::EPSILON);
        let (all, lacking) = (own.clone().count(), own.filter(lacks).count());
        let x = plot.at(level, 0.0).0.clamp(left + half + 2.0, right - half - 2.0);
        for _ in 0..if lacking == all { 1 } else { lacking } {
            // Letters rise ten above their line, and reach three below it.
            let covers = |line: f64| {
                let within =
                    |(u, v): &&(f64, f64)| (*u - x).abs() < half + 4.0 && *v > line - 14.0 && *v < line + 7.0;
                drawn.iter().chain(&taken).filter(within).count()
            };
            let steps = ((plot.bottom() - plot.top() - 18.0) / 13.0).max(0.0) as u32;
            let places = (0..=steps).map(|step| plot.bottom() - 6.0 - 13.0 * f64::from(step));
            // Of equals the lowest.
            let line = places.min_by_key(|line| covers(*line)).unwrap_or(plot.bottom() - 6.0);
            canvas.write((x, line), Anchor::Middle, "soft", NO_DATA);
            taken.extend(along(&[(x - half, line - 5.0), (x + half, line - 5.0)]));
        }
    }
    taken
}

/// Places all along a line, each near the one before.
fn along(line: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let between = line.windows(2).flat_map(|pair| {
        let ((x, y), (u, v)) = (pair[0], pair[1]);
        let steps = ((u - x).abs().max((v - y).abs()) / 6.0).ceil().max(1.0);
        (0..steps as u32).map(move |step| {
            let part = f64::from(step) / steps;
            (x + (u - x) * part, y + (v - y) * part)
        })
    });
    between.chain(line.last().copied()).collect()
}

/// What was not measured.
fn guide(canvas: &mut Canvas, series: &Series, plot: &Plot) {
    let class = match series.role {
        Role::Ideal => format!("i {}", hue(series.hue)),
        Role::Staircase => format!("st {}", hue(series.hue)),
        Role::Front => "pf".to_owned(),
        Role::Law => {
            band(canvas, series, plot);
            format!("law {}", hue(series.hue))
        }
        Role::Measured | Role::Trials => return,
    };
    canvas.polyline(&corners(series, plot), &class);
}

/// What lies around a law, as a ground of its own: along the upper ends, and back along the lower ones.
fn band(canvas: &mut Canvas, series: &Series, plot: &Plot) {
    let ends = |point: &Point| {
        let (low, high) = point.interval.and_then(|around| around.ends())?;
        Some((plot.at(point.x, low), plot.at(point.x, high)))
    };
    let ends: Vec<_> = series.points.iter().filter_map(ends).collect();
    let around = ends.iter().map(|(_, high)| high).chain(ends.iter().rev().map(|(low, _)| low));
    let places: Vec<String> = around.map(|(x, y)| format!("{},{}", short(*x), short(*y))).collect();
    if !places.is_empty() {
        canvas.path(&format!("M{}Z", places.join("L")), &format!("band {}", hue(series.hue)));
    }
}

/// Where its line turns.
fn corners(series: &Series, plot: &Plot) -> Vec<(f64, f64)> {
    let places = places(series, plot);
    if series.role != Role::Staircase {
        return places;
    }
    let mut corners: Vec<(f64, f64)> = Vec::new();
    for (x, y) in places {
        if let Some((_, before)) = corners.last().copied() {
            corners.push((x, before));
        }
        corners.push((x, y));
    }
    corners
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
        // In whole pixels, each from the one before: a page has thirty of these.
        let mut corners: Vec<(i64, i64, i64)> = Vec::new();
        for (point, value) in run {
            let (x, y) = plot.at(point.x, value);
            let (end, y) = (plot.at(point.x + step, value).0.round() as i64, y.round() as i64);
            match corners.last_mut() {
                Some((_, before, last)) if *last == y => *before = end,
                _ => corners.push((x.round() as i64, end, y)),
            }
        }
        let Some((from, mut at, mut height)) = corners.first().copied() else { continue };
        // Writing to a string cannot fail.
        write!(path, "M{from},{height}h{}", at - from).ok();
        for (_, end, y) in corners.into_iter().skip(1) {
            write!(path, "v{}h{}", y - height, end - at).ok();
            (at, height) = (end, y);
        }
    }
    canvas.path(&path, &format!("l {class}"));
}

/// The trials of each level: their points, and where they lie before any is set aside.
fn levels<'a>(series: &'a Series, plot: &Plot) -> Vec<(Vec<&'a Point>, Places)> {
    let mut levels: Vec<(Vec<&Point>, Places)> = Vec::new();
    for point in &series.points {
        let Some(value) = point.y else { continue };
        let at = plot.at(point.x, value);
        match levels.iter_mut().find(|(_, own)| own.first().is_some_and(|(x, _)| (x - at.0).abs() < 1e-6)) {
            Some((points, own)) => {
                points.push(point);
                own.push(at);
            }
            None => levels.push((vec![point], vec![at])),
        }
    }
    levels
}

/// A dot a trial; gives where they are.
fn trials(canvas: &mut Canvas, series: &Series, plot: &Plot, lane: &Lane) -> Vec<(f64, f64)> {
    let class = hue(series.hue);
    let mut drawn = Vec::new();
    for (points, own) in levels(series, plot) {
        let heights: Vec<f64> = own.iter().map(|(_, y)| *y).collect();
        for ((point, (x, y)), off) in points.into_iter().zip(own).zip(lane.offsets(&heights)) {
            let at = (x + off, y);
            dot(canvas, at, (point, series.hue, lane.dot), (&class, plot.sheet()));
            drawn.push(at);
        }
    }
    drawn
}

/// One dot of a size; what must be known of it is seen without a colour.
pub fn dot(
    canvas: &mut Canvas,
    (x, y): (f64, f64),
    (point, hue, size): (&Point, usize, f64),
    (class, sheet): (&str, Sheet),
) {
    let (open, close) = match point.trial {
        Some(order) if sheet.names_dots => {
            (format!("<a href=\"#t{order}\"><title>trial {order}</title>"), "</a>")
        }
        Some(order) => (format!("<a href=\"#t{order}\">"), "</a>"),
        None => (String::new(), ""),
    };
    let hollow = || format!("<path class=\"d o {class}\" d=\"{}\"/>", shape(hue, (x, y), size));
    let mark = match point.mark {
        Dot::Plain => format!("<path class=\"d {class}\" d=\"{}\"/>", shape(hue, (x, y), size)),
        Dot::Saturated => hollow(),
        Dot::Doubtful => {
            let (half, all) = (size + 0.3, short(2.0 * size + 0.6));
            format!(
                "<path class=\"d {class}\" d=\"M{},{}l{all},{all}m-{all},0l{all},-{all}\"/>",
                short(x - half),
                short(y - half)
            )
        }
        Dot::AtLeast => format!(
            "{}<path class=\"w {class}\" d=\"M{},{}v-9m-3,3l3,-3l3,3\"/>",
            hollow(),
            short(x),
            short(y - size - 0.8)
        ),
    };
    canvas.put(format_args!("{open}{mark}{close}"));
}

/// A bar at each middle, with what lies around it, joined where there is one for each place; gives where they are.
fn medians(canvas: &mut Canvas, series: &Series, plot: &Plot, lane: &Lane) -> Vec<(f64, f64)> {
    let class = hue(series.hue);
    let mut drawn = Vec::new();
    for run in runs(&series.points) {
        let place = |(point, value): &(&Point, f64)| plot.at(point.x, *value);
        // Through the levels themselves, so that it can be compared with what would be ideal; the bars stand beside them.
        let line: Vec<(f64, f64)> = run.iter().map(place).collect();
        if line.len() > 1 {
            canvas.polyline(&line, &format!("thin {class}"));
        }
        drawn.extend(along(&line));
        for ((point, _), (x, y)) in run.iter().zip(line) {
            let x = x + lane.middle;
            drawn.push((x, y));
            let ends = point.interval.and_then(|around| around.ends());
            if let Some((low, high)) = ends {
                let [low, high] = [low, high].map(|end| plot.at(point.x, end).1);
                canvas.line((x, low), (x, high), &format!("w {class}"));
                drawn.extend(along(&[(x, low), (x, high)]));
            }
            canvas.line((x - lane.bar, y), (x + lane.bar, y), &format!("m {class}"));
        }
    }
    drawn
}

/// From point to point; where levels were tried and nothing between them, each has a mark.
fn lines(canvas: &mut Canvas, (figure, series): (&Figure, &Series), plot: &Plot, class: &str) {
    for run in runs(&series.points) {
        let line: Vec<(f64, f64)> = run.iter().map(|(point, value)| plot.at(point.x, *value)).collect();
        canvas.of(&series.of, |canvas| canvas.polyline(&line, &format!("l {class}")));
        for ((point, _), at) in run.iter().zip(line).filter(|_| figure.has_levels()) {
            dot(canvas, at, (point, series.hue, 3.2), (class, plot.sheet()));
        }
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
    while x <= plot.sheet().right {
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
    let sheet = plot.sheet();
    let Sheet { left, right, .. } = sheet;
    let mut named: Vec<((f64, f64), &Series)> = Vec::new();
    for series in of(Role::Measured) {
        for point in &series.points {
            let Some(value) = point.y else { continue };
            let at = plot.at(point.x, value);
            canvas.of(&series.of, |canvas| {
                dot(canvas, at, (point, series.hue, 3.2), (&hue(series.hue), sheet));
            });
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
        let mut free = free.filter(|(_, (_, _, from))| *from > left && from + wide < right);
        if let Some((line, (anchor, at, _))) =
            free.find(|(line, (_, _, left))| taken.take(*left, *line, &series.name))
        {
            canvas.write((at, line), anchor, "soft", &series.name);
        }
    }
}
