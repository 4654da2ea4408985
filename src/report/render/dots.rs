//! The figure of the answer in the characters of a terminal: a row a treatment, a line to the middle of its trials, and each trial where it lies.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::line::one_line;
use super::screen::{Screen, Tone};
use super::svg::Scale;
use crate::report::document::{Dot, Figure, Panel, Point, Role, Series};
use crate::report::number::plain;

/// Columns of a row, and the fewest that still say something.
const WIDTH: usize = 50;
const LEAST: usize = 16;
/// Lines of the legend end here.
const LEGEND: usize = 108;
/// About so many places of the axis are named.
const TICKS: f64 = 4.0;

/// All panels, one below the other, no wider than the screen.
pub fn drawn(figure: &Figure, screen: &Screen) -> String {
    let panels: Vec<String> = figure.panels.iter().map(|panel| one(figure, panel, screen)).collect();
    format!("{}\n{}\n", panels.join("\n"), legend(figure, screen))
}

/// What each mark stands for, of those that are there.
fn legend(figure: &Figure, screen: &Screen) -> String {
    let dots = figure.panels.iter().flat_map(|panel| &panel.series).filter(|one| one.role == Role::Trials);
    let dots: Vec<Dot> = dots.flat_map(|series| &series.points).map(|point| point.mark).collect();
    let marked = |mark: Dot| dots.contains(&mark);
    let mut told: Vec<String> = [
        (true, "─ to the median (┃ where no trial lies)"),
        (marked(Dot::Plain), "● trial"),
        (marked(Dot::Saturated), "○ trial in overload"),
        (marked(Dot::Doubtful), "× doubtful trial"),
        (marked(Dot::AtLeast), "▹ trial of at least so much"),
    ]
    .into_iter()
    .filter(|(there, _)| *there)
    .map(|(_, word)| word.to_owned())
    .collect();
    let laws = figure.panels.iter().flat_map(|panel| &panel.series).filter(|one| one.role == Role::Law);
    let laws: Vec<&str> = laws.map(|one| one.name.as_str()).collect();
    if !laws.is_empty() {
        told.push(format!("◇ what a law gives ({})", one_line(&laws.join("; "))));
    }
    for bound in figure.panels.iter().flat_map(|panel| &panel.bounds) {
        let word = format!("┊ {} ({})", one_line(&bound.name), plain(bound.x));
        if !told.contains(&word) {
            told.push(word);
        }
    }
    told.push("trials in one place share a mark".to_owned());
    let lines = told.iter().fold(vec![String::new()], |mut lines, word| {
        let room = screen.at_most(LEGEND);
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.width() + 3 + word.width() <= room => line.extend(["   ", word]),
            _ => lines.push(word.clone()),
        }
        lines
    });
    screen.filled(&lines.join("\n"))
}

/// How a panel's rows are laid out.
struct Rows<'a> {
    panel: &'a Panel,
    scale: Scale,
    wide: usize,
    screen: &'a Screen,
}

fn one(figure: &Figure, panel: &Panel, screen: &Screen) -> String {
    let mut text = format!("{}\n", screen.filled(&one_line(&panel.heading())));
    let middles: Vec<(&Series, &Point)> = panel
        .series
        .iter()
        .filter(|series| series.role == Role::Measured)
        .flat_map(|series| series.points.iter().map(move |point| (series, point)))
        .collect();
    let rows: Vec<(String, String)> = middles.iter().map(|of| (label(figure, *of), value(*of))).collect();
    let longest = |of: fn(&(String, String)) -> &String| {
        rows.iter().map(|row| of(row).width()).max().unwrap_or_default()
    };
    let (labels, values) = (longest(|row| &row.0), longest(|row| &row.1));
    // Where labels leave no room beside them, each stands above its row.
    let beside = |labels: usize| screen.width.map_or(WIDTH, |room| room.saturating_sub(labels + values + 4));
    let above = beside(labels) < LEAST;
    let indent = if above { 0 } else { labels };
    let wide = beside(indent).clamp(8, WIDTH);
    let laid = Rows { panel, scale: scale(figure, panel), wide, screen };
    for ((label, value), of) in rows.iter().zip(&middles) {
        let row = laid.row(*of);
        let pad = " ".repeat(indent.saturating_sub(label.width()));
        // Writing to a string cannot fail.
        if above {
            writeln!(text, "{}\n│{row} {value}", screen.filled(label)).ok();
        } else {
            writeln!(text, "{pad}{label} │{row} {value}").ok();
        }
    }
    text.push_str(&laid.axis(if above { 0 } else { indent + 1 }));
    text
}

/// Its middle, as tables write it.
fn value((series, point): (&Series, &Point)) -> String {
    match point.y {
        None => "–".to_owned(),
        Some(y) if series.is_bound(point) => format!("> {}", plain(y)),
        Some(y) => plain(y),
    }
}

/// What a row is of.
fn label(figure: &Figure, (series, point): (&Series, &Point)) -> String {
    let place = format!("{} {}", figure.x.name, place(figure, point.x));
    let name = if series.name.is_empty() { place } else { format!("{place}, {}", series.name) };
    one_line(name.trim())
}

/// That of all panels that show the same.
fn scale(figure: &Figure, panel: &Panel) -> Scale {
    let alike = figure.panels.iter().filter(|other| other.y == panel.y && other.metric == panel.metric);
    let measured = |series: &&Series| series.role.is_measured();
    let values = alike.flat_map(|panel| {
        let points = panel.series.iter().filter(measured).flat_map(|series| &series.points);
        points.filter_map(|point| point.y).chain(panel.bounds.iter().map(|bound| bound.x))
    });
    Scale::of(panel.y.scale, values, TICKS)
}

impl Rows<'_> {
    fn at(&self, value: f64) -> usize {
        ((self.scale.part(value) * self.wide as f64).round() as usize).min(self.wide)
    }

    /// The trials of one treatment, and the line to their middle.
    fn row(&self, (series, middle): (&Series, &Point)) -> String {
        let mut row = vec![(' ', Tone::Plain); self.wide + 1];
        for bound in &self.panel.bounds {
            row[self.at(bound.x)] = ('┊', Tone::Quiet);
        }
        if let Some(value) = middle.y {
            let end = self.at(value);
            row[..end].fill(('─', Tone::Quiet));
            row[end] = ('┃', Tone::Hue(series.hue));
        }
        if let Some(value) = self.law(series.hue, middle.x) {
            row[self.at(value)] = ('◇', Tone::Quiet);
        }
        let own = self.panel.series.iter().filter(|one| one.role == Role::Trials && one.hue == series.hue);
        let own = own.flat_map(|series| &series.points);
        let own = own.filter(|point| (point.x - middle.x).abs() < f64::EPSILON);
        let mut own: Vec<(usize, Dot)> =
            own.filter_map(|point| Some((self.at(point.y?), point.mark))).collect();
        // Of several in one place the one that most is to be known of.
        own.sort_by_key(|(_, mark)| matches!(mark, Dot::Doubtful));
        for (at, mark) in own {
            row[at] = match mark {
                Dot::Plain => ('●', Tone::Hue(series.hue)),
                Dot::Saturated => ('○', Tone::Hue(series.hue)),
                Dot::Doubtful => ('×', Tone::Bad),
                Dot::AtLeast => ('▹', Tone::Hue(series.hue)),
            };
        }
        painted(&row, self.screen)
    }

    /// What a law gives there, between the two of its points that lie beside it.
    fn law(&self, hue: usize, x: f64) -> Option<f64> {
        let law = self.panel.series.iter().find(|one| one.role == Role::Law && one.hue == hue)?;
        let known: Vec<(f64, f64)> =
            law.points.iter().filter_map(|point| Some((point.x, point.y?))).collect();
        let pair = known.windows(2).find(|pair| pair[0].0 <= x + 1e-9 && x <= pair[1].0 + 1e-9)?;
        let part = ((x - pair[0].0) / (pair[1].0 - pair[0].0)).clamp(0.0, 1.0);
        Some(pair[0].1 + (pair[1].1 - pair[0].1) * part)
    }

    /// Round places below the rows, and their names.
    fn axis(&self, indent: usize) -> String {
        let mut line: Vec<char> = vec!['─'; self.wide + 1];
        let mut names = String::new();
        for (value, name) in self.scale.ticks() {
            let at = self.at(value);
            let from = at.saturating_sub(name.width() / 2).min((self.wide + 1).saturating_sub(name.width()));
            let taken = names.width();
            if taken == 0 || from > taken {
                line[at] = '┬';
                names.push_str(&" ".repeat(from - taken.min(from)));
                names.push_str(&name);
            }
        }
        let line: String = line.into_iter().collect();
        let pad = " ".repeat(indent);
        format!("{pad}{}\n{pad} {names}\n", self.screen.paint(Tone::Quiet, &format!("└{line}")))
    }
}

/// Characters of one tone together, so that a colour is written once.
fn painted(row: &[(char, Tone)], screen: &Screen) -> String {
    let runs = row.chunk_by(|one, next| one.1 == next.1);
    runs.map(|run| {
        let text: String = run.iter().map(|(c, _)| *c).collect();
        screen.paint(run[0].1, &text)
    })
    .collect()
}

fn place(figure: &Figure, x: f64) -> String {
    figure.x.word(x).map_or_else(|| plain_place(x), str::to_owned)
}

/// A level is what somebody wrote: `20000` and not `2.00e4`, `4` and not `4.00`.
fn plain_place(x: f64) -> String {
    if x.fract() == 0.0 { format!("{x:.0}") } else { x.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{Axis, Drawing, Rule};

    /// Two treatments: one whose trials lie where their median is, one with a doubtful trial far from it.
    fn figure() -> Figure {
        let points = |role, points: &[(f64, f64, Dot)]| Series {
            role,
            points: points
                .iter()
                .map(|(x, y, mark)| Point { x: *x, y: Some(*y), mark: *mark, ..Point::default() })
                .collect(),
            ..Series::default()
        };
        let trials = [
            (1.0, 198.0, Dot::Saturated),
            (1.0, 198.1, Dot::Saturated),
            (4.0, 790.0, Dot::Plain),
            (4.0, 400.0, Dot::Doubtful),
        ];
        let middles = [(1.0, 198.0, Dot::Saturated), (4.0, 790.0, Dot::Plain)];
        Figure {
            drawing: Drawing::Dots,
            x: Axis::new("partitions", ""),
            panels: vec![Panel {
                y: Axis::new("processed", "messages/s"),
                series: vec![points(Role::Measured, &middles), points(Role::Trials, &trials)],
                bounds: vec![Rule { x: 1200.0, name: "offered".to_owned() }],
                ..Panel::default()
            }],
            ..Figure::default()
        }
    }

    #[test]
    fn a_trial_is_seen_where_its_median_lies_and_the_scale_has_round_places() {
        insta::assert_snapshot!(drawn(&figure(), &Screen::default()), @r"
        processed, messages/s
        partitions 1 │───────○                                ┊           198
        partitions 4 │─────────────×────────────●             ┊           790
                     └┬────────────────┬───────────────┬────────────────┬
                      0               500            1000            1500

        ─ to the median (┃ where no trial lies)   ● trial   ○ trial in overload   × doubtful trial
        ┊ offered (1200)   trials in one place share a mark
        ");
    }

    #[test]
    fn a_middle_that_is_only_known_to_be_so_much_at_least_says_so() {
        let mut bound = figure();
        bound.panels[0].series[0].points[1].mark = Dot::AtLeast;
        let text = drawn(&bound, &Screen::default());
        let row = |of: &str| text.lines().find(|line| line.starts_with(of)).unwrap().to_owned();
        assert!(row("partitions 4").ends_with(" > 790"), "{text}");
        assert!(row("partitions 1").ends_with("  198"), "{text}");
    }

    #[test]
    fn what_a_law_gives_is_marked_in_the_row_of_each_size() {
        let mut law = figure();
        let point = |x: f64, y: f64| Point { x, y: Some(y), ..Point::default() };
        let points = vec![point(1.0, 300.0), point(3.0, 700.0), point(5.0, 1100.0)];
        let series = Series { role: Role::Law, name: "Amdahl".to_owned(), points, ..Series::default() };
        law.panels[0].series.push(series);
        let text = drawn(&law, &Screen::default());
        let column = |line: &str| line.chars().position(|c| c == '◇');
        let rows: Vec<&str> = text.lines().skip(1).take(2).collect();
        // 300 of 1500 and, half way from 3 to 5, 900: at a fifth and at three fifths of fifty columns.
        let bar = "partitions 1 │".chars().count();
        assert_eq!((column(rows[0]), column(rows[1])), (Some(bar + 10), Some(bar + 30)), "{text}");
        assert!(text.contains("◇ what a law gives (Amdahl)"), "{text}");
    }

    #[test]
    fn it_is_no_wider_than_its_terminal_and_stands_below_its_labels_where_that_is_narrow() {
        for width in 24..120 {
            let text = drawn(&figure(), &Screen { width: Some(width), ..Screen::default() });
            assert!(text.lines().all(|line| line.width() <= width), "{width}\n{text}");
        }
        let narrow = drawn(&figure(), &Screen { width: Some(30), ..Screen::default() });
        assert!(narrow.contains("partitions 4\n│"), "{narrow}");
    }
}
