//! Whether each file of a trial's folder is one of its kind: of a format that this bench knows, whole, and true to what the others say.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::draft::{LATENCIES, group_files, is_output};
use super::error::StoreError;
use super::events::Event;
use super::files::Files;
use super::hlog_check::check_hlog;
use super::injected::{GapRow, InTimeRow};
use super::producers::ProducerRow;
use super::rows::ReadRows;
use super::run::{SavedTrial, open};
use super::scraped::ScrapedRow;
use super::series::{PER_SECOND, Row};
use super::trial::{End, TrialRecord};
use crate::books::{Books, InstanceSecond};

/// Something in a file that should not be there, or is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Odd {
    /// The file's name, in the folder that was looked at.
    pub file: String,
    /// What was found.
    pub what: String,
    /// A bench of a later version may have written it so.
    pub may_be_later: bool,
}

impl Odd {
    fn new(file: &str, what: impl Into<String>) -> Self {
        Odd { file: file.to_owned(), what: what.into(), may_be_later: false }
    }

    fn later(file: &str, what: impl Into<String>) -> Self {
        Odd { may_be_later: true, ..Odd::new(file, what) }
    }

    /// A file that cannot be read.
    pub fn unread(file: &str, error: &StoreError) -> Self {
        Odd::new(
            file,
            match error {
                StoreError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                    "is missing".to_owned()
                }
                StoreError::Io { source, .. } => format!("cannot be read: {source}"),
                StoreError::Malformed { why, .. } => format!("cannot be understood: {why}"),
                StoreError::TooNew { .. } => error.to_string(),
            },
        )
    }
}

/// A row's start is written exactly; what is off by more is another one's, in rows.
const STEP: f64 = 1e-6;

/// A file of which no more is held than a line.
type Text = BufReader<File>;

/// What is told of a file's text: what this bench does not know in it, or why it is none of its kind.
type Told = Result<Vec<String>, String>;

/// A sum that must be in the books: its name, how a row counts to it, and what is booked.
type Booked<R> = (&'static str, fn(&R) -> u64, u64);

/// All that is odd in a trial's folder, its books apart; with what it left behind, where that can be read.
pub fn check_trial(folder: &Path) -> (Option<TrialRecord>, Vec<Odd>) {
    const RECORD: &str = "trial.json";
    let mut odd = Vec::new();
    let record = match SavedTrial::load(folder.to_owned()) {
        Ok(saved) => saved.record,
        Err(error) => return (None, vec![Odd::unread(RECORD, &error)]),
    };
    odd.extend(check_keys(folder, RECORD, &record));
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    // One that was done anew may have stood beside another of its name.
    if name.split('~').next() != Some(record.trial.as_str()) {
        odd.push(Odd::new(RECORD, format!("is of another trial, `{}`", record.trial)));
    }
    let (mut logs, mut series) = (vec![LATENCIES.to_owned()], vec!["series.csv".to_owned()]);
    for group in record.groups.iter().skip(1) {
        let (log, rows) = group_files(&group.group);
        logs.push(log);
        series.push(rows);
    }
    for log in &logs {
        match check_log(folder, log, &record) {
            Err(told) => odd.push(told),
            Ok(tags) => odd.extend(tags),
        }
    }
    let mut check = |name: &str, check: &dyn Fn(Text) -> Told| match open(&folder.join(name)) {
        Err(error) => odd.push(Odd::unread(name, &error)),
        Ok(text) => match check(text) {
            Err(why) => odd.push(Odd::new(name, why)),
            Ok(unknown) => odd.extend(unknown.into_iter().map(|what| Odd::later(name, what))),
        },
    };
    for rows in &series {
        check(rows, &|text| check_series(text, &record));
    }
    check("events.jsonl", &check_events);
    let mut known: Vec<String> = [logs, series, vec![RECORD.to_owned(), "events.jsonl".to_owned()]].concat();
    let files = Files::of(folder).unwrap_or_default().whole;
    let mut beside = |name: &str, of: &dyn Fn(Text) -> Told| {
        if files.iter().any(|file| file == name) {
            check(name, of);
        }
        known.push(name.to_owned());
    };
    beside("producers.csv", &|text| check_producers(text, booked(&record)));
    beside("instances.csv", &check_rows::<InstanceSecond>);
    beside("scraped.csv", &check_rows::<ScrapedRow>);
    beside("gaps.csv", &check_rows::<GapRow>);
    beside("in_time.csv", &check_rows::<InTimeRow>);
    let others = files.iter().filter(|file| !known.contains(file) && !is_output(file));
    odd.extend(others.map(|file| Odd::later(file, "is no file that this bench knows of a trial")));
    (Some(record), odd)
}

/// What a log has of a later bench; or what is wrong with it.
fn check_log(folder: &Path, name: &str, record: &TrialRecord) -> Result<Vec<Odd>, Odd> {
    let log = open(&folder.join(name)).map_err(|error| Odd::unread(name, &error))?;
    let tags = check_hlog(log, record.layout()).map_err(|why| Odd::new(name, why))?;
    let unknown = |tag: String| Odd::later(name, format!("has a tag that this bench does not know, `{tag}`"));
    Ok(tags.into_iter().map(unknown).collect())
}

/// Columns that this bench does not know, of a file of such rows, each of which is shown to `look`. What they come to must be what is booked, if there are any.
fn check_rows_of<R: Serialize + DeserializeOwned + Default>(
    text: Text,
    booked: &[Booked<R>],
    mut look: impl FnMut(&R) -> Result<(), String>,
) -> Told {
    let mut rows = ReadRows::<_, R>::of(text)?;
    let (mut sums, mut is_empty) = (vec![0_u64; booked.len()], true);
    for row in &mut rows {
        let row = row?;
        look(&row)?;
        for (sum, (_, count, _)) in sums.iter_mut().zip(booked) {
            *sum = sum.saturating_add(count(&row));
        }
        is_empty = false;
    }
    for (sum, (name, _, booked)) in sums.iter().zip(booked).filter(|_| !is_empty) {
        if sum != booked {
            return Err(format!("`{name}` comes to {sum} messages, and the trial's books have {booked}"));
        }
    }
    let told = |name: &String| format!("has a column that this bench does not know, `{name}`");
    Ok(rows.unknown.iter().map(told).collect())
}

fn check_rows<R: Serialize + DeserializeOwned + Default>(text: Text) -> Told {
    check_rows_of(text, &[], |_: &R| Ok(()))
}

fn check_series(text: Text, record: &TrialRecord) -> Told {
    let of = |books: Books| -> [Booked<Row>; 5] {
        [
            ("due", |row| row.due, books.due),
            ("sent", |row| row.sent, books.sent),
            ("refused", |row| row.refused, books.refused),
            ("acked", |row| row.acked, books.acked),
            ("failed", |row| row.failed, books.failed),
        ]
    };
    let books = booked(record).filter(|_| record.end == End::Completed);
    let booked: Vec<_> = books.into_iter().flat_map(of).collect();
    let mut at = 0.0;
    check_rows_of(text, &booked, |row| {
        let out_of_step = (row.t_s * f64::from(PER_SECOND) - at).abs() > STEP;
        at += 1.0;
        if out_of_step { Err(format!("row {at} begins at {} s", row.t_s)) } else { Ok(()) }
    })
}

/// Books of what series and producers count: a backlog was written before time 0, where those begin.
fn booked(record: &TrialRecord) -> Option<Books> {
    let before = record.backlog.as_ref().map_or(0, |backlog| backlog.messages);
    let mut books = record.books?;
    for count in [&mut books.due, &mut books.sent, &mut books.acked] {
        *count = count.saturating_sub(before);
    }
    Some(books)
}

fn check_producers(text: Text, books: Option<Books>) -> Told {
    let of = |books: Books| -> [Booked<ProducerRow>; 6] {
        [
            ("due", |row| row.due, books.due),
            ("sent", |row| row.sent, books.sent),
            ("refused", |row| row.refused, books.refused),
            ("acked", |row| row.acked, books.acked),
            ("failed", |row| row.failed, books.failed),
            ("in_flight", |row| row.in_flight, books.in_flight),
        ]
    };
    let booked: Vec<_> = books.into_iter().flat_map(of).collect();
    check_rows_of(text, &booked, |_| Ok(()))
}

fn check_events(mut text: Text) -> Told {
    let (mut unknown, mut line, mut at) = (Vec::new(), String::new(), 0);
    while text.read_line(&mut line).map_err(|error| format!("line {}: {error}", at + 1))? > 0 {
        at += 1;
        let whole = line.strip_suffix('\n').ok_or_else(|| format!("line {at} is cut"))?;
        let wrong = |error: serde_json::Error| format!("line {at}: {error}");
        let (event, raw): (Event, Value) =
            (serde_json::from_str(whole).map_err(wrong)?, serde_json::from_str(whole).map_err(wrong)?);
        let known = serde_json::to_value(&event).map_err(wrong)?;
        compare(&raw, &known, "", &mut unknown);
        unknown.dedup();
        line.clear();
    }
    Ok(unknown.iter().map(|key| unknown_key(key)).collect())
}

fn unknown_key(key: &str) -> String {
    format!("has a key that this bench does not know, `{key}`")
}

/// What is odd in a JSON file that was read as this: keys that were passed over.
pub fn check_keys(folder: &Path, file: &str, read: &impl Serialize) -> Vec<Odd> {
    let raw = fs::read(folder.join(file)).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    let mut unknown = Vec::new();
    if let Some((raw, known)) = raw.zip(serde_json::to_value(read).ok()) {
        compare(&raw, &known, "", &mut unknown);
    }
    unknown.iter().map(|key| Odd::later(file, unknown_key(key))).collect()
}

fn compare(raw: &Value, known: &Value, path: &str, unknown: &mut Vec<String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (raw, known) {
        (Value::Object(raw), Value::Object(known)) => {
            for (key, value) in raw {
                match known.get(key) {
                    Some(known) => compare(value, known, &below(key), unknown),
                    // What says nothing may be left out.
                    None if value.is_null() || value == "" => {}
                    None => unknown.push(below(key)),
                }
            }
        }
        (Value::Array(raw), Value::Array(known)) => {
            raw.iter().zip(known).enumerate().for_each(|(at, (raw, known))| {
                compare(raw, known, &below(&at.to_string()), unknown);
            });
        }
        _ => {}
    }
}
