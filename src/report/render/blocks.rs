//! A figure in the characters of a terminal.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::dots;
use super::line::one_line;
use super::screen::Screen;
use crate::report::document::{Drawing, Figure, Panel, Point};
use crate::report::number::plain;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Columns of a course.
const WIDTH: usize = 60;
/// Columns of its name, and the fewest of its line that still say something.
const NAME: usize = 18;
const LEAST: usize = 16;
/// Columns of the longest bar.
const LONGEST: usize = 50;
/// Eighths of a block, from the left.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// All panels, one below the other, no wider than the screen.
pub fn drawn(figure: &Figure, screen: &Screen) -> String {
    match figure.drawing {
        Drawing::Course => course(figure, screen),
        Drawing::Bars => {
            let panels = figure.panels.iter().map(|panel| bars(figure, panel, screen));
            panels.collect::<Vec<_>>().join("\n")
        }
        Drawing::Dots | Drawing::Lines | Drawing::Scatter => dots::drawn(figure, screen),
    }
}

fn points(panel: &Panel) -> impl Iterator<Item = &Point> {
    panel.series.iter().flat_map(|series| &series.points)
}

/// Lines of blocks, each from nothing to its greatest value; where a name leaves no room beside it, it stands above its line.
fn course(figure: &Figure, screen: &Screen) -> String {
    let mut text = String::new();
    let seconds = figure.places().len();
    let named: Vec<(String, String)> = figure
        .panels
        .iter()
        .map(|panel| (panel.y.title(), format!("0 – {}", plain(panel.most().unwrap_or_default()))))
        .collect();
    let names = named.iter().map(|(name, _)| name.width()).chain([NAME]).max().unwrap_or_default();
    let ranges = named.iter().map(|(_, range)| range.width()).max().unwrap_or_default();
    let room = |indent: usize| screen.width.map_or(WIDTH, |room| room.saturating_sub(indent + ranges + 3));
    let above = room(names) < LEAST;
    let (indent, wide) = if above { (0, room(0)) } else { (NAME, room(names)) };
    let wide = wide.clamp(1, WIDTH);
    for ((name, range), panel) in named.iter().zip(&figure.panels) {
        let most = panel.most().unwrap_or_default();
        let values: Vec<Option<f64>> = points(panel).map(|point| point.y).collect();
        let drawn: String = columns(&values, wide).map(|value| block(value, most)).collect();
        let line = if above { screen.filled(name) + "\n" } else { format!("{name:<indent$}") };
        // Writing to a string cannot fail.
        writeln!(text, "{line} {drawn}  {range}").ok();
    }
    for rule in &figure.rules {
        let at = (rule.x / seconds.max(1) as f64 * seconds.min(wide) as f64) as usize;
        let at = indent + 1 + at.min(wide);
        let name = one_line(&rule.name);
        let line = if screen.width.is_some_and(|room| at + 2 + name.width() > room) {
            format!("{}{name} ^", " ".repeat(at.saturating_sub(name.width() + 1)))
        } else {
            format!("{}^ {name}", " ".repeat(at))
        };
        writeln!(text, "{line}").ok();
    }
    writeln!(text, "{:<indent$} 0 – {seconds} {}", "time", figure.x.unit).ok();
    text
}

/// Seconds gathered into as many columns as fit, each the mean of its own.
fn columns(values: &[Option<f64>], most: usize) -> impl Iterator<Item = Option<f64>> + '_ {
    let wide = values.len().min(most);
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
fn bars(figure: &Figure, panel: &Panel, screen: &Screen) -> String {
    let most = panel.most().unwrap_or_default();
    let labels: Vec<String> = points(panel)
        .enumerate()
        .map(|(at, point)| figure.x.labels.get(at).map_or_else(|| plain(point.x), |label| one_line(label)))
        .collect();
    let wide = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
    let title = format!("{}, by {}", panel.y.title(), one_line(&figure.x.title()));
    let mut text = format!("{}\n", screen.filled(&title));
    let longest = screen.width.map_or(LONGEST, |room| room.saturating_sub(wide + 10).clamp(4, LONGEST));
    for (label, point) in labels.iter().zip(points(panel)) {
        let drawn = point.y.map_or_else(
            || "–".to_owned(),
            |value| format!("{} {}", bar((value, most), longest), plain(value)),
        );
        // Writing to a string cannot fail.
        writeln!(text, "{label:>wide$} │{}", drawn.trim_start()).ok();
    }
    text
}

fn bar((value, most): (f64, f64), longest: usize) -> String {
    let eighths = if most > 0.0 { (value / most * (longest * 8) as f64).round() as usize } else { 0 };
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
        let text = drawn(&course(), &Screen::default());
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
        assert_eq!(bar((100.0, 100.0), LONGEST), "█".repeat(50));
        assert_eq!(bar((1.0, 100.0), LONGEST), "▌");
        assert_eq!((bar((0.0, 100.0), LONGEST).as_str(), bar((0.0, 0.0), LONGEST).as_str()), ("", ""));
    }
}
