//! A table in the characters of a terminal. Where there is no room for all columns, those that matter least are left out, and said to be; no cell is broken.

use unicode_width::UnicodeWidthStr;

use super::screen::{Screen, Tone};
use crate::report::document::Importance;

/// What stands beside a cell's text, on both sides together, and the line to the next.
const BESIDE: usize = 3;

/// A table as texts.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// Headings, and how much each column matters.
    pub columns: Vec<(String, Importance)>,
    /// As many cells each as there are columns.
    pub rows: Vec<Vec<(String, Tone)>>,
}

impl Grid {
    /// All texts, the headings first.
    pub fn texts(&self) -> Vec<Vec<String>> {
        let head = self.columns.iter().map(|(heading, _)| heading.clone()).collect();
        let rows = self.rows.iter().map(|row| row.iter().map(|(text, _)| text.clone()).collect());
        std::iter::once(head).chain(rows).collect()
    }

    /// As it fits onto the screen.
    pub fn drawn(&self, screen: &Screen) -> String {
        let shown = screen.width.map_or_else(|| (0..self.columns.len()).collect(), |room| self.fitting(room));
        let enough = |at: &usize| self.columns[*at].1 != Importance::Row;
        if self.columns.iter().any(|(_, of)| *of != Importance::Row) && !shown.iter().any(enough) {
            return self.one_by_one(screen);
        }
        let mut text = self.ruled(&shown, screen);
        let left_out = (0..self.columns.len()).filter(|at| !shown.contains(at));
        let left_out: Vec<&str> = left_out.map(|at| self.columns[at].0.as_str()).collect();
        if !left_out.is_empty() {
            text.push_str(&screen.filled(&format!(
                "Left out for want of width: {} (all: `{}`)",
                left_out.join(", "),
                screen.all
            )));
        }
        text
    }

    /// The columns that fit: those that matter most, and of equals the earlier.
    fn fitting(&self, room: usize) -> Vec<usize> {
        let mut by_weight: Vec<usize> = (0..self.columns.len()).collect();
        by_weight.sort_by_key(|at| (self.columns[*at].1, *at));
        let mut left = room + 1; // no line stands before the first
        let mut shown: Vec<usize> = by_weight
            .into_iter()
            .map_while(|at| {
                left = left.checked_sub(self.width(at) + BESIDE)?;
                Some(at)
            })
            .collect();
        shown.sort_unstable();
        shown
    }

    fn width(&self, at: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(at)).map(|(text, _)| text.width());
        cells.chain([self.columns[at].0.width()]).max().unwrap_or_default()
    }

    fn ruled(&self, shown: &[usize], screen: &Screen) -> String {
        let widths: Vec<usize> = shown.iter().map(|at| self.width(*at)).collect();
        let line = |cells: Vec<(&str, Tone)>| {
            let cells = cells.into_iter().zip(&widths).map(|((text, tone), width)| {
                format!(" {}{} ", screen.paint(tone, text), " ".repeat(width - text.width()))
            });
            format!("{}\n", cells.collect::<Vec<_>>().join("|").trim_end())
        };
        let mut text = line(shown.iter().map(|at| (self.columns[*at].0.as_str(), Tone::Heading)).collect());
        let rules: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
        text.push_str(&rules.join("+"));
        text.push('\n');
        for row in &self.rows {
            text.push_str(&line(shown.iter().map(|at| (row[*at].0.as_str(), row[*at].1)).collect()));
        }
        text
    }

    /// Where not even one number stands beside what a row is of: row by row, each with all that it has.
    fn one_by_one(&self, screen: &Screen) -> String {
        let mut lines = Vec::new();
        for row in &self.rows {
            let of = |is_row: bool| {
                let own = self
                    .columns
                    .iter()
                    .zip(row)
                    .filter(|(column, _)| (column.1 == Importance::Row) == is_row);
                own.map(|((heading, _), (text, _))| format!("{heading} {text}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            lines.push(screen.filled(&format!("{}: {}", of(true), of(false))));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let of = |heading: &str, importance| (heading.to_owned(), importance);
        let cell = |text: &str| (text.to_owned(), Tone::Plain);
        Grid {
            columns: vec![
                of("partitions", Importance::Row),
                of("n", Importance::Leading),
                of("offered/s", Importance::Usual),
                of("processed/s", Importance::Asked),
                of("trend %", Importance::Usual),
            ],
            rows: vec![
                vec![cell("1"), cell("3/3"), cell("1200"), cell("197.9 (197.8 – 198.0)"), cell("83.5")],
                vec![cell("日本"), cell("3/3"), cell("1200"), cell("791"), ("–".to_owned(), Tone::Bad)],
            ],
        }
    }

    fn on(width: usize) -> Screen {
        Screen { width: Some(width), colours: false, all: "bench report x | less -S".to_owned() }
    }

    #[test]
    fn a_table_fits_its_terminal_and_names_what_it_leaves_out() {
        let all = grid().drawn(&Screen::default());
        assert!(!all.contains("Left out"), "{all}");
        let widest = all.lines().map(UnicodeWidthStr::width).max().unwrap();
        for width in 20..=widest + 3 {
            let text = grid().drawn(&on(width));
            assert!(text.lines().all(|line| line.width() <= width), "{width}\n{text}");
            assert_eq!(text.contains("Left out"), (36..widest).contains(&width), "{width}\n{text}");
        }
        insta::assert_snapshot!(grid().drawn(&on(50)), @r"
         partitions | n   | processed/s
        ------------+-----+-----------------------
         1          | 3/3 | 197.9 (197.8 – 198.0)
         日本       | 3/3 | 791
        Left out for want of width: offered/s, trend %
        (all: `bench report x | less -S`)
        ");
    }

    #[test]
    fn where_no_number_fits_beside_a_row_each_row_is_told_with_all_that_it_has() {
        let text = grid().drawn(&on(30)).replace('\n', " ");
        assert!(
            text.starts_with(
                "partitions 1: n 3/3, offered/s 1200, processed/s 197.9 (197.8 – 198.0), trend % 83.5 "
            ),
            "{text}"
        );
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        let screen = Screen { colours: true, ..on(60) };
        let painted = grid().drawn(&screen);
        assert!(painted.contains("\u{1b}[1mpartitions\u{1b}[0m"), "{painted}");
        let mut bare = String::new();
        let mut within = false;
        for c in painted.chars() {
            match c {
                '\u{1b}' => within = true,
                'm' if within => within = false,
                c if !within => bare.push(c),
                _ => {}
            }
        }
        assert_eq!(bare, grid().drawn(&on(60)));
    }
}
