//! The ground that a panel is drawn on: its frame, its ticks, its lengths that have a name.

use super::canvas::{Anchor, Canvas, short};
use super::rule_name;
use super::scale::Scale;
use crate::report::document::{Drawing, Figure, Panel, Point, Role, Scale as Kind, Series};

/// What a figure is drawn on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sheet {
    /// How wide it is.
    pub width: f64,
    /// Where panels begin, right of their ticks.
    pub left: f64,
    /// Where they end: half of what is written below the last tick has room.
    pub right: f64,
    /// Whether dots say which trial they are of when they are pointed at.
    pub names_dots: bool,
}

/// For a screen or a page of paper.
pub const WIDE: Sheet = Sheet { width: 672.0, left: 60.0, right: 648.0, names_dots: true };
/// Of a course that does not lead: a page has too many of them to draw each twice, so that one is for screens of both kinds.
pub const COURSE: Sheet = Sheet { width: 412.0, left: 50.0, right: 394.0, names_dots: false };
/// For a telephone's screen: its letters are as high there.
pub const NARROW: Sheet = Sheet { width: 360.0, left: 50.0, right: 342.0, names_dots: false };

/// Places that words have already, so that no others are written over them.
#[derive(Debug, Default)]
pub struct Taken(Vec<[f64; 3]>);

impl Taken {
    /// Takes the place that a text has from there on; false where it would reach into another.
    pub fn take(&mut self, left: f64, line: f64, text: &str) -> bool {
        let is_free = self.is_free(left, line, text);
        if is_free {
            self.0.push([left, left + super::width(text), line]);
        }
        is_free
    }

    fn is_free(&self, left: f64, line: f64, text: &str) -> bool {
        let right = left + super::width(text);
        let apart =
            |[from, to, at]: &[f64; 3]| right + 4.0 < *from || left > *to + 4.0 || (at - line).abs() > 12.5;
        self.0.iter().all(apart)
    }
}

/// Where a panel lies, and what its axes hold.
#[derive(Clone, Copy, Debug)]
pub struct Plot {
    sheet: Sheet,
    top: f64,
    height: f64,
    /// The common axis.
    pub x: Scale,
    /// The panel's own.
    pub y: Scale,
}

impl Plot {
    /// Of one panel; the common axis holds what all panels hold, and what is shown of the same metric stands on one scale.
    pub fn of(figure: &Figure, panel: &Panel, sheet: Sheet, (top, height): (f64, f64)) -> Self {
        let all = || figure.panels.iter().flat_map(|panel| &panel.series).flat_map(|series| &series.points);
        let last = all().map(|point| point.x).fold(0.0, f64::max);
        let end = if figure.drawing == Drawing::Course { last + step(figure) } else { last };
        let x = match figure.x.at.as_slice() {
            [] => Scale::of(
                figure.x.scale,
                all().map(|point| point.x).chain([end]),
                if sheet == WIDE { 8.0 } else { 4.0 },
            ),
            levels => {
                // A law may go on beyond the last level.
                let series = figure.panels.iter().flat_map(|panel| &panel.series);
                let laws = series.filter(|series| series.role == Role::Law);
                let reach = laws.flat_map(|series| &series.points).map(|point| point.x);
                let all: Vec<f64> = levels.iter().copied().chain(reach).collect();
                Scale::of_levels(figure.x.scale, &all, if sheet == NARROW { 0.2 } else { 0.12 })
            }
        };
        let alike = figure.panels.iter().filter(|other| other.y == panel.y && other.metric == panel.metric);
        let values = alike.flat_map(heights);
        Plot {
            sheet,
            top,
            height,
            x,
            y: Scale::of(panel.y.scale, values, if height > 100.0 { 5.0 } else { 3.0 }),
        }
    }

    /// Where a point lies.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (
            self.sheet.left + self.x.part(x) * (self.sheet.right - self.sheet.left),
            self.bottom() - self.y.part(y) * self.height,
        )
    }

    /// The room that each level of these has.
    pub fn room(&self, series: &[Series]) -> f64 {
        let measured = series.iter().filter(|series| series.role.is_measured());
        let levels = measured.flat_map(|series| &series.points).map(|point| self.at(point.x, 0.0).0);
        super::lanes::room(levels, (self.sheet.left, self.sheet.right))
    }

    /// What it is drawn on.
    pub const fn sheet(&self) -> Sheet {
        self.sheet
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
            let to = figure.spans.get(at + 1).map_or(self.sheet.right, |next| self.at(next.x, 0.0).0);
            if at % 2 == 0 {
                let [x, y, width, height] = [from, self.top, to - from, bottom - self.top].map(short);
                canvas.put(format_args!(
                    "<rect class=\"span\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
                ));
            }
            if to - from > super::width(&span.name) + 6.0 {
                canvas.write((from + 4.0, self.top + 12.0), Anchor::Start, "soft", &span.name);
            }
        }
        let right = self.sheet.right;
        let mut taken = Taken::default();
        for rule in &figure.rules {
            let x = self.at(rule.x, 0.0).0;
            canvas.line((x, self.top), (x, bottom), "rule");
            let name = rule_name(rule, &figure.x.unit);
            let ((at, anchor), left) = beside(x, right, &name);
            // From the ground up, and no higher than names of lengths: what is told has all of them.
            let lines = (0..).map(|line| self.bottom() - 4.0 - 13.0 * f64::from(line));
            let free =
                lines.take_while(|line| *line > self.top + 26.0).find(|line| taken.take(left, *line, &name));
            if let Some(line) = free {
                canvas.write((at, line), anchor, "rt", &name);
            }
        }
    }

    /// Places of the common axis that have a name, from the panel's head to its foot, each named where that covers as few of these places as can be: near the head if
    /// that is free.
    pub fn rules(&self, canvas: &mut Canvas, figure: &Figure, drawn: &[(f64, f64)]) {
        let mut taken = Taken::default();
        for rule in &figure.rules {
            let x = self.at(rule.x, 0.0).0;
            canvas.line((x, self.top), (x, self.bottom()), "rule");
            let ((at, anchor), left) = beside(x, self.sheet.right, &rule.name);
            let right = left + super::width(&rule.name);
            // Letters rise ten above their line, and reach three below it.
            let covered = |line: &f64| {
                let within = |(x, y): &&(f64, f64)| {
                    *x > left - 4.0 && *x < right + 4.0 && *y > line - 13.0 && *y < line + 6.0
                };
                drawn.iter().filter(within).count()
            };
            let lines = (0..).map(|line| self.top + 13.0 + 13.0 * f64::from(line));
            let free = lines
                .take_while(|line| *line < self.bottom() - 3.0)
                .filter(|line| taken.is_free(left, *line, &rule.name));
            // Of equals the first.
            if let Some(line) = free.min_by_key(covered) {
                taken.take(left, line, &rule.name);
                canvas.write((at, line), anchor, "rt", &rule.name);
            }
        }
    }

    /// Frame, heights that are round, and heights that mean something.
    pub fn frame(&self, canvas: &mut Canvas, panel: &Panel) {
        let Sheet { left, right, .. } = self.sheet;
        let mut lines = String::new();
        let ticks = self.y.ticks();
        // Low panels stand above one another: their ends are enough.
        let is_named = |at: usize| self.height > 100.0 || at == 0 || at + 1 == ticks.len();
        for (at, (value, label)) in ticks.iter().enumerate() {
            let y = self.at(0.0, *value).1;
            lines.extend(["M", &short(left), ",", &short(y), "H", &short(right)]);
            if is_named(at) {
                canvas.write((left - 6.0, y + 4.0), Anchor::End, "soft", label);
            }
        }
        canvas.path(&lines, "g");
        let [x, y, width, height] = [left, self.top, right - left, self.height].map(short);
        canvas.put(format_args!(
            "<rect class=\"f\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
        ));
        for bound in &panel.bounds {
            let y = self.at(0.0, bound.x).1;
            canvas.line((left, y), (right, y), "rule");
        }
    }

    /// Names of heights that mean something, where they cover as few of these places as can be: on the right if that is free.
    pub fn name_bounds(&self, canvas: &mut Canvas, panel: &Panel, drawn: &[(f64, f64)]) {
        let Sheet { left, right, .. } = self.sheet;
        let mut taken: Vec<(f64, f64)> = drawn.to_vec();
        for bound in &panel.bounds {
            let (y, wide) = (self.at(0.0, bound.x).1, super::width(&bound.name));
            let steps = (((right - left - wide) / 24.0).max(0.0)) as u32;
            let ends = (0..=steps).map(|step| right - 4.0 - f64::from(step) * 24.0);
            // Letters rise ten above their line, and reach three below it.
            let lines = [y - 4.0, y + 13.0]
                .into_iter()
                .filter(|line| *line > self.top + 10.0 && *line < self.bottom() - 2.0);
            let lines: Vec<f64> = lines.collect();
            let covered = |end: f64, line: f64| {
                let within = |(x, y): &&(f64, f64)| {
                    *x > end - wide - 5.0 && *x < end + 5.0 && *y > line - 14.0 && *y < line + 7.0
                };
                taken.iter().filter(within).count()
            };
            let places = ends.flat_map(|end| lines.iter().map(move |line| (end, *line)));
            // Of equals the first.
            let best = places.min_by_key(|(end, line)| covered(*end, *line));
            let (end, line) = best.unwrap_or((right - 4.0, y - 4.0));
            canvas.write((end, line), Anchor::End, "rt", &bound.name);
            let mut x = end - wide;
            while x < end {
                taken.push((x, line - 5.0));
                x += 8.0;
            }
        }
    }

    /// Ticks of the common axis below the panel; gives how far they reach below what one line of them does.
    pub fn x_ticks(&self, canvas: &mut Canvas, levels: &[f64]) -> f64 {
        let named = levels.iter().map(|level| (*level, level_name(*level)));
        let ticks: Vec<(f64, String)> = if levels.is_empty() { self.x.ticks() } else { named.collect() };
        let mut marks = String::new();
        // Levels may lie so near that their names would cover one another: they have further lines. What has no room there either the table names.
        let mut free = [f64::NEG_INFINITY; 3];
        let mut further = 0.0;
        let lines = if levels.is_empty() { 1 } else { 3 };
        for (value, label) in ticks {
            let x = self.at(value, 0.0).0;
            let half = super::width(&label) / 2.0;
            let line = free.iter().take(lines).position(|end| x - half > *end);
            marks.extend(["M", &short(x), ",", &short(self.bottom()), "v4"]);
            if let Some(line) = line {
                let below = line as f64 * 13.0;
                further = f64::max(further, below);
                canvas.write((x, self.bottom() + 16.0 + below), Anchor::Middle, "soft", &label);
                free[line] = x + half + 3.0;
            }
        }
        canvas.path(&marks, "f");
        further
    }
}

/// Where a name stands beside a place on the axis, and where it begins: on the right of it where there is room.
fn beside(x: f64, right: f64, name: &str) -> ((f64, Anchor), f64) {
    if x > right - 90.0 {
        ((x - 3.0, Anchor::End), x - 3.0 - super::width(name))
    } else {
        ((x + 3.0, Anchor::Start), x + 3.0)
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
    // A name has room above its height: what lies right below it would be covered.
    let above = if panel.y.scale == Kind::Log { 1.5 } else { 1.1 };
    let bounds = panel.bounds.iter().map(move |bound| bound.x * above);
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
