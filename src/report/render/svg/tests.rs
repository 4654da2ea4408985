use super::*;
use crate::report::document::{Axis, Dot, Point, Role, Together};

fn figure(values: &[Option<f64>]) -> Figure {
    let point = |(at, y): (usize, &Option<f64>)| Point { x: at as f64, y: *y, n: 2, ..Point::default() };
    Figure {
        id: "credits-001-a-r1".to_owned(),
        title: "001-a<b-r1".to_owned(),
        x: Axis::new("time since time 0", "s"),
        panels: vec![Panel {
            y: Axis::new("used", "vCPUs"),
            together: Some(Together::Sum),
            series: vec![Series {
                points: values.iter().enumerate().map(point).collect(),
                ..Series::default()
            }],
            ..Panel::default()
        }],
        emulated: Some("2 × t3.micro".to_owned()),
        rules: vec![Rule { x: 1.5, name: "knee".to_owned() }],
        ..Figure::default()
    }
}

fn paths(svg: &str) -> Vec<&str> {
    svg.lines().filter(|line| line.starts_with("<path class=\"l h0\"")).collect()
}

#[test]
fn a_gap_stays_a_gap() {
    let whole = svg(&figure(&[Some(1.0), Some(2.0), Some(1.0)]));
    assert!(paths(&whole)[0].contains("d=\"M60,100H256V60H452V100H648\""), "{whole}");
    let parted = svg(&figure(&[Some(1.0), None, Some(1.0)]));
    assert_eq!(paths(&parted)[0].matches('M').count(), 2, "{parted}");
}

#[test]
fn axes_have_ticks_units_and_say_how_instances_became_one_line() {
    let svg = svg(&figure(&[Some(0.5), Some(1.9), None]));
    for said in [
        "001-a&lt;b-r1 (emulated: 2 × t3.micro)",
        ">used, vCPUs</text>",
        ">sum over instances, n = 2</text>",
        ">2</text>",
        ">time since time 0, s</text>",
        ">knee 1.5 s</text>",
    ] {
        assert!(svg.contains(said), "`{said}` is not in:\n{svg}");
    }
}

#[test]
fn a_saturated_trial_is_hollow_a_doubtful_one_crossed_and_a_bound_has_an_arrow() {
    let mut figure = figure(&[]);
    figure.drawing = Drawing::Dots;
    let of = |mark| Point { x: 1.0, y: Some(3.0), n: 1, mark, trial: Some(7), ..Point::default() };
    let points = [Dot::Plain, Dot::Saturated, Dot::Doubtful, Dot::AtLeast].map(of).to_vec();
    figure.panels[0].series = vec![Series { role: Role::Trials, points, ..Series::default() }];
    let svg = svg(&figure);
    let dots: Vec<&str> = svg.lines().filter(|line| line.starts_with("<a href=\"#t7\">")).collect();
    assert_eq!(dots.len(), 4, "{svg}");
    assert!(dots[0].contains("class=\"d h0\"") && dots[1].contains("class=\"d o h0\""), "{svg}");
    assert!(dots[2].contains("l7,7m-7,0l7,-7") && dots[3].contains("v-9"), "{svg}");
}

#[test]
fn figures_say_their_numbers_in_words() {
    let text = told(&figure(&[Some(0.5), None, Some(1.9)]));
    assert_eq!(text, "used, vCPUs: 0.500 to 1.90, then 1.90.");
}
