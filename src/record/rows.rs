//! Files of rows: written as they come, and read row by row, since those of a long trial are larger than the memory that asking them should take.

use std::borrow::Cow;
use std::io::{Read, Write};
use std::marker::PhantomData;

use csv::ByteRecord;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The rows of a file in their order, of which one is held at a time; or why one cannot be read.
#[derive(Debug)]
pub(super) struct ReadRows<T, R> {
    text: csv::Reader<T>,
    record: ByteRecord,
    /// The columns, where they are others than today's or stand otherwise. Today's are read by their places: to find each cell's field by its name takes most
    /// of the time.
    names: Option<ByteRecord>,
    /// Columns that this bench does not know.
    pub unknown: Vec<String>,
    kind: PhantomData<fn() -> R>,
}

impl<T: Read, R: DeserializeOwned + Serialize + Default> ReadRows<T, R> {
    /// Reads the columns.
    pub fn of(text: T) -> Result<Self, String> {
        let mut text = csv::Reader::from_reader(text);
        let names = columns(&mut text)?;
        let today = columns(&mut csv::Reader::from_reader(&*write_rows(&[R::default()])?))?;
        let known = |name: &&[u8]| today.iter().any(|one| one == *name);
        let unknown = names.iter().filter(|name| !known(name));
        let unknown = unknown.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        let names = (names != today).then_some(names);
        Ok(ReadRows { text, record: ByteRecord::new(), names, unknown, kind: PhantomData })
    }
}

fn columns(text: &mut csv::Reader<impl Read>) -> Result<ByteRecord, String> {
    text.byte_headers().cloned().map_err(|error| error.to_string())
}

impl<T: Read, R: DeserializeOwned> Iterator for ReadRows<T, R> {
    type Item = Result<R, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = match self.text.read_byte_record(&mut self.record) {
            Ok(false) => return None,
            Ok(true) => self.record.deserialize(self.names.as_ref()),
            Err(error) => Err(error),
        };
        Some(row.map_err(|error| error.to_string()))
    }
}

/// The text of rows as they come.
pub(super) fn write_rows_to<'a, R: Clone + Serialize + 'a>(
    text: impl Write,
    rows: impl Iterator<Item = Result<Cow<'a, R>, String>>,
) -> Result<(), String> {
    let mut writer = csv::Writer::from_writer(text);
    for row in rows {
        writer.serialize(&*row?).map_err(|error| error.to_string())?;
    }
    writer.flush().map_err(|error| error.to_string())
}

/// The text of a few rows.
pub(super) fn write_rows<R: Serialize>(rows: &[R]) -> Result<Vec<u8>, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(|error| error.to_string())?;
    }
    writer.into_inner().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::series::Row;

    fn read(text: &str) -> Result<Vec<Row>, String> {
        ReadRows::of(text.as_bytes())?.collect()
    }

    fn written(rows: &[Row]) -> String {
        String::from_utf8(write_rows(rows).unwrap()).unwrap()
    }

    #[test]
    fn a_missed_reading_stays_a_gap_and_a_zero_a_zero() {
        let rows = vec![
            Row { phase: "warm_up".into(), lag_messages: Some(0), ..Row::default() },
            Row { t_s: 0.25, phase: "measure".into(), time_lag_ms: Some(0.1), ..Row::default() },
        ];
        assert_eq!(read(&written(&rows)).unwrap(), rows);
    }

    #[test]
    fn records_of_other_versions_are_read_by_the_names_of_their_columns() {
        let row = Row {
            t_s: 1.5,
            phase: "of_tomorrow".into(),
            due: 7,
            lag_messages: Some(3),
            processed_bytes: Some(9),
            aborted: 2,
            ..Row::default()
        };
        let text = written(std::slice::from_ref(&row));
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        let with = |change: &dyn Fn(&mut Vec<&str>, bool)| {
            let mut lines = lines.clone();
            for (at, line) in lines.iter_mut().enumerate() {
                change(line, at == 0);
            }
            lines.iter().map(|line| line.join(",") + "\n").collect::<String>()
        };
        let known = lines[0].iter().position(|name| *name == "processed_bytes").unwrap();
        let older = with(&|line, _| line.truncate(known));
        let before = Row { processed_bytes: None, aborted: 0, ..row.clone() };
        assert_eq!(read(&older).unwrap(), [before]);
        let newer = with(&|line, heading| line.push(if heading { "of_tomorrow" } else { "x" }));
        assert_eq!(read(&newer).unwrap(), std::slice::from_ref(&row));
        assert_eq!(ReadRows::<_, Row>::of(newer.as_bytes()).unwrap().unknown, ["of_tomorrow"]);
        let turned = with(&|line, _| line.reverse());
        assert_eq!(read(&turned).unwrap(), [row]);
        assert!(ReadRows::<_, Row>::of(turned.as_bytes()).unwrap().unknown.is_empty());
        let cut = format!("{text}1.75,measure\n");
        assert!(read(&cut).is_err(), "a row that is cut is none");
    }
}
