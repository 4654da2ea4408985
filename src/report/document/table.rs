//! A table whose cells hold what was found, not how it is written: a number becomes text in one place, and programs get the number.

use super::Part;
use crate::analyse::{Load, Reading, Scaling, Summary, Verdict};
use crate::spec::{Unit, metrics, place};
use crate::units::Money;

/// Rows of readings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// A name that stays, within its section.
    pub id: &'static str,
    /// What each column holds.
    pub columns: Vec<Column>,
    /// As many cells each as there are columns.
    pub rows: Vec<Row>,
}

/// What a column holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// A few words.
    pub heading: String,
    /// The metric, by its column in `trials.csv`; none where it is none.
    pub metric: Option<String>,
    /// What its numbers are in; none where they are in nothing.
    pub unit: Option<Unit>,
    /// How to read it, one sentence.
    pub help: String,
    /// How much it matters where there is no room for all.
    pub importance: Importance,
}

/// How much a column matters, most first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Importance {
    /// It tells what a row is of.
    Row,
    /// The experiment asked for it.
    Asked,
    /// Its numbers are not understood without it.
    Leading,
    /// Whatever else was measured.
    #[default]
    Usual,
}

impl Column {
    /// One that holds no metric.
    pub fn new(heading: impl Into<String>, unit: Option<Unit>, help: impl Into<String>) -> Self {
        Column { heading: heading.into(), unit, help: help.into(), ..Column::default() }
    }

    /// One that holds a metric: unit and meaning are the metric's own.
    pub fn of(heading: impl Into<String>, metric: &str) -> Self {
        let known = place(metric).map(|at| &metrics()[at]);
        Column {
            heading: heading.into(),
            metric: Some(metric.to_owned()),
            unit: known.map(|known| known.unit),
            help: known.map(|known| known.meaning.clone()).unwrap_or_default(),
            importance: Importance::default(),
        }
    }
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// In the order of the columns.
    pub cells: Vec<Cell>,
    /// What must be known of the whole row before any of its numbers is read.
    pub mark: Option<Mark>,
    /// What is to be doubted of it: a sentence each.
    pub doubts: Vec<String>,
    /// What stands behind it, for those who look closer; shown where a page can be opened.
    pub opens: Vec<Part>,
    /// What the row is of, for links to it: a treatment's slug, `t7` for the seventh trial; empty where nothing links to it.
    pub id: String,
}

/// What must be known of a whole row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Why, for programs.
    pub reason: Reason,
    /// The same in a sentence.
    pub sentence: String,
}

/// Why a row is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It broke what must hold.
    Broken,
    /// None of its trials counts.
    NoValidTrial,
}

impl Reason {
    /// One word.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Broken => "broken",
            Reason::NoValidTrial => "no_valid_trial",
        }
    }
}

/// What stands in one place of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words, among them those that come from files.
    Label(String),
    /// A whole number of things; none where it is not known.
    Count(Option<u64>),
    /// So many of so many.
    Of(usize, usize),
    /// One reading, in the column's unit.
    Reading(Reading),
    /// What trials say of a metric, shown with what lies beside its median.
    Summary(Summary),
    /// The same, shown as its median alone.
    Median(Summary),
    /// An amount; none where it is not known.
    Money(Option<Money>),
    /// A factor over another treatment; none where the two cannot be compared.
    Scaling(Option<Scaling>),
    /// How it was loaded.
    Load(Load),
    /// Whether something held, and the metric that was judged.
    Verdict(Verdict, Summary),
}
