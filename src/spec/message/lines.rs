//! Messages of one's own, out of a file.

use std::fmt::{self, Debug, Formatter};
use std::ops::Range;
use std::sync::Arc;

use super::size::Size;
use crate::units::{Bytes, Share};

/// How messages lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Framing {
    /// Each on a line of its own; empty lines are none, and a line's end (`\n`, `\r\n`) is no part of it.
    Lines,
    /// Each after its length in bytes, four of them, the highest first.
    LengthPrefixed,
}

/// The messages of a file.
#[derive(PartialEq, Eq)]
pub struct Lines {
    /// The file's path as written.
    pub file: String,
    bytes: Arc<[u8]>,
    /// Where each lies.
    at: Vec<(u32, u32)>,
}

/// Why a file holds no messages: where (line, or number of the message, from 1 on), what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoLines {
    /// `3`, of lines; a message's number where it has none.
    pub at: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub hint: String,
}

impl NoLines {
    /// Of a message, by its number from 0 on, that lacks a field.
    fn at_field(number: usize, what: String) -> Self {
        let hint = "a field is a JSON pointer that every message has: `/customer/id`".to_owned();
        NoLines { at: Some(number + 1), what, hint }
    }
}

impl Lines {
    /// No file of messages is larger: it is held in memory, and a run keeps a copy of it.
    pub const MOST: Bytes = Bytes::new(64 << 20);

    /// The messages of these bytes.
    pub fn read(file: &str, bytes: Arc<[u8]>, framing: Framing) -> Result<Self, NoLines> {
        if bytes.len() as u64 > Self::MOST.get() {
            let what =
                format!("it has {}, and at most {} are read", Bytes::new(bytes.len() as u64), Self::MOST);
            let hint = "take a part of it: a run keeps a copy, and holds it in memory".to_owned();
            return Err(NoLines { at: None, what, hint });
        }
        let at = match framing {
            Framing::Lines => lines(&bytes),
            Framing::LengthPrefixed => prefixed(&bytes)?,
        };
        if at.is_empty() {
            let hint = "write at least one message into it".to_owned();
            return Err(NoLines { at: None, what: "it holds no message".to_owned(), hint });
        }
        Ok(Lines { file: file.to_owned(), bytes, at })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.at.len()
    }

    /// One of them, by its number from 0 on.
    pub fn get(&self, number: usize) -> &[u8] {
        self.at.get(number).map_or(&[], |(start, end)| &self.bytes[*start as usize..*end as usize])
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// How large they are, each as often as it is there.
    pub fn sizes(&self) -> Size {
        Size::seen(self.at.iter().map(|(start, end)| u64::from(end - start)))
    }

    /// What stands at each of these JSON pointers in each, as text; or the first that has nothing there, or nothing that is a text, a number or a boolean. Each
    /// message is read once, whatever is asked of it.
    pub fn columns(&self, pointers: &[&str]) -> Vec<Result<Column, NoLines>> {
        let empty = || Column { bytes: Vec::new(), at: Vec::with_capacity(self.count()) };
        let mut columns: Vec<Result<Column, NoLines>> = pointers.iter().map(|_| Ok(empty())).collect();
        for number in 0..self.count() {
            if columns.iter().all(Result::is_err) {
                break;
            }
            let message = serde_json::from_slice::<serde_json::Value>(self.get(number))
                .map_err(|error| format!("it is no JSON: {error}"));
            for (column, pointer) in columns.iter_mut().zip(pointers) {
                let Ok(texts) = column else { continue };
                match message.as_ref().map_err(Clone::clone).and_then(|message| text_at(message, pointer)) {
                    Ok(text) => texts.push(&text),
                    Err(what) => *column = Err(NoLines::at_field(number, what)),
                }
            }
        }
        columns
    }
}

impl Debug for Lines {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({:?}, {} of {} bytes)", self.file, self.count(), self.bytes.len())
    }
}

/// A text of each message of a file.
#[derive(PartialEq, Eq)]
pub struct Column {
    bytes: Vec<u8>,
    at: Vec<(u32, u32)>,
}

impl Column {
    fn push(&mut self, text: &str) {
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(text.as_bytes());
        self.at.push((start, self.bytes.len() as u32));
    }

    /// That of a message, by its number from 0 on.
    pub fn get(&self, number: usize) -> &[u8] {
        self.at.get(number).map_or(&[], |(start, end)| &self.bytes[*start as usize..*end as usize])
    }

    /// Bytes of the longest.
    pub fn longest(&self) -> usize {
        self.at.iter().map(|(start, end)| (end - start) as usize).max().unwrap_or_default()
    }
}

impl Debug for Column {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Column({} of {} bytes)", self.at.len(), self.bytes.len())
    }
}

fn text_at(message: &serde_json::Value, pointer: &str) -> Result<String, String> {
    match message.pointer(pointer) {
        Some(serde_json::Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Some(number @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_))) => Ok(number.to_string()),
        Some(_) => Err(format!("what is at `{pointer}` is no text, number or boolean, or is empty")),
        None => Err(format!("it has nothing at `{pointer}`")),
    }
}

fn lines(bytes: &[u8]) -> Vec<(u32, u32)> {
    let mut start = 0;
    let line = |line: &[u8]| -> Range<usize> {
        let begin = start;
        start += line.len();
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        begin..begin + text.len()
    };
    let all = bytes.split_inclusive(|byte| *byte == b'\n').map(line);
    all.filter(|line| !line.is_empty()).map(|line| (line.start as u32, line.end as u32)).collect()
}

fn prefixed(bytes: &[u8]) -> Result<Vec<(u32, u32)>, NoLines> {
    let mut at = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let number = at.len() + 1;
        let wrong = |what: String| {
            let hint = "before each message stands its length: four bytes, the highest first".to_owned();
            NoLines { at: Some(number), what, hint }
        };
        let Some(head) = bytes[start..].first_chunk::<4>() else {
            return Err(wrong("the file ends within its length".to_owned()));
        };
        let (begin, length) = (start + 4, u32::from_be_bytes(*head) as usize);
        if length == 0 {
            return Err(wrong("it has no bytes".to_owned()));
        }
        if length > bytes.len() - begin {
            return Err(wrong(format!(
                "it should have {length} bytes, and {} are left",
                bytes.len() - begin
            )));
        }
        start = begin + length;
        at.push((begin as u32, start as u32));
    }
    Ok(at)
}

impl Size {
    /// Sizes as they were seen.
    pub(super) fn seen(sizes: impl Iterator<Item = u64>) -> Size {
        let mut counts = std::collections::BTreeMap::<u64, u64>::new();
        sizes.for_each(|size| *counts.entry(size).or_default() += 1);
        let all: u64 = counts.values().sum();
        match counts.keys().next() {
            Some(only) if counts.len() == 1 => Size::Fixed(Bytes::new(*only)),
            _ => {
                let share = |count: u64| Share::new(count as f64 / all as f64).unwrap_or(Share::NONE);
                Size::Table(counts.iter().map(|(size, count)| (Bytes::new(*size), share(*count))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], framing: Framing) -> Result<Lines, NoLines> {
        Lines::read("a", Arc::from(bytes), framing)
    }

    fn all(lines: &Lines) -> Vec<&[u8]> {
        (0..lines.count()).map(|number| lines.get(number)).collect()
    }

    #[test]
    fn a_message_is_a_line_without_its_end() {
        let lines = read(b"one\r\n\n{\"a\": 2}\n\r\nlast", Framing::Lines).unwrap();
        assert_eq!(all(&lines), [&b"one"[..], b"{\"a\": 2}", b"last"]);
        assert!((lines.sizes().mean() - 5.0).abs() < 1e-9 && lines.sizes().largest() == 8);
        assert_eq!(read(b"ab\ncd\n", Framing::Lines).unwrap().sizes(), Size::Fixed(Bytes::new(2)));
        assert_eq!(read(b"\n\n", Framing::Lines).unwrap_err().what, "it holds no message");
    }

    #[test]
    fn a_message_may_hold_any_bytes_after_its_length() {
        let file = [&[0, 0, 0, 2], &b"\n\0"[..], &[0, 0, 0, 1], b"x"].concat();
        let lines = read(&file, Framing::LengthPrefixed).unwrap();
        assert_eq!(all(&lines), [&b"\n\0"[..], b"x"]);
        let short = read(&file[..file.len() - 1], Framing::LengthPrefixed).unwrap_err();
        assert_eq!((short.at, short.what.as_str()), (Some(2), "it should have 1 bytes, and 0 are left"));
        let cut = read(&file[..8], Framing::LengthPrefixed).unwrap_err();
        assert_eq!((cut.at, cut.what.as_str()), (Some(2), "the file ends within its length"));
        assert!(read(&[0; 4], Framing::LengthPrefixed).unwrap_err().what.contains("no bytes"));
    }

    #[test]
    fn a_field_is_a_text_of_every_message_and_the_first_without_it_is_told() {
        let file = b"{\"who\": {\"id\": 7}}\n{\"who\": {\"id\": \"x\\u00e9\"}}\n{\"who\": {}}\n[1\n";
        let lines = read(&file[..file.len() - 4], Framing::Lines).unwrap();
        let column = |lines: &Lines, pointer: &str| lines.columns(&[pointer]).remove(0);
        let lacking = column(&lines, "/who/id").unwrap_err();
        assert_eq!((lacking.at, lacking.what.as_str()), (Some(3), "it has nothing at `/who/id`"));
        assert!(column(&lines, "/who").unwrap_err().what.contains("is no text"));
        let two = read(&file[..46], Framing::Lines).unwrap();
        // What is wrong with one of them is no matter of the others.
        let [ids, none] = <[_; 2]>::try_from(two.columns(&["/who/id", "/what"])).unwrap();
        let ids = ids.unwrap();
        assert_eq!((ids.get(0), ids.get(1), ids.longest()), (&b"7"[..], "xé".as_bytes(), 3));
        assert_eq!(none.unwrap_err().at, Some(1));
        assert!(column(&read(b"[1\n", Framing::Lines).unwrap(), "/a").unwrap_err().what.contains("no JSON"));
    }
}
