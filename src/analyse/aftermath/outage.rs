//! How long partitions stood still after an event.

use std::ops::Range;

use super::acts::Acts;
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
    /// The longest gap of the partition that was worst off, from the event on, of those that are put down to it.
    pub worst: Reading,
    /// When that partition went on, in seconds since time 0; the event itself where none stood still, none where one never went on.
    pub back_s: Option<f64>,
    /// When the last of those that went on did from its longest gap; none where none stood still, or none went on.
    pub last_back_s: Option<f64>,
    /// The mean over partitions of the longest gap of each; none where one of them never ended.
    pub mean_s: Option<f64>,
    /// Partitions that had one.
    pub hit: usize,
}

/// From when until when a partition stood still, or was watched doing so; in seconds since time 0.
#[derive(Clone, Copy, Debug)]
struct Still {
    from_s: f64,
    to_s: f64,
    is_over: bool,
}

impl Still {
    fn length(self) -> f64 {
        self.to_s - self.from_s
    }

    fn longer(self, other: Self) -> Self {
        if other.length() > self.length() { other } else { self }
    }

    fn reading(self) -> Reading {
        if self.is_over { Reading::Value(self.length()) } else { Reading::Beyond(self.length()) }
    }
}

impl Outages {
    /// Of those gaps of a group that an event's `acts` caused, against how long its partitions stood still in the steady part; times in seconds since time 0. Of so
    /// many partitions `before` that were there in it, and so many of the time after: where some were added, each has so much less to do, and pauses that are usual are
    /// so much longer.
    pub fn of(
        gaps: &[&GapRow],
        (before, partitions): (u32, u32),
        steady: &Range<f64>,
        (after, acts): (&Range<f64>, &Acts),
    ) -> Self {
        let usual: Vec<f64> = (0..before).map(|partition| usual(gaps, partition, steady)).collect();
        // Of one that was not there before it is what was usual of any.
        let any = usual.iter().copied().fold(0.0, f64::max);
        let more = f64::from(partitions.max(before)) / f64::from(before.max(1));
        let limit = |partition: u32| {
            let usual = usual.get(partition as usize).copied().unwrap_or(any);
            LEAST_S.max(TIMES_USUAL * more * usual)
        };
        // Nobody waited for one that was added before its first message was there, however late that is.
        let is_first = |gap: &GapRow| {
            let own = gaps.iter().filter(|other| other.partition == gap.partition);
            gap.partition >= before && own.map(|other| other.from_s).all(|from_s| from_s >= gap.from_s)
        };
        let caused: Vec<&GapRow> =
            gaps.iter().copied().filter(|gap| acts.caused(gap) || is_first(gap)).collect();
        let hit: Vec<Still> = (0..partitions)
            .filter_map(|partition| longest(&caused, partition, limit(partition), after))
            .collect();
        let worst = hit.iter().copied().reduce(Still::longer);
        let none = (hit.len() < partitions as usize).then_some(Reading::Value(0.0));
        let is_known = hit.iter().all(|one| one.is_over);
        let back_s = worst.map_or(Some(after.start), |worst| is_known.then_some(worst.to_s));
        let last_back_s = hit.iter().filter(|one| one.is_over).map(|one| one.to_s).reduce(f64::max);
        let all_s: f64 = hit.iter().map(|one| one.length()).sum();
        Outages {
            worst: super::greatest(hit.iter().map(|one| one.reading()).chain(none)),
            back_s,
            last_back_s,
            mean_s: is_known.then(|| all_s / f64::from(partitions.max(1))),
            hit: hit.len(),
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

/// The longest gap of a partition; none where none is longer than the `limit`.
fn longest(gaps: &[&GapRow], partition: u32, limit: f64, after: &Range<f64>) -> Option<Still> {
    let mut found: Vec<Still> = Vec::new();
    for gap in gaps.iter().filter(|gap| gap.partition == partition) {
        let from_s = gap.from_s.max(after.start);
        if from_s >= after.end || gap.to_s.is_some_and(|to_s| to_s <= after.start) {
            continue;
        }
        // What goes on beyond the next event may go on because of that: until then it was watched.
        let ended = gap.to_s.filter(|to_s| *to_s <= after.end);
        let still = Still { from_s, to_s: ended.unwrap_or(after.end), is_over: ended.is_some() };
        let least = if still.is_over { limit } else { limit.max(UNTOLD_S) };
        if still.length() > least {
            found.push(still);
        }
    }
    let is_over = found.iter().all(|one| one.is_over);
    let longest = found.into_iter().reduce(Still::longer)?;
    // One that never ended may be longer than any that did.
    Some(Still { is_over, ..longest })
}
