//! A table on a page: tables are tables, rows can be opened, and a bar in a cell shows what a column of digits hides.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::text::{escaped, flowing};
use super::{part, put};
use crate::report::document::{Cell, Column, Part, Row, Section, Table};
use crate::report::number;

/// Columns of a text that is not broken between its words.
const LONG: usize = 24;

/// One table; where its rows open, each has a body of its own.
pub fn table(page: &mut String, section: &Section, table: &Table) {
    let name = if section.title.is_empty() { table.id } else { section.title.as_str() };
    let units = number::units(table);
    let opens = table.rows.iter().any(|row| !row.opens.is_empty());
    let class = if opens { " class=\"opens\"" } else { "" };
    put(
        page,
        format_args!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table data-id=\"{}\"{class}>\n<thead><tr>",
            escaped(name),
            table.id
        ),
    );
    for (at, (column, unit)) in table.columns.iter().zip(&units).enumerate() {
        head(page, column, (unit.name, is_of_numbers(table, at)));
    }
    page.push_str("</tr></thead>\n");
    if !opens {
        page.push_str("<tbody>\n");
    }
    let tops: Vec<f64> = (0..table.columns.len()).map(|at| greatest(table, at)).collect();
    let mut notes = Notes::default();
    for row in &table.rows {
        if opens {
            put(page, format_args!("<tbody data-of=\"{}\">", escaped(&row.id)));
        }
        let id = if row.id.starts_with('t') && row.id[1..].parse::<u32>().is_ok() {
            format!(" id=\"{}\"", row.id)
        } else {
            String::new()
        };
        put(page, format_args!("<tr{id}{}>", if row.mark.is_some() { " class=\"marked\"" } else { "" }));
        for (at, cell) in row.cells.iter().enumerate() {
            let unit = units.get(at).copied().unwrap_or_default();
            one(page, (cell, unit), (at == 0, tops.get(at).copied().unwrap_or_default()), &notes.of(row, at));
        }
        page.push_str("</tr>\n");
        if !row.opens.is_empty() {
            behind(page, section, table, row);
        }
        if opens {
            page.push_str("</tbody>\n");
        }
    }
    if !opens {
        page.push_str("</tbody>\n");
    }
    page.push_str("</table>\n</div>\n");
    notes.write(page);
}

/// Whether what stands in a column stands on its right, as numbers do: its head then does too.
fn is_of_numbers(table: &Table, at: usize) -> bool {
    let mut cells = table.rows.iter().filter_map(|row| row.cells.get(at)).peekable();
    cells.peek().is_some() && cells.all(is_number)
}

fn is_number(cell: &Cell) -> bool {
    !matches!(cell, Cell::Label(_) | Cell::Load(_) | Cell::Verdict(..))
}

fn head(page: &mut String, column: &Column, (unit, of_numbers): (&str, bool)) {
    let unit = if unit.is_empty() { String::new() } else { format!(" <small>{}</small>", escaped(unit)) };
    let help =
        if column.help.is_empty() { String::new() } else { format!(" title=\"{}\"", escaped(&column.help)) };
    let class = match of_numbers {
        true if is_long(&column.heading) => " class=\"n long\"",
        true => " class=\"n\"",
        false => "",
    };
    put(page, format_args!("<th scope=\"col\"{class}{help}>{}{unit}</th>", flowing(&column.heading)));
}

fn one(page: &mut String, (cell, unit): (&Cell, number::Shown), (first, top): (bool, f64), marks: &str) {
    let shown = format!("{}{marks}", flowing(&number::cell_in(cell, unit)));
    let bar =
        bar(cell).filter(|_| top > 0.0).map(|value| format!(" style=\"--p:{:.0}%\"", value / top * 100.0));
    let class = match cell {
        // A level of several words stands on one line, so that it is read as one; a sentence has room for a few words on each.
        Cell::Label(text) if text.contains(' ') && !is_long(text) => " class=\"k\"",
        Cell::Label(text) if text.contains(' ') => " class=\"s\"",
        Cell::Label(_) | Cell::Load(_) | Cell::Verdict(..) => "",
        _ if bar.is_some() => " class=\"n bar\"",
        _ => " class=\"n\"",
    };
    if first {
        let long = matches!(cell, Cell::Label(text) if is_long(text));
        let class = if long { " class=\"long\"" } else { "" };
        put(page, format_args!("<th scope=\"row\"{class}>{shown}</th>"));
    } else if let Cell::Verdict(verdict, _) = cell {
        put(page, format_args!("<td class=\"{} v\">{shown}</td>", verdict.name()));
    } else {
        put(page, format_args!("<td{class}{}>{shown}</td>", bar.unwrap_or_default()));
    }
}

/// Whether a text may be broken between its words where there is little room.
fn is_long(text: &str) -> bool {
    text.width() > LONG
}

/// What has a spread is what a table is about: it has a bar.
fn bar(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Summary(of) => of.median.at_least().filter(|value| *value >= 0.0),
        _ => None,
    }
}

fn greatest(table: &Table, at: usize) -> f64 {
    table.rows.iter().filter_map(|row| bar(row.cells.get(at)?)).fold(0.0, f64::max)
}

/// What stands behind a row, closed until somebody opens it.
fn behind(page: &mut String, section: &Section, table: &Table, row: &Row) {
    let named = row.opens.iter().find_map(|part| match part {
        Part::Table(of) if of.rows.len() == 1 => Some("1 trial".to_owned()),
        Part::Table(of) => Some(format!("{} trials", of.rows.len())),
        Part::Figure(of) if of.lays_trials_over => Some("around the event".to_owned()),
        _ => None,
    });
    let what = named.unwrap_or_else(|| "its course".to_owned());
    let levels = row
        .cells
        .iter()
        .zip(&table.columns)
        .take_while(|(cell, column)| matches!(cell, Cell::Label(_)) && column.heading != "outcome");
    let levels = levels.map(|(cell, column)| {
        let level = number::cell(cell, None);
        if column.heading == "trial" { level } else { format!("{} {level}", column.heading) }
    });
    let of = levels.collect::<Vec<_>>().join(", ");
    put(
        page,
        format_args!(
            "<tr class=\"more\"><td colspan=\"{}\"><details><summary>{what}<span class=\"vh\"> of {}</span></summary>",
            table.columns.len(),
            escaped(&of)
        ),
    );
    row.opens.iter().for_each(|of| part(page, section, of));
    page.push_str("</details></td></tr>\n");
}

/// Sentences below a table that its rows point to.
#[derive(Default)]
struct Notes<'a> {
    sentences: Vec<&'a str>,
}

impl<'a> Notes<'a> {
    /// The marks of a row, which stand in its first cell.
    fn of(&mut self, row: &'a Row, at: usize) -> String {
        if at > 0 {
            return String::new();
        }
        let own =
            row.mark.iter().map(|mark| mark.sentence.as_str()).chain(row.doubts.iter().map(String::as_str));
        let mut marks = String::new();
        for sentence in own {
            let known = self.sentences.iter().position(|known| *known == sentence);
            let number = known.unwrap_or_else(|| {
                self.sentences.push(sentence);
                self.sentences.len() - 1
            });
            // Writing to a string cannot fail.
            write!(marks, "<sup title=\"{}\">[{}]</sup>", escaped(sentence), number + 1).ok();
        }
        marks
    }

    fn write(&self, page: &mut String) {
        if self.sentences.is_empty() {
            return;
        }
        page.push_str("<ol class=\"marks\">\n");
        self.sentences.iter().for_each(|sentence| put(page, format_args!("<li>{}</li>", flowing(sentence))));
        page.push_str("</ol>\n");
    }
}
