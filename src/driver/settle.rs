//! The wait between two trials on a broker that bench started: until the last topic's files are gone and writeback has settled.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::Shutdown;
use crate::observe::writeback_kib;

/// After this long a trial starts all the same; `settle_s` tells.
const LONGEST: Duration = Duration::from_secs(20);
/// Less than this under way to a disk is the host's ordinary murmur.
const CALM_KIB: u64 = 4 << 10;
const LOOK: Duration = Duration::from_millis(20);

/// Waits; returns how long it took, in seconds. `data` holds each broker's logs, `prefix` begins the names of a run's topics.
pub fn settle(data: &[PathBuf], prefix: &str, shutdown: &Shutdown) -> f64 {
    let start = Instant::now();
    while start.elapsed() < LONGEST && !shutdown.is_asked() {
        let calm = writeback_kib().is_none_or(|(_, writeback)| writeback < CALM_KIB);
        if calm && !holds_topics(data, prefix) {
            break;
        }
        std::thread::sleep(LOOK);
    }
    start.elapsed().as_secs_f64()
}

fn holds_topics(data: &[PathBuf], prefix: &str) -> bool {
    let entries = data.iter().flat_map(|data| std::fs::read_dir(data).into_iter().flatten().flatten());
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_waits_until_the_files_of_the_one_before_are_gone() {
        let data = tempfile::tempdir().unwrap();
        let left = data.path().join("bench-x-001-0.4f-delete");
        std::fs::create_dir(&left).unwrap();
        let other = tempfile::tempdir().unwrap();
        let all = [other.path().to_owned(), data.path().to_owned()];
        assert!(holds_topics(&all, "bench-x-"));
        std::fs::remove_dir(&left).unwrap();
        assert!(!holds_topics(&all, "bench-x-"));
        assert!(settle(&all, "bench-x-", &Shutdown::default()) < 20.0);
    }
}
