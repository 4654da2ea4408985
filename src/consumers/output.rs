//! What a program that is not ours writes, kept: its beginning on a file, its end in memory, so that one that never stops talking fills no disk. It is told
//! without secrets alone, and so in whole lines: of one that is cut a part of a secret may be left.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use regex::Regex;

use crate::spec::secrets::Redaction;

/// How often the end of it is looked for.
const LOOK: Duration = Duration::from_millis(1);
/// Bytes of its beginning.
const HEAD: u64 = 4 << 20;
/// Bytes of its end.
const TAIL: usize = 64 << 10;
/// Lines that are told of one that fails.
const LAST_WORDS: usize = 20;
/// A longer line is told cut: it is no sentence.
const LONGEST: usize = 500;

/// What one instance has written.
#[derive(Debug)]
pub struct Output {
    file: Arc<File>,
    end: Arc<Mutex<End>>,
    reader: Option<JoinHandle<()>>,
    hidden: Redaction,
}

#[derive(Debug, Default)]
struct End {
    /// Bytes on the file.
    kept: u64,
    /// Bytes that came after those.
    beyond: u64,
    /// The last of these.
    tail: VecDeque<u8>,
    /// Bytes on the file whose lines were looked at.
    looked: u64,
}

impl Output {
    /// Reads all that comes, in a thread of its own, until its writers are gone; the beginning goes to `file`, which is empty.
    pub fn of(from: impl Read + Send + 'static, file: File) -> Self {
        let (file, end) = (Arc::new(file), Arc::<Mutex<End>>::default());
        let (to, shared) = (Arc::clone(&file), Arc::clone(&end));
        let reader = std::thread::Builder::new().name("output".to_owned());
        let reader = reader.spawn(move || keep(from, &to, &shared)).ok();
        Output { file, end, reader, hidden: Redaction::default() }
    }

    /// One of which these are never told.
    #[must_use]
    pub fn hiding(self, hidden: Redaction) -> Self {
        Output { hidden, ..self }
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nothing more comes: once all processes that had it are gone. One that hid and holds it open is not waited for longer than that.
    pub fn finish(&mut self, within: Duration) {
        let deadline = Instant::now() + within;
        let Some(reader) = self.reader.take() else { return };
        while !reader.is_finished() && Instant::now() < deadline {
            std::thread::sleep(LOOK);
        }
    }

    /// Whether one of the lines that it wrote since this was asked last matches: of the beginning that is kept. A line is whole once its end has come.
    pub fn matches(&self, what: &Regex) -> bool {
        let mut end = self.end();
        let mut text = vec![0; (end.kept - end.looked) as usize];
        if self.file.read_exact_at(&mut text, end.looked).is_err() {
            return false;
        }
        let Some(last) = text.iter().rposition(|byte| *byte == b'\n') else { return false };
        end.looked += last as u64 + 1;
        drop(end);
        String::from_utf8_lossy(&text[..last]).lines().any(|line| what.is_match(line))
    }

    /// Its last lines so far, as they may be said on a terminal: without secrets, and what would move its cursor, or colour it, is left out.
    pub fn last_words(&self) -> String {
        let (text, is_whole) = self.last_bytes();
        let from = if is_whole { 0 } else { first_line(&text) };
        let text = String::from_utf8_lossy(text.get(from..).unwrap_or_default());
        let is_plain = |sign: &char| !sign.is_control() || *sign == '\t';
        let lines = text.lines().map(|line| line.trim_end().chars().filter(is_plain).collect::<String>());
        let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
        let last = self.hidden.text(&lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n"));
        let cut = |line: &str| line.chars().take(LONGEST).collect::<String>();
        last.lines().map(cut).collect::<Vec<_>>().join("\n")
    }

    /// The last bytes so far, of which nothing between is left out; whether they are all.
    fn last_bytes(&self) -> (Vec<u8>, bool) {
        let end = self.end();
        if end.left_out() > 0 {
            return (end.tail.iter().copied().collect(), false);
        }
        let length = (TAIL as u64).min(end.kept);
        let mut text = vec![0; length as usize];
        if self.file.read_exact_at(&mut text, end.kept - length).is_err() {
            text.clear();
        }
        let is_whole = text.len() as u64 == end.kept;
        text.extend(&end.tail);
        (text, is_whole)
    }

    /// Writes what was kept, without secrets, and how much is left out: at the gap the lines are left out, too, of which a part is.
    pub fn write_to(&self, to: &mut impl Write) -> io::Result<()> {
        let end = self.end();
        let tail: Vec<u8> = end.tail.iter().copied().collect();
        let head = |end| BufReader::new(Head { file: &self.file, at: 0, end });
        let left_out = end.left_out();
        if left_out == 0 {
            return self.lines(head(end.kept).chain(tail.as_slice()), to);
        }
        let (until, from) = (self.last_line(end.kept)?, first_line(&tail));
        self.lines(head(until), to)?;
        writeln!(to, "[bench: {} bytes are left out here]", left_out + (end.kept - until) + from as u64)?;
        self.lines(tail.get(from..).unwrap_or_default(), to)
    }

    fn lines(&self, mut from: impl BufRead, to: &mut impl Write) -> io::Result<()> {
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line)? > 0 {
            to.write_all(self.hidden.text(&String::from_utf8_lossy(&line)).as_bytes())?;
            line.clear();
        }
        Ok(())
    }

    /// Where the last whole line of the file's first `end` bytes ends.
    fn last_line(&self, end: u64) -> io::Result<u64> {
        let (mut block, mut to) = (vec![0; TAIL], end);
        while to > 0 {
            let from = to.saturating_sub(TAIL as u64);
            let part = &mut block[..(to - from) as usize];
            self.file.read_exact_at(part, from)?;
            if let Some(at) = part.iter().rposition(|byte| *byte == b'\n') {
                return Ok(from + at as u64 + 1);
            }
            to = from;
        }
        Ok(0)
    }
}

impl End {
    /// Bytes that are neither on the file nor in the tail.
    fn left_out(&self) -> u64 {
        self.beyond - self.tail.len() as u64
    }
}

/// Where the first line begins whose beginning is there, of bytes from the middle of one; their end where there is none.
fn first_line(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1)
}

/// A file's beginning.
struct Head<'a> {
    file: &'a File,
    at: u64,
    end: u64,
}

impl Read for Head<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = (self.end - self.at).min(bytes.len() as u64) as usize;
        let length = self.file.read_at(&mut bytes[..most], self.at)?;
        self.at += length as u64;
        Ok(length)
    }
}

fn keep(mut from: impl Read, to: &File, end: &Mutex<End>) {
    let mut bytes = vec![0; 64 << 10];
    loop {
        let length = match from.read(&mut bytes) {
            Ok(0) => return,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        let mut end = end.lock().unwrap_or_else(PoisonError::into_inner);
        let room = (HEAD - end.kept).min(length as u64) as usize;
        let (head, beyond) = bytes[..length].split_at(room);
        // What a full disk does not take is left out; the program must not stand still for it.
        if to.write_all_at(head, end.kept).is_ok() {
            end.kept += head.len() as u64;
        }
        end.beyond += beyond.len() as u64;
        end.tail.extend(beyond);
        let over = end.tail.len().saturating_sub(TAIL);
        end.tail.drain(..over);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Properties;

    fn kept(text: &[u8]) -> Output {
        let secret = Properties::from([("sasl.password".to_owned(), "secret".to_owned())]);
        let output = Output::of(io::Cursor::new(text.to_vec()), tempfile::tempfile().unwrap());
        let mut output = output.hiding(Redaction::of(&secret));
        output.finish(Duration::from_mins(1));
        output
    }

    fn written(output: &Output) -> String {
        let mut to = Vec::new();
        output.write_to(&mut to).unwrap();
        String::from_utf8(to).unwrap()
    }

    #[test]
    fn what_is_short_is_kept_whole_and_without_secrets() {
        let output = kept(b"joined as secret\nfailed\xff\n\n");
        assert_eq!(written(&output), "joined as ***\nfailed\u{fffd}\n\n");
        assert_eq!(output.last_words(), "joined as ***\nfailed\u{fffd}");
        assert_eq!((written(&kept(b"")), kept(b"").last_words()), (String::new(), String::new()));
        let red = kept(b"\x1b[2J\x1b]0;title\x07\x1b[31mno broker\x1b[0m\r\nat\ta\n");
        assert_eq!(red.last_words(), "[2J]0;title[31mno broker[0m\nat\ta", "it moves no cursor");
    }

    #[test]
    fn a_line_is_looked_at_once_it_is_whole_and_once() {
        let output = kept(b"starting\nready to serve\nready");
        let ready = Regex::new("^ready").unwrap();
        assert!(output.matches(&ready) && !output.matches(&ready));
        assert!(!kept(b"ready").matches(&ready), "it may go on: `ready? no`");
    }

    #[test]
    fn of_what_never_ends_beginning_and_end_are_kept() {
        let mut text = String::new();
        for number in 0..1_000_000 {
            std::fmt::Write::write_fmt(&mut text, format_args!("{number:09}\n")).unwrap();
        }
        let output = kept(text.as_bytes());
        let written = written(&output);
        assert!(written.starts_with("000000000\n") && written.ends_with("000999999\n"));
        // Lines of ten bytes, and none in part.
        let whole = |bytes: u64| bytes / 10 * 10;
        let left_out = text.len() as u64 - whole(HEAD) - whole(TAIL as u64);
        assert!(written.contains(&format!("[bench: {left_out} bytes are left out here]")));
        assert!(written.len() < 5 << 20);
        let words = output.last_words();
        assert!(words.starts_with("000999980") && words.ends_with("000999999"), "{words}");
    }

    #[test]
    fn a_secret_is_hidden_wherever_what_is_kept_is_cut() {
        let line = |length: usize| "x".repeat(length - 1) + "\n";
        // Across the border of the beginning, and nothing is left out.
        let whole = line(HEAD as usize - 3) + "secret\n";
        assert!(written(&kept(whole.as_bytes())).ends_with("x\n***\n"));
        // Across it, and across where the end begins; between them lies a line in part of which a secret is.
        let much =
            line(HEAD as usize - 3) + "secret\n" + &line(1 << 20) + "a secret" + &line(TAIL - 7) + "end\n";
        let output = kept(much.as_bytes());
        let text = written(&output);
        let left_out = much.len() - (HEAD as usize - 3) - "end\n".len();
        assert!(text.ends_with(&format!("x\n[bench: {left_out} bytes are left out here]\nend\n")));
        assert!(!text.contains("sec") && !text.contains("ret"));
        assert_eq!(output.last_words(), "end");
        // Where a long line is cut, which is told of one that fails.
        let long = "x".repeat(LONGEST - 3) + "secret\n";
        assert_eq!(kept(long.as_bytes()).last_words(), "x".repeat(LONGEST - 3) + "***");
        let file = line(100) + "secret" + &line(TAIL - 7) + "end\n";
        assert_eq!(kept(file.as_bytes()).last_words(), "end", "what came before it is told in no part");
    }
}
