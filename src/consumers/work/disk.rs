//! Writing for each message.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, Write};

use rustix::fs::fdatasync;

use super::super::config::DiskConfig;

/// A file begins anew from here on: what is measured is writing, not how much a disk holds.
const LARGEST: u64 = 64 << 20;

/// One thread's file in the folder for temporary ones; it has no name any more and goes with the process.
#[derive(Debug)]
pub(super) struct Scratch {
    file: File,
    bytes: Vec<u8>,
    sync: bool,
    written: u64,
}

impl Scratch {
    pub(super) fn new(config: DiskConfig, thread: u32) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("bench-work-{}-{thread}", std::process::id()));
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        std::fs::remove_file(&path)?;
        Ok(Scratch { file, bytes: vec![0xA5; config.write as usize], sync: config.sync, written: 0 })
    }

    /// Writes what one message writes.
    pub(super) fn write(&mut self) -> io::Result<()> {
        if self.written + self.bytes.len() as u64 > LARGEST {
            self.file.rewind()?;
            self.written = 0;
        }
        self.file.write_all(&self.bytes)?;
        self.written += self.bytes.len() as u64;
        if self.sync { Ok(fdatasync(&self.file)?) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_writes_its_bytes_and_the_file_ends_growing() {
        let mut scratch = Scratch::new(DiskConfig { write: 24 << 20, sync: true }, 77).unwrap();
        for _ in 0..5 {
            scratch.write().unwrap();
        }
        assert_eq!(scratch.file.metadata().unwrap().len(), 48 << 20);
        assert_eq!(scratch.written, 24 << 20);
    }
}
