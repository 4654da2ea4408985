//! The topic that a trial writes to.

use std::time::{Duration, SystemTime};

use super::Properties;
use crate::units::Span;

/// The topic of a trial.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topic {
    /// Number of partitions, at least 1.
    pub partitions: u32,
    /// Replicas of each partition, at least 1.
    pub replication: u16,
    /// Kafka's topic settings.
    pub config: Properties,
    /// One that was there before, and is never made, altered or taken away; none for a new one each trial.
    pub existing: Option<Existing>,
}

/// A topic that was there before the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// Its name.
    pub name: String,
    /// Where groups begin to read, as the file says; none: groups of bench's own at its end, others are left where they are.
    pub reset: Option<Reset>,
}

/// Where a group begins to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// At the first message that is there.
    Earliest,
    /// At the next one that comes.
    Latest,
    /// At the first one at or after that moment, Unix ms.
    At(i64),
    /// The same, of a moment so long before the trial.
    Ago(Span),
}

impl Reset {
    /// As written: `earliest`, `latest`, a moment in UTC (RFC 3339), or how long ago.
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "earliest" => return Some(Reset::Earliest),
            "latest" => return Some(Reset::Latest),
            _ => {}
        }
        if let Ok(at) = humantime::parse_rfc3339_weak(text) {
            let since = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
            return i64::try_from(since.as_millis()).ok().map(Reset::At);
        }
        text.parse().ok().map(Reset::Ago)
    }

    /// The moment that is meant, Unix ms, where it is one.
    pub fn moment_ms(self, now: SystemTime) -> Option<i64> {
        match self {
            Reset::Earliest | Reset::Latest => None,
            Reset::At(ms) => Some(ms),
            Reset::Ago(span) => {
                let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
                i64::try_from(since.saturating_sub(span.as_duration()).as_millis()).ok()
            }
        }
    }
}

/// Which of a topic's numbers are the cluster's own: 1 stands for each of them until the cluster has told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfCluster {
    /// Its partitions.
    pub partitions: bool,
    /// Its replicas.
    pub replication: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_begins_at_an_end_or_at_a_moment() {
        assert_eq!(Reset::read("earliest"), Some(Reset::Earliest));
        assert_eq!(Reset::read("latest"), Some(Reset::Latest));
        assert_eq!(Reset::read("1970-01-01T00:01:00Z"), Some(Reset::At(60_000)));
        assert_eq!(Reset::read("10m"), Some(Reset::Ago(Span::from_secs(600))));
        assert_eq!((Reset::read("yesterday"), Reset::read("")), (None, None));
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(700);
        assert_eq!(Reset::Ago(Span::from_secs(600)).moment_ms(now), Some(100_000));
        assert_eq!(Reset::Latest.moment_ms(now), None);
    }
}
