//! The ground that a panel is drawn on: its frame, its ticks, its lengths that have a name.

use super::canvas::{Anchor, Canvas, short};
use super::rule_name;
use super::scale::Scale;
use crate::report::document::{Drawing, Figure, Panel, Point, Scale as Kind};

/// How wide a figure is.
pub const WIDTH: f64 = 672.0;
/// Where panels begin, right of their ticks.
pub const LEFT: f64 = 60.0;
/// Where they end: half of what is written below the last tick has room.
pub const RIGHT: f64 = WIDTH - 24.0;

/// Places that words have already, so that no others are written over them.
#[derive(Debug, Default)]
pub struct Taken(Vec<[f64; 3]>);

impl Taken {
    /// Takes the place that a text has from there on; false where it would reach into another.
    pub fn take(&mut self, left: f64, line: f64, text: &str) -> bool {
        let right = left + super::width(text);
        let is_free = self
            .0
            .iter()
            .all(|[from, to, at]| right + 4.0 < *from || left > *to + 4.0 || (at - line).abs() > 12.5);
        if is_free {
            self.0.push([left, right, line]);
        }
        is_free
    }
}

/// Where a panel lies, and what its axes hold.
#[derive(Clone, Copy, Debug)]
pub struct Plot {
    left: f64,
    top: f64,
    height: f64,
    /// The common axis.
    pub x: Scale,
    /// The panel's own.
    pub y: Scale,
}

impl Plot {
    /// Of one panel; the common axis holds what all panels hold, and what is shown of the same metric stands on one scale.
    pub fn of(figure: &Figure, panel: &Panel, top: f64, height: f64) -> Self {
        let all = || figure.panels.iter().flat_map(|panel| &panel.series).flat_map(|series| &series.points);
        let last = all().map(|point| point.x).fold(0.0, f64::max);
        let end = if figure.drawing == Drawing::Course { last + step(figure) } else { last };
        let x = match figure.x.at.as_slice() {
            [] => Scale::of(figure.x.scale, all().map(|point| point.x).chain([end]), 8.0),
            levels => Scale::of_levels(figure.x.scale, levels),
        };
        let alike = figure.panels.iter().filter(|other| other.y == panel.y && other.metric == panel.metric);
        let values = alike.flat_map(heights);
        Plot {
            left: LEFT,
            top,
            height,
            x,
            y: Scale::of(panel.y.scale, values, if height > 100.0 { 5.0 } else { 3.0 }),
        }
    }

    /// Where a point lies.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.left + self.x.part(x) * (RIGHT - self.left), self.bottom() - self.y.part(y) * self.height)
    }

    /// The foot of the panel.
    pub const fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// The head of the panel.
    pub const fn top(&self) -> f64 {
        self.top
    }

    /// Lengths of the axis that have a name, shaded by turns, and places that have one, down to the last panel's foot.
    pub fn spans(&self, canvas: &mut Canvas, figure: &Figure, bottom: f64) {
        for (at, span) in figure.spans.iter().enumerate() {
            let from = self.at(span.x, 0.0).0;
            let to = figure.spans.get(at + 1).map_or(RIGHT, |next| self.at(next.x, 0.0).0);
            if at % 2 == 0 {
                let [x, y, width, height] = [from, self.top, to - from, bottom - self.top].map(short);
                canvas.put(format_args!(
                    "<rect class=\"span\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
                ));
            }
            if to - from > super::width(&span.name) {
                canvas.write((from + 4.0, self.top + 12.0), Anchor::Start, "soft", &span.name);
            }
        }
        let mut taken = Taken::default();
        for rule in &figure.rules {
            let x = self.at(rule.x, 0.0).0;
            canvas.line((x, self.top), (x, bottom), "rule");
            let name = rule_name(rule, &figure.x.unit);
            let (at, anchor) =
                if x > RIGHT - 90.0 { (x - 3.0, Anchor::End) } else { (x + 3.0, Anchor::Start) };
            let left = if anchor == Anchor::End { at - super::width(&name) } else { at };
            // From the ground up, and no higher than names of lengths: what is told has all of them.
            let lines = (0..).map(|line| self.bottom() - 4.0 - 13.0 * f64::from(line));
            let free =
                lines.take_while(|line| *line > self.top + 26.0).find(|line| taken.take(left, *line, &name));
            if let Some(line) = free {
                canvas.write((at, line), anchor, "rt", &name);
            }
        }
    }

    /// Frame, heights that are round, and heights that mean something.
    pub fn frame(&self, canvas: &mut Canvas, panel: &Panel) {
        let mut lines = String::new();
        let ticks = self.y.ticks();
        // Low panels stand above one another: their ends are enough.
        let is_named = |at: usize| self.height > 100.0 || at == 0 || at + 1 == ticks.len();
        for (at, (value, label)) in ticks.iter().enumerate() {
            let y = self.at(0.0, *value).1;
            lines.extend(["M", &short(self.left), ",", &short(y), "H", &short(RIGHT)]);
            if is_named(at) {
                canvas.write((self.left - 6.0, y + 4.0), Anchor::End, "soft", label);
            }
        }
        canvas.path(&lines, "g");
        let [x, y, width, height] = [self.left, self.top, RIGHT - self.left, self.height].map(short);
        canvas.put(format_args!(
            "<rect class=\"f\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
        ));
        for bound in &panel.bounds {
            let y = self.at(0.0, bound.x).1;
            canvas.line((self.left, y), (RIGHT, y), "rule");
            let below = if y < self.top + 16.0 { y + 13.0 } else { y - 4.0 };
            canvas.write((RIGHT - 4.0, below), Anchor::End, "rt", &bound.name);
        }
    }

    /// Ticks of the common axis below the panel.
    pub fn x_ticks(&self, canvas: &mut Canvas, levels: &[f64]) {
        let levels = levels.iter().map(|level| (*level, level_name(*level)));
        let ticks: Vec<(f64, String)> = if levels.len() > 0 { levels.collect() } else { self.x.ticks() };
        let mut marks = String::new();
        let mut free = f64::NEG_INFINITY;
        for (value, label) in ticks {
            let x = self.at(value, 0.0).0;
            marks.extend(["M", &short(x), ",", &short(self.bottom()), "v4"]);
            // Levels may lie so near that their names would cover one another.
            let half = super::width(&label) / 2.0;
            if x - half > free {
                canvas.write((x, self.bottom() + 16.0), Anchor::Middle, "soft", &label);
                free = x + half + 3.0;
            }
        }
        canvas.path(&marks, "f");
    }
}

/// All that a panel must have room for.
fn heights(panel: &Panel) -> impl Iterator<Item = f64> + '_ {
    let points = panel.series.iter().flat_map(|series| &series.points);
    let ends = |point: &Point| {
        let high = point.interval.and_then(|around| around.high.furthest());
        let low =
            point.interval.and_then(|around| around.low.at_least()).filter(|_| panel.y.scale == Kind::Log);
        [point.y, high, low]
    };
    let bounds = panel.bounds.iter().map(|bound| bound.x);
    points.flat_map(ends).flatten().chain(bounds)
}

/// As it was written: `20k`, `4`, `0.5`.
fn level_name(level: f64) -> String {
    if level >= 10_000.0 && level % 1_000.0 == 0.0 {
        super::scale::short(level, level)
    } else {
        level.to_string()
    }
}

/// How long a step of a course is.
pub fn step(figure: &Figure) -> f64 {
    match figure.places() {
        [first, second, ..] => second.x - first.x,
        _ => 1.0,
    }
}
