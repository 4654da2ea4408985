//! A rate that was seen somewhere, row by row.
//!
//! Traces come from anybody's tools. What is certain is read, whatever its dress; where a cell could mean two things, or nothing, it is told with its place.

mod moment;
mod number;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;

pub use moment::Clock;
use moment::calendar;
use number::{Reading, meant, reading};
use table::{Cell, HEADINGS, Table, Wrong, shown};

use super::{Curve, Steps};

/// More faults of one file than this would hide the others.
const MOST_TOLD: usize = 5;
/// Times are told apart to a microsecond: what doubles hold of nanoseconds since 1970.
const PER_SECOND: f64 = 1e6;

/// Rates from a CSV file: `second,msgs_per_s`. A row holds until the next one's second, the last for ever; nothing before the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The file, as written.
    pub file: String,
    /// What its times are.
    pub clock: Clock,
    /// Its first time, as written.
    pub first: String,
    /// How many rows it has.
    pub rows: usize,
    /// Its second at which the last of them begins.
    pub last_s: f64,
    /// How it is played.
    pub playing: Playing,
    steps: Steps,
}

/// How a trace is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Playing {
    /// The trace's second that is second 0, at least 0.
    pub from_s: f64,
    /// What its rates are multiplied with, above 0.
    pub scale: f64,
    /// How many of its seconds pass in one, above 0. Rates are not multiplied with it.
    pub speed: f64,
}

impl Playing {
    /// From its second 0 on, as it is.
    pub const AS_IT_IS: Playing = Playing { from_s: 0.0, scale: 1.0, speed: 1.0 };
}

/// Why a text is no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoTrace {
    /// The line and the column of the cell, in characters, counted from 1; none where the text as a whole is wrong.
    pub place: Option<(usize, usize)>,
    /// What is wrong with it.
    pub what: String,
    /// What to write instead.
    pub hint: String,
}

impl Trace {
    /// Reads the text of a file. The header may be left out; other columns are passed over. All that is wrong is told, up to a handful of cells.
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<NoTrace>> {
        let mut table = Table::read(text);
        let mut wrong = std::mem::take(&mut table.wrong);
        let rows = rows(&table, &mut wrong);
        let Some(first) = table.rows.first().filter(|_| wrong.is_empty()) else {
            return Err(told(&table, wrong));
        };
        let clock = clock_of(first).unwrap_or(Clock::Seconds);
        let last_s = rows.last().map_or(0.0, |row| row.0);
        let (file, first) = (file.to_owned(), first[0].text.clone());
        let (rows, steps) = (rows.len(), Steps::from_rows(rows));
        Ok(Trace { file, clock, first, rows, last_s, playing: Playing::AS_IT_IS, steps })
    }

    /// The same rates played otherwise: second t is the trace's second `from_s + t · speed`, and its rate there times `scale`. Of a trace as it was read.
    #[must_use]
    pub fn played(self, playing: Playing) -> Self {
        let Playing { from_s, scale, speed } = playing;
        let begin = |second: f64| ((second - from_s) / speed).max(0.0);
        let mut rows: Vec<(f64, f64)> = Vec::new();
        for (second, rate) in self.steps.rows() {
            if second <= from_s {
                rows.clear(); // over before it begins
            }
            rows.push((begin(second), rate * scale));
        }
        Trace { steps: Steps::from_rows(rows), playing, ..self }
    }

    /// The second at which its last row begins, as it is played.
    pub fn ends_s(&self) -> f64 {
        (self.last_s - self.playing.from_s) / self.playing.speed
    }
}

/// In a sentence: how the file was understood, and how it is played.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Playing { from_s, scale, speed } = self.playing;
        write!(f, "{}: {} row{}", self.file, self.rows, if self.rows == 1 { "" } else { "s" })?;
        match self.clock {
            Clock::Seconds => write!(f, " from second {} to {}", self.first, self.last_s)?,
            clock => write!(f, " over {}s, its second 0 is {} ({})", self.last_s, self.first, clock.name())?,
        }
        if self.playing != Playing::AS_IT_IS {
            write!(f, "; played from its second {from_s}, rates × {scale}, {speed} times as fast")?;
        }
        Ok(())
    }
}

impl Curve for Trace {
    fn rate_at(&self, second: f64) -> f64 {
        self.steps.rate_at(second)
    }

    fn integral(&self, second: f64) -> f64 {
        self.steps.integral(second)
    }

    fn breaks(&self) -> Vec<f64> {
        self.steps.breaks()
    }
}

fn told(table: &Table<'_>, mut wrong: Vec<Wrong>) -> Vec<NoTrace> {
    if wrong.is_empty() {
        let (what, hint) =
            ("it has no rows".to_owned(), "write `second,msgs_per_s`, and rows of numbers".to_owned());
        return vec![NoTrace { place: None, what, hint }];
    }
    wrong.sort();
    let more = wrong.len().saturating_sub(MOST_TOLD);
    wrong.truncate(MOST_TOLD);
    if let (Some(last), 1..) = (wrong.last_mut(), more) {
        last.what = format!("{}; {more} more are wrong after it", last.what);
    }
    wrong
        .into_iter()
        .map(|one| NoTrace { place: Some(table.place(&one)), what: one.what, hint: one.hint })
        .collect()
}

/// Seconds and rates; what cannot be one is told.
fn rows(table: &Table<'_>, wrong: &mut Vec<Wrong>) -> Vec<(f64, f64)> {
    let clock = match table.rows.first().map(clock_of) {
        Some(Some(clock)) => clock,
        Some(None) => {
            let cell = &table.rows[0][0];
            wrong.push(
                cell.wrong(format!("`{}` under `second` is no time", shown(&cell.text)), hint_of_time(cell)),
            );
            return Vec::new();
        }
        None => return Vec::new(),
    };
    let point = decimals(table, wrong);
    let mut rows: Vec<(f64, f64)> = Vec::new();
    let mut start_s = None;
    for [time, rate] in &table.rows {
        let Some((second, rate)) = second_of(time, clock, point, wrong).zip(rate_of(rate, point, wrong))
        else {
            continue;
        };
        let start_s = *start_s.get_or_insert(if clock == Clock::Seconds { 0.0 } else { second });
        let second = ((second - start_s) * PER_SECOND).round() / PER_SECOND;
        match rows.last() {
            Some(before) if before.0 >= second => {
                let what =
                    format!("`{}` under `second` does not come after the row before", shown(&time.text));
                let hint = if before.0 <= second {
                    "keep one row of each time"
                } else {
                    "sort the rows by their times; local times need their zone, `+02:00`"
                };
                wrong.push(time.wrong(what, hint));
            }
            _ => rows.push((second, rate)),
        }
    }
    rows
}

fn clock_of(row: &[Cell; 2]) -> Option<Clock> {
    let text = &row[0].text;
    match reading(text) {
        Some(Reading::Either { .. }) => Some(Clock::Seconds),
        Some(Reading::Plain(number) | Reading::Point(number) | Reading::Comma(number)) => {
            Clock::of_number(number)
        }
        None => calendar(text).map(|(_, clock)| clock),
    }
}

/// Whether `.` begins fractions, by what the file's numbers say; none where none of them needs to be known. Numbers that contradict each other, or that
/// nobody can read, are told.
fn decimals(table: &Table<'_>, wrong: &mut Vec<Wrong>) -> Option<bool> {
    let mut says: Option<(bool, &Cell)> = None;
    let mut either: Vec<(&Cell, f64, f64)> = Vec::new();
    for cell in table.rows.iter().flatten() {
        let point = match reading(&cell.text) {
            Some(Reading::Point(_)) => true,
            Some(Reading::Comma(_)) => false,
            Some(Reading::Either { point, comma }) => {
                either.push((cell, point, comma));
                continue;
            }
            _ => continue,
        };
        match says {
            Some((before, other)) if before != point => {
                let what = format!(
                    "`{}` and `{}` cannot both be right: one has `.` before its fraction, the other `,`",
                    shown(&other.text),
                    shown(&cell.text)
                );
                wrong.push(cell.wrong(what, "write `1200.5`, without anything between thousands"));
                return None;
            }
            _ => says = says.or(Some((point, cell))),
        }
    }
    // Where commas part the cells, and none stands inside of a number, they are no decimal marks.
    let parted = table.delimiter == b',' && !either.iter().any(|(cell, ..)| cell.text.contains(','));
    if says.is_some() || either.is_empty() || parted {
        return Some(says.is_none_or(|(point, _)| point));
    }
    for (cell, point, comma) in either {
        let (great, small) = (point.max(comma), point.min(comma).to_string());
        let what = format!(
            "`{}` could be {great} or {small}, and no other number of the file tells",
            shown(&cell.text)
        );
        // With one more digit it cannot be mistaken for thousands again.
        let more = if matches!(reading(&small), Some(Reading::Either { .. })) { "0" } else { "" };
        wrong.push(cell.wrong(what, format!("write `{great}`, or `{small}{more}`")));
    }
    None
}

fn value(cell: &Cell, point: Option<bool>) -> Option<f64> {
    match reading(&cell.text)? {
        Reading::Plain(number) | Reading::Point(number) | Reading::Comma(number) => Some(number),
        Reading::Either { point: read, .. } if point? => Some(read),
        Reading::Either { comma, .. } => Some(comma),
    }
}

fn second_of(cell: &Cell, clock: Clock, point: Option<bool>, wrong: &mut Vec<Wrong>) -> Option<f64> {
    let is_number = reading(&cell.text).is_some();
    if is_number && value(cell, point).is_none() {
        return None; // told already
    }
    let second = match clock {
        Clock::Zoned | Clock::Unzoned => {
            calendar(&cell.text).filter(|(_, own)| *own == clock).map(|(second, _)| second)
        }
        _ => {
            value(cell, point).filter(|number| clock.holds(*number)).map(|number| number / clock.per_second())
        }
    };
    if second.is_none() {
        let what = match clock {
            Clock::Seconds => {
                format!("`{}` under `{}` is not a number of 0 or more", shown(&cell.text), HEADINGS[0])
            }
            _ => format!(
                "`{}` under `{}` is not {}, as the first row is",
                shown(&cell.text),
                HEADINGS[0],
                clock.name()
            ),
        };
        wrong.push(cell.wrong(what, hint_of_time(cell)));
    }
    second
}

fn hint_of_time(cell: &Cell) -> String {
    let bare = cell.text.strip_suffix('s').and_then(|text| match reading(text.trim_end())? {
        Reading::Plain(number) | Reading::Point(number) | Reading::Comma(number) => Some(number),
        Reading::Either { .. } => None,
    });
    bare.map_or_else(
        || {
            "write seconds from 0 on, the seconds or milliseconds since 1970, or `2026-11-27T08:00:00Z`"
                .to_owned()
        },
        |number| format!("write `{number}`"),
    )
}

fn rate_of(cell: &Cell, point: Option<bool>, wrong: &mut Vec<Wrong>) -> Option<f64> {
    match value(cell, point) {
        Some(rate) if rate >= 0.0 => Some(rate.abs()), // -0 too
        None if reading(&cell.text).is_some() => None, // told already
        read => {
            let hint = match (cell.text.is_empty(), read.map_or_else(|| meant(&cell.text), |_| None)) {
                (true, _) => "write `0` where nothing was sent; without the line the rate before it holds on"
                    .to_owned(),
                (_, Some(number)) => format!("write `{number}`"),
                _ => "write digits: `1200`, `0.5`".to_owned(),
            };
            let what =
                format!("`{}` under `{}` is not a number of 0 or more", shown(&cell.text), HEADINGS[1]);
            wrong.push(cell.wrong(what, hint));
            None
        }
    }
}
