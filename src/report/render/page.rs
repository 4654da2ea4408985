//! A page for people: text and Markdown have the same parts in the same order, with other marks.

use textwrap::{Options, WordSeparator, WordSplitter};

use super::blocks;
use super::grid::Grid;
use super::line::one_line;
use super::screen::{Screen, Tone};
use crate::analyse::{Load, Verdict};
use crate::report::document::{Cell, Document, Part, Row, Section, Table};
use crate::report::number::{self, Shown};

/// Lines of text end here at the latest; in a pipe, tables may be wider.
const WIDTH: usize = 108;

/// How one format writes what both have.
pub trait Marks {
    /// The report's own title, as a line or two.
    fn title(&self, title: &str) -> String;
    /// The heading of a section.
    fn heading(&self, title: &str) -> String;
    /// Text that flows, so that nothing in it is taken for a mark.
    fn flowing(&self, text: &str) -> String;
    /// One line of it, whose beginning may mean something.
    fn line(&self, line: String) -> String;
    /// What stands in a cell.
    fn cell(&self, text: &str) -> String;
    /// A table.
    fn table(&self, table: &Grid) -> String;
    /// A block whose blanks and lines stay as they are.
    fn literal(&self, block: &str) -> String;
    /// Whether what follows a heading stands in the next line.
    fn is_close(&self) -> bool;
    /// What it is written on.
    fn screen(&self) -> Screen;
}

/// The whole page.
pub fn page(document: &Document, marks: &dyn Marks) -> String {
    let mut page = Page { marks, text: String::new(), below_heading: false };
    page.heading(&marks.title(&one_line(&document.title)));
    page.paragraph(&document.question);
    document.sections.iter().for_each(|section| page.section(section));
    page.text
}

struct Page<'a> {
    marks: &'a dyn Marks,
    text: String,
    below_heading: bool,
}

impl Page<'_> {
    fn section(&mut self, section: &Section) {
        if !section.title.is_empty() {
            self.text.push('\n');
            self.heading(&self.marks.heading(&one_line(&section.title)));
        }
        for part in &section.parts {
            match part {
                Part::Paragraph(sentences) | Part::Claims(_, sentences) => {
                    self.paragraph(&sentences.join(" "));
                }
                Part::Table(table) => self.table(table),
                Part::List(lines) => self.list(lines),
                Part::Figure(figure) => {
                    self.block(&self.marks.literal(&blocks::drawn(figure, &self.marks.screen())));
                }
            }
        }
    }

    fn heading(&mut self, lines: &str) {
        self.text.push_str(lines);
        self.below_heading = true;
    }

    fn paragraph(&mut self, text: &str) {
        self.space();
        self.wrapped(text, ["", ""]);
    }

    fn list(&mut self, lines: &[String]) {
        self.space();
        for line in lines {
            self.wrapped(line, ["- ", "  "]);
        }
    }

    fn table(&mut self, table: &Table) {
        let mut sentences: Vec<&str> = Vec::new();
        let units = number::units(table);
        let headings = table.columns.iter().zip(&units).map(|(column, unit)| {
            // What is timed is shown in what suits it: only the head can say so.
            let unit = if ["µs", "ms", "s"].contains(&unit.name) {
                format!(" {}", unit.name)
            } else {
                String::new()
            };
            (self.marks.cell(&one_line(&format!("{}{unit}", column.heading))), column.importance)
        });
        let columns = headings.collect();
        let rows = table.rows.iter().map(|row| self.row(&units, row, &mut sentences)).collect();
        let drawn = self.marks.table(&Grid { columns, rows });
        self.block(&drawn);
        let notes = sentences.iter().enumerate().map(|(at, sentence)| format!("[{}] {sentence}", at + 1));
        let notes: Vec<String> = notes.collect();
        if !notes.is_empty() {
            self.paragraph(&notes.join(" "));
        }
    }

    /// The cells of a row; the first bears the number of the row's mark, whose sentence stands below the table.
    fn row<'a>(&self, units: &[Shown], row: &'a Row, sentences: &mut Vec<&'a str>) -> Vec<(String, Tone)> {
        let shown = row.cells.iter().zip(units);
        let mut shown: Vec<String> =
            shown.map(|(cell, unit)| one_line(&number::cell_in(cell, *unit))).collect();
        if let Some((mark, first)) = row.mark.as_ref().zip(shown.first_mut()) {
            let known = sentences.iter().position(|sentence| *sentence == mark.sentence);
            let at = known.unwrap_or_else(|| {
                sentences.push(&mark.sentence);
                sentences.len() - 1
            });
            *first = format!("{first} [{}]", at + 1);
        }
        let tones = row.cells.iter().map(tone);
        shown.iter().map(|text| self.marks.cell(text)).zip(tones).collect()
    }

    fn block(&mut self, block: &str) {
        self.space();
        for line in block.lines() {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }

    fn space(&mut self) {
        if !(self.below_heading && self.marks.is_close()) {
            self.text.push('\n');
        }
        self.below_heading = false;
    }

    /// Greedy, and never within a word: names and hyphens stay as they are.
    fn wrapped(&mut self, text: &str, [first, next]: [&str; 2]) {
        let options = Options::new(self.marks.screen().at_most(WIDTH).saturating_sub(first.len()).max(1))
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        let flowing = self.marks.flowing(&one_line(text));
        for (at, line) in textwrap::wrap(&flowing, options).into_iter().enumerate() {
            self.text.push_str(if at == 0 { first } else { next });
            self.text.push_str(&self.marks.line(line.into_owned()));
            self.text.push('\n');
        }
    }
}

/// What a reader must not overlook.
fn tone(cell: &Cell) -> Tone {
    match cell {
        Cell::Verdict(Verdict::Held, _) => Tone::Good,
        Cell::Verdict(Verdict::Broken, _) => Tone::Bad,
        Cell::Verdict(..) | Cell::Load(Load::Overload | Load::Mixed) => Tone::Warning,
        _ => Tone::Plain,
    }
}
