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
    assert!(paths(&whole)[0].contains("d=\"M60,100h196v-40h196v40h196\""), "{whole}");
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
    figure.x.at = vec![0.0, 1.0, 2.0];
    let of = |mark| Point { x: 1.0, y: Some(3.0), n: 1, mark, trial: Some(7), ..Point::default() };
    let points = [Dot::Plain, Dot::Saturated, Dot::Doubtful, Dot::AtLeast].map(of).to_vec();
    figure.panels[0].series = vec![Series { role: Role::Trials, points, ..Series::default() }];
    let svg = svg(&figure);
    let dots: Vec<&str> = svg.lines().filter(|line| line.starts_with("<a href=\"#t7\">")).collect();
    assert_eq!(dots.len(), 4, "{svg}");
    assert!(dots[0].contains("class=\"d h0\"") && dots[1].contains("class=\"d o h0\""), "{svg}");
    assert!(dots[2].contains("l7,7m-7,0l7,-7") && dots[3].contains("v-9"), "{svg}");
}

/// Two hues at three levels, three trials each that lie at one place, right below what was offered.
fn crowded(words: bool) -> Figure {
    let mut figure = figure(&[]);
    figure.drawing = Drawing::Dots;
    if words {
        figure.x.scale = Kind::Words;
        figure.x.labels = ["one", "two", "three"].map(str::to_owned).to_vec();
    } else {
        figure.x.at = vec![0.0, 1.0, 2.0];
    }
    let of = |role, hue: usize| {
        let at = |x: u32| (0..3).map(move |_| f64::from(x));
        let places =
            (0..3).flat_map(|x| if role == Role::Trials { at(x).collect() } else { vec![f64::from(x)] });
        let points = places.map(|x| Point { x, y: Some(98.0), n: 3, ..Point::default() });
        Series { name: format!("hue {hue}"), role, hue, points: points.collect(), ..Series::default() }
    };
    figure.panels[0].series =
        [0, 1].into_iter().flat_map(|hue| [of(Role::Measured, hue), of(Role::Trials, hue)]).collect();
    figure.panels[0].bounds = vec![Rule { x: 100.0, name: "offered".to_owned() }];
    figure
}

/// The first two numbers of what begins with this in each line that has it.
fn places(svg: &str, begin: &str) -> Vec<(f64, f64)> {
    let after = svg.lines().filter_map(|line| line.split_once(begin));
    let numbers = after.map(|(_, rest)| {
        rest.split(|c: char| !c.is_ascii_digit() && c != '.').filter(|part| !part.is_empty())
    });
    numbers
        .map(|mut two| (two.next().unwrap().parse().unwrap(), two.next().unwrap().parse().unwrap()))
        .collect()
}

#[test]
fn no_dot_covers_another_nor_a_bar_and_no_name_covers_either() {
    for (words, draw) in
        [(false, inline as fn(&Figure) -> String), (false, small), (true, inline), (true, small)]
    {
        let svg = draw(&crowded(words));
        let squares = places(&svg, "<path class=\"d h1\" d=\"M");
        let circles = places(&svg, "<path class=\"d h0\" d=\"M");
        // One of each in the legend.
        let (squares, circles) = (&squares[1..], &circles[1..]);
        assert_eq!((squares.len(), circles.len()), (9, 9), "{svg}");
        for of in [squares, circles] {
            for (at, one) in of.iter().enumerate() {
                for other in &of[at + 1..] {
                    let apart = (one.0 - other.0).abs().max((one.1 - other.1).abs());
                    assert!(apart >= 3.5, "{one:?} {other:?} {svg}");
                }
            }
        }
        let bars: Vec<(f64, f64)> =
            [0, 1].iter().flat_map(|hue| places(&svg, &format!("<path class=\"m h{hue}\" d=\"M"))).collect();
        assert_eq!(bars.len(), 6, "{svg}");
        for dot in squares.iter().chain(circles) {
            for bar in &bars {
                let apart = if words { (dot.1 - bar.1).abs() } else { (dot.0 - bar.0).abs() };
                let elsewhere = if words { (dot.0 - bar.0).abs() } else { (dot.1 - bar.1).abs() };
                assert!(apart >= 1.5 || elsewhere > 9.0, "{dot:?} {bar:?} {svg}");
            }
        }
        let (end, line) = places(&svg, "<text x=\"")
            .into_iter()
            .zip(svg.lines().filter(|line| line.contains("<text")))
            .find(|(_, line)| line.contains(">offered<"))
            .unwrap()
            .0;
        let begin = end - width("offered");
        for (x, y) in squares.iter().chain(circles).chain(&bars) {
            assert!(
                *x < begin || *x > end || *y < line - 11.0 || *y > line + 4.0,
                "({x}, {y}) lies below `offered`: {svg}"
            );
        }
    }
}

#[test]
fn levels_that_lie_near_one_another_have_two_lines_for_their_names() {
    let mut figure = crowded(false);
    figure.x.at = vec![200.0, 951.0, 1040.0, 1130.0, 1600.0];
    for svg in [inline(&figure), small(&figure)] {
        for level in &figure.x.at {
            assert!(svg.contains(&format!(">{level}</text>")), "{level} {svg}");
        }
    }
}

#[test]
fn figures_say_their_numbers_in_words() {
    let text = told(&figure(&[Some(0.5), None, Some(1.9)]));
    assert_eq!(text, "used, vCPUs: 0.500 to 1.90, then 1.90.");
}

#[test]
fn phases_of_trials_that_are_laid_over_each_other_have_their_names_side_by_side_or_below_each_other() {
    let mut figure = figure(&[Some(1.0), Some(2.0), Some(1.0)]);
    (figure.drawing, figure.lays_trials_over) = (Drawing::Lines, true);
    figure.rules = [(0.5, "event"), (0.55, "noticed"), (1.9, "as before")]
        .map(|(x, name)| Rule { x, name: name.to_owned() })
        .to_vec();
    let svg = svg(&figure);
    let line = |name: &str| {
        let of = svg.lines().find(|line| line.contains(&format!(">{name}</text>")));
        let of = of.unwrap_or_else(|| panic!("`{name}` is not in:\n{svg}"));
        of.split(" y=\"").nth(1).unwrap().split('"').next().unwrap().parse::<f64>().unwrap()
    };
    assert!((line("event") - line("noticed")).abs() > 12.0, "{svg}");
    assert!((line("event") - line("as before")).abs() < 0.1, "{svg}");
    assert_eq!(svg.matches("class=\"rule\"").count(), 3, "{svg}");
}
