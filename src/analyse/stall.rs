//! Stalls: spans in which nothing went on though there was something to do, far longer than the trial's own rhythm.
//!
//! The rhythm is read from the quarter seconds of the whole trial: each quarter in which something was done ends a gap, of no length where the one before
//! it did something too or there was nothing to do. Batches, long work and slow trickles have their gaps again and again, and so does a consumer that is
//! overloaded; a stall stands out of them.

use std::borrow::Borrow as _;
use std::ops::Range;

use crate::record::series::{PER_SECOND, Rows};

/// Quarter seconds below which nothing is called a stall: a JVM's pause, a slow flush, a reading that came late.
const LEAST: usize = 2 * PER_SECOND as usize;
/// Over a gap that comes at least three times: what comes so often is the rhythm.
const TIMES_OFTEN: usize = 3;
/// Seconds in which an instance that lives reports at least thrice.
const SILENCE_S: f64 = 3.0;

/// Who did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Brokers acked nothing.
    Brokers,
    /// All consumers together processed nothing.
    Consumers,
    /// One instance told nothing of itself.
    Instance(u32),
}

/// A span in which nothing went on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stall {
    /// Who did nothing.
    pub whose: Whose,
    /// From when, in seconds since time 0.
    pub from_s: f64,
    /// Until when.
    pub to_s: f64,
    /// The longest that it might have been.
    pub limit_s: f64,
}

impl Stall {
    /// How long.
    pub(super) fn seconds(&self) -> f64 {
        self.to_s - self.from_s
    }

    fn overlaps(&self, from_s: f64, to_s: f64) -> bool {
        self.from_s < to_s && from_s < self.to_s
    }
}

/// What is asked of a trial's rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch<'a, R> {
    /// All of them, from time 0 on.
    pub rows: R,
    /// The window, in seconds since time 0.
    pub window: (f64, f64),
    /// Spans in which something was done to the consumers on purpose, in seconds since time 0: what of them stalls then was asked for.
    pub asked_for: &'a [Range<f64>],
    /// The same of the brokers.
    pub of_brokers: &'a [Range<f64>],
    /// Whether there are consumers.
    pub consumers: bool,
    /// Acked messages that nobody can process any more.
    pub lost: u64,
}

/// Rows in which nothing was done, up to the one in which something was; and what was due in them.
#[derive(Clone, Debug)]
struct Gap {
    rows: Range<usize>,
    due: u64,
}

impl<R: Rows> Watch<'_, R> {
    /// The longest stall of the brokers that touches the window, and the longest of the consumers beside it.
    pub(super) fn stalls(&self) -> Vec<Stall> {
        // Where no broker tells of anything there is nothing to be seen of them.
        let told = self.rows.sum(|row| row.untold) == 0;
        let acks = told.then(|| self.of(Whose::Brokers)).flatten();
        let read = self.consumers.then(|| self.of(Whose::Consumers)).flatten();
        // Who is sent nothing has nothing to do.
        let read = read.filter(|stall| acks.is_none_or(|acks| !acks.overlaps(stall.from_s, stall.to_s)));
        [acks, read].into_iter().flatten().collect()
    }

    /// One instance that told nothing of itself from when to when.
    pub(super) fn silence(&self, instance: u32, from_s: f64, to_s: f64) -> Option<Stall> {
        let stall = Stall { whose: Whose::Instance(instance), from_s, to_s, limit_s: SILENCE_S };
        (stall.seconds() > SILENCE_S && self.is_unasked(&stall)).then_some(stall)
    }

    fn of(&self, whose: Whose) -> Option<Stall> {
        let (gaps, count) = self.gaps(whose);
        let limit = limit(&gaps);
        let quarter = 1.0 / f64::from(PER_SECOND);
        let as_stall = |gap: &Gap| Stall {
            whose,
            from_s: gap.rows.start as f64 * quarter,
            to_s: gap.rows.end as f64 * quarter,
            limit_s: limit as f64 * quarter,
        };
        let (start, end) = self.window;
        // A single message that is never acked is no silence of the brokers.
        let told = gaps.iter().filter(|gap| whose != Whose::Brokers || gap.due > 1);
        let stands_out = |stall: &Stall| {
            // Of consumers that finished nothing at all nobody knows how long they take; but then the window says nothing of them.
            let fills = stall.from_s <= start && stall.to_s >= end;
            // Brokers that acked nothing for most of it have left nothing to read a rhythm from.
            let inside_s = stall.to_s.min(end) - stall.from_s.max(start);
            let is_most = whose == Whose::Brokers && 2.0 * inside_s > end - start;
            let has_rhythm = whose == Whose::Brokers || gaps.iter().any(|gap| gap.rows.end < count);
            fills || is_most || (has_rhythm && stall.seconds() > stall.limit_s)
        };
        told.map(as_stall)
            .filter(|stall| stall.overlaps(start, end) && stands_out(stall) && self.is_unasked(stall))
            .max_by(|a, b| a.seconds().total_cmp(&b.seconds()))
    }

    fn is_unasked(&self, stall: &Stall) -> bool {
        let asked_for = if stall.whose == Whose::Brokers { self.of_brokers } else { self.asked_for };
        asked_for.iter().all(|asked| !stall.overlaps(asked.start, asked.end))
    }

    /// Rows from the first in which there was something to do to the one in which something was done; the last may be without such an end. And how many rows
    /// there are.
    fn gaps(&self, whose: Whose) -> (Vec<Gap>, usize) {
        let (mut gaps, mut idle) = (Vec::new(), None::<Gap>);
        let (mut waiting, mut count) = (0, 0);
        for row in self.rows {
            let (row, at) = (row.borrow(), count);
            count += 1;
            let (done, came) = match whose {
                Whose::Brokers => (row.acked, row.due),
                _ => (row.processed, row.acked + row.untold),
            };
            if done > 0 {
                let gap = idle.take().unwrap_or(Gap { rows: at..at, due: 0 });
                gaps.push(Gap { rows: gap.rows.start..at, ..gap });
            } else if came > 0 || waiting > 0 {
                idle.get_or_insert(Gap { rows: at..at, due: 0 });
            }
            if let Some(gap) = &mut idle {
                gap.due += row.due;
            }
            waiting = match whose {
                // A message whose ack never comes must not make a silence of each pause of the load.
                Whose::Brokers => 0,
                _ => row.unprocessed_messages.unwrap_or_default().saturating_sub(self.lost),
            };
        }
        gaps.extend(idle.map(|gap| Gap { rows: gap.rows.start..count, ..gap }));
        (gaps, count)
    }
}

/// The greatest length, in quarters, that a gap of this rhythm has. Of gaps as random as those between events of a Poisson process, whose 90th percentile
/// is passed by k times itself with a probability of 10^-k, less than one in a thousand trials has a longer one; and it is longer than thrice the third
/// longest.
fn limit(gaps: &[Gap]) -> usize {
    let mut lengths: Vec<usize> = gaps.iter().map(|gap| gap.rows.len()).collect();
    lengths.sort_unstable();
    let count = lengths.len();
    let p90 = lengths.get((count * 9).div_ceil(10).saturating_sub(1)).copied().unwrap_or_default();
    let random = (3.0 + (count.max(1) as f64).log10()) * p90 as f64;
    let often = count.checked_sub(TIMES_OFTEN).map_or(0, |at| TIMES_OFTEN * lengths[at]);
    LEAST.max(random.ceil() as usize).max(often)
}

#[cfg(test)]
mod tests;
