//! Which numbers differ between what a file says and what the records say.

use std::collections::BTreeMap;

/// Differences that are told; of more, how many.
const TOLD: usize = 5;

/// A table against the one that the records make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// Cells that differ, each as a clause.
    pub cells: Vec<String>,
    /// Columns that the records make and the file does not have.
    pub not_there: Vec<String>,
}

impl Tables {
    /// What differs between a file's text and the records'.
    pub fn of(found: &[u8], made: &[u8]) -> Result<Self, String> {
        let (found, made) = (read(found)?, read(made)?);
        let (Some((names, found)), Some((columns, made))) = (found.split_first(), made.split_first()) else {
            return Err("it has no header".to_owned());
        };
        let mut tables = Tables::default();
        if found.len() != made.len() {
            tables.cells.push(format!("it has {} rows, and the records make {}", found.len(), made.len()));
        }
        for name in names.iter().filter(|name| !columns.contains(name)) {
            tables.cells.push(format!("its column `{name}` is none that the records make"));
        }
        for (at, column) in columns.iter().enumerate() {
            let Some(own) = names.iter().position(|name| name == column) else {
                tables.not_there.push(column.clone());
                continue;
            };
            for (row, (has, say)) in found.iter().zip(made).enumerate() {
                let (has, say) =
                    (has.get(own).map_or("", String::as_str), say.get(at).map_or("", String::as_str));
                if has != say {
                    tables.cells.push(format!(
                        "row {}, `{column}`: {}, and the records say {}",
                        row + 1,
                        shown(has),
                        shown(say)
                    ));
                }
            }
        }
        Ok(tables)
    }

    /// All cells that differ, as one clause.
    pub fn told(&self) -> String {
        let some: Vec<&str> = self.cells.iter().take(TOLD).map(String::as_str).collect();
        let more = self.cells.len().saturating_sub(TOLD);
        if more > 0 { format!("{}; and {more} more", some.join("; ")) } else { some.join("; ") }
    }
}

fn shown(cell: &str) -> String {
    if cell.is_empty() { "nothing".to_owned() } else { format!("`{cell}`") }
}

fn read(text: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let row = |row: Result<csv::StringRecord, csv::Error>| {
        row.map(|row| row.iter().map(str::to_owned).collect()).map_err(|error| error.to_string())
    };
    reader.into_records().map(row).collect()
}

/// What differs between a text and the records': numbers, where there are any, and the first line that does.
pub fn texts(found: &str, made: &str) -> String {
    let same = found.lines().zip(made.lines()).take_while(|(found, made)| found == made).count();
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    numbers(found).for_each(|number| *counts.entry(number).or_default() += 1);
    numbers(made).for_each(|number| *counts.entry(number).or_default() -= 1);
    let of = |is: fn(i64) -> bool| {
        let all: Vec<&str> =
            counts.iter().filter(|(_, count)| is(**count)).map(|(number, _)| *number).collect();
        let more = if all.len() > TOLD { format!(" and {} more", all.len() - TOLD) } else { String::new() };
        (!all.is_empty()).then(|| format!("{}{more}", all[..all.len().min(TOLD)].join(", ")))
    };
    let numbers = match (of(|count| count > 0), of(|count| count < 0)) {
        (Some(has), Some(say)) => format!("it has {has} where the records say {say}"),
        (Some(has), None) => format!("it has {has}, which the records do not say"),
        (None, Some(say)) => format!("it lacks {say}, which the records say"),
        (None, None) => "its numbers are those of the records, its words are not".to_owned(),
    };
    format!("{numbers}; the first line that differs is line {}", same + 1)
}

/// Numbers as they are written.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    parts.map(|part| part.trim_matches('.')).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_differ_are_told_by_row_and_column_and_columns_of_today_apart() {
        let of =
            |found: &str| Tables::of(found.as_bytes(), b"trial,due,acked,new\na,1,2,3\nb,4,,6\n").unwrap();
        assert_eq!(
            of("trial,due,acked\na,1,2\nb,4,\n"),
            Tables { cells: Vec::new(), not_there: vec!["new".to_owned()] }
        );
        assert_eq!(
            of("trial,due,acked,new\na,1,2,3\nb,5,7,6\n").told(),
            "row 2, `due`: `5`, and the records say `4`; row 2, `acked`: `7`, and the records say nothing"
        );
        assert_eq!(
            of("trial,duf,acked,new\na,1,2,3\n").told(),
            "it has 1 rows, and the records make 2; its column `duf` is none that the records make"
        );
    }

    #[test]
    fn numbers_that_differ_are_told_with_their_line_and_so_are_mere_words() {
        assert_eq!(
            texts("a 1.5\nb 2.\n", "a 1.5\nb 3.\n"),
            "it has 2 where the records say 3; the first line that differs is line 2"
        );
        assert_eq!(
            texts("a 1\nb\n", "a 1\nc\n"),
            "its numbers are those of the records, its words are not; the first line that differs is line 2"
        );
        assert_eq!(
            texts("a 1\n", "a 1\nand 2\n"),
            "it lacks 2, which the records say; the first line that differs is line 2"
        );
    }
}
