//! Files that an experiment names: read once, kept as they were, so that a run can be repeated from its results folder alone.
//!
//! A run's folder holds a copy of each under `inputs/`, beside its `experiment.yaml`. Such a copy goes before the file itself, which may have changed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::message::{Column, Framing, Lines, NoLines};
use crate::shape::{NoTrace, Trace};

/// Where copies lie, in the folder of the experiment file.
pub const COPIES: &str = "inputs";

/// The files that one experiment file names.
#[derive(Clone, Debug, Default)]
pub struct Files {
    folder: PathBuf,
    read: RefCell<BTreeMap<String, Bytes>>,
    traces: RefCell<BTreeMap<String, Result<Trace, NoTraces>>>,
    lines: RefCell<BTreeMap<(String, Framing), Messages>>,
    columns: RefCell<BTreeMap<(String, Framing, String), Texts>>,
}

/// A file as it is, or why it cannot be read.
type Bytes = Result<Arc<[u8]>, String>;
/// A file as messages, and a text of each, or why it is none.
type Messages = Result<Arc<Lines>, NoLines>;
type Texts = Result<Arc<Column>, NoLines>;
/// All that is wrong with a file as a trace.
type NoTraces = Vec<NoTrace>;

impl Files {
    /// Of an experiment file in this folder.
    pub fn beside(folder: &Path) -> Self {
        Files { folder: folder.to_owned(), ..Files::default() }
    }

    /// The text of a file, by its path as written, relative to the experiment file; or why there is none.
    pub fn text(&self, written: &str) -> Result<Arc<str>, String> {
        text(self.bytes(written)?.to_vec()).map(Arc::from)
    }

    /// Its bytes.
    fn bytes(&self, written: &str) -> Bytes {
        let read = || {
            let copy = self.folder.join(copy_of(written));
            let path = if copy.exists() { copy } else { self.folder.join(written) };
            fs::read(path).map(Arc::from).map_err(|error| error.to_string())
        };
        self.read.borrow_mut().entry(written.to_owned()).or_insert_with(read).clone()
    }

    /// A file as messages; treatments share what was read.
    pub fn lines(&self, written: &str, framing: Framing) -> Result<Messages, String> {
        let bytes = self.bytes(written)?;
        let mut lines = self.lines.borrow_mut();
        let read = || Lines::read(written, bytes, framing).map(Arc::new);
        Ok(lines.entry((written.to_owned(), framing)).or_insert_with(read).clone())
    }

    /// What stands at each of these JSON pointers in each of a file's messages, read all at once; shared as these are.
    pub fn columns(&self, lines: &Lines, framing: Framing, pointers: &[&str]) -> Vec<Texts> {
        let mut columns = self.columns.borrow_mut();
        let key = |pointer: &str| (lines.file.clone(), framing, pointer.to_owned());
        let unread = pointers.iter().filter(|pointer| !columns.contains_key(&key(pointer)));
        let unread: Vec<&str> = unread.copied().collect();
        for (pointer, texts) in unread.iter().zip(lines.columns(&unread)) {
            columns.insert(key(pointer), texts.map(Arc::new));
        }
        pointers.iter().filter_map(|pointer| columns.get(&key(pointer)).cloned()).collect()
    }

    /// A file as a trace, as it is; treatments share what was read.
    pub fn trace(&self, written: &str) -> Result<Result<Trace, NoTraces>, String> {
        let text = self.text(written)?;
        let mut traces = self.traces.borrow_mut();
        Ok(traces.entry(written.to_owned()).or_insert_with(|| Trace::read(written, &text)).clone())
    }

    /// All that were read: where their copies go, and their bytes.
    pub fn copies(&self) -> Vec<(String, Arc<[u8]>)> {
        let read = self.read.borrow();
        let copy =
            |(written, bytes): (&String, &Bytes)| Some((copy_of(written), Arc::clone(bytes.as_ref().ok()?)));
        read.iter().filter_map(copy).collect()
    }
}

/// Bytes as a text, or why they are none.
fn text(bytes: Vec<u8>) -> Result<String, String> {
    let wide = [[0xff, 0xfe], [0xfe, 0xff]].iter().any(|mark| bytes.starts_with(mark)) || bytes.contains(&0);
    if wide {
        return Err("it is in UTF-16, or no text at all; save it in UTF-8".to_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        let line = good.matches('\n').count() + 1;
        format!("line {line} is not in UTF-8; save it in UTF-8")
    })
}

/// Name of a copy: the file's own, and before it a number of the whole path, since two files of one name may be told apart by their folders alone.
fn copy_of(written: &str) -> String {
    let name =
        Path::new(written).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    format!("{COPIES}/{:08x}-{name}", fingerprint(written.as_bytes()))
}

/// A number of a name that stays the same (FNV-1a, its upper half).
pub(super) fn fingerprint(name: &[u8]) -> u64 {
    let hash = name.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_goes_before_the_file_and_files_of_one_name_have_two() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/x.csv"), "old").unwrap();
        fs::write(folder.path().join("x.csv"), "other").unwrap();
        let files = Files::beside(folder.path());
        assert_eq!((&*files.text("a/x.csv").unwrap(), &*files.text("x.csv").unwrap()), ("old", "other"));
        assert!(files.text("b.csv").is_err());
        let copies = files.copies();
        assert_eq!(copies.len(), 2);
        for (name, text) in &copies {
            assert!(name.starts_with("inputs/") && name.ends_with("-x.csv"), "{name}");
            let copy = folder.path().join(name);
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::write(copy, text).unwrap();
        }
        fs::write(folder.path().join("a/x.csv"), "new").unwrap();
        assert_eq!(&*Files::beside(folder.path()).text("a/x.csv").unwrap(), "old");
    }

    #[test]
    fn what_is_no_text_in_utf_8_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let why = |bytes: &[u8]| {
            fs::write(folder.path().join("x.csv"), bytes).unwrap();
            Files::beside(folder.path()).text("x.csv").unwrap_err()
        };
        assert!(why(b"\xff\xfe0\0,\0").contains("it is in UTF-16"));
        assert!(why(b"0\0,\0").contains("it is in UTF-16"));
        assert_eq!(why(b"second,r\n0,5 \xb5\n"), "line 2 is not in UTF-8; save it in UTF-8");
    }
}
