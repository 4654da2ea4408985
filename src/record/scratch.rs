//! Files for what a trial comes to while it runs: they lie with the results, on the same disk, and have no name.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::error::StoreError;

/// A new file in a folder; it is gone when nobody has it open any more, whatever ends bench.
pub fn nameless(folder: &Path) -> Result<File, StoreError> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let path = folder.join(format!(".scratch-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed)));
    let file = File::options().read(true).write(true).create_new(true).open(&path);
    let file = file.map_err(StoreError::io("create", &path))?;
    fs::remove_file(&path).map_err(StoreError::io("create", &path))?;
    Ok(file)
}

/// Reads a file from its start, wherever others read it.
#[derive(Debug)]
pub struct FromStart<'a> {
    file: &'a File,
    at: u64,
}

impl<'a> FromStart<'a> {
    /// At the start.
    pub fn of(file: &'a File) -> Self {
        FromStart { file, at: 0 }
    }
}

impl io::Seek for FromStart<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let at = match to {
            io::SeekFrom::Start(at) => Some(at),
            io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
            io::SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl io::Read for FromStart<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read_at(bytes, self.at)?;
        self.at += length as u64;
        Ok(length)
    }
}
