//! What a report says, before anybody knows how it is written: sections of sentences, tables, lists and figures. Every format is drawn from this alone.

mod figure;
mod table;

pub use figure::{Axis, Dot, Drawing, Figure, Panel, Point, Role, Rule, Scale, Series, Together, from_to};
pub use table::{Cell, Column, Importance, Mark, Reason, Row, Table};

/// A whole report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Of the report: the experiment's name.
    pub title: String,
    /// What was asked, as the experiment file has it.
    pub question: String,
    /// In the order in which they are read.
    pub sections: Vec<Section>,
}

/// A part of a report that has a name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// A name that stays: for links, and for programs.
    pub id: &'static str,
    /// Its heading; empty for what stands right below the report's own title.
    pub title: String,
    /// In the order in which they are read.
    pub parts: Vec<Part>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Sentences that belong together, each true by itself.
    Paragraph(Vec<String>),
    /// The same, where each sentence has a number, from the one of the first on: what it rests on can be asked for by it.
    Claims(usize, Vec<String>),
    /// Rows of readings.
    Table(Table),
    /// One thing a line.
    List(Vec<String>),
    /// Something to look at.
    Figure(Box<Figure>),
}

impl Section {
    /// One without parts.
    pub fn new(id: &'static str, title: impl Into<String>) -> Self {
        Section { id, title: title.into(), parts: Vec::new() }
    }

    /// Adds a paragraph; nothing where there is no sentence.
    pub fn say<S: Into<String>>(&mut self, sentences: impl IntoIterator<Item = S>) {
        let sentences: Vec<String> = sentences.into_iter().map(Into::into).collect();
        if !sentences.is_empty() {
            self.parts.push(Part::Paragraph(sentences));
        }
    }

    /// Adds claims, with the number of the first; nothing where there is none.
    pub fn claim(&mut self, from: usize, sentences: Vec<String>) {
        if !sentences.is_empty() {
            self.parts.push(Part::Claims(from, sentences));
        }
    }

    /// Adds a list; nothing where it has no lines.
    pub fn list(&mut self, lines: impl IntoIterator<Item = String>) {
        let lines: Vec<String> = lines.into_iter().collect();
        if !lines.is_empty() {
            self.parts.push(Part::List(lines));
        }
    }

    /// Adds a table.
    pub fn table(&mut self, table: Table) {
        self.parts.push(Part::Table(table));
    }

    /// Adds a figure.
    pub fn figure(&mut self, figure: Figure) {
        self.parts.push(Part::Figure(Box::new(figure)));
    }
}
