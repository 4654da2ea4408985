//! In how many partitions messages were due in each second of the window, and in how many of them one came in time.

use std::ops::Range;

use super::compose::is_blind;
use super::injected::partitions_there;
use super::raw::Raw;
use crate::books::Cells;
use crate::load::Loaded;
use crate::record::InTimeRow;
use crate::record::series::PER_SECOND;
use crate::timeline::{SECOND_NS, quarter_of};

/// Each second of each group; nothing where nobody asked, of groups that tell nothing, and where brokers told nothing of what they got.
pub fn seconds(raw: &Raw) -> Vec<InTimeRow> {
    let Some((times, loaded)) = raw.times.as_ref().zip(raw.loaded.as_ref()) else { return Vec::new() };
    let Some(acked) = loaded.ledger.seconds().filter(|_| !is_blind(loaded)) else { return Vec::new() };
    let own = raw.topics.partitions();
    // The window begins on a whole second.
    let window = times.window.0 / SECOND_NS..times.window.1 / SECOND_NS;
    let due = |second: u64| {
        let there =
            partitions_there(own, raw.injected.iter().filter(|one| one.done < Some(second * SECOND_NS)));
        let known = acked.partitions(second);
        let unknown = never_acked(loaded, acked, quarter_of(times.zero), second);
        // Each may have been the only one of its partition.
        known + u32::try_from(unknown).unwrap_or(u32::MAX).min(there.saturating_sub(known))
    };
    let due: Vec<u32> = window.clone().map(due).collect();
    let telling = raw.groups.iter().filter(|group| group.outside.is_none());
    let rows = telling.flat_map(|group| {
        let came = group.gathered.in_time();
        let seconds = (0..).zip(window.clone()).zip(&due).filter(|(_, due)| **due > 0);
        seconds.map(|((place, second), due)| InTimeRow {
            group: group.name.clone(),
            second: place,
            due: *due,
            in_time: acked.both(second, came),
        })
    });
    rows.collect()
}

/// Messages due in a second that somebody was to read and that were never acked.
fn never_acked(loaded: &Loaded, acked: &Cells, zero: u64, second: u64) -> u64 {
    let quarters: Range<u64> = second * u64::from(PER_SECOND)..(second + 1) * u64::from(PER_SECOND);
    let due: u64 = quarters.clone().map(|at| loaded.counts.due.at(at.saturating_sub(zero) as usize)).sum();
    let aborted: u64 = quarters.map(|at| loaded.ledger.aborted_dues().at(at)).sum();
    due.saturating_sub(aborted + acked.messages(second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::Topics;
    use crate::consumers::{Event, Gathered};
    use crate::driver::group::RawGroup;
    use crate::driver::testing::{ZERO, at, group, loaded_by_second};
    use crate::driver::times::Times;

    /// One message a second on the first of two partitions, for four seconds; the third was never acked. The group's only instance tells that the first and the
    /// fourth came in time, and something of a second before.
    fn raw(group: RawGroup) -> Raw {
        Raw {
            times: Some(Times {
                zero: ZERO,
                window: (ZERO, at(5_000)),
                drained: at(6_000),
                watched: at(6_000),
            }),
            loaded: Some(loaded_by_second(|message| message != 2)),
            groups: vec![group],
            ..Raw::new(Topics::one("t", 2))
        }
    }

    fn told() -> RawGroup {
        let mut group = group(&[]);
        let mut gathered = Gathered::default();
        let first = ZERO / SECOND_NS;
        let seconds = format!("[[{},{}],[{},{}]]", first - 1, first + 1, first + 3, first + 4);
        let mut report = crate::consumers::Report { seq: 0, ..Default::default() };
        report.in_time.insert(0, serde_json::from_str(&seconds).unwrap());
        gathered.add(0, ZERO, Event::Line(crate::consumers::Line::Report(Box::new(report))));
        group.gathered = gathered;
        group
    }

    #[test]
    fn a_partition_counts_in_the_seconds_in_which_a_message_was_due_and_one_that_was_never_acked_may_be_of_any()
     {
        let rows = seconds(&raw(told()));
        let counts: Vec<(u32, u32, u32)> =
            rows.iter().map(|row| (row.second, row.due, row.in_time)).collect();
        assert_eq!(counts, [(0, 1, 1), (1, 1, 0), (2, 1, 0), (3, 1, 1)], "in the fifth nothing was due");
    }

    #[test]
    fn of_groups_that_tell_nothing_and_loads_that_nobody_asked_there_are_no_seconds() {
        let mut silent = told();
        silent.outside = Some(crate::driver::group::Outside::default());
        assert_eq!(seconds(&raw(silent)), []);
        let mut unasked = raw(told());
        unasked.loaded = Some(crate::driver::testing::loaded(|_| true));
        assert_eq!(seconds(&unasked), []);
    }
}
