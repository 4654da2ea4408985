//! Dots on rows: for factors of words, which no axis can hold.

use super::canvas::{Anchor, Canvas, short, shortened, width};
use super::lanes::Lane;
use super::marks::dot;
use super::plot::{NARROW, Sheet, Taken};
use super::scale::Scale;
use super::style::hue;
use crate::report::document::{Drawing, Figure, Panel, Point, Role, Rule, Series};

/// How high the dots of one hue and their middle are, and what is between two rows.
const LANE: f64 = 24.0;
const BETWEEN: f64 = 6.0;

/// Where the rows of a panel lie.
struct Rows<'a> {
    left: f64,
    top: f64,
    /// One row.
    high: f64,
    sheet: Sheet,
    scale: Scale,
    labels: &'a [String],
}

/// Panels one below the other; gives where they end.
pub fn draw(canvas: &mut Canvas, figure: &Figure, sheet: Sheet, top: f64) -> f64 {
    let labels = &figure.x.labels;
    let widest = labels.iter().map(|label| width(label)).fold(0.0, f64::max);
    let left = (widest + 22.0).clamp(60.0, sheet.width / 3.0);
    let mut top = top;
    for panel in &figure.panels {
        top = one(canvas, panel, labels, (sheet, left, top)) + 10.0;
    }
    top
}

fn one(canvas: &mut Canvas, panel: &Panel, labels: &[String], (sheet, left, top): (Sheet, f64, f64)) -> f64 {
    let right = sheet.right;
    let points = || panel.series.iter().flat_map(|series| &series.points);
    let high = points().filter_map(|point| point.interval.and_then(|around| around.high.furthest()));
    let values =
        points().filter_map(|point| point.y).chain(high).chain(panel.bounds.iter().map(|bound| bound.x));
    let scale = Scale::of(panel.y.scale, values, if sheet == NARROW { 3.0 } else { 6.0 });
    let above = Sheet { left, ..sheet };
    super::name(canvas, Drawing::Dots, panel, (above, top + 12.0));
    let head = top + super::head(Drawing::Dots, panel, above);
    let hues = panel.hues();
    // Names of what must hold stand above the rows, where no dot is.
    let lines = bounds_on_lines(panel, |value| left + scale.part(value) * (right - left), right);
    let top = head + 13.0 * lines.iter().map(|(line, ..)| line + 1).max().unwrap_or_default() as f64;
    let rows = Rows { left, top, high: hues.len() as f64 * LANE + BETWEEN, sheet, scale, labels };
    let bottom = rows.frame(canvas);
    for (line, end, bound) in lines {
        let x = rows.at(bound.x);
        let above = top - 4.0 - 13.0 * line as f64;
        canvas.line((x, above + 2.0), (x, bottom), "rule");
        canvas.write((end, above), Anchor::End, "rt", &bound.name);
    }
    for (lane, series) in panel.series.iter().filter(|series| series.role.is_measured()).map(|series| {
        let at = hues.iter().position(|one| *one == series.hue).unwrap_or_default();
        (at as f64, series)
    }) {
        rows.series(canvas, (panel, series), lane);
    }
    bottom + 28.0
}

/// On which line above the rows each name stands, and where it ends: none covers another.
fn bounds_on_lines(panel: &Panel, at: impl Fn(f64) -> f64, right: f64) -> Vec<(usize, f64, &Rule)> {
    let mut taken = Taken::default();
    let place = |bound| {
        let bound: &Rule = bound;
        let end = (at(bound.x) + width(&bound.name) / 2.0).min(right);
        let left = end - width(&bound.name);
        let line = (0..=panel.bounds.len() as u32)
            .find(|line| taken.take(left, 13.0 * f64::from(*line), &bound.name));
        (line.unwrap_or_default() as usize, end, bound)
    };
    panel.bounds.iter().map(place).collect()
}

impl Rows<'_> {
    fn at(&self, value: f64) -> f64 {
        self.left + self.scale.part(value) * (self.sheet.right - self.left)
    }

    /// Frame, ticks, labels; gives where it ends.
    fn frame(&self, canvas: &mut Canvas) -> f64 {
        let (left, top, right) = (self.left, self.top, self.sheet.right);
        let rows = self.labels.len().max(1);
        let bottom = top + rows as f64 * self.high;
        for (value, label) in self.scale.ticks() {
            canvas.line((self.at(value), top), (self.at(value), bottom), "g");
            canvas.write((self.at(value), bottom + 15.0), Anchor::Middle, "soft", &label);
        }
        for row in 0..rows {
            let from = top + row as f64 * self.high;
            canvas.line((left, from), (right, from), "g");
            if let Some(label) = self.labels.get(row) {
                let label = shortened(label, left - 14.0);
                canvas.write((left - 8.0, from + self.high / 2.0 + 4.0), Anchor::End, "", &label);
            }
        }
        let [x, y, wide, tall] = [left, top, right - left, bottom - top].map(short);
        canvas
            .put(format_args!("<rect class=\"f\" x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{tall}\"/>"));
        bottom
    }

    /// Dots above, their middle below them; dots at one place stand one above the other.
    fn series(&self, canvas: &mut Canvas, (panel, series): (&Panel, &Series), lane: f64) {
        let class = hue(series.hue);
        let middle = |point: &Point| self.top + point.x * self.high + BETWEEN / 2.0 + (lane + 0.5) * LANE;
        let mut rows: Vec<f64> = series.points.iter().map(|point| point.x).collect();
        rows.dedup();
        for row in rows {
            let own: Vec<(&Point, f64)> = series
                .points
                .iter()
                .filter(|point| (point.x - row).abs() < f64::EPSILON)
                .filter_map(|point| Some((point, self.at(point.y?))))
                .collect();
            let places: Vec<f64> = own.iter().map(|(_, x)| *x).collect();
            let of = Lane::of(LANE, (0, 1), 3);
            for ((point, x), off) in own.iter().zip(of.offsets(&places)) {
                let y = middle(point);
                if series.role == Role::Trials {
                    dot(canvas, (*x, y + off), (point, series.hue, of.dot), (&class, self.sheet));
                    continue;
                }
                let y = y + of.middle;
                if let Some((low, high)) = point.interval.and_then(|around| around.ends()) {
                    canvas.line((self.at(low), y), (self.at(high), y), &format!("w {class}"));
                }
                canvas.line((*x, y - of.bar), (*x, y + of.bar), &format!("m {class}"));
            }
        }
        for point in series.points.iter().filter(|point| point.y.is_none()) {
            // Of trials of which none counts the crosses are there.
            if !panel.has_trials(series, point.x) {
                canvas.write((self.left + 6.0, middle(point) + 4.0), Anchor::Start, "soft", "no data");
            }
        }
    }
}
