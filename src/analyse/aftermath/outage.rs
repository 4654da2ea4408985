//! How long partitions stood still after an event.

use std::ops::Range;

use crate::analyse::reading::Reading;
use crate::record::GapRow;

/// A shorter gap is none, in seconds; nor is one that is not this many times longer than any of the partition's steady part.
const LEAST_S: f64 = 0.25;
const TIMES_USUAL: f64 = 2.0;

/// What an instance did since its last line nobody knows once it is killed: a gap that was to begin with the next event may seem to begin so much earlier.
const UNTOLD_S: f64 = 1.5;

/// What stood still.
#[derive(Clone, Debug, PartialEq)]
pub struct Outages {
    /// The longest gap of the partition that was worst off, from the event on.
    pub worst: Reading,
    /// The mean over partitions of the longest gap of each; none where one of them never ended.
    pub mean_s: Option<f64>,
    /// Partitions that had one.
    pub hit: usize,
}

impl Outages {
    /// Of all gaps of a group, against how long its partitions stood still in the steady part; times in seconds since time 0. Of so many partitions `before`
    /// that were there in it, and so many of the time after: where some were added, each has so much less to do, and pauses that are usual are so much longer.
    pub fn of(
        gaps: &[&GapRow],
        (before, partitions): (u32, u32),
        steady: &Range<f64>,
        after: &Range<f64>,
    ) -> Self {
        let usual: Vec<f64> = (0..before).map(|partition| usual(gaps, partition, steady)).collect();
        // Of one that was not there before it is what was usual of any.
        let any = usual.iter().copied().fold(0.0, f64::max);
        let more = f64::from(partitions.max(before)) / f64::from(before.max(1));
        let limit = |partition: u32| {
            let usual = usual.get(partition as usize).copied().unwrap_or(any);
            LEAST_S.max(TIMES_USUAL * more * usual)
        };
        let each: Vec<Reading> =
            (0..partitions).map(|partition| longest(gaps, partition, limit(partition), after)).collect();
        let hit = each.iter().filter(|longest| **longest != Reading::Value(0.0)).count();
        let known: Option<Vec<f64>> = each.iter().map(|longest| longest.value()).collect();
        Outages {
            worst: super::greatest(each.into_iter()),
            mean_s: known.map(|known| known.iter().sum::<f64>() / known.len().max(1) as f64),
            hit,
        }
    }
}

/// The longest gap of a partition in its steady part.
fn usual(gaps: &[&GapRow], partition: u32, steady: &Range<f64>) -> f64 {
    let own = gaps.iter().filter(|gap| gap.partition == partition);
    let lengths = own.filter_map(|gap| {
        let to_s = gap.to_s.filter(|to_s| *to_s > steady.start && *to_s <= steady.end)?;
        Some(to_s - gap.from_s.max(steady.start))
    });
    lengths.fold(0.0, f64::max)
}

/// The longest gap of a partition, 0 where none is longer than the `limit`.
fn longest(gaps: &[&GapRow], partition: u32, limit: f64, after: &Range<f64>) -> Reading {
    let mut found = Vec::new();
    for gap in gaps.iter().filter(|gap| gap.partition == partition) {
        let from = gap.from_s.max(after.start);
        if from >= after.end || gap.to_s.is_some_and(|to_s| to_s <= after.start) {
            continue;
        }
        // What goes on beyond the next event may go on because of that: until then it was watched.
        let ended = gap.to_s.filter(|to_s| *to_s <= after.end);
        let length = ended.unwrap_or(after.end) - from;
        let least = if ended.is_some() { limit } else { limit.max(UNTOLD_S) };
        if length > least {
            found.push(if ended.is_some() { Reading::Value(length) } else { Reading::Beyond(length) });
        }
    }
    if found.is_empty() { Reading::Value(0.0) } else { super::greatest(found.into_iter()) }
}
