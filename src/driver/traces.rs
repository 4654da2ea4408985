//! Writes what a trial has of seconds and quarters: latencies and series, those of each group, as they are read from where they lay while it ran.

use std::borrow::Cow;

use super::group::RawGroup;
use super::raw::Raw;
use super::rows::rows;
use crate::books::InstanceSecond;
use crate::consumers::Gap;
use crate::record::{Draft, GapRow, ScrapedRow, Scrolled, Spooled, StoreError, TrialRecord};
use crate::timeline::SECOND_NS;
use crate::units::Latency;

/// Writes all of them; the first group's are the trial's.
pub fn write(raw: &Raw, record: &TrialRecord, draft: &Draft) -> Result<(), StoreError> {
    // At `rate: max` a message is due when it is sent: what counts from due would look like a latency and be a service time.
    let from_due = record.asked.rate_msgs_per_s.is_some();
    let groups: Vec<Option<&RawGroup>> =
        if raw.groups.is_empty() { vec![None] } else { raw.groups.iter().map(Some).collect() };
    for (number, group) in groups.into_iter().enumerate() {
        let name = group.map(|group| group.name.as_str()).unwrap_or_default();
        let Some((times, loaded)) = raw.times.as_ref().zip(raw.loaded.as_ref()) else {
            if number == 0 {
                draft.latencies(0, name, std::iter::empty())?;
                draft.series(0, name, std::iter::empty())?;
            }
            continue;
        };
        let (load, own) = (if number == 0 { loaded.latencies.clone() } else { Spooled::default() }, group);
        let latencies = own.map_or_else(|| load.clone(), |own| load.and(&own.latencies));
        // The window begins on a whole second.
        let start = (times.window.0 / SECOND_NS) as i64;
        // What was due before time 0 is no part of any phase: the record has it apart.
        let first = times.zero / SECOND_NS;
        let is_told =
            |latency: Latency| from_due || !latency.is_of_consumers() || !Latency::COLUMNS.contains(&latency);
        let intervals = latencies.iter().filter(|interval| match interval {
            Ok((second, latency, _)) => *second >= first && is_told(*latency),
            Err(_) => true,
        });
        let intervals = intervals.map(|interval| {
            let (second, latency, histogram) = interval?;
            Ok((second as i64 - start, latency, Cow::Owned(histogram)))
        });
        draft.latencies(number, name, intervals)?;
        let rows = rows(times, loaded, number, group, &raw.readings);
        draft.series(number, name, rows.map(|row| row.map(Cow::Owned)))?;
    }
    Ok(())
}

/// Writes what instances of programs that are not ours have written, without secrets.
pub fn outputs(raw: &Raw, draft: &Draft) -> Result<(), StoreError> {
    for group in &raw.groups {
        for (instance, output) in group.outside.iter().flat_map(|outside| &outside.outputs) {
            let write =
                |file: &mut _| output.write_to(file).map_err(|error: std::io::Error| error.to_string());
            draft.output((&group.name, *instance), write)?;
        }
    }
    Ok(())
}

/// Each second of each emulated instance, group by group.
pub fn instances(raw: &Raw) -> Result<impl Iterator<Item = Result<Cow<'_, InstanceSecond>, String>>, String> {
    let groups: Vec<_> = raw.groups.iter().map(|group| group.journal.seconds()).collect::<Result<_, _>>()?;
    Ok(groups.into_iter().flatten().map(|second| second.map(Cow::Owned)))
}

/// When partitions stood still between time 0 and the window's end, group by group; nothing of a trial in which nothing was done on purpose and no instance died, or of
/// groups that tell nothing. One that is added meanwhile can stand still from when its first message was due.
pub fn gaps(raw: &Raw) -> Vec<GapRow> {
    let was_told = |group: &RawGroup| !group.deaths.is_empty() && !group.gathered.busy().is_empty();
    let asked = !raw.injected.is_empty() || raw.groups.iter().any(was_told);
    let Some(times) = raw.times.filter(|_| asked) else { return Vec::new() };
    let since_zero = |at: u64| at.saturating_sub(times.zero) as f64 / 1e9;
    let own = raw.topics.partitions() as usize;
    let dues: Vec<Option<u64>> =
        raw.loaded.iter().flat_map(|loaded| loaded.ledger.first_dues()).skip(own).collect();
    let from_ns: Vec<Option<u64>> = std::iter::repeat_n(Some(times.zero), own).chain(dues).collect();
    let telling = raw.groups.iter().filter(|group| group.outside.is_none());
    let of = |group: &RawGroup| {
        let gaps = group.gathered.busy().gaps(from_ns.iter().copied(), times.window.1);
        let row = |gap: Gap| GapRow {
            group: group.name.clone(),
            partition: gap.partition.unsigned_abs(),
            from_s: since_zero(gap.from_ns),
            to_s: gap.to_ns.map(since_zero),
        };
        gaps.into_iter().map(row).collect::<Vec<_>>()
    };
    telling.flat_map(of).collect()
}

/// What was read from the pages of others, page by page. Reasons are told as `redact` leaves them.
pub fn scraped(
    raw: &Raw,
    redact: impl Fn(&str) -> String,
) -> impl Iterator<Item = Result<Cow<'_, ScrapedRow>, String>> {
    raw.scraped.iter().flat_map(Scrolled::iter).map(move |row| {
        let row: ScrapedRow = row?;
        Ok(Cow::Owned(ScrapedRow { why: redact(&row.why), ..row }))
    })
}
