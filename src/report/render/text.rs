//! A report for a terminal, or for what a pipe leads to.

use unicode_width::UnicodeWidthStr;

use super::grid::Grid;
use super::page::{Marks, page};
use super::screen::{Screen, Tone};
use crate::report::document::Document;

/// The whole document as plain text.
pub fn text(document: &Document, screen: &Screen) -> String {
    page(document, &Plain(screen))
}

struct Plain<'a>(&'a Screen);

impl Plain<'_> {
    fn underlined(&self, title: &str, with: &str) -> String {
        let lines = self.0.filled(title);
        let wide = lines.lines().map(UnicodeWidthStr::width).max().unwrap_or_default();
        let painted = lines.lines().map(|line| self.0.paint(Tone::Heading, line));
        let painted = painted.collect::<Vec<_>>().join("\n");
        format!("{painted}\n{}\n", self.0.paint(Tone::Quiet, &with.repeat(wide)))
    }
}

impl Marks for Plain<'_> {
    fn title(&self, title: &str) -> String {
        self.underlined(title, "=")
    }

    fn heading(&self, title: &str) -> String {
        self.underlined(title, "-")
    }

    fn flowing(&self, text: &str) -> String {
        text.to_owned()
    }

    fn line(&self, line: String) -> String {
        line
    }

    fn cell(&self, text: &str) -> String {
        text.to_owned()
    }

    fn table(&self, table: &Grid) -> String {
        table.drawn(self.0)
    }

    fn literal(&self, block: &str) -> String {
        block.to_owned()
    }

    fn is_close(&self) -> bool {
        true // the line below a heading is space enough
    }

    fn screen(&self) -> Screen {
        self.0.clone()
    }
}
