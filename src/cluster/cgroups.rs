//! Takes control groups away, with all that is below them and in them.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A killed process leaves its group when the kernel is done with it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Removes a control group that bench made; processes that are still in it are killed. One that is gone is no error.
pub fn remove_group(path: &Path) -> io::Result<()> {
    let below = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in below.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        remove_group(&entry.path())?;
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        // The kernel's files in it are no obstacle.
        match fs::remove_dir(path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if Instant::now() > deadline => return Err(error),
            Err(_) => kill_all(path),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn kill_all(group: &Path) {
    let listed = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
    for pid in listed.lines().filter_map(|line| Pid::from_raw(line.trim().parse().ok()?)) {
        // One that has just ended needs no signal.
        kill_process(pid, Signal::KILL).ok();
    }
}
