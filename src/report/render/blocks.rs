//! A figure in the characters of a terminal.

use std::fmt::Write;

use super::dots;
use super::line::one_line;
use crate::report::document::{Drawing, Figure, Panel, Point};
use crate::report::number::plain;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Columns of a course.
const WIDTH: usize = 60;
/// Columns of the longest bar.
const LONGEST: usize = 50;
/// Eighths of a block, from the left.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// All panels, one below the other.
pub fn drawn(figure: &Figure) -> String {
    match figure.drawing {
        Drawing::Course => course(figure),
        Drawing::Bars => {
            let panels = figure.panels.iter().map(|panel| bars(figure, panel));
            panels.collect::<Vec<_>>().join("\n")
        }
        Drawing::Dots | Drawing::Lines | Drawing::Scatter => dots::drawn(figure),
    }
}

fn points(panel: &Panel) -> impl Iterator<Item = &Point> {
    panel.series.iter().flat_map(|series| &series.points)
}

/// Lines of blocks, each from nothing to its greatest value.
fn course(figure: &Figure) -> String {
    let mut text = String::new();
    let seconds = figure.places().len();
    for panel in &figure.panels {
        let most = panel.most().unwrap_or_default();
        let values: Vec<Option<f64>> = points(panel).map(|point| point.y).collect();
        let drawn: String = columns(&values).map(|value| block(value, most)).collect();
        // Writing to a string cannot fail.
        writeln!(text, "{:<18} {drawn}  0 – {}", panel.y.title(), plain(most)).ok();
    }
    for rule in &figure.rules {
        let at = (rule.x / seconds.max(1) as f64 * seconds.min(WIDTH) as f64) as usize;
        writeln!(text, "{:<18} {}^ {}", "", " ".repeat(at.min(WIDTH)), rule.name).ok();
    }
    writeln!(text, "{:<18} 0 – {seconds} {}", "time", figure.x.unit).ok();
    text
}

/// Seconds gathered into as many columns as fit, each the mean of its own.
fn columns(values: &[Option<f64>]) -> impl Iterator<Item = Option<f64>> + '_ {
    let wide = values.len().min(WIDTH);
    (0..wide).map(move |column| {
        let from = column * values.len() / wide;
        let to = ((column + 1) * values.len() / wide).max(from + 1);
        let known: Vec<f64> = values[from..to.min(values.len())].iter().flatten().copied().collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    })
}

fn block(value: Option<f64>, most: f64) -> char {
    let Some(value) = value else { return ' ' };
    let step = (value / most.max(f64::MIN_POSITIVE) * (BLOCKS.len() - 1) as f64).round();
    BLOCKS[(step as usize).min(BLOCKS.len() - 1)]
}

/// A bar a point, each from nothing to the greatest.
fn bars(figure: &Figure, panel: &Panel) -> String {
    let most = panel.most().unwrap_or_default();
    let labels: Vec<String> = points(panel)
        .enumerate()
        .map(|(at, point)| figure.x.labels.get(at).map_or_else(|| plain(point.x), |label| one_line(label)))
        .collect();
    let wide = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
    let mut text = format!("{}, by {}\n", panel.y.title(), one_line(&figure.x.title()));
    for (label, point) in labels.iter().zip(points(panel)) {
        let drawn =
            point.y.map_or_else(|| "–".to_owned(), |value| format!("{} {}", bar(value, most), plain(value)));
        // Writing to a string cannot fail.
        writeln!(text, "{label:>wide$} │{}", drawn.trim_start()).ok();
    }
    text
}

fn bar(value: f64, most: f64) -> String {
    let eighths = if most > 0.0 { (value / most * (LONGEST * 8) as f64).round() as usize } else { 0 };
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{Axis, Rule, Series};

    fn course() -> Figure {
        let point = |at: u32| Point {
            x: f64::from(at),
            y: (at != 3).then(|| f64::from(120 - at)),
            n: 1,
            ..Point::default()
        };
        let series = Series { points: (0..120).map(point).collect(), ..Series::default() };
        Figure {
            id: "credits-001-a-r1".to_owned(),
            title: "001-a-r1".to_owned(),
            drawing: Drawing::Course,
            x: Axis::new("time since time 0", "s"),
            panels: vec![Panel {
                y: Axis::new("balance", "credits"),
                series: vec![series],
                ..Panel::default()
            }],
            rules: vec![Rule { x: 60.0, name: "knee".to_owned() }],
            ..Figure::default()
        }
    }

    #[test]
    fn a_line_falls_as_its_values_do_and_the_knee_is_marked_under_it() {
        let text = drawn(&course());
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("balance, credits") && lines[0].ends_with("0 – 120"), "{text}");
        let blocks = lines[0].split_whitespace().nth(2).unwrap();
        assert_eq!(
            (blocks.chars().count(), blocks.chars().next(), blocks.chars().last()),
            (60, Some('█'), Some('▁'))
        );
        assert_eq!(lines[1].chars().position(|c| c == '^'), Some(19 + 30), "{text}");
    }

    #[test]
    fn bars_are_as_long_as_their_values_to_the_eighth_of_a_column() {
        assert_eq!(bar(100.0, 100.0), "█".repeat(50));
        assert_eq!(bar(1.0, 100.0), "▌");
        assert_eq!((bar(0.0, 100.0).as_str(), bar(0.0, 0.0).as_str()), ("", ""));
    }
}
