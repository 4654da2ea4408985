//! The wire between the governor and an instance: lines that tell it what its work may use, and lines in which it says what it has worked.

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use super::budget::Said;

/// Changes below so many parts of what was told last are not told: each one wakes the instance.
const LEAST_CHANGE: u64 = 500;

/// The governor's end. Nothing here waits: an instance that does not read or write holds nobody up.
#[derive(Debug)]
pub struct Wire {
    stream: UnixStream,
    told: Option<u64>,
    said: Option<Said>,
    /// What came of a line whose end has not come.
    rest: Vec<u8>,
}

impl Wire {
    /// To an instance that says what it works: our end, and the one that becomes its stdin.
    pub fn pair() -> io::Result<(Self, OwnedFd)> {
        let (stream, theirs) = UnixStream::pair()?;
        stream.set_nonblocking(true)?;
        Ok((Wire { stream, told: None, said: Some(Said::default()), rest: Vec::new() }, theirs.into()))
    }

    /// Whether the instance says what of its CPU is work.
    pub fn speaks(&self) -> bool {
        self.said.is_some()
    }

    /// Tells what its work may use, in nanoseconds of vCPU time a millisecond, where that has changed.
    pub fn tell(&mut self, work: u64) {
        if self.told.is_some_and(|told| told.abs_diff(work) * LEAST_CHANGE <= told) {
            return;
        }
        // An instance that is gone hears no more, and one that stands still hears it later.
        if self.stream.write_all(format!("{work}\n").as_bytes()).is_ok() {
            self.told = Some(work);
        }
    }

    /// The last that it said of its work since its start; none of an instance that does not say.
    pub fn heard(&mut self) -> Option<Said> {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = self.stream.read(&mut bytes) {
            self.rest.extend(bytes.iter().take(length));
        }
        if let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') {
            let lines: Vec<u8> = self.rest.drain(..=end).collect();
            let last = lines.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
            let news = last.and_then(|line| read(std::str::from_utf8(line).ok()?));
            self.said = self.said.map(|said| news.unwrap_or(said));
        }
        self.said
    }
}

fn read(line: &str) -> Option<Said> {
    let (vcpu_ns, cpu_ns) = line.split_once(' ')?;
    Some(Said { vcpu_ns: vcpu_ns.parse().ok()?, cpu_ns: cpu_ns.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Wire, UnixStream) {
        let (wire, theirs) = Wire::pair().unwrap();
        (wire, theirs.into())
    }

    #[test]
    fn the_last_whole_line_is_what_was_said() {
        let (mut wire, mut instance) = pair();
        assert_eq!(wire.heard(), Some(Said::default()), "nothing yet");
        instance.write_all(b"10 1\n20 2\n3").unwrap();
        assert_eq!(wire.heard(), Some(Said { vcpu_ns: 20, cpu_ns: 2 }));
        assert_eq!(wire.heard(), Some(Said { vcpu_ns: 20, cpu_ns: 2 }));
        instance.write_all(b"0 3\n").unwrap();
        assert_eq!(wire.heard(), Some(Said { vcpu_ns: 30, cpu_ns: 3 }));
        instance.write_all(b"no number\n").unwrap();
        assert_eq!(wire.heard(), Some(Said { vcpu_ns: 30, cpu_ns: 3 }));
    }

    #[test]
    fn what_has_not_changed_is_not_told_again() {
        let (mut wire, mut instance) = pair();
        for work in [2_000_000, 2_000_001, 195_000, 195_300, 195_500] {
            wire.tell(work);
        }
        drop(wire);
        let mut told = String::new();
        instance.read_to_string(&mut told).unwrap();
        assert_eq!(told, "2000000\n195000\n195500\n");
    }

    #[test]
    fn an_instance_that_reads_nothing_holds_nobody_up() {
        let (mut wire, _instance) = pair();
        (0..10_000).for_each(|work| wire.tell(if work % 2 == 0 { 1_000 } else { 2_000_000 }));
        drop(wire);
    }
}
