//! Small made-up figures, each way of drawing once: what they look like is kept as SVG.

use super::*;
use crate::analyse::{How, Interval, Reading};
use crate::report::document::{Axis, Dot, Point, Role, Together};

fn at(x: f64, y: f64) -> Point {
    Point { x, y: Some(y), n: 3, ..Point::default() }
}

fn trial(x: f64, y: f64, (order, mark): (u32, Dot)) -> Point {
    Point { trial: Some(order), mark, n: 1, ..at(x, y) }
}

fn around(point: Point, low: f64, high: f64) -> Point {
    let (low, high) = (Reading::Value(low), Reading::Value(high));
    Point { interval: Some(Interval { low, high, how: How::Spread }), ..point }
}

fn series(role: Role, hue: usize, points: Vec<Point>) -> Series {
    Series {
        name: format!("instances {}", hue + 1),
        of: format!("i{hue}"),
        role,
        hue,
        points,
        ..Series::default()
    }
}

fn figure(drawing: Drawing, x: Axis, series: Vec<Series>) -> Figure {
    let panel = Panel {
        y: Axis::new("processed", "messages/s"),
        together: Some(Together::Median),
        series,
        bounds: vec![Rule { x: 900.0, name: "offered".to_owned() }],
        ..Panel::default()
    };
    Figure {
        id: "scaling".to_owned(),
        title: "processed".to_owned(),
        drawing,
        x,
        panels: vec![panel],
        ..Figure::default()
    }
}

fn trials_and_medians(places: [f64; 2]) -> Vec<Series> {
    let [one, two] = places;
    let trials = [
        trial(one, 200.0, (1, Dot::Plain)),
        trial(one, 210.0, (2, Dot::Doubtful)),
        trial(two, 395.0, (3, Dot::Saturated)),
        trial(two, 400.0, (4, Dot::AtLeast)),
    ];
    let middles = [around(at(one, 200.0), 190.0, 210.0), around(at(two, 398.0), 395.0, 400.0)];
    let unknown = Point { x: two, y: None, ..Point::default() };
    vec![
        series(Role::Trials, 0, trials.to_vec()),
        series(Role::Measured, 0, middles.to_vec()),
        series(Role::Measured, 1, vec![at(one, 300.0), unknown]),
    ]
}

#[test]
fn dots_over_numbers_stand_beside_what_is_ideal() {
    let mut all = trials_and_medians([1.0, 2.0]);
    all.push(series(Role::Ideal, 0, vec![at(1.0, 200.0), at(2.0, 400.0)]));
    all.push(series(Role::Staircase, 0, vec![at(1.0, 200.0), at(2.0, 400.0)]));
    let x = Axis { at: vec![1.0, 2.0], ..Axis::new("partitions", "") };
    insta::assert_snapshot!("dots_over_numbers", inline(&figure(Drawing::Dots, x, all)));
}

#[test]
fn a_law_has_its_band_and_goes_on_beyond_what_was_tried() {
    let law = [(1.0, 200.0, 10.0), (2.0, 390.0, 15.0), (3.0, 560.0, 60.0), (4.0, 700.0, 160.0)]
        .map(|(x, y, off)| around(at(x, y), y - off, y + off));
    let mut all = trials_and_medians([1.0, 2.0]);
    all.push(series(Role::Law, 0, law.to_vec()));
    let x = Axis { at: vec![1.0, 2.0], ..Axis::new("instances", "") };
    insta::assert_snapshot!("law", inline(&figure(Drawing::Dots, x, all)));
}

#[test]
fn dots_of_words_stand_on_rows() {
    let labels = ["1 t3.micro", "<b>&\""].map(str::to_owned).to_vec();
    let x = Axis { labels, scale: Kind::Words, ..Axis::new("fleet", "") };
    insta::assert_snapshot!(
        "dots_on_rows",
        inline(&figure(Drawing::Dots, x, trials_and_medians([0.0, 1.0])))
    );
}

#[test]
fn a_line_that_is_only_a_bound_is_hatched() {
    let points = [(0.0, 10.0), (0.5, 20.0), (0.9, 200.0), (0.99, 400.0), (0.999, 400.0)];
    let line = Series {
        beyond: Some((0.99, 400.0)),
        ..series(Role::Measured, 0, points.map(|(x, y)| at(x, y)).to_vec())
    };
    let x = Axis { scale: Kind::Nines, ..Axis::new("percentile", "%") };
    insta::assert_snapshot!("lines", inline(&figure(Drawing::Lines, x, vec![line])));
}

#[test]
fn a_cloud_has_its_front_and_names_that_cover_nothing() {
    let dots = [(0, 0.1, 800.0), (1, 0.11, 805.0), (2, 0.4, 20.0), (3, 0.41, 25.0), (4, 0.395, 22.0)];
    let mut all: Vec<Series> = dots.map(|(hue, x, y)| series(Role::Measured, hue, vec![at(x, y)])).to_vec();
    all.push(series(Role::Front, 0, vec![at(0.1, 800.0), at(0.4, 20.0)]));
    insta::assert_snapshot!("scatter", inline(&figure(Drawing::Scatter, Axis::new("cost", "USD"), all)));
}

#[test]
fn a_course_has_phases_gaps_and_events_whose_marks_cover_nothing() {
    let unknown = Point { x: 2.0, y: None, ..Point::default() };
    let points = vec![at(0.0, 100.0), at(1.0, 200.0), unknown, at(3.0, 900.0)];
    let mark = |x: f64, name: &str| Rule { x, name: name.to_owned() };
    let course = Figure {
        spans: vec![mark(0.0, "warm-up"), mark(1.0, "measure")],
        rules: vec![mark(2.5, "[1]"), mark(2.52, "[2]"), mark(2.54, "[3]")],
        ..figure(
            Drawing::Course,
            Axis::new("time since time 0", "s"),
            vec![series(Role::Measured, 0, points)],
        )
    };
    insta::assert_snapshot!("course", inline(&course));
}
