//! How long a new topic may take.

use std::time::Duration;

/// A broker writes the files of each partition through to the disk before it leads it: 20 ms each were seen on a busy host, one after the other.
const EACH: Duration = Duration::from_millis(50);

/// How long to wait for something that takes `within` at most with one partition, with so many of a topic that was just made.
pub fn patience(within: Duration, partitions: usize) -> Duration {
    within + EACH * u32::try_from(partitions).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_of_a_thousand_partitions_may_take_a_minute_longer() {
        let within = Duration::from_secs(15);
        assert_eq!(patience(within, 1_000).as_secs(), 65);
        assert!(patience(within, 6).as_secs() < 16);
    }
}
