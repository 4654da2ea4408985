//! The two columns of a trace in somebody's CSV: what separates its cells, where its headings are, and where in the file each cell stands.

/// What is wrong with a cell.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wrong {
    record: usize,
    index: usize,
    /// What was found and what is wrong with it.
    pub what: String,
    /// What to write instead.
    pub hint: String,
}

/// As documented, and as looked for in any letters.
pub(super) const HEADINGS: [&str; 2] = ["second", "msgs_per_s"];
/// What may separate cells; where headings do not tell, the first of these that the first line has.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];

/// A cell, blanks around it taken away.
#[derive(Debug)]
pub(super) struct Cell {
    /// What stands there.
    pub text: String,
    record: usize,
    index: usize,
}

/// Times and rates, row by row, as written.
#[derive(Debug)]
pub(super) struct Table<'a> {
    text: &'a str,
    /// What separates cells.
    pub delimiter: u8,
    /// A time and a rate each.
    pub rows: Vec<[Cell; 2]>,
    /// Rows that have other cells than they should.
    pub wrong: Vec<Wrong>,
}

impl<'a> Table<'a> {
    /// Finds the rows of a file's text.
    pub(super) fn read(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (start, asked) = asked_delimiter(text);
        let delimiter = asked.unwrap_or_else(|| found_delimiter(&text[start..]));
        let mut table = Table { text, delimiter, rows: Vec::new(), wrong: Vec::new() };
        let mut layout = None;
        for (record, cells) in records(&text[start..], delimiter) {
            let record = start + record;
            let Some((columns, width)) = layout else {
                let found = match Table::layout(record, &cells) {
                    Ok(found) => found,
                    Err(wrong) => {
                        table.wrong.push(wrong);
                        break;
                    }
                };
                layout = Some((found.columns, found.width));
                if found.is_heading {
                    continue;
                }
                table.add(record, cells, found.columns);
                continue;
            };
            if let Some(wrong) = table.ragged(record, &cells, width) {
                table.wrong.push(wrong);
            } else {
                table.add(record, cells, columns);
            }
        }
        table
    }

    fn add(&mut self, record: usize, mut cells: Vec<String>, columns: [usize; 2]) {
        let cell = |index: usize| Cell {
            text: cells.get_mut(index).map(std::mem::take).unwrap_or_default(),
            record,
            index,
        };
        self.rows.push(columns.map(cell));
    }

    /// Where the columns are, by the first row.
    fn layout(record: usize, cells: &[String]) -> Result<Layout, Wrong> {
        let width = width(cells);
        if let Some(columns) = named(cells) {
            if let Some(again) = (0..cells.len()).find(|at| !columns.contains(at) && is_named(&cells[*at])) {
                let what = format!("a second column `{}`", shown(&cells[again]));
                return Err(wrong(record, again, what, "keep one of them"));
            }
            return Ok(Layout { columns, width, is_heading: true });
        }
        if !cells[0].starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
            let found: Vec<String> = cells[..width].iter().map(|cell| format!("`{}`", shown(cell))).collect();
            let what =
                format!("the columns `second` and `msgs_per_s` were expected, found {}", found.join(", "));
            return Err(wrong(
                record,
                0,
                what,
                "name the two columns so, in any order, others may stand beside them",
            ));
        }
        match width {
            2 => Ok(Layout { columns: [0, 1], width, is_heading: false }),
            1 => {
                let hint = "write `second,msgs_per_s`: cells are separated by `,`, `;`, `|` or a tab";
                Err(wrong(
                    record,
                    0,
                    format!("a time and a rate were expected, found `{}` alone", shown(&cells[0])),
                    hint,
                ))
            }
            _ => {
                let hint = "write `1200` without a comma; where there are more columns, name them: `second,msgs_per_s,…`";
                Err(wrong(record, 2, format!("{width} cells, and no headings to tell them apart"), hint))
            }
        }
    }

    /// What is wrong with a row that has not a cell for each heading; empty cells beyond them mean nothing.
    fn ragged(&self, record: usize, cells: &[String], headings: usize) -> Option<Wrong> {
        let found = width(cells).max(cells.len().min(headings));
        if found == headings {
            return None;
        }
        let (at, hint) = if found > headings {
            let hint = match self.delimiter {
                b',' => "write a number of thousands without its comma: `1200`",
                _ => "give each column a heading",
            };
            (headings, hint)
        } else {
            (0, "write an empty cell where nothing is known")
        };
        let cells = if found == 1 { "1 cell".to_owned() } else { format!("{found} cells") };
        Some(wrong(record, at, format!("{cells}, where the first line has {headings}"), hint))
    }

    /// Where in the file something is wrong: line and column, in characters, from 1.
    pub(super) fn place(&self, wrong: &Wrong) -> (usize, usize) {
        let rest = &self.text[wrong.record..];
        let start = self.text.len() - after_nothing(rest).len();
        let (mut quoted, mut passed, mut place) = (false, 0, start);
        for (at, c) in self.text[start..].char_indices() {
            if passed == wrong.index {
                break;
            }
            quoted ^= c == '"';
            passed += usize::from(!quoted && c == char::from(self.delimiter));
            place = start + at + c.len_utf8();
        }
        let blanks: usize = self.text[place..].chars().take_while(|c| *c == ' ').map(char::len_utf8).sum();
        let before = self.text[..place + blanks].replace("\r\n", "\n").replace('\r', "\n");
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }
}

impl Cell {
    /// Something wrong with it.
    pub(super) fn wrong(&self, what: String, hint: impl Into<String>) -> Wrong {
        wrong(self.record, self.index, what, hint)
    }
}

fn wrong(record: usize, index: usize, what: String, hint: impl Into<String>) -> Wrong {
    Wrong { record, index, what, hint: hint.into() }
}

struct Layout {
    columns: [usize; 2],
    width: usize,
    is_heading: bool,
}

/// The rows that say something, each with the byte at which it, or what is passed over before it, begins.
fn records(text: &str, delimiter: u8) -> impl Iterator<Item = (usize, Vec<String>)> + '_ {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    reader.into_records().filter_map(|record| {
        let record = record.ok()?; // the text is UTF-8 and rows may be of any length: nothing else can be wrong
        let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        let says = width(&cells) > 0 && !cells[0].starts_with('#');
        says.then(|| (record.position().map_or(0, |place| place.byte() as usize), cells))
    })
}

/// The text without what is passed over at its beginning: empty lines and comments.
fn after_nothing(mut text: &str) -> &str {
    loop {
        let rest = text.trim_start_matches(['\r', '\n']);
        if !rest.starts_with('#') {
            return rest;
        }
        text = rest.find(['\r', '\n']).map_or("", |end| &rest[end..]);
    }
}

/// Cells without the empty ones at the end.
fn width(cells: &[String]) -> usize {
    cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1)
}

/// What a first line `sep=;` asks for, as spreadsheets write it, and where the table begins then.
fn asked_delimiter(text: &str) -> (usize, Option<u8>) {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    let asked = line.strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="));
    match asked.map(str::as_bytes) {
        Some(&[delimiter]) if DELIMITERS.contains(&delimiter) => (line.len(), Some(delimiter)),
        _ => (0, None),
    }
}

fn found_delimiter(text: &str) -> u8 {
    let first = |delimiter: u8| records(text, delimiter).next().map(|(_, cells)| cells).unwrap_or_default();
    let by_name = DELIMITERS.into_iter().find(|delimiter| named(&first(*delimiter)).is_some());
    by_name.or_else(|| DELIMITERS.into_iter().find(|delimiter| first(*delimiter).len() > 1)).unwrap_or(b',')
}

fn named(cells: &[String]) -> Option<[usize; 2]> {
    let place = |heading: &str| cells.iter().position(|cell| plain(cell) == heading);
    Some([place(HEADINGS[0])?, place(HEADINGS[1])?])
}

fn is_named(cell: &str) -> bool {
    HEADINGS.contains(&plain(cell).as_str())
}

/// A heading in any letters: `Msgs per s`, `MSGS-PER-S`.
fn plain(heading: &str) -> String {
    heading.to_lowercase().replace([' ', '-'], "_")
}

/// A cell as a fault shows it: in one line, and not all of a long one.
pub(super) fn shown(cell: &str) -> String {
    const LONGEST: usize = 40;
    let mut text: String = cell.chars().take(LONGEST).map(|c| if c.is_control() { '␣' } else { c }).collect();
    if cell.chars().nth(LONGEST).is_some() {
        text.push('…');
    }
    text
}
