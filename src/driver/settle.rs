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

/// The topics whose files are waited for.
#[derive(Clone, Copy, Debug)]
pub struct Left<'a> {
    /// How the names of a run's topics begin.
    pub prefix: &'a str,
    /// Only those of trials, whose names go on with their number. A Kafka that looks for deleted files only half a minute after its start would let the first
    /// trial wait for the few messages that were tried out before it.
    pub of_trials_only: bool,
}

impl Left<'_> {
    fn holds(self, name: &str) -> bool {
        let is_trial = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        name.strip_prefix(self.prefix).is_some_and(|rest| !self.of_trials_only || is_trial(rest))
    }
}

/// Waits; returns how long it took, in seconds. `data` holds each broker's logs.
pub fn settle(data: &[PathBuf], left: Left<'_>, shutdown: &Shutdown) -> f64 {
    let start = Instant::now();
    while start.elapsed() < LONGEST && !shutdown.is_asked() {
        let calm = writeback_kib().is_none_or(|(_, writeback)| writeback < CALM_KIB);
        if calm && !holds_topics(data, left) {
            break;
        }
        std::thread::sleep(LOOK);
    }
    start.elapsed().as_secs_f64()
}

fn holds_topics(data: &[PathBuf], left: Left<'_>) -> bool {
    let entries = data.iter().flat_map(|data| std::fs::read_dir(data).into_iter().flatten().flatten());
    entries.into_iter().any(|entry| left.holds(&entry.file_name().to_string_lossy()))
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
        let of_run = Left { prefix: "bench-x-", of_trials_only: false };
        assert!(holds_topics(&all, of_run));
        std::fs::remove_dir(&left).unwrap();
        assert!(!holds_topics(&all, of_run));
        assert!(settle(&all, of_run, &Shutdown::default()) < 20.0);
    }

    #[test]
    fn an_older_kafka_that_takes_files_away_late_is_not_waited_for_where_no_trial_left_any() {
        let [older, newer] = [true, false].map(|of_trials_only| Left { prefix: "bench-x-", of_trials_only });
        for (name, waits) in [
            ("bench-x-probe-0-3.4f-delete", false),
            ("bench-x-defaults-0.4f-delete", false),
            ("bench-x-001-0.4f-delete", true),
            ("bench-x-000-0", true),
        ] {
            assert_eq!((older.holds(name), newer.holds(name)), (waits, true), "{name}");
        }
        assert!(!older.holds("bench-y-001-0") && !newer.holds("bench-y-001-0"));
    }
}
