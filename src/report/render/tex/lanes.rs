//! How far dots and their middles stand beside the level that they are of: as in the other renderer nothing covers another.

use super::super::svg::{Lane, Scale, beside, room};
use super::axis::{BESIDE, WIDTH, height, on_rows};
use crate::report::document::{Figure, Panel, Point, Role, Scale as Kind, Series};

/// Points (of TeX) in a centimetre.
const PT: f64 = 28.45;
/// A unit that lanes are measured in: their dots then have the size of ours.
const UNIT: f64 = 0.6;

/// The lane of one hue of a panel.
pub struct Aside<'a> {
    figure: &'a Figure,
    panel: &'a Panel,
    lane: Lane,
    /// On rows how high the lane is, and how far its middle stands below that of the row, both in rows.
    row: (f64, f64),
}

impl<'a> Aside<'a> {
    /// One of so many.
    pub fn of(figure: &'a Figure, panel: &'a Panel, (at, lanes): (usize, usize)) -> Self {
        let lanes = lanes.max(1);
        let trials = panel.series.iter().filter(|series| series.role == Role::Trials);
        let most = trials.flat_map(levels).map(|level| {
            beside(&level.iter().map(|(_, point)| across(figure, panel, point)).collect::<Vec<_>>())
        });
        let most = most.max().unwrap_or_default();
        if on_rows(figure) {
            let high = 1.0 / (lanes as f64 + 0.8);
            let off = (at as f64 - (lanes as f64 - 1.0) / 2.0) * high;
            let lane = Lane::of(high * row_units(figure, panel), (0, 1), most);
            return Aside { figure, panel, lane, row: (high, off) };
        }
        let end = WIDTH * PT / UNIT;
        let measured = panel.series.iter().filter(|series| series.role.is_measured());
        let places = measured.flat_map(|series| &series.points).map(|point| along(figure, point.x) * end);
        Aside { figure, panel, lane: Lane::of(room(places, (0.0, end)), (at, lanes), most), row: (0.0, 0.0) }
    }

    /// Of the dot of each trial, in pt; on rows in rows.
    pub fn dots(&self, series: &Series) -> Vec<f64> {
        let mut all = vec![0.0; series.points.len()];
        for level in levels(series) {
            let places: Vec<f64> =
                level.iter().map(|(_, point)| across(self.figure, self.panel, point)).collect();
            for ((at, _), off) in level.iter().zip(self.lane.offsets(&places)) {
                all[*at] = self.shown(off);
            }
        }
        all
    }

    /// Whether there are dots at a place of which none counts.
    pub fn has_dots(&self, series: &Series, x: f64) -> bool {
        self.panel.has_trials(series, x)
    }

    /// Of a middle.
    pub fn middle(&self) -> f64 {
        self.shown(self.lane.middle)
    }

    /// How large its dots are, in pt.
    pub fn dot(&self) -> f64 {
        self.lane.dot * UNIT
    }

    fn shown(&self, off: f64) -> f64 {
        if on_rows(self.figure) { self.row.1 + off / row_units(self.figure, self.panel) } else { off * UNIT }
    }
}

/// How high a row is.
fn row_units(figure: &Figure, panel: &Panel) -> f64 {
    height(figure, panel) * PT / UNIT / figure.x.labels.len().max(1) as f64
}

/// The points of each level that are known, each with its place among all.
fn levels(series: &Series) -> Vec<Vec<(usize, &Point)>> {
    let mut levels: Vec<Vec<(usize, &Point)>> = Vec::new();
    for (at, point) in series.points.iter().enumerate().filter(|(_, point)| point.y.is_some()) {
        match levels.iter_mut().find(|level| (level[0].1.x - point.x).abs() < f64::EPSILON) {
            Some(level) => level.push((at, point)),
            None => levels.push(vec![(at, point)]),
        }
    }
    levels
}

/// Where on the axis of levels, as a part of it.
fn along(figure: &Figure, x: f64) -> f64 {
    // As much beside the first and the last as pgfplots is told to leave.
    let scale = Scale::of_levels(figure.x.scale, &figure.x.at, BESIDE);
    if figure.x.at.is_empty() { 0.5 } else { scale.part(x) }
}

/// How far along the panel's own axis, in units; pgfplots may let it end a little further.
fn across(figure: &Figure, panel: &Panel, point: &Point) -> f64 {
    let points = panel.series.iter().flat_map(|series| &series.points);
    let values = points.filter_map(|point| point.y).chain(panel.bounds.iter().map(|bound| bound.x));
    let scale = Scale::of(if panel.y.scale == Kind::Log { Kind::Log } else { Kind::Linear }, values, 5.0);
    let long = if on_rows(figure) { WIDTH } else { height(figure, panel) };
    scale.part(point.y.unwrap_or_default()) * long * PT / UNIT
}
