//! The lag by a group's commits, from reading to reading: on a file as it comes, and of partitions what the record tells.

use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::load::Lag;
use crate::record::{PartitionLag, Scroll, Scrolled, StoreError};

/// The lag at one moment, all partitions together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LagReading {
    /// When, Unix ns.
    pub at: u64,
    /// Acked messages that were not committed.
    pub messages: u64,
    /// When the oldest of them was due, Unix ns; where that is forgotten, at the latest.
    pub oldest_due: Option<u64>,
    /// At the earliest, where it is forgotten.
    #[serde(default)]
    pub earliest_due: Option<u64>,
    /// The oldest may be older than that, and nobody knows how much.
    #[serde(default)]
    pub undated: bool,
    /// From the question for what is committed to its answer, when what is acked was read, in ns.
    pub took: u64,
}

/// Lags as they are read.
#[derive(Debug)]
pub struct Following {
    readings: Scroll<LagReading>,
    /// Of which partitions are remembered, Unix ns.
    window: Range<u64>,
    greatest: Option<(u64, Option<PartitionLag>)>,
    last: Option<(u64, Vec<u64>)>,
}

/// All that were read.
#[derive(Debug, Default)]
pub struct Lags {
    /// In the order of time.
    pub readings: Scrolled<LagReading>,
    /// The partition that lagged most when the lag was greatest in the window; `None` where none was read.
    pub greatest: Option<PartitionLag>,
    /// When it was read last in the window (Unix ns), and what it then was of each partition.
    pub last: Option<(u64, Vec<u64>)>,
}

impl Following {
    /// None yet; what is read in `window` (Unix ns) is told by partition.
    pub fn create(folder: &Path, window: Range<u64>) -> Result<Self, StoreError> {
        Ok(Following { readings: Scroll::create(folder)?, window, greatest: None, last: None })
    }

    /// One more reading: when it was asked for, and when it was there.
    pub fn add(&mut self, (asked, at): (u64, u64), lag: Lag) {
        let took = at.saturating_sub(asked);
        let Lag { messages, oldest_due, earliest_due, undated, .. } = lag;
        self.readings.push(&LagReading { at, messages, oldest_due, earliest_due, undated, took });
        if !self.window.contains(&at) {
            return;
        }
        if self.greatest.as_ref().is_none_or(|(messages, _)| *messages <= lag.messages) {
            let worst = lag.worst().map(|(partition, messages)| PartitionLag { partition, messages });
            self.greatest = Some((lag.messages, worst));
        }
        self.last = Some((at, lag.by_partition));
    }

    /// No more will come.
    pub fn finish(self) -> Result<Lags, StoreError> {
        let greatest = self.greatest.and_then(|(_, worst)| worst);
        Ok(Lags { readings: self.readings.finish()?, greatest, last: self.last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_remembered_of_the_greatest_and_the_last_lag_in_the_window() {
        let folder = tempfile::tempdir().unwrap();
        let mut following = Following::create(folder.path(), 10..20).unwrap();
        for (at, by_partition) in [(9, [90, 9]), (10, [1, 6]), (15, [5, 2]), (19, [2, 1]), (20, [9, 9])] {
            let messages = by_partition.iter().sum();
            following.add(
                (at - 1, at),
                Lag {
                    messages,
                    oldest_due: Some(at - 1),
                    by_partition: by_partition.to_vec(),
                    ..Lag::default()
                },
            );
        }
        let lags = following.finish().unwrap();
        assert_eq!(lags.greatest, Some(PartitionLag { partition: 0, messages: 5 }), "the later of equals");
        assert_eq!(lags.last, Some((19, vec![2, 1])));
        let all: Vec<LagReading> = lags.readings.iter().collect::<Result<_, _>>().unwrap();
        assert_eq!(
            all.iter().map(|one| (one.at, one.messages)).collect::<Vec<_>>(),
            [(9, 99), (10, 7), (15, 7), (19, 3), (20, 18)]
        );
    }
}
