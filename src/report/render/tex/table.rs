//! A table for booktabs. Long ones are cut into several, so that none is cut by the end of a page.

use super::put;
use super::text::{escaped, flowing};
use crate::report::document::{Cell, Column, Row, Section, Table};
use crate::report::number::{self, Shown};

/// Rows that surely fit on a page.
const ROWS: usize = 40;
/// A column with longer words breaks its lines.
const LONG: usize = 40;

/// One table, with what must be known of its rows below it.
pub fn table(page: &mut String, section: &Section, table: &Table) {
    let units = number::units(table);
    let columns: Vec<&str> = (0..table.columns.len()).map(|at| align(table, at)).collect();
    let heads: Vec<String> =
        table.columns.iter().zip(&units).map(|(column, unit)| head(column, *unit)).collect();
    let name = if section.title.is_empty() { table.id } else { section.title.as_str() };
    let mut notes: Vec<&str> = Vec::new();
    for (at, rows) in table.rows.chunks(ROWS).enumerate() {
        let more = if at == 0 { "" } else { ", continued" };
        put(
            page,
            format_args!(
                "\\begin{{minipage}}{{\\linewidth}}\\centering\n\\benchcaption{{table}}{{{}{more}}}",
                flowing(name)
            ),
        );
        put(
            page,
            format_args!("\\benchfit{{\\begin{{tabular}}{{@{{}}{}@{{}}}}\n\\toprule", columns.concat()),
        );
        put(page, format_args!("{} \\\\\n\\midrule", heads.join(" & ")));
        for row in rows {
            put(page, format_args!("{} \\\\", cells(row, &units, &mut notes).join(" & ")));
        }
        page.push_str("\\bottomrule\n\\end{tabular}}\n\\end{minipage}\\par\\medskip\n\n");
    }
    for (at, sentence) in notes.iter().enumerate() {
        put(
            page,
            format_args!("{{\\footnotesize\\textsuperscript{{{}}} {}\\par}}", at + 1, flowing(sentence)),
        );
    }
    page.push('\n');
}

/// Words begin at the left, numbers end at the right.
fn align(table: &Table, at: usize) -> &'static str {
    let cells = || table.rows.iter().filter_map(|row| row.cells.get(at));
    let is_words = |cell: &Cell| matches!(cell, Cell::Label(_) | Cell::Load(_) | Cell::Verdict(..));
    let is_long = |cell: &Cell| matches!(cell, Cell::Label(text) if text.chars().count() > LONG);
    if cells().any(is_long) {
        r">{\raggedright\arraybackslash}p{5.5cm}"
    } else if cells().any(is_words) {
        "l"
    } else {
        "r"
    }
}

fn head(column: &Column, unit: Shown) -> String {
    let unit = if unit.name.is_empty() { String::new() } else { format!(" {}", unit.name) };
    flowing(&format!("{}{unit}", column.heading))
}

/// The first bears the numbers of what must be known of the row.
fn cells<'a>(row: &'a Row, units: &[Shown], notes: &mut Vec<&'a str>) -> Vec<String> {
    let cells = row.cells.iter().zip(units);
    let mut shown: Vec<String> = cells.map(|(cell, unit)| flowing(&number::cell_in(cell, *unit))).collect();
    let sentences =
        row.mark.iter().map(|mark| mark.sentence.as_str()).chain(row.doubts.iter().map(String::as_str));
    let mut marks: Vec<String> = Vec::new();
    for sentence in sentences {
        let known = notes.iter().position(|known| *known == sentence);
        let number = known.unwrap_or_else(|| {
            notes.push(sentence);
            notes.len() - 1
        });
        marks.push((number + 1).to_string());
    }
    if let Some(first) = shown.first_mut().filter(|_| !marks.is_empty()) {
        first.extend(["\\textsuperscript{", &escaped(&marks.join(", ")), "}"]);
    }
    shown
}
