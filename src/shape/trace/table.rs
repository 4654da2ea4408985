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
        let start = text.len() - after_nothing(&text[start..]).len();
        let delimiter = asked.unwrap_or_else(|| found_delimiter(&text[start..]));
        let mut table = Table { text, delimiter, rows: Vec::new(), wrong: Vec::new() };
        let mut layout = None;
        let unclosed = unclosed(&text[start..], delimiter).map(|(record, index)| (start + record, index));
        let end = unclosed.map_or(text.len(), |(record, _)| record);
        for (record, cells) in records(&text[start..end], delimiter) {
            let record = start + record;
            if is_comment(&cells) && !layout.as_ref().is_some_and(|layout: &Layout| layout.may_hold(&cells)) {
                if let Some(at) = cells.iter().position(|cell| cell.contains(['\r', '\n'])) {
                    table.wrong.push(open_quote(record, at));
                }
                continue;
            }
            let Some(layout) = &layout else {
                let found = match Table::layout(record, &cells) {
                    Ok(found) => found,
                    Err(wrong) => {
                        table.wrong.push(wrong);
                        break;
                    }
                };
                if !found.is_heading {
                    table.add(record, cells, found.columns);
                }
                layout = Some(found);
                continue;
            };
            if let Some(wrong) = table.ragged(record, &cells, layout) {
                table.wrong.push(wrong);
            } else {
                table.add(record, cells, layout.columns);
            }
        }
        table.wrong.extend(unclosed.map(|(record, index)| open_quote(record, index)));
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
        let (width, all) = (width(cells), cells.len());
        if let Some(columns) = named(cells) {
            if let Some(again) = (0..cells.len()).find(|at| !columns.contains(at) && is_named(&cells[*at])) {
                let what = format!("a second column `{}`", shown(&cells[again]));
                return Err(wrong(record, again, what, "keep one of them"));
            }
            return Ok(Layout { columns, width, all, is_heading: true });
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
            2 => Ok(Layout { columns: [0, 1], width, all, is_heading: false }),
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

    /// What is wrong with a row that has not a cell for each heading. Empty cells beyond them mean nothing where the first line has as many, or where no
    /// comma of a number can have made them.
    fn ragged(&self, record: usize, cells: &[String], layout: &Layout) -> Option<Wrong> {
        let (found, headings) = (cells.len(), layout.width);
        let is_empty_beyond = width(cells) <= headings;
        if found == headings
            || (found > headings && is_empty_beyond && (found == layout.all || self.delimiter != b','))
        {
            return None;
        }
        let (at, hint) = if found > headings {
            let hint = match self.delimiter {
                b',' if is_empty_beyond => {
                    "write a number of thousands without its comma, `1200`, and no comma at the end of a row"
                }
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
        let start = self.text.len() - rest.trim_start_matches(['\r', '\n']).len();
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
    /// Cells of the first line, without the empty ones at its end and with them.
    width: usize,
    all: usize,
    is_heading: bool,
}

impl Layout {
    /// Whether what looks like a comment is a row: it has all cells, and begins with one that needs not be a number.
    fn may_hold(&self, cells: &[String]) -> bool {
        !self.columns.contains(&0) && [self.width, self.all].contains(&cells.len())
    }
}

/// The rows that say something and comments, each with the byte at which it, or empty lines before it, begin.
fn records(text: &str, delimiter: u8) -> impl Iterator<Item = (usize, Vec<String>)> + '_ {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    reader.into_records().filter_map(|record| {
        let record = record.ok()?; // the text is UTF-8 and rows may be of any length: nothing else can be wrong
        let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        (width(&cells) > 0).then(|| (record.position().map_or(0, |place| place.byte() as usize), cells))
    })
}

fn is_comment(cells: &[String]) -> bool {
    cells[0].starts_with('#')
}

fn open_quote(record: usize, index: usize) -> Wrong {
    let hint = "close it, or leave it out: the rows after it are taken for a part of its cell";
    wrong(record, index, "a `\"` begins here, and its row ends before it is closed".to_owned(), hint)
}

/// The row, as the byte at which it begins, and the cell whose quotation mark nothing closes.
fn unclosed(text: &str, delimiter: u8) -> Option<(usize, usize)> {
    let (mut record, mut index, mut begins, mut quoted) = (0, 0, true, false);
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        if quoted {
            // Twice it is a mark of the cell.
            quoted = byte != b'"' || bytes.next_if(|(_, next)| *next == b'"').is_some();
            continue;
        }
        quoted = begins && byte == b'"';
        let ends_row = matches!(byte, b'\r' | b'\n');
        begins = ends_row || byte == delimiter;
        if ends_row {
            (record, index) = (at + 1, 0);
        } else {
            index += usize::from(begins);
        }
    }
    quoted.then_some((record, index))
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
    let first = |delimiter: u8| {
        let mut rows = records(text, delimiter).map(|(_, cells)| cells);
        rows.find(|cells| !is_comment(cells)).unwrap_or_default()
    };
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
